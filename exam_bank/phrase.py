"""Sentences that know their template, so that a screen can say them in another language.

Errors are raised on the lower floors and read on the highest, in the language of the
person there; logs and the command line stay English. So a sentence of an error is an
English string like any other, which also remembers what it was made of: a catalog knows
the template, and nobody below needs to know of catalogs.
"""

from collections.abc import Callable
from typing import Self


class Phrase(str):
    """An English sentence with its `template` and the `facts` in it, which may be phrases."""

    template: str
    facts: dict[str, object]

    def __new__(cls, template: str, facts: dict[str, object]) -> Self:
        """The sentence that `template` makes of `facts`."""
        phrase = super().__new__(cls, template.format(**facts))
        phrase.template, phrase.facts = template, facts
        return phrase

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
