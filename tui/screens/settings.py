"""The settings, built from the schema: each with its meaning and the source of its value.

A change is checked, saved in the user's config.toml, and takes effect at once. A value that a
flag, the environment or a .env file sets is shown, but cannot be changed here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Input

from engine.errors import TfexamError
from tui import actions, themes
from tui.locale import N_, _, say
from tui.screens.view import View
from tui.text.format import short_path
from tui.text.setting_faults import fault_of
from tui.widgets.forms import setting_row
from tui.widgets.forms.setting_row import SettingRow


class SettingsScreen(View[None]):
    """Groups of settings, a row for each; nothing has to be saved by hand."""

    CSS_PATH: ClassVar = ["settings.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("settings")]
    AUTO_FOCUS = "#lang"

    target = "settings"
    help_text = N_(
        "Every setting, what it means, and where its value comes from. A choice is "
        "saved at once; a field is saved when you leave it or press enter, and an "
        "empty field means the default. Settings are kept in config.toml. A flag, the "
        "environment or a .env file overrides that file, so such a value cannot be "
        "changed here."
    )

    def body(self) -> ComposeResult:
        """All rows, below the name of the file that keeps them."""
        settings = self.exam_app.settings
        with VerticalScroll(id="settings", classes="panel", can_focus=False) as panel:
            panel.border_title = _("Settings")
            panel.border_subtitle = Content(short_path(str(settings.config_path)))
            yield from setting_row.rows(settings, _theme_names(self.app.available_themes))

    def __init__(self) -> None:
        super().__init__()
        self._warned = False

    @on(SettingRow.ValueEntered)
    async def edited(self, event: SettingRow.ValueEntered) -> None:
        """A new value was entered."""
        event.stop()
        await self._take(event.row, event.text)

    async def _take(self, row: SettingRow, text: str) -> None:
        """Check, save and use a value; if it is wrong, say so in its row."""
        if text and (fault := fault_of(row.setting, text)):
            row.refuse(fault)
            return
        from engine.settings_file import change

        try:
            settings = change(self.exam_app.settings, row.setting, text)
        except TfexamError as error:
            row.refuse(say(error.sentence))
            return
        name, was_focused = row.setting.name, self.focused
        await self.exam_app.use_settings(settings)
        # In another language the rows are made again.
        self.query_one(f"#field-{name}", SettingRow).saved(settings)
        if was_focused is not None and not was_focused.is_attached:
            # After layout: before it there is nothing to scroll to.
            self.call_after_refresh(self.query_one(f"#{name}").focus)

    def action_back(self) -> None:
        """Leave, after saving what was typed."""
        self.call_next(self._take_all_and_leave)

    async def _take_all_and_leave(self) -> None:
        for row in self.query(SettingRow):
            if (text := row.pending) is not None:
                await self._take(row, text)
        wrong = [row for row in self.query(SettingRow) if row.wrong]
        if wrong and not self._warned:
            # Stop once for a wrong value; leaving again keeps the old one.
            self._warned = True
            wrong[0].query_one(Input).focus()
        else:
            self.dismiss()


def _theme_names(available: Iterable[str]) -> list[str]:
    """Ours first, then Textual's."""
    ours = [theme.name for theme in themes.OURS]
    return [*ours, *sorted(set(available) - set(ours) - {themes.PLAIN.name})]
