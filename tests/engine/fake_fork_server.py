"""A fork server's real process without TensorFlow; its children do what an argument says."""

import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import NoReturn

from engine.errors import GraderError
from engine.grading import wire
from engine.grading.child import fork_server_main, process, worker
from engine.grading.child.process import Say
from engine.grading.protocol import Message, ModelFacts, Progress, Stage
from tests.engine.hidden_sets import answers

ROOT = Path(__file__).parents[2]


def command(how: str) -> list[str]:
    # -c, because the fork server's process is started in another folder.
    here = f"import sys; sys.path.insert(0, {str(ROOT)!r})"
    code = f"{here}; from tests.engine import fake_fork_server; fake_fork_server.main()"
    return [sys.executable, "-c", code, how]


def main() -> None:
    how, control = sys.argv[1:]
    worker.import_tensorflow = lambda *, gpu=False: _import(how)
    worker.import_the_other_keras = lambda: None

    def live(
        say: Say,
        job_files: Path,
        *,
        gpu: bool,
        idly: worker.Pace = worker.at_once,
        warms: bool = True,
    ) -> NoReturn:
        _live(how, say, job_files)

    worker.live = live
    fork_server_main.main([control])


def _import(how: str) -> None:
    if how == "without_tensorflow":
        raise GraderError("there is none")
    if how == "dies":
        os._exit(3)
    if how == "never_ready":
        time.sleep(60)
    if how == "starts_threads":
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()


def _live(how: str, say: Say, job_files: Path) -> NoReturn:
    sys.stderr.write("this goes to the log\n")
    say(wire.READY)
    process.read_line()
    process.leave_when_stdin_ends()
    say(Progress(Stage.INSPECTING))
    say(wire.Inspected(ModelFacts(parameters=7), "keras3"))
    first = not (job_files.parent / "second").exists()
    (job_files.parent / "second").touch()
    if how == "hangs":
        time.sleep(60)
    if how == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if how in ("fork_server_stopped", "child_killed_after") and first:
        os.kill(os.getppid(), signal.SIGSTOP)
    if how == "child_killed_after" and first:
        os.kill(os.getpid(), signal.SIGKILL)
    if how in ("fork_server_killed", "large_fork_server_killed") or (
        how == "fork_server_killed_once" and first
    ):
        kept = bytearray(os.urandom(1)) * (60_000_000 if how == "large_fork_server_killed" else 1)
        time.sleep(0.6 if how == "large_fork_server_killed" else 0)  # until its size was seen
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60 + len(kept))
    facts = f"{os.getppid()} {Path.cwd() == job_files} {os.getpgid(0) == os.getpid()} {_sockets()}"
    (job_files / wire.PREDICTIONS).write_bytes(answers("accuracy", 3))
    say(wire.Predicted((3,), (Message(facts),)))
    process.leave(0)


def _sockets() -> int:
    """How many files it has open that lead to a socket: its channel, by three numbers."""
    links = {str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.exists()}
    return sum(link.startswith("socket:") for link in links)
