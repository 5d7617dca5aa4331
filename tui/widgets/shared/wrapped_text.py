"""Texts that break Chinese lines by the punctuation rules, at any width.

Textual wraps text, but also before a closing mark (`line_breaks.py`). So these widgets make
their own lines, and report their number before they are drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tui.text.format import fit
from tui.text.line_breaks import broken

if TYPE_CHECKING:
    from textual.app import RenderResult
    from textual.geometry import Size

_GAP = 2


class LinesForWidth(Widget):
    """As high as the number of lines that `lines` makes for its width."""

    DEFAULT_CSS = "LinesForWidth { height: auto; }"

    def lines(self, width: int) -> Iterable[Content]:
        """The lines for `width` cells."""
        raise NotImplementedError

    def render(self) -> RenderResult:
        """Render the lines for the current width."""
        return Content("\n").join(self.lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """The number of lines at `width` cells."""
        return sum(1 for _line in self.lines(width))


class WrappedText(LinesForWidth):
    """Shows `text`; keeps its line breaks."""

    def __init__(self, text: Content, *, classes: str | None = None) -> None:
        super().__init__(classes=classes)
        self._text = text

    def lines(self, width: int) -> Iterator[Content]:
        """Each line of the text, broken if too long."""
        for line in self._text.split("\n"):
            yield from broken(line, max(1, width)).split("\n")


class DescriptionList(LinesForWidth):
    """Labels and their texts, in two columns.

    Two widgets side by side would not do: when the first text wraps, the second label would
    stay where it is.
    """

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._rows: tuple[tuple[str, str], ...] = ()

    def show(self, rows: Sequence[tuple[str, str]]) -> None:
        """Show each label and text."""
        self._rows = tuple(rows)
        self.refresh(layout=True)

    def lines(self, width: int) -> Iterator[Content]:
        """Each label beside the first line of its text."""
        cells = max((cell_len(label) for label, _text in self._rows), default=0) + _GAP
        for label, text in self._rows:
            for line in broken(Content(text), max(1, width - cells)).split("\n"):
                yield Content.assemble((fit(label, cells), "$foreground-muted"), line)
                label = ""
