"""What a candidate can do to a task as such: mark it for later, and start it again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.errors import TfexamError
from engine.sitting.later import write_later
from engine.sitting.starter_reset import kept_by_reset, reset_starter
from tui.locale import _
from tui.screens.exam_text import Alert
from tui.text.resets import data_text, reset_text

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
        language = screen.exam_app.settings.language
        kept = kept_by_reset(state.sitting.record, screen.bridge.tasks[task], language)
        question = ResetScreen(
            screen.title_of(task),
            state.folder_of(task).name,
            task,
            every,
            kept="" if kept is None else kept.name,
        )
        screen.app.push_screen(question, self._reset)

    def _reset(self, tasks: Iterable[str] | None) -> None:
        from engine.sitting.data_again import is_data_gone

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
        if gone := [task for task in tasks or () if is_data_gone(record, task)]:
            screen.alert(Alert(_("The data are being made again …"), _("Reset")))
            screen.exam_app.run_worker(
                self._bring_back(gone), group="data again", exit_on_error=False
            )

    async def _bring_back(self, tasks: Iterable[str]) -> None:
        """Make the data of tasks again whose folders have none."""
        screen, proctor = self._screen, self._screen.bridge.proctor
        if proctor is None:
            return
        for task in tasks:
            try:
                await screen.exam_app.services.bring_data_back(proctor.folder, proctor.record, task)
            except TfexamError as error:
                screen.show_trouble(error)
            else:
                screen.alert(Alert(data_text(screen.state.folder_of(task).name), _("Reset")))
