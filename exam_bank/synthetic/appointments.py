"""Invented threads about an appointment, and the day it ends up on.

What counts is what was said last and meant: a proposal replaces the one before it, "a day
later" moves it, a cancelled meeting may come back. Days are also named that nobody wants,
and half of the time by the nickname that the seed's village gives them. So a model must
read in order and keep a state; the words alone, or patterns wherever they stand, lead
only so far.
"""

from dataclasses import dataclass

from exam_bank.synthetic import appointment_forms as forms
from exam_bank.synthetic import lexicon
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import Draws, Typist, invented_name, invented_place, some

WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
OFF = len(WEEK)
TYPO_EVERY = 50
LABEL_NOISE = 0.02

_NICKNAME, _FILLER, _MENTION = 0.5, 0.3, 0.45
_CALLED_OFF, _STEP, _CHANGE = 0.12, 0.15, 0.3


@dataclass(frozen=True)
class Thread:
    """One thread; `day` is its label (an index into `WEEK`, or `OFF`), rarely a wrong one."""

    text: str
    day: int


@dataclass(frozen=True)
class Village:
    """What one seed draws once; `nicknames[day]` are other names of that day."""

    nicknames: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def draw(cls, rng: Rng) -> "Village":
        """The village of one stream."""
        draws = Draws(rng)
        known = some(draws, forms.NICKNAMES, 2 * len(WEEK))
        return cls(
            nicknames=tuple((known[2 * day], known[2 * day + 1]) for day in range(len(WEEK))),
            names=tuple(invented_name(draws) for _ in range(300)),
            places=tuple(invented_place(draws) for _ in range(150)),
        )


class Writer:
    """Writes threads of one village from one stream."""

    def __init__(self, village: Village, rng: Rng) -> None:
        self._village = village
        self._draws = Draws(rng)
        self._typist = Typist(self._draws, every=TYPO_EVERY)

    def write(self, count: int) -> list[Thread]:
        """`count` threads."""
        return [self._thread() for _ in range(count)]

    def _thread(self) -> Thread:
        draws = self._draws
        day = draws.below(len(WEEK))
        said = [self._fill(draws.pick(forms.SETS), day=day)]
        for _ in range(4 + draws.below(5)):
            if draws.chance(_FILLER):
                said.append(self._fill(draws.pick(forms.FILLERS)))
            if draws.chance(_MENTION):
                said.append(self._aside(day))
            else:
                day, sentence = self._turn(day)
                said.append(sentence)
        typed = [" ".join(self._typist.type(each.split())) for each in said]
        text = " ".join(f"{each[0].upper()}{each[1:]}{draws.pick('..!')}" for each in typed)
        label = draws.below(OFF + 1) if draws.chance(LABEL_NOISE) else day
        return Thread(text=text, day=label)

    def _aside(self, day: int) -> str:
        """A sentence that changes nothing."""
        draws = self._draws
        if draws.chance(_CALLED_OFF) and day != OFF:
            return self._fill(draws.pick(forms.NOT_OFF))
        return self._fill(draws.pick(forms.MENTIONS), other=self._other(day))

    def _turn(self, day: int) -> tuple[int, str]:
        """The day after a sentence that changes it, and that sentence."""
        draws = self._draws
        if day != OFF and draws.chance(_CALLED_OFF):
            return OFF, self._fill(draws.pick(forms.OFF))
        if day != OFF and draws.chance(_STEP):
            return self._step(day)
        new = self._other(day)
        old = day if day != OFF and draws.chance(0.5) else self._other(new)
        known = forms.CHANGES if draws.chance(_CHANGE) else forms.SETS
        return new, self._fill(draws.pick(known), day=new, other=old)

    def _step(self, day: int) -> tuple[int, str]:
        draws = self._draws
        later = day == 0 or (day < len(WEEK) - 1 and draws.chance(0.5))
        return (day + 1 if later else day - 1), draws.pick(forms.LATER if later else forms.EARLIER)

    def _other(self, day: int) -> int:
        """Any day of the week but this one."""
        if day == OFF:
            return self._draws.below(len(WEEK))
        return (day + 1 + self._draws.below(len(WEEK) - 1)) % len(WEEK)

    def _called(self, day: int) -> str:
        """The day's name, or its nickname."""
        if self._draws.chance(_NICKNAME):
            return f"{self._draws.pick(self._village.nicknames[day])} day"
        return WEEK[day]

    def _fill(self, form: str, *, day: int = 0, other: int = 0) -> str:
        """The form with its days, and with names, months and the like."""
        draws, village = self._draws, self._village
        return form.format(
            d=self._called(day),
            o=self._called(other),
            name=draws.pick(village.names),
            place=draws.pick(village.places),
            who=draws.pick(lexicon.RELATIVES),
            month=draws.pick(lexicon.MONTHS),
            number=draws.pick(lexicon.NUMBERS),
        )
