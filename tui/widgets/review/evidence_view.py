"""Evidence as pictures in cells, drawn for the width that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.text.evidence.sections import Section, sections
from tui.widgets.shared.wrapped_text import LinesForWidth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.coaching.review import TaskReview


class EvidenceView(LinesForWidth):
    """All sections of one task's evidence, one below the other."""

    DEFAULT_CSS = """
    EvidenceView { padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._sections: list[Section] = []
        self._drawn: dict[int, list[Content]] = {}

    def show(self, review: TaskReview) -> None:
        """Show the evidence of `review`; nothing if there is none."""
        self._sections, self._drawn = sections(review, colours=not self.app.no_color), {}
        self.display = bool(self._sections)
        self.refresh(layout=True)

    def lines(self, width: int) -> Sequence[Content]:
        """The lines for `width` cells, drawn once for each width."""
        if width not in self._drawn:
            self._drawn = {width: list(_lines(self._sections, width))}
        return self._drawn[width]


def _lines(parts: list[Section], width: int) -> list[Content]:
    lines: list[Content] = []
    for each in parts:
        title = Content.styled(each.title, "bold $text-primary")
        lines += [title, *each.draw(max(1, width)), Content("")]
    return lines[:-1]
