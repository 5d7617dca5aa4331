"""The body of the exam screen: the tasks on the left, the selected task's panes on the right.

It is painted from an `ExamState`, and knows nothing about notices and keys.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from engine.grading.protocol import Progress, Stage
from engine.sitting.views.total_trend import total_trend
from tui.locale import _
from tui.text.format import sparkline
from tui.widgets.exam.categories import CategoryList, ListedTask
from tui.widgets.exam.grading import GradingPanel
from tui.widgets.exam.machine import MachineLine, MachinePanel
from tui.widgets.exam.tab_bar import TabBar
from tui.widgets.exam.task_panes import TaskPanes
from tui.widgets.exam.total import TotalChart

if TYPE_CHECKING:
    from engine.clock import Instant
    from engine.machine.gpu import Reading
    from engine.machine.usage import UsageSample
    from engine.sitting.state.sitting import Sitting
    from tui.screens.exam_state import ExamState


class ExamRoom(Horizontal):
    """Paints `state`; `title` gives a task's title."""

    categories = getters.query_one("#categories", CategoryList)
    machine = getters.query_one("#machine", MachinePanel)
    machine_line = getters.query_one("#machine-line", MachineLine)
    panes = getters.query_one("#panes", TaskPanes)
    grading = getters.query_one("#grading", GradingPanel)
    total = getters.query_one("#total", TotalChart)

    def __init__(self, state: ExamState, title: Callable[[str], str], *, by_hand: bool) -> None:
        super().__init__(id="room")
        self._state, self._title, self._by_hand = state, title, by_hand
        self._totalled: object = None

    def compose(self) -> ComposeResult:
        """Two columns."""
        entries = [
            ListedTask(each.task, each.category, self._title(each.task))
            for each in self._state.tasks
        ]
        with Vertical(id="left"):
            yield CategoryList(entries, id="categories")
            yield GradingPanel(id="grading")
            yield TotalChart(id="total")
            yield MachinePanel(id="machine")
            yield MachineLine(id="machine-line")
        with Vertical(id="right"):
            yield TaskPanes(id="panes")

    def paint_categories(self, now: Instant) -> None:
        """Paint the scores, states and times of all tasks."""
        state = self._state
        self.categories.selected = state.index
        self.categories.show(state, now)
        if state.sitting.submissions is not self._totalled:  # not at each second
            self._totalled = state.sitting.submissions
            self.categories.border_subtitle = _total(state.sitting)
        self.total.show(state.sitting, now)

    def paint_machine(self, gpu: Reading | None, usage: UsageSample | None) -> None:
        """Paint the newest sample of the machine."""
        self.machine.gpu, self.machine.usage = gpu, usage
        self.machine_line.show(gpu, usage)

    async def paint_selected(self, brief: str) -> None:
        """Paint everything about the selected task."""
        paper = self._state.selected
        self.panes.entitle(
            _("Category {number} · {title}").format(
                number=paper.category, title=self._title(paper.task)
            )
        )
        self.paint_submissions()
        self.paint_folder()
        await self.panes.brief.show(paper.task, brief, follows=self._state.came_from is not None)
        if self._state.grading is None:
            self._rest()

    def place_notices(self, below: int) -> None:
        """Below the header, which ends in row `below`, and the tabs: neither may be covered."""
        if racks := self.screen.query("ToastRack"):
            tabs = [each.region.bottom for each in self.query(TabBar) if each.region]
            racks.first().styles.margin = (max(below, min(tabs, default=below)), 1, 0, 0)

    def paint_submissions(self) -> None:
        """Paint the submissions of the selected task."""
        state, note = self._state, self._state.note
        if state.takeable:
            offer = _("s takes {name} as the model.").format(name=state.takeable)
            note = f"{note} {offer}".strip()
        self.panes.submissions.show(
            state.sitting,
            state.selected.task,
            note,
            unsubmitted=state.is_unsubmitted,
            diagnoses=state.diagnoses,
        )

    def paint_folder(self) -> None:
        """Paint the content of the selected task's folder."""
        sample, unsubmitted = self._state.folder, self._state.is_unsubmitted
        self.panes.files.show(sample.listing if sample else None, unsubmitted=unsubmitted)
        self.panes.training.show(sample.curve if sample else None)

    def paint_grading(self, *, ended: bool = False) -> None:
        """Paint the grading in progress; `ended` says that the one on screen is over."""
        if ended:
            self.grading.remove_class("-grading")
        now = self._state.grading
        if now is None:
            self._rest()
        elif not self.grading.has_class("-grading"):
            self.grading.show(now.number, self._title(now.task), Progress(Stage.STARTING), 0.0)

    def elapse(self, now: Instant) -> None:
        """Update the time of the grading in progress."""
        if self._state.grading_since is not None:
            self.grading.elapse(now.since(self._state.grading_since))

    def _rest(self) -> None:
        folder = self._state.folder_of(self._state.selected.task)
        self.grading.rest(folder.name, waiting=self._state.waiting, by_hand=self._by_hand)


def _total(sitting: Sitting) -> str:
    """The total so far, and how it grew."""
    trend = total_trend(sitting)
    return f"∑ {trend[-1]:.0f} % {sparkline(trend)}" if len(trend) > 1 else ""
