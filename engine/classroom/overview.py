"""What a class came to, in numbers: totals, tasks, skills, mistakes, rejections, who is missing.

Pure: made from the people, the run and the rows of a results folder.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from engine.classroom.grades import PersonGrade, person_grades
from engine.classroom.notes import ClassNotes, best_rows
from engine.classroom.people import Person
from engine.classroom.results import ClassResults
from engine.classroom.rows import OURS, Row
from engine.grading.diagnosis import Diagnosis
from engine.marking import MAX_SCORE
from exam_bank.task import Task

BINS = 10


class TaskOverview(msgspec.Struct, frozen=True, kw_only=True):
    """One task: how many people have each score from 0 to 5, and what kept others from one.

    `mean` is that of the final scores; None without any. `verdicts` counts files by verdict;
    `missing` counts people without a file, `open` those whose score is not final.
    """

    task: str
    category: int
    counts: tuple[int, ...]
    mean: float | None
    missing: int
    open: int
    verdicts: dict[str, int]


class SkillOverview(msgspec.Struct, frozen=True, kw_only=True):
    """One skill: the mean share of the points in the tasks that test it."""

    skill: str
    tasks: tuple[str, ...]
    share: float


class MistakeCount(msgspec.Struct, frozen=True, kw_only=True):
    """A diagnosis that was the most telling for so many people's best models, with one of them."""

    example: Diagnosis
    people: int


class ReasonCount(msgspec.Struct, frozen=True, kw_only=True):
    """A reason for rejection, and how many files it met; `example` is one of their rows."""

    reason: str
    files: int
    example: Row


class ClassOverview(msgspec.Struct, frozen=True, kw_only=True):
    """The whole class. `bins` counts final totals by tenths of the points, 100 % in the last.

    `absent` handed in nothing at all; `partly` maps others to the tasks that they left out.
    """

    grades: tuple[PersonGrade, ...]
    files: int
    bins: tuple[int, ...]
    mean: float | None
    median: float | None
    passed: int
    tasks: tuple[TaskOverview, ...]
    skills: tuple[SkillOverview, ...]
    mistakes: tuple[MistakeCount, ...]
    reasons: tuple[ReasonCount, ...]
    absent: tuple[Person, ...]
    partly: tuple[tuple[Person, tuple[str, ...]], ...]
    failed: tuple[Row, ...]
    unclaimed: tuple[Row, ...]


def overview(results: ClassResults, tasks: Mapping[str, Task], notes: ClassNotes) -> ClassOverview:
    """The overview of a class; `tasks` are those of the bank."""
    rows = results.rows
    grades = person_grades(results.roster, results.run, rows)
    totals = [each.total for each in grades if each.total is not None]
    found = tuple(_tasks(grades, results))
    gaps = [(grade.person, _left_out(grade)) for grade in grades]
    whole = len(results.run.tasks)
    return ClassOverview(
        grades=tuple(grades),
        files=sum(bool(each.file) for each in rows),
        bins=_bins(totals),
        mean=statistics.fmean(totals) if totals else None,
        median=statistics.median(totals) if totals else None,
        passed=sum(each.passed is True for each in grades),
        tasks=found,
        skills=tuple(_skills(found, tasks)),
        mistakes=tuple(_mistakes(rows, notes)),
        reasons=tuple(_reasons(rows)),
        absent=tuple(person for person, left in gaps if len(left) == whole),
        partly=tuple(each for each in gaps if 0 < len(each[1]) < whole),
        failed=_with_verdict(rows, OURS),
        unclaimed=_with_verdict(rows, ("unclaimed",)),
    )


def _with_verdict(rows: Iterable[Row], verdicts: Sequence[str]) -> tuple[Row, ...]:
    return tuple(each for each in rows if each.verdict in verdicts)


def _bins(totals: Sequence[float]) -> tuple[int, ...]:
    counts = [0] * BINS
    for each in totals:
        counts[min(BINS - 1, int(each / (100 / BINS)))] += 1
    return tuple(counts)


def _left_out(grade: PersonGrade) -> tuple[str, ...]:
    return tuple(each.task.task for each in grade.tasks if each.is_missing)


def _tasks(grades: Sequence[PersonGrade], results: ClassResults) -> Iterator[TaskOverview]:
    verdicts: dict[str, Counter[str]] = defaultdict(Counter)
    for row in results.rows:
        if row.file:
            verdicts[row.task][row.verdict] += 1
    for place, task in enumerate(results.run.tasks):
        own = [each.tasks[place] for each in grades]
        scores = [each.score for each in own if each.score is not None]
        counts = Counter(scores)
        yield TaskOverview(
            task=task.task,
            category=task.category,
            counts=tuple(counts[score] for score in range(MAX_SCORE + 1)),
            mean=statistics.fmean(scores) if scores else None,
            missing=sum(each.is_missing for each in own),
            open=len(own) - len(scores),
            verdicts=dict(sorted(verdicts[task.task].items())),
        )


def _skills(found: Sequence[TaskOverview], tasks: Mapping[str, Task]) -> list[SkillOverview]:
    """The weakest first."""
    means: dict[str, list[TaskOverview]] = defaultdict(list)
    for each in found:
        for skill in tasks[each.task].says.skills if each.task in tasks else ():
            if each.mean is not None:
                means[skill].append(each)
    skills = [
        SkillOverview(
            skill=skill,
            tasks=tuple(each.task for each in testing),
            share=statistics.fmean((each.mean or 0.0) / MAX_SCORE for each in testing),
        )
        for skill, testing in means.items()
    ]
    return sorted(skills, key=lambda each: (each.share, each.skill))


def _mistakes(rows: Sequence[Row], notes: ClassNotes) -> list[MistakeCount]:
    found: dict[str, list[Diagnosis]] = defaultdict(list)
    for row in best_rows(rows).values():
        diagnoses = notes.diagnoses.get((row.sha256, row.task))
        if diagnoses is not None and diagnoses.first is not None:
            found[diagnoses.first.id].append(diagnoses.first)
    counts = [MistakeCount(example=each[0], people=len(each)) for each in found.values()]
    return sorted(counts, key=lambda each: (-each.people, each.example.id))


def _reasons(rows: Sequence[Row]) -> list[ReasonCount]:
    found: dict[str, list[Row]] = defaultdict(list)
    for each in rows:
        if each.verdict == "rejected":
            found[each.reason].append(each)
    counts = [
        ReasonCount(reason=reason, files=len(each), example=each[0])
        for reason, each in found.items()
    ]
    return sorted(counts, key=lambda each: (-each.files, each.reason))
