"""The set-up of a practice session: its tasks, length and mode."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, OptionList, Static
from textual.widgets.option_list import Option

from engine.errors import TfexamError
from exam_bank.task import Task
from tui import actions
from tui.link import messages
from tui.locale import N_, _, ngettext
from tui.screens.view import View
from tui.start import NewPractice
from tui.widgets.forms.choice import Choice
from tui.widgets.forms.sitting_form import SittingForm


class PracticeScreen(View[None]):
    """All tasks of the bank; space, enter or a click chooses one."""

    CSS_PATH: ClassVar = ["cards.tcss", "practice.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("practice")]
    AUTO_FOCUS = "#tasks"

    target = "practice"
    help_text = N_(
        "Choose one or more tasks with space, then set the length of the session. You "
        "can pause its clock, and coach mode explains each score. Tab moves to the "
        "fields below."
    )

    menu = getters.query_one("#tasks", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._bank: tuple[Task, ...] = ()
        self._chosen: set[str] = set()
        self._absent: frozenset[str] = frozenset()

    def body(self) -> ComposeResult:
        """The list, the session's options and a button."""
        with Vertical(id="bank", classes="panel") as bank:
            bank.border_title = _("Choose the tasks you want to practise.")
            yield OptionList(id="tasks", markup=False)
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
        self.menu.add_options([Option(self._line(each), id=each.id) for each in self._bank])
        self._offer()
        if self._bank:
            self.menu.highlighted = 0

    def on_screen_resume(self) -> None:
        """Fill the list again: there may be more data now."""
        if self._bank:
            self.bridge.look_at_data(self)

    def action_data(self) -> None:
        """Fetch the data of more tasks."""
        self.exam_app.show_data()

    @on(messages.DataLookedAt)
    def _mark_absent(self, fact: messages.DataLookedAt) -> None:
        self._absent = fact.absent
        self._paint_tasks()

    @on(Choice.Changed, "#level")
    def _paint_tasks(self) -> None:
        """Leave out the tasks that cannot be practised on this level, and what lacks its data."""
        for place, task in enumerate(self._bank):
            if self._lacks(task):
                self._chosen.discard(task.id)
            self.menu.replace_option_prompt_at_index(place, self._line(task))
        self._offer()

    def _line(self, task: Task) -> Content:
        """A task with its mark, which can be read without its colour."""
        chosen = task.id in self._chosen
        mark = ("■ ", "$text-success") if chosen else ("□ ", "$foreground-muted")
        title = task.title(self.exam_app.settings.language)
        if lacks := self._lacks(task):
            text = {
                "level": _("{title} (not on this level)"),
                "data": _("{title} (not fetched)"),
            }[lacks].format(title=title)
            return Content.styled(f"×  {task.category}  {text}", "$foreground-muted")
        return Content.assemble(mark, f" {task.category}  {title}")

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
        place = self.menu.highlighted
        if place is None:
            return
        task = self._bank[place]
        if lacks := self._lacks(task):
            text = {
                "level": _("It is only on the other level."),
                "data": _("Its data are missing. F3 shows how to get {dataset}."),
            }[lacks]
            self.notify(text.format(dataset=task.says.source), markup=False)
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
        self.dismiss()
        self.exam_app.show_setup(order)
