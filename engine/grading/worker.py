"""The grading child: imports TensorFlow, shuts itself in, takes one job, answers, exits.

Run as `python -P -m engine.grading.worker TRAY DEVICE` by `grader.py`. It says READY once
TensorFlow is imported and then, while no job has come, does what the first job would
have to wait for: the import of tf_keras, threads, kernels. The order is what makes the
sandbox hold: imports first (they may write bytecode), then the walls while there is one
thread, then everything that starts threads, then the file.

One child takes one job, so nothing that a model changes outlives its own grading. It
dies with its parent: the kernel sees to it on Linux, the end of stdin elsewhere.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from engine import errors
from engine.grading import sandbox, wire
from engine.grading.protocol import (
    Grade,
    Graded,
    GraderFailed,
    Job,
    Message,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
)

if TYPE_CHECKING:
    from engine.grading.inspection import Inspection
    from engine.grading.runtime import LoadedModel
    from exam_bank.material import Array, HiddenSet

_PR_SET_PDEATHSIG = 1
_NICENESS = 10
_STEP = 0.1  # seconds between two reports of progress
_MOST_LAYERS = 400

Say = Callable[[wire.News], None]


def main(arguments: list[str]) -> NoReturn:
    """Run the child's whole life; `arguments` are the tray's path and the device."""
    say = _answer_channel()
    _die_with_parent()
    _step_back()
    tray, device = Path(arguments[0]), arguments[1]
    try:
        _import_tensorflow(device == "gpu")
        say(wire.READY)
        if _idle():
            _import_the_other_keras()
        if device == "gpu":
            _warm()  # opens the GPU's devices, which the sandbox would forbid
        sys.stderr.write(f"sandbox: {sandbox.enter([tray])}\n")
        if _idle():
            _warm()
        line = _read_line()
    except errors.GradingError as error:
        say(_failed(str(error)))
        _leave(1)
    if line:
        threading.Thread(target=_watch_stdin, daemon=True).start()
        say(_grade_line(line, say))
    _leave(0)


def grade(job: Job, say: Say) -> Grade:
    """The grade of `job`, whose file is read here for the first time."""
    started = time.perf_counter()
    notes = _Notes(say)
    verdict: Grade
    try:
        verdict = _measure(job, notes)
    except errors.SubmissionRejected as error:
        verdict = Rejected(message=error.says, reason=error.reason)
    except MemoryError:
        verdict = OutOfMemory(message=too_much_memory(job.limits.memory_mb))
    except errors.TfexamError as error:
        verdict = _failed(str(error))
    return msgspec.structs.replace(
        verdict,
        seconds=time.perf_counter() - started,
        runtime=notes.inspected.runtime if notes.inspected else None,
        **({"model": notes.inspected.model} if notes.inspected else {}),
    )


def too_much_memory(memory_mb: float) -> Message:
    """The sentence of the verdict out of memory."""
    return Message(
        "The model needs more than the {memory} MB this task gives to grading: use fewer "
        "parameters or smaller layers.",
        {"memory": round(memory_mb)},
    )


class _Notes:
    """Says how far a grading is, and remembers what inspection read."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._said = 0.0
        self.inspected: wire.Inspected | None = None

    def stage(self, stage: Stage, done: float = 0.0) -> None:
        now = time.perf_counter()
        if done == 0.0 or now - self._said >= _STEP:
            self._said = now
            self._say(Progress(stage, done))

    def found(self, inspection: "Inspection") -> None:
        facts = inspection.model
        model = msgspec.structs.replace(facts, layers=facts.layers[:_MOST_LAYERS])
        self.loaded_by(wire.Inspected(model, inspection.saved_by))

    def loaded_by(self, inspected: wire.Inspected) -> None:
        if inspected != self.inspected:
            self.inspected = inspected
            self._say(inspected)


def _measure(job: Job, notes: _Notes) -> Graded:
    from engine.grading import metrics
    from engine.grading.inspection import check_shapes, inspect
    from engine.grading.runtime import load
    from exam_bank.material import HiddenSet

    hidden = HiddenSet.read(Path(job.hidden))
    notes.stage(Stage.INSPECTING)
    inspection = inspect(Path(job.model), job.contract, job.limits)
    notes.found(inspection)
    notes.stage(Stage.LOADING)
    model = load(Path(job.model), inspection.saved_by)
    if notes.inspected:
        notes.loaded_by(wire.Inspected(notes.inspected.model, model.runtime))
    check_shapes(model.input_shapes, model.output_shapes, job.contract)
    predictions = _predict(job, model, hidden, notes)
    notes.stage(Stage.MARKING)
    metric, score = metrics.measure(predictions, hidden, job.mark_scheme, job.contract)
    return Graded(
        message=metrics.describe(metric), metric=metric, score=score, notes=inspection.warnings
    )


def _predict(job: Job, model: "LoadedModel", hidden: "HiddenSet", notes: _Notes) -> "Array":
    import numpy as np

    from engine.grading.inspection import check_shapes

    notes.stage(Stage.PREDICTING)
    parts: list[Array] = []
    done = 0
    for part in model.predict(hidden, job.contract.input.dtype):
        if not parts:
            check_shapes([], [(None, *part.shape[1:])], job.contract)
        parts.append(part)
        done += len(part)
        notes.stage(Stage.PREDICTING, done / len(hidden.inputs))
    return np.concatenate(parts) if parts else np.zeros((0,), np.float32)


def _grade_line(line: bytes, say: Say) -> Grade:
    try:
        job = msgspec.json.decode(line, type=Job)
        sandbox.limit(job.limits.seconds, job.limits.memory_mb)
        return grade(job, say)
    except Exception as error:  # the last wall: whatever is not foreseen is our fault
        import traceback

        traceback.print_exc()
        return _failed(f"{type(error).__name__}: {error}"[:500])


def _failed(why: str) -> GraderFailed:
    return GraderFailed(message=Message("{why}", {"why": why}))


# -- the process itself ---------------------------------------------------------------


def _answer_channel() -> Say:
    """Keep stdout for answers, and let all that Python and TensorFlow print go to the log."""
    channel = os.dup(1)
    os.dup2(2, 1)

    def say(news: wire.News) -> None:
        left = memoryview(wire.write(news))
        while left:
            left = left[os.write(channel, left) :]

    return say


def _die_with_parent() -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _step_back() -> None:
    """Leave the processor to the candidate's training."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICENESS)


def _import_tensorflow(gpu: bool) -> None:
    try:
        import tensorflow as tf

        import engine.grading.inspection
        import engine.grading.metrics
        import engine.grading.runtime  # noqa: F401
    except ImportError as error:
        raise errors.GraderFailed(
            f"TensorFlow cannot be imported ({error}).",
            fix="Install it into the Python that runs tfexam: pip install tensorflow tf-keras.",
        ) from error
    if gpu:
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)


def _import_the_other_keras() -> None:
    # Without it files that Keras 2 saved are rejected one by one, with the reason.
    with contextlib.suppress(ImportError):
        import tf_keras  # noqa: F401


def _warm() -> None:
    from engine.grading.runtime import warm

    warm("keras3")
    if "tf_keras" in sys.modules and _idle():
        warm("tf_keras")


def _idle() -> bool:
    """Whether no job has come yet; where one cannot look, as on Windows, none has."""
    try:
        return not select.select([0], [], [], 0)[0]
    except OSError:
        return True


def _read_line() -> bytes:
    """One line of stdin, read without a buffer; empty when the parent is gone."""
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(0, 65536)
        if not chunk:
            return b""
        line += chunk
    return bytes(line)


def _watch_stdin() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 65536):
            pass
    _leave(3)


def _leave(status: int) -> NoReturn:
    """Exit without waiting for TensorFlow's threads or for anything a model left behind."""
    with contextlib.suppress(Exception):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
