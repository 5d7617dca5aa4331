"""`tfexam status`: the open sitting in one line, for a shell prompt or tmux's status line."""

from typing import TYPE_CHECKING, Any

import click

from exam_bank.printable import printable
from tui.commands.options import format_option, json_row, settings_of
from tui.locale import _
from tui.text.format import clock_text, score_text

if TYPE_CHECKING:
    from engine.clock import Clock
    from engine.sitting.state.sitting import Sitting, Submission

NO_SITTING = 1


@click.command()
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, notation: str) -> None:
    """Show the open sitting in one line: time left, scores, total, last verdict.

    Prints nothing and exits with status 1 if no sitting is open.

    \b
    Examples:
      tfexam status
      set -g status-right '#(tfexam status)'     in ~/.tmux.conf
    """  # noqa: D301
    from engine.clock import SystemClock
    from engine.sitting.store.history import newest_open

    clock = SystemClock()
    sitting = newest_open(settings_of(ctx), clock)
    if sitting is None:
        ctx.exit(NO_SITTING)
    if notation == "json":
        json_row(_facts(sitting, clock))
    else:
        click.echo(printable(_line(sitting, clock)))


def _line(sitting: "Sitting", clock: "Clock") -> str:
    from engine.sitting.state.sitting import Phase

    left = _("{left} left").format(left=clock_text(sitting.time_left(clock.now())))
    glyph = "‖" if sitting.phase is Phase.PAUSED else "▶"
    parts = [f"{glyph} {left}"]
    if sitting.withheld:
        parts.append(_("blind"))
    else:
        scores = " ".join(_score(sitting, each.task) for each in sitting.record.paper.tasks)
        parts += [scores, f"{sitting.percent:.0f} %"]
    if (last := _last(sitting)) is not None:
        parts.append(_verdict(sitting, last))
    return " · ".join(parts)


def _score(sitting: "Sitting", task: str) -> str:
    best = sitting.best(task)
    return "–" if best is None else str(best)


def _last(sitting: "Sitting") -> "Submission | None":
    return sitting.submissions[-1] if sitting.submissions else None


def _category(sitting: "Sitting", task: str) -> int:
    return next(each.category for each in sitting.record.paper.tasks if each.task == task)


def _verdict(sitting: "Sitting", last: "Submission") -> str:
    from tui.text.verdicts import look_of_submission

    category = _("Category {n}").format(n=_category(sitting, last.task))
    score = f" {score_text(last.score)}" if last.score is not None else ""
    return f"{category} {look_of_submission(last).text()}{score}"


def _facts(sitting: "Sitting", clock: "Clock") -> dict[str, Any]:
    from engine.grading.protocol import verdict_of

    record, last = sitting.record, _last(sitting)
    facts: dict[str, Any] = {
        "id": record.id,
        "kind": record.kind,
        "mode": record.mode,
        "phase": sitting.phase,
        "time_left": round(sitting.time_left(clock.now()), 1),
        "scores": {each.task: sitting.best(each.task) for each in record.paper.tasks},
        "percent": None if sitting.withheld else round(sitting.percent, 2),
        "workspace": record.workspace,
        "last": None,
    }
    if last is not None:
        facts["last"] = {
            "number": last.number,
            "task": last.task,
            "category": _category(sitting, last.task),
            "state": last.state,
            "verdict": verdict_of(last.grade) if last.grade is not None else None,
            "score": last.score,
        }
    return facts
