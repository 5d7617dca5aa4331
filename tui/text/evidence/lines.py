"""Sentences wrapped to a width, each by the rules of its language; numbers with a sign."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tui.text.line_breaks import broken, has_chinese

if TYPE_CHECKING:
    from collections.abc import Iterable


def wrapped(texts: Iterable[str], width: int) -> list[Content]:
    """The sentences, each from a new line, in lines of at most `width` cells."""
    return [line for text in texts for line in _lines(text, width)]


def _lines(text: str, width: int) -> list[Content]:
    if has_chinese(text):
        return list(broken(Content(text), width).split("\n"))
    return Content(text).wrap(width)


def signed(value: float) -> str:
    """A number with its sign, in two digits."""
    return f"{value:+.2g}".replace("-", "−")
