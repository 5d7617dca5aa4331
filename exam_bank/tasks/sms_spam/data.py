"""The data of one seed: messages of which none nearly repeats another, some of them withheld.

One in ten messages of the file is another's twin, mostly the same advertisement with
another telephone number: kept on both sides of the split they would ask for memory only.
So would the shortest ones, which look alike once their rare words have become `<OOV>`.
"""

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real.corpus import withheld_split
from exam_bank.real.text import words_of
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled

_WITHHELD, _WORDS, _SHORTEST = 0.4, 1_000, 5
_CLASSES = ("ham", "spam")


def make(seed: int, dataset: LocalDataset) -> Material:
    """Three fifths of the messages, as texts, for the candidate; the others for the grader."""
    lines = dataset.payload("sms.tsv").decode().split("\n")
    cells = [line.split("\t", 1) for line in lines if line]
    messages = [Labelled(text, int(kind == "spam")) for kind, text in cells]
    messages = [each for each in messages if len(words_of(each.text)) >= _SHORTEST]
    return withheld_split(
        messages,
        Rng(seed, "sms-spam"),
        words=_WORDS,
        withheld=_WITHHELD,
        classes=_CLASSES,
        raw="csv",
    )
