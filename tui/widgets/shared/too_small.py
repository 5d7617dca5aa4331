"""Covers the screen when the terminal is below 80×24, and says so."""

from textual.app import RenderResult
from textual.content import Content
from textual.widget import Widget

from tui.locale import _


class TooSmall(Widget):
    """Shown by the breakpoint classes of its screen; everything goes on underneath."""

    DEFAULT_CSS = """
    TooSmall {
        display: none;
        overlay: screen;
        layer: too-small;
        width: 100vw;
        height: 100vh;
        background: $background;
        color: $foreground;
        content-align: center middle;
        text-align: center;
    }
    """

    def render(self) -> RenderResult:
        """The size there is and the size that is asked for."""
        width, height = self.app.size
        return Content.assemble(
            (_("This window is too small"), "bold $text-warning"),
            "\n\n",
            _("It is {width}×{height}; tfexam needs 80×24.").format(width=width, height=height),
            "\n",
            (_("The clock and your gradings keep running."), "$foreground-muted"),
        )

    def on_resize(self) -> None:
        """The size it names has changed."""
        self.refresh()
