"""The language of everything people read: stdlib gettext with the catalogs beside this file.

English is the language of the source, so it needs no catalog. The language is set before the
first screen is made. Text is translated when it is shown, never when a module is imported, so
tables of labels can be module constants marked with `N_`.
"""

import gettext as _gettext
from collections.abc import Iterable
from pathlib import Path

from exam_bank.phrase import Phrase

FOLDER = Path(__file__).parent
DOMAIN = "tfexam"
CATALOGS = {"zh": "zh_CN"}

_catalog: _gettext.NullTranslations = _gettext.NullTranslations()
_language = "en"


def set_language(language: str) -> None:
    """Use the catalog of `language` ("en" or "zh") from now on; English if there is none."""
    global _catalog, _language
    _language = language
    name = CATALOGS.get(language)
    if name is None:
        _catalog = _gettext.NullTranslations()
    else:
        _catalog = _gettext.translation(DOMAIN, FOLDER, [name], fallback=True)


def language() -> str:
    """The current language, as it was set."""
    return _language


def _(message: str) -> str:
    """`message` in the current language."""
    return _catalog.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a message that fits `count`, in the current language."""
    return _catalog.ngettext(one, many, count)


def say(text: str) -> str:
    """A sentence from the packages below, in the current language; errors carry phrases."""
    return text.said(_) if isinstance(text, Phrase) else text


def listed(parts: Iterable[str]) -> str:
    """`parts` one after the other, with the comma of the current language."""
    return _(", ").join(parts)


def labelled(label: str, text: str) -> str:
    """`label` and what it says, with the colon of the current language."""
    return _("{label}: {text}").format(label=label, text=text)


def noted(text: str, note: str) -> str:
    """`text` with `note` in brackets, those of the current language."""
    return _("{text} ({note})").format(text=text, note=note)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a constant for extraction; it is translated by `_` when it is shown."""
    return message
