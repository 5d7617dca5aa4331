"""The exam in a window too small for its panes, such as a split beside an editor.

Clock, scores and the last verdict, in whatever room there is; everything else keeps running. A
click on a task selects it, and one on a pane's name shows that pane in the whole window.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.app import RenderResult
from textual.content import Content
from textual.events import Click
from textual.message import Message
from textual.widget import Widget

from tui.locale import _
from tui.text.format import clock_text, fit, pips, score_text
from tui.text.verdicts import LATER, TONES, look_of_submission, score_tone
from tui.widgets.exam.categories import CategoryList
from tui.widgets.exam.exam_clock import clock_tone, words_for
from tui.widgets.exam.tab_bar import Tab
from tui.widgets.exam.task_panes import PANE_TABS

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sitting.state.sitting import Sitting, Submission
    from exam_bank.paper import PaperTask
    from tui.screens.exam_state import ExamState

_ROWS_AROUND = 4  # the clock, a gap, a gap, the last verdict
_ROWS_WITH_TABS = 6  # a gap and the names of the panes
_GAP = 2
_ROOM_FOR_TITLES = 44


class CompactExam(Widget):
    """Painted from an `ExamState`; CSS shows it where the panes have no room."""

    DEFAULT_CSS = """
    CompactExam {
        display: none;
        height: 1fr;
        padding: 0 1;
    }
    """

    @dataclass
    class PaneChosen(Message):
        """The pane of that name was clicked."""

        name: str

    def __init__(self, state: ExamState, title: Callable[[str], str]) -> None:
        super().__init__()
        self._state, self._title = state, title
        self._time_left, self._paused = 0.0, False
        # The lines in which the tasks begin, and the panes' names are, if they are shown.
        self._first_task: int | None = None
        self._tabs: int | None = None

    def show(self, time_left: float, *, paused: bool) -> None:
        """Show the time left, and the state as it is now."""
        self._time_left, self._paused = time_left, paused
        if self.display:
            self.refresh()

    def render(self) -> RenderResult:
        """The clock, a line a task or all scores in one, and the last verdict."""
        sitting, (width, height) = self._state.sitting, self.content_size
        tasks = self._state.tasks
        lines = [self._clock_line()]
        gap = [Content("")] if height >= len(tasks) + _ROWS_AROUND else []
        self._first_task = self._tabs = None
        if height >= len(tasks) + 2:
            self._first_task = len(lines + gap)
            lines += gap + [self._task_line(each, width) for each in tasks] + gap
        else:
            lines.append(_scores_line(sitting, tasks))
        if sitting.submissions:
            lines.append(self._verdict_line(sitting.submissions[-1]))
        if height >= len(tasks) + _ROWS_WITH_TABS:
            lines += [Content("")] * (height - len(lines) - 1)
            self._tabs = len(lines)
            lines.append(_tab_line())
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines[:height])

    def on_click(self, event: Click) -> None:
        """Select the task, or show the pane, that is under the mouse."""
        x, y = event.x - self.gutter.left, event.y - self.gutter.top
        if y == self._tabs:
            place = 0
            for tab in PANE_TABS:
                if place <= x < (place := place + cell_len(_tab_text(tab))):
                    self.post_message(self.PaneChosen(tab.name))
                place += _GAP
        elif self._first_task is not None and 0 <= y - self._first_task < len(self._state.tasks):
            self.post_message(CategoryList.Selected(y - self._first_task))

    def _clock_line(self) -> Content:
        sitting = self._state.sitting
        whole = sitting.record.minutes * 60
        words = _("paused") if self._paused else _(words_for(self._time_left, whole))
        tone = "" if self._paused else clock_tone(self._time_left, whole)
        percent = "–" if sitting.withheld else f"{sitting.percent:.0f} %"
        return Content.assemble(
            (clock_text(self._time_left), f"bold {tone}".strip()),
            (f"  {words}  ", tone or "$foreground-muted"),
            (f"∑ {percent}", "$foreground-muted"),
        )

    def _task_line(self, task: PaperTask, width: int) -> Content:
        best, look = self._state.sitting.best(task.task), self._state.look_of(task.task)
        won, still = pips(best)
        tone = TONES[score_tone(best)]
        chosen = "▸" if task == self._state.selected else " "
        parts = [
            (f"{chosen}{task.category} ", "bold"),
            (won, tone),
            (still, "$foreground-disabled"),
            (f" {score_text(best)}  ", f"bold {tone}"),
            (fit(look.text(), 14), look.style),
        ]
        if task.task in self._state.later:
            parts.append((f"{LATER.text()}  ", LATER.style))
        if width >= _ROOM_FOR_TITLES:
            parts.append((self._title(task.task), "$foreground-muted"))
        return Content.assemble(*parts)

    def _verdict_line(self, last: Submission) -> Content:
        look = look_of_submission(last)
        score = f" {score_text(last.score)}" if last.score is not None else ""
        return Content.assemble(
            (f"#{last.number} ", "$foreground-muted"),
            (look.text() + score, look.style),
            (f"  {self._title(last.task)}", "$foreground-muted"),
        )


def _scores_line(sitting: Sitting, tasks: tuple[PaperTask, ...]) -> Content:
    best = [sitting.best(each.task) for each in tasks]
    scores = [(score_text(each), f"bold {TONES[score_tone(each)]}") for each in best]
    return Content("  ").join(Content.styled(text, style) for text, style in scores)


def _tab_text(tab: Tab) -> str:
    return f"{tab.key} {_(tab.label)}"


def _tab_line() -> Content:
    names = [
        Content.assemble((each.key, "$text-primary"), f" {_(each.label)}") for each in PANE_TABS
    ]
    return Content(" " * _GAP).join(names)
