"""Grades a job in this process, in a child's and the marking process's own steps."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from engine.grading import wire
from engine.grading.child import process, worker
from engine.grading.host.marking_process import SERIES
from engine.grading.marking import marking_main
from engine.grading.protocol import Grade, Graded, Job


def laid_out(job: Job, inputs: Path) -> wire.ChildJob | Grade:
    """What a child is told of `job`, whose hidden inputs are now in the file `inputs`."""
    asked = wire.LayOut(
        hidden=job.hidden, draw=job.draw, mark_scheme=job.mark_scheme, inputs=str(inputs)
    )
    said = marking_main.answer(wire.write(asked))
    assert not isinstance(said, wire.Diagnosed)
    if not isinstance(said, wire.LaidOut):
        return said
    return wire.ChildJob.of(job, model=Path(job.model), inputs=inputs, input_scale=said.input_scale)


def marked(job: Job, predicted: wire.Predicted, predictions: Path) -> Grade:
    """What the file `predictions` is worth."""
    asked = wire.Measure(
        hidden=job.hidden,
        draw=job.draw,
        predictions=str(predictions),
        shape=predicted.shape,
        contract=job.contract,
        mark_scheme=job.mark_scheme,
        bootstrap=job.bootstrap,
        series=job.category == SERIES,
        task=job.task,
        evidence=job.evidence,
    )
    grade = marking_main.answer(wire.write(asked))
    assert not isinstance(grade, wire.LaidOut | wire.Diagnosed)
    if not isinstance(grade, Graded):
        return grade
    return replace(grade, notes=(*predicted.notes, *grade.notes))


def grade(job: Job) -> Grade:
    """The grade of `job`; TensorFlow must be imported as a child imports it.

    Evidence is made by `marking_main.do_put_off`.
    """
    found = _answer(job)
    assert not isinstance(found, wire.Diagnosed)
    return found


def diagnosed(job: Job) -> wire.Diagnosed | Grade:
    """What common mistakes explain the model of `job`; else why it cannot be told."""
    return _answer(replace(job, diagnose=True))


def _answer(job: Job) -> wire.Diagnosed | Grade:
    with TemporaryDirectory() as name:
        told = laid_out(job, Path(name) / wire.INPUTS)
        if not isinstance(told, wire.ChildJob):
            return told
        predictions = process.open_predictions(Path(name))
        try:
            said = worker.grade(told, lambda _: None, predictions)
        finally:
            os.close(predictions)
        file = Path(name) / wire.PREDICTIONS
        match said:
            case wire.Predicted():
                return marked(job, said, file)
            case wire.Tried():
                return _found(job, said, file)
        return said


def _found(job: Job, tried: wire.Tried, predictions: Path) -> wire.Diagnosed | Grade:
    asked = wire.MeasureTrials(
        hidden=job.hidden,
        draw=job.draw,
        predictions=str(predictions),
        tried=tried,
        contract=job.contract,
        mark_scheme=job.mark_scheme,
    )
    said = marking_main.answer(wire.write(asked))
    assert not isinstance(said, wire.LaidOut)
    return said
