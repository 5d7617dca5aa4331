"""The data of one seed: the first four fifths of the articles, and later ones to be hidden.

As in the real exam: articles and labels numbered by Keras' Tokenizer, so that labels begin
with 1 for the commonest topic of the file, and nothing has the number 0.
"""

import csv
import io

from exam_bank.datasets import LocalDataset
from exam_bank.material import Material
from exam_bank.real.corpus import published_split
from exam_bank.real.text import make_vocabulary
from exam_bank.synthetic.rng import Rng
from exam_bank.text_material import Labelled

_TRAIN_PART, _HIDDEN, _WORDS = 0.8, 400, 1_000
_UNUSED = "(unused)"


def make(seed: int, dataset: LocalDataset) -> Material:
    """80 of 100 articles for the candidate, up to 400 of the others for the grader."""
    text = dataset.payload("bbc-text.csv").decode()
    rows = [(row["category"], row["text"]) for row in csv.DictReader(io.StringIO(text))]
    topics = make_vocabulary((topic for topic, _ in rows), size=len(rows))[2:]
    number = {topic: 1 + place for place, topic in enumerate(topics)}
    articles = [Labelled(article, number[topic]) for topic, article in rows]
    cut = int(len(articles) * _TRAIN_PART)
    return published_split(
        articles[:cut],
        articles[cut:],
        Rng(seed, "bbc-news", "hidden"),
        words=_WORDS,
        most=_HIDDEN,
        classes=(_UNUSED, *topics),
    )
