"""The results of a made-up class, with everything that a report can show."""

import hashlib

from engine.classroom.comparison.flags import ClassFlag, FlaggedFile
from engine.classroom.notes import ClassNotes
from engine.classroom.people import Person, Roster
from engine.classroom.results import ClassResults
from engine.classroom.rows import Row, Verdict
from engine.classroom.run_record import ClassTask, RunRecord
from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.grading.protocol import Message

NAMES = ("flats", "garments", "hands", "reviews", "town-load")
TASKS = tuple(
    ClassTask(task=name, category=n, seed=1, level="classic", weight=5.0 + 5 * n, material="")
    for n, name in enumerate(NAMES, start=1)
)
RUN = RunRecord(tfexam_version="0.1.0", code="TFX-7Q2M-0KXD-93YA", bank="0", tasks=TASKS)
_FIRST = ("Ada", "Blaise", "Carl", "Doris", "Emmy", "Felix", "Grace", "Hedy", "Ida", "Jan")
_LAST = ("Lovelace", "Gauss", "Noether", "Hopper", "Lamarr", "Pascal")


def sha(person: str, task: str) -> str:
    return hashlib.sha256(f"{person} {task}".encode()).hexdigest()


def row(person: str, n: int, score: int | None, verdict: Verdict = "graded", file: str = "") -> Row:
    """The row of one file in category `n`."""
    task = NAMES[n - 1]
    says = {
        "graded": Message("Accuracy {value} on {n} hidden examples.", {"value": 0.9, "n": 2000}),
        "rejected": Message(
            "Your model takes {has}; this task provides {wants}.",
            {"has": "(28, 28, 1)", "wants": "(28, 28)"},
        ),
        "missing": Message("No file was handed in for this task."),
    }.get(verdict, Message("The grader died."))
    named = file or f"{person}/Category{n}/mymodel.h5"
    return Row(
        person=person,
        task=task,
        category=n,
        file="" if verdict == "missing" else named,
        sha256="" if verdict == "missing" else sha(person, task),
        verdict=verdict,
        score=score,
        message=says.text(),
        says=(says,),
        reason="wrong_input_shape" if verdict == "rejected" else "",
        flags=("late",) if file == "late" else (),
    )


def people(count: int) -> Roster:
    """So many people in two groups."""
    return Roster(
        people=tuple(
            Person(
                id=f"s{n:03}",
                name=f"{_FIRST[n % 10]} {_LAST[n % 6]}",
                group="AB"[n % 2],
                line=n + 1,
            )
            for n in range(1, count + 1)
        )
    )


def results(count: int = 30) -> ClassResults:
    """Every fifth person has a rejected file, the last two handed in little or nothing."""
    roster, rows = people(count), []
    for place, person in enumerate(roster.people):
        for n in range(1, 6):
            if place == count - 1 or (place == count - 2 and n > 2):
                rows.append(row(person.id, n, 0, "missing"))
                continue
            rows.append(row(person.id, n, max(0, 5 - (place * n) % 4 - (n == 5))))
            if place % 5 == 0 and n == 2:
                rows.append(row(person.id, n, 0, "rejected", f"{person.id}/old.h5"))
    rows.append(row("s001", 3, None, "grader_failed", "s001/again.h5"))
    nobody = Message("{file} is nobody's.", {"file": "lost.h5"})
    rows.append(
        Row(
            person="",
            task="",
            category=0,
            file="lost.h5",
            sha256="",
            verdict="unclaimed",
            score=None,
            message=nobody.text(),
            says=(nobody,),
            reason="nobody",
        )
    )
    return ClassResults(RUN, roster, tuple(rows))


def notes(found: ClassResults) -> ClassNotes:
    """Diagnoses of some, what all saw, and two things to look at."""
    scored = [each for each in found.rows if each.verdict == "graded"]
    by_task = {"garments": "inputs_times_255", "hands": "constant_output"}
    return ClassNotes(
        diagnoses={
            (each.sha256, each.task): Diagnoses(
                task=each.task,
                sha256=each.sha256,
                score=each.score or 0,
                found=(Diagnosis(id=by_task[each.task], would_score=5),),
            )
            for each in scored
            if each.task in by_task and (each.score or 0) < 4
        },
        first_scores={(each.person, each.task): each.score or 0 for each in scored},
        flags=(
            ClassFlag(
                kind="near_weights",
                task="garments",
                category=2,
                files=(FlaggedFile("s002", "a.h5"), FlaggedFile("s007", "b.h5")),
                figure=1e-7,
                says=Message("The weights differ by {by}.", {"by": 1e-7}),
            ),
            ClassFlag(
                kind="better_on_first",
                task="hands",
                category=3,
                files=(FlaggedFile("s003", "c.h5"),),
                says=Message("{a} on the first, {b} on the second.", {"a": 0.99, "b": 0.71}),
            ),
        ),
    )
