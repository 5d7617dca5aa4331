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

IDLY = """
import os, threading
from exam_bank.platform import processes
inside = []
def call():
    inside.append(os.getpriority(os.PRIO_PROCESS, 0))
    inside.append(len(os.listdir("/proc/self/task")))
def fail():
    raise ValueError("as it is")
before = os.getpriority(os.PRIO_PROCESS, 0)
processes.at_low_priority(call)
try:
    processes.at_low_priority(fail)
except ValueError as error:
    print(error)
after = os.getpriority(os.PRIO_PROCESS, 0), len(os.listdir("/proc/self/task"))
print(inside == [max(10, before), 2], after == (before, 1))
"""

SESSION = '''
import subprocess, sys, time
from exam_bank.platform import processes
child = subprocess.Popen(["sleep", "60"], start_new_session=True)
own = subprocess.Popen(["sleep", "60"])
def said(process):
    """Its session's niceness: None where init started it, for such a session has no group."""
    return (open(f"/proc/{process.pid}/autogroup").read().split() or [None])[-1]
def until(change, process):
    while not change(process.pid):
        time.sleep(0.02)
    return said(process)
before = said(own)
print(until(processes.lower_session, child), until(processes.lift_session, child), end=" ")
print(until(processes.lower_session, own) == before)
child.kill(), own.kill()
'''

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


def printed_by(script: str) -> str:
    """What it prints in a process of its own."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_what_waits_for_nobody_is_done_at_low_priority_and_the_rest_is_not() -> None:
    assert printed_by(IDLY) == "as it is\nTrue True\n"


def test_a_session_of_ours_is_lowered_and_lifted_and_our_own_is_not() -> None:
    assert printed_by(SESSION) == "10 0 True\n"
