"""Reads CSV files as rows of features with their answers, or as windows of a series.

The answer is the last column, as in every table of the bank. The measures of a series are its
last columns; a repeating number before them says which series a row belongs to.
"""

import csv
import io
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from exam_bank.material import Array

Floats = NDArray[np.float64]
# More windows than this add nothing to a line, and cost memory.
_MOST = 20_000
# Answers may be means over so many rows: of each, of a week of days, of a year of months.
_BLOCKS = (1, 7, 12)


def rows(files: Mapping[str, bytes], hidden: Array) -> tuple[Floats, Array] | None:
    """Features (n, k), in the number and order of `hidden`, and answers: (n, 1), or texts (n,).

    Leaves out rows with an empty cell. None if no table has that many features.
    """
    for columns in _tables(files):
        *features, answer = columns.values()
        found = _features(features, hidden)
        if found is None:
            continue
        if isinstance(answer, list):
            return found, np.array(answer)
        whole = np.isfinite(found).all(axis=1) & np.isfinite(answer)
        return found[whole], answer[whole, None]
    return None


def windows(
    files: Mapping[str, bytes], hidden: Array, targets: Array
) -> Iterator[tuple[Floats, Floats]]:
    """Windows as long as those of `hidden` and what follows, in each form a task may ask for.

    It may ask for what comes next or its running mean, of all measures or of the first; or,
    step by step or in blocks, for a column of its own, which then stands before the measures.
    """
    if targets.ndim not in (2, 3):
        return
    past, ahead, measures = hidden.shape[1], targets.shape[1], hidden.shape[2]
    for columns in _tables(files):
        numbers = [each for each in columns.values() if not isinstance(each, list)]
        if len(numbers) < measures:
            continue
        if targets.ndim == 2:
            yield from _answers(numbers, past, ahead, measures)
        values = _scaled(np.stack(numbers[-measures:], axis=1), hidden)
        parts = _parts(values, numbers[: len(numbers) - measures])
        inputs, later = _cut(parts, past, ahead)
        if not len(inputs):
            continue
        later = later if targets.ndim == 3 else later[..., 0]
        yield inputs, later
        steps = np.arange(1.0, ahead + 1).reshape(-1, *(1,) * (later.ndim - 2))
        yield inputs, np.cumsum(later, axis=1) / steps


def _answers(
    numbers: list[Floats], past: int, ahead: int, measures: int
) -> Iterator[tuple[Floats, Floats]]:
    """Windows of the last `measures` columns, and what follows in the one before them."""
    if len(numbers) != measures + 1 or _names_owners(numbers[0]):
        return
    together = np.stack(numbers, axis=1)
    for block in _BLOCKS:
        inputs, later = _cut([together], past, ahead * block)
        if len(inputs):
            yield inputs[..., 1:], later[..., 0].reshape(len(later), ahead, block).mean(axis=2)


def _names_owners(column: Floats) -> bool:
    """Whether each value stands in one place only, over several rows."""
    runs = 1 + np.count_nonzero(np.diff(column))
    return bool(runs == len(np.unique(column)) and 2 * runs <= len(column))


def _tables(files: Mapping[str, bytes]) -> Iterator[dict[str, "Floats | list[str]"]]:
    for name, content in sorted(files.items()):
        if name.endswith(".csv"):
            head, *body = csv.reader(io.StringIO(content.decode()))
            if body:
                yield dict(zip(head, map(_column, zip(*body, strict=True)), strict=True))


def _column(cells: tuple[str, ...]) -> "Floats | list[str]":
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return list(cells)


def _features(columns: "list[Floats | list[str]]", hidden: Array) -> Floats | None:
    """The numbers alone, or with a 0/1 column for each text, whichever is as wide as `hidden`."""
    numbers = [each for each in columns if not isinstance(each, list)]
    wanted = hidden.shape[1]
    if len(numbers) == wanted:
        return np.stack(numbers, axis=1)
    found: list[Floats] = []
    for column in columns:
        found += [column] if not isinstance(column, list) else _flags(column, hidden, len(found))
    return np.stack(found, axis=1) if len(found) == wanted else None


def _flags(texts: list[str], hidden: Array, start: int) -> list[Floats]:
    """A 0/1 column for each text, ordered so that their shares match the hidden columns'."""
    levels, places = np.unique(np.array(texts), return_inverse=True)
    shares = np.bincount(places) / len(texts)
    there = hidden[:, start : start + len(levels)].mean(axis=0)
    if len(there) < len(levels):
        return [np.zeros(len(texts))] * len(levels)
    order = np.empty(len(levels), dtype=np.int64)
    order[np.argsort(there, kind="stable")] = np.argsort(shares, kind="stable")
    return [(places == level).astype(np.float64) for level in order]


def _scaled(values: Floats, hidden: Array) -> Floats:
    """`values`, or the same scaled to 0–1: whichever spreads as `hidden` does."""
    low = values.min(axis=0)
    high = (values - low).max(axis=0)
    spanned = (values - low) / np.where(high > 0, high, 1.0)
    spread = hidden.reshape(-1, hidden.shape[-1]).std(axis=0)
    off = [
        float(np.abs(np.log((each.std(axis=0) + 1e-9) / (spread + 1e-9))).sum())
        for each in (values, spanned)
    ]
    return values if off[0] <= off[1] else spanned


def _parts(values: Floats, before: list[Floats]) -> list[Floats]:
    """The series of each owner, if a first number tells owners apart."""
    if not before:
        return [values]
    ends = np.flatnonzero(np.diff(before[0])) + 1
    return np.split(values, ends)


def _cut(parts: list[Floats], past: int, ahead: int) -> tuple[Floats, Floats]:
    """Every window of every part, or enough of them at even distances."""
    count = sum(max(0, len(part) - past - ahead + 1) for part in parts)
    stride = max(1, -(-count // _MOST))
    inputs, later = [], []
    for part in parts:
        starts = np.arange(0, len(part) - past - ahead + 1, stride)[:, None]
        inputs.append(part[starts + np.arange(past)])
        later.append(part[starts + past + np.arange(ahead)])
    return np.concatenate(inputs), np.concatenate(later)
