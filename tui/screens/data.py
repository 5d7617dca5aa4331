"""The public data sets: what is here, what the rest would cost, and how to get it.

Hashing and fetching go on in a thread of their own (`background_job.py`); the screen answers
meanwhile.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.settings_schema import folder_from
from tui import actions
from tui.link import messages
from tui.locale import N_, _, say
from tui.screens import data_text
from tui.screens.view import View
from tui.widgets.forms.field import Field

if TYPE_CHECKING:
    from tui.link.dataset_service import DataSetState

Work = Literal["", "looking", "fetching", "verifying", "adding"]
_WORDS: dict[Work, str] = {
    "looking": N_("Checking which data are here …"),
    "fetching": N_("Fetching …"),
    "verifying": N_("Checking every file …"),
    "adding": N_("Reading the file …"),
}
_LIST_CELLS = 38


class DataScreen(View[None]):
    """A list of the data sets, and all about the one that is highlighted."""

    CSS_PATH: ClassVar = ["data.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("data")]
    AUTO_FOCUS = "#sets"

    target = "data"
    help_text = N_(
        "Some tasks need public data sets, which do not come with tfexam. Nothing is "
        "fetched until you ask for it, and no file is used unless its SHA-256 is "
        "right. Fetching resumes where it stopped. If this machine is offline, fetch "
        "the files elsewhere and add them here: tfexam recognises them by their "
        "content, whatever their names."
    )

    menu = getters.query_one("#sets", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._sets: list[DataSetState] = []
        self._work: Work = ""
        # What the last job came to, shown once the list is new.
        self._outcome: Content | None = None

    def body(self) -> ComposeResult:
        """List, details, and what is being done."""
        with Vertical(id="list", classes="panel") as listed:
            listed.border_title = _("Data sets")
            yield OptionList(id="sets", markup=False)
        with VerticalScroll(id="about", classes="panel"):
            yield Static(id="details")
        with Vertical(id="datasets"):
            yield Field(_("File"), Input(id="path", compact=True))
            yield Static(id="status")

    def on_mount(self) -> None:
        """Look what is here."""
        self.query_one("#field-path").display = False
        self._look()

    def on_unmount(self) -> None:
        """What is fetched stops; what has arrived is kept."""
        self.bridge.leave_background_job()

    def _look(self) -> None:
        self._begin("looking")
        self.bridge.list_data(self)

    def _begin(self, work: Work) -> None:
        self._work = work
        if work != "looking" or self._outcome is None:
            self._say(Content.styled(_(_WORDS[work]), "$foreground-muted"))
        self.refresh_bindings()

    def _say(self, text: Content) -> None:
        self.query_one("#status", Static).update(text)

    def _end(self, outcome: Content) -> None:
        """Keep what came of it, and look again."""
        self._outcome = outcome
        self._say(outcome)
        self._look()

    # -- facts --------------------------------------------------------------------------

    @on(messages.DataListed)
    def listed(self, message: messages.DataListed) -> None:
        """Fill the list anew; the highlight stays where it was."""
        self._sets, self._work = message.sets, ""
        place = self.menu.highlighted or 0
        options = [Option(data_text.row(each, _LIST_CELLS), id=each.id) for each in self._sets]
        self.menu.set_options(options)
        self.menu.highlighted = min(place, len(options) - 1) if options else None
        if self._outcome is None:
            self._say(Content(""))
        self._outcome = None
        self._show()

    @on(messages.FetchMoved)
    def fetch_moved(self, message: messages.FetchMoved) -> None:
        """So much has arrived."""
        if self._work == "fetching":
            self._say(data_text.progress(message.progress))

    @on(messages.DataFetched)
    def fetched(self, message: messages.DataFetched) -> None:
        """It is here."""
        self._end(data_text.fetched(message.name))

    @on(messages.DataVerified)
    def verified(self, message: messages.DataVerified) -> None:
        """Everything was hashed."""
        self._end(data_text.verified(message.damaged, self._sets))

    @on(messages.DataAdded)
    def added(self, message: messages.DataAdded) -> None:
        """A file was taken in."""
        self._hide_path()
        self._end(data_text.added(message.added))

    @on(messages.BackgroundJobFailed)
    def failed(self, message: messages.BackgroundJobFailed) -> None:
        """Say why; a file that was refused is named where its path was entered."""
        error, work = message.error, self._work
        if work == "looking":
            self._work = ""
            self._say(data_text.error(error))
            self.refresh_bindings()
        elif work == "adding":
            self._work = ""
            self._say(Content(""))
            self.query_one("#field-path", Field).fault(say(error.sentence))
            self.refresh_bindings()
        else:
            self._end(data_text.error(error))

    # -- the one that is highlighted ------------------------------------------------------

    def _chosen(self) -> DataSetState | None:
        place = self.menu.highlighted
        return self._sets[place] if place is not None and place < len(self._sets) else None

    @on(OptionList.OptionHighlighted, "#sets")
    def _show(self) -> None:
        chosen = self._chosen()
        language = self.exam_app.settings.language
        text = data_text.details(chosen, language) if chosen else Content("")
        self.query_one("#details", Static).update(text)
        self.query_one("#about").border_title = Content(chosen.id if chosen else "")
        self.refresh_bindings()

    # -- actions ------------------------------------------------------------------------

    def allows(self, action: str) -> bool:
        """One thing at a time; only what is fetched can be stopped."""
        if action == "cancel":
            return self._work == "fetching"
        if action == "fetch":
            chosen = self._chosen()
            return not self._work and chosen is not None and not chosen.is_here
        return not self._work if action in {"add", "verify"} else True

    def action_fetch(self) -> None:
        """Fetch what of the highlighted data set is missing."""
        chosen = self._chosen()
        if chosen is not None and self.allows("fetch"):
            self._begin("fetching")
            self.bridge.fetch_data(self, chosen.id)

    def action_cancel(self) -> None:
        """Stop fetching."""
        self.bridge.stop_background_job()

    def action_verify(self) -> None:
        """Hash everything anew."""
        self._begin("verifying")
        self.bridge.verify_data(self)

    def action_add(self) -> None:
        """Ask for the path of a file."""
        self.query_one("#field-path").display = True
        self.query_one("#path", Input).focus()

    @on(Input.Changed, "#path")
    def _typed(self) -> None:
        self.query_one("#field-path", Field).fault("")

    @on(Input.Submitted, "#path")
    def _entered(self, event: Input.Submitted) -> None:
        text = event.value.strip()
        if not text:
            self._hide_path()
            return
        try:
            path = folder_from(text)
        except (ValueError, RuntimeError) as error:
            self.query_one("#field-path", Field).fault(_(str(error).rstrip(".")))
            return
        if self.allows("add"):
            self._begin("adding")
            self.bridge.add_data(self, path)

    def _hide_path(self) -> None:
        self.query_one("#path", Input).value = ""
        self.query_one("#field-path").display = False
        self.menu.focus()

    def action_back(self) -> None:
        """Leave the entry of a path first, then the screen."""
        if self.query_one("#field-path").display:
            self._hide_path()
        else:
            self.dismiss()
