"""Set-up: choose the options, check the machine, prepare the paper; then start the clock.

From the home screen, candidates choose the options first; a command line has already given
them, and the paper is prepared at once.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from engine.errors import TfexamError
from engine.sitting import notices
from engine.sitting.state import events
from tui import actions
from tui.link import messages
from tui.locale import N_, _, say
from tui.screens import setup_text
from tui.screens.view import View
from tui.start import NewExam, NewPractice
from tui.text.outcome import title_of
from tui.widgets.forms.checks import CheckList
from tui.widgets.forms.choice import Choice
from tui.widgets.forms.data_availability import DataAvailability
from tui.widgets.forms.field import Field
from tui.widgets.forms.sitting_form import FormAnswers, SittingForm
from tui.widgets.shared.wrapped_text import DescriptionList

if TYPE_CHECKING:
    from engine.machine.checks import Check
    from exam_bank.paper import Paper
    from exam_bank.preparation import Step


class SetupScreen(View[None]):
    """Checks and preparation run side by side; leaving stops both."""

    CSS_PATH: ClassVar = ["cards.tcss", "setup.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("setup")]

    target = "setup"
    works_small = True
    help_text = N_(
        "tfexam checks the machine and prepares the paper: a folder with five "
        "categories, each with its data, a brief and a starter.py. Choose the options "
        "first, or keep the defaults. The clock does not run until you start it. A "
        "note never stops you from starting; a failed check is worth fixing first."
    )

    start_button = getters.query_one("#start", Button)
    check_list = getters.query_one("#checks", CheckList)

    def __init__(self, order: NewExam | NewPractice | Path, *, ask: bool = False) -> None:
        super().__init__()
        self._order = order
        self._asks = ask and isinstance(order, NewExam)
        self._asking = self._asks
        self._answers: FormAnswers | None = None
        self._absent: frozenset[str] | None = None
        self._checks: list[Check] = []
        self._checked = False
        self._step: Step | None = None
        self._prepared = False
        # What was prepared here, until its clock starts.
        self._made: Path | None = None
        self._is_discarded = False
        self._failed = False
        self._starting = False
        self._started = False

    def body(self) -> ComposeResult:
        """The order, the progress of the preparation, and the checks."""
        with VerticalScroll(id="facts", classes="panel", can_focus=False) as facts:
            facts.border_title = _("Practice") if self._is_practice() else _("Exam")
            if isinstance(self._order, NewExam) and self._asks:
                yield SittingForm("exam", self.exam_app.settings, self._order)
                yield Field(_("Data on disk"), DataAvailability(id="data"))
            yield DescriptionList(id="order")
            yield Static(id="tasks")
            with Horizontal(id="ready"):
                yield Static(id="progress")
                yield Button(_("Prepare the paper"), id="prepare", variant="primary")
                yield Button(_("Start the clock"), id="start", variant="primary", disabled=True)
        yield CheckList(id="checks", classes="panel")

    def on_mount(self) -> None:
        """Start the checks at once, and the preparation too if there is nothing to ask."""
        self.bridge.subscribe(self)
        if self._asks:
            self.query_one("#prepare").focus()
        self._begin()

    def on_screen_resume(self) -> None:
        """Look at the data again: there may be more now."""
        if self._asks:
            self.bridge.look_at_data(self)

    def on_unmount(self) -> None:
        """Stop what still runs."""
        self.bridge.unsubscribe(self)
        self.bridge.stop_set_up()
        if not (self._started or self._is_discarded):
            self.bridge.leave_soon()

    def _begin(self) -> None:
        self._checks, self._checked, self._failed = [], False, False
        self.check_list.clear()
        self.bridge.check_machine(self)
        if isinstance(self._order, Path):
            self._prepared = True
        elif not self._prepared and not self._asking:
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
        """Show one more check."""
        self._checks.append(message.check)
        self.check_list.add(message.check)
        self.refresh_bindings()

    @on(messages.ChecksDone)
    def checks_done(self) -> None:
        """All checks are done."""
        self._checked = True
        self.check_list.done()
        self.refresh_bindings()

    @on(messages.DataLookedAt)
    def data_looked_at(self, message: messages.DataLookedAt) -> None:
        """Show how many tasks can be drawn."""
        self._absent = message.absent
        self._show_data()

    @on(Choice.Changed, "#level")
    def level_chosen(self) -> None:
        """Other tasks can be drawn now."""
        self._show_data()

    def _show_data(self) -> None:
        if self._absent is not None:
            tasks = self.exam_app.services.candidates(self.query_one(SittingForm).level)
            self.query_one(DataAvailability).show(tasks, self._absent)

    @on(messages.CodeRead)
    def code_read(self, message: messages.CodeRead) -> None:
        """The code names a paper: prepare it."""
        self._prepare(message.paper)

    @on(messages.CodeRefused)
    def code_refused(self, message: messages.CodeRefused) -> None:
        """Say below the code what is wrong with it."""
        self._answers = None
        error = message.error
        self.query_one(SittingForm).refuse("code", say(error.sentence))
        self._paint()

    @on(messages.PreparationMoved)
    def preparation_moved(self, message: messages.PreparationMoved) -> None:
        """The data of one more task are ready."""
        self._step = message.step
        self._paint_progress()

    @on(messages.PaperReady)
    async def paper_ready(self, message: messages.PaperReady) -> None:
        """The sitting is ready: open it, so that a grader can warm up."""
        self._made = message.folder
        self._prepared = await self.bridge.open(message.folder)
        self._failed = not self._prepared
        self._paint()

    @on(messages.PreparationFailed)
    def preparation_failed(self, message: messages.PreparationFailed) -> None:
        """Say why, and offer to try again with the same or other options."""
        self._failed, self._answers = True, None
        self._asking = self._asks
        self._paint()
        self.query_one("#progress", Static).update(_error_text(message.error))

    @on(messages.EngineNotice)
    def told(self, message: messages.EngineNotice) -> None:
        """Go to the exam once the clock has started; after trouble, offer to try again."""
        match message.notice:
            case notices.Happened(event=events.Started()):
                self._started, self._made = True, None
                self.exam_app.show_exam()
            case notices.Trouble(error):
                self._starting = False
                self._paint()
                self.exam_app.show_trouble(error)

    # -- actions ------------------------------------------------------------------------

    def allows(self, action: str) -> bool:
        """Start needs a paper; try again needs a reason."""
        match action:
            case "prepare":
                return self._asking and self._answers is None
            case "data":
                return self._asking or self._failed
            case "begin":
                return self._prepared and not self._starting
            case "details":
                return bool(self._checks)
            case "retry":
                return self._may_retry()
        return True

    def _may_retry(self) -> bool:
        again = self._failed and not self._asking
        return again or (self._checked and self._anything_failed())

    def _anything_failed(self) -> bool:
        return any(each.state == "failed" for each in self._checks)

    @on(Button.Pressed, "#prepare")
    @on(SittingForm.Confirmed)
    def action_prepare(self) -> None:
        """Prepare a paper with these options; look up a code first."""
        if not self.allows("prepare"):
            return
        self._answers = answers = self.query_one(SittingForm).answers()
        if answers is None:
            return
        if answers.code:
            self.bridge.read_code(self, answers.code, answers.folder)
            self._paint()
        else:
            self._prepare(None)

    def _prepare(self, paper: Paper | None) -> None:
        answers = self._answers
        if answers is None or not isinstance(self._order, NewExam):
            return
        self._order = replace(
            self._order,
            paper=paper,
            minutes=answers.minutes,
            mode=answers.mode,
            dir=answers.folder,
            submitting=answers.submitting,
            level=answers.level if paper is None else paper.level,
        )
        self._asking = self._failed = False
        self._step = None
        self.set_focus(None)
        self.bridge.prepare(self, self._order)
        self._paint()

    @on(Button.Pressed, "#start")
    def action_begin(self) -> None:
        """Start the clock."""
        if self._prepared and not self._starting:
            self._starting = True
            self.bridge.ask(lambda proctor: proctor.start())
            self._paint()

    def action_back(self) -> None:
        """Leave; what was prepared here and has not started is removed: it would only lie about.

        On quitting it stays, and so does what an earlier set-up left: history can open both.
        """
        if self._made is not None and not self._starting:
            self._is_discarded = True
            self.bridge.discard_soon(self._made)
        self.dismiss()

    def action_data(self) -> None:
        """Fetch the data of more tasks."""
        self.exam_app.show_data()

    def action_details(self) -> None:
        """Show every check, or only what is not good."""
        self.check_list.toggle_details()

    def action_retry(self) -> None:
        """Check and prepare again."""
        self._begin()

    # -- paint --------------------------------------------------------------------------

    def _paint(self) -> None:
        self.set_class(self._asking, "-asking")
        self._paint_order()
        self._paint_progress()
        self.query_one("#prepare", Button).disabled = not self.allows("prepare")
        button = self.start_button
        button.disabled = not self._prepared or self._starting
        if self._prepared and self.focused is None:
            button.focus()
        self.refresh_bindings()

    def _paint_order(self) -> None:
        proctor = self.bridge.proctor
        record = None if proctor is None else proctor.record
        rows = setup_text.order_rows(self._order, self.exam_app.settings, record)
        self.query_one(DescriptionList).show(rows)
        self.query_one("#tasks", Static).update(setup_text.table(self._task_rows()))

    def _task_rows(self) -> list[tuple[str, str]]:
        """The tasks, once the sitting is open: before that they are secret."""
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
        if not self._failed:
            self.query_one("#progress", Static).update(self._progress_text())

    def _progress_text(self) -> Content:
        if self._asking:
            return Content(_("Checking the code …") if self._answers else "")
        if self._starting:
            return Content.styled(_("Starting the clock …"), "$foreground-muted")
        if self._prepared:
            text = _("The paper is ready; the clock has not started.")
            return Content.styled("✓ " + text, "$text-success")
        return setup_text.step_text(self._step)


def _error_text(error: TfexamError) -> Content:
    return Content.assemble(
        ("✗ " + _(error.title), "bold $text-error"),
        "\n" + f"{say(error.message)}\n{say(error.fix)}".rstrip(),
    )
