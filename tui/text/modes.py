"""Modes and lengths of sittings in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.locale import N_, _

if TYPE_CHECKING:
    from engine.sitting.state.sitting import Mode

MODES: dict[Mode, str] = {
    "faithful": N_("faithful"),
    "coach": N_("coach"),
    "blind": N_("blind"),
}
MEANINGS: dict[Mode, str] = {
    "faithful": N_("shows n/5 only, as in the real exam"),
    "coach": N_("explains each score"),
    "blind": N_("shows no score before the end"),
}
WITHHELD = N_("Scores are shown after the end.")


def mode_word(mode: Mode) -> str:
    """The mode in the current language."""
    return _(MODES[mode])


def length_text(minutes: float, extra_time: float) -> str:
    """How long a sitting is; with extra time also how that comes about."""
    facts = {"n": f"{minutes * extra_time:g}", "usual": f"{minutes:g}", "factor": f"{extra_time:g}"}
    if extra_time == 1:
        return _("{n} minutes").format_map(facts)
    return _("{n} minutes ({usual} × {factor}, extra time)").format_map(facts)


def extra_time_text(extra_time: float) -> str:
    """The extra time in short: "extra time × 1.25"."""
    return _("extra time × {factor}").format(factor=f"{extra_time:g}")
