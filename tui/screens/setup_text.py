"""The set-up screen's texts: the order and the preparation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from engine.clock import local_time
from tui.link.services import extra_time_of, level_of, mode_of
from tui.locale import N_, _
from tui.start import NewExam, NewPractice
from tui.text.format import bar, fit
from tui.text.levels import MEANINGS, level_word
from tui.text.modes import length_text

if TYPE_CHECKING:
    from engine.settings import Settings
    from engine.sitting.state.sitting import Mode, SittingRecord
    from exam_bank.preparation import Step

Order = NewExam | NewPractice | Path
_BAR_CELLS = 24
_MODES: dict[Mode, str] = {
    "faithful": N_("faithful: shows n/5 only, as in the real exam"),
    "coach": N_("coach: explains each score"),
    "blind": N_("blind: shows no score before the end"),
}


def order_rows(
    order: Order, settings: Settings, record: SittingRecord | None
) -> list[tuple[str, str]]:
    """Label and text for what will be sat; once a sitting is prepared, its `record` counts."""
    if record is not None:
        minutes, mode, folder = record.minutes, record.mode, record.workspace
        extra_time, closes = record.extra_time, record.closes or None
        level = record.paper.level
        automatic = record.is_automatic(settings.auto_grade)
    else:
        wanted = NewExam() if isinstance(order, Path) else order
        usual = settings.practice_minutes if isinstance(wanted, NewPractice) else settings.minutes
        minutes, mode = wanted.minutes or usual, mode_of(wanted, settings)
        level = level_of(wanted, settings)
        extra_time, closes = extra_time_of(wanted, settings), _closes(wanted)
        folder = str(wanted.dir or _("a new folder in {folder}").format(folder=settings.workspaces))
        automatic = {"as_set": settings.auto_grade, "automatic": True}.get(wanted.submitting, False)
    rows = [
        (_("Level"), " · ".join((level_word(level), _(MEANINGS[level])))),
        (_("Length"), length_text(minutes, extra_time)),
        (_("Mode"), _(_MODES[mode])),
    ]
    if closes is not None:
        rows.append((_("Ends"), _("by {time} at the latest").format(time=local_time(closes))))
    if not automatic:
        # The common case needs no line.
        rows.append((_("Submitting"), _("by hand: nothing is graded until you press s")))
    return [*rows, (_("Folder"), folder)]


def _closes(order: NewExam | NewPractice) -> float | None:
    """When a class paper closes, with the extra time it gives."""
    given = order.class_paper if isinstance(order, NewExam) else None
    return None if given is None else given.closes


def table(rows: Sequence[tuple[str, str]]) -> Content:
    """A column of labels as wide as the widest."""
    width = max((cell_len(label) for label, _text in rows), default=0) + 2
    return Content("\n").join(
        Content.assemble((fit(label, width), "$foreground-muted"), text) for label, text in rows
    )


def step_text(step: Step | None) -> Content:
    """The progress of the preparation."""
    words = _("Preparing the paper …")
    if step is None or not step.total:
        return Content(words)
    filled, empty = bar(step.done / step.total, _BAR_CELLS)
    return Content.assemble(
        words,
        "\n",
        (filled, "$primary"),
        (empty, "$foreground-disabled"),
        f" {step.done}/{step.total}",
    )
