"""Draws a task's hidden rows again: a secret is mixed into their streams."""

import contextlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace

from exam_bank.errors import DataError
from exam_bank.material import Material
from exam_bank.phrase import phrase
from exam_bank.second.rows import new_rows, taken
from exam_bank.synthetic.rng import Rng

_STREAM = "hidden"
# Fewer new rows than this share of the first set, and the task draws no second one.
_LEAST = 0.5
_SAME_LINES = 0.97


def drawn_again(make: Callable[[], Material], secret: bytes) -> Material:
    """What `make` gives with other hidden rows, which are decided by `secret`.

    Raises `DataError` if that changes the training data, or yields too few new rows.
    """
    first = make()
    with _other_draws(secret):
        second = make()
    if not _same_training(first, second):
        raise DataError(
            phrase("its training data depend on a stream named hidden."), fix=_author_fix()
        )
    rows = new_rows(second.hidden.inputs, first.hidden.inputs)
    if len(rows) < _LEAST * len(first.hidden.inputs):
        raise DataError(
            phrase("it has no second hidden set: its hidden part is drawn from no such stream."),
            fix=_author_fix(),
        )
    return replace(taken(second, rows), files=first.files)


def _same_training(first: Material, second: Material) -> bool:
    """Whether both have the same training data but for a few lines.

    A training day may end where the first hidden one leads: the last hours of a series differ.
    """
    if list(first.files) != list(second.files):
        return False
    return all(
        _equal_lines(one, other) >= _SAME_LINES
        for one, other in zip(first.files.values(), second.files.values(), strict=True)
    )


def _equal_lines(one: bytes, other: bytes) -> float:
    if one == other:
        return 1.0
    lines, others = one.split(b"\n"), other.split(b"\n")
    equal = sum(map(bytes.__eq__, lines, others))
    return equal / max(len(lines), len(others))


def _author_fix() -> str:
    return phrase("Its data.py must draw the hidden part, and only that, from Rng(seed, 'hidden').")


@contextlib.contextmanager
def _other_draws(secret: bytes) -> Iterator[None]:
    """Mix `secret` into every stream named "hidden" that is made meanwhile.

    From outside, because the bank's digest covers the file of `Rng`: a hook there would make
    every code that was ever handed out name another bank.
    """
    plain = Rng.__init__

    def mixed(self: Rng, seed: int, *names: str) -> None:
        plain(self, _mixed(seed, secret) if _STREAM in names else seed, *names)

    Rng.__init__ = mixed  # type: ignore[method-assign]
    try:
        yield
    finally:
        Rng.__init__ = plain  # type: ignore[method-assign]


def _mixed(seed: int, secret: bytes) -> int:
    return int.from_bytes(hmac.digest(secret, seed.to_bytes(16, "big"), "sha256")[:16], "big")
