"""Offers models that lie under another name or among the downloads; nothing is taken by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui.locale import _
from tui.screens.confirm import ConfirmScreen, download_question, take_question
from tui.screens.exam_text import Alert

if TYPE_CHECKING:
    from tui.screens.confirm import Question
    from tui.screens.exam import ExamScreen


class ModelOffers:
    """What the exam `screen` offers to take, and whether it watches the downloads."""

    def __init__(self, screen: ExamScreen) -> None:
        self._screen = screen
        self._watched: Path | None = None

    def watch(self) -> Path | None:
        """Watch the downloads; returns the folder."""
        self._watched = self._screen.bridge.watch_downloads(self._screen)
        return self._watched

    def stop(self) -> None:
        """Watch them no longer."""
        self._watched = None
        self._screen.bridge.stop_downloads()

    def turn(self) -> Alert:
        """Watch them, or stop; what to tell the candidate."""
        if self._watched is not None:
            self.stop()
            return Alert(_("Downloads are no longer watched."))
        text = _("A model that arrives in {folder} is offered to the category it fits.")
        return Alert(text.format(folder=self.watch()))

    def take(self, task: str, path: Path, title: str) -> None:
        """Ask whether the file at `path`, in the folder of `task`, is its model."""

        def decline() -> None:  # the next time `s` submits what has the right name
            self._screen.state.declined.add((task, path.name))
            self._screen.room.paint_submissions()

        self._ask(take_question(path.name, title), task, path, decline)

    def downloaded(self, path: Path, tasks: tuple[str, ...]) -> Alert | None:
        """Offer a download to the `tasks` it fits, one by one; the selected one first."""
        state = self._screen.state
        if not tasks:
            text = _("{name} in Downloads fits no category of this paper.")
            return Alert(text.format(name=path.name))
        selected = state.selected.task
        self._offer(path, sorted(tasks, key=lambda task: task != selected))
        return None

    def _offer(self, path: Path, tasks: list[str]) -> None:
        if not tasks:
            return
        state, task = self._screen.state, tasks[0]
        number = next((each.category for each in state.tasks if each.task == task), 0)
        question = download_question(path.name, number, self._screen.title_of(task))
        self._ask(question, task, path, lambda: self._offer(path, tasks[1:]))

    def _ask(self, question: Question, task: str, path: Path, decline: Callable[[], None]) -> None:
        def answered(yes: bool | None) -> None:
            if yes:
                self._screen.bridge.ask(lambda proctor: proctor.take_file(task, path))
            else:
                decline()

        self._screen.app.push_screen(ConfirmScreen(question), answered)
