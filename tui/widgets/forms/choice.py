"""A choice from a few values on one line; the mark of the chosen one differs in shape too.

Textual's own radio set and switch take several lines, and without colours a switch does not
show whether it is on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

_GAP = 3
_ON, _OFF = "● ", "○ "


class Choice(Widget, can_focus=True):
    """Left, right, space, enter or a click chooses; `value` is the chosen one."""

    DEFAULT_CSS = """
    Choice {
        height: 1;
        width: 1fr;
        text-wrap: nowrap;
        text-overflow: ellipsis;
        &:focus { background: $block-cursor-background; color: $block-cursor-foreground; }
        &:disabled { color: $foreground-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", show=False),
        Binding("right", "move(1)", show=False),
        Binding("space,enter", "choose_next", show=False),
    ]

    @dataclass
    class Changed(Message):
        """Another value was chosen."""

        choice: Choice
        value: str

        @property
        def control(self) -> Choice:
            """The widget, for selectors of `on`."""
            return self.choice

    value: reactive[str] = reactive("")

    def __init__(
        self,
        options: Sequence[tuple[str, str]],
        value: str,
        *,
        id: str | None = None,  # noqa: A002 - as Textual calls it
        disabled: bool = False,
    ) -> None:
        """`options` are pairs of a value and its translated label."""
        super().__init__(id=id, disabled=disabled)
        self._options = tuple(options)
        # Not assigned: nothing is mounted yet that could be repainted.
        self.set_reactive(Choice.value, value)

    def render(self) -> RenderResult:
        """Render every label with its mark."""
        parts: list[tuple[str, str]] = []
        for value, label in self._options:
            chosen = value == self.value
            style = "bold" if chosen else "$foreground-muted"
            parts += [((_ON if chosen else _OFF) + label, style), (" " * _GAP, "")]
        return Content.assemble(*parts[:-1])

    def action_move(self, step: int) -> None:
        """Choose the next value, or the previous one."""
        self._choose(self._place() + step)

    def action_choose_next(self) -> None:
        """Choose the next value; after the last, the first."""
        self._choose((self._place() + 1) % len(self._options))

    def on_click(self, event: events.Click) -> None:
        """Choose the clicked value."""
        start = 0
        for place, (_value, label) in enumerate(self._options):
            end = start + cell_len(_ON + label)
            if start <= event.x < end:
                self._choose(place)
            start = end + _GAP

    def _place(self) -> int:
        values = [value for value, _label in self._options]
        return values.index(self.value) if self.value in values else 0

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._options):
            value = self._options[place][0]
            if value != self.value:
                self.value = value
                self.post_message(self.Changed(self, value))
