"""The report of a sitting as plain text, for `tfexam report` and for a printer."""

from collections.abc import Sequence

from engine.grading.protocol import Message
from engine.marking import MAX_SCORE
from engine.sitting.state.report import Report, TaskReport
from exam_bank.printable import printable
from tui.locale import N_, _, labelled, listed, ngettext
from tui.text.format import fit, right_aligned, spent_text

_KINDS = {"exam": N_("Exam"), "practice": N_("Practice")}
_HEADS = (N_("score"), N_("weight"), N_("attempts"), N_("best at"), N_("spent"))
_WIDTHS = (7, 8, 10, 12, 10)
_NAME = 28


def text(report: Report, not_taken: Sequence[Message] = ()) -> str:
    """The report as plain lines of at most 80 columns, then what was `not_taken` at the end."""
    lines = [
        f"{_(_KINDS[report.kind])} {printable(report.sitting, 80)}",
        *_facts(report),
        "",
        _line(_("task"), *map(_, _HEADS)),
        *(_row(each, withheld=bool(report.withheld)) for each in report.tasks),
        *_help(report),
        "",
        _verdict(report),
        *(printable(f"! {each.text(_)}") for each in not_taken),
    ]
    return "\n".join(lines) + "\n"


def _line(name: str, *cells: str) -> str:
    columns = (right_aligned(cell, width) for cell, width in zip(cells, _WIDTHS, strict=True))
    return f"  {fit(name, _NAME)}{''.join(columns)}"


def _facts(report: Report) -> list[str]:
    facts = _("{when}, {mode} mode, {used} of {whole} used, {end}").format(
        when=f"{report.created.astimezone():%Y-%m-%d %H:%M}",
        mode=_(report.mode),
        used=spent_text(report.used_seconds),
        whole=spent_text(report.length),
        end=_ended(report),
    )
    lines = [facts]
    if report.extra_time:
        extra = _("Extra time: {minutes} minutes × {factor}")
        lines.append(extra.format(minutes=f"{report.minutes:g}", factor=f"{report.extra_time:g}"))
    if report.level:
        lines.append(_("Level {level}").format(level=_(report.level)))
    if report.code:
        lines.append(_("Paper {code}").format(code=printable(report.code, 80)))
    return lines


def _ended(report: Report) -> str:
    if report.ended_by == "candidate":
        return _("ended by the candidate")
    return _("ended by the clock") if report.ended_by == "time" else _("not ended")


def _row(task: TaskReport, *, withheld: bool) -> str:
    best = "–" if task.best_seconds is None else spent_text(task.best_seconds)
    points = "–" if withheld else f"{task.score}/{MAX_SCORE}"
    figures = (points, f"{task.weight:g}", str(task.attempts), best)
    return _line(f"{task.category} {task.task}", *figures, spent_text(task.spent_seconds))


def _help(report: Report) -> list[str]:
    """A line about each task for which hints were seen, or that was given up."""
    lines = []
    for task in report.tasks:
        said = []
        if n := task.hints or 0:
            said.append(ngettext("{n} hint seen", "{n} hints seen", n).format(n=n))
        said += [_("given up")] if task.given_up else []
        if said:
            lines.append("  " + labelled(f"{task.category} {task.task}", listed(said)))
    return ["", *lines] if lines else []


def _verdict(report: Report) -> str:
    if report.withheld:
        return _("Blind: scores are shown after the end.")
    figures = {"percent": f"{report.percent:g}", "needed": f"{report.pass_percent:g}"}
    if report.waiting:
        return _waiting(report.waiting, figures["percent"])
    if report.kind == "practice":  # neither passed nor failed
        said = _("So far {percent} %") if report.ended_by is None else _("Over: {percent} %")
        return said.format(**figures)
    if report.ended_by is None:
        return _("So far {percent} % ({needed} % passes)").format(**figures)
    if report.passed:
        return _("PASS: {percent} % ({needed} % passes)").format(**figures)
    return _("FAIL: {percent} % ({needed} % passes)").format(**figures)


def _waiting(count: int, percent: str) -> str:
    text = ngettext(
        "So far {percent} %: {n} submission still waits to be graded. "
        "`tfexam history --finish` grades it.",
        "So far {percent} %: {n} submissions still wait to be graded. "
        "`tfexam history --finish` grades them.",
        count,
    )
    return text.format(percent=percent, n=count)
