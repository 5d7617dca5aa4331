"""`report.html` of a class: what the instructor looks at first, on one page.

It has names and scores, and no hidden example.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.classroom.grades import PersonGrade
from engine.classroom.notes import ClassNotes
from engine.classroom.overview import (
    BINS,
    ClassOverview,
    MistakeCount,
    TaskOverview,
    overview,
)
from engine.classroom.results import ClassResults
from engine.classroom.rows import Row
from engine.coaching.diagnosis_table import fix, sentence
from engine.marking import MAX_SCORE, PASS_PERCENT
from engine.report.drawing import Drawing, Shape, rect, text
from engine.report.environment import render
from engine.report.plots.charts import Frame, bar_chart
from engine.report.words import Words
from exam_bank.learning.checklist import checklist
from exam_bank.phrase import Phrase, phrase
from exam_bank.task import Task

REPORT = "report.html"
VERDICTS: dict[str, Phrase] = {
    "graded": phrase("graded"),
    "rejected": phrase("rejected"),
    "timed_out": phrase("timed out"),
    "out_of_memory": phrase("out of memory"),
    "crashed": phrase("crashed"),
    "cancelled": phrase("cancelled"),
    "grader_failed": phrase("grader failed"),
    "missing": phrase("missing"),
    "unclaimed": phrase("unclaimed"),
}
_FLAGS: dict[str, Phrase] = {
    **VERDICTS,
    "late": phrase("late"),
    "other_name": phrase("another name"),
    "changed": phrase("changed meanwhile"),
}
_WIDTH, _HEIGHT = 300.0, 22.0


class PersonRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person in the table; a cell is the score that counts and the one the person saw."""

    id: str
    name: str
    group: str
    cells: tuple[tuple[int | None, int | None], ...]
    total: float | None
    passed: bool | None
    attempts: int
    flags: tuple[str, ...]


class ListedFlag(msgspec.Struct, frozen=True, kw_only=True):
    """A flag as the page lists it: whom it is about, in which task, and what it says."""

    people: str
    task: str
    says: str


def class_html(
    results: ClassResults,
    tasks: Mapping[str, Task],
    notes: ClassNotes,
    words: Words,
    now: datetime,
) -> str:
    """The report as HTML; `tasks` are those of the bank, `now` is printed on it."""
    found = overview(results, tasks, notes)
    titles = {each.task: title_of(each.task, tasks, words) for each in results.run.tasks}
    names = {each.id: each.name or each.id for each in results.roster.people}
    return render(
        "class.html",
        words,
        run=results.run,
        level=words.say(_LEVELS[results.run.tasks[0].level]),
        made=now,
        found=found,
        titles=titles,
        pass_percent=PASS_PERCENT,
        totals=_totals(found, words),
        spreads=[_spread(each, words) for each in found.tasks],
        people=[_person(each, notes, words) for each in found.grades],
        with_first=bool(notes.first_scores),
        verdict_words={name: words.say(word) for name, word in VERDICTS.items()},
        **_lists(found, words),
        **_flags(notes, titles, names, words),
    )


def _lists(found: ClassOverview, words: Words) -> dict[str, list[tuple[Any, ...]]]:
    """What the page lists, in words."""
    return {
        "skills": [(skill_title(each.skill, words), each) for each in found.skills],
        "mistakes": [(each.people, *_mistake(each, words)) for each in found.mistakes],
        "reasons": [
            (each.reason, each.files, says_of(each.example, words)) for each in found.reasons
        ],
        "failed": _with_words(found.failed, words),
        "unclaimed": _with_words(found.unclaimed, words),
    }


def _with_words(rows: Iterable[Row], words: Words) -> list[tuple[Row, str]]:
    return [(each, " ".join(says_of(each, words))) for each in rows]


_LEVELS: dict[str, Phrase] = {"classic": phrase("classic"), "hard": phrase("hard")}


def title_of(task: str, tasks: Mapping[str, Task], words: Words) -> str:
    """A task's title; its id if the bank no longer has it."""
    return tasks[task].title(words.language) if task in tasks else task


def skill_title(skill: str, words: Words) -> str:
    """What to call a skill; its id, if the checklist has none such."""
    titles = {each.id: each.title for each in checklist().skills}
    if skill not in titles:
        return skill
    return titles[skill].zh if words.language == "zh" else titles[skill].en


def says_of(row: Row, words: Words) -> list[str]:
    """The sentences of a row in the language of `words`."""
    return [each.text(words.gettext) for each in row.says]


def _totals(found: ClassOverview, words: Words) -> Drawing:
    step = 100 // BINS
    bars = [(f"{place * step}–", float(count)) for place, count in enumerate(found.bins)]
    frame = Frame(
        label=words.say(phrase("How many people have which total")),
        x_name=words.say(phrase("total in percent")),
        y_name=words.say(phrase("people")),
        width=560,
        height=220,
    )
    return bar_chart(frame, bars)


def _spread(task: TaskOverview, words: Words) -> Drawing:
    """One bar: how many have 0, 1, … 5 points, from left to right."""
    whole = sum(task.counts) or 1
    shapes: list[Shape] = []
    x = 0.0
    for score, count in enumerate(task.counts):
        width = _WIDTH * count / whole
        tip = f"{score}/{MAX_SCORE}: {count}"
        style = "spread zero" if score == 0 else "spread"
        strength = None if score == 0 else 0.2 + 0.16 * score
        shapes.append(
            rect((x, 0), (max(0.0, width - 1), _HEIGHT), style, opacity=strength, tip=tip)
        )
        if width > 16:
            ink = "on-colour small" if score > 3 else "small"
            shapes.append(text((x + width / 2, 15), str(score), ink, "mid"))
        x += width
    label = words.say(phrase("How many people have 0 to 5 points"))
    return Drawing(label=label, width=_WIDTH, height=_HEIGHT, shapes=tuple(shapes))


def _mistake(found: MistakeCount, words: Words) -> tuple[str, str]:
    """What one of these diagnoses says, and how to mend it."""
    says, mended = sentence(found.example), fix(found.example)
    return (
        found.example.id if says is None else says.text(words.gettext),
        "" if mended is None else mended.text(words.gettext),
    )


def _person(grade: PersonGrade, notes: ClassNotes, words: Words) -> PersonRow:
    person = grade.person
    flags = [
        words.labelled(str(each.task.category), words.say(_FLAGS.get(flag, flag)))
        for each in grade.tasks
        for flag in each.flags
        if flag != "missing"
    ]
    return PersonRow(
        id=person.id,
        name=person.name,
        group=person.group,
        cells=tuple(
            (each.score, notes.first_scores.get((person.id, each.task.task)))
            for each in grade.tasks
        ),
        total=grade.total,
        passed=grade.passed,
        attempts=grade.attempts,
        flags=tuple(flags),
    )


def _flags(
    notes: ClassNotes, titles: Mapping[str, str], names: Mapping[str, str], words: Words
) -> dict[str, list[ListedFlag]]:
    """The flags: about one person's two measurements, and about models that are alike."""
    lists: dict[str, list[ListedFlag]] = {"same_work": [], "two_sets": []}
    for each in notes.flags:
        listed = ListedFlag(
            people=words.listed(names.get(person, person) for person in each.people),
            task=titles.get(each.task, each.task),
            says=each.says.text(words.gettext),
        )
        lists["two_sets" if each.kind == "better_on_first" else "same_work"].append(listed)
    return lists
