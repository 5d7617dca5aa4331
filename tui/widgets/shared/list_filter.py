"""A filter above a list: only the entries that hold all of its words stay in the list."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui.locale import _


class ListFilter(Input):
    """Hidden until it is asked for; `list_id` is the list below it.

    The list follows each key. Down and enter lead back to it and keep the filter; the screen
    calls `close` on escape, which shows everything again.
    """

    DEFAULT_CSS = """
    ListFilter {
        display: none;
        background: $panel;
        padding: 0 1;
        margin-bottom: 1;
        &:focus { background: $block-cursor-background; }
    }
    """

    def __init__(self, list_id: str) -> None:
        super().__init__(id="filter", compact=True, placeholder=_("type to filter the list"))
        self._list_id = list_id

    def open(self) -> None:
        """Show it, and type into it."""
        self.display = True
        self.focus()

    def close(self) -> bool:
        """Empty and hide it; False if it was not shown."""
        if not self.display:
            return False
        self.value = ""
        self.display = False
        self._leave()
        return True

    def _leave(self) -> None:
        self.screen.query_one(f"#{self._list_id}").focus()

    def on_key(self, event: events.Key) -> None:
        """Lead back to the list."""
        if event.key in {"down", "up", "enter"}:
            event.prevent_default().stop()
            self._leave()

    def lets_through(self, *texts: str) -> bool:
        """Whether each word of the filter is in one of `texts`, whatever its case."""
        said = "\n".join(texts).casefold()
        return all(word in said for word in self.value.casefold().split())


def refill(menu: OptionList, options: Sequence[Option]) -> None:
    """Replace the options; the highlight stays on the same one, else it is on the first."""
    place = menu.highlighted
    was = None if place is None else menu.get_option_at_index(place).id
    menu.set_options(options or [Option(_("Nothing matches."), disabled=True)])
    ids = [each.id for each in options]
    if ids:
        menu.highlighted = ids.index(was) if was in ids else 0
