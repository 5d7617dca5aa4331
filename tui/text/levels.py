"""The levels as a candidate reads them: a word, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.locale import N_, _

if TYPE_CHECKING:
    from exam_bank.task import Level

_WORDS: dict[Level, str] = {"classic": N_("classic"), "hard": N_("hard")}
MEANINGS: dict[Level, str] = {
    "classic": N_("as hard as the real exam"),
    "hard": N_("harder than the real exam"),
}


def level_word(level: Level) -> str:
    """The level in the current language."""
    return _(_WORDS[level])
