"""Scenes of the screens before an exam, for `draw_screens`: all start on home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widgets import Input, OptionList, Static

from engine.errors import PaperCodeError
from engine.settings import Source, of_config
from engine.settings_schema import SCHEMA
from engine.sitting.state.sitting import Phase
from tests.tui.fakes import summary

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.tui.draw_screens import Stagehand

    Script = Callable[[Stagehand, Pilot[None]], Awaitable[None]]

SCENES: dict[str, Script] = {}
_FETCHED = 3  # data sets at once


def scene(play: Script) -> Script:
    SCENES[play.__name__.replace("_", "-")] = play
    return play


def _still(stage: Stagehand) -> None:
    """Stop the cursor from blinking in pictures."""
    for each in stage.app.screen.query(Input):
        each.cursor_blink = False


@scene
async def home_wait(stage: Stagehand, pilot: Pilot[None]) -> None:
    """After a failed exam, with a practice session still open."""
    stage.services.summaries = [
        summary(stage.clock, kind="practice", phase=Phase.RUNNING, time_left=1252.0),
        summary(stage.clock, id="2", passed=False, percent=61.0),
    ]
    await pilot.press("h")
    await pilot.press("escape")


@scene
async def wait(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The question before an exam that the real one would not allow yet."""
    stage.services.summaries = [summary(stage.clock, id="2", passed=False, percent=61.0)]
    await pilot.press("h")
    await pilot.press("escape")
    await pilot.press("n")


@scene
async def order(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The options of a new exam."""
    stage.services.absent_tasks = frozenset({"hands"})
    await pilot.press("n")


@scene
async def order_faults(stage: Stagehand, pilot: Pilot[None]) -> None:
    """Invalid entries."""
    stage.services.code_fails = PaperCodeError(
        "'TFX-7Q2M' is not a paper code.", fix="A code looks like TFX-7Q2M-0KXD-93YA."
    )
    await pilot.press("n")
    await pilot.pause()
    _still(stage)
    form = stage.app.screen
    form.query_one("#code", Input).value = "TFX-7Q2M"
    await pilot.press("f2")
    await pilot.pause()
    form.query_one("#minutes", Input).value = "soon"
    form.query_one("#minutes", Input).focus()
    await pilot.press("down", "right")


@scene
async def settings(stage: Stagehand, pilot: Pilot[None]) -> None:
    """One setting from the environment, one from the file, one invalid."""
    app, path = stage.app, Path("/home/ada/.config/tfexam/config.toml")
    sources = {each.name: Source("default", "") for each in SCHEMA}
    sources["workspaces"] = of_config("workspaces", path)
    sources["lang"] = Source("environment", "")
    app.settings = replace(app.settings, config_path=path, sources=sources, home=Path("/home/ada"))
    await pilot.press("s")
    await pilot.pause()
    _still(stage)
    entry = app.screen.query_one("#bank", Input)
    entry.focus()
    entry.value = "/home/ada/no-such-bank"
    await pilot.press("down")


async def _loaded(stage: Stagehand, pilot: Pilot[None]) -> None:
    while not stage.app.screen.query_one("#sets", OptionList).option_count:
        await pilot.pause(0.02)


@scene
async def data(stage: Stagehand, pilot: Pilot[None]) -> None:
    """Data sets, some of them here and one only partly."""
    await pilot.press("d")
    await _loaded(stage, pilot)
    await pilot.press("down")


@scene
async def fetching(stage: Stagehand, pilot: Pilot[None]) -> None:
    """Three data sets being fetched at once."""
    stage.services.data_sets.hold.clear()
    await data(stage, pilot)
    await pilot.press("space", "down", "space", "down", "space", "f")
    # Each is waited for: they come from threads of their own.
    while str(stage.app.screen.query_one("#status", Static).render()).count(" / ") < _FETCHED:
        await pilot.pause(0.02)


@scene
async def filtered(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The tasks of practice that match what is typed."""
    await pilot.press("p")
    await pilot.press("slash")
    _still(stage)
    await pilot.press(*"pictures")
