"""How many tasks per category have their data here: what a new paper can be drawn from.

The five categories are on one line if they fit, else in rows of even length: a line that
breaks wherever the space ends reads like two lists.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.locale import _, ngettext
from tui.widgets.shared.wrapped_text import LinesForWidth

if TYPE_CHECKING:
    from exam_bank.task import Task

_GAP = 3


class DataAvailability(LinesForWidth):
    """Category, glyph and count; below, how many are still to fetch."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - as Textual calls it
        super().__init__(id=id)
        self._cells: list[Content] = []
        self._lacking = 0

    def show(self, tasks: Sequence[Task], absent: Collection[str]) -> None:
        """Count `tasks`, which a paper can have if their data are not `absent`."""
        from exam_bank.task import CATEGORIES

        self._cells, self._lacking = [], 0
        for category in CATEGORIES:
            ids = [task.id for task in tasks if task.category == category]
            here = sum(name not in absent for name in ids)
            self._lacking += len(ids) - here
            glyph, tone = _sign(here, len(ids))
            cell = Content.assemble(f"{category} ", (f"{glyph} {here}/{len(ids)}", tone))
            self._cells.append(cell)
        self.refresh(layout=True)

    def lines(self, width: int) -> list[Content]:
        """The counts in even rows, and how many tasks are missing their data."""
        if not self._cells:
            return [Content(_("Checking …"))]
        lines = [Content(" " * _GAP).join(row) for row in self._rows(width)]
        if self._lacking:
            text = ngettext(
                "the data of {n} task must be fetched",
                "the data of {n} tasks must be fetched",
                self._lacking,
            )
            lines.append(Content.styled(text.format(n=self._lacking), "$foreground-muted"))
        return lines

    def _rows(self, width: int) -> list[list[Content]]:
        """As few rows as can hold all cells, all but the last equally long."""
        widest = max(cell.cell_length for cell in self._cells)
        fitting = max(1, (width + _GAP) // (widest + _GAP))
        needed = math.ceil(len(self._cells) / fitting)
        a_row = math.ceil(len(self._cells) / needed)
        padded = [cell.pad_right(widest - cell.cell_length) for cell in self._cells]
        return [padded[at : at + a_row] for at in range(0, len(padded), a_row)]


def _sign(here: int, count: int) -> tuple[str, str]:
    if not here:
        return "✗", "$text-error"
    return ("✓", "$text-success") if here == count else ("!", "$text-warning")
