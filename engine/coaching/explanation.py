"""After the end: grades the best models once more with evidence, and diagnoses them.

Nothing waits for it. It runs in the background of the app, or when a review asks; what is there
already stays, so whoever is interrupted goes on where he was. The grade in the journal stands,
whatever comes of this.
"""

import logging
from collections.abc import Awaitable, Callable, Container, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec

from engine.coaching.model_diagnoser import DiagnosingGrader, diagnoser_of
from engine.coaching.winner_metrics import measured
from engine.errors import SittingError, TaskFileError
from engine.grading.protocol import Grade, Graded, Job, Progress
from engine.settings import Settings
from engine.sitting.diagnosis_queue import Diagnoser, is_due
from engine.sitting.jobs import Jobs
from engine.sitting.state.sitting import Phase, Sitting, Submission
from engine.sitting.store.diagnoses import keep
from engine.sitting.store.evidence_files import appears, evidence_file
from engine.sitting.store.history import faithful_tasks, past
from engine.sitting.store.record import (
    category_folder,
    hidden_folder,
    read_tasks,
    submission_file,
)

_log = logging.getLogger(__name__)

# In the background; older ones are explained when somebody reviews them.
NEWEST = 3


class ExplanationProgress(msgspec.Struct, frozen=True):
    """How many of the sitting's `total` missing explanations are `done`, and for which task."""

    folder: Path
    done: int
    total: int
    task: str = ""


class ExplainingGrader(DiagnosingGrader, Protocol):
    """A grader that also grades, for evidence."""

    async def grade(self, job: Job, on_progress: Callable[[Progress], None] = ...) -> Grade:
        """Grade `job`."""
        ...


OnExplained = Callable[[ExplanationProgress], None]
_Make = Callable[[Submission], Awaitable[bool]]


class _Missing(NamedTuple):
    """The winner of one task, and what is not there yet."""

    winner: Submission
    evidence: bool
    diagnosis: bool


def is_missing(folder: Path) -> bool:
    """Whether anything about the sitting in `folder` is still to be explained."""
    try:
        return any(_missing(folder, past(folder), ()))
    except SittingError:
        return False


async def explain(
    folder: Path,
    settings: Settings,
    *,
    grader: ExplainingGrader | None = None,
    diagnoser: Diagnoser | None = None,
    on_progress: OnExplained = lambda _: None,
) -> int:
    """Make what is missing about the ended sitting in `folder`; returns how much was made.

    Tasks that are also in a faithful sitting that goes on are left out. Faults of ours are
    logged. Raises `SittingError` when the sitting cannot be read. May be cancelled.
    """
    sitting = past(folder)
    closed = faithful_tasks(settings.sittings_folder)
    missing = list(_missing(folder, sitting, closed))
    if not missing:
        return 0
    own = grader is None
    used = grader or _grader(folder, settings)
    try:
        work = _Explaining(folder, sitting, settings, used, diagnoser or diagnoser_of(used))
        return await work.run(missing, on_progress)
    finally:
        if own:
            await used.close()


class _Explaining:
    """The work on one sitting."""

    def __init__(
        self,
        folder: Path,
        sitting: Sitting,
        settings: Settings,
        grader: ExplainingGrader,
        diagnoser: Diagnoser | None,
    ) -> None:
        self._sitting, self._grader, self._diagnoser = sitting, grader, diagnoser
        record = sitting.record
        h5_only = not record.takes_keras_files(settings.keras_files)
        tasks = read_tasks(folder, record)
        self._jobs = Jobs(folder, record, tasks, settings.grader_device, h5_only)

    async def run(self, missing: list[_Missing], on_progress: OnExplained) -> int:
        """Make each; returns how many could be made."""
        steps = list(self._steps(missing))
        made = 0
        for done, (winner, make) in enumerate(steps):
            on_progress(self._progress(done, len(steps), winner.task))
            try:
                made += await make(winner)
            except Exception:
                _log.exception("submission %s could not be explained", winner.number)
        on_progress(self._progress(len(steps), len(steps), ""))
        return made

    def _steps(self, missing: list[_Missing]) -> Iterator[tuple[Submission, _Make]]:
        """What is to be made, each by its submission."""
        for each in missing:
            if each.evidence:
                yield each.winner, self._make_evidence
            if each.diagnosis:
                yield each.winner, self._make_diagnosis

    def _progress(self, done: int, total: int, task: str) -> ExplanationProgress:
        return ExplanationProgress(self._jobs.folder, done, total, task)

    async def _make_evidence(self, winner: Submission) -> bool:
        attempt = self._sitting.attempt(winner.number)
        await self._grader.grade(self._jobs.of(winner, attempt, with_evidence=True))
        return await appears(evidence_file(self._jobs.folder, winner.sha256, winner.task))

    async def _make_diagnosis(self, winner: Submission) -> bool:
        grade = measured(self._jobs.folder, winner).grade  # its evidence was made before this
        if self._diagnoser is None or not isinstance(grade, Graded):
            return False
        attempt = self._sitting.attempt(winner.number)
        job = self._jobs.of(winner, attempt, with_evidence=False)
        place = category_folder(self._sitting.record, winner.task)
        found = await self._diagnoser.diagnose(job, grade, winner.sha256, place)
        if found is None:
            return False
        keep(self._jobs.folder, found)
        return True


def _missing(folder: Path, sitting: Sitting, closed: Container[str]) -> Iterator[_Missing]:
    """What is not there of the best models of an ended sitting, where it can still be made."""
    if sitting.phase is not Phase.ENDED or sitting.unfinished:
        return
    for each in sitting.record.paper.tasks:
        winner = sitting.winner(each.task)
        if winner is None or each.task in closed or not isinstance(winner.grade, Graded):
            continue
        if not _can_be_graded(folder, winner):
            continue
        no_evidence = not evidence_file(folder, winner.sha256, winner.task).exists()
        found = _Missing(winner, no_evidence, is_due(folder, winner))
        if found.evidence or found.diagnosis:
            yield found


def _can_be_graded(folder: Path, winner: Submission) -> bool:
    has_set = (hidden_folder(folder, winner.task) / "hidden.json").is_file()
    return has_set and submission_file(folder, winner.sha256).is_file()


def _grader(folder: Path, settings: Settings) -> ExplainingGrader:
    """A grader that warms nothing in advance, with a fork server where there can be one."""
    from engine.grading.host.fork_server import ForkServer
    from engine.grading.host.grader import Grader

    logs, device = folder / "logs", settings.grader_device
    forks = settings.prewarm and ForkServer.possible(device)
    fork_server = ForkServer(logs) if forks else None
    return Grader(logs=logs, prewarm=False, device=device, fork_server=fork_server)


def newest_missing(settings: Settings) -> Iterator[Path]:
    """The folders of the newest ended sittings about which something is missing."""
    root = settings.sittings_folder
    folders = sorted(root.iterdir(), reverse=True) if root.is_dir() else []
    for folder in folders[:NEWEST]:
        try:
            if is_missing(folder):
                yield folder
        except (OSError, TaskFileError):
            continue
