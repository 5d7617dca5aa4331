"""What a grading process does about itself, tried in processes of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

AUTOGROUP = Path("/proc/self/autogroup")

STEP_BACK = """
import os
from exam_bank.platform import processes
processes.step_back()
print(os.nice(0), open("/proc/self/autogroup").read())
"""

pytestmark = pytest.mark.skipif(not AUTOGROUP.exists(), reason="no groups of sessions here")


def niceness(*, leads_session: bool) -> tuple[int, str]:
    """Of a process that stepped back, and what the system says of its session.

    It says nothing of one that init started itself: there only a new session has a group.
    """
    done = subprocess.run(
        [sys.executable, "-c", STEP_BACK],
        capture_output=True,
        text=True,
        check=True,
        start_new_session=leads_session,
    )
    own, _, session = done.stdout.partition(" ")
    return int(own), session.strip()


def test_its_session_steps_back_with_it() -> None:
    own, session = niceness(leads_session=True)
    assert own >= 10
    assert session.endswith(" nice 10")


def test_a_session_of_others_stays_as_it_is() -> None:
    before = AUTOGROUP.read_text()
    assert niceness(leads_session=False)[1] == before.strip()
    assert AUTOGROUP.read_text() == before
