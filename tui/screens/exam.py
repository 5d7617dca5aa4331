"""The exam: everything that candidates need in view while they work in another window.

The screen decides what is worth a notification and what each key does. The facts come from
the proctor through the bridge, and are kept in `exam_state.py`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Static

from engine.sitting import notices
from engine.sitting.later import read_later
from engine.sitting.state import events
from engine.sitting.state.sitting import Phase, Sitting, Submission
from engine.sitting.views.target_minutes import target_minutes
from tui import actions
from tui.link import messages
from tui.locale import N_, _
from tui.screens import exam_text
from tui.screens.exam_brief import BriefAndHints
from tui.screens.exam_offered import is_offered
from tui.screens.exam_offers import ModelOffers
from tui.screens.exam_state import ExamState
from tui.screens.exam_task_actions import TaskActions
from tui.screens.exam_text import Alert
from tui.screens.view import View
from tui.text import outcome
from tui.text.verdicts import says
from tui.widgets.exam.categories import CategoryList
from tui.widgets.exam.compact_exam import CompactExam
from tui.widgets.exam.exam_clock import ExamClock
from tui.widgets.exam.exam_room import ExamRoom
from tui.widgets.exam.files import FilesPanel
from tui.widgets.exam.grading import GradingPanel
from tui.widgets.exam.machine import MachineClicked
from tui.widgets.exam.next_step_bar import NextStepBar
from tui.widgets.exam.task_panes import PANES
from tui.widgets.exam.trouble_banner import TroubleBanner

if TYPE_CHECKING:
    from engine.errors import TfexamError
    from engine.sitting.state.events import Event


# A minute without a key or a click: the candidate is in the editor, not reading here.
FOLLOW_AFTER = 60.0


class ExamScreen(View[None]):
    """A running or paused sitting."""

    CSS_PATH: ClassVar = ["cards.tcss", "markdown.tcss", "exam.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("exam")]
    AUTO_FOCUS = "CategoryList"

    target = "exam"
    works_small = True
    transient_actions = ("back", "restore", "cancel")
    help_text = N_(
        "Work in your editor: each category has a folder with starter.py and its "
        "data. Save your trained model there as mymodel.h5. tfexam submits and grades "
        "it automatically, as often as you like, and the best score counts. The brief "
        "shown here follows the starter.py you save."
    )

    room = getters.query_one(ExamRoom)
    banner = getters.query_one("#banner", TroubleBanner)
    offer = getters.query_one("#offer", NextStepBar)
    clock = getters.query_one(ExamClock)
    compact = getters.query_one(CompactExam)

    def __init__(self, sitting: Sitting) -> None:
        super().__init__()
        self.state = ExamState(sitting)
        self._counted = ""
        self._offers = ModelOffers(self)
        self.hints = BriefAndHints(self)
        self._task_actions = TaskActions(self)

    def body(self) -> ComposeResult:
        """Header, banner and room: the tasks on the left, their content on the right."""
        with Horizontal(id="header"):
            yield Static(exam_text.title(self.state.sitting.record), id="title", markup=False)
            yield ExamClock()
        yield TroubleBanner(id="banner")
        yield NextStepBar(id="offer")
        automatic = self.state.sitting.record.is_automatic(self.exam_app.settings.auto_grade)
        yield ExamRoom(self.state, self.title_of, by_hand=not automatic)
        yield CompactExam(self.state, self.title_of)

    def on_mount(self) -> None:
        """Subscribe, and show the sitting as it is."""
        state = self.state
        self.bridge.subscribe(self)
        self.bridge.watch_room(self, Path(state.sitting.record.workspace))
        if self.exam_app.settings.watch_downloads:
            self._offers.watch()
        self._count_time()
        self.bridge.sample_folder(state.selected.task)
        if self.bridge.proctor is not None:
            state.sitting = self.bridge.proctor.sitting  # it went on while this was built
            if state.sitting.phase is Phase.ENDED:
                self.call_later(self.exam_app.show_ended, state.sitting)
            state.unsubmitted = self.bridge.proctor.unsubmitted
            state.read_diagnoses(self.bridge.proctor.folder)
            state.keep_strays(self.bridge.proctor.strays)
            state.later = read_later(self.bridge.proctor.folder)
            state.targets = target_minutes(state.sitting.record, self.bridge.tasks)
            self._show_clock(self.bridge.proctor.time_left())
        self._paint()

    def on_unmount(self) -> None:
        """Unsubscribe, and stop sampling."""
        self.bridge.unsubscribe(self)
        self.bridge.stop_watching()
        self._offers.stop()

    def title_of(self, task: str) -> str:
        """The title of `task` in the candidate's language."""
        return outcome.title_of(task, self.bridge.tasks, self.exam_app.settings.language)

    @property
    def _folder(self) -> Path:
        return self.state.folder_of(self.state.selected.task)

    @on(messages.EngineNotice)
    async def told(self, message: messages.EngineNotice) -> None:
        """Show a notice from the proctor."""
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
            case notices.StrayModels() | notices.ModelDiagnosed() as found:
                self.state.keep(found)
                self.room.paint_submissions()
            case notices.Unsubmitted(tasks):
                self._show_unsubmitted(tasks)
            case notices.Trouble() | notices.TroubleOver() as trouble:
                self._show_or_hide(trouble)

    def _show_event(self, event: Event, sitting: Sitting) -> None:
        """Show what happened, with a notification if it is about another task."""
        self.state.happen(event, sitting)
        self.trouble_over(notices.JOURNAL)
        self._count_time()
        match event:
            case events.Ended():
                self.exam_app.show_ended(sitting)
                return
            case events.Turned() | events.Warned():
                self._paint_categories()
                return
            case events.GradingEnded():
                self.room.paint_grading(ended=True)
                self._tell_of(sitting.submission(event.number))
            case events.Paused() | events.Resumed():
                self._show_clock(sitting.time_left(self.exam_app.clock.now()))
            case events.TaskGivenUp():
                self.alert(Alert(_("v shows its hints and solutions."), _("Given up")))
            case events.PutBack():
                folder = self.state.folder_of(sitting.submission(event.number).task)
                self.alert(exam_text.of_put_back(event.number, folder.name))
            case _:
                pass
        self._paint()

    def _tell_of(self, submission: Submission) -> None:
        """Notify of a grade that the candidate does not see arrive."""
        coach = self.state.sitting.record.mode == "coach"
        is_here = submission.task == self.state.selected.task and self.is_current
        says_more = bool(says(submission, coach=coach))
        if not is_here or (says_more and not self.room.panes.in_sight("submissions")):
            self.alert(exam_text.of_grade(submission, self.title_of(submission.task), coach=coach))

    def _tick(self, time_left: float) -> None:
        """Once a second."""
        self._show_clock(time_left)
        self._paint_categories()
        self.room.elapse(self.exam_app.clock.now())

    def _remind(self, minutes: int) -> None:
        """Announce a time mark, on whatever screen the candidate is, with the bell."""
        self.alert(exam_text.of_time(minutes))
        if self.exam_app.settings.bell:
            self.app.bell()

    def _show_progress(self, now: notices.GradingProgress) -> None:
        self.room.grading.show(now.number, self.title_of(now.task), now.progress, now.seconds)
        self.refresh_bindings()

    async def _follow(self, task: str) -> None:
        """Follow to the task whose starter was saved, unless the candidate is reading here."""
        self.state.edit(task)
        self._count_time()
        index, app = self.state.place(task), self.exam_app
        if index in (None, self.state.index) or not app.settings.follow_starter:
            return
        if app.untouched_seconds >= FOLLOW_AFTER:
            await self._select(index, follows=True)
            self.alert(exam_text.of_following(self.state.selected.category))

    def _show_note(self, note: notices.Note) -> None:
        """Keep a hint with its task's submissions; notify too, if those are not in view."""
        text = note.message.text(_)
        is_here = note.task == self.state.selected.task
        self.state.keep_note(note.task, text, note.about)
        if is_here:
            self.room.paint_submissions()
        if not is_here or not self.room.panes.in_sight("submissions"):
            self.alert(exam_text.of_note(text, self.title_of(note.task) if note.task else ""))

    def _show_unsubmitted(self, tasks: frozenset[str]) -> None:
        """Show that a saved model is waiting to be submitted, or no longer is."""
        self.state.unsubmitted = tasks
        self._paint_categories()
        self.room.paint_submissions()
        self.room.paint_folder()

    def _show_or_hide(self, told: notices.Trouble | notices.TroubleOver) -> None:
        if isinstance(told, notices.Trouble):
            self.show_trouble(told.error, told.about)
        else:
            self.trouble_over(told.about)

    def show_trouble(self, error: TfexamError, about: str = "") -> None:
        """Show it in the banner until dismissed or over; the sitting goes on."""
        self.banner.trouble(error, about)
        self.refresh_bindings()

    def trouble_over(self, about: str) -> None:
        """Take back the trouble with what works again."""
        if self.banner.over(about):
            self.refresh_bindings()

    def alert(self, alert: Alert) -> None:
        """Notify, covering neither clock nor tabs."""
        self.room.place_notices(self.query_one("#header").region.bottom)
        how = {"title": alert.title, "severity": alert.severity, "timeout": alert.seconds}
        self.notify(alert.text, markup=False, **how)  # type: ignore[arg-type]

    @on(messages.MachineSampled)
    def machine_sampled(self, message: messages.MachineSampled) -> None:
        """Show the newest sample."""
        self.room.paint_machine(message.gpu, message.usage)
        found = message.usage.training if message.usage else ()
        self.state.train({each.place: message.epochs.get(each.place) for each in found})
        self._count_time()

    def _count_time(self) -> None:
        """Count the time for the task that is worked on, once that has changed."""
        if self.state.working != self._counted:
            self._counted = self.state.working
            self.bridge.turn_to(self._counted)

    @on(messages.FolderSampled)
    def folder_sampled(self, message: messages.FolderSampled) -> None:
        """Show what the folder of the selected task holds now."""
        if message.task == self.state.selected.task:
            self.state.folder = message
            self.room.paint_folder()

    def _paint(self) -> None:
        self._paint_categories()
        self.room.paint_grading()
        self.call_later(self._paint_selected)
        self.refresh_bindings()

    def _paint_categories(self) -> None:
        self.compact.refresh()
        self.room.paint_categories(self.exam_app.clock.now())

    async def _paint_selected(self) -> None:
        self._paint_offer()
        await self.room.paint_selected(self.hints.brief(self.state.selected.task))

    def _paint_offer(self) -> None:
        """Offer the end when there is nothing left to gain, or the next task in practice."""
        if self.state.sitting.complete:
            self.offer.show(_("All at 5/5. You can end early."), _("End"), "e", "end")
        elif (following := self.state.next_index) is not None:
            title = self.title_of(self.state.tasks[following].task)
            text = _("At 5/5. Next: {title}").format(title=title)
            self.offer.show(text, _("Next task"), "n", "next_task")
        else:
            self.offer.hide()

    def _show_clock(self, time_left: float) -> None:
        paused = self.state.sitting.phase is Phase.PAUSED
        whole = self.state.sitting.record.minutes * 60
        self.clock.show(time_left, paused=paused, whole=whole)
        self.compact.show(time_left, paused=paused)

    async def _select(self, index: int, *, follows: bool = False) -> None:
        if not self.state.select(index, follows=follows):
            return
        self.room.categories.selected = index
        self._count_time()
        self.bridge.sample_folder(self.state.selected.task)
        await self._paint_selected()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action works now; if not, footer and palette leave it out."""
        return is_offered(self, action, parameters)

    def on_descendant_focus(self) -> None:
        """Update the footer: what works depends on the focus."""
        self.refresh_bindings()

    def on_descendant_blur(self) -> None:
        """Update the footer when the focus leaves, too."""
        self.refresh_bindings()

    @on(CategoryList.Selected)
    async def category_selected(self, message: CategoryList.Selected) -> None:
        """A task was chosen with the arrow keys or the mouse."""
        await self._select(message.index)

    async def action_select(self, index: int) -> None:
        """Show the task at `index`, until a starter is edited next."""
        await self._select(index)

    def action_submit(self) -> None:
        """Submit the selected task's model by hand; one of another name only after asking."""
        task, name = self.state.selected.task, self.state.takeable
        if name:
            self._offers.take(task, self._folder / name, self.title_of(task))
        else:
            self.bridge.ask(lambda proctor: proctor.submit(task))

    def action_downloads(self) -> None:
        """Watch the Downloads folder, or stop."""
        self.alert(self._offers.turn())

    @on(messages.DownloadArrived)
    def download_arrived(self, message: messages.DownloadArrived) -> None:
        """Offer a model that was downloaded to the categories it fits."""
        if (alert := self._offers.downloaded(message.path, message.tasks)) is not None:
            self.alert(alert)

    @on(GradingPanel.CancelPressed)
    def action_cancel(self) -> None:
        """Stop the grading in progress."""
        self.bridge.ask(lambda proctor: proctor.cancel())

    def action_restore(self) -> None:
        """Put the model of the highlighted submission back into the folder."""
        number = self.room.panes.submissions.chosen
        if number is not None:
            self.bridge.ask(lambda proctor: proctor.put_back(number))

    def action_hint(self) -> None:
        """Show the hints seen so far; if they are in view, one more."""
        task = self.state.selected.task
        is_new = self.room.panes.in_sight("brief") or task not in self.state.sitting.hints
        (self.action_pane if self._is_compact else self.room.panes.show)("brief")
        if is_new:
            self.bridge.ask(lambda proctor: proctor.see_hint(task))

    def action_later(self) -> None:
        """Mark the selected task to come back to, or unmark it."""
        if self.bridge.proctor is not None:
            self._task_actions.turn_later(self.bridge.proctor.folder)
            self._paint_categories()

    def action_reset(self) -> None:
        """Start the selected task's starter again, or in practice all of them, after asking."""
        self._task_actions.ask_to_reset()

    def action_give_up(self) -> None:
        """Give the selected task up, after asking."""
        from tui.screens.confirm import ask_in_turn, give_up_question

        task = self.state.selected.task
        question = give_up_question(self.title_of(task))
        ask_in_turn(self.app, [question], lambda: self._give_up(task))

    def _give_up(self, task: str) -> None:
        self.bridge.ask(lambda proctor: proctor.give_up(task))

    def action_review(self) -> None:
        """Review the selected task, as far as that is possible now."""
        if self.bridge.proctor is not None:
            self.exam_app.show_review(self.bridge.proctor.folder, self.state.selected.task)

    @property
    def _is_compact(self) -> bool:
        return any(map(self.has_class, ("-too-narrow", "-too-low", "-slim", "-short")))

    def action_pane(self, name: str) -> None:
        """Show a pane and focus it; where there is room for nothing else, in the whole window."""
        self.room.panes.show(name)
        self.set_class(self._is_compact or self.has_class("-zoomed"), "-zoomed")
        self.room.panes.pane(name).focus()
        self.refresh_bindings()

    @on(CompactExam.PaneChosen)
    def pane_chosen(self, message: CompactExam.PaneChosen) -> None:
        """A pane was clicked in a small window."""
        self.action_pane(message.name)

    def action_next_pane(self, step: int) -> None:
        """Show the next pane, or the previous one."""
        place = PANES.index(self.room.panes.shown)
        self.room.panes.show(PANES[(place + step) % len(PANES)])

    def action_zoom(self) -> None:
        """Zoom the pane to the whole window, or back."""
        self.toggle_class("-zoomed")
        if self.has_class("-zoomed"):
            self.room.panes.pane(self.room.panes.shown).focus()
        else:
            self.room.categories.focus()
        self.refresh_bindings()

    @on(MachineClicked)
    def action_machine(self) -> None:
        """Open or close the machine panel, which a zoomed pane would hide."""
        if self.has_class("-zoomed"):
            self.action_zoom()
        self.toggle_class("-machine")
        self.refresh_bindings()

    def action_back(self) -> None:
        """Leave the zoomed pane, the machine panel, or the task that was followed to."""
        if self.has_class("-zoomed"):
            self.action_zoom()
        elif self.has_class("-machine"):
            self.action_machine()
        elif self.state.came_from is not None:
            self.call_later(self._select, self.state.came_from)

    def action_edit(self) -> None:
        """Open the starter of the selected task."""
        self.exam_app.edit(self._folder / "starter.py")

    @on(FilesPanel.OpenAsked)
    def file_asked(self, message: FilesPanel.OpenAsked) -> None:
        """Open a file of the folder."""
        self.exam_app.edit(self._folder / message.name)

    def action_folder(self) -> None:
        """Show the folder of the selected task."""
        self.exam_app.show_folder(self._folder)

    def action_clear_notice(self) -> None:
        """Dismiss the trouble banner."""
        self.banner.dismiss()
        self.refresh_bindings()

    def action_pause(self) -> None:
        """Pause or resume the practice clock."""
        if self.state.sitting.phase is Phase.PAUSED:
            self.bridge.ask(lambda proctor: proctor.resume())
        else:
            self.bridge.ask(lambda proctor: proctor.pause())

    async def action_next_task(self) -> None:
        """Move on to the next practice task that is not done."""
        if (following := self.state.next_index) is not None:
            await self._select(following)

    @on(NextStepBar.Taken)
    async def offer_taken(self, message: NextStepBar.Taken) -> None:
        """Do what the bar offers."""
        await self.run_action(message.action)

    def action_end(self) -> None:
        """Show what counts and what is missing, and ask whether to end."""
        from tui.screens.end import EndScreen

        if self.bridge.proctor is not None:
            self.app.push_screen(EndScreen(self.state.sitting, self.title_of), self._end_confirmed)

    def _end_confirmed(self, answer: bool | None) -> None:
        if answer:
            self.bridge.ask(lambda proctor: proctor.end())
