"""One line of a form: a label, a control, and a note or a fault."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static


class Field(Horizontal):
    """`control` beside its label; up and down lead to the next one.

    A fault takes the place of the note, in words and with a glyph.
    """

    DEFAULT_CSS = """
    Field {
        height: auto;
        .label { width: 14; color: $text-muted; padding-right: 1; }
        .body { width: 1fr; height: auto; }
        .note { color: $text-muted; display: none; }
        &.-noted .note, &.-wrong .note { display: block; }
        &.-wrong .note { color: $text-error; }
        Input { background: $panel; padding: 0 1; }
        Input:focus { background: $block-cursor-background; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, label: str, control: Widget, *, note: str = "") -> None:
        """`label` and `note` are translated already."""
        super().__init__(id=f"field-{control.id}")
        self._label, self._control, self._note = label, control, note

    def compose(self) -> ComposeResult:
        """The label on the left, the rest stacked on the right."""
        yield Static(Content(self._label), classes="label")
        with Vertical(classes="body"):
            yield self._control
            yield Static(Content(self._note), classes="note")

    def on_mount(self) -> None:
        """Show the note."""
        self.set_class(bool(self._note), "-noted")

    def say(self, note: str) -> None:
        """Show another note, such as what the current choice means."""
        self._note = note
        self.set_class(bool(note), "-noted")
        self.fault("")

    def fault(self, text: str) -> None:
        """Say what is wrong; empty means nothing."""
        self.set_class(bool(text), "-wrong")
        self.query_one(".note", Static).update(Content(f"✗ {text}" if text else self._note))

    @property
    def wrong(self) -> bool:
        """Whether it has a fault."""
        return self.has_class("-wrong")
