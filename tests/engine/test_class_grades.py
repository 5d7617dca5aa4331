"""`grades.csv`: a row for every person, in a form that no spreadsheet runs."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from engine.classroom.grades import grades_csv, person_grades, unclaimed_csv
from engine.classroom.people import Person, Roster
from engine.classroom.rows import Row
from engine.classroom.run_record import ClassTask, RunRecord
from engine.marking import total_percent

TASKS = tuple(
    ClassTask(task=f"t{n}", category=n, seed=1, level="hard", weight=float(n), material="")
    for n in range(1, 6)
)
RUN = RunRecord(tfexam_version="0", code="TFX-1", bank="0", tasks=TASKS)
ANNA = Person(id="s1", name="Anna", more={"Group": "=1+1"})
ROSTER = Roster(people=(ANNA, Person(id="s2", name="-Bert")), columns=("Group",))


def row(person: str, n: int, score: int | None, verdict: str = "graded", file: str = "f") -> Row:
    return Row(
        person=person,
        task=f"t{n}",
        category=n,
        file=file,
        sha256="",
        verdict=verdict,  # type: ignore[arg-type]
        score=score,
        flags=("late",) if file == "late" else (),
    )


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_the_best_file_of_each_task_counts_by_its_weight() -> None:
    rows = [row("s1", n, n) for n in range(1, 6)]
    rows += [row("s1", 3, 5, file="late"), row("s1", 4, 0, "rejected", "g")]
    rows += [row("s2", n, 0, "missing", "") for n in range(1, 6)]
    anna, bert = table(grades_csv(ROSTER, RUN, rows))
    assert [anna[f"category{n}"] for n in range(1, 6)] == ["1", "2", "5", "4", "5"]
    scores = {"t1": 1, "t2": 2, "t3": 5, "t4": 4, "t5": 5}
    assert anna["total"] == f"{round(total_percent(scores, RUN.weights), 2):g}"
    assert (anna["passed"], anna["attempts"], anna["flags"]) == ("no", "7", "3: late; 4: rejected")
    assert (bert["total"], bert["attempts"]) == ("0", "0")
    assert bert["flags"] == "; ".join(f"{n}: missing" for n in range(1, 6))


def test_grades_of_the_last_exam_as_a_roster_are_not_taken_for_those_of_this_one() -> None:
    columns = ("category1", "Total", "room")
    last = {"category1": "5", "Total": "100", "room": "B2"}
    roster = Roster(people=(Person(id="s1", name="Anna", more=last),), columns=columns)
    text = grades_csv(roster, RUN, [row("s1", n, 0, "missing", "") for n in range(1, 6)])
    header = text.removeprefix("\ufeff").splitlines()[0].lower().split(",")
    assert len(set(header)) == len(header)
    (anna,) = table(text)
    assert (anna["category1"], anna["total"], anna["roster Total"]) == ("0", "0", "100")


def test_a_failure_of_ours_leaves_the_total_open_unless_it_could_not_raise_it() -> None:
    rows = [row("s1", n, 5) for n in range(1, 6)]
    (anna, _) = person_grades(ROSTER, RUN, [*rows, row("s1", 2, None, "grader_failed", "g")])
    assert (anna.total, anna.passed) == (100.0, True)
    rows[1] = row("s1", 2, 4)
    (anna, _) = person_grades(ROSTER, RUN, [*rows, row("s1", 2, None, "grader_failed", "g")])
    assert (anna.total, anna.passed, anna.tasks[1].score) == (None, None, None)
    anna_row, _ = table(grades_csv(ROSTER, RUN, [*rows, row("s1", 2, None, "grader_failed", "g")]))
    assert (anna_row["category2"], anna_row["total"], anna_row["passed"]) == ("", "", "")
    assert anna_row["flags"] == "2: grader_failed"


def test_no_cell_is_a_formula_and_the_mark_is_for_excel() -> None:
    text = grades_csv(ROSTER, RUN, [])
    assert text.startswith("\ufeffid,")
    assert grades_csv(ROSTER, RUN, [], bom=False).startswith("id,")
    anna, bert = table(text)
    assert (anna["Group"], bert["name"]) == ("'=1+1", "'-Bert")
    strange = row("", 1, None, "unclaimed", '=HYPERLINK("http://x","y").h5')
    assert table(unclaimed_csv([strange, row("s1", 1, 5)]))[0]["file"].startswith("'=")


@given(st.text(max_size=20), st.text(max_size=20))
def test_whatever_people_are_called_each_is_one_row(name: str, group: str) -> None:
    people = (Person(id="a", name=name, group=group), Person(id="b", name=name))
    read = table(grades_csv(Roster(people=people), RUN, []))
    assert [each["id"] for each in read] == ["a", "b"]
    assert all(not cell.startswith(("=", "+", "-", "@")) for each in read for cell in each.values())
