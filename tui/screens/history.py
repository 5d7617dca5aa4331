"""Earlier sittings, newest first; a damaged one is listed with its fault."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.errors import TfexamError
from exam_bank.task import Task
from tui import actions
from tui.locale import N_, _, ngettext, say
from tui.screens.view import View
from tui.text.format import clock_text, sparkline
from tui.text.levels import level_word
from tui.text.modes import mode_word
from tui.text.outcome import of_sitting

if TYPE_CHECKING:
    from engine.sitting.store.history import Summary

_COLUMNS = (
    (N_("Date"), 17),
    (N_("Kind"), 9),
    (N_("Result"), 15),
    (N_("Total"), 6),
    (N_("Scores"), 10),
    (N_("Level"), 8),
    (N_("Mode"), 14),
)


class HistoryScreen(View[None]):
    """A table; enter opens a result, or resumes an open sitting."""

    CSS_PATH = "history.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("history")]
    AUTO_FOCUS = "#sittings"

    target = "history"
    works_small = True
    help_text = N_(
        "Every sitting on this machine. Enter opens its result, or resumes one that is still open."
    )

    menu = getters.query_one("#sittings", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._summaries: list[Summary] = []

    def body(self) -> ComposeResult:
        """A line of column names above the list."""
        with Vertical(classes="panel") as panel:
            panel.border_title = _("History")
            yield Static(id="columns")
            yield OptionList(id="sittings", markup=False)

    def on_mount(self) -> None:
        """Read the sittings."""
        try:
            self._summaries = self.exam_app.services.sittings()
        except TfexamError as error:
            self.exam_app.show_trouble(error)
        names = [Content(_(name)) for name, _cells in _COLUMNS]
        self.query_one(".panel").border_subtitle = _trend(self._summaries)
        self.query_one("#columns", Static).update(_line(names) if self._summaries else "")
        self.menu.add_options([Option(_row(each)) for each in self._summaries])
        if self._summaries:
            self.menu.highlighted = 0
        else:
            self.menu.add_option(Option(_("No sittings yet."), disabled=True))
        self.refresh_bindings()

    def allows(self, action: str) -> bool:
        """Opening needs a readable sitting, and a review one that is over."""
        if action == "review":
            summary = self._chosen
            return summary is not None and summary.phase == "ended"
        return bool(self._summaries) if action == "open" else True

    @property
    def _chosen(self) -> Summary | None:
        if not self.is_mounted or self.menu.highlighted is None:
            return None
        place = self.menu.highlighted
        return self._summaries[place] if place < len(self._summaries) else None

    @on(OptionList.OptionHighlighted)
    def _offer(self) -> None:
        self.refresh_bindings()

    def action_review(self) -> None:
        """Review the tasks of the highlighted sitting."""
        if self._chosen is not None:
            self.exam_app.show_review(Path(self._chosen.folder))

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


def _trend(summaries: list[Summary]) -> str:
    """How the exams went, the newest last."""
    done = [each for each in reversed(summaries) if each.kind == "exam" and each.phase == "ended"]
    percents = [each.percent for each in done if not each.unfinished]
    if len(percents) < 2:
        return ""
    first, last = f"{percents[0]:.0f}", f"{percents[-1]:.0f}"
    text = _("exams: {bars} from {first} % to {last} %")
    return text.format(bars=sparkline(percents, 30), first=first, last=last)


def _line(cells: list[Content]) -> Content:
    """The cells at the widths of their columns, cropped where wider."""
    parts = []
    for (_name, width), cell in zip(_COLUMNS, cells, strict=True):
        short = cell.truncate(width - 1, ellipsis=True)
        parts.append(short.pad_right(width - short.cell_length))
    return Content("").join(parts).rstrip()


def _row(summary: Summary) -> Content:
    made = Content(summary.created.local().strftime("%Y-%m-%d %H:%M"))
    if summary.phase == "damaged":
        blank = Content.styled("–", "$foreground-muted")
        return _line([made, blank, _state(summary), blank, blank, blank, blank])
    return _line(
        [
            made,
            Content(_("Exam") if summary.kind == "exam" else _("Practice")),
            _state(summary),
            Content("–" if summary.withheld else f"{summary.percent:.0f} %"),
            Content(" ".join(str(score) for score in summary.scores.values()) or "–"),
            Content(level_word(summary.level) if summary.level else "–"),
            Content(_mode(summary)),
        ]
    )


def _mode(summary: Summary) -> str:
    """The mode, extra time, and how many hints were seen."""
    mode = mode_word(summary.mode)
    if summary.extra_time != 1:
        mode += f" × {summary.extra_time:g}"
    if not summary.hints:
        return mode
    hints = ngettext("{n} hint", "{n} hints", summary.hints).format(n=summary.hints)
    return f"{mode} · {hints}"


def _state(summary: Summary) -> Content:
    match summary.phase:
        case "damaged":
            return Content.styled("! " + _("damaged"), "$text-error")
        case "prepared":
            return Content.styled("○ " + _("not started"), "$foreground-muted")
        case "running" | "paused":
            left = clock_text(summary.time_left)
            return Content.styled("▶ " + _("{left} left").format(left=left), "$text-primary")
        case _:
            return _outcome(summary)


def _outcome(summary: Summary) -> Content:
    if summary.unfinished:
        return Content.styled("▶ " + _("being graded"), "$text-primary")
    if summary.kind == "practice":
        return Content("● " + _("over"))
    if summary.passed:
        return Content.styled("✓ " + _("passed"), "$text-success")
    return Content.styled("✗ " + _("not passed"), "$text-error")
