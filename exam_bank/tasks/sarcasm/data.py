"""The data of one seed: the real exam's first 20,000 headlines, and later ones to be hidden.

The exam fitted its tokenizer on those 20,000 in the file's order, so they are delivered
in that order: a model that was made for the exam knows the same ids.
"""

import msgspec

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real.corpus import published_split
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled

_TRAIN, _HIDDEN, _WORDS = 20_000, 6_000, 1_000


class _Headline(msgspec.Struct):
    headline: str
    is_sarcastic: int


def make(seed: int, dataset: LocalDataset) -> Material:
    """20,000 labelled headlines for the candidate, up to 6,000 of the others for the grader."""
    rows = msgspec.json.decode(dataset.payload("sarcasm.json"), type=list[_Headline])
    headlines = [Labelled(row.headline, row.is_sarcastic) for row in rows]
    return published_split(
        headlines[:_TRAIN],
        headlines[_TRAIN:],
        Rng(seed, "sarcasm", "hidden"),
        words=_WORDS,
        most=_HIDDEN,
    )
