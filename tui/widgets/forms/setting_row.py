"""One setting: its name, control and meaning, and where its value comes from."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Select, Static

from engine.settings_schema import SCHEMA, Setting
from tui.locale import N_, _
from tui.text.format import short_path
from tui.widgets.forms.choice import Choice
from tui.widgets.forms.field import Field

if TYPE_CHECKING:
    from engine.settings import Settings

_LABELS = {
    "": N_("from the locale"),
    "en": "English",
    "zh": "中文",
    "cpu": "CPU",
    "gpu": "GPU",
    "faithful": N_("faithful"),
    "coach": N_("coach"),
    "blind": N_("blind"),
    "none": N_("none"),
    "1.25": "× 1.25",
    "1.5": "× 1.5",
    "2": "× 2",
    "classic": N_("classic"),
    "hard": N_("hard"),
    "whole": N_("all"),
    "draw": N_("a draw"),
    "practice": N_("in practice"),
    "always": N_("always"),
    "never": N_("never"),
    "1": N_("yes"),
    "0": N_("no"),
}
# What people come for first stands first; whatever no group names is in the last.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Screens"), ("lang", "theme", "follow_starter", "watch_downloads", "bell")),
    (
        N_("Exam and practice"),
        (
            "minutes",
            "practice_minutes",
            "extra_time",
            "level",
            "mode",
            "sampling",
            "auto_grade",
            "keras_files",
            "candidate_name",
        ),
    ),
    (N_("Folders"), ("workspaces", "home", "data", "bank")),
    (N_("Grading"), ("prewarm", "grader_device", "poll_seconds")),
)
_TITLES = {
    "lang": N_("Language"),
    "theme": N_("Theme"),
    "follow_starter": N_("Follow starter.py"),
    "watch_downloads": N_("Watch Downloads"),
    "bell": N_("Bell"),
    "minutes": N_("Exam minutes"),
    "practice_minutes": N_("Practice minutes"),
    "extra_time": N_("Extra time"),
    "level": N_("Level"),
    "mode": N_("Mode"),
    "sampling": N_("Hidden examples"),
    "auto_grade": N_("Grade by itself"),
    "keras_files": N_(".keras files"),
    "candidate_name": N_("Your name"),
    "workspaces": N_("Workspaces"),
    "home": N_("Sittings"),
    "data": N_("Data sets"),
    "bank": N_("Own tasks"),
    "prewarm": N_("Grader ready"),
    "grader_device": N_("Grade on"),
    "poll_seconds": N_("Look every"),
}
# Settings that an open sitting keeps until it is opened again.
_OF_SITTINGS = frozenset(
    {
        "minutes",
        "practice_minutes",
        "extra_time",
        "mode",
        "sampling",
        "keras_files",
        "auto_grade",
        "prewarm",
        "grader_device",
        "poll_seconds",
    }
)


class SettingRow(Field):
    """Posts `ValueEntered` when a value is chosen, or when a changed entry loses the focus."""

    DEFAULT_CSS = """
    SettingRow {
        margin-bottom: 1;
        .label { width: 18; }
        Select { width: 34; }
        .narrow { width: 14; }
    }
    """

    @dataclass
    class ValueEntered(Message):
        """A value was entered; empty text means the default."""

        row: SettingRow
        text: str

    def __init__(self, setting: Setting, settings: Settings, themes: Sequence[str]) -> None:
        self.setting, self._shown = setting, text_of(setting, settings)
        source = settings.sources[setting.name]
        control = _control(setting, settings, self._shown, themes)
        control.disabled = source.outranks_config
        super().__init__(
            title_of(setting), control, note=_note(setting, source_text(setting, settings))
        )

    def refuse(self, text: str) -> None:
        """Say what is wrong; a choice goes back to the current value."""
        for choice in self.query(Choice):
            choice.value = self._shown
        self.fault(text)

    def saved(self, settings: Settings) -> None:
        """The value is saved and in use."""
        self._shown = text_of(self.setting, settings)
        text = "✓ " + _("saved: {source}").format(source=source_text(self.setting, settings))
        if self.setting.name in _OF_SITTINGS:
            text += " · " + _("takes effect when a sitting is next opened")
        self.say(_note(self.setting, text))

    @property
    def pending(self) -> str | None:
        """The entry's text, if it differs from the current value."""
        texts = [each.value.strip() for each in self.query(Input)]
        return next((text for text in texts if text != self._shown), None)

    @on(Input.Blurred)
    @on(Input.Submitted)
    def _left(self, event: Input.Blurred | Input.Submitted) -> None:
        event.stop()
        self._take(event.input.value.strip())

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        event.stop()
        self._take(event.value)

    @on(Select.Changed)
    def _selected(self, event: Select.Changed) -> None:
        event.stop()
        self._take(str(event.value))

    def _take(self, text: str) -> None:
        if text != self._shown:
            self.post_message(self.ValueEntered(self, text))
        elif self.wrong:
            self.fault("")


def text_of(setting: Setting, settings: Settings) -> str:
    """The current value as people would type it; empty for an entry's default."""
    value = getattr(settings, setting.name)
    if isinstance(value, bool):
        return "1" if value else "0"
    if settings.sources[setting.name].kind == "default" and not setting.choices:
        return ""
    return _typed(value)


def _typed(value: object) -> str:
    if isinstance(value, tuple):
        return os.pathsep.join(map(_typed, value))
    if isinstance(value, Path):
        return short_path(str(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _control(setting: Setting, settings: Settings, shown: str, themes: Sequence[str]) -> Widget:
    value = getattr(settings, setting.name)
    if setting.name == "theme":
        return _theme_select(shown, themes)
    if setting.choices or isinstance(value, bool):
        return _choice(setting, shown)
    entry = Input(shown, placeholder=_typed(value), id=setting.name, compact=True)
    entry.set_class(isinstance(value, float), "narrow")
    return entry


def _theme_select(shown: str, themes: Sequence[str]) -> Widget:
    options = [(_("tfexam's dark theme"), ""), *((name, name) for name in themes)]
    known = shown if shown in themes else ""
    return Select(options, value=known, allow_blank=False, compact=True, id="theme")


def _choice(setting: Setting, shown: str) -> Widget:
    values = setting.choices or ("1", "0")
    # A choice's default may not be one of its words: then it becomes an option itself.
    first = () if setting.default in values else (setting.default,)
    options = [(each, _(_LABELS[each])) for each in (*first, *values)]
    return Choice(options, shown, id=setting.name)


def _note(setting: Setting, source: str) -> str:
    return f"{_(setting.meaning)}\n{setting.name} · {source}"


def source_text(setting: Setting, settings: Settings) -> str:
    """Where the current value comes from."""
    source = settings.sources[setting.name]
    match source.kind:
        case "default":
            return _("default")
        case "config":
            return _("from {path}").format(path=short_path(str(settings.config_path)))
        case "flag":
            return "! " + _("fixed by {name} while this tfexam runs").format(name=source.place)
        case "environment":
            text = _("fixed by {name} in the environment: change it there")
            return "! " + text.format(name=setting.variable)
        case "dotenv":
            path = short_path(source.place.removeprefix(f"{setting.variable} in "))
            text = _("fixed by {name} in {path}: change it there")
            return "! " + text.format(name=setting.variable, path=path)


def title_of(setting: Setting) -> str:
    """What the setting is called on screen."""
    return _(_TITLES[setting.name]) if setting.name in _TITLES else setting.name


def rows(settings: Settings, themes: Sequence[str]) -> list[Widget]:
    """A heading for each group, and below it one row per setting."""
    named = {name for _title, names in GROUPS for name in names}
    rest = tuple(each.name for each in SCHEMA if each.name not in named)
    known = {each.name: each for each in SCHEMA}
    found: list[Widget] = []
    for title, names in (*GROUPS[:-1], (GROUPS[-1][0], GROUPS[-1][1] + rest)):
        found.append(Static(Content(_(title)), classes="group"))
        found += [SettingRow(known[each], settings, themes) for each in names if each in known]
    return found
