"""The footer: the keys that work now, in the order of the action table.

Actions that come and go (a screen's `transient_actions`) come last: otherwise entries would
move while the mouse is on its way to one. What has no room is in the palette, which the last
entry opens then: whoever has only a mouse must reach everything.

One widget draws all of them, while Textual's own footer makes a widget for each key: the first
paint takes as long as there are widgets to style.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
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
        self._show(screen)

    def on_resize(self) -> None:
        """Offer as many keys as fit."""
        self._show(self.screen)

    def _show(self, screen: Screen[object]) -> None:
        entries = _fitting(screen, self.content_size.width)
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


def _fitting(screen: Screen[object], width: int) -> tuple[KeyEntry, ...]:
    """The working keys; where not all fit `width` cells, the palette after those that do.

    The action that comes by itself is left out first, and moves nothing by that.
    """
    entries = _placed(_working(screen))
    if not width or _end(entries) <= width or screen.is_modal:
        return entries
    transient: tuple[str, ...] = getattr(screen, "transient_actions", ())
    entries = tuple(each for each in entries if each.action not in transient[-1:])
    if _end(entries) <= width:
        return entries
    more = KeyEntry(0, "app.command_palette", "^p", _("More"), _("Search all commands"))
    usual = [each for each in entries if each.action not in transient]
    others = [each for each in entries if each.action in transient]
    while usual and _end(_placed([*usual, *others, more])) > width:
        usual.pop()
    return _placed([*usual, *others, more])


def _end(entries: Sequence[KeyEntry]) -> int:
    return entries[-1].end if entries else 0


def _placed(entries: Iterable[KeyEntry]) -> tuple[KeyEntry, ...]:
    """The same, each at its place in the line."""
    found: list[KeyEntry] = []
    for each in entries:
        found.append(replace(each, start=found[-1].end + _GAP if found else 0))
    return tuple(found)


def _working(screen: Screen[object]) -> Iterator[KeyEntry]:
    active = {
        each.binding.action: each.node for each in screen.active_bindings.values() if each.enabled
    }
    # What a dialog's buttons say; the table has only one word for all dialogs.
    said: dict[str, str] = getattr(screen, "action_labels", {})
    for action in _offered(screen, active):
        name = f"app.{action.name}" if active[action.name] is screen.app else action.name
        label = said.get(action.name) or _(action.label)
        yield KeyEntry(0, name, action.key_text(), label, _(action.tooltip))
