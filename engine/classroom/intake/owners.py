"""Whose a file is: matches names of folders, zips and files with the people of the roster.

A wrong match is somebody else's grade, so only what fits exactly one person counts: an id or an
address first, then a full name in any order of its parts, then an id among other words. A name
that two people have is nobody's.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from engine.classroom.intake.roster import IDS, plain
from engine.classroom.people import Person, Roster

# Shorter numbers are in too many names: a year's last digits, a second try.
_SHORTEST_PART = 3
_YEAR = re.compile(r"(19|20)\d\d\Z")
# Words of a file's own name, and of a copy's.
_OURS = re.compile(r"(my)?model\d*\Z|category\d*\Z|copy\Z|final\Z")
_PARTS = re.compile(r"[^\w@.]+|_")


class Match(NamedTuple):
    """The one person meant, or all of those who might be."""

    person: Person | None = None
    others: tuple[Person, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether no person is meant."""
        return not (self.person or self.others)


class Owners:
    """The people of a roster by what a folder or a file may call them."""

    def __init__(self, roster: Roster) -> None:
        self._ids: dict[str, set[int]] = defaultdict(set)
        self._aliases: dict[str, set[int]] = defaultdict(set)
        self._names: dict[str, set[int]] = defaultdict(set)
        self._people = roster.people
        for number, each in enumerate(roster.people):
            self._add(number, each)

    def _add(self, number: int, person: Person) -> None:
        self._ids[plain(person.id)].add(number)
        aliases = [value for name, value in person.more.items() if _names_people(name)]
        if person.email:
            aliases += [person.email, person.email.partition("@")[0]]
        for alias in filter(None, map(plain, aliases)):
            self._aliases[alias].add(number)
        for name in _orders(person.name):
            self._names[name].add(number)

    def whole(self, label: str) -> Match:
        """Who is called `label`, all of it."""
        spelled = plain(label)
        return self._first((self._ids, self._aliases, self._names), [spelled] if spelled else [])

    def within(self, label: str) -> Match:
        """Whose id, address or name is among the words of `label`."""
        parts = [each for each in map(plain, _PARTS.split(label)) if not _OURS.match(each)]
        words = "".join(each for each in parts if not each.isdigit())
        found = self._first((self._ids, self._aliases), [*filter(_tells, parts)])
        if found.is_nobody and words:
            return self._first((self._names,), [words])
        return found

    def _first(self, tables: Iterable[dict[str, set[int]]], labels: Sequence[str]) -> Match:
        """The answer of the first table that knows any of `labels`."""
        for table in tables:
            if found := set().union(*(table.get(each, set()) for each in labels)):
                return self._match(sorted(found))
        return Match()

    def _match(self, numbers: Sequence[int]) -> Match:
        people = tuple(self._people[each] for each in numbers)
        return Match(people[0]) if len(people) == 1 else Match(others=people)


def _tells(part: str) -> bool:
    """Whether a word can be somebody's id: not a short number, nor a year."""
    if part.isdigit() or part.isalpha():
        return len(part) >= _SHORTEST_PART and not _YEAR.match(part)
    return len(part) > 1


def _names_people(column: str) -> bool:
    spelled = plain(column)
    return spelled in IDS or spelled.endswith(("id", "login", "username", "email"))


def _orders(name: str) -> list[str]:
    """A name with its parts in each order that systems write: "Last, First" and turns of it."""
    parts = [plain(each) for each in re.split(r"[\s,]+", name) if plain(each)]
    return ["".join(parts[turn:] + parts[:turn]) for turn in range(len(parts))]
