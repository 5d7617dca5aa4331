"""Labels and what they stand for, in two columns: a text of several lines has its label beside it.

Two texts side by side would not do: the second label stays where it is when the first text
breaks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


class Facts(Widget):
    """One fact below the other."""

    DEFAULT_CSS = "Facts { height: auto; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._rows: tuple[tuple[str, str], ...] = ()

    def show(self, rows: Sequence[tuple[str, str]]) -> None:
        """Label and text of each."""
        self._rows = tuple(rows)
        self.refresh(layout=True)

    def render(self) -> RenderResult:
        """For the room there is."""
        return Content("\n").join(self._lines(self.content_size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """As many lines as they take in `width` cells."""
        return len(list(self._lines(width)))

    def _lines(self, width: int) -> Iterator[Content]:
        cells = max((cell_len(label) for label, _text in self._rows), default=0) + _GAP
        for label, text in self._rows:
            for line in broken(Content(text), max(1, width - cells)).split("\n"):
                yield Content.assemble((fit(label, cells), "$foreground-muted"), line)
                label = ""
