"""Runs every way out of a grading child that we know, and says of each why it may be open.

`python -m tests.engine.sandbox_probe` prints the table. Whatever is reached belongs to the
probe: a process that sleeps, files in a folder of its own, its own log.
"""

import contextlib
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.grading.host.child import new_log
from engine.grading.host.environment import environment
from engine.grading.sandbox import landlock, seccomp
from tests.engine import sandbox_tries
from tests.engine.sandbox_tries import OPEN, ROOT, SECRET

NOBODY = 65534

# Prefix of a name → why what it names stays open. Anything else must hold.
STAYS_OPEN = {
    "ask whether a file is there": "a path lies behind a pointer, where no filter can look, and "
    "Landlock does not cover it; what is in a file, and a folder's names, stay closed",
    "read its own": "the job itself: the model, the hidden set and the libraries that grade it",
    "ask of the machine": "TensorFlow asks for processors and memory to spread its work",
    "ask of other processes": "TensorFlow asks this of its threads, and a number does not say "
    "whose it is; it changes nothing",
    "start threads": "TensorFlow needs them; each counts 32 kB and its stack against the memory",
    "take memory within its limit": "a model needs it; the app and the kernel count it",
    "write on the log": "what TensorFlow prints goes to its end, 64 MB at most, and away with it",
}


class Probe(NamedTuple):
    """What came of all tries."""

    level: str
    tries: dict[str, tuple[str, str]]
    log: bytes
    untouched: bool

    @property
    def through(self) -> list[str]:
        """What is open and should not be."""
        return [
            name
            for name, (state, _) in self.tries.items()
            if state == OPEN and reason(name) is None
        ]

    def table(self) -> str:
        """A line for each try: held and how, or open and why."""
        return "\n".join(
            f"{state}  {name}: {how or reason(name) or 'A HOLE'}"
            for name, (state, how) in self.tries.items()
        )


def reason(name: str) -> str | None:
    """Why `name` stays open, or None: it must not."""
    return next((why for start, why in STAYS_OPEN.items() if name.startswith(start)), None)


def probe(folder: Path, user: int, *, imports: str = "") -> Probe:
    """Run all tries in a child of `user`; `imports` are modules that it imports before."""
    job_files, outside = folder / "job_files", folder / "outside"
    for each in (job_files, outside):
        each.mkdir()
    (job_files / "model.h5").write_bytes(b"weights" * 1000)
    (outside / "secret").write_text("hidden")
    (outside / "link").symlink_to("secret")
    for each in (job_files, outside, job_files / "model.h5", outside / "secret"):
        os.chown(each, user, user)
    handle, log = new_log(folder)
    os.chown(log, user, user)
    os.write(handle, b"the beginning\n")
    ours, theirs = socket.socketpair()
    with contextlib.ExitStack() as stack:
        stack.enter_context(ours)
        server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        other = stack.enter_context(
            subprocess.Popen(["sleep", "600"], user=user if user != os.getuid() else None)
        )
        stack.callback(other.kill)
        state = psutil.Process(other.pid)
        before = (state.nice(), state.cpu_affinity(), state.ionice())
        with theirs:
            arguments = (job_files, outside, other.pid, server.getsockname()[1], user, imports)
            process = subprocess.Popen(
                [sys.executable, "-P", sandbox_tries.__file__, *map(str, arguments)],
                stdin=theirs.fileno(), stdout=subprocess.PIPE, stderr=handle, cwd=ROOT,
                env=environment(os.environ | {SECRET: "canary", "PYTHONPATH": str(ROOT)}, "cpu"),
                start_new_session=True,
            )  # fmt: skip
        said, _ = process.communicate(timeout=300)
        os.close(handle)
        printed = log.read_bytes()
        assert process.returncode == 0, (process.returncode, printed[-3000:])
        untouched = (
            (state.nice(), state.cpu_affinity(), state.ionice()) == before
            and other.poll() is None
            and sorted(each.name for each in outside.iterdir()) == ["link", "secret"]
            and [each.name for each in job_files.iterdir()] == ["model.h5"]
            and (job_files / "model.h5").read_bytes() == b"weights" * 1000
            and not select.select([server], [], [], 0)[0]
        )
    answers = json.loads(said)
    return Probe(answers.pop("level"), answers, printed, untouched)


def possible() -> bool:
    """Whether this system has the walls that are tried."""
    return bool(landlock.abi()) and seccomp.available()


def main() -> None:
    """Print the table, as root as an ordinary user too."""
    for user in dict.fromkeys((os.getuid(), NOBODY if os.getuid() == 0 else os.getuid())):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            folder.chmod(0o755)
            done = probe(folder, user)
        print(f"user {user}, level {done.level}, untouched {done.untouched}")  # noqa: T201
        print(done.table())  # noqa: T201


if __name__ == "__main__":
    main()
