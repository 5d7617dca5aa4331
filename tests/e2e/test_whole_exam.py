"""The line through everything: a candidate sits a whole exam on real TensorFlow."""

import re
from pathlib import Path

import pytest

from engine import report
from exam_bank.catalog import Catalog
from tests.e2e.exam_room import HEAVY, ExamRoom, paper_with, solve
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]


def full_marks(screen: str) -> set[str]:
    """The categories whose row on the exam screen says 5/5."""
    return set(re.findall(r"^│ +([1-5])  .*■■■■■ 5/5", screen, flags=re.MULTILINE))


def end_early(app: Terminal) -> None:
    app.press("e")
    app.wait_for(r"\by Yes")
    app.press("y")
    app.wait_for("✓ PASSED")


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
        end_early(app)
        app.press("ctrl+q")
        assert app.leave() == 0
    (row,) = room.history()
    assert (row["phase"], row["passed"], row["percent"]) == ("ended", True, 100)
    assert row["code"] == paper.code
    assert row["scores"] == dict.fromkeys(paper.weights, 5)
    kept = report.read(Path(row["folder"]))
    assert (kept.passed, kept.ended_by) == (True, "candidate")
    assert not room.imported() & HEAVY
