"""The choice of tasks for a practice session."""

from __future__ import annotations

from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Button, SelectionList, Static
from textual.widgets.selection_list import Selection

from engine.errors import TfexamError
from exam_bank.task import Task
from tui import actions
from tui.locale import N_, _
from tui.screens.view import View
from tui.start import NewPractice


class PracticeScreen(View[None]):
    """All tasks of the bank; space or a click chooses."""

    CSS_PATH = "practice.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("practice")]
    AUTO_FOCUS = "#tasks"

    target = "practice"
    help_text = N_(
        "Choose one or more tasks with space. A practice session has a clock that can be"
        " paused, and coach mode explains what a score is made of."
    )

    tasks = getters.query_one("#tasks", SelectionList)

    def body(self) -> ComposeResult:
        """The list and a button."""
        with Vertical(id="middle", classes="card") as card:
            card.border_title = _("Practice")
            yield Static(_("Choose the tasks you want to train."), id="motto")
            yield SelectionList[str](id="tasks")
            yield Button(_("Set up"), id="set-up", variant="primary", disabled=True)

    def on_mount(self) -> None:
        """Fill the list from the bank."""
        language = self.exam_app.settings.language
        try:
            tasks = self.exam_app.services.catalog().tasks
        except TfexamError as error:
            self.exam_app.show_trouble(error)
            return
        self.tasks.add_options([Selection(_label(each, language), each.id) for each in tasks])
        if tasks:
            self.tasks.highlighted = 0

    @on(SelectionList.SelectedChanged)
    def changed(self) -> None:
        """Set up works with at least one task."""
        self.query_one("#set-up", Button).disabled = not self.tasks.selected
        self.refresh_bindings()

    def allows(self, action: str) -> bool:
        """Set up needs a task."""
        return bool(self.tasks.selected) if action == "set_up" and self.is_mounted else True

    @on(Button.Pressed, "#set-up")
    def action_set_up(self) -> None:
        """Prepare a session of the chosen tasks."""
        chosen = tuple(self.tasks.selected)
        if chosen:
            self.dismiss()
            self.exam_app.show_setup(NewPractice(chosen))


def _label(task: Task, language: str) -> str:
    return f"{task.category}  {task.title(language)}"
