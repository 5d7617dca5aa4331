"""`tfexam report`: what one sitting came to, task by task."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tui.commands.options import format_option, settings_of

if TYPE_CHECKING:
    from engine.settings import Settings


@click.command()
@click.argument("name", required=False, metavar="[SITTING]")
@format_option("text", "json", "toml")
@click.pass_context
def command(ctx: click.Context, name: str | None, notation: str) -> None:
    """Say what a sitting came to; the newest one unless SITTING names another.

    SITTING is an id of `tfexam history`, or the beginning of one. The answer is made from
    the journal, so it is there even while the sitting goes on.

    \b
    Examples:
      tfexam report
      tfexam report 2026-11-23 --format json
    """  # noqa: D301
    from engine.sitting.state.report import result
    from engine.sitting.store.history import past

    # By replaying its journal; takes no lock.
    found = result(past(_folder(settings_of(ctx), name)))
    if notation == "text":
        from tui.commands.report_text import text

        click.echo(text(found), nl=False)
    elif notation == "json":
        from engine.sitting.state.report import to_json

        click.echo(to_json(found))
    else:
        from engine.sitting.state.report import to_toml

        click.echo(to_toml(found), nl=False)


def _folder(settings: "Settings", name: str | None) -> Path:
    """The folder of the sitting that `name` begins; raises `SittingError` for none or several."""
    from engine.clock import SystemClock
    from engine.errors import SittingError
    from engine.sitting.store.history import sittings

    known = {each.id: Path(each.folder) for each in sittings(settings, SystemClock())}
    if name in known:
        return known[name]
    found = [each for each in known if each.startswith(name or "")]
    if not found:
        said = f"No sitting begins with {name!r}." if name else "There is no sitting yet."
        raise SittingError(said, fix="`tfexam history` lists them.")
    if name and len(found) > 1:
        ids = ", ".join(found)
        raise SittingError(f"{name!r} begins several sittings: {ids}.", fix="Say more of it.")
    return known[found[0]]
