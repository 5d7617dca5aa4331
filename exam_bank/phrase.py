"""Sentences that remember their template, so that a screen can translate them.

Errors are raised on the lower floors and read on the top one, in the candidate's language;
logs stay English. So the text of an error is an ordinary English
string that also remembers its template and facts: message catalogs translate the template,
and the lower floors need not know about catalogs.

Templates and facts also come back from journals and grading children, which can hold
anything. So a sentence is always one line of bounded length that is safe for a terminal,
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
    """An English sentence with its `template` and `facts`, which may be phrases too."""

    template: str
    facts: dict[str, str | int | float]

    def __new__(cls, template: str, facts: Mapping[str, object]) -> Self:
        """The sentence: `template` filled with `facts`."""
        plain = {name: _plain(fact) for name, fact in facts.items()}
        phrase = super().__new__(cls, filled(template, plain))
        phrase.template, phrase.facts = template, plain
        return phrase

    def __reduce__(self) -> tuple[type[Self], tuple[str, dict[str, str | int | float]]]:
        """Pickle template and facts: errors come back from other processes."""
        return type(self), (self.template, self.facts)

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence with its template, and those of its facts, put through `translate`."""
        facts = {
            name: fact.said(translate) if isinstance(fact, Phrase) else fact
            for name, fact in self.facts.items()
        }
        return filled(translate(self.template), facts)


def phrase(template: str, /, **facts: object) -> Phrase:
    """A sentence from `template` with its `{name}` fields filled by `facts`."""
    return Phrase(template, facts)


def joined(separator: str, parts: Iterable[str]) -> Phrase:
    """`parts` with `separator` between them; each stays translatable, as does the separator."""
    facts = {f"part{n}": each for n, each in enumerate(parts)}
    template = "{between}".join(f"{{{name}}}" for name in facts)
    return Phrase(template, facts | {"between": Phrase(separator, {})})


def filled(template: str, facts: Mapping[str, str | int | float]) -> str:
    """`template` with its fields filled, safe to show; unchanged if they cannot be filled.

    A field may be a fact's name with a short format, but never an attribute of a fact or
    a width that would take gigabytes.
    """
    template = template[: LONGEST + 1]
    known = {name: _bounded(fact) for name, fact in facts.items()}
    try:
        fields = [(name, spec or "") for _, name, spec, _ in Formatter().parse(template)]
        if all(name is None or (name in known and _SPEC.fullmatch(spec)) for name, spec in fields):
            return printable(template.format_map(known))
    except (ValueError, OverflowError):  # unbalanced braces, "{n:d}" for a string
        pass
    return printable(template)


def _bounded(fact: str | int | float) -> str | int | float:
    return printable(fact, _LONGEST_FACT) if isinstance(fact, str) else fact


def _plain(fact: object) -> str | int | float:
    return fact if isinstance(fact, str | int | float) else str(fact)
