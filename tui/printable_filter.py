"""The last look at every line before it goes to the terminal: nothing in it steers that.

Widgets show titles of packs, names of files and sentences of journals. Most are cleaned
where they come from; this is the one place that all of them pass.
"""

import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class PrintableFilter(LineFilter):
    """Replaces what is not printable, so that every line keeps its width in cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments as they are safe to show; the list itself where all are."""
        # Control segments are Textual's own: they move the cursor.
        if all(each.control or each.text.isprintable() for each in segments):
            return segments
        cleaned = [each if each.control else _cleaned(each) for each in segments]
        return segments if cleaned == segments else cleaned


def _cleaned(segment: Segment) -> Segment:
    text = "".join(map(_shown, segment.text))
    return segment if text == segment.text else Segment(text, segment.style)


def _shown(sign: str) -> str:
    # To Python no space but the ASCII one is printable; Chinese text and ours have others.
    if sign.isprintable() or unicodedata.category(sign) == "Zs":
        return sign
    return "�" * cell_len(sign)
