"""Grades a class: every file gets a row, whatever happens, and none is graded twice.

Rows that are there already are kept, so a run that was killed goes on where it stopped. Equal
bytes for one task are graded once, and each file that has them gets its own row. What an engine
says of one file never touches another.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from typing import NamedTuple

from engine.classroom.grading_engine import GradingEngine
from engine.classroom.intake.submissions import without_file
from engine.classroom.people import FoundFile, Roster
from engine.classroom.results import ResultsFolder
from engine.classroom.rows import OURS, Row, faulty_row, graded_row, missing_row, same_grade
from engine.classroom.run_record import RunRecord
from engine.grading.host.batch import FileToGrade
from engine.grading.protocol import Grade, failed
from exam_bank.phrase import phrase
from exam_bank.task import Task


class ClassProgress(NamedTuple):
    """How many of the `files` have a row; how many contents were `graded` in this run, and wait.

    Equal files are one content.
    """

    done: int
    files: int
    graded: int
    waiting: int


OnProgress = Callable[[ClassProgress], None]
_Bytes = tuple[str, str]
NO_ANSWER = failed(phrase("Whoever should have graded this file gave no answer."))


class ClassRun:
    """One run over the files of a class, with the rows so far in `results`."""

    def __init__(
        self,
        run: RunRecord,
        tasks: Mapping[str, Task],
        results: ResultsFolder,
        on_progress: OnProgress = lambda _: None,
        *,
        secret: str = "",
    ) -> None:
        """`secret`, in hex, is needed if `run` measures on the second hidden set."""
        self._run, self._tasks, self._results = run, tasks, results
        self._secret = secret
        self._on_progress = on_progress
        self._files = self._waiting = 0
        self._done: set[tuple[str, str, str]] = set()
        self._graded = 0

    async def grade(
        self, roster: Roster, found: Sequence[FoundFile], engine: GradingEngine
    ) -> list[Row]:
        """Grade what has no row yet; returns all rows, by person, task and file.

        Each row is on disk before the next answer is looked at. Raises `ClassError` when a
        row cannot be written.
        """
        self._files = len(found)
        missing = [
            missing_row(person, task.task, task.category)
            for person, task in without_file(roster, self._run, found)
        ]
        self._write([faulty_row(each) for each in found if each.fault is not None])
        self._write(missing)
        gradable = [each for each in found if each.fault is None]
        waiting = self._with_known_bytes(gradable)
        self._tell()
        while waiting:
            waiting = await self._grade(waiting, engine)
        keys = [(each.person, each.task, each.file) for each in found]
        keys += [each.key for each in missing]
        return self._results.finish(_in_order(keys, roster, self._run))

    def _with_known_bytes(self, found: Sequence[FoundFile]) -> list[FoundFile]:
        """Write the rows of files whose bytes have a grade; returns the others."""
        known = self._known_rows()
        rows = {_key(each): self._known_row(each, known) for each in found}
        self._write([row for row in rows.values() if row is not None])
        return [each for each in found if rows[_key(each)] is None]

    def _known_rows(self) -> dict[_Bytes, Row]:
        """The last row with a grade for each task and bytes."""
        return {
            (row.task, row.sha256): row
            for row in (*self._results.earlier, *self._results.rows.values())
            if row.sha256 and _is_final(row)
        }

    def _known_row(self, found: FoundFile, known: Mapping[_Bytes, Row]) -> Row | None:
        """The row of `found` from before, or from another file with the same bytes."""
        before = self._results.rows.get(_key(found))
        if before is not None and before.sha256 == found.sha256 and _is_final(before):
            return before
        alike = known.get((found.task, found.sha256))
        return None if alike is None else same_grade(found, alike)

    async def _grade(self, found: Sequence[FoundFile], engine: GradingEngine) -> list[FoundFile]:
        """Grade one file for each content; returns those that turned out to be another's."""
        alike: dict[_Bytes, list[FoundFile]] = defaultdict(list)
        for each in found:
            alike[each.task, each.sha256 or str(each.path)].append(each)
        groups = {(str(each[0].path), each[0].task): each for each in alike.values()}
        self._waiting = len(groups)
        again: list[FoundFile] = []
        async with aclosing(engine.grade([self.order(each[0]) for each in alike.values()])) as on:
            async for answer in on:
                # A second answer about one file finds no group: the first one counts.
                group = groups.pop((str(answer.file.path), answer.file.task.id), [])
                self._waiting = len(groups)
                again += self._answered(group, answer.sha256, answer.grade)
                self._tell()
        for group in groups.values():
            self._answered(group, "", NO_ANSWER)
            self._tell()
        return again

    def _answered(self, group: list[FoundFile], sha256: str, grade: Grade) -> list[FoundFile]:
        """Write the rows of `group`; returns those whose bytes were not the graded ones."""
        if not group:
            return []
        self._graded += 1
        first, *others = group
        row = graded_row(first, sha256, grade)
        if "changed" in row.flags:
            self._write([row])
            return others
        self._write([row, *(same_grade(each, row) for each in others)])
        return []

    def order(self, found: FoundFile) -> FileToGrade:
        """How `found` is graded in this run."""
        task = next(each for each in self._run.tasks if each.task == found.task)
        return FileToGrade(
            path=found.path,
            task=self._tasks[found.task],
            seed=task.seed,
            level=task.level,
            sha256=found.sha256,
            part=self._run.part,
            secret=self._secret if self._run.part == "second" else "",
        )

    def _write(self, rows: Sequence[Row]) -> None:
        fresh = [each for each in rows if self._results.rows.get(each.key) != each]
        if fresh:
            self._results.append(fresh)
        self._done |= {each.key for each in rows if each.file}

    def _tell(self) -> None:
        self._on_progress(ClassProgress(len(self._done), self._files, self._graded, self._waiting))


def _is_final(row: Row) -> bool:
    """Whether the file of `row` need not be graded again while its bytes stay the same."""
    return row.verdict not in (*OURS, "unclaimed") and "changed" not in row.flags


def _key(found: FoundFile) -> tuple[str, str, str]:
    return found.person, found.task, found.file


def _in_order(
    keys: Sequence[tuple[str, str, str]], roster: Roster, run: RunRecord
) -> list[tuple[str, str, str]]:
    """By the roster, then by the paper, then by name; files of nobody come last."""
    people = {each.id: number for number, each in enumerate(roster.people)}
    tasks = {each.task: number for number, each in enumerate(run.tasks)}

    def place(key: tuple[str, str, str]) -> tuple[int, int, str]:
        person, task, file = key
        return people.get(person, len(people)), tasks.get(task, len(tasks)), file

    return sorted(keys, key=place)
