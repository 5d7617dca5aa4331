"""Filters every line on its way to the terminal, so that no text can control the terminal.

Widgets show titles from packs, file names and sentences from journals. Most are cleaned at
their source; this is the one place that all of them pass.
"""

import unicodedata

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


class PrintableFilter(LineFilter):
    """Replaces unprintable characters, so that every line keeps its width in cells."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments made safe to show; the list itself if all are safe."""
        # Control segments are Textual's own: they move the cursor.
        if all(each.control or each.text.isprintable() for each in segments):
            return segments
        cleaned = [each if each.control else _cleaned(each) for each in segments]
        return segments if cleaned == segments else cleaned


def _cleaned(segment: Segment) -> Segment:
    text = "".join(map(_shown, segment.text))
    return segment if text == segment.text else Segment(text, segment.style)


def _shown(sign: str) -> str:
    # Python calls no space printable but the ASCII one; Chinese text and ours use others.
    if sign.isprintable() or unicodedata.category(sign) == "Zs":
        return sign
    return "�" * cell_len(sign)
