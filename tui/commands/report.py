"""`tfexam report`: the result of one sitting, task by task; as HTML with all that explains it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.phrase import phrase
from tui.commands.options import format_option, settings_of
from tui.locale import _

if TYPE_CHECKING:
    from engine.settings import Settings

_STDOUT = "-"


@click.command()
@click.argument("name", required=False, metavar="[SITTING]")
@format_option("text", "json", "toml", "html")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="The file to write; - is stdout.  [default: stdout; for HTML tfexam-SITTING.html, here]",
)
@click.option(
    "--certificate",
    is_flag=True,
    help="Only the certificate page of a passed faithful exam, as HTML.",
)
@click.pass_context
def command(
    ctx: click.Context, name: str | None, notation: str, output: str | None, certificate: bool
) -> None:
    """Show the result of a sitting: the newest one, unless SITTING names another.

    SITTING is an id from `tfexam history`, or the start of one. The report is made from the
    journal, so it is available even while the sitting is still open.

    As HTML it is one file that asks nothing of the network, for the screen and for print: also
    attempts over time, evidence, diagnoses, skills and what to practise next, and after a passed
    faithful exam a certificate page (the setting candidate_name is the name on it). Of a faithful
    exam that goes on it shows scores only.

    \b
    Examples:
      tfexam report
      tfexam report 2026-11-23 --format json
      tfexam report --format html
      tfexam report --certificate -o certificate.html
    """  # noqa: D301
    from engine.sitting.state.report import result
    from engine.sitting.store.history import past

    if certificate and notation in ("json", "toml"):
        raise click.UsageError(_("--certificate is always HTML: leave out --format."))
    folder = sitting_folder(settings_of(ctx), name)
    if certificate or notation == "html":
        _write(_html(ctx, folder, certificate), output or f"tfexam-{folder.name}.html")
        return
    found = result(past(folder))  # by replaying its journal, without a lock
    if notation == "text":
        from engine.sitting.not_taken import read_not_taken
        from tui.commands.report_text import text

        _write(text(found, read_not_taken(folder)), output)
    elif notation == "json":
        from engine.sitting.state.report import to_json

        _write(to_json(found) + "\n", output)
    else:
        from engine.sitting.state.report import to_toml

        _write(to_toml(found), output)


def _html(ctx: click.Context, folder: Path, certificate: bool) -> str:
    from tui.commands.report_html import certificate_of, report_of

    return certificate_of(ctx, folder) if certificate else report_of(ctx, folder)


def _write(text: str, output: str | None) -> None:
    """To stdout, or into a file that only its owner can read, completely or not at all."""
    if output in (None, _STDOUT):
        click.echo(text, nl=False)
        return
    from engine.files import write_atomically
    from exam_bank.printable import printable

    write_atomically(Path(output), text.encode())
    click.echo(printable(output))


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
        if not known:
            said, fix = phrase("There is no sitting yet."), phrase("`tfexam exam` starts one.")
            raise SittingError(said, fix=fix)
        said = phrase("No sitting begins with {name}.", name=repr(name))
        raise SittingError(said, fix=phrase("`tfexam history` lists the sittings."))
    if name and len(found) > 1:
        ids = ", ".join(found)
        raise SittingError(
            phrase("{name} matches several sittings: {ids}.", name=repr(name), ids=ids),
            fix=phrase("Type more of the id."),
        )
    return known[found[0]]
