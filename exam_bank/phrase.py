"""Sentences that know their template, so that a screen can say them in another language.

Errors are raised on the lower floors and read on the highest, in the language of the
person there; logs and the command line stay English. So a sentence of an error is an
English string like any other, which also remembers what it was made of: a catalog knows
the template, and nobody below needs to know of catalogs.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Self


class Phrase(str):
    """An English sentence with its `template` and the `facts` in it, which may be phrases."""

    template: str
    facts: dict[str, str | int | float]

    def __new__(cls, template: str, facts: Mapping[str, object]) -> Self:
        """The sentence that `template` makes of `facts`."""
        plain = {name: _plain(fact) for name, fact in facts.items()}
        phrase = super().__new__(cls, template.format(**plain))
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
        return translate(self.template).format(**facts)


def phrase(template: str, /, **facts: object) -> Phrase:
    """A sentence from `template` with its `{name}` fields filled by `facts`."""
    return Phrase(template, facts)


def joined(separator: str, parts: Iterable[str]) -> Phrase:
    """`parts` in a row, each of which stays translatable."""
    facts = {f"part{n}": each for n, each in enumerate(parts)}
    return Phrase(separator.join(f"{{{name}}}" for name in facts), facts)


def _plain(fact: object) -> str | int | float:
    return fact if isinstance(fact, str | int | float) else str(fact)
