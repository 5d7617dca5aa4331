"""Breaks Chinese text into lines by its rules: no line starts with a comma or a full stop.

Textual takes a run of Chinese for one word: it leaves the rest of a line empty before it, and
breaks one that is too long wherever the line is full, even before a closing mark. So its line
breaks are replaced by ours where there is Chinese (`use_in_textual`). Latin words stay whole here
too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich._wrap import divide_line
from rich.cells import cell_len

if TYPE_CHECKING:
    from textual.content import Content

_CLOSING = "，。、；：？！）】》」』〉〕”’…％%,.;:?!)]}"
_OPENING = "（【《「『〈〔“‘([{"
# Han with its radicals and marks, kana, Hangul, compatibility and fullwidth forms.
_WIDE = "\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60"
# A unit that stays on one line: a Chinese character or a word, with its punctuation.
_UNIT = rf"[{re.escape(_OPENING)}]*(?:[{_WIDE}]|[^\s{_WIDE}]+)[{re.escape(_CLOSING)}]*\s*|\s+"


def breaks(text: str, width: int) -> list[int]:
    """Where to break `text` so that each line fits into `width` cells."""
    found, used = [], 0
    for start, part in _parts(text, width):
        if used and used + cell_len(part.rstrip()) > width:
            found.append(start)
            used = 0
        used += cell_len(part)
    return found


def _parts(text: str, width: int) -> Iterator[tuple[int, str]]:
    """The unbreakable units of `text` with their positions; one too long for a line is split."""
    # Compiled, and kept by `re`, when first needed: the first paint seldom breaks a line.
    for unit in re.finditer(_UNIT, text):
        if cell_len(unit[0].rstrip()) <= width:
            yield unit.start(), unit[0]
        else:
            yield from enumerate(unit[0], unit.start())


def has_chinese(text: str) -> bool:
    """Whether `text` needs more than Textual's own line breaks."""
    return re.search(f"[{_WIDE}]", text) is not None


def broken(content: Content, width: int) -> Content:
    """`content` broken into lines of at most `width` cells, with its styles."""
    from textual.content import Content  # help breaks lines, too, and needs no Textual

    offsets = breaks(content.plain, width)
    if not offsets:
        return content
    return Content("\n").join(line.rstrip() for line in content.divide(offsets))


def use_in_textual() -> None:
    """Make every widget break Chinese by the rules; a test notices when Textual changes."""
    from textual import content

    setattr(content, "divide_line", _divided)  # noqa: B010 - Textual does not export it


def _divided(text: str, width: int, fold: bool = True) -> list[int]:
    """As Rich's `divide_line`, whose place it takes."""
    return breaks(text, width) if fold and has_chinese(text) else divide_line(text, width, fold)
