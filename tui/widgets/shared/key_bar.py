"""The footer: the keys that work now, in the order of the action table.

Actions that come and go (a screen's `transient_actions`) come last: otherwise entries would
move while the mouse is on its way to one.

One widget draws all of them, while Textual's own footer makes a widget for each key: the first
paint takes as long as there are widgets to style.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui import actions
from tui.locale import _

if TYPE_CHECKING:
    from textual import events
    from textual.app import RenderResult
    from textual.screen import Screen

_GAP = 2


@dataclass(frozen=True)
class KeyEntry:
    """One key: its place in the line, its action, and its text."""

    start: int
    action: str
    key: str
    label: str
    tooltip: str

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.start + cell_len(self.key) + 1 + cell_len(self.label)


class KeyBar(Widget):
    """One line of keys; a click does what the key does."""

    DEFAULT_CSS = """
    KeyBar {
        dock: bottom;
        height: 1;
        padding: 0 1;
        background: $footer-background;
        color: $footer-foreground;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[KeyEntry, ...] = ()
        self._hovered: KeyEntry | None = None

    @property
    def labels(self) -> list[str]:
        """The labels on offer, in the current language."""
        return [each.label for each in self._entries]

    def on_mount(self) -> None:
        """Repaint when the working actions change."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self._bindings_changed(self.screen)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        """Repaint, but only if the entries have changed: this is called often."""
        if screen is not self.screen or not self.screen.is_attached:
            return
        entries = tuple(_working(screen))
        if entries != self._entries:
            self._entries, self._hovered = entries, None
            self.refresh()

    def render(self) -> RenderResult:
        """Render the key and label of each entry."""
        parts: list[tuple[str, str]] = []
        for entry in self._entries:
            style = "underline" if entry is self._hovered else ""
            parts += [
                (entry.key, "bold $footer-key-foreground"),
                (" ", ""),
                (entry.label, style),
                (" " * _GAP, ""),
            ]
        # Without the last gap, which would count as overflowing text.
        return Content.assemble(*parts[:-1])

    def _at(self, x: int) -> KeyEntry | None:
        place = x - self.gutter.left
        return next((each for each in self._entries if each.start <= place < each.end), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Highlight what a click would do."""
        self._hover(self._at(event.x))

    def on_leave(self) -> None:
        """Remove the highlight."""
        self._hover(None)

    def _hover(self, entry: KeyEntry | None) -> None:
        if entry is not self._hovered:
            self._hovered = entry
            self.tooltip = entry.tooltip if entry else None
            self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """Do what the clicked key does."""
        if (entry := self._at(event.x)) is not None:
            event.stop()
            await self.app.run_action(entry.action, default_namespace=self.screen)


def _offered(screen: Screen[object], working: Container[str]) -> list[actions.Action]:
    """The screen's `working` actions, in the order of the line."""
    transient_actions: tuple[str, ...] = getattr(screen, "transient_actions", ())
    places = {name: place for place, name in enumerate(transient_actions, 1)}
    first: dict[str, actions.Action] = {}
    for action in actions.on_screen(getattr(screen, "target", "app")):
        if action.footer and action.name in working:
            # The screen's own action wins over a common one with the same name.
            first.setdefault(action.name, action)
    return sorted(first.values(), key=lambda action: places.get(action.name, 0))


def _working(screen: Screen[object]) -> Iterator[KeyEntry]:
    active = {
        each.binding.action: each.node for each in screen.active_bindings.values() if each.enabled
    }
    start = 0
    # What a dialog's buttons say; the table has only one word for all dialogs.
    said: dict[str, str] = getattr(screen, "action_labels", {})
    for action in _offered(screen, active):
        name = f"app.{action.name}" if active[action.name] is screen.app else action.name
        entry = KeyEntry(
            start,
            name,
            action.key_text(),
            said.get(action.name) or _(action.label),
            _(action.tooltip),
        )
        start = entry.end + _GAP
        yield entry
