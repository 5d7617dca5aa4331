"""Set-up: is the machine fit, is the paper ready; then the candidate starts the clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from engine.sitting import events
from tui import actions, messages
from tui.format import bar, fit
from tui.locale import N_, _
from tui.outcome import title_of
from tui.screens.view import View
from tui.services import mode_of
from tui.start import NewExam, NewPractice

if TYPE_CHECKING:
    from engine.machine.checks import Check
    from exam_bank.preparation import Step

_GLYPHS = {
    "ok": ("✓", N_("ok"), "$text-success"),
    "warning": ("!", N_("note"), "$text-warning"),
    "failed": ("✗", N_("failed"), "$text-error"),
}
_BAR_CELLS = 24


class SetupScreen(View[None]):
    """Checks and preparation run side by side; leaving stops both."""

    CSS_PATH: ClassVar = ["cards.tcss", "setup.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("setup")]

    target = "setup"
    help_text = N_(
        "tfexam looks at the machine and prepares the paper: a folder with five categories,"
        " each with its data, a brief and a starter.py. Nothing is timed yet. A note never"
        " keeps you from starting; a failed check is worth mending first. Start the clock"
        " when you are ready."
    )

    start_button = getters.query_one("#start", Button)

    def __init__(self, order: NewExam | NewPractice | Path) -> None:
        super().__init__()
        self._order = order
        self._checks: list[Check] = []
        self._checked = False
        self._step: Step | None = None
        self._prepared = False
        self._failed = False
        self._starting = False
        self._started = False

    def body(self) -> ComposeResult:
        """What one will sit, how the preparation goes, what the machine is like."""
        with VerticalScroll(id="facts", classes="panel") as facts:
            facts.border_title = _("Practice") if self._is_practice() else _("Exam")
            with Horizontal(id="order"):
                yield Static(id="labels")
                yield Static(id="values")
            yield Static(id="tasks")
            with Horizontal(id="ready"):
                yield Static(id="progress")
                yield Button(_("Start the clock"), id="start", variant="primary", disabled=True)
        with VerticalScroll(id="checks", classes="panel") as checks:
            checks.border_title = _("This machine")
            yield Vertical(id="answers")
            yield Static(_("Looking …"), id="looking")

    def on_mount(self) -> None:
        """Begin checking and preparing at once."""
        self.bridge.listen(self)
        self.query_one("#facts").can_focus = False
        self._begin()

    def on_unmount(self) -> None:
        """Stop what still runs."""
        self.bridge.unlisten(self)
        self.bridge.stop_set_up()
        if not self._started:
            self.bridge.leave_soon()

    def _begin(self) -> None:
        self._checks, self._checked, self._failed = [], False, False
        self.query_one("#answers").remove_children()
        self.query_one("#looking").display = True
        self.bridge.check_machine(self)
        if isinstance(self._order, Path):
            self._prepared = True
        elif not self._prepared:
            self.bridge.prepare(self, self._order)
        self._paint()

    def _is_practice(self) -> bool:
        proctor = self.bridge.proctor
        if isinstance(self._order, Path) and proctor is not None:
            return proctor.record.kind == "practice"
        return isinstance(self._order, NewPractice)

    # -- facts --------------------------------------------------------------------------

    @on(messages.CheckDone)
    def check_done(self, message: messages.CheckDone) -> None:
        """One more answer."""
        self._checks.append(message.check)
        self.query_one("#answers").mount(CheckRow(message.check))
        self.refresh_bindings()

    @on(messages.ChecksDone)
    def checks_done(self) -> None:
        """No more answers."""
        self._checked = True
        self.query_one("#looking").display = False
        self.refresh_bindings()

    @on(messages.PreparationMoved)
    def preparation_moved(self, message: messages.PreparationMoved) -> None:
        """The data of one more task are ready."""
        self._step = message.step
        self._paint_progress()

    @on(messages.PaperReady)
    async def paper_ready(self, message: messages.PaperReady) -> None:
        """The sitting is laid out: open it, so that a grader warms up meanwhile."""
        self._prepared = await self.bridge.open(message.folder)
        self._failed = not self._prepared
        self._paint()

    @on(messages.PreparationFailed)
    def preparation_failed(self, message: messages.PreparationFailed) -> None:
        """Say why, and offer to try again."""
        self._failed = True
        error = message.error
        self._paint()
        self.query_one("#progress", Static).update(
            Content.assemble(
                ("✗ " + _(error.title), "bold $text-error"),
                f"\n{error.message}\n{error.fix}".rstrip(),
            )
        )

    @on(messages.TroubleHappened)
    def trouble_happened(self, message: messages.TroubleHappened) -> None:
        """Tell, and let them try again."""
        self._starting = False
        self._paint()
        self.exam_app.show_trouble(message.error)

    @on(messages.SittingChanged)
    def sitting_changed(self, message: messages.SittingChanged) -> None:
        """The clock has started: to the exam."""
        if isinstance(message.event, events.Started):
            self._started = True
            self.exam_app.show_exam()

    # -- actions ------------------------------------------------------------------------

    def allows(self, action: str) -> bool:
        """Start needs a paper; try again needs a reason."""
        if action == "begin":
            return self._prepared and not self._starting
        if action == "retry":
            return self._failed or (self._checked and self._anything_failed())
        return True

    def _anything_failed(self) -> bool:
        return any(each.state == "failed" for each in self._checks)

    @on(Button.Pressed, "#start")
    def action_begin(self) -> None:
        """Start the clock."""
        if self._prepared and not self._starting:
            self._starting = True
            self.bridge.ask(lambda proctor: proctor.start())
            self._paint()

    def action_retry(self) -> None:
        """Check and prepare once more."""
        self._begin()

    # -- paint --------------------------------------------------------------------------

    def _paint(self) -> None:
        rows = self._order_rows()
        self.query_one("#labels", Static).update("\n".join(label for label, _text in rows))
        self.query_one("#values", Static).update(Content("\n".join(text for _label, text in rows)))
        self.query_one("#tasks", Static).update(_table(self._task_rows()))
        self._paint_progress()
        button = self.start_button
        button.disabled = not self._prepared or self._starting
        if self._prepared and self.focused is None:
            button.focus()
        self.refresh_bindings()

    def _order_rows(self) -> list[tuple[str, str]]:
        return [
            (_("Length"), _("{n} minutes").format(n=f"{self._minutes():g}")),
            (_("Mode"), self._mode_text()),
            (_("Folder"), self._folder_text()),
        ]

    def _minutes(self) -> float:
        proctor, settings, order = self.bridge.proctor, self.exam_app.settings, self._order
        if proctor is not None:
            return proctor.record.minutes
        if isinstance(order, NewExam):
            return order.minutes or settings.minutes
        if isinstance(order, NewPractice):
            return order.minutes or settings.practice_minutes
        return settings.minutes

    def _mode_text(self) -> str:
        proctor, order = self.bridge.proctor, self._order
        if proctor is not None:
            mode = proctor.record.mode
        elif isinstance(order, Path):
            mode = self.exam_app.settings.mode
        else:
            mode = mode_of(order, self.exam_app.settings)
        if mode == "faithful":
            return _("faithful: n/5 and no more, as in the real exam")
        return _("coach: explains what a score is made of")

    def _folder_text(self) -> str:
        proctor = self.bridge.proctor
        if proctor is not None:
            return proctor.record.workspace
        if not isinstance(self._order, Path) and self._order.dir is not None:
            return str(self._order.dir)
        return _("a new one in {folder}").format(folder=self.exam_app.settings.workspaces)

    def _task_rows(self) -> list[tuple[str, str]]:
        """The tasks, once the sitting is open: they are no secret then."""
        proctor = self.bridge.proctor
        if proctor is None:
            return []
        language = self.exam_app.settings.language
        return [
            (
                _("Category {number}").format(number=each.category),
                title_of(each.task, self.bridge.tasks, language),
            )
            for each in proctor.record.paper.tasks
        ]

    def _paint_progress(self) -> None:
        if self._failed:
            return
        self.query_one("#progress", Static).update(self._progress_text())

    def _progress_text(self) -> Content:
        if self._starting:
            return Content.styled(_("Starting the clock …"), "$foreground-muted")
        if self._prepared:
            text = _("The paper is ready; nothing is timed yet.")
            return Content.styled("✓ " + text, "$text-success")
        step = self._step
        words = _("Preparing the paper …")
        if step is None or not step.total:
            return Content(words)
        filled, empty = bar(step.done / step.total, _BAR_CELLS)
        return Content.assemble(
            words,
            "\n",
            (filled, "$primary"),
            (empty, "$foreground-disabled"),
            f" {step.done}/{step.total}",
        )


def _table(rows: list[tuple[str, str]]) -> Content:
    width = max((cell_len(label) for label, _text in rows), default=0) + 2
    return Content("\n").join(
        Content.assemble((fit(label, width), "$foreground-muted"), text) for label, text in rows
    )


class CheckRow(Horizontal):
    """One answer: state, name, and what was found with what to do about it."""

    def __init__(self, check: Check) -> None:
        super().__init__(classes=f"-{check.state}")
        self._check = check

    def compose(self) -> ComposeResult:
        """Three columns, of which the last wraps."""
        check = self._check
        glyph, word, tone = _GLYPHS[check.state]
        yield Static(Content.styled(f"{glyph} {_(word)}", tone), classes="state")
        yield Static(Content(check.name.text(_)), classes="name")
        lines = [Content(check.detail.text(_))]
        if check.fix is not None:
            lines.append(Content.styled(f"→ {check.fix.text(_)}", "$foreground-muted"))
        yield Static(Content("\n").join(lines), classes="detail")
