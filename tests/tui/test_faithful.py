"""In faithful mode nothing that teaches is seen before the end: no hint, metric or solution."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.coaching.past_tasks import of_sitting
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import HINTS, TITLES, graded
from tui import actions
from tui.cli import main

SOLUTION = "SECRET_OF_THE_REFERENCE"
VALUE = 0.87654
# Every key that an exam knows, in any mode, except those that end or leave it.
KEYS = sorted(
    {
        key
        for each in actions.ACTIONS
        if each.target in ("exam", "view", "result", "history", "skills", "review")
        for key in each.keys.split(",")
        if each.name not in ("end", "edit", "folder")
    }
    - {""}
)
STEPS = [each for each in re.split(r"[.?:;]\s|\n", HINTS) if len(each) > 20]
TOLD = re.compile("|".join(map(re.escape, [*STEPS, SOLUTION, "0.8765", "87.65", "relative_mae"])))


def shown(room: Room) -> str:
    """All text on the screen, and every notification."""
    strips = room.app.screen._compositor.render_strips()
    lines = ["".join(segment.text for segment in strip) for strip in strips]
    return "\n".join([*lines, *room.notices()])


def written(room: Room) -> str:
    """What lies where the candidate works, and what the app wrote into the sitting's folder.

    Of a real sitting's folder, with a real grader, `tests/e2e` reads every byte.
    """
    files = [path for name, _, _ in TITLES for path in room.scene.workspace(name).rglob("*")]
    files += room.scene.folder.glob("*")
    return "\n".join(path.read_bytes().decode(errors="replace") for path in files if path.is_file())


@pytest.mark.parametrize("kind", ["exam", "practice"])
async def test_no_key_shows_anything_before_the_end(open_exam: OpenRoom, kind: str) -> None:
    async with open_exam(kind=kind, mode="faithful", size=(120, 40)) as room:
        for task in room.services.task_map.values():
            (task.folder / "reference").mkdir()
            (task.folder / "reference/solution.py").write_text(SOLUTION)
        seen = []
        for number, score in enumerate((3, 5)):
            await room.scene.take("flats", graded(score, VALUE + number / 1e4))
            for key in KEYS:
                await room.pilot.press(key)
                await room.settle()
                seen.append(shown(room))
                if room.screen_name != "ExamScreen":
                    await room.pilot.press("escape")
                    await room.settle()
        assert room.scene.happened().count("GradingEnded") == 2
        assert "HintSeen" not in room.scene.happened()
        assert "TaskGivenUp" not in room.scene.happened()
        assert any("3/5" in each for each in seen)
        assert not TOLD.search("\n".join(seen))
        assert not TOLD.search(written(room))
        assert not list(of_sitting(room.scene.sitting))
        assert [job.evidence for job in room.scene.grader.jobs] == [None, None]
        assert not list(room.scene.folder.rglob("*evidence*"))
        room.scene.proctor.see_hint("flats")
        room.scene.proctor.give_up("flats")
        await room.settle()
        assert "HintSeen" not in room.scene.happened()
        assert not TOLD.search(shown(room))
        await room.scene.end()
        await room.settle()
        await room.pilot.press("v")
        await room.settle()
        source = str(room.app.screen.query_one("#rest").source)  # type: ignore[attr-defined]
        assert TOLD.search(source)  # afterwards all of it is: the test could have failed


COMMANDS = (
    ("review",),
    ("review", "--format", "json"),
    ("export",),
    ("verify", "open"),
    ("report", "--format", "json"),
    ("history", "--format", "json"),
    ("skills", "--format", "json"),
    ("next", "--format", "json", "--count", "100"),
)


def test_no_command_tells_anything_of_an_open_faithful_exam(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.tui.sittings import drawn, keep

    def said() -> str:
        parts = []
        for command in COMMANDS:
            done = runner.invoke(main, ["--home", str(tmp_path), *command])
            parts.append(done.stdout)
        return "\n".join(parts)

    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    before = said()
    keep(tmp_path, "open", score=3)
    found = said()
    lines = [json.loads(each) for each in found.splitlines() if each.startswith("{")]
    assert any(each.get("phase") == "running" for each in lines)
    assert "hints" not in found.replace('"hints":0', "")
    assert "reference" not in found
    assert '"best":3' not in found
    tasks = set(drawn().weights)
    reasons = {
        each["task"]: [reason["why"] for reason in each["reasons"]]
        for each in lines
        if each.get("task") in tasks
    }
    assert reasons.keys() == tasks
    assert all(set(each) <= {"new", "heavy"} for each in reasons.values())
    assert before.count('"why":"new"') == found.count('"why":"new"')
