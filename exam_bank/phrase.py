"""Sentences that know their template, so that a screen can say them in another language.

Errors are raised on the lower floors and read on the highest, in the language of the
person there; logs and the command line stay English. So a sentence of an error is an
English string like any other, which also remembers what it was made of: a catalog knows
the template, and nobody below needs to know of catalogs.

Templates and facts come back from journals and grading children too, which can hold
anything. So a sentence is always one line of bounded length that a terminal may be sent,
and a template that its facts do not fill is shown as it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from string import Formatter
from typing import Self

from exam_bank.printable import LONGEST, printable

_LONGEST_FACT = 5_000  # a path may take 4096
_SPEC = re.compile(r"[<>^]?\d{0,2},?(\.\d{1,2})?[a-z%]?")


class Phrase(str):
    """An English sentence with its `template` and the `facts` in it, which may be phrases."""

    template: str
    facts: dict[str, str | int | float]

    def __new__(cls, template: str, facts: Mapping[str, object]) -> Self:
        """The sentence that `template` makes of `facts`."""
        plain = {name: _plain(fact) for name, fact in facts.items()}
        phrase = super().__new__(cls, filled(template, plain))
        phrase.template, phrase.facts = template, plain
        return phrase

    def __reduce__(self) -> tuple[type[Self], tuple[str, dict[str, str | int | float]]]:
        """Errors come back from other processes with their phrases."""
        return type(self), (self.template, self.facts)

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence, its template and those of the facts passed through `translate`."""
        facts = {
            name: fact.said(translate) if isinstance(fact, Phrase) else fact
            for name, fact in self.facts.items()
        }
        return filled(translate(self.template), facts)


def phrase(template: str, /, **facts: object) -> Phrase:
    """A sentence from `template` with its `{name}` fields filled by `facts`."""
    return Phrase(template, facts)


def joined(separator: str, parts: Iterable[str]) -> Phrase:
    """`parts` in a row, each of which stays translatable."""
    facts = {f"part{n}": each for n, each in enumerate(parts)}
    return Phrase(separator.join(f"{{{name}}}" for name in facts), facts)


def filled(template: str, facts: Mapping[str, str | int | float]) -> str:
    """`template` with its fields filled, safe to show; as it is where they cannot be filled.

    A field is a fact's name and at most a small format: never an attribute of a fact, nor
    a width that would take gigabytes.
    """
    template = template[: LONGEST + 1]
    known = {name: _bounded(fact) for name, fact in facts.items()}
    try:
        fields = [(name, spec or "") for _, name, spec, _ in Formatter().parse(template)]
        if all(name is None or (name in known and _SPEC.fullmatch(spec)) for name, spec in fields):
            return printable(template.format_map(known))
    except (ValueError, OverflowError):  # braces that do not match, "{n:d}" of a text
        pass
    return printable(template)


def _bounded(fact: str | int | float) -> str | int | float:
    return printable(fact, _LONGEST_FACT) if isinstance(fact, str) else fact


def _plain(fact: object) -> str | int | float:
    return fact if isinstance(fact, str | int | float) else str(fact)
