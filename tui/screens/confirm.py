"""Questions that tfexam asks before it starts, leaves or cannot undo something."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Button, Static

from tui import actions
from tui.locale import N_, _
from tui.screens.view import Dialog
from tui.text.format import clock_text
from tui.widgets.shared.key_bar import KeyBar

if TYPE_CHECKING:
    from textual.app import App

    from engine.sitting.state.sitting import Kind, Sitting
    from engine.sitting.views.retake import RetakeWait

_RETAKE_RULES = (
    N_("After a first failed exam, the real one makes you wait 14 days."),
    N_("After a second failed exam, the real one makes you wait two months."),
    N_("After a third failed exam, the real one makes you wait a year."),
)


@dataclass(frozen=True)
class Question:
    """A question; `body` and the button labels are translated already."""

    title: str
    body: Content
    yes: str
    no: str
    grave: bool = False


class ConfirmScreen(Dialog[bool]):
    """Returns True for yes; escape means no."""

    CSS_PATH: ClassVar = ["cards.tcss", "confirm.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("confirm")]
    AUTO_FOCUS = "#no"

    target = "confirm"

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    @property
    def action_labels(self) -> dict[str, str]:
        """The key bar's words: those of the buttons."""
        return {"confirm": self._question.yes, "back": self._question.no}

    def compose(self) -> ComposeResult:
        """A card with the question and two buttons."""
        question = self._question
        with Vertical(classes="card") as card:
            card.border_title = question.title
            yield Static(question.body)
            with Horizontal(id="buttons"):
                yield Button(question.no, id="no")
                yield Button(question.yes, id="yes", classes="-grave" if question.grave else "")
        yield KeyBar()

    @on(Button.Pressed, "#yes")
    def action_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def action_back(self) -> None:
        """No."""
        self.dismiss(False)


def ask_in_turn(app: App[None], questions: Sequence[Question], begin: Callable[[], None]) -> None:
    """Ask `questions` one by one; call `begin` once all were answered with yes."""
    if not questions:
        begin()
        return

    def answered(yes: bool | None) -> None:
        if yes:
            ask_in_turn(app, questions[1:], begin)

    app.push_screen(ConfirmScreen(questions[0]), answered)


def retake_question(wait: RetakeWait) -> Question:
    """The question before a mock for which the real exam would make you wait."""
    return Question(
        title=_("Sit another exam so soon?"),
        body=_paragraphs(
            _(_RETAKE_RULES[min(wait.failures, len(_RETAKE_RULES)) - 1]),
            _("You could sit the next one on {date}.").format(date=wait.until.isoformat()),
            last=_("This is a mock, so you may go on. tfexam will not ask again."),
        ),
        yes=_("Continue"),
        no=_("Wait"),
    )


def remove_question() -> Question:
    """The question before a sitting is removed that was prepared and never started."""
    return Question(
        title=_("Remove what was prepared?"),
        body=_paragraphs(
            _("Its clock has not started, so nothing of yours is in it."),
            last=_("To sit it later, it would have to be prepared again."),
        ),
        yes=_("Remove"),
        no=_("Keep"),
    )


def second_sitting_question(kind: Kind, time_left: float) -> Question:
    """The question before starting something new while another sitting's clock is running."""
    what = (
        N_("Your exam is still open, and its clock is running.")
        if kind == "exam"
        else N_("Your practice session is still open, and its clock is running.")
    )
    return Question(
        title=_("Start another sitting?"),
        body=_paragraphs(
            _(what), _("Starting something new does not stop it."), last=_time_left(time_left)
        ),
        yes=_("Start another"),
        no=_("Go back"),
    )


def take_over_question() -> Question:
    """The question where another window has the sitting open."""
    return Question(
        title=_("Take over here?"),
        body=_paragraphs(
            _("This sitting is open in another window of tfexam."),
            last=_("That window closes, and you go on here. Nothing is lost."),
        ),
        yes=_("Take over here"),
        no=_("Leave it there"),
    )


def download_question(name: str, number: int, title: str) -> Question:
    """The question where a model that fits the contract of a category has been downloaded."""
    return Question(
        title=_("Take it for Category {number}?").format(number=number),
        body=_paragraphs(
            _("{name} has arrived in Downloads. It fits “{title}”.").format(name=name, title=title),
            last=_("It is copied into the category folder and submitted."),
        ),
        yes=_("Take it"),
        no=_("Leave it"),
    )


def take_question(name: str, title: str) -> Question:
    """The question before a file of another name is taken as the model of the task `title`."""
    return Question(
        title=_("Take this file?"),
        body=_paragraphs(
            _("{name} becomes the model of “{title}” and is submitted.").format(
                name=name, title=title
            ),
            last=_("A model there that was never submitted is kept under another name."),
        ),
        yes=_("Take it"),
        no=_("Leave it"),
    )


def give_up_question(title: str) -> Question:
    """The question before a practice task is given up."""
    return Question(
        title=_("Give this task up?"),
        body=_paragraphs(
            title,
            _("You may then see all its hints and solutions. This is recorded."),
            _("Scores that come later do not count for your skills."),
            last=_("You may go on working on it."),
        ),
        yes=_("Give up"),
        no=_("Keep trying"),
    )


def quit_question(sitting: Sitting, time_left: float) -> Question:
    """The question before leaving the app while a clock is running."""
    what = (
        N_("The exam and its clock keep running while you are away.")
        if sitting.record.kind == "exam"
        else N_("The session and its clock keep running while you are away.")
    )
    rest = _("Models you save in the meantime are submitted when you come back with: tfexam")
    return Question(
        title=_("Leave tfexam?"),
        body=_paragraphs(_(what), rest, last=_time_left(time_left)),
        yes=_("Leave"),
        no=_("Stay"),
    )


def _paragraphs(*first: str, last: str) -> Content:
    return Content("\n".join((*first, "", last)))


def _time_left(seconds: float) -> str:
    return _("Time left: {time}").format(time=clock_text(seconds))
