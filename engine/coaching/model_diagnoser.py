"""Diagnoses one model: trials in a sandboxed child, and what its training log tells."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from engine.coaching.class_names import class_names
from engine.coaching.diagnosis import diagnoses
from engine.coaching.training_mistakes import training_mistakes
from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Grade,
    Graded,
    Job,
    OutOfMemory,
    Rejected,
    TimedOut,
)
from engine.grading.wire import Diagnosed
from engine.machine.curves import FILE, Curve, CurveReader
from engine.threads import in_daemon_thread

_log = logging.getLogger(__name__)

# A log written later than the model, and not by the same program at its end, is another one's.
_LATE = 60.0


class DiagnosingGrader(Protocol):
    """The part of a grader that diagnoses; `engine.grading.host.grader.Grader` has it."""

    async def diagnose(self, job: Job) -> Diagnosed | Grade:
        """Try common mistakes on the model of `job`."""
        ...

    def cancel(self) -> None:
        """Make `diagnose` answer `Cancelled`."""
        ...

    async def close(self) -> None:
        """Kill what runs."""
        ...


class ModelDiagnoser:
    """Diagnoses models, each with a grader of its own that `make_grader` makes."""

    def __init__(self, make_grader: Callable[[], DiagnosingGrader]) -> None:
        self._make_grader = make_grader
        self._grader: DiagnosingGrader | None = None

    async def diagnose(
        self, job: Job, grade: Graded, sha256: str, folder: Path
    ) -> Diagnoses | None:
        """What explains `grade`, the grade of `job`; None if it was given up or we failed.

        `folder` is the candidate's, with the training log and the names of the classes.
        """
        grader = self._grader = self._make_grader()
        try:
            said = await grader.diagnose(job)
        finally:
            self._grader = None
            await grader.close()
        match said:
            case Diagnosed():
                pass
            case TimedOut() | OutOfMemory() | Crashed() | Rejected():
                said = Diagnosed(complete=False)  # once more would be no use
            case Cancelled():
                return None
            case _:
                _log.error("a model could not be diagnosed: %s", said.message.text())
                return None
        training = await in_daemon_thread(lambda: _of_training(folder, Path(job.model), grade))
        classes = await in_daemon_thread(lambda: class_names(folder))
        return diagnoses(job.task, sha256, grade.score, said, training=training, classes=classes)

    def cancel(self) -> None:
        """Make the running `diagnose` return None."""
        if self._grader is not None:
            self._grader.cancel()

    async def close(self) -> None:
        """Kill what runs."""
        if self._grader is not None:
            await self._grader.close()


def diagnoser_of(grader: object) -> ModelDiagnoser | None:
    """What diagnoses models beside `grader`, with its fork server; None for another's grader."""
    from engine.grading.host.grader import Grader

    return ModelDiagnoser(grader.beside) if isinstance(grader, Grader) else None


def _of_training(folder: Path, model: Path, grade: Graded) -> tuple[Diagnosis, ...]:
    """What the training log in `folder` tells, if it may be that of the frozen `model`."""
    try:
        is_late = (folder / FILE).stat().st_mtime > model.stat().st_mtime + _LATE
    except OSError:
        return ()
    curve = None if is_late else CurveReader(folder).read()
    return training_mistakes(curve, grade.metric) if isinstance(curve, Curve) else ()
