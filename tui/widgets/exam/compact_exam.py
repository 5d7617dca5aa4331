"""The exam in a window too small for its panes, such as a split beside an editor.

Clock, scores and the last verdict, in whatever room there is; everything else keeps running.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from tui.locale import _
from tui.text.format import clock_text, fit, pips, score_text
from tui.text.verdicts import TONES, look_of_submission, score_tone
from tui.widgets.exam.exam_clock import clock_tone, words_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from engine.sitting.state.sitting import Sitting, Submission
    from exam_bank.paper import PaperTask
    from tui.screens.exam_state import ExamState

_ROWS_AROUND = 4  # the clock, a gap, a gap, the last verdict
_ROOM_FOR_TITLES = 44


class CompactExam(Widget):
    """Painted from an `ExamState`; CSS shows it where the panes have no room."""

    DEFAULT_CSS = """
    CompactExam {
        display: none;
        overlay: screen;
        layer: too-small;
        width: 100vw;
        height: 100vh;
        padding: 0 1;
        background: $background;
        color: $foreground;
    }
    """

    def __init__(self, state: ExamState, title: Callable[[str], str]) -> None:
        super().__init__()
        self._state, self._title = state, title
        self._time_left, self._paused = 0.0, False

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
        if height >= len(tasks) + 2:
            lines += gap + [self._task_line(each, width) for each in tasks] + gap
        else:
            lines.append(_scores_line(sitting, tasks))
        if sitting.submissions:
            lines.append(self._verdict_line(sitting.submissions[-1]))
        return Content("\n").join(line.truncate(width, ellipsis=True) for line in lines[:height])

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
