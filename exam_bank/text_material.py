"""From labelled texts to the material of a text task, invented or real.

Every text task hands over the same things: ids with labels, the same documents to read,
the vocabulary, and the names of the classes where there are several. The hidden set keeps
no row whose ids a training row has, in whatever order: different texts may share them where
only unlisted words differ.
"""

import io
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from exam_bank.material import Array, HiddenSet, Material

Ids = NDArray[np.int32]
Encode = Callable[[Sequence[str], Sequence[str]], Ids]
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
) -> Material:
    """The material of a text task; `encode(texts, vocabulary)` makes its ids.

    `outputs` is the width of the model's output: 1 for a sigmoid. At most `most` hidden
    rows are kept.
    """
    ids, labels = encode([each.text for each in train], vocabulary), _labels(train)
    inputs, targets = encode([each.text for each in hidden], vocabulary), _labels(hidden)
    kept = _unshown(inputs, ids)[:most]
    inputs, targets = inputs[kept], targets[kept]
    packed = io.BytesIO()
    np.savez(packed, ids=ids, labels=labels)
    files = {
        "data/train.npz": packed.getvalue(),
        "data/train.jsonl": b"".join(_line(each) for each in train),
        "data/vocabulary.txt": _lines(vocabulary),
    }
    if classes:
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


def _line(document: Labelled) -> bytes:
    return msgspec.json.encode({"text": document.text, "label": document.label}) + b"\n"


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
