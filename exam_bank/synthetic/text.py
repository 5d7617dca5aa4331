"""What text tasks share: fast seeded draws, typos, and the way from text to ids.

A word is a run of letters, apostrophes and inner hyphens, in lower case. Ids are lines of
a vocabulary made from the training part alone: 0 is padding, 1 is `<OOV>`, then words
from the most to the least frequent. Documents are padded and cut at their end. A task's
brief says the same, so that a candidate can make ids of texts of their own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from exam_bank.synthetic import lexicon
from exam_bank.synthetic.rng import Rng

PADDING, OOV = "", "<OOV>"
_WORD = re.compile(r"[a-z][a-z'-]*")
_BLOCK = 65_536
T = TypeVar("T")


class Draws:
    """One draw after another from a stream, read in blocks: millions of words need speed."""

    def __init__(self, rng: Rng) -> None:
        self._units = self._endless(rng)

    @staticmethod
    def _endless(rng: Rng) -> Iterator[float]:
        while True:
            yield from rng.uniform(size=_BLOCK).tolist()

    def unit(self) -> float:
        """A number in [0, 1)."""
        return next(self._units)

    def below(self, n: int) -> int:
        """A whole number in [0, n)."""
        return int(next(self._units) * n)

    def chance(self, p: float) -> bool:
        """True with probability `p`."""
        return next(self._units) < p

    def pick(self, options: Sequence[str]) -> str:
        """One of `options`."""
        return options[int(next(self._units) * len(options))]


class Typist:
    """Misspells about one word in `every`, as quick fingers do."""

    def __init__(self, draws: Draws, *, every: int) -> None:
        self._draws, self._every = draws, every
        self._left = self._gap()

    def _gap(self) -> int:
        return 1 + self._draws.below(2 * self._every - 1)

    def type(self, words: list[str]) -> list[str]:
        """The words as they were typed; short ones are always right."""
        typed = list(words)
        position = self._left - 1
        while position < len(typed):
            typed[position] = self._misspell(typed[position])
            position += self._gap()
        self._left = position - len(typed) + 1
        return typed

    def _misspell(self, word: str) -> str:
        if len(word) < 4:
            return word
        at = 1 + self._draws.below(len(word) - 2)
        match self._draws.below(3):
            case 0:
                return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
            case 1:
                return word[:at] + word[at + 1 :]
            case _:
                return word[:at] + word[at] + word[at:]


def some(draws: Draws, options: Sequence[T], count: int) -> tuple[T, ...]:
    """`count` different options in random order."""
    left = list(options)
    return tuple(left.pop(draws.below(len(left))) for _ in range(count))


def invented_name(draws: Draws) -> str:
    """A name of two or three syllables that no vocabulary will hold."""
    syllables = 1 + draws.below(2)
    start = "".join(
        draws.pick(lexicon.ONSETS) + draws.pick(lexicon.VOWELS) for _ in range(syllables)
    )
    return (
        start + draws.pick(lexicon.ONSETS) + draws.pick(lexicon.VOWELS) + draws.pick(lexicon.CODAS)
    )


def invented_place(draws: Draws) -> str:
    """A name that sounds like a town's."""
    return invented_name(draws) + draws.pick(("ville", "burg", "ton"))


def words_of(text: str) -> list[str]:
    """The words of a text, in lower case."""
    return _WORD.findall(text.lower())


def make_vocabulary(texts: Iterable[str], *, size: int) -> list[str]:
    """The `size` most frequent words, after padding and `<OOV>`; equals in ABC order."""
    counts = Counter(word for text in texts for word in words_of(text))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return [PADDING, OOV, *ordered[: size - 2]]


def encode(texts: Sequence[str], vocabulary: Sequence[str], *, length: int) -> NDArray[np.int32]:
    """Ids of shape (len(texts), length), padded and cut at the end."""
    number = {word: index for index, word in enumerate(vocabulary)}
    oov = number[OOV]
    ids = np.zeros((len(texts), length), dtype=np.int32)
    for row, text in enumerate(texts):
        found = [number.get(word, oov) for word in words_of(text)[:length]]
        ids[row, : len(found)] = found
    return ids
