"""The lines of the skills screen. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from tui.locale import _, language
from tui.text import coaching
from tui.text.format import bar, fit, spread
from tui.text.verdicts import TONES

if TYPE_CHECKING:
    from datetime import datetime

    from engine.coaching.standing import Standing
    from engine.coaching.strength import SkillStrength

_QUIET, _EMPTY = "$foreground-muted", "$foreground-disabled"
_BAR, _FIGURES = 8, 5
_STRONG, _WEAK = 0.8, 0.5


def _glyph(found: SkillStrength) -> tuple[str, str]:
    """A glyph and a style for how strong a skill is, readable without colour."""
    if not found.tasks:
        return "–", _QUIET
    if found.best is None:
        return "○", _QUIET
    if found.strength >= _STRONG:
        return "✓", TONES["good"]
    return ("●", TONES["plain"]) if found.strength >= _WEAK else ("!", TONES["caution"])


def row(found: SkillStrength, width: int) -> Content:
    """One skill in a line of `width` cells: how strong, its name, its best score."""
    glyph, style = _glyph(found)
    name = coaching.in_language(found.skill.title)
    filled, empty = bar(found.strength, _BAR)
    return Content.assemble(
        (f"{glyph} ", style),
        fit(name, width - 2 - 1 - _BAR - _FIGURES),
        " ",
        (filled, style),
        (empty, _EMPTY),
        (spread("", coaching.best_text(found), _FIGURES), _QUIET),
    )


def coverage(skills: Sequence[SkillStrength]) -> str:
    """How many skills were practised, of those that a model can show."""
    tested = [each for each in skills if each.tasks]
    practised = sum(each.times > 0 for each in tested)
    return _("{practised} of {tested} practised").format(practised=practised, tested=len(tested))


def is_here(task: str, standing: Standing) -> bool:
    """Whether the data of `task` are on this machine."""
    return standing.available is None or task in standing.available


def details(found: SkillStrength, standing: Standing) -> list[Content]:
    """Everything about one skill."""
    lines = [
        Content.styled(coaching.in_language(found.skill.title), "bold"),
        Content.styled(coaching.group_title(found.skill.group), _QUIET),
        Content(""),
    ]
    if found.skill.untested is not None:
        why = coaching.in_language(found.skill.untested)
        return [*lines, Content(_("No graded model can show it: {why}.").format(why=why))]
    lines += _facts(found, standing.now)
    lines += [Content(""), Content.styled(_("Tested by"), "bold")]
    return [*lines, *_tasks(found, standing)]


def _facts(found: SkillStrength, now: datetime) -> list[Content]:
    if found.best is None:
        return [Content(_("Not practised yet."))]
    due = _("due again now") if found.is_due(now) else ""
    if not due and found.due is not None:
        due = found.due.astimezone(now.tzinfo).strftime("%Y-%m-%d")
    rows = [
        (_("Strength"), f"{100 * found.strength:.0f} %"),
        (_("Best score"), coaching.best_text(found)),
        (_("Practised"), coaching.ago(found.days_since(now))),
        (_("Remembered"), f"{100 * found.recall:.0f} %"),
        (_("Due"), due),
        (_("Help used"), coaching.help_text(found) or _("none")),
    ]
    return [Content.assemble((fit(label, 13), _QUIET), text) for label, text in rows]


def _tasks(found: SkillStrength, standing: Standing) -> Iterator[Content]:
    """Each task that tests it, with its best score so far."""
    best: dict[str, int] = {}
    for past in standing.past:
        best[past.task] = max(past.score, best.get(past.task, 0))
    tasks = {each.id: each for each in standing.tasks}
    for name in found.tasks:
        score = f"{best[name]}/5" if name in best else "–/5"
        title = f"{tasks[name].category}  {tasks[name].title(language())}"
        if not is_here(name, standing):
            title = _("{title} (not fetched)").format(title=title)
        yield Content.assemble((f"{score}  ", _QUIET), title)
