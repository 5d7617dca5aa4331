"""One file for each person: scores, what is wrong with rejected files, what explains a score.

It is handed out, so nothing in it comes from a hidden example: sentences of the grader, of the
diagnosis table, and names of skills. Also no word about other people.
"""

import csv
import hashlib
import io
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from engine.classroom.class_page import VERDICTS, says_of, skill_title, title_of
from engine.classroom.grades import TaskGrade, guarded, person_grades, rejected_whole
from engine.classroom.notes import ClassNotes, best_rows
from engine.classroom.people import Person
from engine.classroom.results import ClassResults
from engine.classroom.rows import Row
from engine.coaching.diagnosis_table import fix, sentence
from engine.errors import ClassError
from engine.files import said, what_to_do, write_atomically
from engine.grading.diagnosis import Diagnosis
from engine.marking import MAX_SCORE, PASS_PERCENT
from engine.report.environment import render
from engine.report.page import DiagnosisText
from engine.report.words import Words
from exam_bank.phrase import phrase
from exam_bank.printable import printable
from exam_bank.task import Task

FOLDER, INDEX = "feedback", "files.csv"
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)\Z")


class FeedbackFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file that was handed in: its name, verdict and score, and what is said about it."""

    file: str
    verdict: str
    word: str
    score: int | None
    lines: tuple[str, ...]


class FeedbackTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task of one person. `score` is None while our grader has failed on a file."""

    category: int
    title: str
    score: int | None
    files: tuple[FeedbackFile, ...]
    diagnoses: tuple[DiagnosisText, ...]
    skills: tuple[str, ...]


class Feedback(msgspec.Struct, frozen=True, kw_only=True):
    """All that one person is told."""

    person: Person
    total: float | None
    passed: bool | None
    tasks: tuple[FeedbackTask, ...]


def feedback(
    results: ClassResults, tasks: Mapping[str, Task], notes: ClassNotes, words: Words
) -> Iterator[Feedback]:
    """The feedback for everyone, in the order of the roster; `tasks` are those of the bank."""
    rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in results.rows:
        rows[row.person, row.task].append(row)
    best = best_rows(results.rows)
    for grade in person_grades(results.roster, results.run, results.rows):
        yield Feedback(
            person=grade.person,
            total=grade.total,
            passed=grade.passed,
            tasks=tuple(
                FeedbackTask(
                    category=each.task.category,
                    title=title_of(each.task.task, tasks, words),
                    score=each.score,
                    files=tuple(_files(_rows_of(rows, grade.person, each), words)),
                    diagnoses=_diagnoses(best.get((grade.person.id, each.task.task)), notes, words),
                    skills=_skills(each, tasks, words),
                )
                for each in grade.tasks
            ),
        )


def _rows_of(
    rows: Mapping[tuple[str, str], Sequence[Row]], person: Person, task: TaskGrade
) -> Sequence[Row]:
    """What was handed in for the task, or else what could not be read and may have held it."""
    if task.attempts:
        return rows[person.id, task.task.task]
    return rejected_whole(rows.get((person.id, ""), ()))


def _files(rows: Sequence[Row], words: Words) -> Iterator[FeedbackFile]:
    for row in rows:
        if row.file:
            yield FeedbackFile(
                file=row.file,
                verdict=row.verdict,
                word=words.say(VERDICTS[row.verdict]),
                score=row.score,
                lines=tuple(says_of(row, words)),
            )


def _diagnoses(row: Row | None, notes: ClassNotes, words: Words) -> tuple[DiagnosisText, ...]:
    found = None if row is None else notes.diagnoses.get((row.sha256, row.task))
    if found is None:
        return ()
    return tuple(filter(None, (_diagnosis(each, words) for each in found.found)))


def _diagnosis(found: Diagnosis, words: Words) -> DiagnosisText | None:
    """`found` in words, if there is a sentence for it."""
    says, mended = sentence(found), fix(found)
    if says is None:
        return None
    text = "" if mended is None else mended.text(words.gettext)
    return DiagnosisText(sentence=says.text(words.gettext), fix=text)


def _skills(grade: TaskGrade, tasks: Mapping[str, Task], words: Words) -> tuple[str, ...]:
    """What the task tests, if there is something left to learn."""
    task = tasks.get(grade.task.task)
    if task is None or grade.score in (None, MAX_SCORE):
        return ()
    return tuple(skill_title(each, words) for each in task.says.skills)


def feedback_html(found: Feedback, words: Words) -> str:
    """The feedback as an HTML page."""
    return render("feedback.html", words, found=found, pass_percent=PASS_PERCENT)


def feedback_markdown(found: Feedback, words: Words) -> str:
    """The feedback as Markdown; what others wrote is escaped, so that it stays text."""
    person = found.person
    parts = [f"# {_escaped(person.name or person.id)}", _total(found, words)]
    for task in found.tasks:
        score = f"{'?' if task.score is None else task.score}/{MAX_SCORE}"
        title = words.labelled(_escaped(task.title), score)
        parts.append(f"## {task.category} {title}")
        parts += _task_lines(task, words)
    return "\n\n".join(parts) + "\n"


def _total(found: Feedback, words: Words) -> str:
    if found.total is None:
        return words.say(phrase("The total is not final yet."))
    word = phrase("PASSED") if found.passed else phrase("NOT PASSED")
    total = phrase(
        "{word}: {total} % ({least} % passes)",
        word=word,
        total=f"{found.total:g}",
        least=f"{PASS_PERCENT:g}",
    )
    return words.say(total)


def _task_lines(task: FeedbackTask, words: Words) -> Iterator[str]:
    if not task.files:
        yield words.say(phrase("No file was handed in for this task."))
    lines = [*_file_lines(task, words), *_mistake_lines(task)]
    if lines:
        yield "\n".join(lines)
    if task.skills:
        skills = words.listed(map(_escaped, task.skills), "; ")
        yield words.say(phrase("It tests: {skills}.", skills=skills))


def _file_lines(task: FeedbackTask, words: Words) -> Iterator[str]:
    for each in task.files:
        score = "" if each.score is None else f" {each.score}/{MAX_SCORE}"
        yield f"- {words.labelled(_escaped(each.file), each.word + score)}"
        yield from (f"  - {_escaped(line)}" for line in each.lines)


def _mistake_lines(task: FeedbackTask) -> Iterator[str]:
    for found in task.diagnoses:
        yield f"- {_escaped(found.sentence)}"
        if found.fix:
            yield f"  - {_escaped(found.fix)}"


def _escaped(text: str) -> str:
    return _MARKS.sub(r"\\\1", printable(text, 2_000))


def write_feedback(
    out: Path,
    results: ClassResults,
    tasks: Mapping[str, Task],
    notes: ClassNotes,
    words: Words,
    on_person: Callable[[int, int], None] = lambda _done, _total: None,
) -> Path:
    """Write everyone's feedback into the folder `feedback` of `out`; returns that folder.

    `files.csv` in it says whose is which, since not every id can be a file's name. `on_person`
    is told how many are written, and of how many. Raises `ClassError` when something cannot be
    written.
    """
    folder = out / FOLDER
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        index = [("id", "name", "markdown", "html")]
        for done, each in enumerate(feedback(results, tasks, notes, words), start=1):
            name = file_name(each.person.id)
            markdown, page = f"{name}.md", f"{name}.html"
            _write(folder / markdown, feedback_markdown(each, words))
            _write(folder / page, feedback_html(each, words))
            index.append((each.person.id, each.person.name, markdown, page))
            on_person(done, len(results.roster.people))
        write_atomically(folder / INDEX, _csv(index))
    except OSError as error:
        raise ClassError(
            phrase("{path} cannot be written: {error}.", path=folder, error=said(error)),
            fix=what_to_do(error),
        ) from error
    return folder


def _write(path: Path, text: str) -> None:
    """A file that its owner alone can read.

    Not flushed to disk: thousands would take minutes, and all can be made again.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "replace"))


def file_name(person: str) -> str:
    """A file's name for a person's id, the same each time, that every system takes.

    Ids that are no plain name get some letters of a hash, so that no two get the same.
    """
    if _PLAIN.match(person) and not _DEVICE.match(person):
        return person
    slug = re.sub(r"[^a-z0-9]+", "-", person.lower()).strip("-")[:40] or "person"
    return f"{slug}.{hashlib.sha256(person.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _csv(lines: Sequence[tuple[str, ...]]) -> bytes:
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerows([guarded(each) for each in line] for line in lines)
    return ("\ufeff" + written.getvalue()).encode("utf-8", "replace")
