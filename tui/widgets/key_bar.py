"""The footer: the keys of the action table that work now, in the table's order."""

from textual.app import ComposeResult
from textual.binding import Binding
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

    def compose(self) -> ComposeResult:
        """One entry for each action that works now."""
        if not self._bindings_ready:
            return
        target = getattr(self.screen, "target", "app")
        active = {
            each.binding.action: each.binding
            for each in self.screen.active_bindings.values()
            if each.enabled
        }
        shown: set[str] = set()
        for action in (*actions.of(target), *actions.of("app")):
            binding = active.get(action.name)
            if binding is not None and action.footer and action.name not in shown:
                shown.add(action.name)
                yield _entry(action, binding)


def _entry(action: Action, binding: Binding) -> FooterKey:
    return FooterKey(
        action.first_key,
        action.key_text(),
        _(action.label),
        binding.action,
        tooltip=_(action.tooltip),
    )
