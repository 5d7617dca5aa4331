"""The language of everything a person reads: stdlib gettext over the catalogs beside this file.

English is the language of the source, so it needs no catalog. The language is set once,
before the first screen is made; text is translated when it is shown, never when a module
is imported, so that tables of labels can be module constants marked with `N_`.
"""

import gettext as _gettext
from pathlib import Path

from exam_bank.phrase import Phrase

FOLDER = Path(__file__).parent
DOMAIN = "tfexam"
CATALOGS = {"zh": "zh_CN"}

_catalog: _gettext.NullTranslations = _gettext.NullTranslations()


def set_language(language: str) -> None:
    """Use the catalog of `language` ("en" or "zh") from now on; English where none exists."""
    global _catalog
    name = CATALOGS.get(language)
    if name is None:
        _catalog = _gettext.NullTranslations()
    else:
        _catalog = _gettext.translation(DOMAIN, FOLDER, [name], fallback=True)


def _(message: str) -> str:
    """`message` in the language in force."""
    return _catalog.gettext(message) if message else ""


def ngettext(one: str, many: str, count: int) -> str:
    """The form of a message that fits `count`, in the language in force."""
    return _catalog.ngettext(one, many, count)


def say(text: str) -> str:
    """A sentence of the floors below in the language in force: those of errors are phrases."""
    return text.said(_) if isinstance(text, Phrase) else text


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a constant for extraction; it is translated by `_` when it is shown."""
    return message
