"""The data of one seed: messages as texts, the vocabulary, and a hidden set of ids.

Training and hidden messages come from the same drawn firm but from two streams; the
vocabulary knows the training part alone.
"""

from exam_bank.material import Material
from exam_bank.real.text import encode, make_vocabulary
from exam_bank.synthetic.help_desk import Firm, Message, Writer
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled, deliver

_TRAIN, _HIDDEN, _SPARE, _WORDS = 8_000, 4_000, 200, 1_000


def make(seed: int) -> Material:
    """8,000 labelled messages for the candidate and 4,000 others for the grader."""
    firm = Firm.draw(Rng(seed, "help-desk", "firm"))
    train = Writer(firm, Rng(seed, "help-desk", "train")).write(_TRAIN)
    hidden = Writer(firm, Rng(seed, "help-desk", "hidden")).write(_HIDDEN + _SPARE)
    return deliver(
        _labelled(train),
        _labelled(hidden),
        vocabulary=make_vocabulary((message.text for message in train), size=_WORDS),
        encode=encode,
        outputs=len(firm.departments),
        classes=firm.departments,
        most=_HIDDEN,
        raw="json",
    )


def _labelled(messages: list[Message]) -> list[Labelled]:
    return [Labelled(message.text, message.department) for message in messages]
