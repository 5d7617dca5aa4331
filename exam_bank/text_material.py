"""From labelled texts to the material of a text task, invented or real.

Every text task hands over labelled documents, the vocabulary, and the names of the classes
where there are several. Most hand over the documents' ids as well; a task of raw texts leaves
it to the candidate to make them, as the brief says. The hidden set keeps
no row whose ids a training row has, in whatever order: different texts may share them where
only unlisted words differ.
"""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from exam_bank.material import Array, HiddenSet, Material

Ids = NDArray[np.int32]
Encode = Callable[[Sequence[str], Sequence[str]], Ids]
Raw = Literal["csv", "json"]
_LENGTH_BINS = 8


class Labelled(NamedTuple):
    """A text and the number of its class."""

    text: str
    label: int


def deliver(
    train: Sequence[Labelled],
    hidden: Sequence[Labelled],
    *,
    vocabulary: Sequence[str],
    encode: Encode,
    outputs: int = 1,
    classes: Sequence[str] = (),
    most: int | None = None,
    raw: Raw | None = None,
) -> Material:
    """The material of a text task; `encode(texts, vocabulary)` makes its ids.

    `outputs` is the width of the model's output: 1 for a sigmoid. At most `most` hidden
    rows are kept. With `raw` the candidate gets the texts alone: as a table in which each
    label is the name of its class, or as a list with labels in numbers.
    """
    ids, labels = encode([each.text for each in train], vocabulary), _labels(train)
    inputs, targets = encode([each.text for each in hidden], vocabulary), _labels(hidden)
    kept = _unshown(inputs, ids)[:most]
    inputs, targets = inputs[kept], targets[kept]
    files = {"data/vocabulary.txt": _lines(vocabulary)}
    if raw == "csv":
        files["data/train.csv"] = _table(train, classes)
    elif raw == "json":
        files["data/train.json"] = b"[\n" + b",\n".join(map(_record, train)) + b"\n]\n"
    else:
        files["data/train.npz"] = _packed(ids, labels)
        files["data/train.jsonl"] = b"".join(_record(each) + b"\n" for each in train)
    if classes and raw != "csv":
        files["data/classes.txt"] = _lines(classes)
    return Material(
        files=files,
        hidden=HiddenSet(inputs, targets.astype(np.int64)),
        trivial={
            "majority": _answers(np.full(len(kept), _by_count(labels)[-1]), outputs),
            "minority": _answers(np.full(len(kept), _by_count(labels)[0]), outputs),
            "length": _answers(_by_length(ids, labels, inputs), outputs),
        },
    )


def _labels(documents: Sequence[Labelled]) -> NDArray[np.int32]:
    return np.array([each.label for each in documents], dtype=np.int32)


def _unshown(inputs: Ids, ids: Ids) -> list[int]:
    """Rows of `inputs` with other words than any of `ids`, and than those before them."""
    seen = {_words(row) for row in ids}
    kept = []
    for index, row in enumerate(inputs):
        if (key := _words(row)) not in seen:
            seen.add(key)
            kept.append(index)
    return kept


def _words(row: Ids) -> bytes:
    """The ids of a row without their order and its padding."""
    return np.sort(row[row > 0]).tobytes()


def _packed(ids: Ids, labels: NDArray[np.int32]) -> bytes:
    file = io.BytesIO()
    np.savez(file, ids=ids, labels=labels)
    return file.getvalue()


def _record(document: Labelled) -> bytes:
    return msgspec.json.encode({"text": document.text, "label": document.label})


def _table(documents: Sequence[Labelled], classes: Sequence[str]) -> bytes:
    file = io.StringIO()
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(("label", "text"))
    rows.writerows((classes[each.label], each.text) for each in documents)
    return file.getvalue().encode()


def _lines(words: Sequence[str]) -> bytes:
    return ("\n".join(words) + "\n").encode()


def _by_count(labels: NDArray[np.int32]) -> Ids:
    """The classes that occur, from the rarest to the commonest."""
    found, counts = np.unique(labels, return_counts=True)
    return np.asarray(found[np.argsort(counts, kind="stable")])


def _by_length(ids: Ids, labels: NDArray[np.int32], inputs: Ids) -> Array:
    """What the length alone tells: the commonest class among training rows about as long."""
    lengths, asked = (ids > 0).sum(axis=1), (inputs > 0).sum(axis=1)
    edges = np.sort(lengths)[np.arange(1, _LENGTH_BINS) * len(lengths) // _LENGTH_BINS]
    bins = np.searchsorted(edges, lengths, side="right")
    commonest = np.full(_LENGTH_BINS, np.bincount(labels).argmax())
    for each in np.unique(bins):
        commonest[each] = np.bincount(labels[bins == each]).argmax()
    return np.asarray(commonest[np.searchsorted(edges, asked, side="right")])


def _answers(found: Array, outputs: int) -> Array:
    """Class numbers as a model of so many outputs would answer them."""
    if outputs == 1:
        return found.astype(np.float32)[:, None]
    return np.eye(outputs, dtype=np.float32)[found]
