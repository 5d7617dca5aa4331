"""Hints, reviews, skills and advice show names from packs and models as plain text."""

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.widgets import OptionList

from engine.coaching.past_tasks import PastTask
from engine.grading.protocol import Message, ModelFacts
from engine.sitting.store.record import task_folder
from tests.tui import fake_evidence
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fake_evidence import keep_evidence
from tests.tui.fakes import FakeServices, graded, summary
from tests.tui.test_hostile_text import HOSTILE, LONG, WRITTEN, assert_plain
from tui.widgets.review.evidence_view import EvidenceView

HINTS = f"## 1. {WRITTEN}\n\n{WRITTEN} [a](javascript:x)\n\n```\n{WRITTEN}\n```\n\n## 2. b\n\nc\n"


@pytest.fixture
def services(services: FakeServices) -> FakeServices:
    """Tasks with hostile titles, hints, and a reference."""
    for name, task in services.task_map.items():
        says = replace(task.says, title=replace(task.says.title, en=HOSTILE, zh=HOSTILE))
        for folder in (task.folder, task.folder / "reference"):
            folder.mkdir(exist_ok=True)
        (task.folder / "hints.md").write_text(HINTS)
        (task.folder / "reference/x.py").write_text(f"```\n{WRITTEN}\n````\n")
        services.task_map[name] = replace(task, says=says)
    when = services.clock.now().utc() - timedelta(days=3)
    services.past_tasks = (PastTask(task="flats", sitting="s", when=when, score=2),)
    return services


def put_hints(room: Room) -> None:
    kept = task_folder(room.scene.folder, "flats")
    for name in ("hints.md", "hints.zh.md"):
        Path(kept / name).write_text(HINTS)


async def test_hints_and_review(open_exam: OpenRoom) -> None:
    async with open_exam(size=LONG, kind="practice", mode="coach", count=1) as room:
        put_hints(room)
        await room.pilot.press("h")
        await room.settle()
        assert_plain(room)
        model = ModelFacts(layers=(WRITTEN, "`x`", "Dense(1)"), parameters=3)
        grade = replace(graded(5), model=model, message=Message(WRITTEN))
        await room.scene.take("flats", grade)
        await room.settle()
        await room.pilot.press("v")
        await room.settle()
        assert room.screen_name == "ReviewScreen"
        assert_plain(room)
        room.app.screen.query_one("#about").scroll_end(animate=False)
        await room.settle()
        assert_plain(room)


async def test_words_of_the_vocabulary(open_exam: OpenRoom) -> None:
    async with open_exam(size=LONG, kind="practice", mode="coach", count=1) as room:
        await room.scene.take("flats", graded(5))
        keep_evidence(room.scene, "flats", fake_evidence.texts())
        words = room.scene.workspace("flats") / "data/vocabulary.txt"
        words.write_text("\n".join([WRITTEN.replace("\n", " ")] * 30))
        await room.settle()
        await room.pilot.press("v")
        await room.settle()
        assert_plain(room)
        view = room.app.screen.query_one(EvidenceView)
        room.app.screen.query_one("#about").scroll_to(y=view.virtual_region.y + 20, animate=False)
        await room.settle()
        assert_plain(room)


async def test_skills_and_what_comes_next(services: FakeServices, open_room: OpenRoom) -> None:
    services.summaries = [summary(services.clock)]
    async with open_room(size=LONG) as room:
        await until(room, lambda: "next: " in room.text("#standing"))
        assert_plain(room)
        await room.pilot.press("k")
        await until(room, lambda: bool(room.app.screen.query_one("#skills", OptionList).options))
        listed = room.app.screen.query_one("#skills", OptionList)
        listed.highlighted = listed.get_option_index("saving")
        await room.settle()
        assert_plain(room)
