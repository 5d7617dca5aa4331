"""The line through everything: a candidate sits a whole exam on real TensorFlow."""

import re
from pathlib import Path

import msgspec
import pytest

from engine.grading.protocol import Graded, Metric
from engine.sitting.state import events, report
from engine.sitting.store.journal import NAME, read_journal
from exam_bank.catalog import Catalog
from tests.e2e.exam_room import HEAVY, ExamRoom, confirm, paper_with, solve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]


def full_marks(screen: str) -> set[str]:
    """The categories whose row on the exam screen says 5/5."""
    return set(re.findall(r"^│ +([1-5])  .*■■■■■ 5/5", screen, flags=re.MULTILINE))


def graded_in(folder: Path, task: str) -> Metric:
    """What the sitting measured for the one submission of `task`."""
    happened = read_journal(folder / NAME).events
    submitted = [each for each in happened if isinstance(each, events.Submitted)]
    (number,) = [each.number for each in submitted if each.task == task]
    grades = {each.number: each.grade for each in happened if isinstance(each, events.GradingEnded)}
    grade = grades[number]
    assert isinstance(grade, Graded)
    return grade.metric


def graded_alone(room: ExamRoom, category: int) -> Metric:
    """What `tfexam grade` measures for the file in a category folder of the sitting."""
    file = room.category(category) / "mymodel.h5"
    done = room.command("grade", str(file), "--format", "json", "--min-score", "5")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    return msgspec.convert(msgspec.json.decode(line)["metric"], Metric)


def test_five_references_pass_and_the_history_lists_it(room: ExamRoom) -> None:
    paper = paper_with("flats")
    catalog = Catalog.find()
    with room.exam(paper) as app:
        for each in paper.tasks:
            solve(catalog.task(each.task), room.category(each.category))
            # No key was pressed: the saved file alone brought the score.
            category = str(each.category)
            app.wait_for(rf"(?m)^│ +{category}  .*■■■■■ 5/5", 300)
        assert full_marks(app.screen()) == set("12345")
        assert room.evidence() == []
        confirm(app, "e")
        app.wait_for("✓ PASSED")
        app.press("ctrl+q")
        assert app.leave() == 0
    (row,) = room.history()
    assert (row["phase"], row["passed"], row["percent"]) == ("ended", True, 100)
    assert row["code"] == paper.code
    assert row["scores"] == dict.fromkeys(paper.weights, 5)
    kept = report.read(Path(row["folder"]))
    assert (kept.passed, kept.ended_by) == (True, "candidate")
    assert not room.imported() & HEAVY
    assert room.called() == []
    assert graded_alone(room, 2) == graded_in(Path(row["folder"]), paper.tasks[1].task)
