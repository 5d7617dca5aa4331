"""`tfexam history`: past sittings and the open one, newest first."""

from typing import TYPE_CHECKING

import click

from exam_bank.printable import printable
from tui.commands.options import format_option, json_row, settings_of, table
from tui.locale import N_, _, labelled

if TYPE_CHECKING:
    from engine.sitting.store.history import Summary
    from engine.sitting.store.repair import Checkup


@click.command()
@click.option("--check", is_flag=True, help="Check every sitting's files; change nothing.")
@click.option(
    "--recover",
    metavar="SITTING",
    help="Continue from the events before the damage in its journal; the damaged one is kept.",
)
@click.option(
    "--finish",
    "is_to_finish",
    is_flag=True,
    help="Grade what sittings that are over left ungraded, and wait for it.",
)
@format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context, check: bool, recover: str | None, is_to_finish: bool, notation: str
) -> None:
    """List past sittings and their results, newest first.

    With --check, exits with status 1 if something is damaged; with --finish, if something could
    not be graded.

    \b
    Examples:
      tfexam history
      tfexam history --format json | head -1
      tfexam history --finish         grade what is still waiting
      tfexam history --check          are all journals and frozen models intact?
      tfexam report                   the newest sitting in full
    """  # noqa: D301
    if recover:
        _recover(ctx, recover)
    elif is_to_finish:
        from engine.clock import SystemClock
        from tui.commands.history_finish import finish

        ctx.exit(0 if finish(settings_of(ctx), SystemClock()) else 1)
    elif check:
        ctx.exit(0 if _check(ctx, notation) else 1)
    else:
        _list(ctx, notation)


def _check(ctx: click.Context, notation: str) -> bool:
    """Report on every sitting's files; returns whether all are intact."""
    from engine.sitting.store.record import kept_sittings
    from engine.sitting.store.repair import check

    folder = settings_of(ctx).sittings_folder
    kept_sittings(folder)  # says why there can be none
    found = [check(each) for each in sorted(folder.iterdir())] if folder.is_dir() else []
    show = _show_json if notation == "json" else _show
    for each in found:
        show(each)
    return all(each.is_whole for each in found)


def _show_json(found: "Checkup") -> None:
    remarks = [{"weight": each.weight, "says": each.says} for each in found.remarks]
    facts = {"id": found.id, "whole": found.is_whole, "events": found.events}
    json_row(facts | {"submissions": found.submissions, "remarks": remarks})


def _show(found: "Checkup") -> None:
    glyph, word = ("✓", _("whole")) if found.is_whole else ("✗", _("damaged"))
    counts = _("{events} events, {submissions} submissions, {word}").format(
        word=word, events=found.events, submissions=found.submissions
    )
    click.echo(labelled(f"{glyph} {printable(found.id)}", counts))
    for remark in found.remarks:
        click.echo(f"  {remark.weight}: {printable(remark.says)}")


def _recover(ctx: click.Context, name: str) -> None:
    from engine.clock import SystemClock
    from engine.sitting.store.repair import recover
    from tui.commands.report import sitting_folder

    folder = sitting_folder(settings_of(ctx), name)
    count, kept = recover(folder, SystemClock())
    said = _("{name} continues from its first {count} events. The damaged journal is {kept}.")
    click.echo(printable(said.format(name=folder.name, count=count, kept=kept)))


def _list(ctx: click.Context, notation: str) -> None:
    from engine.clock import SystemClock
    from engine.sitting.store.history import sittings

    found = sittings(settings_of(ctx), SystemClock())
    if notation == "json":
        for each in found:
            json_row(_json(each))
    elif not found:
        click.echo(_("No sittings yet. `tfexam exam` starts the first."), err=True)
    else:
        _list_as_table(found)


def _list_as_table(found: "list[Summary]") -> None:
    click.echo(table(list(map(_, _HEAD)), map(_row, found)))
    for each in found:
        if each.fault:
            click.echo(printable(f"{each.id}: {each.fault}"), err=True)


KINDS = {"exam": N_("exam"), "practice": N_("practice")}
_HEAD = (
    *(N_("sitting"), N_("kind"), N_("level"), N_("when"), N_("phase")),
    *(N_("total"), N_("outcome"), N_("hints"), N_("paper")),
)


def _json(each: "Summary") -> dict[str, object]:
    hints = {"hints": each.hints} if each.hints else {}
    return hints | {
        "id": each.id,
        "kind": each.kind if each.has_record else None,
        "mode": each.mode if each.has_record else None,
        **({"level": each.level} if each.level else {}),
        "code": code_of(each),
        "created": each.created.utc(),
        "phase": each.phase,
        "percent": each.percent if is_told(each) else None,
        "passed": each.passed if is_told(each) else None,
        "scores": each.scores,
        "minutes": each.minutes,
        **({"extra_time": each.extra_time} if each.extra_time != 1 else {}),
        "time_left": each.time_left,
        "folder": each.folder,
        "workspace": each.workspace,
        "fault": str(each.fault) or None,
    }


def code_of(each: "Summary") -> str | None:
    """The paper's code after the sitting has ended; earlier, it would reveal the hidden sets."""
    return each.code if each.phase == "ended" and each.code else None


def is_told(each: "Summary") -> bool:
    """Whether its scores are known and may be told."""
    return not each.withheld and each.phase != "damaged"


def _row(each: "Summary") -> tuple[object, ...]:
    return (
        each.id,
        _(KINDS[each.kind]) if each.has_record else _("unknown"),
        _(each.level) if each.level else "–",
        f"{each.created.local():%Y-%m-%d %H:%M}",
        _("time is up") if each.is_time_up else _(each.phase),
        f"{each.percent:g} %" if is_told(each) else "–",
        _outcome(each),
        each.hints or "–",
        code_of(each) or "–",
    )


def _outcome(each: "Summary") -> str:
    if each.phase != "ended":
        return "–"
    if each.unfinished:
        return _("being graded")
    if each.kind == "practice":  # neither passed nor failed
        return _("over")
    return _("PASS") if each.passed else _("FAIL")
