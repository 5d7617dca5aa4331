"""Which texts nearly repeat others: a hidden one that does would only ask for memory.

Chain letters, reprinted articles and "you have won" with another phone number differ in a
digit, a space or a word. So texts are compared by their sets of words, digits and
punctuation left out: they are alike when both share a large part of what either has
(Jaccard). Every pair is found, but few are looked at: two alike sets must share one of
their rarest words (Bayardo's prefix filter, "Scaling Up All Pairs Similarity Search").
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

SHARE = 0.7
_WORD = re.compile(r"[^\W\d_]+")
_Words = frozenset[str]


def distinct(texts: Sequence[str], *, share: float = SHARE) -> list[int]:
    """Places of the texts that are like none of those kept before them."""
    shelf = _Shelf(_sets(texts), share)
    return [place for place in range(len(texts)) if shelf.take(place)]


def unlike(
    texts: Sequence[str], others: Sequence[str], *, most: int | None = None, share: float = SHARE
) -> list[int]:
    """Places of the `texts` that are like none of `others`, nor of those kept before them.

    Looks no further once it has `most` of them.
    """
    shelf = _Shelf(_sets([*others, *texts]), share)
    for place in range(len(others)):
        shelf.put(place)
    found = (place for place in range(len(texts)) if shelf.take(len(others) + place))
    return list(islice(found, most))


def _sets(texts: Iterable[str]) -> list[_Words]:
    return [frozenset(_WORD.findall(text.lower())) for text in texts]


class _Shelf:
    """Sets of words that were kept, found again by their rarest words."""

    def __init__(self, sets: Sequence[_Words], share: float) -> None:
        self._sets, self._share = sets, share
        self._common = Counter(word for words in sets for word in words)
        self._holding: dict[str, list[int]] = defaultdict(list)

    def take(self, place: int) -> bool:
        """Put the set at `place` on the shelf, unless one like it stands there."""
        words = self._sets[place]
        rare = self._rarest(words)
        near = {other for word in rare for other in self._holding[word]}
        if any(self._alike(words, self._sets[other]) for other in near):
            return False
        self.put(place)
        return True

    def put(self, place: int) -> None:
        """Put the set at `place` on the shelf."""
        for word in self._rarest(self._sets[place]):
            self._holding[word].append(place)

    def _rarest(self, words: _Words) -> list[str]:
        """So many of the rarest words that a set without any of them cannot be alike."""
        ordered = sorted(words or {""}, key=lambda word: (self._common[word], word))
        return ordered[: len(ordered) - math.ceil(self._share * len(ordered)) + 1]

    def _alike(self, one: _Words, other: _Words) -> bool:
        short, long = sorted((len(one), len(other)))
        if short < self._share * long:
            return False
        shared = len(one & other)
        return shared >= self._share * (len(one) + len(other) - shared)
