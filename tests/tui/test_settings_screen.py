"""Settings are changed, saved and applied; values fixed elsewhere are only shown."""

import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import Input, OptionList, Select

from engine.settings import Settings, Source
from engine.settings_schema import SCHEMA
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices
from tui.widgets.forms.choice import Choice
from tui.widgets.forms.setting_row import SettingRow


def free(settings: Settings) -> Settings:
    """Settings as if the tests' own flags did not exist."""
    return replace(settings, sources={each.name: Source("default", "") for each in SCHEMA})


async def show(room: Room) -> None:
    room.app.settings = free(room.app.settings)
    await room.pilot.press("s")
    await until(room, lambda: room.screen_name == "SettingsScreen")
    await room.settle()


def entry(room: Room, name: str) -> Widget:
    return room.app.screen.query_one(f"#{name}")


def note(room: Room, name: str) -> str:
    return str(room.app.screen.query_one(f"#field-{name} .note").render())


def kept(folder: Path) -> dict[str, object]:
    path = folder / "none.toml"
    return tomllib.loads(path.read_text()) if path.exists() else {}


async def enter(room: Room, name: str, text: str) -> None:
    found = entry(room, name)
    assert isinstance(found, Input)
    found.focus()
    found.value = text
    await room.pilot.press("enter")
    await room.settle()


async def test_every_setting_of_the_schema_has_its_row(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await show(room)
        rows = list(room.app.screen.query(SettingRow))
        names = [each.setting.name for each in rows]
        assert sorted(names) == sorted(each.name for each in SCHEMA)
        assert names[:2] == ["lang", "theme"]
        groups = [str(each.render()) for each in room.app.screen.query(".group")]
        assert groups == ["Screens", "Exam and practice", "Folders", "Grading"]
        labels = {str(each.query_one(".label").render()) for each in rows}
        assert len(labels) == len(rows)
        assert not labels & set(names)
        for each in SCHEMA:
            assert note(room, each.name).startswith(each.meaning)
            assert note(room, each.name).endswith(f"{each.name} · default")


async def test_an_entry_is_saved_and_in_force(
    open_room: OpenRoom, services: FakeServices, tmp_path: Path
) -> None:
    async with open_room() as room:
        await show(room)
        await enter(room, "minutes", "90")
        assert kept(tmp_path) == {"minutes": 90}
        assert room.app.settings.minutes == 90
        assert services.used == room.app.settings
        assert "✓ saved: from " in note(room, "minutes")
        assert "takes effect when a sitting is next opened" in note(room, "minutes")
        await enter(room, "minutes", "")
        assert kept(tmp_path) == {}
        assert room.app.settings.minutes == 300


async def test_leaving_an_entry_takes_it_and_so_does_leaving_the_screen(
    open_room: OpenRoom, tmp_path: Path
) -> None:
    async with open_room() as room:
        await show(room)
        entry(room, "minutes").focus()
        await room.pilot.press(*"45", "down")
        await room.settle()
        assert kept(tmp_path) == {"minutes": 45}
        await room.pilot.press(*"20", "escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        assert kept(tmp_path) == {"minutes": 45, "practice_minutes": 20}


async def test_what_is_wrong_stands_in_its_row_and_nothing_is_saved(
    open_room: OpenRoom, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    async with open_room() as room:
        await show(room)
        wrong = {
            "minutes": ("soon", "it must be a number"),
            "workspaces": (str(tmp_path / "file"), "It is not a folder."),
            "bank": ("/no/such/bank", "/no/such/bank is not a folder."),
        }
        for name, (text, fault) in wrong.items():
            await enter(room, name, text)
            assert note(room, name).startswith("✗ ")
            assert fault in note(room, name)
        assert kept(tmp_path) == {}
        # It is pointed at once; who leaves all the same leaves what was in force.
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "SettingsScreen"
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"
        assert kept(tmp_path) == {}


async def test_a_choice_is_saved_at_once_by_key_and_by_mouse(
    open_room: OpenRoom, tmp_path: Path
) -> None:
    async with open_room(size=(120, 40)) as room:
        await show(room)
        entry(room, "bell").focus()
        await room.settle()
        await room.pilot.press("right")
        await room.settle()
        assert kept(tmp_path) == {"bell": False}
        assert room.app.settings.bell is False
        await room.pilot.click("#bell", offset=(1, 0))
        await room.settle()
        assert kept(tmp_path) == {"bell": True}


async def test_another_language_is_seen_at_once_here_and_on_home(
    open_room: OpenRoom, tmp_path: Path
) -> None:
    async with open_room() as room:
        await show(room)
        entry(room, "lang").focus()
        await room.settle()
        await room.pilot.press("right")
        await room.settle()
        assert kept(tmp_path) == {"lang": "zh"}
        assert "返回" in room.offered()
        assert "语言" in note(room, "lang")
        assert room.app.focused is entry(room, "lang")
        shown = room.app.screen.query_one("#settings").content_region
        assert shown.contains_region(entry(room, "lang").region)
        await room.pilot.press("escape")
        await room.settle()
        listed = room.app.screen.query_one(OptionList)
        assert str(listed.options[0].prompt).startswith("开始考试")


async def test_another_theme_is_seen_at_once(open_room: OpenRoom, tmp_path: Path) -> None:
    async with open_room() as room:
        await show(room)
        found = entry(room, "theme")
        assert isinstance(found, Select)
        found.value = "tfexam-light"
        await room.settle()
        assert room.app.theme == "tfexam-light"
        assert kept(tmp_path) == {"theme": "tfexam-light"}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("flag", "--minutes"), "! fixed by --minutes while this tfexam runs"),
        (Source("environment", ""), "! fixed by TFEXAM_MINUTES in the environment"),
        (Source("dotenv", "TFEXAM_MINUTES in /w/.env"), "! fixed by TFEXAM_MINUTES in /w/.env"),
    ],
)
async def test_what_is_fixed_elsewhere_cannot_be_changed(
    open_room: OpenRoom, source: Source, said: str
) -> None:
    async with open_room() as room:
        settings = free(room.app.settings)
        room.app.settings = replace(settings, sources={**settings.sources, "minutes": source})
        await room.pilot.press("s")
        await room.settle()
        assert said in note(room, "minutes")
        found = entry(room, "minutes")
        assert found.disabled
        assert isinstance(found, Input)
        assert found.value == "300"
        assert not entry(room, "practice_minutes").disabled


async def test_a_file_that_cannot_be_written_is_told(open_room: OpenRoom, tmp_path: Path) -> None:
    async with open_room() as room:
        (tmp_path / "none.toml").mkdir()
        await show(room)
        await enter(room, "minutes", "90")
        assert "cannot be read" in note(room, "minutes")
        assert room.app.settings.minutes == 300
        choice = entry(room, "mode")
        assert isinstance(choice, Choice)
        choice.focus()
        await room.pilot.press("right")
        await room.settle()
        assert "cannot be read" in note(room, "mode")
        assert choice.value == "faithful"


async def test_a_theme_chosen_in_the_palette_is_kept(open_room: OpenRoom, tmp_path: Path) -> None:
    async with open_room() as room:
        await room.app.run_action("use_theme('tfexam-light')")
        await room.settle()
        assert kept(tmp_path) == {"theme": "tfexam-light"}
        assert room.app.settings.theme == "tfexam-light"


async def test_a_theme_that_cannot_be_kept_is_used_all_the_same(
    open_room: OpenRoom, tmp_path: Path
) -> None:
    async with open_room() as room:
        room.app.settings.config_path.mkdir(parents=True)
        await room.app.run_action("use_theme('tfexam-light')")
        await room.settle()
        assert room.app.theme == "tfexam-light"
        assert room.notices()
