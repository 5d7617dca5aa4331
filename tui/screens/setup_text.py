"""What the set-up screen says of an order and of the preparation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tui.link.services import mode_of
from tui.locale import _
from tui.start import NewExam, NewPractice
from tui.text.format import bar, fit

if TYPE_CHECKING:
    from engine.settings import Settings
    from engine.sitting.state.sitting import Mode, SittingRecord
    from exam_bank.preparation import Step

Order = NewExam | NewPractice | Path
_BAR_CELLS = 24


def order_rows(
    order: Order, settings: Settings, record: SittingRecord | None
) -> list[tuple[str, str]]:
    """Label and text of what will be sat; the `record` of a sitting that is laid out rules."""
    rows = [
        (_("Length"), _("{n} minutes").format(n=f"{_minutes(order, settings, record):g}")),
        (_("Mode"), _mode_text(_mode(order, settings, record))),
        (_("Folder"), _folder_text(order, settings, record)),
    ]
    if not _is_automatic(order, settings, record):
        # What most do goes without saying.
        rows.insert(2, (_("Submitting"), _("by hand: nothing is graded before you press s")))
    return rows


def _is_automatic(order: Order, settings: Settings, record: SittingRecord | None) -> bool:
    if record is not None:
        return record.is_automatic(settings.auto_grade)
    if isinstance(order, Path) or order.submitting == "as_set":
        return settings.auto_grade
    return order.submitting == "automatic"


def _minutes(order: Order, settings: Settings, record: SittingRecord | None) -> float:
    if record is not None:
        return record.minutes
    if isinstance(order, NewPractice):
        return order.minutes or settings.practice_minutes
    given = order.minutes if isinstance(order, NewExam) else None
    return given or settings.minutes


def _mode(order: Order, settings: Settings, record: SittingRecord | None) -> Mode:
    if record is not None:
        return record.mode
    return settings.mode if isinstance(order, Path) else mode_of(order, settings)


def _mode_text(mode: Mode) -> str:
    if mode == "faithful":
        return _("faithful: n/5 and no more, as in the real exam")
    return _("coach: explains what a score is made of")


def _folder_text(order: Order, settings: Settings, record: SittingRecord | None) -> str:
    if record is not None:
        return record.workspace
    if not isinstance(order, Path) and order.dir is not None:
        return str(order.dir)
    return _("a new one in {folder}").format(folder=settings.workspaces)


def table(rows: Sequence[tuple[str, str]]) -> Content:
    """Labels in a column as wide as the widest."""
    width = max((cell_len(label) for label, _text in rows), default=0) + 2
    return Content("\n").join(
        Content.assemble((fit(label, width), "$foreground-muted"), text) for label, text in rows
    )


def step_text(step: Step | None) -> Content:
    """How far the preparation is."""
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
