"""`grades.csv`: a row for every person, for spreadsheets and for the systems that take marks.

The best file of each task counts, as in an exam. A total is left out while a grading that
failed through us could still raise it.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from engine.classroom.people import Person, Roster
from engine.classroom.rows import OURS, Row
from engine.classroom.run_record import ClassTask, RunRecord
from engine.marking import MAX_SCORE, passes, total_percent

# A cell that begins like this is a formula to a spreadsheet, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Without this mark Excel reads UTF-8 as the machine's code page.
BOM = "\ufeff"


class TaskGrade(NamedTuple):
    """One task of one person: the best score, of how many files, and the words about them.

    `score` is None where only a grading that failed could tell.
    """

    task: ClassTask
    score: int | None
    attempts: int
    flags: tuple[str, ...]

    @property
    def is_missing(self) -> bool:
        """Whether nothing was handed in that is or may hold a file for the task."""
        return "missing" in self.flags


class PersonGrade(NamedTuple):
    """All tasks of one person; `total` is in percent, None where a score is not final.

    `others` counts files of no single task, such as a damaged zip.
    """

    person: Person
    tasks: tuple[TaskGrade, ...]
    total: float | None
    others: int = 0

    @property
    def attempts(self) -> int:
        """How many files there are that count, or would if they could be read."""
        return self.others + sum(each.attempts for each in self.tasks)

    @property
    def passed(self) -> bool | None:
        """Whether the total passes; None without one."""
        return None if self.total is None else passes(self.total)


def person_grades(roster: Roster, run: RunRecord, rows: Iterable[Row]) -> list[PersonGrade]:
    """The grades of everyone, in the order of the roster."""
    of: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for each in rows:
        of[each.person, each.task].append(each)
    return [_of_person(person, of, run) for person in roster.people]


def _of_person(
    person: Person, of: Mapping[tuple[str, str], Sequence[Row]], run: RunRecord
) -> PersonGrade:
    others = rejected_whole(of.get((person.id, ""), ()))
    tasks = [_of_task(each, of.get((person.id, each.task), ()), others) for each in run.tasks]
    scores = {each.task.task: each.score for each in tasks if each.score is not None}
    final = len(scores) == len(tasks)
    total = round(total_percent(scores, run.weights), 2) if final else None
    return PersonGrade(person, tuple(tasks), total, len(others))


def rejected_whole(rows: Sequence[Row]) -> Sequence[Row]:
    """Of somebody's `rows` without a task, those of zips and folders that could not be read.

    They may have held a file for any task, so nobody is told that nothing was handed in.
    """
    return [each for each in rows if each.verdict == "rejected"]


def _of_task(task: ClassTask, rows: Sequence[Row], others: Sequence[Row]) -> TaskGrade:
    scores = [each.score for each in rows if each.score is not None]
    counted = [each for each in rows if each.verdict not in ("missing", "unclaimed")]
    best = max(scores, default=0)
    score = None if best < MAX_SCORE and _is_unsure(rows) else best
    return TaskGrade(task, score, len(counted), tuple(_words(counted or others or rows)))


def _is_unsure(rows: Sequence[Row]) -> bool:
    """Whether a file is without a score through our fault: it might get a better one."""
    return any(each.verdict in OURS for each in rows)


def _words(rows: Sequence[Row]) -> list[str]:
    """What is to be known of the files of one task: verdicts first, then flags."""
    verdicts = [each.verdict for each in rows if each.verdict not in ("graded", "unclaimed")]
    flags = [flag for each in rows if each.verdict != "unclaimed" for flag in each.flags]
    return list(dict.fromkeys([*verdicts, *flags]))


def grades_csv(roster: Roster, run: RunRecord, rows: Iterable[Row], *, bom: bool = True) -> str:
    """The grades of everyone as CSV; with a `bom` Excel reads names right."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(map(guarded, _header(roster, run)))
    for each in person_grades(roster, run, rows):
        writer.writerow(map(guarded, _cells(each, roster)))
    return (BOM if bom else "") + written.getvalue()


def unclaimed_csv(rows: Iterable[Row], *, bom: bool = True) -> str:
    """The files that are nobody's or of no task as CSV, each with the reason."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["file", "person", "reason", "message"])
    for each in rows:
        if each.verdict == "unclaimed":
            writer.writerow(map(guarded, [each.file, each.person, each.reason, each.message]))
    return (BOM if bom else "") + written.getvalue()


def _header(roster: Roster, run: RunRecord) -> list[str]:
    columns = [f"category{each.category}" for each in run.tasks]
    if len(set(columns)) < len(columns):  # single tasks may share a category
        columns = [each.task for each in run.tasks]
    own = (*columns, "total", "passed", "attempts", "flags")
    return ["id", "name", "email", "group", *_kept_columns(roster, own), *own]


def _kept_columns(roster: Roster, own: Sequence[str]) -> list[str]:
    """The roster's columns; one that is called like ours says whose it is.

    Who hands in the last exam's grades as the roster must not get that exam's totals again.
    """
    return [f"roster {each}" if each.lower() in own else each for each in roster.columns]


def _cells(grade: PersonGrade, roster: Roster) -> list[str]:
    person = grade.person
    flags = [f"{each.task.category}: {', '.join(each.flags)}" for each in grade.tasks if each.flags]
    return [
        *(person.id, person.name, person.email, person.group),
        *(person.more.get(each, "") for each in roster.columns),
        *("" if each.score is None else str(each.score) for each in grade.tasks),
        "" if grade.total is None else f"{grade.total:g}",
        {True: "yes", False: "no", None: ""}[grade.passed],
        str(grade.attempts),
        "; ".join(flags),
    ]


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
