"""What the exam screen looks like: its widgets, which task is selected, and painting them.

What happens on it (facts of the engine, actions of the candidate) stands in `exam.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from engine.grading.protocol import Progress, Stage
from engine.marking import MAX_SCORE
from engine.sitting.state.sitting import Phase, Sitting, Submission, SubmissionState
from tui.link import messages
from tui.locale import _
from tui.screens.view import View
from tui.text.format import short_path
from tui.text.outcome import title_of
from tui.widgets.exam.banner import Banner
from tui.widgets.exam.categories import CategoryList, Entry
from tui.widgets.exam.exam_clock import ExamClock
from tui.widgets.exam.grading import GradingPanel
from tui.widgets.exam.machine import MachinePanel
from tui.widgets.exam.offer import Offer
from tui.widgets.exam.task_panes import TaskPanes

if TYPE_CHECKING:
    from engine.clock import Instant


class ExamRoom(View[None]):
    """The room of one sitting; its screen says what happens in it."""

    CSS_PATH: ClassVar = ["cards.tcss", "markdown.tcss", "exam.tcss"]
    AUTO_FOCUS = "CategoryList"

    categories = getters.query_one("#categories", CategoryList)
    machine = getters.query_one("#machine", MachinePanel)
    panes = getters.query_one("#panes", TaskPanes)
    grading = getters.query_one("#grading", GradingPanel)
    banner = getters.query_one("#banner", Banner)
    offer = getters.query_one("#offer", Offer)
    clock = getters.query_one(ExamClock)

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self._sitting = sitting
        self._notes: dict[str, str] = {}
        self._unsubmitted: frozenset[str] = frozenset()
        self._folder: messages.FolderSampled | None = None
        self._follows = False
        self._selected = self._last_selected()
        self._grading_since: Instant | None = None

    # -- shape --------------------------------------------------------------------------

    def body(self) -> ComposeResult:
        """Header, banner, and the room: what there is to do left, what one reads right."""
        with Horizontal(id="header"):
            yield Static(id="title", markup=False)
            yield ExamClock()
        yield Banner(id="banner")
        yield Offer(id="offer")
        with Horizontal(id="room"):
            with Vertical(id="left"):
                yield CategoryList(self._entries(), id="categories")
                yield MachinePanel(id="machine")
            with Vertical(id="right"):
                yield TaskPanes(id="panes")
                yield GradingPanel(id="grading")

    def _entries(self) -> list[Entry]:
        return [
            Entry(each.task, each.category, self._title(each.task))
            for each in self._sitting.record.paper.tasks
        ]

    def on_mount(self) -> None:
        """Listen, and show the sitting as it stands."""
        self.bridge.subscribe(self)
        self.bridge.watch_room(self, Path(self._sitting.record.workspace))
        self.bridge.turn_to(self.selected_task)
        self.categories.selected = self._selected
        self._paint_title()
        if self.bridge.proctor is not None:
            self._unsubmitted = self.bridge.proctor.unsubmitted
            self._show_clock(self.bridge.proctor.time_left())
        self._paint()

    def on_unmount(self) -> None:
        """Hear no more."""
        self.bridge.unsubscribe(self)
        self.bridge.stop_watching()

    # -- what is selected ---------------------------------------------------------------

    @property
    def selected_task(self) -> str:
        """The id of the selected task."""
        return self._sitting.record.paper.tasks[self._selected].task

    def _last_selected(self) -> int:
        tasks = [each.task for each in self._sitting.record.paper.tasks]
        return tasks.index(self._sitting.task) if self._sitting.task in tasks else 0

    @property
    def next_index(self) -> int | None:
        """In practice, the next task to do once the selected one has full marks."""
        tasks = [each.task for each in self._sitting.record.paper.tasks]
        scores = self._sitting.scores
        if self._sitting.record.kind == "exam" or scores[self.selected_task] != MAX_SCORE:
            return None
        order = [*range(self._selected + 1, len(tasks)), *range(self._selected)]
        return next((each for each in order if scores[tasks[each]] != MAX_SCORE), None)

    def _title(self, task: str) -> str:
        return title_of(task, self.bridge.tasks, self.exam_app.settings.language)

    def _path(self, task: str) -> Path:
        from engine.sitting.store.record import category_folder

        return category_folder(self._sitting.record, task)

    async def _select(self, index: int, *, follows: bool = False) -> None:
        if not 0 <= index < len(self._sitting.record.paper.tasks):
            return
        if index != self._selected:
            self._folder = None
        self._selected, self._follows = index, follows
        self.categories.selected = index
        self.bridge.turn_to(self.selected_task)
        await self._paint_selected()
        self.refresh_bindings()

    # -- paint --------------------------------------------------------------------------

    def _paint_title(self) -> None:
        record = self._sitting.record
        kind = _("Exam") if record.kind == "exam" else _("Practice")
        mode = _("faithful") if record.mode == "faithful" else _("coach")
        if record.sampling == "draw":
            mode = " · ".join((mode, _("drawn sample")))
        self.query_one("#title", Static).update(
            Content.assemble(
                ("tfexam", "bold $text-primary"),
                f"  {kind} · {mode}  ",
                (short_path(record.workspace), "$foreground-muted"),
            )
        )

    def _paint(self) -> None:
        self._paint_categories()
        self._paint_grading()
        self.call_later(self._paint_selected)
        self.refresh_bindings()

    def _paint_categories(self) -> None:
        now = self.exam_app.clock.now()
        self.categories.show(self._sitting, now, unsubmitted=self._unsubmitted)

    async def _paint_selected(self) -> None:
        task = self.selected_task
        paper = self._sitting.record.paper.tasks[self._selected]
        self.panes.entitle(
            _("Category {number} · {title}").format(number=paper.category, title=self._title(task))
        )
        self._paint_offer()
        self._paint_results()
        self._paint_folder()
        await self.panes.brief.show(task, self._brief_text(task), follows=self._follows)
        if self._grading() is None:
            self._rest()

    def _paint_offer(self) -> None:
        """Offer the end when there is nothing to win, and the next task of a practice."""
        if self._sitting.complete:
            self.offer.show(_("All at 5/5. You can end early."), _("End"), "e", "end")
        elif (following := self.next_index) is not None:
            title = self._title(self._sitting.record.paper.tasks[following].task)
            text = _("At 5/5. Next: {title}").format(title=title)
            self.offer.show(text, _("Next task"), "n", "next_task")
        else:
            self.offer.hide()

    def _paint_results(self) -> None:
        task = self.selected_task
        self.panes.submissions.show(
            self._sitting,
            task,
            self._notes.get(task, ""),
            unsubmitted=task in self._unsubmitted,
        )

    def _paint_folder(self) -> None:
        sample = self._folder
        self.panes.files.show(
            sample.listing if sample else None, unsubmitted=self.selected_task in self._unsubmitted
        )
        self.panes.training.show(sample.curve if sample else None)

    def _brief_text(self, task: str) -> str:
        try:
            return self.bridge.tasks[task].brief(self.exam_app.settings.language)
        except (KeyError, OSError):
            return _("The brief cannot be read. The category folder holds a copy: `brief.md`.")

    def _grading(self) -> Submission | None:
        return next(
            (each for each in self._sitting.submissions if each.state is SubmissionState.GRADING),
            None,
        )

    def _paint_grading(self) -> None:
        now = self._grading()
        if now is None:
            self._rest()
        elif not self.grading.has_class("-grading"):
            self.grading.show(now.number, self._title(now.task), Progress(Stage.STARTING), 0.0)

    def _rest(self) -> None:
        waiting = sum(each.state is SubmissionState.WAITING for each in self._sitting.submissions)
        self.grading.rest(
            self._path(self.selected_task).name,
            waiting=waiting,
            by_hand=not self._sitting.record.is_automatic(self.exam_app.settings.auto_grade),
        )

    def _show_clock(self, time_left: float) -> None:
        paused = self._sitting.phase is Phase.PAUSED
        self.clock.show(time_left, paused=paused)
