"""Opening files and folders: which command runs, and what tfexam says if there is none."""

import asyncio
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exam_bank.platform.desktop import file_manager
from tests.engine.sittings import until
from tests.tui.conftest import OpenRoom
from tui import external_programs
from tui.external_programs import CannotOpenError, editor_command, open_file, open_folder


def nothing(_: str) -> None:
    return None


def found(name: str) -> str:
    return f"/usr/bin/{name}"


@pytest.mark.parametrize(
    ("environment", "command"),
    [
        ({"VISUAL": "code --wait", "EDITOR": "vi"}, ["code", "--wait"]),
        ({"EDITOR": "vim -p"}, ["vim", "-p"]),
        ({"EDITOR": '"/opt/my editor/bin" -n'}, ["/opt/my editor/bin", "-n"]),
        ({"EDITOR": 'vi "'}, ["vi", '"']),
        ({"EDITOR": "  "}, None),
        ({}, None),
    ],
)
def test_the_editor_is_the_one_that_was_named(
    environment: dict[str, str], command: list[str] | None
) -> None:
    assert editor_command(environment, nothing) == command


def test_without_a_name_a_usual_editor_is_taken() -> None:
    assert editor_command({}, found) == ["nano"]


@pytest.mark.parametrize(
    ("platform", "environment", "command"),
    [
        ("linux", {"DISPLAY": ":0"}, "xdg-open"),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, "xdg-open"),
        ("linux", {}, None),
        ("darwin", {}, "open"),
        ("win32", {}, "explorer"),
    ],
)
def test_a_folder_is_shown_where_there_is_a_desktop(
    platform: str, environment: dict[str, str], command: str | None
) -> None:
    assert file_manager(environment, found, platform) == command


class Terminal:
    """An app whose driver can be suspended."""

    def __init__(self) -> None:
        self.told: list[str] = []

    @contextmanager
    def batch_update(self) -> Iterator[None]:
        self.told.append("still")
        yield
        self.told.append("painting")

    @contextmanager
    def suspend(self) -> Iterator[None]:
        self.told.append("away")
        yield
        self.told.append("back")


def there(path: Path) -> Path:
    """The same path, with a file there."""
    path.touch()
    return path


def program(folder: Path, body: str, name: str = "my-editor") -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_an_editor_has_the_terminal_until_it_is_left_and_the_loop_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    monkeypatch.setenv("EDITOR", program(tmp_path, f'echo "edited" > "$1"; read line < {gate}'))
    monkeypatch.delenv("VISUAL", raising=False)
    app, file = Terminal(), there(tmp_path / "starter.py")
    editing = asyncio.create_task(open_file(app, file))  # type: ignore[arg-type]
    await until(file.read_text)
    assert app.told == ["still", "away"]
    with gate.open("w") as end:
        end.write("leave\n")
    await editing
    assert app.told == ["still", "away", "back", "painting"]
    assert file.read_text() == "edited\n"


async def test_an_interrupt_meant_for_the_editor_does_not_end_the_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", program(tmp_path, "kill -INT $PPID"))
    before = signal.getsignal(signal.SIGINT)
    await open_file(Terminal(), there(tmp_path / "x"))  # type: ignore[arg-type]
    assert signal.getsignal(signal.SIGINT) is before


async def test_an_app_that_leaves_gets_its_terminal_back_from_the_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", program(tmp_path, 'echo > "$1"; exec sleep 600'))
    app, file = Terminal(), there(tmp_path / "x")
    editing = asyncio.create_task(open_file(app, file))  # type: ignore[arg-type]
    await until(file.read_text)
    editing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await editing
    assert app.told[-2:] == ["back", "painting"]


async def test_an_editor_that_does_not_exist_is_named_and_the_app_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", str(tmp_path / "no-such-editor"))
    app = Terminal()
    with pytest.raises(CannotOpenError, match="no-such-editor cannot be started"):
        await open_file(app, there(tmp_path / "x"))  # type: ignore[arg-type]
    assert app.told[-2:] == ["back", "painting"]


async def test_an_editor_with_windows_of_its_own_leaves_the_terminal_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", program(tmp_path, 'echo > "$1"', name="code"))
    app, file = Terminal(), there(tmp_path / "x")
    await open_file(app, file)  # type: ignore[arg-type]
    assert file.read_text()
    assert app.told == []


async def test_a_file_manager_that_fails_or_is_missing_gives_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_programs, "file_manager", lambda _: program(tmp_path, "exit 3"))
    with pytest.raises(CannotOpenError, match=f"Open it yourself: {tmp_path}"):
        await open_folder(tmp_path)
    monkeypatch.setattr(external_programs, "file_manager", nothing)
    with pytest.raises(CannotOpenError, match=f"The folder is {tmp_path}"):
        await open_folder(tmp_path)


async def test_where_the_terminal_cannot_be_handed_over_the_path_is_told(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "vi")
    async with open_exam() as room:
        await room.pilot.press("o")
        await until(room.notices)
        path = str(room.scene.workspace("flats") / "starter.py")
        assert room.notices() == [
            "This cannot be opened from here: No editor can be opened from here.\n"
            f"Open it yourself: {path}"
        ]


async def test_a_starter_that_is_gone_is_told_and_no_editor_is_opened(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened = tmp_path / "opened"
    monkeypatch.setenv("VISUAL", program(tmp_path, f"touch {opened}"))
    async with open_exam() as room:
        starter = room.scene.workspace("flats") / "starter.py"
        starter.unlink()
        await room.pilot.press("o")
        await until(room.notices)
        assert room.notices()[-1] == (
            f"This cannot be opened from here: There is no file {starter} any more.\n"
            "a → Reset brings it back as it was handed out."
        )
        assert not opened.exists()
