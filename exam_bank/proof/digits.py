"""How many digits of a measured value count, and how many are shown.

Floats round differently with other threads, batches and versions of Keras, in the seventh digit
or so. So a score is decided on six digits, which are the same everywhere for a model that lies
on a threshold. Where a value is shown beside a score, it has the digits that tell it from the
thresholds: "1.04" that missed 1.04 teaches nothing.
"""

from collections.abc import Iterable

COUNTED, SHOWN = 6, 4


def counted(value: float) -> float:
    """`value` with the digits that a score is decided on."""
    return float(f"{value:.{COUNTED}g}")


def telling(value: float, thresholds: Iterable[float] = ()) -> str:
    """`value` in four digits, or as many more as tell on which side of each threshold it lies."""
    exact = counted(value)
    sides = [(counted(each), _side(exact, counted(each))) for each in thresholds]
    for digits in range(SHOWN, COUNTED):
        text = f"{value:.{digits}g}"
        if all(_side(float(text), each) == side for each, side in sides):
            return text
    return f"{value:.{COUNTED}g}"


def _side(value: float, threshold: float) -> int:
    return (value > threshold) - (value < threshold)
