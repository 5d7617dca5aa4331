"""`tfexam report`: the result of one sitting, task by task."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.phrase import phrase
from tui.commands.options import format_option, settings_of

if TYPE_CHECKING:
    from engine.settings import Settings


@click.command()
@click.argument("name", required=False, metavar="[SITTING]")
@format_option("text", "json", "toml")
@click.pass_context
def command(ctx: click.Context, name: str | None, notation: str) -> None:
    """Show the result of a sitting: the newest one, unless SITTING names another.

    SITTING is an id from `tfexam history`, or the start of one. The report is made from the
    journal, so it is available even while the sitting is still open.

    \b
    Examples:
      tfexam report
      tfexam report 2026-11-23 --format json
    """  # noqa: D301
    from engine.sitting.state.report import result
    from engine.sitting.store.history import past

    # By replaying its journal, without a lock.
    found = result(past(sitting_folder(settings_of(ctx), name)))
    if notation == "text":
        from tui.commands.report_text import text

        click.echo(text(found), nl=False)
    elif notation == "json":
        from engine.sitting.state.report import to_json

        click.echo(to_json(found))
    else:
        from engine.sitting.state.report import to_toml

        click.echo(to_toml(found), nl=False)


def sitting_folder(settings: "Settings", name: str | None) -> Path:
    """The folder of the one sitting whose id starts with `name`; else raises `SittingError`."""
    from engine.clock import SystemClock
    from engine.errors import SittingError
    from engine.sitting.store.history import sittings

    known = {each.id: Path(each.folder) for each in sittings(settings, SystemClock())}
    if name in known:
        return known[name]
    found = [each for each in known if each.startswith(name or "")]
    if not found:
        if name:
            said = phrase("No sitting begins with {name}.", name=repr(name))
        else:
            said = phrase("There is no sitting yet.")
        raise SittingError(said, fix=phrase("`tfexam history` lists the sittings."))
    if name and len(found) > 1:
        ids = ", ".join(found)
        raise SittingError(
            phrase("{name} matches several sittings: {ids}.", name=repr(name), ids=ids),
            fix=phrase("Type more of the id."),
        )
    return known[found[0]]
