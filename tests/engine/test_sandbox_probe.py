"""Every way out of a grading child that we know: each holds, or is open for a reason."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("fcntl", reason="the walls are Linux's")

from engine.grading.sandbox import LARGEST_FILE
from tests.engine import sandbox_probe as sandbox

pytestmark = pytest.mark.skipif(not sandbox.possible(), reason="this kernel has no such walls")

HERE = os.getuid() if hasattr(os, "getuid") else 0
USERS = [
    pytest.param(HERE, id="as it is"),
    pytest.param(
        sandbox.NOBODY,
        id="ordinary user",
        marks=pytest.mark.skipif(HERE != 0, reason="only root can become another user"),
    ),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that another user can look into, as pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="tfexam-probe-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def expect_shut_in(done: sandbox.Probe) -> None:
    print(done.table())  # noqa: T201 - pytest shows it with -s, and when it fails
    assert done.level == "full"
    assert not done.through
    assert done.untouched
    assert done.log.startswith(b"the beginning\n")
    assert b"heard\n" in done.log
    assert len(done.log) <= LARGEST_FILE
    assert len(done.tries) > 150


@pytest.mark.parametrize("user", USERS)
def test_every_way_out_holds_or_is_open_for_a_reason(user: int, folder: Path) -> None:
    expect_shut_in(sandbox.probe(folder, user))


@pytest.mark.slow
@pytest.mark.parametrize("user", USERS)
def test_they_hold_with_tensorflow_imported(user: int, folder: Path) -> None:
    expect_shut_in(sandbox.probe(folder, user, imports="tensorflow,tf_keras"))
