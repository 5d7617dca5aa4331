"""Covers the screen and says so when the terminal is smaller than the screen can use."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from tui.locale import _

if TYPE_CHECKING:
    from tui.app import ExamApp


class TooSmall(Widget):
    """Shown by the breakpoint classes of its screen; everything keeps running underneath."""

    DEFAULT_CSS = """
    TooSmall {
        display: none;
        overlay: screen;
        layer: too-small;
        dock: top;  /* or a screen that is a grid would put it into a cell */
        width: 100vw;
        height: 100vh;
        background: $background;
        color: $foreground;
        content-align: center middle;
        text-align: center;
    }
    """

    def render(self) -> RenderResult:
        """Render the current size and the required one."""
        width, height = self.app.size
        return Content.assemble(
            (_("This window is too small"), "bold $text-warning"),
            "\n\n",
            _("It is {width}×{height}; this needs {least}.").format(
                width=width, height=height, least=self._least
            ),
            *self._what_goes_on(),
        )

    def _what_goes_on(self) -> Iterator[str | tuple[str, str]]:
        proctor = cast("ExamApp", self.app).bridge.proctor
        # Not before the start, in a pause or after the end. Imported late: home needs no engine.
        if proctor is not None and proctor.sitting.phase == "running":
            yield "\n"
            yield _("The clock and your gradings keep running."), "$foreground-muted"

    @property
    def _least(self) -> str:
        return "80×24" if self.screen.has_class("-roomy") else "60×15"

    def on_resize(self) -> None:
        """Update the current size."""
        self.refresh()
