"""The question before a sitting ends: what counts, what is missing, what is cheapest next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from engine.sitting import notices
from engine.sitting.later import read_later
from tui import actions
from tui.link import messages
from tui.locale import N_, _
from tui.screens import end_text
from tui.screens.view import Dialog
from tui.text.format import clock_text
from tui.widgets.shared.key_bar import KeyBar

if TYPE_CHECKING:
    from engine.sitting.state.sitting import Sitting


_PARTS = ("#standing", "#table", "#remarks", "#submit", "#yes")
_USUAL_CELLS = 72
_USUAL_COLUMNS, _USUAL_ROWS = 80, 24


class EndScreen(Dialog[bool]):
    """Returns True to end the sitting; updates while the sitting goes on."""

    CSS_PATH: ClassVar = ["cards.tcss", "end.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("end")]
    AUTO_FOCUS = "#no"

    target = "end"
    help_text = N_(
        "The best score in each category counts, by its weight. Submissions that are "
        "waiting are still graded after the end. You can submit a saved model from "
        "here. Coach mode also shows where the next point is cheapest."
    )

    def __init__(self, sitting: Sitting, title: Callable[[str], str]) -> None:
        super().__init__()
        self._sitting = sitting
        self._title = title

    def compose(self) -> ComposeResult:
        """A card with the facts above its buttons."""
        with Vertical(classes="card") as card:
            card.border_title = self._question()
            with VerticalScroll(id="standing", can_focus=False):
                yield Static(id="table")
                yield Static(id="remarks")
            yield Static(id="left")
            with Horizontal(id="buttons"):
                yield Button(_("Keep working"), id="no")
                yield Button(_("Submit saved models"), id="submit")
                yield Button(_("End now"), id="yes")
        yield KeyBar()

    def _question(self) -> str:
        is_exam = self._sitting.record.kind == "exam"
        return _("End the exam?") if is_exam else _("End the session?")

    def on_mount(self) -> None:
        """Follow the sitting while this is shown."""
        self.bridge.subscribe(self)
        self._fit()
        # At once: if buttons move after the first paint, a click can miss them.
        self._paint()
        self._show_left()

    def on_unmount(self) -> None:
        """Stop listening."""
        self.bridge.unsubscribe(self)

    def on_resize(self) -> None:
        """Fit names to the new width."""
        self._fit()
        self.call_after_refresh(self._paint)

    def _fit(self) -> None:
        """Set the classes of a small window; Textual sets none on a screen above another."""
        width, height = self.app.size
        self.set_class(height < _USUAL_ROWS, "-low")
        self.set_class(width < _USUAL_COLUMNS, "-narrow")

    # -- what is shown ------------------------------------------------------------------

    def _paint(self) -> None:
        if any(not self.query(part) for part in _PARTS):
            return  # on the way out, the last resize comes when half the screen is gone
        # Unknown before the first paint; then it is the card's, or less in a small window.
        width = self.query_one("#standing").scrollable_content_region.width or _USUAL_CELLS
        lines = end_text.table(self._sitting, self._unsubmitted, self._title, width)
        self.query_one("#table", Static).update(Content("\n").join(lines))
        self.query_one("#remarks", Static).update(Content("\n").join(self._remarks()))
        self.query_one("#submit").display = bool(self._unsubmitted)
        self.query_one("#yes").set_class(not self._sitting.complete, "-grave")
        self.refresh_bindings()

    def _remarks(self) -> list[Content]:
        automatic = self.exam_app.settings.auto_grade
        found = [
            end_text.missing(self._sitting),
            end_text.later(self._sitting, self._later, self._title),
            end_text.saved(self._unsubmitted, automatic=automatic),
            end_text.waiting(self._sitting),
            self._cheapest(),
        ]
        return [each for each in found if each is not None]

    def _cheapest(self) -> Content | None:
        """The cheapest next points; in coach mode only, since the real exam does not say."""
        from engine.sitting.views.next_points import next_points

        if self._sitting.record.mode != "coach":
            return None
        points = next_points(self._sitting, self.bridge.tasks)
        return end_text.cheapest(points[0], self._title) if points else None

    @property
    def _later(self) -> frozenset[str]:
        proctor = self.bridge.proctor
        return read_later(proctor.folder) if proctor else frozenset()

    def _show_left(self) -> None:
        proctor = self.bridge.proctor
        left = clock_text(proctor.time_left() if proctor else 0.0)
        self.query_one("#left", Static).update(
            Content.assemble(
                (_("Time left: {time}").format(time=left), "bold"),
                "  ",
                (_("An ended sitting cannot be reopened."), "$foreground-muted"),
            )
        )

    @property
    def _unsubmitted(self) -> frozenset[str]:
        proctor = self.bridge.proctor
        return proctor.unsubmitted if proctor else frozenset()

    # -- facts --------------------------------------------------------------------------

    @on(messages.EngineNotice)
    def told(self, message: messages.EngineNotice) -> None:
        """Update when a grade comes in, or time passes."""
        match message.notice:
            case notices.Happened(sitting=sitting):
                self._sitting = sitting
                self._paint()
            case notices.Unsubmitted():
                self._paint()
            case notices.Tick():
                self._show_left()

    # -- actions ------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Submitting needs a saved model."""
        return bool(self._unsubmitted) if action == "submit" else True

    @on(Button.Pressed, "#yes")
    def action_end(self) -> None:
        """End the sitting."""
        self.dismiss(True)

    @on(Button.Pressed, "#no")
    def action_stay(self) -> None:
        """Back to work."""
        self.dismiss(False)

    @on(Button.Pressed, "#submit")
    def action_submit(self) -> None:
        """Submit every model that was saved but not submitted."""
        for task in sorted(self._unsubmitted):
            self.bridge.ask(lambda proctor, task=task: proctor.submit(task))  # type: ignore[misc]
