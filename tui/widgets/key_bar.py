"""The footer: the keys of the action table that work now, in the table's order."""

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

from tui import actions
from tui.actions import Action
from tui.locale import _


class KeyBar(Footer):
    """Textual's footer, but translated, and ordered by the table instead of by the DOM."""

    DEFAULT_CSS = """
    KeyBar {
        padding: 0 1;
    }
    """

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._entries: list[tuple[Action, Binding]] = []

    def compose(self) -> ComposeResult:
        """One entry for each action that works now."""
        for action, binding in self._entries:
            yield _entry(action, binding)

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Paint anew, but only when the entries are others: this is asked for often."""
        if screen is not self.screen:
            return
        entries = list(_working(screen))
        if entries != self._entries:
            self._entries = entries
            super().bindings_changed(screen)


def _working(screen: Screen[object]) -> Iterator[tuple[Action, Binding]]:
    active = {
        each.binding.action: each.binding
        for each in screen.active_bindings.values()
        if each.enabled
    }
    shown: set[str] = set()
    for action in actions.on_screen(getattr(screen, "target", "app")):
        binding = active.get(action.name)
        if binding is not None and action.footer and action.name not in shown:
            shown.add(action.name)
            yield action, binding


def _entry(action: Action, binding: Binding) -> FooterKey:
    return FooterKey(
        action.first_key,
        action.key_text(),
        _(action.label),
        binding.action,
        tooltip=_(action.tooltip),
    )
