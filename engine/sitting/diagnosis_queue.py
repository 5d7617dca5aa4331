"""Has models diagnosed while nothing is graded: after a score was told, one at a time.

A diagnosis runs beside the grader, in processes of its own, and is given up as soon as a
submission comes in; later it is done anew. What was found is kept in the sitting's folder. It is
no event: it changes neither state nor score. A fault of ours in it is logged, and told to nobody.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from engine.grading.diagnosis import Diagnoses
from engine.grading.protocol import Graded, Job
from engine.marking import MAX_SCORE
from engine.sitting.jobs import Jobs
from engine.sitting.notices import ModelDiagnosed
from engine.sitting.state.sitting import Sitting, Submission
from engine.sitting.store.diagnoses import diagnosis_file, keep
from engine.sitting.store.record import category_folder, submission_file

_log = logging.getLogger(__name__)


class Diagnoser(Protocol):
    """What the queue needs; `engine.coaching.model_diagnoser.ModelDiagnoser` is one."""

    async def diagnose(
        self, job: Job, grade: Graded, sha256: str, folder: Path
    ) -> Diagnoses | None:
        """What explains `grade`; `folder` is the candidate's. None if it was given up or failed."""
        ...

    def cancel(self) -> None:
        """Make the running `diagnose` return None."""
        ...

    async def close(self) -> None:
        """Kill what runs."""
        ...


def is_due(folder: Path, submission: Submission) -> bool:
    """Whether a diagnosis of it could tell something, and there is none yet."""
    is_graded = isinstance(submission.grade, Graded) and submission.score != MAX_SCORE
    if not is_graded or diagnosis_file(folder, submission.sha256, submission.task).exists():
        return False
    return submission_file(folder, submission.sha256).is_file()


class DiagnosisQueue:
    """Diagnoses the newest model of each task of one sitting."""

    def __init__(
        self, jobs: Jobs, diagnoser: Diagnoser | None, on_found: Callable[[ModelDiagnosed], None]
    ) -> None:
        """Without a `diagnoser` nothing is diagnosed."""
        self._jobs, self._diagnoser, self._on_found = jobs, diagnoser, on_found
        self._running: asyncio.Task[None] | None = None
        # What was looked at since the sitting was opened, whatever came of it.
        self._looked: set[tuple[str, str]] = set()
        self._cancelled = False

    @property
    def is_busy(self) -> bool:
        """Whether a model is being diagnosed."""
        return self._running is not None and not self._running.done()

    def mind(self, sitting: Sitting, *, is_free: bool) -> None:
        """Do what follows from `sitting`: begin with the next model, or give the present one up.

        `is_free` says that nothing is graded. Where grades are not explained, nothing happens.
        """
        if self._diagnoser is None or not sitting.explains:
            return
        if sitting.unfinished or not is_free:
            self.cancel()
        elif not self.is_busy:
            self._begin_next(sitting)

    def _begin_next(self, sitting: Sitting) -> None:
        for each in _newest(sitting):
            if (each.sha256, each.task) in self._looked:
                continue
            self._looked.add((each.sha256, each.task))
            if is_due(self._jobs.folder, each):
                self._cancelled = False
                diagnosing = self._diagnose(each, sitting.attempt(each.number))
                self._running = asyncio.create_task(diagnosing, name="tfexam diagnosis")
                return

    def cancel(self) -> None:
        """Give up the present diagnosis; it will be done anew."""
        if self._diagnoser is not None and self.is_busy and not self._cancelled:
            self._cancelled = True
            self._diagnoser.cancel()

    async def close(self) -> None:
        """Kill what runs. Safe to call twice."""
        running = self._running
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        if self._diagnoser is not None:
            with contextlib.suppress(Exception):
                await self._diagnoser.close()

    async def _diagnose(self, submission: Submission, attempt: int) -> None:
        grade, key = submission.grade, (submission.sha256, submission.task)
        assert isinstance(grade, Graded)
        assert self._diagnoser is not None
        try:
            job = self._jobs.of(submission, attempt, with_evidence=False)
            folder = category_folder(self._jobs.record, submission.task)
            found = await self._diagnoser.diagnose(job, grade, submission.sha256, folder)
            if found is not None:
                keep(self._jobs.folder, found)
                self._on_found(ModelDiagnosed(submission.number, submission.task, found))
            elif self._cancelled:
                self._looked.discard(key)
        except Exception:
            _log.exception("submission %s could not be diagnosed", submission.number)


def _newest(sitting: Sitting) -> Iterator[Submission]:
    """The newest graded submission of each task, the newest of all first."""
    seen: set[str] = set()
    for each in reversed(sitting.submissions):
        if each.score is not None and each.task not in seen:
            seen.add(each.task)
            yield each
