"""The files in the selected category's folder; text files can be opened from here."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.clock import Instant
from engine.sitting.views.folder_view import FileEntry, Listing
from tui.locale import _, ngettext
from tui.text.format import bytes_text, fit
from tui.widgets.exam.pane_list import PaneList, quiet_line

MODEL = "mymodel.h5"
_TEXT = {".py", ".md", ".txt", ".csv", ".json", ".toml", ".tsv", ".log"}
_SIZE_CELLS, _TIME_CELLS = 10, 6


class FilesPanel(PaneList):
    """A list that is refilled when the folder changes."""

    @dataclass
    class OpenAsked(Message):
        """The candidate wants to open a file, named relative to the folder."""

        name: str

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._listing: Listing | None = None
        self._unsubmitted = False

    def show(self, listing: Listing | None, *, unsubmitted: bool) -> None:
        """Show what the folder holds; None means not known yet."""
        self._listing, self._unsubmitted = listing, unsubmitted
        self._fill()

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        self._fill()

    def _fill(self) -> None:
        listing = self._listing
        if listing is None:
            self.set_options([quiet_line(_("Checking …"))])
        elif listing.fault:
            self.set_options([quiet_line(f"✗ {listing.fault}")])
        else:
            self._fill_with(listing)

    def _fill_with(self, listing: Listing) -> None:
        place = self.highlighted
        was = None if place is None else self.get_option_at_index(place).id
        self.set_options([self._option(each) for each in listing.entries])
        if listing.left_out:
            more = ngettext("and {n} more", "and {n} more", listing.left_out)
            self.add_option(quiet_line(more.format(n=listing.left_out)))
        names = [each.name for each in listing.entries]
        last = max(0, len(names) - 1)
        self.highlighted = names.index(was) if was in names else min(place or 0, last)

    def _option(self, entry: FileEntry) -> Option:
        width = self.content_size.width - _SIZE_CELLS - _TIME_CELLS
        path = PurePosixPath(entry.name)
        if entry.size is None:
            name, size, style = f"{path.name}/", "", ""
        else:
            name, size = path.name, bytes_text(entry.size)
            style = "bold" if _is_text(path) else ""
        if self._is_waiting(entry):
            name, style = f"! {name}", "$text-warning"
        name = fit("  " * (len(path.parts) - 1) + name, width)
        time = Instant(entry.changed, 0.0, "").local().strftime("%H:%M")
        facts = f"{size:>{_SIZE_CELLS}}{time:>{_TIME_CELLS}}"
        return Option(Content.assemble((name, style), (facts, "$foreground-muted")), id=entry.name)

    def _is_waiting(self, entry: FileEntry) -> bool:
        return entry.name == MODEL and self._unsubmitted

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Open a text file."""
        event.stop()
        name = event.option_id
        if name is not None and _is_text(PurePosixPath(name)):
            self.post_message(self.OpenAsked(name))


def _is_text(path: PurePosixPath) -> bool:
    return path.suffix.lower() in _TEXT
