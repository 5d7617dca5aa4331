"""Raises rejections with their reason, and makes names safe to show.

Whatever a hostile file calls itself ends up on a terminal, so names pass `shown` first: no
control characters, no endless text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from engine.errors import SubmissionRejected
from engine.grading.protocol import Message
from exam_bank.printable import printable

MAX_SHOWN = 60


def reject(reason: str, says: Message) -> NoReturn:
    """Raise `SubmissionRejected` with the stable word `reason` and the sentence `says`."""
    raise SubmissionRejected(reason, says)


@contextmanager
def reading() -> Iterator[None]:
    """Turn an `OSError` from reading the model file into a rejection that names it."""
    try:
        yield
    except OSError as error:
        says = Message(
            "The file cannot be read ({error}): check its permissions.",
            {"error": error.strerror or "unknown"},
        )
        raise SubmissionRejected("unreadable_file", says) from error


def shown(value: object, limit: int = MAX_SHOWN) -> str:
    """`value` as at most `limit` printable characters."""
    text = value if isinstance(value, str) else str(value)[: limit * 4]
    return printable(text, limit)


def megabytes(size: int) -> float:
    """`size` bytes in MB, rounded for people."""
    return round(size / 1e6, 1 if size < 100e6 else 0)


def countable(number: float) -> int:
    """`number` as a fact: JSON integers end at 64 bits, those of a hostile file do not."""
    return int(min(number, 10**18))
