"""Invented messages to a help desk, and the department that is to act.

Every seed draws its own firm: six departments, what each deals with, and to whom a "blue
form" or a "spare card" goes (the two words decide together, neither alone). A message
names things of several departments and wants something done about one of them; the
others are denied, settled, or somebody else's. Counting words leads only so far.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from exam_bank.synthetic import help_desk_lexicon as forms
from exam_bank.synthetic import lexicon
from exam_bank.synthetic.rng import Rng
from exam_bank.synthetic.text import Draws, Typist, invented_name, invented_place, some

DEPARTMENTS = 6
TYPO_EVERY = 40
LABEL_NOISE = 0.02

_THINGS, _KINDS, _PAPERS = 9, 7, 7
_PAPER, _CONTRAST, _PAIR, _AGAIN, _MENTION, _FILLER = 0.15, 0.15, 0.06, 0.70, 0.40, 0.35


@dataclass(frozen=True)
class Message:
    """One message; `department` is its label, which may be the noise's and not the text's."""

    text: str
    department: int


@dataclass(frozen=True)
class Firm:
    """What one seed draws once for training and hidden messages alike.

    `things[department]` are the nouns it deals with, `papers[department]` the pairs of
    words that only together name something of its own.
    """

    departments: tuple[str, ...]
    things: tuple[tuple[str, ...], ...]
    papers: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    places: tuple[str, ...]

    @classmethod
    def draw(cls, rng: Rng) -> "Firm":
        """The firm of one stream."""
        draws = Draws(rng)
        departments = some(draws, tuple(forms.DEPARTMENTS), DEPARTMENTS)
        return cls(
            departments=departments,
            things=tuple(some(draws, forms.DEPARTMENTS[each], _THINGS) for each in departments),
            papers=_share_out(draws),
            names=tuple(invented_name(draws) for _ in range(400)),
            places=tuple(invented_place(draws) for _ in range(200)),
        )


def _share_out(draws: Draws) -> tuple[tuple[str, ...], ...]:
    """Every pair of kind and paper to one department, so that no single word tells much."""
    kinds, papers = some(draws, forms.KINDS, _KINDS), some(draws, forms.PAPERS, _PAPERS)
    shares: list[list[str]] = [[] for _ in range(DEPARTMENTS)]
    # Row by row of a square, shifted: each word meets every department about as often.
    shift = draws.below(DEPARTMENTS)
    for row, kind in enumerate(kinds):
        for column, paper in enumerate(papers):
            shares[(shift + row + column) % DEPARTMENTS].append(f"{kind} {paper}")
    return tuple(tuple(share) for share in shares)


class Writer:
    """Writes messages to one firm from one stream."""

    def __init__(self, firm: Firm, rng: Rng) -> None:
        self._firm = firm
        self._draws = Draws(rng)
        self._typist = Typist(self._draws, every=TYPO_EVERY)

    def write(self, count: int) -> list[Message]:
        """`count` messages."""
        return [self._message() for _ in range(count)]

    def _message(self) -> Message:
        draws = self._draws
        wanted = draws.below(DEPARTMENTS)
        sentences = self._sentences(wanted)
        typed = [" ".join(self._typist.type(each.split())) for each in sentences]
        text = " ".join(f"{each[0].upper()}{each[1:]}{draws.pick('..!')}" for each in typed)
        label = draws.below(DEPARTMENTS) if draws.chance(LABEL_NOISE) else wanted
        return Message(text=text, department=label)

    def _sentences(self, wanted: int) -> list[str]:
        """What asks for the wanted department, among what does not."""
        draws = self._draws
        others = self._others(wanted)
        parts = [self._asking(wanted, others)]
        if draws.chance(_AGAIN):
            parts.append([self._fill(draws.pick(forms.REQUESTS), wanted=wanted)])
        for _ in range(sum(draws.chance(_MENTION) for _ in range(2))):
            form = draws.pick(forms.MENTIONS)
            parts.append([self._fill(form, other=others[draws.below(len(others))])])
        fillers = sum(draws.chance(_FILLER) for _ in range(3))
        parts.extend([self._fill(draws.pick(forms.FILLERS))] for _ in range(fillers))
        return [sentence for part in some(draws, parts, len(parts)) for sentence in part]

    def _others(self, wanted: int) -> tuple[int, ...]:
        """One or two departments that are named without being wanted."""
        draws = self._draws
        shift = 1 + draws.below(DEPARTMENTS - 1)
        second = 1 + draws.below(DEPARTMENTS - 1)
        return (wanted + shift) % DEPARTMENTS, (wanted + second) % DEPARTMENTS

    def _asking(self, wanted: int, others: Sequence[int]) -> list[str]:
        draws = self._draws
        if draws.chance(_PAIR):
            return self._pair(wanted, others[0])
        if draws.chance(_CONTRAST):
            return [self._fill(draws.pick(forms.CONTRASTS), wanted=wanted, other=others[0])]
        return [self._fill(draws.pick(forms.REQUESTS), wanted=wanted)]

    def _pair(self, wanted: int, other: int) -> list[str]:
        """Two things side by side, and afterwards which of them is still open."""
        draws = self._draws
        wanted_first = draws.chance(0.5)
        first, second = (wanted, other) if wanted_first else (other, wanted)
        named = self._fill(draws.pick(forms.PAIRS), wanted=first, other=second)
        return [named, draws.pick(forms.ONLY_FIRST if wanted_first else forms.ONLY_SECOND)]

    def _thing(self, department: int) -> str:
        known = self._firm.papers if self._draws.chance(_PAPER) else self._firm.things
        return self._draws.pick(known[department])

    def _fill(self, form: str, *, wanted: int = 0, other: int = 0) -> str:
        """The form with a thing of each department, and with names, days and the like."""
        draws, firm = self._draws, self._firm
        return form.format(
            r=self._thing(wanted),
            d=self._thing(other),
            name=draws.pick(firm.names),
            place=draws.pick(firm.places),
            who=draws.pick(lexicon.RELATIVES),
            month=draws.pick(lexicon.MONTHS),
            day=draws.pick(lexicon.DAYS),
            number=draws.pick(lexicon.NUMBERS),
            nth=draws.pick(forms.ORDINALS),
        )
