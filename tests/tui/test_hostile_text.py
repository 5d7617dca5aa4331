"""Screens show all names of packs, files, journals and processes as plain text.

Markup in a name could make a click run an action, or crash the app; an escape sequence could
reach the terminal.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace as with_field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace
from rich.segment import Segment
from textual.color import Color

from engine.clock import Instant
from engine.errors import JournalError, TfexamError
from engine.grading import protocol
from engine.grading.protocol import Message, Metric, ModelFacts
from engine.machine.checks import Check
from engine.machine.curves import NoCurve, parse
from engine.machine.gpu import Gpus
from engine.settings import Settings
from engine.sitting import notices
from engine.sitting.state.sitting import Phase
from engine.sitting.views.folder_sample import FolderSample
from engine.sitting.views.folder_view import FileEntry, Listing
from exam_bank.phrase import phrase
from exam_bank.printable import printable
from exam_bank.task import Task, TaskFile
from tests.tui import fakes
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import FakeServices, summary
from tui.printable_filter import PrintableFilter
from tui.start import NewExam

MARK = "[@click=app.quit]q[/]"
HOSTILE = MARK + "[/no][red]\x1b[2J\x9b31m\u202e\u2066\u200b\udcff"
# What a file of text or a journal can hold of it.
WRITTEN = HOSTILE.replace("\udcff", "")
LONG = (120, 40)


def assert_plain(room: Room, *, shows: bool = True) -> str:
    """Assert that nothing on screen controls the terminal or reacts to clicks; returns the text."""
    lines = []
    for strip in room.app.screen._compositor.render_strips():
        for segment in strip:
            text = segment.text
            assert text == printable(text), repr(text)
            action = segment.style.meta.get("@click", "") if segment.style else ""
            assert "quit" not in str(action), repr(text)
        lines.append(strip.text)
    shown = "\n".join(lines)
    assert not shows or "[@click=app" in shown, shown
    return shown


def without_none(value: Any) -> Any:
    """What TOML can hold of a struct."""
    if isinstance(value, dict):
        return {key: without_none(each) for key, each in value.items() if each is not None}
    return without_none(msgspec.to_builtins(value)) if isinstance(value, TaskFile) else value


@pytest.fixture
def services(services: FakeServices) -> FakeServices:
    """Services with nothing but hostile text."""
    for name, task in services.task_map.items():
        says = replace(task.says, title=replace(task.says.title, en=WRITTEN, zh=WRITTEN))
        (task.folder / "task.toml").write_bytes(msgspec.toml.encode(without_none(says)))
        services.task_map[name] = Task.read(task.folder)
        text = (
            f"# {WRITTEN}\n\n{WRITTEN}\n\n[a](javascript:x) `{WRITTEN}`\n\n| {WRITTEN} |\n|---|\n"
        )
        for file in ("brief.md", "brief.zh.md"):
            (task.folder / file).write_text(text, encoding="utf-8")
    data = services.data_sets
    data.states = [
        with_field(
            each,
            id=f"{HOSTILE}{n}",
            says=replace(each.says, title=HOSTILE, licence=HOSTILE, citation=HOSTILE, home=HOSTILE),
            files=tuple(with_field(file, name=HOSTILE, path=HOSTILE) for file in each.files),
        )
        for n, each in enumerate(data.states)
    ]
    services.summaries = [
        summary(services.clock, id=HOSTILE, code=HOSTILE, workspace=HOSTILE, folder=HOSTILE),
        summary(services.clock, id="b", phase="damaged", fault=HOSTILE, folder=f"{HOSTILE}b"),
    ]
    services.check_list = [
        Check(
            name=Message(HOSTILE),
            state="warning",
            detail=Message("{a}", {"a": HOSTILE}),
            fix=Message(HOSTILE),
        )
    ]
    entry = FileEntry(HOSTILE, 1, 1.8e9)
    services.folder = FolderSample(
        Listing((entry, replace(entry, name=HOSTILE + "/", size=None))),
        parse(f"epoch,loss,{HOSTILE},val_loss\n", "0,1,2,3\n1,1,2,3\n2,1,2,3\n"),
    )
    return services


def grades() -> list[protocol.Grade]:
    said = Message(WRITTEN + "{gone}{a}", {"a": WRITTEN})
    model = ModelFacts((WRITTEN, WRITTEN, "Dense"), 10, WRITTEN)
    return [
        protocol.Graded(
            message=said, metric=Metric(WRITTEN, None, 5), score=3, notes=(said,), model=model
        ),
        protocol.Rejected(message=said, reason=WRITTEN, model=model),
        protocol.Crashed(message=said),
        protocol.GraderFailed(message=said, log=WRITTEN),
    ]


TROUBLES: list[Callable[[], TfexamError]] = [
    lambda: TfexamError(HOSTILE, fix=HOSTILE),
    lambda: JournalError(phrase("{a} cannot be read: {b}.", a=HOSTILE, b=HOSTILE), fix=HOSTILE),
]


@pytest.mark.parametrize("pane", ["b", "f", "m", "t"])
@pytest.mark.parametrize("mode", ["coach", "faithful"])
async def test_the_exam_screen(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch, pane: str, mode: str
) -> None:
    training = replace(fakes.TRAINING, command=HOSTILE, place=HOSTILE)
    monkeypatch.setattr(fakes, "USAGE", replace(fakes.USAGE, training=(training,)))
    async with open_exam(size=LONG, mode=mode) as room:
        for grade in grades():
            await room.scene.take("flats", grade)
        await room.scene.take("flats")
        await room.scene.grading()
        room.scene.tell(notices.Note("flats", Message(HOSTILE)))
        for trouble in TROUBLES:
            room.scene.tell(notices.Trouble(trouble()))
        await room.pilot.press("1", pane)
        await asyncio.sleep(0.05)
        await room.settle()
        assert_plain(room)
        await room.pilot.press("e")
        await room.settle()
        assert_plain(room)
        await room.scene.end()
        await room.settle()
        assert_plain(room)


async def test_a_gpu_and_a_curve_that_is_none(open_exam: OpenRoom, services: FakeServices) -> None:
    gpu = replace(fakes.ONE_GPU.samples[0], name=HOSTILE)
    services.gpu = Gpus((gpu,))
    services.folder = FolderSample(Listing(), NoCurve(Message("{a}", {"a": HOSTILE})))
    async with open_exam(size=LONG) as room:
        await room.pilot.press("t")
        await asyncio.sleep(0.05)
        await room.settle()
        assert_plain(room)


@pytest.mark.parametrize("key", ["p", "h", "d"])
async def test_the_screens_that_home_opens(open_room: OpenRoom, key: str) -> None:
    async with open_room(size=LONG) as room:
        await room.pilot.press(key)
        await asyncio.sleep(0.05)
        await room.settle()
        assert_plain(room, shows=key != "h")
        for more in ("down", "enter", "v"):
            await room.pilot.press(more)
            await asyncio.sleep(0.02)
            await room.settle()
            assert_plain(room, shows=False)


async def test_home_with_an_open_sitting(open_room: OpenRoom, services: FakeServices) -> None:
    services.summaries = [
        summary(services.clock, id=HOSTILE, phase=Phase.RUNNING, workspace=HOSTILE)
    ]
    async with open_room(size=LONG) as room:
        assert_plain(room, shows=False)


async def test_a_data_set_that_cannot_be_fetched(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.data_sets.fails = TROUBLES[1]()
    async with open_room(size=LONG) as room:
        await room.pilot.press("d")
        await room.settle()
        await room.pilot.press("down", "f")
        await asyncio.sleep(0.05)
        await room.settle()
        assert_plain(room)


async def test_setting_up(open_room: OpenRoom, services: FakeServices) -> None:
    services.fails = TROUBLES[0]()
    async with open_room(size=LONG) as room:
        room.app.show_setup(NewExam(None, 300, "coach", Path("/" + HOSTILE)))
        await room.settle()
        await room.pilot.press("f2")
        await asyncio.sleep(0.05)
        await room.settle()
        assert_plain(room)


async def test_settings_kept_in_a_file_of_that_name(
    open_room: OpenRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = MARK.replace("/", "") + "[no]\x1b[2J"
    place = tmp_path / name
    place.mkdir()
    given = {"home": place, "workspaces": str(place), "lang": "en"}
    environment = {"TFEXAM_CONFIG": str(place / "none.toml")}
    monkeypatch.setattr(
        "tests.tui.conftest.settings",
        lambda *_, **__: Settings.load(given, environment=environment, folder=place),
    )
    async with open_room(size=(200, 60)) as room:
        await room.pilot.press("s")
        await room.settle()
        assert_plain(room)
        await room.pilot.press("escape", "n")
        await room.settle()
        assert_plain(room)


async def test_a_sitting_that_cannot_be_opened(open_room: OpenRoom, services: FakeServices) -> None:
    services.past_fails = TROUBLES[1]()
    services.open_fails = TROUBLES[1]()
    async with open_room(size=LONG) as room:
        await room.pilot.press("h")
        await room.settle()
        await room.pilot.press("enter")
        await room.settle()
        assert_plain(room)


def test_the_filter_keeps_every_cell_where_it_was() -> None:
    ground = Color(0, 0, 0)
    segments = [Segment("a\x1b[2Jb\u202e"), Segment("中文　c"), Segment("\ue000d")]
    found = PrintableFilter().apply(segments, ground)
    assert [each.text for each in found] == ["a[2Jb", "中文　c", "�d"]
    assert [each.cell_length for each in found] == [each.cell_length for each in segments]
    honest = segments[1:2]
    assert PrintableFilter().apply(honest, ground) is honest


def test_a_moment_of_a_journal_is_in_the_calendar() -> None:
    # The bounds of an instant are what its own methods can show.
    assert Instant(32_503_680_000, 0, "b").local().year >= 2999
    assert Instant(0, 0, "b").local().year in (1969, 1970)
