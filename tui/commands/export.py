"""`tfexam export`: an ended sitting as one file that others can verify."""

from pathlib import Path

import click

from exam_bank.printable import printable
from tui.commands.options import settings_of
from tui.commands.report import sitting_folder


@click.command()
@click.argument("name", required=False, metavar="[SITTING]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="The file to write.  [default: SITTING.tfexam.zip, here]",
)
@click.option("--winners", is_flag=True, help="Only the models that earned the scores.")
@click.pass_context
def command(ctx: click.Context, name: str | None, output: Path | None, winners: bool) -> None:
    """Write a sitting's journal, result and frozen models into one file for `tfexam verify`.

    SITTING is an id from `tfexam history`, or the start of one; the newest by default. It must
    have ended: the file names the paper's code, from which anyone can make the hidden sets. It
    also names the path of the workspace.

    \b
    Examples:
      tfexam export
      tfexam export 2026-11-23 --winners -o exam.zip
    """  # noqa: D301
    from engine.verification.bundle import SUFFIX, export

    folder = sitting_folder(settings_of(ctx), name)
    target = output or Path(f"{folder.name}{SUFFIX}")

    def tell(number: int, total: int) -> None:
        click.echo(f"models written: {number} of {total}", err=True)

    written = export(folder, target, only_winners=winners, on_model=tell)
    click.echo(printable(str(written)))
