"""Why a setting's text cannot be used, in the current language.

The settings are read before the first paint and give their reasons in English only; this
module makes those known to the catalogs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tui.locale import N_, _

if TYPE_CHECKING:
    from engine.settings_schema import Setting

_KNOWN = (
    N_("it must be a number above 0 and below 1000000"),
    N_("it must be 1 or 0"),
    N_("it must be text, a number, true or false, or a list of text"),
    N_("each item of the list must be text"),
    N_("its name is not valid UTF-8"),
    N_("its name holds a zero byte"),
    N_("Could not determine home directory"),  # Python's own words, for ~somebody
)


def fault_of(setting: Setting, text: str) -> str:
    """Why `text` is not a value for `setting`; empty if it is one."""
    try:
        value = setting.value_of(text)
    except ValueError as error:
        return _(str(error).rstrip("."))
    match value:
        case Path():
            return _place_fault(value)
        case tuple():
            absent = [each for each in value if not each.is_dir()]
            return _("{name} is not a folder.").format(name=absent[0]) if absent else ""
        case _:
            return ""


def _place_fault(folder: Path) -> str:
    from engine.sitting.store.workspace_check import place_fault

    fault = place_fault(folder)
    return "" if fault is None else fault.text(_)
