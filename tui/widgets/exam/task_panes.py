"""The right side of the exam screen: brief, files, submissions and training as panes.

Where there is room two panes are in sight, one of what one reads and one of what comes of
it; in a small window one of the four is. Which, is said by CSS classes: `-shown` is the
pane that was asked for last, `-front` the one of each pair that was.
"""

from textual import getters, on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widget import Widget

from tui.locale import N_
from tui.widgets.exam.brief import BriefPanel
from tui.widgets.exam.files import FilesPanel
from tui.widgets.exam.submissions import SubmissionList
from tui.widgets.exam.tab_bar import Tab, TabBar, TabLabel
from tui.widgets.exam.training import TrainingPanel

READING = (Tab("brief", N_("Brief"), "b"), Tab("files", N_("Files"), "f"))
RESULTS = (Tab("submissions", N_("Submissions"), "m"), Tab("training", N_("Training"), "t"))
PANES = tuple(each.name for each in (*READING, *RESULTS))


class TaskPanes(Container):
    """Holds the panes; its screen fills them."""

    brief = getters.query_one("#brief", BriefPanel)
    files = getters.query_one("#files", FilesPanel)
    submissions = getters.query_one("#submissions", SubmissionList)
    training = getters.query_one("#training", TrainingPanel)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.shown = "brief"

    def compose(self) -> ComposeResult:
        """All names over one pane, or the names of each pair over a pane of it."""
        yield TabBar((*READING, *RESULTS), classes="all")
        with Vertical(id="reading", classes="group"):
            yield TabBar(READING)
            yield BriefPanel(id="brief")
            yield FilesPanel(id="files")
        with Vertical(id="results", classes="group"):
            yield TabBar(RESULTS)
            yield SubmissionList(id="submissions")
            yield TrainingPanel(id="training")

    def on_mount(self) -> None:
        """One pane of each pair in front."""
        self.query_one("#submissions").add_class("-front")
        self.show("brief")

    def entitle(self, title: str) -> None:
        """Put the selected task's name over every pane."""
        for name in PANES:
            # A string would be read as markup, and a title of a pack can hold anything.
            self.pane(name).border_title = Content(title)

    def pane(self, name: str) -> Widget:
        """The pane of that name."""
        return self.query_one(f"#{name}")

    def show(self, name: str) -> None:
        """Bring a pane in front."""
        self.shown = name
        for tab in (*READING, *RESULTS):
            self.pane(tab.name).set_class(tab.name == name, "-shown")
        for pair, group in ((READING, "#reading"), (RESULTS, "#results")):
            names = [each.name for each in pair]
            self.query_one(group).set_class(name in names, "-shown")
            if name in names:
                for each in names:
                    self.pane(each).set_class(each == name, "-front")
                self.query_one(f"{group} > TabBar", TabBar).mark(name)
        self.query_one("TabBar.all", TabBar).mark(name)
        self._mark_results()

    def _mark_results(self) -> None:
        front = next(each.name for each in RESULTS if self.pane(each.name).has_class("-front"))
        self.query_one("#results > TabBar", TabBar).mark(front)

    def in_sight(self, name: str) -> bool:
        """Whether a pane can be seen now."""
        pane = self.pane(name)
        return all(each.display for each in (pane, *pane.ancestors) if isinstance(each, Widget))

    @on(TabLabel.Clicked)
    def tab_chosen(self, event: TabLabel.Clicked) -> None:
        """A name was clicked."""
        event.stop()
        self.show(event.name)
        self.pane(event.name).focus()
