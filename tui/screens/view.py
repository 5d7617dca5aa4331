"""What all full screens share: footer, "too small" layer, and which actions work now."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen, Screen, ScreenResultType

from tui import actions
from tui.locale import N_
from tui.widgets.shared.key_bar import KeyBar
from tui.widgets.shared.too_small import TooSmall

if TYPE_CHECKING:
    from tui.app import ExamApp
    from tui.link.bridge import Bridge


class ExamAppScreen(Screen[ScreenResultType], Generic[ScreenResultType]):
    """A screen that knows the app it belongs to."""

    @property
    def exam_app(self) -> ExamApp:
        """The app, by its own type."""
        return cast("ExamApp", self.app)

    @property
    def bridge(self) -> Bridge:
        """The way to the engine."""
        return self.exam_app.bridge


# Of screens with a list: from here on, details stand beside it.
LIST_BREAKPOINTS = (
    (0, "-too-narrow"),
    (60, "-slim"),
    (80, "-narrow"),
    (100, "-wide"),
    (150, "-broad"),
)


class View(ExamAppScreen[ScreenResultType], Generic[ScreenResultType]):
    """A full screen of tfexam; `target` names its actions in the table."""

    # Textual puts breakpoint classes on the screen, not on the app (#6533).
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - as Textual declares it
        (0, "-too-narrow"),
        (60, "-slim"),
        (80, "-narrow"),
        (108, "-wide"),
        (150, "-broad"),
    ]
    VERTICAL_BREAKPOINTS = [  # noqa: RUF012
        (0, "-too-low"),
        (15, "-short"),
        (24, "-low"),
        (34, "-high"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("view")]
    AUTO_FOCUS = ""

    target: ClassVar[str] = "app"
    # Actions that come and go while the screen is shown; last, the one that does so by itself.
    transient_actions: ClassVar[tuple[str, ...]] = ()
    # A whole exam can be sat in a split of this size; what surrounds one may ask for more.
    works_small: ClassVar[bool] = False
    help_text: ClassVar[str] = N_("tfexam is a mock of the TensorFlow Developer exam.")

    def compose(self) -> ComposeResult:
        """The screen's own body with what all screens share around it."""
        self._set_size_classes()
        self.set_class(not self.works_small, "-roomy")
        yield from self.body()
        yield KeyBar()
        yield TooSmall()

    def _set_size_classes(self) -> None:
        """Set the size classes before the first paint.

        Textual sets them after it, so that the screen would visibly jump.
        """
        width, height = self.app.size
        for length, points in (
            (width, self.HORIZONTAL_BREAKPOINTS),
            (height, self.VERTICAL_BREAKPOINTS),
        ):
            reached = [name for least, name in points if length >= least]
            for _least, name in points:
                self.set_class(name == reached[-1], name)

    def allows(self, action: str) -> bool:
        """Whether `action` works now; if not, footer and palette leave it out."""
        return bool(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Textual's hook for `allows`."""
        return self.allows(action)

    def body(self) -> ComposeResult:
        """The content of this screen."""
        yield from ()

    def action_back(self) -> None:
        """Leave this screen for the one below."""
        self.dismiss()


class Dialog(
    ModalScreen[ScreenResultType], ExamAppScreen[ScreenResultType], Generic[ScreenResultType]
):
    """A question or an explanation on top of another screen."""

    target: ClassVar[str] = "confirm"
