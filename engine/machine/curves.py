"""Training curves, read from what Keras' CSVLogger has written into a category folder so far.

The file is the candidate's and changes while we read it: its last line may be cut off, it
may be restarted, hold several trainings in a row, or not be a log at all. So a reading is
either a curve or a reason in words, and only the latest training is shown.
"""

import csv
import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from engine.grading.protocol import Message
from engine.sitting.intake.frozen import open_regular

FILE = "training.csv"

# 10,000 epochs of ten columns make 2 MB; for a longer log the end is enough.
_MOST_BYTES = 2 << 20
_LONGEST_HEAD = 1 << 16
_MOST_COLUMNS = 40
_EPOCH = "epoch"
_RATES = ("lr", "learning_rate")
_VALIDATION = "val_"

NO_LOG = Message(
    "There is no {file} here yet. The starter's CSVLogger writes it: pass it to "
    "model.fit as a callback."
)
NO_NUMBERS = Message("{file} holds no epochs yet.")
NO_TABLE = Message("{file} is not a log of Keras' CSVLogger.")
UNREADABLE = Message("{file} cannot be read: {error}.")


class Series(msgspec.Struct, frozen=True):
    """One column over the epochs; a missing or non-finite value is None."""

    name: str
    values: tuple[float | None, ...]

    @property
    def last(self) -> float | None:
        """The latest known value."""
        return next((each for each in reversed(self.values) if each is not None), None)


class Pair(msgspec.Struct, frozen=True):
    """A quantity in training, with its validation counterpart if there is one."""

    training: Series
    validation: Series | None = None

    @property
    def name(self) -> str:
        """The quantity's name."""
        return self.training.name


class Curve(msgspec.Struct, frozen=True):
    """The latest training in a log: `epochs` numbered from 1, and how many came `earlier`.

    `numberless` names the columns in which no epoch has a number: NaN from the first on.
    """

    epochs: tuple[int, ...]
    pairs: tuple[Pair, ...]
    earlier: int = 0
    numberless: tuple[str, ...] = ()


class NoCurve(msgspec.Struct, frozen=True):
    """Nothing to draw, and why."""

    reason: Message


CurveReading = Curve | NoCurve


class CurveReader:
    """Reads the log of one category folder, again only after the file has changed."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._signature: tuple[int, ...] | None = None
        self._reading: CurveReading = _none(NO_LOG)

    def read(self) -> CurveReading:
        """The log as it is now; returns the same object while the file is unchanged."""
        try:
            found = self._path.stat()
            signature = (found.st_ino, found.st_size, found.st_mtime_ns)
            if signature != self._signature:
                self._reading = parse(*_read(self._path))
                self._signature = signature
        except FileNotFoundError:
            self._forget(_none(NO_LOG))
        except OSError as error:
            self._forget(_none(UNREADABLE, error=error.strerror or str(error)))
        return self._reading

    def _forget(self, reading: NoCurve) -> None:
        self._signature = None
        if reading != self._reading:
            self._reading = reading


def _none(reason: Message, **facts: str) -> NoCurve:
    return NoCurve(Message(reason.template, {"file": FILE, **facts}))


def _read(path: Path) -> tuple[str, str]:
    """The first line of a log and its complete lines after that (of a long log, the last ones)."""
    with open_regular(path) as file:
        # Two reads: only the end of a very long log is needed, but its names are at the start.
        head = file.readline(_LONGEST_HEAD)
        start = file.tell()
        size = os.fstat(file.fileno()).st_size
        if size - start > _MOST_BYTES:
            file.seek(size - _MOST_BYTES)
            file.readline(_LONGEST_HEAD)  # the rest of a line
        body = file.read(_MOST_BYTES)
    # Keras may be in the middle of writing the last line.
    whole = body[: body.rfind(b"\n") + 1]
    return head.decode("utf-8", "replace"), whole.decode("utf-8", "replace")


def parse(head: str, body: str) -> CurveReading:
    """The curve in a log whose first line is `head`."""
    if not head.strip():
        return _none(NO_NUMBERS)
    mark = ";" if head.count(";") > head.count(",") else ","
    try:
        names = [name.strip() for name in next(csv.reader([head], delimiter=mark), [])]
        if not _is_header(names):
            return _none(NO_TABLE)
        trainings = list(_trainings(names, csv.reader(body.splitlines(), delimiter=mark)))
    except csv.Error:
        return _none(NO_TABLE)
    return _curve(names, trainings) if trainings else _none(NO_NUMBERS)


def _curve(names: Sequence[str], trainings: "Sequence[list[_Row]]") -> Curve:
    epochs, rows = zip(*trainings[-1], strict=True)
    columns = [column for column in names if column != _EPOCH]
    series = [
        Series(name, tuple(values))
        for name, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    return Curve(
        tuple(epochs),
        tuple(_pairs(series)),
        earlier=len(trainings) - 1,
        numberless=tuple(each.name for each in series if each.last is None),
    )


def _is_header(names: Sequence[str]) -> bool:
    few = 2 <= len(names) <= _MOST_COLUMNS
    return few and _EPOCH in names and len(set(names)) == len(names)


_Row = tuple[int, tuple[float | None, ...]]


def _trainings(names: Sequence[str], rows: Iterator[list[str]]) -> Iterator[list[_Row]]:
    """The rows of each training; a new one starts where the epochs restart."""
    place = names.index(_EPOCH)
    training: list[_Row] = []
    for cells in rows:
        epoch = _number(cells[place]) if len(cells) == len(names) else None
        if epoch is None:
            continue  # a header in the middle, or a truncated line
        number = int(epoch) + 1
        if training and number <= training[-1][0]:
            yield training
            training = []
        training.append((number, tuple(_number(x) for i, x in enumerate(cells) if i != place)))
    if training:
        yield training


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _pairs(series: Sequence[Series]) -> Iterator[Pair]:
    """Each quantity with its validation counterpart, loss first, learning rate left out."""
    by_name = {each.name: each for each in series}
    plain = [each for each in series if not each.name.startswith(_VALIDATION)]
    drawn: list[Series] = []
    for each in sorted(plain, key=lambda one: one.name != "loss"):
        if each.name in _RATES or each.last is None or any(_same(each, one) for one in drawn):
            continue  # a metric that is the loss itself needs no second plot
        drawn.append(each)
        yield Pair(each, by_name.get(_VALIDATION + each.name))


def _same(one: Series, other: Series) -> bool:
    """Whether they are the same numbers but for rounding."""
    return all(
        (a is None) == (b is None) and (a is None or b is None or math.isclose(a, b, rel_tol=1e-4))
        for a, b in zip(one.values, other.values, strict=True)
    )
