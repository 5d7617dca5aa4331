"""Invented reviews: a small grammar whose sentiment hangs on the order of words.

Every seed draws its own world: which things are reviewed, which adjectives are known,
whether an ambiguous adjective ("loud") is praise or blame for each group of things, and
the names of people and towns. Negation, other people's opinions and contrasts ("although
… …") put the same words on both sides, so that counting words leads only so far.
"""

import re
from dataclasses import dataclass

from exam_bank.synthetic import lexicon
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import Draws, Typist, invented_name, invented_place, some

TYPO_EVERY = 33
LABEL_NOISE = 0.02

_A_BEFORE_VOWEL = re.compile(r"\ba(?= [aeiou])")
_FLIPPED, _AMBIGUOUS, _REPORTED, _CONTRAST, _FILLER = 0.22, 0.20, 0.14, 0.20, 0.35
_AGREES = 0.80
_LEAST_SCORE = 1.0
_MINOR, _DECIDING = 0.4, 1.6


@dataclass(frozen=True)
class Review:
    """One review; `positive` is its label, which may be the noise's and not the text's."""

    text: str
    positive: bool


@dataclass(frozen=True)
class World:
    """What one seed draws once for training and hidden reviews alike.

    `ambiguous[positive][group]` lists the ambiguous adjectives that are praise (True) or
    blame (False) for that group of things.
    """

    things: tuple[tuple[str, str], ...]
    clear: dict[bool, tuple[str, ...]]
    ambiguous: dict[bool, dict[str, tuple[str, ...]]]
    names: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def draw(cls, rng: Rng) -> "World":
        """The world of one stream."""
        draws = Draws(rng)
        things = tuple(
            (thing, group)
            for group, aspects in lexicon.ASPECTS.items()
            for thing in some(draws, aspects, 6)
        )
        unsure = some(draws, lexicon.AMBIGUOUS, 18)
        ambiguous: dict[bool, dict[str, tuple[str, ...]]] = {True: {}, False: {}}
        for group in lexicon.ASPECTS:
            order = some(draws, unsure, len(unsure))
            half = len(order) // 2
            ambiguous[True][group], ambiguous[False][group] = order[:half], order[half:]
        return cls(
            things=things,
            clear={
                True: some(draws, lexicon.POSITIVE, 28),
                False: some(draws, lexicon.NEGATIVE, 28),
            },
            ambiguous=ambiguous,
            names=tuple(invented_name(draws) for _ in range(400)),
            places=tuple(invented_place(draws) for _ in range(200)),
        )


class Writer:
    """Writes reviews of one world from one stream."""

    def __init__(self, world: World, rng: Rng) -> None:
        self._world = world
        self._draws = Draws(rng)
        self._typist = Typist(self._draws, every=TYPO_EVERY)

    def write(self, count: int, *, without: frozenset[str] = frozenset()) -> list[Review]:
        """`count` reviews, no text twice and none of `without`."""
        seen = set(without)
        reviews: list[Review] = []
        while len(reviews) < count:
            review = self._review()
            if review.text not in seen:
                seen.add(review.text)
                reviews.append(review)
        return reviews

    def _review(self) -> Review:
        draws = self._draws
        mood = draws.chance(0.5)
        while True:
            sentences, score = self._sentences(mood)
            if (score if mood else -score) >= _LEAST_SCORE:
                break
        typed = [" ".join(self._typist.type(each.split())) for each in sentences]
        text = " ".join(f"{each[0].upper()}{each[1:]}{draws.pick('...!')}" for each in typed)
        return Review(text=text, positive=mood is not draws.chance(LABEL_NOISE))

    def _sentences(self, mood: bool) -> tuple[list[str], float]:
        """The sentences of a review, and their summed sentiment."""
        draws = self._draws
        sentences: list[str] = []
        score = 0.0
        for _ in range(3 + draws.below(4)):
            agrees = mood is draws.chance(_AGREES)
            if draws.chance(_REPORTED):
                sentences.append(self._reported())
            if draws.chance(_FILLER):
                sentences.append(self._fill(draws.pick(lexicon.FILLERS)))
            if draws.chance(_CONTRAST):
                minor, deciding = self._opinion(not agrees), self._opinion(agrees)
                sentences.append(draws.pick(lexicon.CONTRASTS).format(m=minor, b=deciding))
                score += (_DECIDING - _MINOR) * (1 if agrees else -1)
            else:
                sentences.append(self._opinion(agrees))
                score += 1 if agrees else -1
        return sentences, score

    def _opinion(self, positive: bool) -> str:
        flipped = self._draws.chance(_FLIPPED)
        form = self._draws.pick(lexicon.FLIPPED if flipped else lexicon.PLAIN)
        return self._with_words(form, positive is not flipped)

    def _reported(self) -> str:
        form = self._fill(self._draws.pick(lexicon.REPORTED))
        return self._with_words(form, self._draws.chance(0.5))

    def _with_words(self, form: str, praise: bool) -> str:
        """The form with a thing and an adjective that is praise, or blame, of that thing."""
        draws = self._draws
        thing, group = self._world.things[draws.below(len(self._world.things))]
        unsure = draws.chance(_AMBIGUOUS)
        known = self._world.ambiguous[praise][group] if unsure else self._world.clear[praise]
        adjective = f"{draws.pick(lexicon.INTENSIFIERS)} {draws.pick(known)}"
        clause = form.format(a=thing, x=adjective.strip())
        return _A_BEFORE_VOWEL.sub("an", clause)

    def _fill(self, form: str) -> str:
        """The form with names, days and the like; {a} and {x} are left for later."""
        draws, world = self._draws, self._world
        return form.format(
            a="{a}",
            x="{x}",
            name=draws.pick(world.names),
            place=draws.pick(world.places),
            who=draws.pick(lexicon.RELATIVES),
            month=draws.pick(lexicon.MONTHS),
            day=draws.pick(lexicon.DAYS),
            number=draws.pick(lexicon.NUMBERS),
        )
