"""The command palette in the current language: Textual's own says in English what it lacks."""

from __future__ import annotations

from functools import partial

from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.widgets.option_list import Option

from tui.locale import _


class TranslatedPalette(CommandPalette):
    """Textual's palette; a test notices when it says something else."""

    def __init__(self) -> None:
        # By this name the palette knows that it is open.
        super().__init__(placeholder=_("What would you like to do?"), id="--command-palette")

    def _start_no_matches_countdown(self, search_value: str) -> None:
        """Say soon that nothing was found, unless something is."""
        self._stop_no_matches_countdown()
        tell = partial(self._tell_of_no_match, search_value)
        self._no_matches_timer = self.set_timer(self._NO_MATCHES_COUNTDOWN, tell)

    def _tell_of_no_match(self, wanted: str) -> None:
        if wanted:
            text = Content.styled(_("No matches found"), "not bold")
            option = Option(text, disabled=True, id=self._NO_MATCHES)
            self.query_one(CommandList).add_option(option)
        self._list_visible = bool(wanted)
