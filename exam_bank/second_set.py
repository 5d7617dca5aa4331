"""A second hidden set of a paper's task, which the paper's code does not give away.

Whoever has a code and the bank can make the code's hidden set. A class is therefore graded on
another one, of the same world and with the same training data:

* A task that draws its data gets other draws. All its generators name the streams of their
  hidden parts "hidden" (`synthetic/rng.py`), so a secret that is mixed into exactly those
  streams changes the hidden part and nothing else. Rows of the first set are left out.
* Real data cannot be drawn again. The code's hidden set is cut in two instead, and candidates
  see scores on the first part only. The second is withheld, but it is no secret: the data are
  public, and the code decides the cut.

The two parts of real data are alike: rows with the same answer are dealt out in pairs. Windows
of a series overlap, so a series is cut in time, with gaps: the middle half is the second part.
"""

import contextlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from exam_bank.errors import DataError
from exam_bank.material import Array, HiddenSet, Material
from exam_bank.phrase import phrase
from exam_bank.synthetic.rng import Rng

Rows = NDArray[np.int64]

_STREAM = "hidden"
# Fewer new rows than this share of the first set, and the task draws no second one.
_LEAST = 0.5
_SAME_LINES = 0.97
_REPEATS = 8
# The longest horizon of a window, in lengths of its input, with the input itself.
_SPANS, _LARGEST_GAP = 3, 0.2


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
    rows = _new_rows(second.hidden.inputs, first.hidden.inputs)
    if len(rows) < _LEAST * len(first.hidden.inputs):
        raise DataError(
            phrase("it has no second hidden set: its hidden part is drawn from no such stream."),
            fix=_author_fix(),
        )
    return replace(_taken(second, rows), files=first.files)


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


def cut(material: Material, seed: int, part: Literal["first", "second"]) -> Material:
    """One part of the hidden set of real data; `seed` decides the cut."""
    first, second = _parts(material.hidden, seed)
    if part == "first":
        return _taken(material, first)
    inputs = material.hidden.inputs
    return _taken(material, second[_new_rows(inputs[second], inputs[first])])


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


# -- rows ------------------------------------------------------------------------------


def _new_rows(inputs: Array, known: Array) -> Rows:
    """The rows of `inputs` that none of `known` equals."""
    seen = set(_keys(known))
    return np.array([at for at, key in enumerate(_keys(inputs)) if key not in seen], np.int64)


def _keys(inputs: Array) -> Iterator[bytes]:
    """What makes a row the same: its bytes; of a text's ids, its words in any order."""
    if inputs.dtype == np.int32 and inputs.ndim == 2:
        return (np.sort(row[row > 0]).tobytes() for row in inputs)
    return (np.ascontiguousarray(row).tobytes() for row in inputs)


def _taken(material: Material, rows: Rows) -> Material:
    """The material with these rows of its hidden set."""
    trivial = {name: np.asarray(each)[rows] for name, each in material.trivial.items()}
    hidden = material.hidden
    taken = HiddenSet(
        inputs=hidden.inputs[rows],
        targets=hidden.targets[rows],
        input_scale=hidden.input_scale,
        baseline=_baseline(material, rows),
    )
    return Material(files=material.files, hidden=taken, trivial=trivial)


def _baseline(material: Material, rows: Rows) -> float:
    """The divisor of `relative_mae`, as much smaller or larger as these rows are easier or harder.

    The error of the best predictor that learns nothing tells how hard they are.
    """
    hidden = material.hidden
    if not np.issubdtype(hidden.targets.dtype, np.floating) or not material.trivial:
        return hidden.baseline
    off = [_errors(np.asarray(each), hidden.targets) for each in material.trivial.values()]
    best = min(off, key=lambda each: float(each.mean()))
    whole = float(best.mean())
    return hidden.baseline * float(best[rows].mean()) / whole if whole else hidden.baseline


def _errors(forecast: Array, targets: Array) -> NDArray[np.float64]:
    """The mean absolute error of each row."""
    off = np.abs(forecast.reshape(targets.shape).astype(np.float64) - targets)
    return np.asarray(off.reshape(len(off), -1).mean(axis=1))


# -- the cut of real data ----------------------------------------------------------------


def _parts(hidden: HiddenSet, seed: int) -> tuple[Rows, Rows]:
    targets = np.asarray(hidden.targets)
    if np.issubdtype(targets.dtype, np.floating) and hidden.inputs.ndim == 3:
        return _in_time(np.asarray(hidden.inputs), targets)
    return _in_pairs(targets, Rng(seed, "second set"))


def _in_time(inputs: Array, targets: Array) -> tuple[Rows, Rows]:
    """The windows at both ends, and as many in the middle; those in between overlap both.

    So neither a trend nor a time of the year is in one part only.
    """
    repeats = _repeats_of(targets)
    length = len(targets) // repeats
    past = inputs.shape[1]
    gap = min(-(-_SPANS * past // _stride_of(inputs)), int(_LARGEST_GAP * length))
    quarter = (length - 2 * gap) // 4
    starts = np.arange(repeats, dtype=np.int64)[:, None] * length
    ends = np.r_[0:quarter, length - quarter : length]
    middle = np.arange(quarter + gap, 3 * quarter + gap)
    return (starts + ends).ravel(), (starts + middle).ravel()


def _stride_of(inputs: Array) -> int:
    """How many steps of time a window begins after the one before it; 1 if that is not seen."""
    past = inputs.shape[1]
    steps = (
        each for each in range(1, past) if (inputs[0, each:] == inputs[1, : past - each]).all()
    )
    return next(steps, 1)


def _repeats_of(targets: Array) -> int:
    """How often the same windows follow one another: a task may note one series in several ways."""
    for repeats in range(_REPEATS, 1, -1):
        if len(targets) % repeats == 0:
            runs = targets.reshape(repeats, len(targets) // repeats, -1)
            if (runs == runs[:1]).all():
                return repeats
    return 1


def _in_pairs(targets: Array, rng: Rng) -> tuple[Rows, Rows]:
    """Two parts with the same answers: of each two neighbours by answer, one is in each part."""
    answer = targets.reshape(len(targets), -1).astype(np.float64).mean(axis=1)
    order = rng.child("order").permutation(len(targets))
    order = order[np.argsort(answer[order], kind="stable")]
    even, odd = order[: len(order) // 2 * 2].reshape(-1, 2).T
    swap = rng.child("coins").uniform(size=len(even)) < 0.5
    first: NDArray[Any] = np.where(swap, odd, even)
    first = np.append(first, order[len(even) * 2 :])
    return np.sort(first), np.sort(np.where(swap, even, odd))
