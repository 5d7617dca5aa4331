"""The line through everything: a candidate sits a whole exam on real TensorFlow."""

import re
from pathlib import Path

import msgspec
import pytest

from engine.grading.protocol import Metric
from engine.sitting.state import report
from exam_bank.catalog import Catalog
from tests.e2e.exam_room import HEAVY, ExamRoom, confirm, paper_with, solve
from tests.e2e.untold import every_byte, told

pytestmark = [pytest.mark.slow, pytest.mark.timeout(5400)]


def full_marks(screen: str) -> set[str]:
    """The categories whose row on the exam screen says 5/5."""
    return set(re.findall(r"^│ +([1-5])  .*■■■■■ 5/5", screen, flags=re.MULTILINE))


def explained(room: ExamRoom, folder: Path) -> dict[str, Metric]:
    """What was measured of each task's winner, once a review of the ended sitting explains it."""
    done = room.command("review", folder.name, "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = [msgspec.json.decode(line) for line in done.stdout.splitlines()]
    return {each["task"]: msgspec.convert(each["evidence"]["metric"], Metric) for each in rows}


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
        app.press("m")
        app.wait_for(r"#\d +5/5 +✓ graded")
        before = every_byte(room.folder) | {"the screen": "\n".join(app.shown).encode()}
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
    folder = Path(row["folder"])
    assert graded_alone(room, 2) == explained(room, folder)[paper.tasks[1].task]
    assert told(before, folder, [catalog.task(each.task) for each in paper.tasks]) == []
    assert told(every_byte(room.folder), folder, [])  # it could have been found
