"""The grading child: imports TensorFlow, shuts itself in, takes one job, predicts, exits.

Run as `python -P -m engine.grading.child.worker FOLDER DEVICE` by `child.py`, or forked with the
imports done by `fork_server_main.py`. It says READY once TensorFlow is imported and then, while no
job has come, does what the first job would have to wait for: the import of tf_keras,
threads, kernels. The order is what makes the sandbox hold: imports first (they may write
bytecode), then the walls while there is one thread, then everything that starts threads,
then the file.

It gets the hidden inputs and no target, so it cannot mark: it answers with predictions, which
`marking_main.py` measures. One child takes one job, so nothing that a model changes outlives its
own grading. Nothing is raised for what is wrong with a file: whatever happens, there is an answer.
"""

import contextlib
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import msgspec

from engine import errors
from engine.grading import sandbox, wire
from engine.grading.child import process
from engine.grading.child.process import Say
from engine.grading.protocol import (
    Grade,
    Message,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    failed,
)
from exam_bank.phrase import phrase
from exam_bank.platform import processes

if TYPE_CHECKING:
    from engine.grading.child.prediction import HiddenInputs, Prediction
    from engine.grading.child.runtime import LoadedModel
    from engine.grading.inspection.findings import Inspection
    from exam_bank.material import Array

ChildAnswer = wire.Predicted | wire.Tried | Grade
_STEP = 0.1  # seconds between two reports of progress
_MOST_LAYERS = 400
_IN_WORDS = {"tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy"}
_PACKAGES = {"tensorflow": "tensorflow tf-keras", "tf_keras": "tf-keras"}
BY_CHANCE = Message(
    "The model uses random numbers when it predicts, so its answers could vary; "
    "here they are the same each time. Call Dropout, noise and random image "
    "layers without training=True."
)


def main(arguments: list[str]) -> NoReturn:
    """Run the child's whole life; `arguments` are the job folder's path and the device."""
    say = process.answer_channel()
    processes.die_with_parent()
    folder, gpu, idly = Path(arguments[0]), arguments[1] == "gpu", idle_pace()
    try:
        idly(lambda: import_tensorflow(gpu=gpu))
    except errors.GradingError as error:
        say(failed(error.message))
        process.leave(1)
    live(say, folder, gpu=gpu, idly=idly)


Pace = Callable[[Callable[[], object]], object]


def idle_pace() -> Pace:
    """How this process does what no job waits for; steps back for good if all is to be slow."""
    priority = os.environ.get(wire.PRIORITY, "low")
    if priority == "low":
        processes.step_back()
    elif priority == "normal":
        processes.lower_own_session()
    return processes.at_low_priority if priority == "normal" else at_once


def at_once(call: Callable[[], object]) -> object:
    """The pace of a process that may not, or need not, change its priority."""
    return call()


def live(
    say: Say, job_files: Path, *, gpu: bool, idly: Pace = at_once, warms: bool = True
) -> NoReturn:
    """The child's life once TensorFlow is imported, up to its exit.

    Without `warms` it does nothing that its file may turn out not to need.
    """
    say(wire.READY)
    try:
        if process.idle():
            idly(import_the_other_keras)
        if gpu:
            _warm(idly)  # opens the GPU's devices, which the sandbox would forbid
        predictions = process.open_predictions(job_files)
        sys.stderr.write(f"sandbox: {sandbox.enter([job_files], gpu=gpu)}\n")
        if warms and process.idle():
            _warm(idly)
        line = process.read_line()
    except errors.GradingError as error:
        say(failed(error.message))
        process.leave(1)
    if line:
        process.leave_when_stdin_ends()
        say(grade_line(line, say, predictions))
    process.leave(0)


def import_tensorflow(*, gpu: bool = False) -> None:
    """Import all that grading needs but tf_keras; raises `GraderError`."""
    try:
        import tensorflow as tf

        from engine.grading import metrics, sampling  # noqa: F401
        from engine.grading.child import runtime
        from engine.grading.inspection import model_file  # noqa: F401
    except ImportError as error:
        if not isinstance(error, ModuleNotFoundError):  # it is there
            raise errors.GraderError(
                phrase(
                    "TensorFlow cannot be loaded ({error}). Reinstall it, or raise the memory "
                    "limit (ulimit -v) if there is one.",
                    error=error,
                )
            ) from error
        raise errors.GraderError(_missing(error)) from error
    with contextlib.suppress(ImportError, AttributeError):  # another TensorFlow may lack it
        runtime.let_threads_sleep()
    if gpu:
        for device in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(device, True)


def _missing(error: ModuleNotFoundError) -> str:
    module = (error.name or "tensorflow").partition(".")[0]
    return phrase(
        "{module} cannot be imported ({error}). Install it into the Python that runs tfexam: "
        "pip install {package}.",
        module=_IN_WORDS.get(module, module),
        error=error,
        package=_PACKAGES.get(module, module),
    )


def import_the_other_keras() -> None:
    """Import tf_keras; without it files that Keras 2 saved are rejected, with the reason."""
    with contextlib.suppress(ImportError):
        import tf_keras  # noqa: F401


def grade_line(line: bytes, say: Say, predictions: int) -> ChildAnswer:
    """The answer to the job that `line` tells; never raises.

    `predictions` is a descriptor of the file that takes them.
    """
    try:
        job = msgspec.json.decode(line, type=wire.ChildJob)
        sandbox.limit(job.limits.processor_seconds, job.memory_mb)
        return grade(job, say, predictions)
    except Exception as error:  # the last wall: whatever is not foreseen is our fault
        import traceback

        traceback.print_exc()
        return failed(f"{type(error).__name__}: {error}"[:500])


def _warm(idly: Pace) -> None:
    from engine.grading.child.runtime import start_threads, warm

    start_threads()  # here: they keep the priority of the one that starts them
    idly(lambda: warm("keras3"))
    if "tf_keras" in sys.modules and process.idle():
        idly(lambda: warm("tf_keras"))


def grade(job: wire.ChildJob, say: Say, predictions: int) -> ChildAnswer:
    """The answer to `job`, whose file is read here for the first time."""
    notes = _Notes(say)
    verdict: Grade
    try:
        return _predict(job, notes, predictions)
    except errors.SubmissionRejected as error:
        verdict = Rejected(message=error.says, reason=error.reason)
    except MemoryError:
        verdict = OutOfMemory(message=too_much_memory(job.limits.memory_mb))
    except errors.TfexamError as error:
        verdict = failed(error.sentence if error.fix else error.message)
    return msgspec.structs.replace(
        verdict,
        runtime=notes.inspected.runtime if notes.inspected else None,
        **({"model": notes.inspected.model} if notes.inspected else {}),
    )


def too_much_memory(memory_mb: float) -> Message:
    """The sentence of the verdict out of memory."""
    return Message(
        "The model needs more than the {memory} MB this task allows for grading: use "
        "fewer parameters or smaller layers.",
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


def _predict(job: wire.ChildJob, notes: _Notes, predictions: int) -> wire.Predicted | wire.Tried:
    from engine.grading import metrics
    from engine.grading.child.prediction import HiddenInputs
    from engine.grading.child.runtime import load
    from engine.grading.inspection.model_file import check_shapes, inspect
    from engine.grading.sampling import secret

    hidden = HiddenInputs.read(Path(job.inputs), job.input_scale)
    notes.stage(Stage.INSPECTING)
    inspection = inspect(Path(job.model), job.contract, job.limits, h5_only=job.h5_only)
    notes.found(inspection)
    notes.stage(Stage.LOADING)
    seed = secret(Path(job.model), hidden.inputs)
    model = load(Path(job.model), inspection, seed)
    if notes.inspected:
        notes.loaded_by(wire.Inspected(notes.inspected.model, model.runtime))
    check_shapes(model.input_shapes, model.output_shapes, job.contract)
    if job.diagnose:
        return _try_out(job, model, hidden, notes, predictions)
    prediction = model.prediction(hidden, job.contract.input.dtype, seed)
    answers = _answers(job, prediction, notes)
    by_chance = prediction.check(answers, metrics.decision(job.mark_scheme, job.contract))
    process.write_all(predictions, answers.tobytes())
    warnings = (*inspection.warnings, *([BY_CHANCE] if by_chance else []))
    return wire.Predicted(answers.shape[1:], warnings)


def _try_out(
    job: wire.ChildJob,
    model: "LoadedModel",
    hidden: "HiddenInputs",
    notes: _Notes,
    predictions: int,
) -> wire.Tried:
    from engine.grading.child.trials import Trials

    notes.stage(Stage.PREDICTING)
    trials = Trials(
        model.keras_model,
        hidden,
        job.contract.input.dtype,
        lambda content: process.write_all(predictions, content),
    )
    return trials.run(lambda done: notes.stage(Stage.PREDICTING, done))


def _answers(job: wire.ChildJob, prediction: "Prediction", notes: _Notes) -> "Array":
    """The model's answers in the hidden set's own order."""
    import numpy as np

    from engine.grading.inspection.model_file import check_shapes

    notes.stage(Stage.PREDICTING)
    answers = np.zeros((0,), np.float32)
    n, done = len(prediction.order), 0
    for part in prediction.parts():
        if not done:
            check_shapes([], [(None, *part.shape[1:])], job.contract)
            answers = np.empty((n, *part.shape[1:]), np.float32)
        answers[prediction.order[done : done + len(part)]] = part
        done += len(part)
        notes.stage(Stage.PREDICTING, done / n)
    return answers


if __name__ == "__main__":
    main(sys.argv[1:])
