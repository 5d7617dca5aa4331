"""The tasks of the paper: number, title, best score and state; one is selected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual.app import ComposeResult, RenderResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from engine.clock import Instant
from engine.sitting.state.sitting import Sitting
from tui.locale import _, ngettext
from tui.text.format import fit, minutes_text, pips, score_text, spread
from tui.text.verdicts import NOT_STARTED, TONES, TRAINING, score_tone

if TYPE_CHECKING:
    from tui.screens.exam_state import ExamState

_SHORTEST_SPENT, _HOUR = 60.0, 3_600.0


@dataclass(frozen=True)
class ListedTask:
    """A task as the list names it."""

    task: str
    category: int
    title: str


class CategoryRow(Widget):
    """One task: a line with name and best score, and a line with its state."""

    DEFAULT_CSS = """
    CategoryRow {
        height: 2;
        padding: 0 1;
        background: transparent;
        &:hover { background: $panel; }
        &.-selected { background: $block-cursor-blurred-background; }
    }
    """

    def __init__(self, listed: ListedTask, index: int) -> None:
        super().__init__()
        self.listed = listed
        self._index = index
        self._sitting: Sitting | None = None
        self._now = NOT_STARTED
        self._epoch: int | None = None
        self._spent = ""

    def show(self, state: ExamState, now: Instant) -> None:
        """Show the task's state; repaint only if it has changed."""
        task, sitting = self.listed.task, state.sitting
        spent = sitting.spent_on(task, now)
        shown = _duration(spent) if spent >= _SHORTEST_SPENT else ""
        look, epoch = state.look_of(task), state.training.get(task)
        if (sitting, shown, look, epoch) == (self._sitting, self._spent, self._now, self._epoch):
            return
        self._sitting, self._spent, self._now, self._epoch = sitting, shown, look, epoch
        for tone in TONES:
            self.set_class(tone == look.tone, f"-{tone}")
        self.refresh()

    def on_click(self) -> None:
        """Select this task."""
        self.post_message(CategoryList.Selected(self._index))

    def render(self) -> RenderResult:
        """Render two lines that fill the width exactly."""
        return Content("\n").join([self._title_line(), self._state_line()])

    def _best(self) -> int | None:
        return self._sitting.best(self.listed.task) if self._sitting else None

    def _title_line(self) -> Content:
        best, width = self._best(), self.content_size.width
        won, still = pips(best)
        score = score_text(best)
        tail = len(score) + 1 + (6 if width >= 34 else 0)
        name = fit(f"{self.listed.category}  {self.listed.title}", width - tail)
        tone = TONES[score_tone(best)]
        parts: list[tuple[str, str]] = [(name, "bold"), (" ", "")]
        if width >= 34:
            parts += [(won, tone), (still, "$foreground-disabled"), (" ", "")]
        return Content.assemble(*parts, (score, f"bold {tone}"))

    def _state_line(self) -> Content:
        if self._sitting is None:
            return Content("")
        look = self._now
        state = f"   {look.text()}"
        if look is TRAINING and self._epoch:
            state += " · " + _("epoch {n}").format(n=self._epoch)
        width = self.content_size.width
        room = width - cell_len(state) - 1
        tail = next((each for each in self._tails(self._sitting) if cell_len(each) <= room), "")
        line = spread(state, tail, width)
        return Content.assemble(
            (line[: len(state)], look.style), (line[len(state) :], "$foreground-muted")
        )

    def _tails(self, sitting: Sitting) -> Iterator[str]:
        """The newest score if below the best, attempts, time spent; the longest variant first."""
        count = sitting.attempts(self.listed.task)
        tries = ngettext("{n} attempt", "{n} attempts", count).format(n=count) if count else ""
        latest = sitting.latest(self.listed.task)
        is_news = latest not in (None, sitting.best(self.listed.task))
        last = _("last {score}").format(score=score_text(latest)) if is_news else ""
        spent = self._spent
        for parts in ((last, tries, spent), (last, spent), (tries, spent), (spent,)):
            yield " · ".join(each for each in parts if each)


def _duration(seconds: float) -> str:
    """Time spent as "26 min" or "1:01 h"."""
    if seconds < _HOUR:
        return _("{n} min").format(n=int(seconds // 60))
    return _("{time} h").format(time=minutes_text(seconds))


class CategoryList(Vertical, can_focus=True):
    """The rows; up, down or a click selects one, and posts `Selected`."""

    DEFAULT_CSS = """
    CategoryList {
        height: auto;
        &:focus CategoryRow.-selected { background: $block-cursor-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
    ]

    selected: reactive[int] = reactive(0)

    @dataclass
    class Selected(Message):
        """The candidate chose the task at `index`."""

        index: int

    def __init__(self, tasks: Sequence[ListedTask], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel")
        self._tasks = tuple(tasks)

    def compose(self) -> ComposeResult:
        """One row per task."""
        for index, task in enumerate(self._tasks):
            yield CategoryRow(task, index)

    def on_mount(self) -> None:
        """Set the title, and mark the first row."""
        self.border_title = _("Categories")
        rows = self.query(CategoryRow)
        if rows:
            rows.last().add_class("-last")
        self.watch_selected()

    def show(self, state: ExamState, now: Instant) -> None:
        """Show every task's state."""
        for row in self.query(CategoryRow):
            row.show(state, now)

    def watch_selected(self) -> None:
        """Mark the selected row."""
        for index, row in enumerate(self.query(CategoryRow)):
            row.set_class(index == self.selected, "-selected")

    def action_move(self, step: int) -> None:
        """Select the row above or below."""
        index = min(len(self._tasks) - 1, max(0, self.selected + step))
        self.post_message(self.Selected(index))
