"""What a candidate can do to a task as such: mark it for later, and start it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.errors import TfexamError
from engine.sitting.later import write_later
from engine.sitting.starter_reset import reset_starter
from tui.locale import _
from tui.screens.exam_text import Alert
from tui.text.resets import reset_text

if TYPE_CHECKING:
    from pathlib import Path

    from tui.screens.exam import ExamScreen


class TaskActions:
    """Acts on the task that the exam `screen` shows."""

    def __init__(self, screen: ExamScreen) -> None:
        self._screen = screen

    def turn_later(self, folder: Path) -> None:
        """Mark the selected task to come back to, or unmark it; kept in the sitting's `folder`."""
        state = self._screen.state
        later = state.later ^ {state.selected.task}
        try:
            write_later(folder, later)
        except TfexamError as error:
            self._screen.show_trouble(error, "later")
        else:
            self._screen.trouble_over("later")
            state.later = later

    def ask_to_reset(self) -> None:
        """Ask, then start the selected task again, or in practice all tasks."""
        from tui.screens.reset import ResetScreen

        screen, state = self._screen, self._screen.state
        task = state.selected.task
        others = [each.task for each in state.tasks if each.task != task]
        may_all = state.sitting.record.kind == "practice" and bool(others)
        every = (task, *others) if may_all else ()
        question = ResetScreen(screen.title_of(task), state.folder_of(task), task, every)
        screen.app.push_screen(question, self._reset)

    def _reset(self, tasks: Iterable[str] | None) -> None:
        screen = self._screen
        record, language = screen.state.sitting.record, screen.exam_app.settings.language
        for task in tasks or ():
            try:
                done = reset_starter(record, screen.bridge.tasks[task], language)
            except TfexamError as error:
                screen.show_trouble(error, f"reset {task}")
            else:
                screen.trouble_over(f"reset {task}")
                screen.alert(Alert(reset_text(done), _("Reset")))
