"""`tfexam history`: past sittings and the one that is open, newest first."""

from typing import TYPE_CHECKING

import click

from tui.commands.options import format_option, json_row, settings_of, table

if TYPE_CHECKING:
    from engine.sitting.history import Summary


@click.command()
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, notation: str) -> None:
    """List past sittings, newest first, with what they came to.

    \b
    Examples:
      tfexam history
      tfexam history --format json | head -1
      tfexam report                   the newest one in full
    """  # noqa: D301
    from engine.clock import SystemClock
    from engine.sitting.history import sittings

    found = sittings(settings_of(ctx), SystemClock())
    if notation == "json":
        for each in found:
            json_row(_json(each))
    elif not found:
        click.echo("No sitting yet. `tfexam exam` starts the first.", err=True)
    else:
        head = ("sitting", "kind", "when", "phase", "total", "outcome", "paper")
        click.echo(table(head, map(_row, found)))
        for each in found:
            if each.fault:
                click.echo(f"{each.id}: {each.fault}", err=True)


def _json(each: "Summary") -> dict[str, object]:
    return {
        "id": each.id,
        "kind": each.kind,
        "mode": each.mode,
        "code": code_of(each),
        "created": each.created.utc(),
        "phase": each.phase,
        "percent": each.percent,
        "passed": each.passed,
        "scores": each.scores,
        "minutes": each.minutes,
        "time_left": each.time_left,
        "folder": each.folder,
        "workspace": each.workspace,
        "fault": each.fault or None,
    }


def code_of(each: "Summary") -> str | None:
    """The paper's code once the sitting has ended: before, it would give the hidden sets away."""
    return each.code if each.phase == "ended" and each.code else None


def _row(each: "Summary") -> tuple[object, ...]:
    when = f"{each.created.local():%Y-%m-%d %H:%M}"
    outcome = ("PASS" if each.passed else "FAIL") if each.phase == "ended" else "–"
    # Nobody has opened it since its clock ran out; the app then ends it.
    over = each.phase == "running" and not each.time_left
    return (
        each.id,
        each.kind,
        when,
        "time is up" if over else each.phase,
        f"{each.percent:g} %",
        outcome,
        code_of(each) or "–",
    )
