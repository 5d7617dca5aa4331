"""Draws every line without any colour, for whoever sets NO_COLOR (https://no-color.org).

Textual's own filter turns colours into greys, which are colours, too. Here only bold, dim,
italic, underline and reverse are left: what stands on another ground than the screen's is drawn
in reverse, and in dim reverse if that ground is grey, as in `themes.PLAIN`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.filter import LineFilter

if TYPE_CHECKING:
    from rich.color import Color as TerminalColor
    from textual.color import Color

# Brightness from 0 to 255. The screen's own ground is black and its text white.
_GREY, _WHITE = 70, 200
# Text that differs less from its ground is dim, or not to be seen at all.
_DIM, _UNSEEN = 200, 12


class ColourlessFilter(LineFilter):
    """Replaces colours by what a terminal can do without them."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002
        """The segments without colours, as wide as before."""
        return [_plain(each) if each.style else each for each in segments]


def _plain(segment: Segment) -> Segment:
    assert segment.style is not None
    style, is_seen = _restyled(segment.style)
    text = segment.text if is_seen else " " * cell_len(segment.text)
    return Segment(text, style, segment.control)


@lru_cache(maxsize=4_096)
def _restyled(style: Style) -> tuple[Style, bool]:
    """The style without colours, and whether its text can be told from its ground."""
    text, ground = _brightness(style.color, 255), _brightness(style.bgcolor, 0)
    if style.reverse:
        # Textual's own for NO_COLOR, and scrollbars.
        ground = max(text, ground)
    # Rich removes with the colours what a click does.
    plain = style.without_color + Style.from_meta(style.meta)
    if ground >= _GREY:
        return plain + Style(reverse=True, dim=True if ground < _WHITE else None), True
    apart = abs(text - ground)
    return plain + Style(dim=True) if apart < _DIM else plain, apart >= _UNSEEN


def _brightness(colour: TerminalColor | None, default: int) -> int:
    if colour is None or colour.is_default:
        return default
    # Pure red or blue is no darker than white here: a colour was chosen to be seen.
    return max(colour.get_truecolor())
