"""The right side of the exam screen: the panes brief, files, submissions and training.

If there is room, two panes are visible: brief or files, and submissions or training. In a
small window only one of the four is. CSS classes say which: `-shown` marks the pane that was
chosen last, `-front` the one that was chosen last in each pair.
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
PANE_TABS = (*READING, *RESULTS)
PANES = tuple(each.name for each in PANE_TABS)


class TaskPanes(Container):
    """Holds the panes; the screen fills them."""

    brief = getters.query_one("#brief", BriefPanel)
    files = getters.query_one("#files", FilesPanel)
    submissions = getters.query_one("#submissions", SubmissionList)
    training = getters.query_one("#training", TrainingPanel)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.shown = "brief"

    def compose(self) -> ComposeResult:
        """All names above one pane, or each pair's names above one pane of the pair."""
        yield TabBar(PANE_TABS, classes="all")
        with Vertical(id="reading", classes="group"):
            yield TabBar(READING)
            yield BriefPanel(id="brief")
            yield FilesPanel(id="files")
        with Vertical(id="results", classes="group"):
            yield TabBar(RESULTS)
            yield SubmissionList(id="submissions")
            yield TrainingPanel(id="training")

    def on_mount(self) -> None:
        """Bring one pane of each pair to the front."""
        self.query_one("#submissions").add_class("-front")
        self.show("brief")

    def entitle(self, title: str) -> None:
        """Put the selected task's name above every pane."""
        for name in PANES:
            # A string would be parsed as markup, and a pack's title can contain anything.
            self.pane(name).border_title = Content(title)

    def pane(self, name: str) -> Widget:
        """The pane with that name."""
        return self.query_one(f"#{name}")

    def show(self, name: str) -> None:
        """Bring a pane to the front."""
        self.shown = name
        for tab in PANE_TABS:
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
        """Whether a pane is visible now."""
        pane = self.pane(name)
        return all(each.display for each in (pane, *pane.ancestors) if isinstance(each, Widget))

    @on(TabLabel.Clicked)
    def tab_chosen(self, event: TabLabel.Clicked) -> None:
        """A name was clicked."""
        event.stop()
        self.show(event.name)
        self.pane(event.name).focus()
