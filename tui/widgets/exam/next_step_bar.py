"""One line across the exam screen that offers the next step, with a button for it."""

from __future__ import annotations

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Button, Static

from tui.locale import _, noted


class NextStepBar(Horizontal):
    """A bar that is hidden while there is nothing to offer."""

    DEFAULT_CSS = """
    NextStepBar {
        display: none;
        height: 1;
        padding: 0 1;
        background: $panel;
        &.-shown { display: block; }
        Static {
            width: 1fr;
            height: 1;
            color: $text-success;
            text-style: bold;
            text-wrap: nowrap;
            text-overflow: ellipsis;
        }
        Button { min-width: 10; }
    }
    """

    @dataclass
    class Taken(Message):
        """The button was pressed."""

        action: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[str, str, str] | None = None

    def compose(self) -> ComposeResult:
        """Text and a button; its key does the same, so it needs no focus."""
        yield Static(markup=False)
        yield Button(_("End"), variant="primary")

    def on_mount(self) -> None:
        """Keep the button from taking the focus from the panes."""
        self.query_one(Button).can_focus = False

    def show(self, text: str, label: str, key: str, action: str) -> None:
        """Offer `action` of the screen, on a button with `label` and the `key` that does it."""
        if (text, label, action) != self._shown:
            self._shown = (text, label, action)
            self.query_one(Static).update("✓ " + text)
            self.query_one(Button).label = noted(label, key)
            self.add_class("-shown")

    def hide(self) -> None:
        """Stop offering."""
        self._shown = None
        self.remove_class("-shown")

    @on(Button.Pressed)
    def _take(self, event: Button.Pressed) -> None:
        event.stop()
        if self._shown is not None:
            self.post_message(self.Taken(self._shown[2]))
