"""From a public set of texts and a seed to a task's material.

Either the set says which part trains (an official split, the real exam's "first 20,000")
and the seed draws which of the other rows are asked; or the seed draws which rows are
withheld. Both ways no hidden text nearly repeats a training text, and the vocabulary is
what Keras' Tokenizer makes of the training texts in the order they are delivered.
"""

from collections.abc import Sequence

from exam_bank.material import Material
from exam_bank.real.alike import SHARE, distinct, unlike
from exam_bank.real.text import LENGTH, encode, make_vocabulary, words_of
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled, Raw, deliver


def published_split(
    train: Sequence[Labelled],
    rest: Sequence[Labelled],
    rng: Rng,
    *,
    words: int,
    most: int,
    share: float = SHARE,
    classes: Sequence[str] = (),
) -> Material:
    """`train` as it is; hidden are `most` rows drawn from those of `rest` unlike it.

    `words` is the size of the vocabulary; `classes` names the outputs of a softmax. What
    a model cannot see, beyond the 120th word, does not count for likeness.
    """
    drawn = [rest[place] for place in rng.permutation(len(rest))]
    kept = unlike(_seen(drawn), _seen(train), most=most, share=share)
    kept_rows = [drawn[place] for place in kept]
    return _material(train, kept_rows, words, outputs=len(classes) or 1, classes=classes, most=most)


def withheld_split(
    documents: Sequence[Labelled],
    rng: Rng,
    *,
    words: int,
    withheld: float,
    classes: Sequence[str] = (),
    raw: Raw | None = None,
) -> Material:
    """A part `withheld` of each class is hidden; texts that repeat another are left out.

    With `raw` the candidate gets texts without ids; `classes` then names the two classes.
    """
    kept = distinct([each.text for each in documents])
    order = [documents[kept[place]] for place in rng.permutation(len(kept))]
    hidden: list[Labelled] = []
    train: list[Labelled] = []
    for label in sorted({each.label for each in order}):
        of_class = [each for each in order if each.label == label]
        cut = round(withheld * len(of_class))
        hidden += of_class[:cut]
        train += of_class[cut:]
    return _material(_mixed(train, rng), _mixed(hidden, rng), words, classes=classes, raw=raw)


def _mixed(documents: Sequence[Labelled], rng: Rng) -> list[Labelled]:
    return [documents[place] for place in rng.permutation(len(documents))]


def _seen(documents: Sequence[Labelled]) -> list[str]:
    return [" ".join(words_of(each.text)[:LENGTH]) for each in documents]


def _material(
    train: Sequence[Labelled],
    hidden: Sequence[Labelled],
    words: int,
    *,
    outputs: int = 1,
    classes: Sequence[str] = (),
    most: int | None = None,
    raw: Raw | None = None,
) -> Material:
    return deliver(
        train,
        hidden,
        vocabulary=make_vocabulary((each.text for each in train), size=words),
        encode=encode,
        outputs=outputs,
        classes=classes,
        most=most,
        raw=raw,
    )
