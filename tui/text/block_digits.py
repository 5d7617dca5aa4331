"""Figures three lines high, drawn with half blocks: the clock, and the score of a submission.

Not Textual's `Digits`: their box-drawing lines are thin, and break where a font has gaps.
"""

ROWS = 3
_GAP = " "
_FIGURES = {
    "0": ("█▀█", "█ █", "▀▀▀"),
    "1": ("▀█ ", " █ ", "▀▀▀"),
    "2": ("▀▀█", "█▀▀", "▀▀▀"),
    "3": ("▀▀█", " ▀█", "▀▀▀"),
    "4": ("█ █", "▀▀█", "  ▀"),
    "5": ("█▀▀", "▀▀█", "▀▀▀"),
    "6": ("█▀▀", "█▀█", "▀▀▀"),
    "7": ("▀▀█", "  █", "  ▀"),
    "8": ("█▀█", "█▀█", "▀▀▀"),
    "9": ("█▀█", "▀▀█", "▀▀▀"),
    ":": ("▄", "▄", " "),
    "/": ("  █", " █ ", "▀  "),
    "–": ("   ", "▀▀▀", "   "),
}


def block_digits(text: str) -> list[str]:
    """`text` in large figures, as lines of the same width; other characters stay small."""
    drawn = [_FIGURES.get(each, (" ", each, " ")) for each in text]
    return [_GAP.join(rows) for rows in zip(*drawn, strict=True)]
