"""The set-up of a practice session: its tasks, length and mode."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, OptionList, Static
from textual.widgets.option_list import Option

from engine.errors import TfexamError
from exam_bank.task import Task
from tui import actions
from tui.link import messages
from tui.locale import N_, _, listed, ngettext
from tui.screens import practice_text
from tui.screens.view import LIST_BREAKPOINTS, View
from tui.start import NewPractice
from tui.text.levels import level_word
from tui.widgets.forms.choice import Choice
from tui.widgets.forms.sitting_form import SittingForm
from tui.widgets.shared.list_filter import ListFilter, refill
from tui.widgets.shared.wrapped_text import DescriptionList

if TYPE_CHECKING:
    from engine.coaching.standing import Standing


class PracticeScreen(View[None]):
    """All tasks of the bank; space, enter or a click chooses one, and a pane tells about it."""

    HORIZONTAL_BREAKPOINTS = [*LIST_BREAKPOINTS]  # noqa: RUF012 - as Textual declares it
    CSS_PATH: ClassVar = ["cards.tcss", "practice.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("practice")]
    AUTO_FOCUS = "#tasks"

    target = "practice"
    help_text = N_(
        "Choose one or more tasks with space, then set the length of the session. You "
        "can pause its clock, and coach mode explains each score. Tab moves to the "
        "fields beside or below the list. / shows only the tasks that match some "
        "words, such as a category's number or a skill."
    )

    menu = getters.query_one("#tasks", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._bank: tuple[Task, ...] = ()
        # Those that the filter lets through.
        self._listed: tuple[Task, ...] = ()
        self._chosen: set[str] = set()
        self._absent: frozenset[str] = frozenset()
        self._standing: Standing | None = None

    def body(self) -> ComposeResult:
        """The list, what to know of a task, the session's options and a button."""
        with Vertical(id="bank", classes="panel") as bank:
            bank.border_title = _("Choose the tasks you want to practise.")
            yield ListFilter("tasks")
            yield OptionList(id="tasks", markup=False)
        with VerticalScroll(id="about", classes="panel"):
            yield DescriptionList(id="task-facts")
            yield Static(id="introduction", markup=False)
        with Vertical(id="session", classes="panel") as session:
            session.border_title = _("Practice")
            yield SittingForm("practice", self.exam_app.settings)
            with Horizontal(id="ready"):
                yield Static(id="count")
                yield Button(_("Set up"), id="set-up", variant="primary", disabled=True)

    def on_mount(self) -> None:
        """Fill the list from the bank."""
        try:
            self._bank = self.exam_app.services.catalog().tasks
        except TfexamError as error:
            self.exam_app.show_trouble(error)
            return
        self._fill()

    def on_screen_resume(self) -> None:
        """Fill the list again: there may be more data now, and new results."""
        if self._bank:
            self.bridge.look_at_data(self)
            self.bridge.read_standing(self)

    def action_data(self) -> None:
        """Fetch the data of more tasks."""
        self.exam_app.show_data()

    @on(messages.DataLookedAt)
    def _mark_absent(self, fact: messages.DataLookedAt) -> None:
        self._absent = fact.absent
        self._fill()

    @on(messages.StandingRead)
    def _mark_tried(self, fact: messages.StandingRead) -> None:
        self._standing = fact.standing
        self._show()

    @on(Choice.Changed, "#level")
    def _level_chosen(self) -> None:
        """Other tasks can be practised now."""
        self._fill()

    @on(Input.Changed, "#filter")
    def _fill(self) -> None:
        """List what the filter lets through; nothing that lacks its level or data is chosen."""
        self._chosen -= {each.id for each in self._bank if self._lacks(each)}
        search = self.query_one(ListFilter)
        self._listed = tuple(
            each for each in self._bank if search.lets_through(*practice_text.words(each))
        )
        refill(self.menu, [Option(self._line(each), id=each.id) for each in self._listed])
        self._offer()
        self._show()

    def action_filter(self) -> None:
        """Show only what matches some words."""
        self.query_one(ListFilter).open()

    def action_back(self) -> None:
        """Close the filter first, then the screen."""
        if not self.query_one(ListFilter).close():
            self.dismiss()

    @property
    def _highlighted(self) -> Task | None:
        place = self.menu.highlighted
        return None if place is None or place >= len(self._listed) else self._listed[place]

    @on(OptionList.OptionHighlighted, "#tasks")
    def _show(self) -> None:
        """Tell about the highlighted task."""
        task, standing, language = (
            self._highlighted,
            self._standing,
            self.exam_app.settings.language,
        )
        about = self.query_one("#about")
        about.visible = task is not None
        if task is None:
            return
        about.border_title = Content(task.title(language))
        past, now = ((), None) if standing is None else (standing.past, standing.now)
        rows = practice_text.facts(task, past, now, lacks=self._lacks(task))
        self.query_one(DescriptionList).show(list(rows))
        text = practice_text.about(task, language)
        self.query_one("#introduction", Static).update(text)

    def _line(self, task: Task) -> Content:
        chosen, lacks = task.id in self._chosen, self._lacks(task)
        return practice_text.line(task, self.exam_app.settings.language, chosen=chosen, lacks=lacks)

    def _lacks(self, task: Task) -> str:
        """What keeps `task` from being practised: its level, its data, or "" for nothing."""
        if self.query_one(SittingForm).level not in task.levels:
            return "level"
        return "data" if task.id in self._absent else ""

    def allows(self, action: str) -> bool:
        """Set up needs a chosen task."""
        return bool(self._chosen) if action == "set_up" else True

    @on(OptionList.OptionSelected, "#tasks")
    def action_choose(self) -> None:
        """Choose the highlighted task, or leave it out."""
        task, place = self._highlighted, self.menu.highlighted
        if task is None or place is None:
            return
        if lacks := self._lacks(task):
            text = {
                "level": _("It is only on the level {level}."),
                "data": _("Its data are missing. F3 shows how to get {dataset}."),
            }[lacks]
            levels = listed([level_word(each) for each in task.levels])
            self.notify(text.format(dataset=task.says.source, level=levels), markup=False)
            return
        self._chosen ^= {task.id}
        self.menu.replace_option_prompt_at_index(place, self._line(task))
        self._offer()

    def _offer(self) -> None:
        """Say how many are chosen, and offer to set up the session."""
        count = len(self._chosen)
        text = ngettext("{n} task chosen", "{n} tasks chosen", count).format(n=count)
        self.query_one("#count", Static).update(text)
        self.query_one("#set-up", Button).disabled = not count
        self.refresh_bindings()

    @on(Button.Pressed, "#set-up")
    @on(SittingForm.Confirmed)
    def action_set_up(self) -> None:
        """Prepare a session with the chosen tasks."""
        chosen = tuple(each.id for each in self._bank if each.id in self._chosen)
        answers = self.query_one(SittingForm).answers() if chosen else None
        if answers is None:
            return
        order = NewPractice(
            chosen,
            minutes=answers.minutes,
            dir=answers.folder,
            mode=answers.mode,
            submitting=answers.submitting,
            level=answers.level,
        )
        # On top of this screen: who leaves the set-up finds the choice as it was.
        self.exam_app.show_setup(order)
