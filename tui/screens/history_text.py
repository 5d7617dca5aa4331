"""The history screen's texts: a line for each sitting, its details, and how exams went. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from engine.marking import MAX_SCORE
from tui.locale import N_, _, ngettext, say
from tui.text.format import bar, clock_text, fit, score_text, short_path, sparkline, spent_text
from tui.text.levels import level_word
from tui.text.modes import length_text, mode_word
from tui.text.verdicts import TONES, score_tone

if TYPE_CHECKING:
    from engine.sitting.store.history import Summary

_COLUMNS = (
    (N_("Date"), 17),
    (N_("Kind"), 9),
    (N_("Result"), 15),
    (N_("Total"), 6),
    (N_("Scores"), 10),
    (N_("Level"), 8),
    (N_("Mode"), 14),
)
_BRIEF = 5  # columns that are left beside the details
_LEAST_NAME, _LEAST_BAR, _MOST_BAR, _SCORE = 8, 8, 20, 5


def trend(summaries: Sequence[Summary]) -> str:
    """How the exams went, the newest last."""
    percents = _exam_percents(summaries)
    if len(percents) < 2:
        return ""
    first, last = f"{percents[0]:.0f}", f"{percents[-1]:.0f}"
    text = _("exams: {bars} from {first} % to {last} %")
    return text.format(bars=sparkline(percents, 30), first=first, last=last)


def _exam_percents(summaries: Sequence[Summary]) -> list[float]:
    """The totals of the exams that are over, oldest first."""
    done = (each for each in reversed(summaries) if each.kind == "exam" and each.phase == "ended")
    return [each.percent for each in done if not each.unfinished]


def trend_lines(summaries: Sequence[Summary], width: int) -> list[str]:
    """The same with more words, for a pane of `width` cells; nothing for fewer than two exams."""
    percents = _exam_percents(summaries)
    if len(percents) < 2:
        return []
    count = ngettext("{n} exam", "{n} exams", len(percents)).format(n=len(percents))
    facts = _("first {first} %, best {best} %, last {last} %").format(
        first=f"{percents[0]:.0f}", best=f"{max(percents):.0f}", last=f"{percents[-1]:.0f}"
    )
    return [sparkline(percents, width), f"{count} · {facts}", _change(percents[-1] - percents[-2])]


def _change(points: float) -> str:
    """How the last exam compares with the one before, in whole points."""
    whole = round(abs(points))
    if not whole:
        return _("→ the last is as good as the one before")
    text = (
        ngettext(
            "↑ the last is {n} point above the one before",
            "↑ the last is {n} points above the one before",
            whole,
        )
        if points > 0
        else ngettext(
            "↓ the last is {n} point below the one before",
            "↓ the last is {n} points below the one before",
            whole,
        )
    )
    return text.format(n=whole)


def made(summary: Summary) -> str:
    """When a sitting was made."""
    return summary.created.local().strftime("%Y-%m-%d %H:%M")


def columns(*, brief: bool) -> Content:
    """The names of the columns; with `brief`, only of those that fit beside the details."""
    return _line([Content(_(name)) for name, _cells in _COLUMNS], brief=brief)


def _line(cells: list[Content], *, brief: bool) -> Content:
    """The cells at the widths of their columns, cropped where wider."""
    parts = []
    shown = _COLUMNS[:_BRIEF] if brief else _COLUMNS
    for (_name, width), cell in zip(shown, cells, strict=False):
        short = cell.truncate(width - 1, ellipsis=True)
        parts.append(short.pad_right(width - short.cell_length))
    return Content("").join(parts).rstrip()


def row(summary: Summary, *, brief: bool) -> Content:
    """One sitting in a line."""
    date = Content(made(summary))
    if summary.phase == "damaged":
        blank = Content.styled("–", "$foreground-muted")
        return _line([date, _kind(summary), _state(summary), *[blank] * 4], brief=brief)
    return _line(
        [
            date,
            _kind(summary),
            _state(summary),
            Content(_percent(summary)),
            Content(" ".join(str(score) for score in summary.scores.values()) or "–"),
            Content(level_word(summary.level) if summary.level else "–"),
            Content(_mode(summary)),
        ],
        brief=brief,
    )


def _kind(summary: Summary) -> Content:
    if not summary.has_record:
        return Content.styled(_("unknown"), "$foreground-muted")
    return Content(_("Exam") if summary.kind == "exam" else _("Practice"))


def _mode(summary: Summary) -> str:
    """The mode, extra time, and how many hints were seen."""
    mode = mode_word(summary.mode)
    if summary.extra_time != 1:
        mode += f" × {summary.extra_time:g}"
    if not summary.hints:
        return mode
    hints = ngettext("{n} hint", "{n} hints", summary.hints).format(n=summary.hints)
    return f"{mode} · {hints}"


def _state(summary: Summary) -> Content:
    match summary.phase:
        case "damaged":
            return Content.styled("! " + _("damaged"), "$text-error")
        case "prepared":
            return Content.styled("○ " + _("not started"), "$foreground-muted")
        case "running" if summary.is_time_up:
            return Content.styled("▶ " + _("time is up"), "$text-primary")
        case "running" | "paused":
            left = clock_text(summary.time_left)
            return Content.styled("▶ " + _("{left} left").format(left=left), "$text-primary")
        case _:
            return _outcome(summary)


def _outcome(summary: Summary) -> Content:
    if summary.unfinished:
        return Content.styled("▶ " + _("being graded"), "$text-primary")
    if summary.kind == "practice":
        return Content("● " + _("over"))
    if summary.passed:
        return Content.styled("✓ " + _("passed"), "$text-success")
    return Content.styled("✗ " + _("not passed"), "$text-error")


def _percent(summary: Summary) -> str:
    return "–" if summary.withheld else f"{summary.percent:.0f} %"


def words(summary: Summary, titles: Mapping[str, str]) -> Sequence[str]:
    """Everything that a filter finds a sitting by."""
    line = row(summary, brief=False).plain
    tasks = [titles.get(each, each) for each in summary.tasks or summary.scores]
    return [line, _mode(summary), _state(summary).plain, summary.code, summary.workspace, *tasks]


def facts(summary: Summary) -> Iterator[tuple[str, str]]:
    """Label and text of each fact of a sitting."""
    if summary.phase == "damaged":
        yield _("Fault"), say(summary.fault)
        yield _("Folder"), short_path(summary.folder)
        return
    yield _("Result"), f"{_state(summary).plain} · {_percent(summary)}"
    yield _("Time"), _time(summary)
    if summary.level:
        yield _("Level"), level_word(summary.level)
    yield _("Mode"), _mode(summary)
    if summary.code:
        yield _("Paper"), summary.code
    yield _("Folder"), short_path(summary.workspace)


def _time(summary: Summary) -> str:
    """How much of its time was used, once it has begun."""
    if summary.phase == "prepared":
        return length_text(summary.minutes, summary.extra_time)
    whole = summary.minutes * 60 * summary.extra_time
    return _("{used} of {whole} used").format(
        used=spent_text(whole - summary.time_left), whole=spent_text(whole)
    )


def score_lines(summary: Summary, titles: Mapping[str, str], width: int) -> list[Content]:
    """Each task with its score, as a bar and in figures."""
    names = max((cell_len(titles.get(each, each)) for each in summary.scores), default=0)
    names = min(names + 2, max(_LEAST_NAME, width - _LEAST_BAR - _SCORE))
    cells = min(_MOST_BAR, width - names - _SCORE)
    return [
        _score_line(fit(titles.get(task, task), names - 1), score, cells)
        for task, score in summary.scores.items()
    ]


def _score_line(name: str, score: int, cells: int) -> Content:
    style = TONES[score_tone(score)]
    filled, empty = bar(score / MAX_SCORE, cells)
    return Content.assemble(
        f"{name} ",
        (filled, style),
        (empty, "$foreground-disabled"),
        (f"  {score_text(score)}", f"bold {style}"),
    )
