"""The language of a page: the floor above owns the catalogs, so it passes in its functions.

Sentences in templates are marked with `_` and `ngettext`, those in code with `phrase`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from exam_bank.phrase import Phrase

# What the attribute `lang` of a page says.
_TAGS = {"en": "en", "zh": "zh-CN"}


def _same(one: str, many: str, count: int) -> str:
    return one if count == 1 else many


@dataclass(frozen=True)
class Words:
    """A language as a setting names it, and what looks messages up in it."""

    language: str = "en"
    gettext: Callable[[str], str] = str
    ngettext: Callable[[str, str, int], str] = _same

    @property
    def tag(self) -> str:
        """The language as HTML names it."""
        return _TAGS.get(self.language, self.language)

    def say(self, text: str) -> str:
        """`text` in this language, if it is a phrase."""
        return text.said(self.gettext) if isinstance(text, Phrase) else text

    def listed(self, parts: Iterable[str], separator: str = ", ") -> str:
        """`parts` one after the other, with the comma or other `separator` of this language."""
        return self.gettext(separator).join(parts)

    def labelled(self, label: str, text: str) -> str:
        """`label` and what it says, with the colon of this language."""
        return self.gettext("{label}: {text}").format(label=label, text=text)
