"""From texts to word ids exactly as Keras' own Tokenizer makes them, without Keras.

Models made for the real exam were trained on that Tokenizer's ids, and every version of
Keras has it elsewhere or not at all. So its splitting and numbering are written out here,
and candidates get what comes of them: ids, texts and the vocabulary. Words are what
stands between spaces once punctuation has become spaces; the vocabulary counts the
training part in the file's own order, where equals keep the order of their first
appearance. Unlike `synthetic/text.py`, which may break ties as it likes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

PADDING, OOV = "", "<OOV>"
FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
LENGTH = 120
_TO_SPACES = str.maketrans(dict.fromkeys(FILTERS, " "))


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case; an apostrophe is part of its word."""
    return [word for word in text.lower().translate(_TO_SPACES).split(" ") if word]


def make_vocabulary(texts: Iterable[str], *, size: int) -> list[str]:
    """Line by line the word of each id below `size`: padding, `<OOV>`, then by frequency."""
    counts = Counter(word for text in texts for word in words_of(text))
    ordered = sorted(counts, key=lambda word: -counts[word])
    return [PADDING, OOV, *ordered[: size - 2]]


def encode(texts: Sequence[str], vocabulary: Sequence[str]) -> NDArray[np.int32]:
    """Ids of shape (len(texts), 120), padded with 0 and cut at their end."""
    number = {word: index for index, word in enumerate(vocabulary)}
    ids = np.zeros((len(texts), LENGTH), dtype=np.int32)
    for row, text in enumerate(texts):
        found = [number.get(word, 1) for word in words_of(text)[:LENGTH]]
        ids[row, : len(found)] = found
    return ids
