"""Formats numbers and words for a terminal; every width here is in cells.

A Chinese character takes two cells, so nothing on screen is measured with `len()`.
"""

import math
import os
from collections.abc import Sequence
from pathlib import Path

from rich.cells import cell_len, set_cell_size

from engine.marking import MAX_SCORE

_GIB = 1024**3
_MIB = 1024**2
_KIB = 1024
_BARS = "▁▂▃▄▅▆▇█"


def clock_text(seconds: float) -> str:
    """`seconds` left as H:MM:SS, rounded up, so that a full clock reads 5:00:00."""
    # Float sums: 18000.0000001 s is five hours, not a second more.
    whole = max(0, math.ceil(seconds - 1e-6))
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def spent_text(seconds: float) -> str:
    """`seconds` of exam time used as H:MM:SS, rounded down."""
    return clock_text(math.floor(max(0.0, seconds)))


def bytes_text(count: float) -> str:
    """A size in the largest unit that keeps the number above 1, with one decimal below 100."""
    for unit, name in ((_GIB, "GiB"), (_MIB, "MiB"), (_KIB, "KiB")):
        if count >= unit:
            return f"{count / unit:.{1 if count < 100 * unit else 0}f} {name}"
    return f"{count:.0f} B"


def number_text(value: float) -> str:
    """A measured value in at most seven characters: four significant digits, or an exponent."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}"
    return f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def used_text(used: float, total: float) -> str:
    """Used and total memory in GiB, as in "3.1/24.0 GiB"."""
    return f"{used / _GIB:.1f}/{total / _GIB:.1f} GiB"


def minutes_text(seconds: float) -> str:
    """A duration as H:MM, rounded down: precise enough for long ones."""
    whole = int(max(0.0, seconds)) // 60
    return f"{whole // 60}:{whole % 60:02}"


def percent_text(part: float) -> str:
    """A part of 1 in whole per cents, with the space that both languages want."""
    return f"{100 * part:.0f} %"


def whole_percents(parts: Sequence[float]) -> list[int]:
    """Parts of 1 in whole per cents that add up: the largest remainders are rounded up."""
    exact = [100 * part for part in parts]
    found = [math.floor(each) for each in exact]
    left = round(sum(exact)) - sum(found)
    for place in sorted(range(len(exact)), key=lambda at: found[at] - exact[at])[:left]:
        found[place] += 1
    return found


def short_path(path: str) -> str:
    """A path with the home folder as ~."""
    home = str(Path.home())
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path


def fit(text: str, cells: int) -> str:
    """`text` padded, or cropped with …, to exactly `cells` cells."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return set_cell_size(text, cells)
    # A two-cell character may leave one cell free before the ellipsis.
    return set_cell_size(set_cell_size(text, cells - 1).rstrip() + "…", cells)


def right_aligned(text: str, cells: int) -> str:
    """`text` at the right end of `cells` cells; one that is too long stays whole."""
    return " " * (cells - cell_len(text)) + text


def spread(left: str, right: str, cells: int) -> str:
    """`left` and `right` at the ends of a line of `cells` cells; `left` is cropped if need be."""
    room = cells - cell_len(right)
    return fit(left, room) + right if room > 0 else fit(right, cells)


def bar(part: float, cells: int) -> tuple[str, str]:
    """The filled and the empty part of a bar of `cells` cells for `part` (0 to 1).

    They differ in shape, so that the bar can be read without colour.
    """
    filled = round(min(1.0, max(0.0, part)) * cells)
    return "━" * filled, "╌" * (cells - filled)


def pips(score: int | None) -> tuple[str, str]:
    """A score as glyphs for won and open points."""
    won = score or 0
    return "■" * won, "□" * (MAX_SCORE - won)


def sparkline(percents: Sequence[float], most: int = 12) -> str:
    """Percentages as bars of 0 to 100, the newest last; the oldest of too many are left out."""
    return "".join(
        _BARS[min(len(_BARS) - 1, max(0, int(each / 100 * len(_BARS))))]
        for each in percents[-most:]
    )


def score_text(score: int | None) -> str:
    """A score as "3/5", or "–/5" where there is none."""
    return f"{'–' if score is None else score}/{MAX_SCORE}"
