"""The review of a sitting: for each task that is over its evidence, attempts and solutions."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.errors import TfexamError
from tui import actions
from tui.link import messages
from tui.locale import N_, _
from tui.screens.view import View
from tui.text.coaching import explanation_text
from tui.text.format import score_text
from tui.text.outcome import title_of
from tui.text.review import escaped, head, rest
from tui.text.verdicts import TONES, score_tone
from tui.widgets.exam.brief import BriefText, joined
from tui.widgets.review.evidence_view import EvidenceView

if TYPE_CHECKING:
    from engine.coaching.review import TaskReview
    from exam_bank.task import Task


class ReviewScreen(View[None]):
    """The tasks on the left, the review of the highlighted one on the right."""

    CSS_PATH: ClassVar = ["markdown.tcss", "review.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("review")]
    AUTO_FOCUS = "#tasks"

    target = "review"
    help_text = N_(
        "What can be learnt from a task that is over: what the best score is made of, every model "
        "and what changed in it, all hints, and the bank's own solutions with the steps that lead "
        "to them from your starter.py. In faithful mode it opens after the end."
    )

    menu = getters.query_one("#tasks", OptionList)
    about = getters.query_one("#about", VerticalScroll)

    def __init__(self, folder: Path, task: str = "") -> None:
        super().__init__()
        self._folder, self._first = folder, task
        self._reviews: tuple[TaskReview, ...] = ()
        self._tasks: dict[str, Task] = {}

    def body(self) -> ComposeResult:
        """List and text."""
        with Vertical(id="list", classes="panel") as listed:
            listed.border_title = _("Review")
            yield OptionList(id="tasks", markup=False)
        with VerticalScroll(id="about", classes="panel"):
            yield BriefText(id="text", open_links=False)
            yield EvidenceView(id="evidence")
            yield BriefText(id="rest", open_links=False)

    def on_mount(self) -> None:
        """Read the sitting."""
        services = self.exam_app.services
        try:
            self._reviews = services.review(self._folder)
            self._tasks = {each.id: each for each in services.catalog().tasks}
        except TfexamError as error:
            self.exam_app.show_trouble(error)
            return
        self.menu.add_options([Option(self._row(each), id=each.task) for each in self._reviews])
        self.exam_app.explanations.begin(self._folder)
        names = [each.task for each in self._reviews]
        if names:
            self.menu.highlighted = names.index(self._first) if self._first in names else 0

    def _title(self, review: TaskReview) -> str:
        return title_of(review.task, self._tasks, self.exam_app.settings.language)

    def _row(self, review: TaskReview) -> Content:
        return Content.assemble(
            (score_text(review.score), TONES[score_tone(review.score)]),
            f"  {review.category}  {self._title(review)}",
        )

    @on(messages.ExplanationMoved)
    async def _explaining(self, message: messages.ExplanationMoved) -> None:
        """Say how far missing evidence and diagnoses are; show them when they are there."""
        progress = message.progress
        if progress.folder != self._folder or not self.query("#list"):
            return
        self.query_one("#list").border_subtitle = explanation_text(progress)
        with contextlib.suppress(TfexamError):
            self._reviews = self.exam_app.services.review(self._folder)
        if progress.done and (place := self.menu.highlighted) is not None:
            await self._show_review(self._reviews[place])

    @on(OptionList.OptionHighlighted)
    async def _show(self, event: OptionList.OptionHighlighted) -> None:
        """Show the review of the highlighted task."""
        await self._show_review(self._reviews[event.option_index])
        self.about.scroll_home(animate=False)

    async def _show_review(self, review: TaskReview) -> None:
        text = head(review, self._title(review), escaped)
        await self.query_one("#text", BriefText).update(joined(text))
        self.query_one("#evidence", EvidenceView).show(review)
        await self.query_one("#rest", BriefText).update(joined(rest(review, escaped)))

    @on(OptionList.OptionSelected)
    def action_read(self) -> None:
        """Move into the text, to scroll it."""
        self.about.focus()
