"""The exam: everything a candidate needs in sight while they work in another window.

The screen decides what is worth a notification and what a key does; what is true comes
from the proctor, as messages of the bridge. How it looks stands in `exam_room.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType

from engine.sitting import notices
from engine.sitting.state import events
from engine.sitting.state.sitting import Phase, Sitting, Submission
from tui import actions
from tui.link import messages
from tui.locale import N_, _, ngettext
from tui.screens.exam_room import ExamRoom
from tui.text.format import score_text
from tui.text.verdicts import look_of_submission, says
from tui.widgets.exam.categories import CategoryList
from tui.widgets.exam.files import FilesPanel
from tui.widgets.exam.grading import GradingPanel
from tui.widgets.exam.offer import Offer
from tui.widgets.exam.task_panes import PANES

if TYPE_CHECKING:
    from engine.errors import TfexamError
    from engine.sitting.state.events import Event


class ExamScreen(ExamRoom):
    """A running or paused sitting."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("exam")]

    target = "exam"
    passing = ("back", "restore", "cancel")
    help_text = N_(
        "Work in your editor: each category has a folder with starter.py and its data. Save"
        " your trained model there as mymodel.h5; it is taken in and graded by itself, as"
        " often as you like, and the best score counts. The brief shown here follows the"
        " starter.py you save."
    )

    # -- facts --------------------------------------------------------------------------

    @on(messages.EngineNotice)
    async def told(self, message: messages.EngineNotice) -> None:
        """What the proctor tells: show it."""
        match message.notice:
            case notices.Happened(event, sitting):
                self._show_event(event, sitting)
            case notices.Tick(time_left):
                self._tick(time_left)
            case notices.TimeLeft(minutes):
                self._remind(minutes)
            case notices.GradingProgress() as progress:
                self._show_progress(progress)
            case notices.StarterSaved(task):
                await self._follow(task)
            case notices.Note() as note:
                self._show_note(note)
            case notices.Unsubmitted(tasks):
                self._show_unsubmitted(tasks)
            case notices.Trouble(error):
                self.show_trouble(error)

    def _show_event(self, event: Event, sitting: Sitting) -> None:
        """Show what happened, and tell of it when it is about another task."""
        self._sitting = sitting
        match event:
            case events.Submitted():
                self._notes.pop(event.task, None)
            case events.GradingEnded():
                self.grading.remove_class("-grading")
                self._grading_since = None
                self._tell_of(sitting.submissions[event.number - 1])
            case events.Paused() | events.Resumed():
                self._show_clock(self._sitting.time_left(self.exam_app.clock.now()))
            case events.Ended():
                self.exam_app.show_ended(self._sitting)
                return
            case events.GradingStarted():
                self._grading_since = event.at
            case events.PutBack():
                self._tell_put_back(event.number)
            case events.Turned() | events.Warned():
                self._paint_categories()
                return
            case _:
                pass
        self._paint()

    def _tell_of(self, submission: Submission) -> None:
        """A notification for a grade that the candidate does not see happening."""
        coach = self._sitting.record.mode == "coach"
        text = says(submission, coach=coach)
        is_here = submission.task == self.selected_task and self.is_current
        if is_here and (not text or self.panes.in_sight("submissions")):
            return
        look = look_of_submission(submission)
        score = f" {score_text(submission.score)}" if submission.score is not None else ""
        self.notify(
            f"{look.text()}{score}\n{text}".rstrip(),
            title=self._title(submission.task),
            severity="warning" if look.tone in {"bad", "caution"} else "information",
            markup=False,
        )

    def _tell_put_back(self, number: int) -> None:
        folder = self._path(self._sitting.submission(number).task).name
        text = _("{folder}/mymodel.h5 is the model of #{number} again. It is not graded anew.")
        self.notify(text.format(folder=folder, number=number), markup=False)

    def _tick(self, time_left: float) -> None:
        """Once a second."""
        self._show_clock(time_left)
        self._paint_categories()
        if self._grading_since is not None:
            self.grading.elapse(self.exam_app.clock.now().since(self._grading_since))

    def _remind(self, minutes: int) -> None:
        """One of the marks: told wherever the candidate is, with the bell."""
        text = ngettext("{n} minute left.", "{n} minutes left.", minutes).format(n=minutes)
        self.notify(text, title=_("Time"), severity="warning", timeout=10)
        if self.exam_app.settings.bell:
            self.app.bell()

    def _show_progress(self, now: notices.GradingProgress) -> None:
        self.grading.show(now.number, self._title(now.task), now.progress, now.seconds)
        self.refresh_bindings()

    async def _follow(self, task: str) -> None:
        """Follow the candidate to the task they are working on."""
        tasks = [each.task for each in self._sitting.record.paper.tasks]
        if task in tasks:
            await self._select(tasks.index(task), follows=True)

    def _show_note(self, note: notices.Note) -> None:
        """A hint stays with its task's submissions; one that is not in sight is told too."""
        text = note.message.text(_)
        if note.task:
            self._notes[note.task] = text
        if note.task == self.selected_task:
            self._paint_results()
        if note.task != self.selected_task or not self.panes.in_sight("submissions"):
            title = self._title(note.task) if note.task else _("Note")
            self.notify(text, title=title, severity="warning", markup=False)

    def _show_unsubmitted(self, tasks: frozenset[str]) -> None:
        """A model was saved and waits, or waits no longer."""
        self._unsubmitted = tasks
        self._paint_categories()
        self._paint_results()
        self._paint_folder()

    def show_trouble(self, error: TfexamError) -> None:
        """Say it in the banner until it is dismissed; the sitting goes on."""
        self.banner.trouble(error)
        self.refresh_bindings()

    @on(messages.MachineSampled)
    def machine_sampled(self, message: messages.MachineSampled) -> None:
        """Show the newest sample."""
        self.machine.gpu = message.gpu
        self.machine.usage = message.usage

    @on(messages.FolderSampled)
    def folder_sampled(self, message: messages.FolderSampled) -> None:
        """Show what the folder of the selected task holds now."""
        if message.task == self.selected_task:
            self._folder = message
            self._paint_folder()

    # -- actions ------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What works now; the rest is in neither footer nor palette."""
        match action:
            case "cancel":
                return self._grading() is not None
            case "pause":
                return self._sitting.record.kind == "practice"
            case "next_task":
                return self.next_index is not None
            case "clear_notice":
                return self.is_mounted and self.banner.troubled
            case "restore":
                return self._may_restore()
            case "back":
                return self.has_class("-zoomed")
            case "select":
                return isinstance(parameters[0], int) and parameters[0] < len(
                    self._sitting.record.paper.tasks
                )
        return True

    def _may_restore(self) -> bool:
        if not self.is_mounted:
            return False
        listed = self.panes.submissions
        return listed.has_focus and listed.chosen is not None

    def on_descendant_focus(self) -> None:
        """What works depends on where one is."""
        self.refresh_bindings()

    def on_descendant_blur(self) -> None:
        """The same when one leaves."""
        self.refresh_bindings()

    @on(CategoryList.Selected)
    async def category_selected(self, message: CategoryList.Selected) -> None:
        """Chosen with arrows or the mouse."""
        await self._select(message.index)

    async def action_select(self, index: int) -> None:
        """Show the task at `index`; it stays until the next edit of a starter."""
        await self._select(index)

    def action_submit(self) -> None:
        """Take the selected task's model in by hand."""
        task = self.selected_task
        self.bridge.ask(lambda proctor: proctor.submit(task))

    @on(GradingPanel.CancelPressed)
    def action_cancel(self) -> None:
        """Stop the grading in progress."""
        self.bridge.ask(lambda proctor: proctor.cancel())

    def action_restore(self) -> None:
        """Put the model of the highlighted submission back into the folder."""
        number = self.panes.submissions.chosen
        if number is not None:
            self.bridge.ask(lambda proctor: proctor.put_back(number))

    def action_pane(self, name: str) -> None:
        """Show a pane, and let keys go to it."""
        self.panes.show(name)
        self.panes.pane(name).focus()

    def action_next_pane(self, step: int) -> None:
        """Show the next pane, or the one before."""
        place = PANES.index(self.panes.shown)
        self.panes.show(PANES[(place + step) % len(PANES)])

    def action_zoom(self) -> None:
        """Give the pane the whole window, or take it back."""
        self.toggle_class("-zoomed")
        if self.has_class("-zoomed"):
            self.panes.pane(self.panes.shown).focus()
        else:
            self.categories.focus()
        self.refresh_bindings()

    def action_back(self) -> None:
        """Leave the large pane."""
        self.action_zoom()

    def action_edit(self) -> None:
        """Open the starter of the selected task."""
        self.exam_app.edit(self._path(self.selected_task) / "starter.py")

    @on(FilesPanel.OpenAsked)
    def file_asked(self, message: FilesPanel.OpenAsked) -> None:
        """Open a file of the folder."""
        self.exam_app.edit(self._path(self.selected_task) / message.name)

    def action_folder(self) -> None:
        """Show the folder of the selected task."""
        self.exam_app.show_folder(self._path(self.selected_task))

    def action_clear_notice(self) -> None:
        """Take the trouble banner away."""
        self.banner.trouble(None)
        self.refresh_bindings()

    def action_pause(self) -> None:
        """Stop the practice clock, or let it go on."""
        if self._sitting.phase is Phase.PAUSED:
            self.bridge.ask(lambda proctor: proctor.resume())
        else:
            self.bridge.ask(lambda proctor: proctor.pause())

    async def action_next_task(self) -> None:
        """Go on with the next task of the practice that is not done."""
        if (following := self.next_index) is not None:
            await self._select(following)

    @on(Offer.Taken)
    async def offer_taken(self, message: Offer.Taken) -> None:
        """Do what was offered."""
        await self.run_action(message.action)

    def action_end(self) -> None:
        """Show what counts and what is missing, and ask whether to end."""
        from tui.screens.end import EndScreen

        if self.bridge.proctor is not None:
            self.app.push_screen(EndScreen(self._sitting, self._title), self._end_confirmed)

    def _end_confirmed(self, answer: bool | None) -> None:
        if answer:
            self.bridge.ask(lambda proctor: proctor.end())
