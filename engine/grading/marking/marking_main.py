"""The marking process: puts hidden inputs out for a child, and measures its predictions.

The child that runs a stranger's model never sees a target. This process does, and it sees
nothing of the model but numbers: a file of float32 whose size and shape the task decides. So
whoever has taken over the child can return predictions and nothing better. Whatever is later
worked out from targets belongs here too: what a grade is made of (`evidence_parts.py`) is written
to a file that only its owner may read, if the app asks for it, and after the grade was answered:
nobody waits for it.

Run as `python -P -m engine.grading.marking.marking_main` by `host/marking_process.py`. It reads
one request a line (`wire.LayOut`, `wire.Measure`), answers each with one line, and ends when its
stdin does. Imports numpy, but no TensorFlow, Keras or h5py.
"""

import functools
import math
import os
import shutil
import stat
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from engine import errors
from engine.grading import metrics, wire
from engine.grading.inspection.contract_shapes import fits
from engine.grading.marking.evidence_parts import MarkedPart, evidence_of
from engine.grading.marking.trial_marking import TrialMarker, every
from engine.grading.protocol import Draw, Grade, Graded, GraderFailed, Metric, Rejected, failed
from engine.grading.sampling import WHOLE, drawn
from exam_bank.material import Array, HiddenSet
from exam_bank.phrase import phrase
from exam_bank.platform import disk, processes
from exam_bank.task import MarkScheme

_request = msgspec.json.Decoder(wire.LayOut | wire.Measure | wire.MeasureTrials)
_DTYPE = np.dtype(np.float32)
# What is done once the answer is out. The predictions may be gone by then, so it holds them.
_put_off: list[Callable[[], None]] = []


def main() -> None:
    """Answer requests until stdin ends."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    processes.die_with_parent()
    for line in sys.stdin.buffer:
        answers.write(wire.write(answer(line)))
        answers.flush()
        do_put_off()


def answer(line: bytes) -> wire.LaidOut | wire.Diagnosed | Grade:
    """The answer to one request; whatever goes wrong here is our fault, and never raised."""
    try:
        asked = _request.decode(line)
        match asked:
            case wire.LayOut():
                return lay_out(asked)
            case wire.MeasureTrials():
                return mark_trials(asked)
            case _:
                return mark(asked)
    except errors.SubmissionRejected as refused:
        return Rejected(message=refused.says, reason=refused.reason)
    except errors.TfexamError as error:
        return failed(error.sentence if error.fix else error.message)
    except OSError as error:
        return failed(phrase("The files for this grading cannot be written: {error}.", error=error))
    except Exception as error:  # the last wall
        traceback.print_exc()
        return failed(phrase("Marking failed ({error}).", error=f"{type(error).__name__}: {error}"))


def do_put_off() -> None:
    """Do what was put off until the answer is out; a fault is printed, and costs no grade."""
    while _put_off:
        try:
            _put_off.pop(0)()
        except Exception:
            traceback.print_exc()


def lay_out(asked: wire.LayOut) -> wire.LaidOut:
    """Write the inputs that a child may see; raises `DataError`, `OSError`."""
    folder = Path(asked.hidden)
    whole, part = _hidden(folder, asked.draw, asked.mark_scheme)
    hidden = part or whole
    if part is None:
        shutil.copyfile((folder / wire.INPUTS).resolve(), asked.inputs)
    else:
        np.save(asked.inputs, hidden.inputs, allow_pickle=False)
    return wire.LaidOut(hidden.input_scale)


def mark(asked: wire.Measure) -> Graded | GraderFailed:
    """The measured grade; raises `SubmissionRejected`, `DataError`, `GraderError`."""
    whole, part = _hidden(Path(asked.hidden), asked.draw, asked.mark_scheme)
    hidden = part or whole
    if not fits(asked.shape, asked.contract.output.shape):
        return _invalid("predictions of another shape")
    predictions = _read(Path(asked.predictions), (len(hidden.targets), *asked.shape))
    if predictions is None:
        return _invalid("fewer or more predictions than examples")
    metric, score = metrics.measure(predictions, hidden, asked.mark_scheme, asked.contract)
    if asked.bootstrap and metric.value is not None:
        error = metrics.bootstrap_error(
            predictions, hidden, metric.name, asked.contract, series=asked.series
        )
        metric = msgspec.structs.replace(metric, error=error)
    if asked.evidence is not None:
        marked = MarkedPart(predictions, hidden, whole)
        _put_off.append(functools.partial(_keep_evidence, asked, marked, metric, score))
    return Graded(
        message=metrics.describe(metric, asked.mark_scheme.thresholds),
        metric=metric,
        score=score,
        notes=(WHOLE,) if asked.draw and part is None else (),
    )


def _keep_evidence(asked: wire.Measure, part: MarkedPart, metric: Metric, score: int) -> None:
    """Write what the grade is made of."""
    assert asked.evidence is not None
    evidence_of(asked, part, metric, score).write(Path(asked.evidence))


def mark_trials(asked: wire.MeasureTrials) -> wire.Diagnosed | GraderFailed:
    """What the trials tell of the model; raises `DataError`, `GraderError`."""
    whole, part = _hidden(Path(asked.hidden), asked.draw, asked.mark_scheme)
    tried = asked.tried
    hidden = every(part or whole, tried.every)
    if not fits(tried.shape, asked.contract.output.shape):
        return _invalid("predictions of another shape")
    shape = (len(tried.trials), len(hidden.targets), *tried.shape)
    answers = _read(Path(asked.predictions), shape)
    if answers is None:
        return _invalid("fewer or more predictions than examples")
    marker = TrialMarker(hidden, asked.mark_scheme, asked.contract)
    return wire.Diagnosed(tuple(marker.found(tried, answers)), tried.facts, tried.complete)


def _hidden(
    folder: Path, draw: Draw | None, scheme: MarkScheme
) -> tuple[HiddenSet, HiddenSet | None]:
    """The whole hidden set, and the part of it that is drawn, if one is."""
    whole = HiddenSet.read(folder)
    return whole, None if draw is None else drawn(whole, draw, scheme)


def _read(path: Path, shape: tuple[int, ...]) -> Array | None:
    """The numbers in the file, if it holds exactly as many as `shape` says."""
    size = math.prod(shape) * _DTYPE.itemsize
    descriptor = disk.open_to_read(path)
    with os.fdopen(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if not stat.S_ISREG(state.st_mode) or state.st_size != size:
            return None
        content = file.read(size)  # not to the end: whoever holds the file could add to it
    return np.frombuffer(content, _DTYPE).reshape(shape) if len(content) == size else None


def _invalid(why: str) -> GraderFailed:
    return failed(phrase("The grading process gave an invalid answer: {why}", why=why))


if __name__ == "__main__":
    main()
