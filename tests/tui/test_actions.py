import importlib
from collections import Counter

import pytest
from textual.app import App
from textual.screen import Screen

from tui import actions
from tui.actions import ACTIONS, Action

SCREENS: dict[str, str] = {
    "app": "tui.app:ExamApp",
    "view": "tui.screens.view:View",
    "home": "tui.screens.home:HomeScreen",
    "practice": "tui.screens.practice:PracticeScreen",
    "data": "tui.screens.data:DataScreen",
    "settings": "tui.screens.settings:SettingsScreen",
    "setup": "tui.screens.setup:SetupScreen",
    "exam": "tui.screens.exam:ExamScreen",
    "end": "tui.screens.end:EndScreen",
    "result": "tui.screens.result:ResultScreen",
    "history": "tui.screens.history:HistoryScreen",
    "skills": "tui.screens.skills:SkillsScreen",
    "review": "tui.screens.review:ReviewScreen",
    "confirm": "tui.screens.confirm:ConfirmScreen",
    "help": "tui.screens.help:HelpScreen",
    "reset": "tui.screens.reset:ResetScreen",
}
# A browser or a terminal keeps these for itself.
TAKEN = {"ctrl+w", "ctrl+t", "ctrl+n", "ctrl+h", "ctrl+i", "ctrl+m", "ctrl+z"}


def owner(action: Action) -> type[Screen[object] | App[object]]:
    module, name = SCREENS[action.target].split(":")
    found: type[Screen[object] | App[object]] = getattr(importlib.import_module(module), name)
    return found


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.id)
def test_every_action_is_one_that_its_screen_has(action: Action) -> None:
    assert hasattr(owner(action), f"action_{action.name.split('(')[0]}")


def test_no_key_means_two_things_on_one_screen() -> None:
    for target in SCREENS:
        keys = Counter(
            key for each in actions.on_screen(target) for key in each.keys.split(",") if key
        )
        if target not in {"help", "confirm", "app", "view"}:
            assert [key for key, count in keys.items() if count > 1] == []


def test_no_key_is_one_that_a_browser_or_terminal_takes() -> None:
    assert not TAKEN & {key for each in ACTIONS for key in each.keys.split(",")}


def test_every_action_has_a_label_and_a_tooltip() -> None:
    for each in ACTIONS:
        assert each.label
        assert each.tooltip
        assert each.keys or each.palette


def test_ids_are_unique() -> None:
    assert len({each.id for each in ACTIONS}) == len(ACTIONS)
