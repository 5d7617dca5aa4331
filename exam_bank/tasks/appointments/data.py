"""The data of one seed: threads as texts and as ids, the vocabulary, and a hidden set.

Training and hidden threads come from the same drawn village but from two streams; the
vocabulary knows the training part alone.
"""

from functools import partial

from exam_bank.material import Material
from exam_bank.synthetic.appointments import WEEK, Thread, Village, Writer
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import encode, make_vocabulary
from exam_bank.text_material import Labelled, deliver

_TRAIN, _HIDDEN, _SPARE = 12_000, 4_000, 100
_LENGTH, _WORDS = 120, 1_000


def make(seed: int) -> Material:
    """12,000 labelled threads for the candidate and 4,000 others for the grader."""
    village = Village.draw(Rng(seed, "appointments", "village"))
    train = Writer(village, Rng(seed, "appointments", "train")).write(_TRAIN)
    hidden = Writer(village, Rng(seed, "appointments", "hidden")).write(_HIDDEN + _SPARE)
    classes = (*(day.capitalize() for day in WEEK), "called off")
    return deliver(
        _labelled(train),
        _labelled(hidden),
        vocabulary=make_vocabulary((thread.text for thread in train), size=_WORDS),
        encode=partial(encode, length=_LENGTH),
        outputs=len(classes),
        classes=classes,
        most=_HIDDEN,
    )


def _labelled(threads: list[Thread]) -> list[Labelled]:
    return [Labelled(thread.text, thread.day) for thread in threads]
