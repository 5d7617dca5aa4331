"""A grading child that a stranger has taken over, as a program: his code runs once it is shut in.

Started, or forked, by `stranger.py`, which says what is where: the stranger knows everything but
the targets. He tries to read what a child must not (`READS`), or to get points for predictions
that earn none (`FORGES`). Everything he gets hold of is printed to the log, so that it can be
found there.
"""

# It names system calls as they are.
# ruff: noqa: E402, PTH108, PTH118, PTH123, PTH208, PTH211, SIM115, T201

import contextlib
import ctypes
import json
import os
import re
import socket
import struct
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from engine.grading import sandbox, wire
from engine.grading.child import fork_server_main, process, worker
from engine.grading.child.process import Say
from engine.grading.protocol import Message
from tests.engine.sandbox_tries import _COLUMN, NUMBERS

Aims = dict[str, Any]
# The second shows that the tries could succeed.
READS = READ_ALL, READ_ALL_UNWALLED = "reads", "reads without walls"
GOT, HELD = "got", "held"
_PTRACE_ATTACH, _SIGKILL = 16, 9
_LARGEST_REGION = 256 << 20


def command(how: str, aims: Aims) -> list[str]:
    """Started as a child; without TensorFlow, since it loads no model."""
    return [sys.executable, "-P", str(Path(__file__)), "child", how, json.dumps(aims)]


def server_command(how: str, aims: Aims, *, real: bool = False) -> list[str]:
    """The fork server of such children, with TensorFlow imported if `real`."""
    kind = "real-server" if real else "server"
    return [sys.executable, "-P", str(Path(__file__)), kind, how, json.dumps(aims)]


def main() -> None:
    kind, how, aims, *arguments = sys.argv[1:]
    if kind != "real-server":
        worker.import_tensorflow = lambda **_: None
        worker.import_the_other_keras = lambda: None
    worker._warm = lambda idly: None
    stranger = _Stranger(json.loads(aims))
    if how == READ_ALL_UNWALLED:
        vars(sandbox)["enter"] = lambda *_, **__: "none"
    vars(worker)["grade"] = stranger.reads if how in READS else FORGES[how]
    (worker.main if kind == "child" else fork_server_main.main)(arguments)


# -- reading ------------------------------------------------------------------------------


class _Stranger:
    """Tries to read everything that `aims` names."""

    def __init__(self, aims: Aims) -> None:
        self._aims = aims

    def reads(self, job: wire.ChildJob, say: Say, predictions: int) -> Any:
        """All tries, each with what it got; ends without an answer, so that the log is kept."""
        for name, attempt in self._tries(Path(job.model).parent):
            try:
                state, found = GOT, repr(attempt())
            except BaseException as error:
                state, found = HELD, f"{type(error).__name__}: {error}"
            print(json.dumps([state, name, found]), file=sys.stderr, flush=True)
        process.leave(0)

    def _tries(self, here: Path) -> Iterator[tuple[str, Callable[[], object]]]:
        for name, path in self._aims["files"].items():
            yield f"read {name}", partial(_content, path)
        for name, path in self._aims["folders"].items():
            yield f"list {name}", partial(os.listdir, path)
        yield from self._detours(here)
        for name, pid in self._aims["processes"].items():
            yield from _of_process(name, pid)
        yield "find the targets in its own memory", self._in_own_memory
        yield "find a path to the sitting in its environment", self._environment

    def _detours(self, here: Path) -> Iterator[tuple[str, Callable[[], object]]]:
        targets = self._aims["files"]["the targets"]
        up = os.path.join(here, *[".."] * (len(here.parts) - 1), targets.lstrip("/"))
        yield "read the targets by way of its own folder", partial(_content, up)
        yield "link to the targets", lambda: os.symlink(targets, here / "link")
        yield "link the targets themselves", lambda: os.link(targets, here / "link")
        yield "open the targets as a mere path", lambda: os.open(targets, os.O_PATH)
        yield "name the targets by a handle", lambda: _call("open_by_handle_at", -1, 0, 0)
        yield "change its inputs", lambda: os.open(here / wire.INPUTS, os.O_WRONLY)
        yield "open its predictions anew", lambda: os.open(here / wire.PREDICTIONS, os.O_RDWR)
        yield "take its predictions away", lambda: os.unlink(here / wire.PREDICTIONS)
        yield "open a socket to the app", lambda: socket.socket(socket.AF_UNIX)

    def _in_own_memory(self) -> str:
        """The halves are never side by side in this process, unless the targets are there."""
        numbers = self._aims["pattern"]
        half = len(numbers) // 2
        one = struct.pack(f"<{half}q", *numbers[:half])
        other = struct.pack(f"<{len(numbers) - half}q", *numbers[half:])
        for start, size in _writable_regions():
            region = ctypes.string_at(start, size)
            at = region.find(one)
            while at >= 0:
                if region[at + len(one) : at + len(one) + len(other)] == other:
                    return "TARGETS"
                at = region.find(one, at + 1)
        raise LookupError("they are not there")

    def _environment(self) -> str:
        found = [each for each in os.environ.values() if self._aims["sitting"] in each]
        if not found:
            raise LookupError("it is not there")
        return found[0]


def _content(path: str) -> bytes:
    return Path(path).read_bytes()


def _of_process(name: str, pid: int) -> Iterator[tuple[str, Callable[[], object]]]:
    yield f"read the memory of {name}", lambda: open(f"/proc/{pid}/mem", "rb").read(1)
    yield f"read the memory of {name} by a call", lambda: _call("process_vm_readv", pid, 0, 0)
    yield f"attach to {name}", lambda: _call("ptrace", _PTRACE_ATTACH, pid, 0, 0)
    yield f"open what {name} has open", lambda: os.listdir(f"/proc/{pid}/fd")
    yield f"read the environment of {name}", lambda: Path(f"/proc/{pid}/environ").read_bytes()
    yield f"kill {name}", lambda: os.kill(pid, _SIGKILL)


def _writable_regions() -> Iterator[tuple[int, int]]:
    for line in Path("/proc/self/maps").read_text("ascii", "replace").splitlines():
        span, rights = line.split()[:2]
        start, end = (int(each, 16) for each in span.split("-"))
        if re.match("rw", rights) and end - start < _LARGEST_REGION and "[v" not in line:
            yield start, end - start


def _call(name: str, *arguments: int) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    number = NUMBERS[name][_COLUMN[os.uname().machine]]
    if (answer := libc.syscall(number, *map(ctypes.c_long, arguments))) < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return int(answer)


# -- forging ------------------------------------------------------------------------------

Forge = Callable[[wire.ChildJob, Say, int], Any]
FORGES: dict[str, Forge] = {}
_CLASSES = 3


def forge(name: str) -> Callable[[Forge], Forge]:
    """Register a way to points."""

    def note(way: Forge) -> Forge:
        FORGES[name] = way
        return way

    return note


def _rows(job: wire.ChildJob) -> int:
    import numpy as np

    return len(np.load(job.inputs, mmap_mode="r"))


def _constant(job: wire.ChildJob) -> bytes:
    return struct.pack("<3f", 1, 0, 0) * _rows(job)


def _raw(**line: Any) -> None:
    """Say something that no child says, on the channel that `worker` keeps."""
    for descriptor in range(3, 64):
        with contextlib.suppress(OSError):
            os.write(descriptor, json.dumps(line).encode() + b"\n")


_FIVE = {
    "verdict": "graded",
    "message": {"template": "Accuracy 1 on 60 hidden examples."},
    "score": 5,
    "metric": {"name": "accuracy", "value": 1.0, "n": 60},
}


@forge("predict one class for all")
def _honest(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job))
    return wire.Predicted((_CLASSES,))


@forge("say 5/5")
def _five(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    _raw(**_FIVE)
    process.leave(0)


@forge("say 5/5 after the predictions")
def _five_after(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job))
    say(wire.Predicted((_CLASSES,)))
    _raw(**_FIVE)
    process.leave(0)


@forge("answer in the name of the marking process")
def _as_marking(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    _raw(type="laid_out", input_scale=1.0)
    _raw(**_FIVE)
    process.leave(0)


@forge("ask the marking process")
def _asks(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    _raw(type="lay_out", hidden="/", draw=None, inputs=str(Path(job.model).parent / "more.npy"))
    process.leave(0)


@forge("claim 5/5 in a note")
def _note(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job))
    return wire.Predicted((_CLASSES,), (Message("Accuracy 1 on 60 hidden examples: 5/5."),))


@forge("claim more facts than 5/5 in the answer")
def _more_keys(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job))
    _raw(type="predicted", shape=[_CLASSES], score=5, metric=_FIVE["metric"], hidden="/")
    process.leave(0)


@forge("predict nothing, of width 0")
def _nothing(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    return wire.Predicted((0,))


@forge("predict for fewer examples")
def _fewer(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job)[: 12 * (_rows(job) // 3)])
    return wire.Predicted((_CLASSES,))


@forge("predict three answers for each example")
def _several(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job) * 3)
    return wire.Predicted((_CLASSES,))


@forge("predict in another shape")
def _other_shape(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job))
    return wire.Predicted((_CLASSES, 1))


@forge("predict in an endless shape")
def _endless(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    return wire.Predicted((2**62,) * 8)


@forge("predict all classes at once, as infinity")
def _infinite(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, struct.pack("<3f", *[float("inf")] * 3) * _rows(job))
    return wire.Predicted((_CLASSES,))


@forge("predict what is no number")
def _no_number(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, b"\xff" * (12 * _rows(job)))
    return wire.Predicted((_CLASSES,))


@forge("predict twice and take the better")
def _twice(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    for _ in range(2):
        process.write_all(predictions, _constant(job))
        say(wire.Predicted((_CLASSES,)))
    process.leave(0)


@forge("go on predicting while it is marked")
def _goes_on(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    process.write_all(predictions, _constant(job))
    say(wire.Predicted((_CLASSES,)))
    with contextlib.suppress(OSError):
        while True:
            process.write_all(predictions, _constant(job))
    process.leave(0)


@forge("fill the disk with predictions")
def _fills(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    for _ in range(1 << 14):
        process.write_all(predictions, bytes(1 << 20))
    return wire.Predicted((_CLASSES,))


@forge("be rejected in words of praise")
def _praised(job: wire.ChildJob, say: Say, predictions: int) -> Any:
    _raw(verdict="rejected", reason="full_marks", message={"template": "5/5"})
    process.leave(0)


if __name__ == "__main__":
    main()
