"""The public data sets: which are here, what the rest would cost, and how to get them.

Hashing and fetching run in a separate thread (`background_job.py`), so the screen stays
responsive.
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
from tui.screens.data_fetches import DataFetches
from tui.screens.view import View
from tui.widgets.forms.field import Field
from tui.widgets.shared.list_filter import ListFilter, refill

if TYPE_CHECKING:
    from tui.link.dataset_service import DataSetState

Work = Literal["", "looking", "fetching", "verifying", "adding"]
_WORDS: dict[Work, str] = {
    "looking": N_("Checking which data are here …"),
    "fetching": N_("Fetching …"),
    "verifying": N_("Checking every file …"),
    "adding": N_("Reading the file …"),
}
_LIST_CELLS = 40


class DataScreen(View[None]):
    """A list of the data sets, and the details of the highlighted one."""

    CSS_PATH: ClassVar = ["data.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("data")]
    AUTO_FOCUS = "#sets"

    target = "data"
    help_text = N_(
        "Some tasks need public data sets, which do not come with tfexam. Nothing is "
        "fetched until you ask for it, and no file is used unless its SHA-256 is "
        "right. Fetching resumes where it stopped. Space marks several, to fetch them "
        "at once. If this machine is offline, fetch "
        "the files elsewhere and add them here: tfexam recognises them by their "
        "content, whatever their names."
    )

    menu = getters.query_one("#sets", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._sets: list[DataSetState] = []
        # Those that the filter lets through.
        self._listed: list[DataSetState] = []
        self._marked: set[str] = set()
        self._fetches = DataFetches(())
        self._work: Work = ""
        # The outcome of the last job, shown once the list is refilled.
        self._outcome: Content | None = None

    def body(self) -> ComposeResult:
        """List, details and status."""
        with Vertical(id="list", classes="panel") as listed:
            listed.border_title = _("Data sets")
            yield ListFilter("sets")
            yield OptionList(id="sets", markup=False)
        with VerticalScroll(id="about", classes="panel"):
            yield Static(id="details")
        with Vertical(id="datasets"):
            yield Field(_("File"), Input(id="path", compact=True))
            yield Static(id="status")

    def on_mount(self) -> None:
        """Check which data are here."""
        self.query_one("#field-path").display = False
        self._look()

    def on_unmount(self) -> None:
        """Stop fetching; what has arrived is kept."""
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
        """Keep the job's outcome to show it, and list the data sets again."""
        self._outcome = outcome
        self._say(outcome)
        self._look()

    # -- facts --------------------------------------------------------------------------

    @on(messages.DataListed)
    def listed(self, message: messages.DataListed) -> None:
        """Refill the list; the highlight stays where it was."""
        self._sets, self._work = message.sets, ""
        self._marked -= {each.id for each in self._sets if each.is_here}
        if self._outcome is None:
            self._say(Content(""))
        self._outcome = None
        self._fill()

    @on(Input.Changed, "#filter")
    def _fill(self) -> None:
        """List what the filter lets through."""
        search = self.query_one(ListFilter)
        self._listed = [each for each in self._sets if search.lets_through(*data_text.words(each))]
        refill(self.menu, [Option(self._row(each), id=each.id) for each in self._listed])
        self._show()

    def _row(self, data: DataSetState) -> Content:
        state = None if data.is_here else self._fetches.state(data.id)
        return data_text.row(data, _LIST_CELLS, marked=data.id in self._marked, state=state)

    def _repaint(self, name: str) -> None:
        """Draw one line again, where it is listed."""
        data = next((each for each in self._listed if each.id == name), None)
        if data is not None:
            self.menu.replace_option_prompt(name, self._row(data))

    @on(messages.FetchMoved)
    def fetch_moved(self, message: messages.FetchMoved) -> None:
        """Show how much has arrived."""
        if self._work == "fetching":
            self._fetches.moved(message.progress)
            self._paint_fetch(message.progress.dataset)

    @on(messages.DataFetched)
    def fetched(self, message: messages.DataFetched) -> None:
        """A data set is here; others may be on their way."""
        self._fetches.ended(message.name)
        self._paint_fetch(message.name)

    @on(messages.FetchFailed)
    def fetch_failed(self, message: messages.FetchFailed) -> None:
        """A data set could not be fetched; the others go on."""
        self._fetches.ended(message.name, message.error)
        self._paint_fetch(message.name)

    def _paint_fetch(self, name: str) -> None:
        self._say(self._fetches.text())
        self._repaint(name)

    @on(messages.FetchesDone)
    def fetches_done(self) -> None:
        """Say how each ended."""
        self._end(self._fetches.outcome())

    @on(messages.DataVerified)
    def verified(self, message: messages.DataVerified) -> None:
        """Every file has been checked."""
        self._end(data_text.verified(message.damaged, self._sets))

    @on(messages.DataAdded)
    def added(self, message: messages.DataAdded) -> None:
        """A file was added."""
        self._hide_path()
        self._end(data_text.added(message.added))

    @on(messages.BackgroundJobFailed)
    def failed(self, message: messages.BackgroundJobFailed) -> None:
        """Say why; a refused file is explained where its path was entered."""
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
        return self._listed[place] if place is not None and place < len(self._listed) else None

    @on(OptionList.OptionHighlighted, "#sets")
    def _show(self) -> None:
        chosen = self._chosen()
        language = self.exam_app.settings.language
        text = Content("")
        if chosen is not None:
            text = data_text.details(chosen, language)
            if (error := self._fetches.error(chosen.id)) is not None:
                text = Content("\n\n").join([text, data_text.error(error)])
        self.query_one("#details", Static).update(text)
        self.query_one("#about").border_title = Content(chosen.id if chosen else "")
        self.refresh_bindings()

    # -- actions ------------------------------------------------------------------------

    def allows(self, action: str) -> bool:
        """One job at a time; only fetching can be stopped."""
        if action == "cancel":
            return self._work == "fetching"
        if action == "fetch":
            return not self._work and bool(self._wanted())
        if action == "mark":
            chosen = self._chosen()
            return not self._work and chosen is not None and not chosen.is_here
        if action == "filter":
            return bool(self._sets)
        return not self._work if action in {"add", "verify"} else True

    def _wanted(self) -> list[DataSetState]:
        """What fetching would fetch: the marked data sets, else the highlighted one."""
        chosen = self._chosen()
        marked = [each for each in self._sets if each.id in self._marked]
        wanted = marked or ([] if chosen is None else [chosen])
        return [each for each in wanted if not each.is_here]

    def action_mark(self) -> None:
        """Mark the highlighted data set, or not any more."""
        chosen = self._chosen()
        if chosen is None or not self.allows("mark"):
            return
        self._marked ^= {chosen.id}
        self._repaint(chosen.id)
        wanted = self._wanted() if self._marked else []
        cost = sum(file.bytes or 0 for each in wanted for file in each.missing)
        self._say(data_text.marked(len(wanted), cost) if wanted else Content(""))
        self.refresh_bindings()

    def action_filter(self) -> None:
        """Show only what matches some words."""
        self.query_one(ListFilter).open()

    def action_fetch(self) -> None:
        """Fetch the missing files of the marked data sets, or of the highlighted one."""
        names = [each.id for each in self._wanted()]
        if names and self.allows("fetch"):
            self._fetches, self._marked = DataFetches(names), set()
            self._begin("fetching")
            self._fill()
            self.bridge.fetch_data(self, names)

    def action_cancel(self) -> None:
        """Stop fetching."""
        self.bridge.stop_background_job()

    def action_verify(self) -> None:
        """Check the hash of every file."""
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
        """Close the path entry first, then the filter, then the screen."""
        if self.query_one("#field-path").display:
            self._hide_path()
        elif not self.query_one(ListFilter).close():
            self.dismiss()
