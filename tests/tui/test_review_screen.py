"""The review screen, giving up, `tfexam review`, and the Markdown that both show."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from textual.widgets import Markdown

from engine.errors import SittingError
from engine.grading.protocol import ModelFacts
from tests.tui import fake_evidence
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fake_evidence import keep_evidence
from tests.tui.fakes import FakeServices, graded, summary
from tests.tui.sittings import drawn, keep
from tui.cli import main
from tui.text.review import escaped
from tui.widgets.review.evidence_view import EvidenceView


def text(room: Room) -> str:
    parts = room.app.screen.query("#text, #rest").results(Markdown)
    return "\n".join(str(each.source) for each in parts)


async def press(room: Room, *keys: str) -> None:
    for key in keys:
        await room.pilot.press(key)
        await room.settle()


async def test_a_task_with_full_marks_can_be_reviewed_in_practice(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        assert "Review" not in room.offered()
        await room.scene.take("flats", graded(5))
        await room.settle()
        assert "Review" in room.offered()
        await press(room, "2")
        assert "Review" not in room.offered()
        await press(room, "1", "v")
        assert room.screen_name == "ReviewScreen"
        found = text(room)
        assert found.startswith("# Power plant output\n\nBest score: 5/5\n\n")
        assert "\n## 1 submission\n" in found
        assert "## Hints: 0 of 2 seen" in found
        assert "### 2. I am stuck at three points." in found
        await press(room, "escape")
        assert room.screen_name == "ExamScreen"


async def test_giving_up_asks_first_and_opens_the_review(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await press(room, "2", "u", "n")
        assert room.scene.sitting.given_up == {}
        await press(room, "u", "y")
        assert room.scene.sitting.given_up == {"garments": 0}
        assert any("v shows its hints" in each for each in room.notices())
        await press(room, "v")
        assert "Best score: 0/5 · given up" in text(room)
        assert "No submissions." in text(room)


@pytest.mark.parametrize("kind", ["exam", "practice"])
async def test_in_coach_mode_a_graded_model_opens_what_its_score_is_made_of(
    services: FakeServices, open_exam: OpenRoom, kind: str
) -> None:
    folder = services.task_map["flats"].folder / "reference"
    folder.mkdir()
    (folder / "solution.py").write_text("THE_SOLUTION = 1\n")
    async with open_exam(kind=kind, mode="coach", count=2) as room:
        await room.scene.take("flats", graded(3))
        keep_evidence(room.scene, "flats", fake_evidence.pictures())
        await room.settle()
        await press(room, "h", "v")
        assert room.screen_name == "ReviewScreen"
        (view,) = room.app.screen.query(EvidenceView)
        shown = "\n".join(each.plain for each in view.lines(50))
        assert "What is taken for what" in shown
        assert "surest" not in shown
        assert "Where do I start?" in text(room)
        assert "I am stuck at three points." not in text(room)
        assert "THE_SOLUTION" not in text(room)
        assert "Solutions, all hints and single examples open after the end" in text(room)
        await press(room, "escape")
        await room.scene.end()
        await room.settle()
        await press(room, "v")
        assert "THE_SOLUTION" in text(room)


@pytest.mark.parametrize("kind", ["exam", "practice"])
async def test_no_review_and_no_giving_up_before_the_end(open_exam: OpenRoom, kind: str) -> None:
    async with open_exam(kind=kind, mode="faithful", count=2) as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        await press(room, "v", "u")
        assert room.screen_name == "ExamScreen"
        await room.scene.end()
        await room.settle()
        await press(room, "v")
        assert room.screen_name == "ReviewScreen"


async def test_a_past_sitting_is_reviewed_from_history_and_result(
    services: FakeServices, open_room: OpenRoom
) -> None:
    services.summaries = [summary(services.clock)]
    async with open_room() as room:
        await press(room, "h", "v")
        assert room.screen_name == "ReviewScreen"
        await press(room, "down")
        assert "# Garment drawings" in text(room)
        await press(room, "escape", "o", "v")
        assert room.screen_name == "ReviewScreen"


async def test_what_cannot_be_read_is_told(services: FakeServices, open_room: OpenRoom) -> None:
    services.summaries = [summary(services.clock)]
    services.review_fails = SittingError("It is gone.")
    async with open_room() as room:
        await press(room, "h", "v")
        assert any("It is gone." in each for each in room.notices())


async def test_layers_of_a_model_are_shown_as_they_are(open_exam: OpenRoom) -> None:
    import msgspec

    facts = ModelFacts(layers=("*Dense*(1)", "[x](http://y)"), parameters=3)
    grade = msgspec.structs.replace(graded(5), model=facts)
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.scene.take("flats", grade)
        await room.settle()
        await press(room, "v")
        assert r"\*Dense\*\(1\)" in text(room)
        assert r"\[x\]\(http://y\)" in text(room)


async def test_a_long_solution_can_be_read_to_its_end(
    services: FakeServices, open_exam: OpenRoom
) -> None:
    folder = services.task_map["flats"].folder / "reference"
    folder.mkdir()
    lines = [f"step_{n} = '{'x' * 120}'" for n in range(200)]
    (folder / "solution.py").write_text("\n".join([*lines, "THE_END = 'of it'"]))
    async with open_exam(kind="practice", mode="coach", count=1) as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        await press(room, "v")
        room.app.screen.query_one("#about").scroll_end(animate=False)
        await room.settle()
        strips = room.app.screen._compositor.render_strips()
        assert "+THE_END = 'of it'" in "\n".join(strip.text for strip in strips)


def test_only_what_markdown_reads_is_escaped() -> None:
    assert escaped("Dense(10) · 3,850 parameters") == r"Dense\(10\) · 3,850 parameters"


# -- the command --------------------------------------------------------------------------------


def call(home: Path, *args: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(main, ["--home", str(home), "review", *args])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_shows_an_ended_sitting(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=4, ended=True)
    status, out, _ = call(tmp_path)
    assert status == 0
    assert out.count("\n## A reference solution") >= 5
    assert out.count("\n## Hints: 0 of") == 5
    task = drawn().tasks[0].task
    status, out, _ = call(tmp_path, "done", task, "--format", "json")
    (row,) = [json.loads(line) for line in out.splitlines()]
    assert (row["task"], row["score"], status) == (task, 4, 0)
    assert row["hints"]
    assert {each["kind"] for each in row["solutions"]} == {"reference", "decent"}
    status, _, err = call(tmp_path, "done", "nosuch")
    assert status == 2
    assert task in err


def test_the_command_shows_nothing_of_an_open_faithful_exam(tmp_path: Path) -> None:
    keep(tmp_path, "open", score=5)
    status, out, err = call(tmp_path, "open")
    assert (status, out) == (2, "")
    assert "Nothing of this sitting can be reviewed yet" in err
    keep(tmp_path, "older", score=5, ended=True)
    status, out, err = call(tmp_path, "older")  # the same tasks
    assert (status, out) == (2, "")
    assert "faithful exam that goes on" in err
