"""The result: passed or not, each task's score, the total. Waits for the last gradings."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.marking import PASS_PERCENT
from tui import actions, messages
from tui.format import bar, fit, score_text, spent_text
from tui.locale import N_, _, ngettext
from tui.outcome import Outcome, TaskOutcome, of_sitting
from tui.screens.view import View
from tui.verdicts import TONES, score_tone

# Score and attempts beside a bar; the name has the rest of the line.
_TAIL_CELLS = 19
_PARTS = 4


class ResultScreen(View[None]):
    """What a sitting came to; with `live`, what it is still coming to."""

    CSS_PATH: ClassVar = ["cards.tcss", "result.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("result")]
    AUTO_FOCUS = "#card"

    target = "result"
    help_text = N_(
        "The best score of each task counts. The total weighs the five categories by their"
        " difficulty; 90 % passes, as takers of the real exam report. Submissions taken in"
        " before the end are still graded."
    )

    def __init__(self, outcome: Outcome, *, live: bool = False) -> None:
        super().__init__()
        self._outcome = outcome
        self._live = live

    def body(self) -> ComposeResult:
        """One card."""
        with Vertical(id="middle"), VerticalScroll(id="card", classes="card"):
            yield Static(id="verdict")
            yield Static(id="tasks")
            yield Static(id="total")
            yield Static(id="facts")

    def on_mount(self) -> None:
        """Listen for the last gradings, and show."""
        if self._live:
            self.bridge.listen(self)
        self._paint()

    def on_unmount(self) -> None:
        """Hear no more."""
        self.bridge.unlisten(self)
        if self._live:
            self.bridge.leave_soon()

    def on_resize(self) -> None:
        """Names have more or less room."""
        self.call_after_refresh(self._paint)

    @on(messages.SittingChanged)
    def sitting_changed(self, message: messages.SittingChanged) -> None:
        """A last grading came in."""
        language = self.exam_app.settings.language
        self._outcome = of_sitting(message.sitting, self.bridge.tasks, language)
        self._paint()

    @on(messages.TroubleHappened)
    def trouble_happened(self, message: messages.TroubleHappened) -> None:
        """Say it; the result stays."""
        self.exam_app.show_trouble(message.error)

    def action_home(self) -> None:
        """Back to where one came from; home closes the sitting."""
        self.dismiss()

    def _paint(self) -> None:
        if len(self.query("#card > Static")) < _PARTS:
            return  # the last resize of an app that is left comes when half of it is gone
        outcome = self._outcome
        card = self.query_one("#card")
        card.border_title = _("Exam") if outcome.kind == "exam" else _("Practice")
        self.query_one("#verdict", Static).update(_verdict(outcome))
        card.set_class(not outcome.pending and outcome.passed, "-passed")
        width = self.query_one("#tasks").container_size.width
        cells = 20 if width > 70 else 14
        room = max(16, width - _TAIL_CELLS - cells)
        tasks = Content("\n").join(_task_line(each, room, cells) for each in outcome.tasks)
        self.query_one("#tasks", Static).update(tasks)
        self.query_one("#total", Static).update(_total_line(outcome, room, cells))
        self.query_one("#facts", Static).update(_facts(outcome))


def _verdict(outcome: Outcome) -> Content:
    if outcome.pending:
        text = ngettext(
            "{n} grading is still to come …", "{n} gradings are still to come …", outcome.pending
        )
        return Content.styled("▶ " + text.format(n=outcome.pending), "bold $text-warning")
    if outcome.kind == "practice":
        return Content.styled(_("Session over"), "bold $text-primary")
    if outcome.passed:
        return Content.styled("✓ " + _("PASSED"), "bold $text-success")
    return Content.styled("✗ " + _("NOT PASSED"), "bold $text-error")


def _task_line(task: TaskOutcome, room: int, cells: int) -> Content:
    tone = TONES[score_tone(task.score)]
    filled, empty = bar(task.score / 5, cells)
    tries = ""
    if task.attempts is not None:
        tries = ngettext("{n} attempt", "{n} attempts", task.attempts).format(n=task.attempts)
    return Content.assemble(
        fit(f"{task.category}  {task.title}", room),
        (filled, tone),
        (empty, "$foreground-disabled"),
        (f"  {score_text(task.score)}  ", f"bold {tone}"),
        (tries, "$foreground-muted"),
    )


def _total_line(outcome: Outcome, room: int, cells: int) -> Content:
    filled, empty = bar(outcome.percent / 100, cells)
    tone = "$text-success" if outcome.passed else "$text-warning"
    return Content.assemble(
        (fit("   " + _("Total, by weight"), room), "bold"),
        (filled, tone),
        (empty, "$foreground-disabled"),
        (f" {outcome.percent:3.0f} %", f"bold {tone}"),
    )


def _facts(outcome: Outcome) -> Content:
    ends = {"candidate": _("ended by you"), "time": _("time was up")}
    end = ends.get(outcome.reason or "", "")
    used = _("{used} of {whole} used").format(
        used=spent_text(outcome.used), whole=spent_text(outcome.minutes * 60)
    )
    rows = [(_("Time"), f"{used} · {end}" if end else used)]
    if outcome.kind == "exam":
        rows.append((_("To pass"), f"{PASS_PERCENT:.0f} %"))
    if outcome.code:
        rows.append((_("Paper"), outcome.code))
    rows.append((_("Folder"), outcome.workspace))
    width = max(cell_len(label) for label, _text in rows) + 2
    return Content("\n").join(
        Content.assemble((fit(label, width), "$foreground-muted"), text) for label, text in rows
    )
