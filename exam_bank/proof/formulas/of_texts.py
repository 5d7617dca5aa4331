"""What can be said about a text without training: its length, and whether it has a word."""

from collections.abc import Mapping

import numpy as np

from exam_bank.material import Array

Members = Mapping[str, Array]
_BINS, _WORDS = 8, 12


def families(ids: Array, labels: Array, asked: Array, classes: int) -> dict[str, Members]:
    """Shares (n, classes) for the texts `asked`, which are word ids padded with 0."""
    return {
        "length": {"": _by_length(ids, labels, asked, classes)},
        "single word": _by_word(ids, labels, asked, classes),
    }


def _by_length(ids: Array, labels: Array, asked: Array, classes: int) -> Array:
    """The commonest class among training texts of about the same length."""
    lengths, wanted = (ids > 0).sum(axis=1), (asked > 0).sum(axis=1)
    edges = np.sort(lengths)[np.arange(1, _BINS) * len(lengths) // _BINS]
    places = np.searchsorted(edges, lengths, side="right")
    counts = np.zeros((_BINS, classes))
    np.add.at(counts, (places, labels), 1)
    commonest = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), counts.sum(axis=0).argmax())
    places = np.searchsorted(edges, wanted, side="right")
    return np.asarray(np.eye(classes)[commonest[places]])


def _by_word(ids: Array, labels: Array, asked: Array, classes: int) -> Members:
    """One class if a word is there, another if not; for the most telling words."""
    size = int(max(ids.max(), asked.max())) + 1
    with_word = word_counts(ids, labels, size, classes)
    without = np.bincount(labels, minlength=classes) - with_word
    right = with_word.max(axis=1) + without.max(axis=1)
    found = {}
    for word in np.argsort(-right, kind="stable")[:_WORDS].tolist():
        answer = np.array([without[word].argmax(), with_word[word].argmax()])
        found[f"{word}"] = np.eye(classes)[answer[_has(asked, word)]]
    if classes == 2:
        found |= _found_by_word(with_word, asked)
    return found


def _found_by_word(with_word: Array, asked: Array) -> Members:
    """Class 1 where a word is, and nowhere else: good at finding a rare class."""
    whole = with_word[0, 1] + with_word[:, 1].max()
    f1 = 2 * with_word[:, 1] / np.maximum(with_word.sum(axis=1) + whole, 1)
    best = np.argsort(-f1, kind="stable")[:_WORDS].tolist()
    return {f"{word} means 1": np.eye(2)[_has(asked, word)] for word in best}


def word_counts(ids: Array, labels: Array, size: int, classes: int) -> Array:
    """How many texts of each class contain each word (size, classes); padding counts 0."""
    once = each_once(ids)
    counts = np.bincount((once * classes + labels[:, None]).ravel(), minlength=size * classes)
    counts = counts.reshape(size, classes)
    counts[0] = 0
    return np.asarray(counts)


def each_once(ids: Array) -> Array:
    """The ids of each row, sorted, with repeats replaced by 0."""
    ordered = np.sort(ids, axis=1).astype(np.int64)
    ordered[:, 1:][ordered[:, 1:] == ordered[:, :-1]] = 0
    return ordered


def _has(ids: Array, word: int) -> Array:
    return np.asarray((ids == word).any(axis=1), dtype=np.int64)
