"""The data of one seed: reviews as texts and as ids, the vocabulary, and a hidden set.

Training and hidden reviews come from the same drawn world but from two streams; no hidden
text occurs in training, and the vocabulary knows the training part alone.
"""

import io

import msgspec
import numpy as np

from exam_bank.material import Array, HiddenSet, Material
from exam_bank.synthetic.reviews import Review, World, Writer
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import encode, make_vocabulary

_TRAIN, _HIDDEN = 12_000, 4_000
_LENGTH, _WORDS = 120, 1_000


def make(seed: int) -> Material:
    """12,000 labelled reviews for the candidate and 4,000 others for the grader."""
    world = World.draw(Rng(seed, "reviews", "world"))
    train = Writer(world, Rng(seed, "reviews", "train")).write(_TRAIN)
    known = frozenset(review.text for review in train)
    hidden = Writer(world, Rng(seed, "reviews", "hidden")).write(_HIDDEN, without=known)

    vocabulary = make_vocabulary((review.text for review in train), size=_WORDS)
    ids = encode([review.text for review in train], vocabulary, length=_LENGTH)
    labels = np.array([review.positive for review in train], dtype=np.int32)
    packed = io.BytesIO()
    np.savez(packed, ids=ids, labels=labels)

    targets = np.array([review.positive for review in hidden], dtype=np.int64)
    majority = np.full((_HIDDEN, 1), float(labels.mean() >= 0.5), dtype=np.float32)
    inputs = encode([review.text for review in hidden], vocabulary, length=_LENGTH)
    return Material(
        files={
            "data/train.npz": packed.getvalue(),
            "data/train.jsonl": b"".join(_line(review) for review in train),
            "data/vocabulary.txt": ("\n".join(vocabulary) + "\n").encode(),
        },
        hidden=HiddenSet(inputs, targets),
        trivial={"majority": majority, "length": _by_length(ids, labels, inputs)},
    )


def _line(review: Review) -> bytes:
    row = {"text": review.text, "label": int(review.positive)}
    return msgspec.json.encode(row) + b"\n"


def _by_length(ids: Array, labels: Array, inputs: Array) -> Array:
    """What the length alone tells: whether long training reviews were rather positive."""
    lengths = (ids > 0).sum(axis=1)
    middle = np.median(lengths)
    longer_is_positive = labels[lengths > middle].mean() >= labels[lengths <= middle].mean()
    is_long = (inputs > 0).sum(axis=1) > middle
    return np.asarray(is_long == longer_is_positive, dtype=np.float32)[:, None]
