"""The options of a new sitting: paper code, level, folder, length, mode and way of submitting.

Each entry is checked when it loses the focus, and all before anything is prepared; faults are
shown below the entry.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input

from engine.settings_schema import folder_from, setting
from tui.locale import N_, _
from tui.text.format import short_path
from tui.text.levels import MEANINGS, level_word
from tui.text.modes import MEANINGS as MODE_MEANINGS
from tui.text.modes import MODES, mode_word
from tui.text.setting_faults import fault_of
from tui.widgets.forms.choice import Choice
from tui.widgets.forms.field import Field

if TYPE_CHECKING:
    from engine.settings import Settings
    from engine.sitting.state.sitting import Kind, Mode, Submitting
    from exam_bank.task import Level
    from tui.start import NewExam

Name = Literal["code", "level", "folder", "minutes", "mode", "submitting"]

_SUBMITTING = {
    "automatic": N_("a model is graded as soon as its file is complete"),
    "by_hand": N_("nothing is graded until you press s"),
}


@dataclass(frozen=True)
class FormAnswers:
    """The parsed entries; `code` is empty and `folder` None if nothing was entered."""

    code: str
    folder: Path | None
    minutes: float
    mode: Mode
    submitting: Submitting
    level: Level


class SittingForm(Vertical):
    """A form; up, down and tab move between entries, and enter presses the button."""

    DEFAULT_CSS = """
    SittingForm { height: auto; }
    SittingForm #minutes { width: 14; }
    """

    class Confirmed(Message):
        """Enter was pressed in an entry."""

    def __init__(self, kind: Kind, settings: Settings, given: NewExam | None = None) -> None:
        """`given` are the answers known already; the others come from `settings`."""
        super().__init__(id="form")
        self._kind, self._settings, self._given = kind, settings, given

    # -- entries ------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """An exam may have a code; practice chooses its tasks elsewhere."""
        if self._kind == "exam":
            note = _("to sit someone else's paper, on its level; empty: a new paper")
            yield Field(_("Paper code"), Input(id="code", compact=True), note=note)
        yield self._level_field()
        yield Field(_("Minutes"), Input(self._minutes(), id="minutes", compact=True))
        yield self._mode_field()
        yield self._submitting_field()
        yield Field(_("Folder"), self._folder_input())

    def _minutes(self) -> str:
        settings, given = self._settings, self._given
        known = settings.minutes if self._kind == "exam" else settings.practice_minutes
        return f"{(given and given.minutes) or known:g}"

    def _folder_input(self) -> Input:
        place = short_path(str(self._settings.workspaces))
        given = self._given.dir if self._given else None
        return Input(
            str(given or ""),
            placeholder=_("a new folder in {folder}").format(folder=place),
            id="folder",
            compact=True,
        )

    def _level_field(self) -> Field:
        level = (self._given and self._given.level) or self._settings.level
        options = [(each, level_word(each)) for each in MEANINGS]
        return Field(_("Level"), Choice(options, level, id="level"), note=_(MEANINGS[level]))

    def _mode_field(self) -> Field:
        mode: Mode = (self._given and self._given.mode) or self._settings.mode
        if self._kind == "practice":
            mode = "coach"
        options = [(each, mode_word(each)) for each in MODES]
        return Field(_("Mode"), Choice(options, mode, id="mode"), note=_(MODE_MEANINGS[mode]))

    def _submitting_field(self) -> Field:
        value = self._as_set()
        options = [("automatic", _("automatic")), ("by_hand", _("by hand"))]
        control = Choice(options, value, id="submitting")
        return Field(_("Submitting"), control, note=_(_SUBMITTING[value]))

    def _as_set(self) -> str:
        return "automatic" if self._settings.auto_grade else "by_hand"

    # -- answers ------------------------------------------------------------------------

    def answers(self) -> FormAnswers | None:
        """All entries; None if something is wrong, which then gets the focus."""
        wrong = [name for name in self._inputs() if not self._check(name)]
        if wrong:
            self._input(wrong[0]).focus()
            return None
        chosen = self.query_one("#submitting", Choice).value
        submitting = "as_set" if chosen == self._as_set() else chosen
        return FormAnswers(
            code=self._text("code"),
            folder=folder_from(text) if (text := self._text("folder")) else None,
            minutes=cast(float, setting("minutes").value_of(self._text("minutes"))),
            mode=cast("Mode", self.query_one("#mode", Choice).value),
            submitting=cast("Submitting", submitting),
            level=self.level,
        )

    @property
    def level(self) -> Level:
        """The chosen level; a paper code brings its own."""
        return cast("Level", self.query_one("#level", Choice).value)

    def refuse(self, name: Name, text: str) -> None:
        """Say what is wrong with an entry that could not be checked here, and focus it."""
        self.query_one(f"#field-{name}", Field).fault(text)
        self._input(name).focus()

    @on(Input.Blurred)
    def _left(self, event: Input.Blurred) -> None:
        self._check(cast("Name", event.input.id))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        """Clear the fault while typing; the entry is checked again when it loses the focus."""
        field = self.query_one(f"#field-{event.input.id}", Field)
        if field.wrong:
            field.fault("")

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Confirmed())

    @on(Choice.Changed)
    def _chosen(self, event: Choice.Changed) -> None:
        means = {"mode": MODE_MEANINGS, "level": MEANINGS, "submitting": _SUBMITTING}
        name = event.choice.id or ""
        text = cast("dict[str, str]", means[name])[event.value]
        self.query_one(f"#field-{name}", Field).say(_(text))

    def _inputs(self) -> Iterator[Name]:
        return (cast("Name", each.id) for each in self.query(Input))

    def _input(self, name: Name) -> Input:
        return self.query_one(f"#{name}", Input)

    def _text(self, name: Name) -> str:
        found = self.query(f"#{name}")
        return found.first(Input).value.strip() if found else ""

    def _check(self, name: Name) -> bool:
        """Whether an entry alone is valid; a code's paper is looked up later."""
        fault = self._fault(name)
        field = self.query_one(f"#field-{name}", Field)
        # A refused code stays refused until it is changed.
        if fault or name != "code":
            field.fault(fault)
        return not field.wrong

    def _fault(self, name: Name) -> str:
        text = self._text(name)
        if name == "minutes":
            return fault_of(setting("minutes"), text)
        return self._folder_fault(text) if name == "folder" and text else ""

    def _folder_fault(self, text: str) -> str:
        from engine.sitting.store.workspace_check import folder_fault

        if fault := fault_of(setting("workspaces"), text):
            return fault
        said = folder_fault(folder_from(text), self._settings.sittings_folder)
        return "" if said is None else said.text(_)
