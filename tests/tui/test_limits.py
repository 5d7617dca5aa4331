"""A machine out of processes, files or memory gives one sentence and the right status."""

import os
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

from engine.errors import LimitReached
from tests.engine.sittings import model
from tui.limits import exhaustion, need_threads

ROOT = Path(__file__).parents[2]
SAYS = "This machine lets you start no more processes or threads."
# What a process meets that may have no other thread or process.
ALONE = """
import threading, _posixsubprocess
def no_thread(*_): raise RuntimeError("can't start new thread")
def no_process(*_): raise BlockingIOError(11, "Resource temporarily unavailable")
threading._start_new_thread = no_thread
_posixsubprocess.fork_exec = no_process
from tui.cli import main
main()
"""
# Where each thread dies before it began, as without memory: Python waits for ever.
DYING = ALONE.replace('raise RuntimeError("can\'t start new thread")', "return 1")
# The same by the system itself, which root is not bound by.
LIMITED = """
import resource
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
from tui.cli import main
main()
"""


def environment(home: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "TFEXAM_HOME": str(home), "TERM": "xterm"}


@pytest.mark.parametrize(
    "code",
    [
        ALONE,
        DYING,
        pytest.param(
            LIMITED, marks=pytest.mark.skipif(os.geteuid() == 0, reason="root has no limit")
        ),
    ],
    ids=["alone", "dying", "limited"],
)
@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("grade", "mymodel.h5", "--task", "straight-line"), 4),
        (("grade", "mymodel.h5", "other.h5", "--task", "straight-line", "--format", "json"), 4),
        (("lint", "mymodel.h5"), 2),
        (("bank", "try", "straight-line", "--dir", "try"), 2),
        (("bank", "check", "straight-line"), 2),
        (("data", "fetch", "iris"), 2),
        (("doctor",), 2),
        (("serve", "--port", "8765"), 2),
    ],
)
def test_a_command_that_may_start_nothing_says_so(
    tmp_path: Path, code: str, command: tuple[str, ...], status: int
) -> None:
    for name in ("mymodel.h5", "other.h5"):
        (tmp_path / name).write_bytes(model())
    found = subprocess.run(
        [sys.executable, "-c", code, *command],
        cwd=tmp_path,
        env=environment(tmp_path / "home"),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert found.returncode == status, found.stderr
    assert SAYS in found.stderr
    assert "Traceback" not in found.stderr
    assert found.stderr.count("\n") <= 3


@pytest.mark.parametrize("code", [ALONE, DYING], ids=["alone", "dying"])
@pytest.mark.parametrize("command", [(), ("exam",), ("practice", "straight-line")])
def test_the_app_says_so_before_it_takes_the_terminal(
    tmp_path: Path, command: tuple[str, ...], code: str
) -> None:
    child = pexpect.spawn(
        sys.executable,
        ["-c", code, *command],
        cwd=str(tmp_path),
        env=environment(tmp_path / "home"),
        dimensions=(24, 100),
        timeout=120,
    )
    child.expect(pexpect.EOF)
    said = child.before.decode()
    child.close()
    assert child.exitstatus == 2
    assert SAYS in said
    assert "\x1b" not in said


def test_lists_need_nothing_of_it(tmp_path: Path) -> None:
    for command in (["bank", "list"], ["data", "list"], ["history"], ["--version"]):
        subprocess.run(
            [sys.executable, "-c", ALONE, *command],
            env=environment(tmp_path / "home"),
            capture_output=True,
            timeout=120,
            check=True,
        )


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (RuntimeError("can't start new thread"), "no more processes or threads"),
        (BlockingIOError(11, "Resource temporarily unavailable"), "no more processes"),
        (OSError(24, "Too many open files"), r"ulimit -n"),
        (OSError(12, "Cannot allocate memory"), r"ulimit -v"),
        (MemoryError(), "not enough memory"),
    ],
)
def test_each_limit_is_named_with_what_to_do(error: BaseException, says: str) -> None:
    assert says in str(exhaustion(error))


def test_other_errors_are_not_taken_for_limits() -> None:
    others = [RuntimeError("another"), ValueError(), FileNotFoundError(2, "No such file", "/x")]
    assert [exhaustion(each) for each in (*others, BlockingIOError(11, "locked", "/x"))] == [
        None
    ] * 4


def test_what_was_tried_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    before = threading.active_count()
    need_threads()
    assert threading.active_count() == before
    plain, left = threading.Thread.start, [3]

    def start(thread: threading.Thread) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise RuntimeError("can't start new thread")
        plain(thread)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(LimitReached):
        need_threads()
    assert threading.active_count() == before
