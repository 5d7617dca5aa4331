"""One job in the child, from the file to its grade: inspect, load, predict, mark.

Nothing here is raised for what is wrong with a file: whatever happens, there is a grade.
"""

import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from engine import errors
from engine.grading import wire
from engine.grading.child.process import Say
from engine.grading.protocol import (
    Grade,
    Graded,
    Job,
    Message,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    failed,
)

if TYPE_CHECKING:
    from engine.grading.child.prediction import Prediction
    from engine.grading.inspection.model_file import Inspection
    from exam_bank.material import Array

_STEP = 0.1  # seconds between two reports of progress
_MOST_LAYERS = 400
BY_CHANCE = Message(
    "The model uses random numbers when it predicts, so its answers could vary; "
    "here they are the same each time. Call Dropout, noise and random image "
    "layers without training=True."
)


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
        verdict = failed(error.sentence if error.fix else error.message)
    return msgspec.structs.replace(
        verdict,
        seconds=time.perf_counter() - started,
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


def _measure(job: Job, notes: _Notes) -> Graded:
    from engine.grading import metrics
    from engine.grading.child.runtime import load
    from engine.grading.inspection.model_file import check_shapes, inspect
    from engine.grading.sampling import drawn, secret
    from exam_bank.material import HiddenSet

    hidden = HiddenSet.read(Path(job.hidden))
    if job.draw is not None:
        hidden = drawn(hidden, job.draw)
    notes.stage(Stage.INSPECTING)
    inspection = inspect(Path(job.model), job.contract, job.limits)
    notes.found(inspection)
    notes.stage(Stage.LOADING)
    seed = secret(Path(job.model), hidden)
    model = load(Path(job.model), inspection.saved_by, seed, inspection.plain)
    if notes.inspected:
        notes.loaded_by(wire.Inspected(notes.inspected.model, model.runtime))
    check_shapes(model.input_shapes, model.output_shapes, job.contract)
    prediction = model.prediction(hidden, job.contract.input.dtype, seed)
    answers = _answers(job, prediction, notes)
    by_chance = prediction.check(answers, metrics.decision(job.mark_scheme, job.contract))
    notes.stage(Stage.MARKING)
    metric, score = metrics.measure(answers, hidden, job.mark_scheme, job.contract)
    return Graded(
        message=metrics.describe(metric),
        metric=metric,
        score=score,
        notes=(*inspection.warnings, *([BY_CHANCE] if by_chance else [])),
    )


def _answers(job: Job, prediction: "Prediction", notes: _Notes) -> "Array":
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
