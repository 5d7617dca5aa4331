"""The question before a task is started again, or in practice every task."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from engine.sitting.starter_reset import STARTER
from tui import actions
from tui.locale import _
from tui.screens.view import Dialog
from tui.widgets.shared.key_bar import KeyBar


class ResetScreen(Dialog[tuple[str, ...]]):
    """Returns the tasks to start again; none if the candidate keeps the work.

    `kept` is the name that the candidate's starter gets; "" if there is nothing to keep. `every`
    are all tasks that may be started again at once; empty if only `task` may.
    """

    CSS_PATH: ClassVar = ["cards.tcss", "confirm.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("reset")]
    AUTO_FOCUS = "#no"

    target = "reset"

    def __init__(
        self, title: str, folder: str, task: str, every: tuple[str, ...], *, kept: str = ""
    ) -> None:
        super().__init__()
        self._title, self._folder, self._chosen, self._every = title, folder, task, every
        self._kept = kept

    def compose(self) -> ComposeResult:
        """A card with what happens, and the buttons."""
        with Vertical(classes="card") as card:
            card.border_title = _("Start this task again?")
            yield Static(self._body(), markup=False)
            with Horizontal(id="buttons"):
                yield Button(_("Keep my work"), id="no")
                if self._every:
                    yield Button(_("Reset all"), id="all", classes="-grave")
                yield Button(_("Reset"), id="yes", classes="-grave")
        yield KeyBar()

    def _body(self) -> str:
        name = f"{self._folder}/{STARTER}"
        lines = [self._title, "", _("{name} becomes what was handed out.").format(name=name)]
        if self._kept:
            lines.append(_("Yours is kept as {name}.").format(name=self._kept))
        if self._every:
            lines.append(_("“Reset all” does this for all tasks of this practice."))
        lines += ["", _("Submissions, scores and the time stay as they are.")]
        return "\n".join(lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """All tasks only where that is offered."""
        return bool(self._every) if action == "all" else True

    @on(Button.Pressed, "#yes")
    def action_confirm(self) -> None:
        """Start the task again."""
        self.dismiss((self._chosen,))

    @on(Button.Pressed, "#all")
    def action_all(self) -> None:
        """Start every task again."""
        self.dismiss(self._every)

    @on(Button.Pressed, "#no")
    def action_back(self) -> None:
        """Keep the work."""
        self.dismiss(())
