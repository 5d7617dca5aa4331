"""What is asked before something new is begun: one question after the other, then it begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.locale import N_, _
from tui.screens.confirm import ConfirmScreen, Question

if TYPE_CHECKING:
    from textual.app import App

    from engine.sitting.views.retake import RetakeWait

_REASONS = (
    N_("After the first exam that was not passed, the real one has you wait for 14 days."),
    N_("After the second exam that was not passed, the real one has you wait for two months."),
    N_("After the third exam that was not passed, the real one has you wait for a year."),
)


def ask_in_turn(app: App[None], questions: Sequence[Question], begin: Callable[[], None]) -> None:
    """Ask `questions` one by one; `begin` once every one was answered with yes."""
    if not questions:
        begin()
        return

    def answered(yes: bool | None) -> None:
        if yes:
            ask_in_turn(app, questions[1:], begin)

    app.push_screen(ConfirmScreen(questions[0]), answered)


def wait_question(wait: RetakeWait) -> Question:
    """Whether to sit a mock although the real exam would have one wait."""
    reason = _(_REASONS[min(wait.failures, len(_REASONS)) - 1])
    until = _("The next one could be sat on {date}.").format(date=wait.until.isoformat())
    rest = _("This is a mock: you may go on, and are not asked again.")
    return Question(
        title=_("Sit another exam already?"),
        body=Content("\n").join([Content(reason), Content(until), Content(""), Content(rest)]),
        yes=_("Go on"),
        no=_("Wait"),
    )
