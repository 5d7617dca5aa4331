"""The environment checks: what is not good, with its finding and advice; the rest on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.locale import N_, _, ngettext
from tui.widgets.shared.wrapped_text import WrappedText

if TYPE_CHECKING:
    from engine.machine.checks import Check

_GLYPHS = {
    "ok": ("✓", N_("ok"), "$text-success"),
    "warning": ("!", N_("note"), "$text-warning"),
    "failed": ("✗", N_("failed"), "$text-error"),
}


class CheckList(VerticalScroll):
    """One row for each check that is not good, and one line for all others.

    While more are to come, a line says so; `toggle_details` shows every row.
    """

    DEFAULT_CSS = """
    CheckList {
        #answers { height: auto; }
        #looking { color: $text-muted; }
        #good { color: $text-success; display: none; }
        CheckRow { height: auto; }
        CheckRow.-ok { display: none; }
        CheckRow .state { width: 9; }
        CheckRow .name { width: 16; padding-right: 1; color: $text-muted; }
        CheckRow .detail { width: 1fr; }
        &.-done #good { display: block; }
        &.-detailed CheckRow.-ok { display: block; }
        &.-detailed #good { display: none; }
    }
    """

    def __init__(self, *, id: str, classes: str) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id, classes=classes)
        self._good = self._others = 0

    def compose(self) -> ComposeResult:
        """The rows, the line for what is good, and a line while more are to come."""
        self.border_title = _("This machine")
        yield Vertical(id="answers")
        yield Static(id="good")
        yield Static(_("Checking …"), id="looking")

    def clear(self) -> None:
        """Remove all rows: the checks start again."""
        self._good = self._others = 0
        self.query_one("#answers").remove_children()
        self.remove_class("-done")
        self.query_one("#looking").display = True

    def add(self, check: Check) -> None:
        """Add one check."""
        is_good = check.state == "ok"
        self._good, self._others = self._good + is_good, self._others + (not is_good)
        # A check may come in while the app leaves; Textual mounts nothing then.
        if self.is_attached:
            self.query_one("#answers").mount(CheckRow(check))

    def done(self) -> None:
        """All checks are in."""
        self.query_one("#looking").display = False
        self.query_one("#good", Static).update(_good_text(self._good, self._others))
        self.set_class(self._good > 0, "-done")

    def toggle_details(self) -> None:
        """Show every check with its finding, or only what is not good again."""
        self.toggle_class("-detailed")


def _good_text(good: int, others: int) -> str:
    if not others:
        text = ngettext("All good: {n} check", "All good: {n} checks", good)
    else:
        text = ngettext("{n} other check is good", "{n} other checks are good", good)
    return "✓ " + text.format(n=good)


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
