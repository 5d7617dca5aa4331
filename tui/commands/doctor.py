"""`tfexam doctor`: is this machine ready for an exam, and if not, what to do about it."""

from typing import TYPE_CHECKING

import click

from tui.commands.options import format_option, json_row, settings_of
from tui.limits import need_threads

if TYPE_CHECKING:
    from engine.machine.checks import Check
    from engine.settings import Settings

GLYPHS = {"ok": "✓", "warning": "!", "failed": "✗"}


@click.command()
@click.option("--train", is_flag=True, help="Also train a small model and have it graded.")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, train: bool, notation: str) -> None:
    """Check Python, TensorFlow, disk, memory, GPU, sandbox, terminal and folders.

    Exits with status 1 if something would keep an exam from working.

    \b
    Examples:
      tfexam doctor
      tfexam doctor --train           a full run with TensorFlow, about half a minute
    """  # noqa: D301
    import asyncio

    settings = settings_of(ctx)
    need_threads()
    if asyncio.run(_check(settings, train, notation)):
        ctx.exit(1)


async def _check(settings: "Settings", train: bool, notation: str) -> bool:
    """Show each check as it comes; returns whether one failed."""
    from engine.machine.checks import run_checks

    failed = False
    async for check in run_checks(settings):
        _show(check, notation)
        failed |= check.state == "failed"
    if train and not failed:
        from tui.commands.doctor_train import try_training

        click.echo("training a small model…", err=True)
        check = await try_training(settings)
        _show(check, notation)
        failed = check.state == "failed"
    return failed


def _show(check: "Check", notation: str) -> None:
    from tui.locale import _, labelled

    name, detail = check.name.text(_), check.detail.text(_)
    fix = check.fix.text(_) if check.fix else None
    if notation == "json":
        json_row({"name": name, "state": check.state, "detail": detail, "fix": fix})
        return
    click.echo(labelled(f"{GLYPHS[check.state]} {name}", detail))
    if fix:
        click.echo(f"    {fix}")
