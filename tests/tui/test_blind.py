"""In blind mode nothing tells a score before the end, and everything does after it."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from engine.grading.protocol import Graded
from engine.sitting.notices import Happened
from engine.sitting.state import events
from engine.sitting.state.sitting import SubmissionState
from engine.sitting.store.history import past
from engine.sitting.store.record import RECORD
from tests.tui.conftest import OpenRoom
from tests.tui.fakes import graded, rejected
from tests.tui.sittings import keep, settings_in
from tests.tui.test_faithful import KEYS, shown, written
from tui.cli import main

VALUE = 0.87654
SENTENCE = "It measured 0.87654"
# A score, the metric, or a share of the total; the weights of 10 to 30 % are no secret.
TOLD = re.compile(r"\b[1-5]/5|0\.876|87\.6|measured|\b(?:6|12|18|60|100) %|full marks|no points")


async def test_no_key_shows_a_score_before_the_end(open_exam: OpenRoom) -> None:
    async with open_exam(mode="blind", size=(120, 40)) as room:
        seen = []
        for number, score in enumerate((3, 5)):
            await room.scene.take("flats", graded(score, VALUE, SENTENCE))
            seen += [shown(room), *room.offered()]
            for key in KEYS:
                await room.pilot.press(key)
                await room.settle()
                seen += [shown(room), *room.offered()]
                room.app.clear_notifications()  # they would cover what the next key shows
                if room.screen_name != "ExamScreen":
                    await room.pilot.press("escape")
                    await room.settle()
            assert room.scene.sitting.submission(number + 1).state is SubmissionState.RECEIVED
        await room.pilot.press("e")
        await room.settle()
        seen.append(shown(room))
        assert "Scores are shown after the end." in seen[-1]
        await room.pilot.press("escape")
        everything = "\n".join(seen)
        assert "✓ received" in everything
        assert "blind" in everything
        assert not TOLD.search(everything), TOLD.search(everything)
        assert not TOLD.search(written(room))
        await room.scene.end()
        await room.settle()
        assert "5/5" in shown(room)  # afterwards it is all there: the test could have failed


@pytest.mark.parametrize("size", [(30, 8), (60, 20), (80, 24), (120, 40)])
async def test_no_size_of_the_window_shows_a_score(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(mode="blind", size=size) as room:
        await room.scene.take("flats", graded(3, VALUE, SENTENCE))
        await room.settle()
        assert not TOLD.search(shown(room))
        await room.scene.end()
        await room.settle()
        await room.pilot.press("enter")


async def test_a_rejected_file_is_said_to_be_rejected_and_why(open_exam: OpenRoom) -> None:
    async with open_exam(mode="blind", size=(120, 40)) as room:
        await room.scene.take("flats", rejected())
        await room.settle()
        text = shown(room)
        assert "✗ rejected" in text
        assert "28, 28, 1" in text
        assert "0/5" not in text


async def test_what_the_engine_tells_holds_no_score(open_exam: OpenRoom) -> None:
    async with open_exam(mode="blind") as room:
        await room.scene.take("flats", graded(5, VALUE, SENTENCE))
        sittings = [each.sitting for each in room.scene.notices if isinstance(each, Happened)]
        for sitting in (*sittings, room.scene.sitting, past(room.scene.folder)):
            assert sitting.withheld
            assert sitting.best("flats") is None
            assert sitting.percent == 0
            assert not sitting.complete
            assert all(each.score is None for each in sitting.submissions)
            assert not any(isinstance(each.grade, Graded) for each in sitting.submissions)


def blind(home: Path, name: str, *, ended: bool = False) -> None:
    """Write a blind sitting whose models all got 3/5."""
    record = keep(home, name, score=3, ended=ended)
    path = settings_in(home).sittings_folder / name / RECORD
    path.write_bytes(msgspec.toml.encode(msgspec.structs.replace(record, mode="blind")))


COMMANDS = (
    ("status",),
    ("status", "--format", "json"),
    ("history",),
    ("history", "--format", "json"),
    ("report",),
    ("report", "--format", "json"),
    ("report", "--format", "toml"),
    ("review",),
    ("review", "--format", "json"),
    ("next",),
    ("skills",),
    ("export",),
    ("verify", "open"),
)


def test_no_command_tells_a_score_before_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(*commands: tuple[str, ...]) -> str:
        done = [runner.invoke(main, ["--home", str(tmp_path), *each]) for each in commands]
        return "\n".join(each.stdout + each.stderr for each in done)

    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    blind(tmp_path, "open")
    found = said(*COMMANDS)
    assert "blind" in found
    assert not re.search(
        r"\b3/5|\b60 %|(?<!pass_)percent\W+[1-9]|\b3 3 3|(?<!max_)score\W+[1-9]|graded\W+\d", found
    )
    rows = [json.loads(each) for each in found.splitlines() if each.startswith("{")]
    assert any(each.get("percent", 1) is None for each in rows)
    blind(tmp_path, "over", ended=True)
    after = said(("report", "over"), ("history",))
    assert "3/5" in after
    assert "60 %" in after


def test_the_result_after_the_end_has_every_score(tmp_path: Path) -> None:
    blind(tmp_path, "over", ended=True)
    found = CliRunner().invoke(main, ["--home", str(tmp_path), "report", "--format", "json"])
    told = json.loads(found.stdout)
    assert (told["mode"], told["percent"]) == ("blind", 60.0)
    assert [each["score"] for each in told["tasks"]] == [3] * 5
    assert "withheld" not in told


def test_the_journal_keeps_what_is_withheld(tmp_path: Path) -> None:
    """Nothing is lost: the same events give the scores once the sitting has ended."""
    blind(tmp_path, "open")
    folder = settings_in(tmp_path).sittings_folder / "open"
    journal = folder / "journal.jsonl"
    ended = events.Ended(at=past(folder).record.created, reason="candidate")
    journal.write_bytes(journal.read_bytes() + msgspec.json.encode(ended) + b"\n")
    assert set(past(folder).scores.values()) == {3}
