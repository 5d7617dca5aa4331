"""The report of a sitting as plain text, for `tfexam report` and for a printer."""

from engine.marking import MAX_SCORE
from engine.sitting.state.report import Report, TaskReport
from exam_bank.printable import printable
from tui.text.format import spent_text


def text(report: Report) -> str:
    """The report as plain lines of at most 80 columns."""
    lines = [
        f"{report.kind.capitalize()} {printable(report.sitting, 80)}",
        *_facts(report),
        "",
        f"{'':2}{'task':<28}{'score':>7}{'weight':>8}{'attempts':>10}{'best at':>10}{'spent':>10}",
        *(_row(each, withheld=bool(report.withheld)) for each in report.tasks),
        *_help(report),
        "",
        _verdict(report),
    ]
    return "\n".join(lines) + "\n"


def _facts(report: Report) -> list[str]:
    day = report.created.astimezone()
    used = f"{spent_text(report.used_seconds)} of {spent_text(report.length)} used"
    ended = {"candidate": ", ended by the candidate", "time": ", ended by the clock"}
    how = ended.get(report.ended_by or "", ", not ended")
    facts = [f"{day:%Y-%m-%d %H:%M}, {report.mode} mode, {used}{how}"]
    if report.extra_time:
        facts.append(f"Extra time: {report.minutes:g} minutes × {report.extra_time:g}")
    facts += [f"Level {report.level}"] if report.level else []
    return [*facts, f"Paper {printable(report.code, 80)}"] if report.code else facts


def _row(task: TaskReport, *, withheld: bool) -> str:
    best = "–" if task.best_seconds is None else spent_text(task.best_seconds)
    points = "–" if withheld else f"{task.score}/{MAX_SCORE}"
    name = f"{task.category} {task.task}"
    spent = spent_text(task.spent_seconds)
    return f"{'':2}{name:<28}{points:>7}{task.weight:>8g}{task.attempts:>10}{best:>10}{spent:>10}"


def _help(report: Report) -> list[str]:
    """A line about each task for which hints were seen, or that was given up."""
    lines = []
    for task in report.tasks:
        said = [f"{task.hints} hints seen"] if task.hints else []
        said += ["given up"] if task.given_up else []
        if said:
            lines.append(f"{'':2}{task.category} {task.task}: {', '.join(said)}")
    return ["", *lines] if lines else []


def _verdict(report: Report) -> str:
    if report.withheld:
        return "Blind: scores are shown after the end."
    if report.ended_by is None:
        return f"So far {report.percent:g} % ({report.pass_percent:g} % passes)"
    word = "PASS" if report.passed else "FAIL"
    return f"{word}: {report.percent:g} % ({report.pass_percent:g} % passes)"
