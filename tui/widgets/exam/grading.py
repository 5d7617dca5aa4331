"""The grading in progress, below the categories: stage, percent, elapsed time, cancel."""

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Static

from engine.grading.protocol import Progress, Stage
from tui.locale import _, ngettext
from tui.text.format import bar
from tui.text.verdicts import STAGES

# How much of the whole grading each stage takes, as candidates experience it: loading and
# predicting are the long ones.
_SPANS: dict[Stage, tuple[float, float]] = {
    Stage.WAITING: (0.0, 0.0),
    Stage.STARTING: (0.0, 0.1),
    Stage.INSPECTING: (0.1, 0.15),
    Stage.LOADING: (0.15, 0.4),
    Stage.PREDICTING: (0.4, 0.97),
    Stage.MARKING: (0.97, 1.0),
}


def whole(progress: Progress) -> float:
    """How much of a grading is done, 0 to 1."""
    start, end = _SPANS[progress.stage]
    return start + (end - start) * min(1.0, max(0.0, progress.done))


class GradingPanel(Vertical):
    """Shows the grading given to `show`, or how to start one."""

    DEFAULT_CSS = """
    GradingPanel {
        height: 6;
        .words { height: auto; max-height: 2; text-overflow: ellipsis; }
        .level { height: auto; max-height: 3; }
        Button { display: none; dock: bottom; min-width: 10; width: auto; padding: 0 1; }
        &.-grading Button { display: block; }
    }
    """

    class CancelPressed(Message):
        """The candidate pressed the panel's cancel button."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel")
        self._part = 0.0
        self._seconds = 0.0

    def compose(self) -> ComposeResult:
        """Text, the bar, and the button."""
        yield Static(classes="words")
        yield Static(classes="level")
        yield Button(_("Cancel"), classes="cancel")

    def on_mount(self) -> None:
        """Set the title and the idle text."""
        self.border_title = _("Grading")
        self.query_one(Button).can_focus = False
        self.rest("")

    def show(self, number: int, title: str, progress: Progress, seconds: float) -> None:
        """Show the grading of submission `number` of a task, `seconds` after it began."""
        self.add_class("-grading")
        self._part, self._seconds = whole(progress), seconds
        words = Content.assemble(
            ("▶ ", "$text-primary"),
            (f"#{number} {_(STAGES[progress.stage])}", "bold"),
            f" · {title}",
        )
        self.query_one(".words", Static).update(words)
        self._paint_level()

    def elapse(self, seconds: float) -> None:
        """Show that the same grading has been running for `seconds`."""
        if self.has_class("-grading"):
            self._seconds = seconds
            self._paint_level()

    def rest(self, folder: str, *, waiting: int = 0, by_hand: bool = False) -> None:
        """Show that nothing is being graded; `folder` is where to save a model.

        `by_hand` says that it must also be submitted.
        """
        self.remove_class("-grading")
        if waiting:
            words = ngettext("{n} submission is waiting.", "{n} submissions are waiting.", waiting)
            text, hint = words.format(n=waiting), ""
        else:
            text = _("Nothing is being graded.")
            hint = (
                _("Save the model as {file}, then press s.")
                if by_hand
                else _("Save the model as {file}.")
            )
        self.query_one(".words", Static).update(Content.styled(text, "$foreground-muted"))
        hint = hint if folder else ""
        line = Content.styled(hint.format(file=f"{folder}/mymodel.h5"), "$foreground-muted")
        self.query_one(".level", Static).update(line)

    def on_resize(self) -> None:
        """Fit the bar to the new width."""
        if self.has_class("-grading"):
            self._paint_level()

    def _paint_level(self) -> None:
        figure = f" {self._part * 100:3.0f} % · {self._seconds:.0f} s"
        filled, empty = bar(self._part, max(4, self.content_size.width - len(figure)))
        self.query_one(".level", Static).update(
            Content.assemble((filled, "$primary"), (empty, "$foreground-disabled"), figure)
        )

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Cancel."""
        event.stop()
        self.post_message(self.CancelPressed())
