"""The instructor's report on a class, and the feedback files that are handed out."""

import csv
import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.classroom.class_page import class_html
from engine.classroom.comparison.flags import FLAGS, write_flags
from engine.classroom.feedback import (
    feedback,
    feedback_html,
    feedback_markdown,
    file_name,
    write_feedback,
)
from engine.classroom.notes import ClassNotes, best_rows, read_notes
from engine.classroom.overview import overview
from engine.classroom.people import Person, Roster
from engine.classroom.results import FIRST_SET, ClassResults, ResultsFolder
from engine.errors import ClassError
from engine.grading.protocol import Message
from engine.report.words import Words
from engine.sitting.store import diagnoses
from exam_bank.task import Task
from tests.engine.class_results import NAMES, RUN, notes, people, results, row
from tests.html_pages import faults, parsed, text_of
from tests.tui.fakes import make_tasks

HOSTILE = "</p><script>x</script>\" onload='y' {{ 7*7 }} # [a](javascript:x) `b`\x1b[31m\u202e"
WORDS, NOW = Words(), datetime(2026, 12, 5, tzinfo=UTC)
NOTHING = ClassNotes()


@pytest.fixture
def tasks(tmp_path: Path) -> dict[str, Task]:
    return make_tasks(tmp_path / "bank")


def page(found: ClassResults, tasks: dict[str, Task], said: ClassNotes = NOTHING) -> str:
    html = class_html(found, tasks, said, WORDS, NOW)
    assert faults(html) == []
    return html


# -- numbers ---------------------------------------------------------------------------------


def test_the_overview_counts_everyone_once(tasks: dict[str, Task]) -> None:
    whole = results(30)
    found = overview(whole, tasks, notes(whole))
    assert sum(found.bins) == len(found.grades) == 30
    assert all(sum(each.counts) + each.open == 30 for each in found.tasks)
    assert found.passed == sum(each.passed is True for each in found.grades)
    assert [each.id for each in found.absent] == ["s030"]
    assert [(person.id, len(left)) for person, left in found.partly] == [("s029", 3)]
    assert [(each.reason, each.files) for each in found.reasons] == [("wrong_input_shape", 6)]
    assert [each.verdict for each in found.failed] == ["grader_failed"]
    assert [each.file for each in found.unclaimed] == ["lost.h5"]


def test_a_total_of_all_points_is_in_the_last_bin(tasks: dict[str, Task]) -> None:
    roster = people(2)
    rows = [row("s001", n, 5) for n in range(1, 6)] + [row("s002", n, 0) for n in range(1, 6)]
    found = overview(ClassResults(RUN, roster, tuple(rows)), tasks, NOTHING)
    assert (found.bins[0], found.bins[9], found.mean, found.median) == (1, 1, 50, 50)


def test_the_weakest_skill_comes_first(tasks: dict[str, Task]) -> None:
    for place, (name, task) in enumerate(tasks.items()):
        skill = ("saving", "callbacks")[place % 2]
        tasks[name] = replace(task, says=replace(task.says, skills=(skill,)))
    rows = [row("s001", n, 5 if n % 2 else 1) for n in range(1, 6)]
    found = overview(ClassResults(RUN, people(1), tuple(rows)), tasks, NOTHING)
    assert [(each.skill, each.share) for each in found.skills] == [
        ("callbacks", 0.2),
        ("saving", 1),
    ]


def test_a_score_that_is_not_final_counts_nowhere(tasks: dict[str, Task]) -> None:
    rows = [row("s001", n, 4) for n in range(2, 6)] + [row("s001", 1, None, "grader_failed")]
    found = overview(ClassResults(RUN, people(1), tuple(rows)), tasks, NOTHING)
    assert (found.mean, sum(found.bins), found.tasks[0].mean) == (None, 0, None)
    assert found.tasks[0].open == 1
    assert found.absent == ()


def test_only_the_file_that_counts_names_a_mistake(tasks: dict[str, Task]) -> None:
    better, worse = row("s001", 2, 3), row("s001", 2, 1, file="older.h5")
    worse = replace(worse, sha256="f" * 64)
    assert best_rows([worse, better])["s001", "garments"] == better
    whole = ClassResults(RUN, people(1), (worse, better))
    said = notes(whole)
    found = overview(whole, tasks, said)
    assert [(each.example.id, each.people) for each in found.mistakes] == [("inputs_times_255", 1)]


def test_a_zip_that_cannot_be_read_is_not_nothing(tasks: dict[str, Task]) -> None:
    missing = [row("s001", n, 0, "missing", file="") for n in range(2, 6)]
    damaged = replace(
        row("s001", 1, 0, "rejected", file="s001.zip"),
        task="",
        category=0,
        says=(Message("It is damaged."),),
        reason="damaged_zip",
    )
    whole = ClassResults(RUN, people(1), (row("s001", 1, 5), *missing, damaged))
    found = overview(whole, tasks, NOTHING)
    assert (found.absent, found.partly) == ((), ())
    (grade,) = found.grades
    assert [each.flags for each in grade.tasks] == [(), *[("rejected",)] * 4]
    assert grade.attempts == 2
    (told,) = feedback(whole, tasks, NOTHING, WORDS)
    text = feedback_markdown(told, WORDS)
    assert text.count("It is damaged.") == 4
    assert "No file was handed in" not in text


# -- the page --------------------------------------------------------------------------------


def test_the_page_says_all_of_it(tasks: dict[str, Task]) -> None:
    whole = results()
    words = text_of(page(whole, tasks, notes(whole)))
    for part in (
        "mean 69 %",
        "With inputs times 255",
        "wrong_input_shape",
        "The weights differ by 1e-07",
        "0.99 on the first",
        "Nothing at all: Ada Lovelace s030",
        "The grader died.",
        "lost.h5 is nobody's.",
        "2: rejected",
        "In brackets",
    ):
        assert part in words, part


def test_a_class_of_nobody_has_a_page(tasks: dict[str, Task]) -> None:
    words = text_of(page(ClassResults(RUN, Roster(), ()), tasks))
    assert "Nobody." in words


def test_without_notes_nothing_is_claimed(tasks: dict[str, Task]) -> None:
    words = text_of(page(results(), tasks))
    for part in ("To look at", "In brackets", "commonest mistakes"):
        assert part not in words


def test_tasks_that_the_bank_no_longer_has_keep_their_ids() -> None:
    assert "town-load" in text_of(page(results(), {}))


def hostile() -> ClassResults:
    """Names, files, flags and sentences by a stranger."""
    whole = results(3)
    roster = Roster(people=(Person(id="s001", name=HOSTILE, group=HOSTILE), *people(3).people[1:]))
    says = (Message("{a}", {"a": HOSTILE}),)
    rows = (
        replace(each, file=each.file and HOSTILE, says=says, reason=HOSTILE, flags=(HOSTILE,))
        for each in whole.rows
    )
    return ClassResults(replace(RUN, code=HOSTILE), roster, tuple(rows))


def test_what_a_stranger_wrote_is_text_and_nothing_else(tasks: dict[str, Task]) -> None:
    whole = hostile()
    pages = [page(whole, tasks, notes(whole))]
    told = list(feedback(whole, tasks, notes(whole), WORDS))
    pages += [feedback_html(each, WORDS) for each in told]
    for html in pages:
        assert faults(html) == []
        assert not set(html) & set("\x1b\u202e")
    # The last person handed nothing in.
    assert all("<script>x</script>" in text_of(html) for html in pages[:-1])
    for each in told:
        markdown = feedback_markdown(each, WORDS)
        assert "<script>" not in markdown
        assert "](" not in markdown
        assert not set(markdown) & set("\x1b\u202e")


# -- feedback --------------------------------------------------------------------------------


def test_feedback_tells_a_person_what_is_theirs_and_nobody_elses(tasks: dict[str, Task]) -> None:
    whole = results()
    said = notes(whole)
    for each in feedback(whole, tasks, said, WORDS):
        for text in (feedback_markdown(each, WORDS), text_of(feedback_html(each, WORDS))):
            assert each.person.name in text
            others = [other.id for other in whole.roster.people if other.id != each.person.id]
            assert not [other for other in others if other in text]
            assert "weights differ" not in text
            assert "on the first" not in text


def test_feedback_explains_what_cost_points(tasks: dict[str, Task]) -> None:
    whole = results()
    told = {each.person.id: each for each in feedback(whole, tasks, notes(whole), WORDS)}
    markdown = feedback_markdown(told["s006"], WORDS)
    assert "## 2 Garment drawings: 3/5" in markdown
    assert "rejected 0/5" in markdown
    assert "With inputs times 255" in markdown
    assert "Divide the training data by 255" in markdown
    assert "It tests: Save a model" in markdown
    reviews = markdown.partition("## 4 ")[2].partition("## 5 ")[0]
    assert "5/5" in reviews
    assert "It tests" not in reviews


def test_a_failure_of_ours_is_said_to_be_ours(tasks: dict[str, Task]) -> None:
    rows = [row("s001", n, None, "grader_failed") for n in range(1, 6)]
    (told,) = feedback(ClassResults(RUN, people(1), tuple(rows)), tasks, NOTHING, WORDS)
    assert "The total is not final yet." in feedback_markdown(told, WORDS)
    assert "this costs no points" in text_of(feedback_html(told, WORDS))


def test_feedback_is_written_for_everyone_and_found_again(
    tmp_path: Path, tasks: dict[str, Task]
) -> None:
    whole = results(4)
    odd = Person(id="../../ä/CON", name="=1+1")
    whole = whole._replace(roster=Roster(people=(*whole.roster.people, odd)))
    steps: list[tuple[int, int]] = []
    folder = write_feedback(
        tmp_path / "out",
        whole,
        tasks,
        NOTHING,
        WORDS,
        lambda done, all_: steps.append((done, all_)),
    )
    assert steps == [(n, 5) for n in range(1, 6)]
    text = (folder / "files.csv").read_text(encoding="utf-8-sig")
    index = list(csv.DictReader(io.StringIO(text)))
    assert [each["id"] for each in index] == ["s001", "s002", "s003", "s004", "../../ä/CON"]
    assert index[-1]["name"] == "'=1+1"
    written = {each.name for each in folder.iterdir()}
    assert written == {"files.csv"} | {
        each[kind] for each in index for kind in ("markdown", "html")
    }
    assert os.name != "posix" or all(
        each.stat().st_mode & 0o777 == 0o600 for each in folder.iterdir()
    )
    assert parsed((folder / "s001.html").read_text(encoding="utf-8")).get("lang") == "en"
    assert {each.name for each in (tmp_path / "out").iterdir()} == {"feedback"}


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, tasks: dict[str, Task]) -> None:
    (tmp_path / "feedback").write_text("in the way")
    with pytest.raises(ClassError, match="feedback"):
        write_feedback(tmp_path, results(1), tasks, NOTHING, WORDS)


@given(st.lists(st.text(max_size=60), unique=True, max_size=20))
def test_no_two_people_share_a_file_on_any_system(ids: list[str]) -> None:
    names = [file_name(each) for each in ids]
    assert len({each.casefold() for each in names}) == len(ids)
    for each in names:
        assert set(each) <= set("abcdefghijklmnopqrstuvwxyz0123456789_-.")
        assert each[0].isalnum()
        assert len(each) <= 60


@pytest.mark.parametrize("name", ["con", "NUL", "a.", ".", "..", "", "A", "com1", "x" * 300])
def test_names_that_no_file_may_have_are_changed(name: str) -> None:
    assert file_name(name) != name
    assert file_name("s001") == "s001"


# -- notes -------------------------------------------------------------------------------------


def test_what_lies_beside_the_rows_is_read(tmp_path: Path) -> None:
    whole = results(8)
    said = notes(whole)
    for each in said.diagnoses.values():
        diagnoses.keep(tmp_path, each)
    write_flags(tmp_path, said.flags)
    with ResultsFolder.open(tmp_path / FIRST_SET, RUN) as first:
        first.append(whole.rows)
    found = read_notes(tmp_path, whole.rows)
    assert (found.diagnoses, found.flags) == (said.diagnoses, said.flags)
    assert found.first_scores == said.first_scores


def test_what_is_missing_tells_nothing_and_damage_is_named(tmp_path: Path) -> None:
    assert read_notes(tmp_path, results(2).rows) == NOTHING
    (tmp_path / FLAGS).write_text("{")
    with pytest.raises(ClassError, match=r"flags\.jsonl"):
        read_notes(tmp_path, ())


def test_names_of_tasks_are_those_of_the_fakes(tasks: dict[str, Task]) -> None:
    assert tuple(tasks) == NAMES
