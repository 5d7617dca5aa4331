"""The lines of a result: verdict, facts, one bar per task, and the time ledger. Pure."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from engine.marking import MAX_SCORE, PASS_PERCENT
from tui.locale import N_, _, ngettext
from tui.screens.end_text import percent
from tui.text.format import bar, fit, score_text, short_path, spent_text, spread, whole_percents
from tui.text.levels import level_word
from tui.text.modes import length_text
from tui.text.verdicts import TONES, score_tone

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.grading.protocol import Message
    from tui.text.outcome import Outcome, TaskOutcome

_Parts = tuple[tuple[str, str], ...]
_QUIET, _EMPTY = "$foreground-muted", "$foreground-disabled"
_NAMES, _LEAST_BAR, _GAP = 16, 9, 2  # the least room for a task's name, and for its bar
_SCORE, _COUNTS = 7, 16  # "11.1 of 11.1 %" and a gap
_TIME, _ATTEMPTS, _SHARE = 10, 10, 7
_SHORTEST = 1.0  # seconds that are worth a line in the ledger


def is_good(outcome: Outcome) -> bool:
    """Whether the result is final and good."""
    won = outcome.report.passed if outcome.report.kind == "exam" else outcome.report.percent >= 100
    return won and not outcome.pending


def tone(outcome: Outcome) -> str:
    """The style of the ring and of the text in it."""
    if outcome.pending:
        return TONES["caution"]
    if outcome.report.kind == "practice":
        return TONES["good" if is_good(outcome) else "plain"]
    return TONES["good" if outcome.report.passed else "bad"]


def _glyph(outcome: Outcome) -> str:
    if outcome.pending:
        return "▶"
    if outcome.report.kind == "practice":
        return "✓" if is_good(outcome) else "●"
    return "✓" if outcome.report.passed else "✗"


def inside(outcome: Outcome) -> list[Content]:
    """The text in the ring: the total, and a glyph for the verdict."""
    style = f"bold {tone(outcome)}"
    return [
        Content.styled(percent(outcome.report.percent), style),
        Content.styled(_glyph(outcome), style),
    ]


def verdict(outcome: Outcome) -> Content:
    """Glyph and word, and a note if gradings are still to come."""
    word = _("Session over")
    if outcome.pending:
        word = ngettext(
            "{n} grading is still to come …", "{n} gradings are still to come …", outcome.pending
        ).format(n=outcome.pending)
    elif outcome.report.kind == "exam":
        word = _("PASSED") if outcome.report.passed else _("NOT PASSED")
    return Content.styled(f"{_glyph(outcome)} {word}", f"bold {tone(outcome)}")


def facts(outcome: Outcome) -> list[Content]:
    """Level, time, pass mark, mode, the paper's code and its folder."""
    ends = {"candidate": _("ended by you"), "time": _("time ran out")}
    end = ends.get(outcome.report.ended_by or "", "")
    used = _("{used} of {whole} used").format(
        used=spent_text(outcome.report.used_seconds), whole=spent_text(outcome.report.length)
    )
    level = outcome.report.level
    rows = [(_("Level"), level_word(level))] if level else []
    rows.append((_("Time"), f"{used} · {end}" if end else used))
    rows += _extra_time(outcome)
    if outcome.report.kind == "exam":
        rows.append((_("To pass"), f"{PASS_PERCENT:.0f} %"))
    if outcome.drawn:
        rows.append((_("Measured"), _("on a new random sample each time")))
    if hints := _hints_text(outcome):
        rows.append((_("Hints"), hints))
    if outcome.report.code:
        rows.append((_("Paper"), outcome.report.code))
    rows.append((_("Folder"), short_path(outcome.workspace)))
    width = max(cell_len(label) for label, _text in rows) + 2
    return [Content.assemble((fit(label, width), _QUIET), text) for label, text in rows]


def _extra_time(outcome: Outcome) -> list[tuple[str, str]]:
    """The length, if there was extra time."""
    factor = outcome.report.extra_time
    return [(_("Length"), length_text(outcome.report.minutes, factor))] if factor else []


def _hints_text(outcome: Outcome) -> str:
    """How many hints were seen, and in which categories; "" if none."""
    seen = sum(each.hints or 0 for each in outcome.report.tasks)
    if not seen:
        return ""
    where = [str(each.category) for each in outcome.report.tasks if each.hints]
    text = ngettext("{n} seen, in category {where}", "{n} seen, in categories {where}", len(where))
    return text.format(n=seen, where=", ".join(dict.fromkeys(where)))


def _shape(outcome: Outcome, width: int, tail: int) -> tuple[int, int]:
    """The widths of name and bar in a line of `width` cells, of which the last `tail` are taken.

    Bars stand right beside the names, and take what these leave.
    """
    longest = max((cell_len(_name(each)) for each in outcome.tasks), default=0)
    longest = max(longest, cell_len(_total()), _NAMES) + _GAP
    names = max(_NAMES, min(longest, width - tail - _LEAST_BAR))
    return names, max(1, width - tail - names)


def _name(task: TaskOutcome) -> str:
    return f"{task.report.category}  {task.title}"


def _total() -> str:
    return "   " + _("Total, by weight")


def task_lines(outcome: Outcome, width: int) -> list[Content]:
    """Each task with its bar, its score and its contribution."""
    names, cells = _shape(outcome, width, _SCORE + _COUNTS)
    return [_task_line(each, names, cells) for each in outcome.tasks]


def _task_line(task: TaskOutcome, names: int, cells: int) -> Content:
    style = TONES[score_tone(task.report.score)]
    filled, empty = bar(task.report.score / MAX_SCORE, cells)
    counts = _("{part} of {whole}").format(part=f"{task.counts:.3g}", whole=percent(task.share))
    return Content.assemble(
        fit(_name(task), names - 1),
        " ",
        (filled, style),
        (empty, _EMPTY),
        (spread("", f"{_mark(task)} {score_text(task.report.score)}", _SCORE), f"bold {style}"),
        (spread("", counts, _COUNTS), _QUIET),
    )


def _mark(task: TaskOutcome) -> str:
    """A glyph for full marks, some, or none, beside the figures and the colour."""
    if task.report.score == MAX_SCORE:
        return "✓"
    return "●" if task.report.score else "○"


def total_line(outcome: Outcome, width: int) -> Content:
    """The total below the scores."""
    names, cells = _shape(outcome, width, _SCORE + _COUNTS)
    # Rounded down: only a full total fills it.
    filled, empty = bar(math.floor(outcome.report.percent / 100 * cells) / cells, cells)
    style = tone(outcome)
    return Content.assemble(
        (fit(_total(), names), "bold"),
        (filled, style),
        (empty, _EMPTY),
        (spread("", percent(outcome.report.percent), _SCORE + _COUNTS), f"bold {style}"),
    )


def not_taken(found: Sequence[Message]) -> list[Content]:
    """The models that lay in the folders at the end and do not count."""
    return [Content.styled("! " + each.text(_), TONES["caution"]) for each in found]


_COLUMNS = (
    (N_("spent"), _TIME),
    ("", _SHARE),
    (N_("best at"), _TIME),
    (N_("attempts"), _ATTEMPTS),
)


def ledger(outcome: Outcome, width: int) -> list[Content]:
    """Where the time went: per task the time spent, when the best score came, attempts."""
    names, cells = _shape(outcome, width, sum(cells for _label, cells in _COLUMNS))
    labels = "".join(spread("", _(label) if label else "", each) for label, each in _COLUMNS)
    head = Content.assemble((fit(_("Time ledger"), names), "bold"), " " * cells, (labels, _QUIET))
    whole = outcome.report.used_seconds or 1.0
    seconds = [each.report.spent_seconds for each in outcome.tasks]
    if outcome.elsewhere >= _SHORTEST:
        seconds.append(outcome.elsewhere)
    parts = [min(1.0, each / whole) for each in seconds]
    spent = [
        _spent(*each, cells) for each in zip(seconds, parts, whole_percents(parts), strict=True)
    ]
    lines = [head, *map(_ledger_line, outcome.tasks, spent, itertools.repeat(names))]
    other = (fit("   " + _("no category"), names), _QUIET)
    return lines + [Content.assemble(other, *each) for each in spent[len(outcome.tasks) :]]


def _ledger_line(task: TaskOutcome, spent: _Parts, names: int) -> Content:
    best = "–" if task.best_at is None else spent_text(task.best_at)
    return Content.assemble(
        fit(_name(task), names - 1),
        " ",
        *spent,
        spread("", best, _TIME),
        spread("", str(task.report.attempts), _ATTEMPTS),
    )


def _spent(seconds: float, part: float, percents: int, cells: int) -> _Parts:
    filled, empty = bar(part, cells)
    return (
        (filled, TONES["plain"]),
        (empty, _EMPTY),
        (spread("", spent_text(seconds), _TIME), ""),
        (spread("", f"{percents} %", _SHARE), _QUIET),
    )
