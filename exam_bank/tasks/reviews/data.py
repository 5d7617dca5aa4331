"""The data of one seed: reviews as texts and as ids, the vocabulary, and a hidden set.

Training and hidden reviews come from the same drawn world but from two streams; no hidden
text occurs in training, and the vocabulary knows the training part alone.
"""

from functools import partial

from exam_bank.material import Material
from exam_bank.synthetic.reviews import Review, World, Writer
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import encode, make_vocabulary
from exam_bank.text_material import Labelled, deliver

_TRAIN, _HIDDEN, _SPARE = 12_000, 4_000, 60
_LENGTH, _WORDS = 120, 1_000


def make(seed: int) -> Material:
    """12,000 labelled reviews for the candidate and 4,000 others for the grader."""
    world = World.draw(Rng(seed, "reviews", "world"))
    train = Writer(world, Rng(seed, "reviews", "train")).write(_TRAIN)
    known = frozenset(review.text for review in train)
    hidden = Writer(world, Rng(seed, "reviews", "hidden")).write(_HIDDEN + _SPARE, without=known)
    return deliver(
        _labelled(train),
        _labelled(hidden),
        vocabulary=make_vocabulary((review.text for review in train), size=_WORDS),
        encode=partial(encode, length=_LENGTH),
        most=_HIDDEN,
    )


def _labelled(reviews: list[Review]) -> list[Labelled]:
    return [Labelled(review.text, int(review.positive)) for review in reviews]
