"""Explains the current screen and its keys, from the table of actions."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui import actions
from tui.locale import _
from tui.screens.view import Dialog
from tui.text.format import fit
from tui.widgets.shared.key_bar import KeyBar


class HelpScreen(Dialog[None]):
    """The text and keys of the screen named by `about`."""

    CSS_PATH: ClassVar = ["cards.tcss", "help.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("help")]
    AUTO_FOCUS = "#text"

    target = "help"

    def __init__(self, about: str, text: str) -> None:
        super().__init__()
        self._about = about
        self._text = text

    def compose(self) -> ComposeResult:
        """A card that scrolls."""
        with VerticalScroll(classes="card", id="text") as card:
            card.border_title = _("Help")
            yield Static(Content(_(self._text)))
            yield Static(_keys(self._about), id="keys")
        yield KeyBar()

    def action_back(self) -> None:
        """Close."""
        self.dismiss()


def _keys(about: str) -> Content:
    rows = list(actions.help_lines(about))
    width = max(cell_len(key) for key, _meaning in rows) + 2
    return Content("\n").join(
        Content.assemble((fit(key, width), "bold $text-primary"), meaning) for key, meaning in rows
    )
