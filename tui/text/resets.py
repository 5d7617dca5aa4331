"""What became of a task that was started again, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.locale import _

if TYPE_CHECKING:
    from engine.sitting.starter_reset import StarterReset


def reset_text(done: StarterReset) -> str:
    """Where the starter lies, and under which name the candidate's file is."""
    name = f"{done.path.parent.name}/{done.path.name}"
    if not done.changed:
        return _("{name} already is as it was handed out.").format(name=name)
    text = _("{name} is as it was handed out.").format(name=name)
    if not done.kept:
        return text
    kept = _("Yours is kept as {name}.")
    return f"{text} {kept.format(name=', '.join(each.name for each in done.kept))}"
