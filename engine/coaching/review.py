"""What a candidate may see of a task that is over: evidence, attempts, hints, solutions.

The solutions come from the bank, because a sitting's own copy of a task holds none of them.
"""

import contextlib
import difflib
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Literal

import msgspec

from engine.coaching.baselines import baselines
from engine.coaching.class_names import class_names
from engine.coaching.diagnosis_table import fix, sentence
from engine.coaching.winner_metrics import with_metrics
from engine.errors import SittingError, TaskFileError, TransitionError
from engine.grading.diagnosis import Diagnoses
from engine.grading.evidence import Baseline, Evidence
from engine.grading.protocol import Graded, Message, Metric
from engine.sitting.state.sitting import Phase, Sitting, Submission
from engine.sitting.store.diagnoses import diagnoses_of
from engine.sitting.store.evidence_files import evidence_file
from engine.sitting.store.history import faithful_tasks, past
from engine.sitting.store.record import category_folder, read_tasks
from engine.sitting.views.model_diff import Difference, from_the_one_before
from exam_bank.learning.hints import Hint, hints_of
from exam_bank.phrase import phrase
from exam_bank.safe_files import LARGEST_TEXT, read_small
from exam_bank.task import MarkScheme, Task

SolutionKind = Literal["reference", "decent"]
_MOST_LINES = 2_000


class Solution(msgspec.Struct, frozen=True, kw_only=True):
    """A solution that comes with a task; `diff` leads from the candidate's starter.py to it.

    `diff` is empty if that starter cannot be read.
    """

    kind: SolutionKind
    name: str
    text: str
    diff: tuple[str, ...]


class ReviewedAttempt(msgspec.Struct, frozen=True, kw_only=True):
    """A submission, and how its model differs from the one before."""

    submission: Submission
    difference: Difference | None


class TaskReview(msgspec.Struct, frozen=True, kw_only=True):
    """All of one task. `seen` of its `hints` were asked for; `score` is the best one.

    `starter` is the candidate's own file, if it can still be read. `winner` is the number of the
    submission that has that score, and `metric` what was measured of it. `evidence` is None where
    none was made (yet), or it cannot be read: then `fault` says why. `vocabulary` has the word of
    each id that evidence shows, and is empty if it cannot be read; so are `classes`, the names of
    the classes by their numbers. `diagnoses` are sentences, the most telling first. A task that
    is not `over` has only hints that were seen, no solutions, and no single example in its
    evidence.
    """

    task: str
    category: int
    score: int
    given_up: bool
    seen: int
    attempts: tuple[ReviewedAttempt, ...]
    hints: tuple[Hint, ...]
    solutions: tuple[Solution, ...]
    starter: str = ""
    winner: int | None = None
    metric: Metric | None = None
    scheme: MarkScheme | None = None
    baselines: tuple[Baseline, ...] = ()
    evidence: Evidence | None = None
    fault: str = ""
    vocabulary: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    diagnoses: tuple[Message, ...] = ()
    over: bool = True


def reviews(
    folder: Path, sittings: Path, bank: Mapping[str, Task], language: str
) -> tuple[TaskReview, ...]:
    """The tasks of the sitting in `folder` that may be reviewed now.

    A task that is also in a faithful sitting that goes on in the folder `sittings` may not.
    Raises `TransitionError` when there is none, and `SittingError` when it cannot be read.
    """
    sitting = with_metrics(folder, past(folder))
    try:
        kept = read_tasks(folder, sitting.record)
    except TaskFileError:
        kept = {}  # the bank's are as good to show
    found = of_sitting(sitting, {**bank, **kept}, bank, language, faithful_tasks(sittings))
    if not found:
        raise _too_early(sitting)
    return tuple(with_evidence(folder, sitting, each, bank.get(each.task)) for each in found)


def with_evidence(
    folder: Path, sitting: Sitting, review: TaskReview, own: Task | None
) -> TaskReview:
    """`review` with what the best score is made of; `own` is the bank's task, if it has it."""
    winner = sitting.winner(review.task)
    if winner is None or not isinstance(winner.grade, Graded):
        return review
    evidence, fault = _evidence(folder, winner)
    if evidence is not None and not review.over:
        evidence = evidence.without_examples()
    scheme = evidence.scheme if evidence else review.scheme
    return msgspec.structs.replace(
        review,
        winner=winner.number,
        metric=evidence.metric if evidence else winner.grade.metric,
        scheme=scheme,
        baselines=baselines(own, scheme, evidence) if scheme else (),
        evidence=evidence,
        fault=fault,
        vocabulary=_vocabulary(sitting, review.task, evidence),
        classes=_classes(sitting, review.task, evidence),
        diagnoses=tuple(_said(diagnoses_of(folder, winner.sha256, winner.task))),
    )


def _said(found: Diagnoses | None) -> Iterator[Message]:
    """What the diagnoses of a model say, and how to mend the first one."""
    for each in found.found if found else ():
        if (says := sentence(each)) is not None:
            yield says
        if found and each is found.first and (mend := fix(each)) is not None:
            yield mend


def _evidence(folder: Path, winner: Submission) -> tuple[Evidence | None, str]:
    """The evidence, or why it cannot be read; nothing if there is none."""
    try:
        return Evidence.read(evidence_file(folder, winner.sha256, winner.task)), ""
    except FileNotFoundError:
        return None, ""
    except SittingError as error:
        return None, error.message


def _vocabulary(sitting: Sitting, task: str, evidence: Evidence | None) -> tuple[str, ...]:
    """The words of the candidate's `vocabulary.txt` by their ids, if evidence shows any."""
    if evidence is None or not _shows_words(evidence):
        return ()
    text = _text(category_folder(sitting.record, task) / "data" / "vocabulary.txt")
    return tuple((text or "").splitlines())


def _classes(sitting: Sitting, task: str, evidence: Evidence | None) -> tuple[str, ...]:
    """The names of the task's classes, if evidence has classes."""
    has_classes = evidence is not None and evidence.classes is not None
    return class_names(category_folder(sitting.record, task)) if has_classes else ()


def _shows_words(evidence: Evidence) -> bool:
    found = evidence.classes
    if found is None:
        return False
    return any(each.shown.words for each in (*found.mistakes, *found.closest))


def of_sitting(
    sitting: Sitting,
    tasks: Mapping[str, Task],
    bank: Mapping[str, Task],
    language: str,
    closed: Container[str] = (),
) -> tuple[TaskReview, ...]:
    """The reviews of those tasks of `sitting` that are open and not `closed`."""
    return tuple(
        _review(sitting, each.task, tasks, bank.get(each.task), language)
        for each in sitting.record.paper.tasks
        if sitting.is_explained(each.task) and each.task not in closed
    )


def _too_early(sitting: Sitting) -> TransitionError:
    if sitting.phase is Phase.ENDED:
        said = phrase("Its tasks are also in a faithful exam that goes on.")
        return TransitionError(said, fix=phrase("They open again when that exam has ended."))
    return TransitionError(
        phrase("Nothing of this sitting can be reviewed yet."),
        fix=phrase(
            "A review opens after the end; in practice and in coach mode also once a model is "
            "graded, in practice once a task was given up."
        ),
    )


def _review(
    sitting: Sitting, name: str, tasks: Mapping[str, Task], own: Task | None, language: str
) -> TaskReview:
    paper = next(each for each in sitting.record.paper.tasks if each.task == name)
    starter = _text(category_folder(sitting.record, name) / "starter.py")
    over, seen = sitting.is_reviewable(name), sitting.hints.get(name, 0)
    hints = _hints(tasks.get(name), own, language)
    return TaskReview(
        task=name,
        category=paper.category,
        score=sitting.best(name) or 0,
        given_up=name in sitting.given_up,
        seen=seen,
        attempts=tuple(
            ReviewedAttempt(
                submission=each, difference=from_the_one_before(each, sitting.submissions)
            )
            for each in sitting.of(name)
        ),
        hints=hints if over else hints[:seen],
        solutions=tuple(_solutions(own, starter)) if own is not None and over else (),
        starter=starter or "",
        scheme=_scheme(sitting, tasks.get(name)),
        over=over,
    )


def _scheme(sitting: Sitting, task: Task | None) -> MarkScheme | None:
    level = sitting.record.paper.level
    return task.marks(level) if task is not None and level in task.levels else None


def _hints(kept: Task | None, own: Task | None, language: str) -> tuple[Hint, ...]:
    """Those that the sitting keeps; the bank's if it keeps none, as where nothing is explained."""
    for task in (kept, own):
        with contextlib.suppress(OSError):
            if task is not None and (found := hints_of(task, language)):
                return found
    return ()


def _solutions(task: Task, starter: str | None) -> Iterator[Solution]:
    kinds: tuple[tuple[SolutionKind, list[Path]], ...] = (
        ("decent", task.decent_solutions()),
        ("reference", task.references()),
    )
    for kind, paths in kinds:
        for path in paths:
            if (text := _text(path)) is not None:
                diff = () if starter is None else _diff(starter, text, path.name)
                yield Solution(kind=kind, name=path.stem, text=text, diff=diff)


def _diff(starter: str, solution: str, name: str) -> tuple[str, ...]:
    """A unified diff, from the candidate's starter to the solution."""
    was, becomes = (text.splitlines()[:_MOST_LINES] for text in (starter, solution))
    return tuple(difflib.unified_diff(was, becomes, "starter.py", name, lineterm="", n=2))


def _text(path: Path) -> str | None:
    try:
        return read_small(path, LARGEST_TEXT).decode("utf-8", errors="replace")
    except OSError:
        return None
