"""The result: the verdict, each score, where the time went. Waits for the last gradings."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.sitting import notices
from engine.sitting.not_taken import read_not_taken
from tui import actions
from tui.link import messages
from tui.locale import N_, _
from tui.screens import result_text
from tui.screens.view import View
from tui.text.charts import ring
from tui.text.coaching import explanation_text, next_text
from tui.text.outcome import Outcome, of_sitting

_PARTS = ("#ring", "#verdict", "#facts", "#tasks", "#total", "#not-taken", "#ledger")
_ROWS, _ROWS_HIGH = 6, 8


class ResultScreen(View[None]):
    """The result of a sitting; with `live`, it updates while gradings still come in."""

    CSS_PATH: ClassVar = ["cards.tcss", "result.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("result")]
    AUTO_FOCUS = "#card"

    target = "result"
    works_small = True
    help_text = N_(
        "The best score of each task counts. The total weights the five categories by "
        "difficulty; 90 % passes, as takers of the real exam report. Models submitted "
        "before the end are still graded. The time ledger below shows how long you "
        "spent on each category and when its best score came in."
    )

    def __init__(self, outcome: Outcome, folder: Path | None = None, *, live: bool = False) -> None:
        super().__init__()
        self._outcome, self._folder = outcome, folder
        self._live = live
        self._not_taken = () if folder is None else read_not_taken(folder)

    def body(self) -> ComposeResult:
        """One card: a ring beside the verdict, the tasks and the ledger."""
        with Vertical(id="middle"), VerticalScroll(id="card", classes="card"):
            with Horizontal(id="top"):
                yield Static(id="ring")
                with Vertical(id="summary"):
                    yield Static(id="verdict")
                    yield Static(id="facts")
            yield Static(id="tasks")
            yield Static(id="total")
            yield Static(id="not-taken")
            yield Static(id="ledger")
            yield Static(id="next")

    def on_mount(self) -> None:
        """Listen for the last gradings, and show the result."""
        if self._live:
            self.bridge.subscribe(self)
            self._update()
        self._paint()
        self.bridge.read_standing(self)

    @on(messages.StandingRead)
    def _advise(self, message: messages.StandingRead) -> None:
        """Say below the result what to practise next."""
        text = next_text(message.standing)
        if text and self.query("#next"):  # it may come when half the screen is gone
            self.query_one("#next", Static).update(Content("\n→ " + text))

    @on(messages.ExplanationMoved)
    def _explaining(self, message: messages.ExplanationMoved) -> None:
        """Say on the card's border how far the evidence is; the result waits for none of it."""
        if message.progress.folder == self._folder and self.query("#card"):
            self.query_one("#card").border_subtitle = explanation_text(message.progress)

    def on_unmount(self) -> None:
        """Stop listening."""
        self.bridge.unsubscribe(self)
        if self._live:
            self.bridge.leave_when_graded()

    def on_resize(self) -> None:
        """Fit names to the new width."""
        self.call_after_refresh(self._paint)

    @on(messages.EngineNotice)
    def told(self, message: messages.EngineNotice) -> None:
        """Update when a last grading comes in; report trouble, and keep the result."""
        match message.notice:
            case notices.Happened():
                self._update()
                self._paint()
            case notices.Trouble(error):
                self.exam_app.show_trouble(error)

    def _update(self) -> None:
        """Take over the sitting as it is now: a grade may have come before this listened."""
        if (proctor := self.bridge.proctor) is not None:
            language = self.exam_app.settings.language
            self._outcome = of_sitting(proctor.sitting, self.bridge.tasks, language)

    def allows(self, action: str) -> bool:
        """A review needs the sitting's folder."""
        return self._folder is not None if action == "review" else True

    def action_review(self) -> None:
        """Review the tasks."""
        if self._folder is not None:
            self.exam_app.show_review(self._folder)

    def action_home(self) -> None:
        """Go back to the screen below; home closes the sitting."""
        self.dismiss()

    def _paint(self) -> None:
        if any(not self.query(part) for part in _PARTS):
            return  # on the way out, the last resize comes when half the screen is gone
        outcome = self._outcome
        card = self.query_one("#card", VerticalScroll)
        card.border_title = _("Exam") if outcome.report.kind == "exam" else _("Practice")
        card.set_class(result_text.is_good(outcome), "-passed")
        width = self.query_one("#tasks").container_size.width or self._usual_width()
        rows = _ROWS_HIGH if self.has_class("-high") else _ROWS
        drawn = ring(
            outcome.report.percent / 100,
            rows,
            result_text.tone(outcome),
            result_text.inside(outcome),
        )
        self.query_one("#ring").styles.width = 2 * rows + 3
        self._fill("#ring", drawn)
        self._fill("#verdict", [result_text.verdict(outcome)])
        self._fill("#facts", result_text.facts(outcome))
        self._fill("#tasks", result_text.task_lines(outcome, width))
        self._fill("#total", [result_text.total_line(outcome, width)])
        self._fill("#not-taken", result_text.not_taken(self._not_taken))
        self.query_one("#not-taken").display = bool(self._not_taken)
        self._fill("#ledger", result_text.ledger(outcome, width))

    def _usual_width(self) -> int:
        """The card's inner width in a window of this size, before the first paint has set it."""
        is_wide = self.has_class("-wide") or self.has_class("-broad")
        whole = min(self.app.size.width, 100 if is_wide else 80)
        return whole - (10 if self.has_class("-high") else 6)

    def _fill(self, part: str, lines: list[Content]) -> None:
        self.query_one(part, Static).update(Content("\n").join(lines))
