"""Reads labelled texts that come without ids, and makes their ids as the brief says.

Naive Bayes and the trivial predictors need ids. A candidate makes them from the vocabulary
that comes with the texts, and so does this reader.
"""

import csv
import io
from collections.abc import Mapping

import msgspec
import numpy as np

from exam_bank.material import Array
from exam_bank.real.text import encode

_VOCABULARY, _TABLE, _LIST = "data/vocabulary.txt", "data/train.csv", "data/train.json"


class _Record(msgspec.Struct):
    text: str
    label: int


def labelled(files: Mapping[str, bytes]) -> tuple[Array, Array] | None:
    """Ids (n, 120) and class numbers (n,) of the candidate's texts; None if there are none.

    Labels that are words are numbered by the alphabet.
    """
    if _VOCABULARY not in files:
        return None
    vocabulary = files[_VOCABULARY].decode().split("\n")[:-1]
    if _TABLE in files:
        rows = list(csv.DictReader(io.StringIO(files[_TABLE].decode())))
        _, numbers = np.unique([row["label"] for row in rows], return_inverse=True)
        return encode([row["text"] for row in rows], vocabulary), numbers
    if _LIST in files:
        records = msgspec.json.decode(files[_LIST], type=list[_Record])
        labels = np.array([each.label for each in records])
        return encode([each.text for each in records], vocabulary), labels
    return None
