"""What became of a task that was started again, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.locale import _

if TYPE_CHECKING:
    from engine.sitting.starter_reset import StarterReset


def reset_text(done: StarterReset) -> str:
    """Where the starter lies, and under which name the candidate's file is."""
    name = f"{done.path.parent.name}/{done.path.name}"
    text = (
        _("{name} is as it was handed out.")
        if done.changed
        else _("{name} already is as it was handed out.")
    )
    said = [text.format(name=name)]
    if done.kept:
        kept = _("Yours is kept as {name}.")
        said.append(kept.format(name=", ".join(each.name for each in done.kept)))
    if done.briefs:
        back = ", ".join(each.name for each in done.briefs)
        said.append(_("Also there again: {names}.").format(names=back))
    return " ".join(said)


def data_text(folder: str) -> str:
    """That the data are in the category folder of that name again."""
    return _("{name} is there again, as it was handed out.").format(name=f"{folder}/data")
