"""A text that breaks Chinese lines by the rules of punctuation, in whatever width it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from tui.text.line_breaks import broken

if TYPE_CHECKING:
    from textual.app import RenderResult
    from textual.geometry import Size


class Prose(Widget):
    """Shows `text`; its own line breaks stay."""

    DEFAULT_CSS = "Prose { height: auto; }"

    def __init__(self, text: Content, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._text = text

    def render(self) -> RenderResult:
        """For the room there is."""
        return Content("\n").join(self._lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as it takes in `width` cells."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[Content]:
        own = self._text.split("\n")
        return [line for each in own for line in broken(each, max(1, width)).split("\n")]
