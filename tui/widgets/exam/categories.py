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
from tui.text.format import fit, pips, score_text
from tui.text.verdicts import LATER, NOT_STARTED, TONES, TRAINING, score_tone

if TYPE_CHECKING:
    from tui.screens.exam_state import ExamState


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
        self._spent = self._target = 0
        self._shown: tuple[object, ...] = ()
        self._later = False

    def show(self, state: ExamState, now: Instant) -> None:
        """Show the task's state; repaint only if it has changed."""
        task, sitting = self.listed.task, state.sitting
        shown = (
            sitting,
            int(sitting.spent_on(task, now) // 60),
            state.look_of(task),
            state.training.get(task),
            state.targets.get(task, 0),
            task in state.later,
        )
        if shown == self._shown:
            return
        self._shown = shown
        self._sitting, self._spent, look, self._epoch, self._target, self._later = shown
        self._now = look
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
        width = self.content_size.width
        for left in self._lefts():
            if tail := next(self._tails(self._sitting, width - left.cell_length - 1), None):
                return Content.assemble(
                    left, " " * (width - left.cell_length - tail.cell_length), tail
                )
        left = next(self._lefts()).truncate(width, ellipsis=True)
        return left.pad_right(width - left.cell_length)

    def _lefts(self) -> Iterator[Content]:
        """State and mark; then, where there is no room for both, only the mark."""
        look = self._now
        epoch = " · " + _("epoch {n}").format(n=self._epoch) if self._epoch else ""
        state = (f"   {look.text()}{epoch if look is TRAINING else ''}", look.style)
        if not self._later:
            yield Content.assemble(state)
            return
        yield Content.assemble(state, (f"  {LATER.text()}", LATER.style))
        if look is NOT_STARTED or look.tone in ("good", "plain"):  # the score says enough
            yield Content.assemble((f"   {LATER.text()}", LATER.style))

    def _tails(self, sitting: Sitting, room: int) -> Iterator[Content]:
        """Newest score if below the best, attempts, minutes; the longest that fits `room` first."""
        count = sitting.attempts(self.listed.task)
        tries = ngettext("{n} attempt", "{n} attempts", count).format(n=count) if count else ""
        latest = sitting.latest(self.listed.task)
        is_news = latest not in (None, sitting.best(self.listed.task))
        last = _("last {score}").format(score=score_text(latest)) if is_news else ""
        spent = self._minutes()
        for parts in ((last, tries, spent), (last, spent), (tries, spent), (spent,)):
            text = " · ".join(each for each in parts if each)
            if cell_len(text) <= room:
                before = text.removesuffix(spent)
                yield Content.assemble((before, "$foreground-muted"), (spent, self._time_style))

    def _minutes(self) -> str:
        """Minutes used of those that the task should take, as in "26/40 min"."""
        if not self._target:
            return _("{n} min").format(n=self._spent)
        used = _("{n}/{target} min").format(n=self._spent, target=self._target)
        return f"▲ {used}" if self._spent > self._target else used

    @property
    def _time_style(self) -> str:
        is_over = 0 < self._target < self._spent
        return "$text-warning" if is_over else "$foreground-muted"


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
