"""The environment checks as they come in: state, name, finding and advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.locale import N_, _
from tui.widgets.shared.wrapped_text import WrappedText

if TYPE_CHECKING:
    from engine.machine.checks import Check

_GLYPHS = {
    "ok": ("✓", N_("ok"), "$text-success"),
    "warning": ("!", N_("note"), "$text-warning"),
    "failed": ("✗", N_("failed"), "$text-error"),
}


class CheckList(VerticalScroll):
    """One row per check, and a line while more are to come."""

    DEFAULT_CSS = """
    CheckList {
        #answers { height: auto; }
        #looking { color: $text-muted; }
        CheckRow { height: auto; }
        CheckRow .state { width: 9; }
        CheckRow .name { width: 16; padding-right: 1; color: $text-muted; }
        CheckRow .detail { width: 1fr; }
    }
    """

    def compose(self) -> ComposeResult:
        """The rows, and a line while more are to come."""
        self.border_title = _("This machine")
        yield Vertical(id="answers")
        yield Static(_("Checking …"), id="looking")

    def clear(self) -> None:
        """Remove all rows: the checks start again."""
        self.query_one("#answers").remove_children()
        self.query_one("#looking").display = True

    def add(self, check: Check) -> None:
        """Add one check."""
        self.query_one("#answers").mount(CheckRow(check))

    def done(self) -> None:
        """All checks are in."""
        self.query_one("#looking").display = False


class CheckRow(Horizontal):
    """One check: state, name, and the finding with advice."""

    def __init__(self, check: Check) -> None:
        super().__init__(classes=f"-{check.state}")
        self._check = check

    def compose(self) -> ComposeResult:
        """Three columns; the last one wraps."""
        check = self._check
        glyph, word, tone = _GLYPHS[check.state]
        yield Static(Content.styled(f"{glyph} {_(word)}", tone), classes="state")
        yield Static(Content(check.name.text(_)), classes="name")
        lines = [Content(check.detail.text(_))]
        if check.fix is not None:
            lines.append(Content.styled(f"→ {check.fix.text(_)}", "$foreground-muted"))
        yield WrappedText(Content("\n").join(lines), classes="detail")
