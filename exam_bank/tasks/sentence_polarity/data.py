"""The data of one seed: sentences from film reviews, of which the seed withholds some."""

import io
import zipfile

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real.corpus import withheld_split
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled

_WITHHELD, _WORDS = 0.38, 5_000
_MEMBERS = ("sentence_polarity/rt-polarity.neg", "sentence_polarity/rt-polarity.pos")


def make(seed: int, dataset: LocalDataset) -> Material:
    """6,600 labelled sentences for the candidate and 4,000 others for the grader."""
    with zipfile.ZipFile(io.BytesIO(dataset.payload("sentence_polarity.zip"))) as archive:
        sentences = [
            Labelled(line.strip(), label)
            for label, member in enumerate(_MEMBERS)
            for line in archive.read(member).decode().split("\n")
            if line.strip()
        ]
    rng = Rng(seed, "sentence-polarity")
    return withheld_split(sentences, rng, words=_WORDS, withheld=_WITHHELD)
