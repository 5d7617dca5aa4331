"""The largest screen that the app draws: a terminal or a page may claim any size.

Memory and time go with the number of cells. No display shows as many as these; a window
that claims more is drawn in its upper left part.
"""

COLUMNS, ROWS = 1_000, 400


def bounded(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of a screen that can be drawn."""
    return max(1, min(width, COLUMNS)), max(1, min(height, ROWS))
