"""Earlier sittings, newest first; a damaged one is listed with its fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.errors import TfexamError
from exam_bank.task import Task
from tui import actions
from tui.locale import N_, _, say
from tui.screens import history_text
from tui.screens.view import LIST_BREAKPOINTS, View
from tui.text.outcome import of_sitting
from tui.widgets.shared.list_filter import ListFilter, refill
from tui.widgets.shared.wrapped_text import DescriptionList

if TYPE_CHECKING:
    from engine.sitting.store.history import Summary
_TREND_CELLS = 30
_LOOK_SECONDS = 1.0


class HistoryScreen(View[None]):
    """A table with details beside it; enter opens a result, or resumes an open sitting."""

    HORIZONTAL_BREAKPOINTS = [*LIST_BREAKPOINTS]  # noqa: RUF012 - as Textual declares it
    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("history")]
    AUTO_FOCUS = "#sittings"

    target = "history"
    works_small = True
    help_text = N_(
        "Every sitting on this machine. Enter opens its result, or resumes one that is still "
        "open. / shows only those that match some words: a date, a task, passed."
    )

    menu = getters.query_one("#sittings", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._summaries: list[Summary] = []
        # The last gradings that go on behind this screen.
        self._behind: object = None
        # Those that the filter lets through.
        self._listed: list[Summary] = []
        self._titles: dict[str, str] = {}

    def body(self) -> ComposeResult:
        """The list below its column names, the details of one sitting, and how exams went."""
        with Vertical(id="list", classes="panel") as panel:
            panel.border_title = _("History")
            yield ListFilter("sittings")
            yield Static(id="columns")
            yield OptionList(id="sittings", markup=False)
        with VerticalScroll(id="about", classes="panel"):
            yield DescriptionList(id="sitting-facts")
            yield Static(id="scores")
        with Vertical(id="trend-panel", classes="panel") as trend:
            trend.border_title = _("Exams so far")
            yield Static(id="trend", markup=False)

    def on_mount(self) -> None:
        """Show the sittings."""
        self._read()
        if self._summaries:
            language = self.exam_app.settings.language
            self._titles = {each.id: each.title(language) for each in self._tasks().values()}
        self._fill()
        self._behind = self._gradings()
        self.set_interval(_LOOK_SECONDS, self._look_again)

    def _read(self) -> None:
        try:
            self._summaries = self.exam_app.services.sittings()
        except TfexamError as error:
            self.exam_app.show_trouble(error)

    def _look_again(self) -> None:
        """Read the sittings again when one of the last gradings has ended behind this screen."""
        if (now := self._gradings()) != self._behind:
            self._behind = now
            self._read()
            self._fill()

    def _gradings(self) -> object:
        """What changes with each grading of the sitting that the app still has open."""
        proctor = self.bridge.proctor
        return proctor and (proctor.folder, len(proctor.sitting.unfinished), proctor.finished)

    def on_resize(self) -> None:
        """Show as many columns as there is room for."""
        self.call_after_refresh(self._fill)

    @on(Input.Changed, "#filter")
    def _fill(self) -> None:
        """List what the filter lets through."""
        if not self.query("#sittings"):
            return
        is_brief = self.has_class("-wide")
        search = self.query_one(ListFilter)
        self._listed = [
            each
            for each in self._summaries
            if search.lets_through(*history_text.words(each, self._titles))
        ]
        is_empty = not self._summaries
        self.query_one("#columns", Static).update(
            "" if is_empty else history_text.columns(brief=is_brief)
        )
        if is_empty:
            self.menu.set_options([Option(_("No sittings yet."), disabled=True)])
        else:
            rows = (history_text.row(each, brief=is_brief) for each in self._listed)
            # These tell a sitting from others, also when all are read again.
            names = (f"{each.id} {each.folder}" for each in self._listed)
            refill(self.menu, [Option(*each) for each in zip(rows, names, strict=True)])
        self._show_trend()
        self._show()

    def _show_trend(self) -> None:
        """Say how the exams went: below the details, or on the border of the list."""
        is_narrow = self.has_class("-narrow")
        panel = self.query_one("#trend-panel")
        lines = history_text.trend_lines(self._summaries, _TREND_CELLS)
        panel.display = bool(lines) and not is_narrow
        self.query_one("#trend", Static).update(Content("\n".join(lines)))
        short = history_text.trend(self._summaries) if is_narrow else ""
        self.query_one("#list").border_subtitle = short

    @on(OptionList.OptionHighlighted)
    def _show(self) -> None:
        """Tell about the highlighted sitting."""
        summary, about = self._chosen, self.query_one("#about")
        about.visible = summary is not None
        if summary is not None:
            about.border_title = Content(history_text.made(summary))
            self.query_one(DescriptionList).show(list(history_text.facts(summary)))
            width = about.scrollable_content_region.width or _TREND_CELLS
            lines = history_text.score_lines(summary, self._titles, width)
            self.query_one("#scores", Static).update(Content("\n").join(lines))
        self.refresh_bindings()

    def action_filter(self) -> None:
        """Show only what matches some words."""
        self.query_one(ListFilter).open()

    def action_back(self) -> None:
        """Close the filter first, then the screen."""
        if not self.query_one(ListFilter).close():
            self.dismiss()

    def allows(self, action: str) -> bool:
        """Opening needs a readable sitting, and a review one that is over."""
        if action == "review":
            summary = self._chosen
            return summary is not None and summary.phase == "ended"
        if action == "remove":
            return self._chosen is not None and self._chosen.phase == "prepared"
        if action == "filter":
            return bool(self._summaries)
        return bool(self._listed) if action == "open" else True

    @property
    def _chosen(self) -> Summary | None:
        if not self.is_mounted or self.menu.highlighted is None:
            return None
        place = self.menu.highlighted
        return self._listed[place] if place < len(self._listed) else None

    def action_review(self) -> None:
        """Review the tasks of the highlighted sitting."""
        if self._chosen is not None:
            self.exam_app.show_review(Path(self._chosen.folder))

    def action_remove(self) -> None:
        """Remove what was prepared for the highlighted sitting, after asking."""
        from tui.screens.confirm import ask_in_turn, remove_question

        if self._chosen is not None:
            folder = Path(self._chosen.folder)
            ask_in_turn(self.app, [remove_question()], lambda: self._remove_soon(folder))

    def _remove_soon(self, folder: Path) -> None:
        self.run_worker(self._remove(folder), group="remove", exit_on_error=False)

    async def _remove(self, folder: Path) -> None:
        await self.bridge.discard(folder)
        self._read()
        self._fill()

    @on(OptionList.OptionSelected)
    async def action_open(self) -> None:
        """Show the result, or resume."""
        summary = self._chosen
        if summary is None:
            return
        if summary.phase == "damaged":
            self.notify(say(summary.fault), severity="error", markup=False)
        elif summary.is_open or summary.failed or summary.phase == "prepared":
            await self.exam_app.resume(Path(summary.folder))
        else:
            self._show_past(Path(summary.folder))

    def _show_past(self, folder: Path) -> None:
        try:
            sitting = self.exam_app.services.past(folder)
        except TfexamError as error:
            self.exam_app.show_trouble(error)
            return
        language = self.exam_app.settings.language
        self.exam_app.show_result(of_sitting(sitting, self._tasks(), language), folder)

    def _tasks(self) -> dict[str, Task]:
        try:
            return {each.id: each for each in self.exam_app.services.catalog().tasks}
        except TfexamError:
            return {}
