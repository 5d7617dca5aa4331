"""`tfexam verify`: whether the models of a sitting get the scores that it claims."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.printable import printable
from tui.commands.options import format_option, json_row, settings_of
from tui.locale import N_, _, say

if TYPE_CHECKING:
    from engine.settings import Settings
    from engine.verification.verify import Verification

DIFFERS = 1
UNCHECKED = 3

# What verification says it is at.
_STEPS = (N_("hidden sets"), N_("grades"))
_TOPICS = {
    "journal": N_("journal"),
    "chain": N_("chain"),
    "end": N_("end"),
    "paper": N_("paper"),
    "models": N_("models"),
    "result": N_("result"),
    "hidden sets": N_("hidden sets"),
    "grades": N_("grades"),
}


@click.command()
@click.argument("name", metavar="FILE|SITTING")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, name: str, notation: str) -> None:
    """Check a sitting: a file from `tfexam export`, or one of your own by its id.

    It checks that the journal is a history that can have happened and that its hash chain holds,
    makes the hidden sets again from the paper's code, and grades the winning models again. This
    needs the same bank and data sets, and shows that these models get these scores; it cannot
    show who trained them.

    \b
    Status: 0 verified, 1 something differs, 2 no such file or sitting, or it cannot be read,
    3 something could not be checked, such as for missing data.

    \b
    Examples:
      tfexam verify 2026-11-23-1547-k3f9.tfexam.zip
      tfexam verify 2026-11-23 --format json
    """  # noqa: D301
    import asyncio

    from engine.clock import SystemClock
    from engine.verification.verify import verify
    from exam_bank.catalog import Catalog

    settings = settings_of(ctx)
    catalog, source = Catalog.find(settings.packs), _source(name, settings)
    clock = SystemClock()
    found = asyncio.run(verify(source, settings, catalog, clock, on_step=_tell))
    if notation == "json":
        json_row(_json(found))
    else:
        _show(found)
    ctx.exit(_status(found))


def _source(name: str, settings: "Settings") -> Path:
    """The file of that name, or else the folder of the sitting that it begins."""
    from engine.errors import SittingError
    from exam_bank.phrase import phrase
    from tui.commands.report import sitting_folder

    path = Path(name)
    if path.is_file():
        return path
    if path.name != name or path.suffix:
        raise SittingError(
            phrase("There is no file {path}.", path=path),
            fix=phrase(
                "Name a file from `tfexam export`, or a sitting that `tfexam history` lists."
            ),
        )
    return sitting_folder(settings, name)


def _tell(what: str, done: int, total: int) -> None:
    said = _("{what}: {done} of {total}").format(what=_(what), done=done, total=total)
    click.echo(said, err=True)


def _json(found: "Verification") -> dict[str, object]:
    return {
        "sitting": found.sitting,
        "verified": found.verified,
        "percent": found.percent,
        "findings": [
            {"topic": each.topic, "ok": each.ok, "says": str(each.says)} for each in found.findings
        ],
    }


def _show(found: "Verification") -> None:
    glyphs = {True: "✓", False: "✗", None: "–"}
    for each in found.findings:
        click.echo(printable(f"{glyphs[each.ok]} {_(_TOPICS[each.topic])}: {say(each.says)}"))
    if found.verified:
        text = _("verified: these models get these scores, {percent} % in all")
        click.echo("✓ " + text.format(percent=f"{found.percent:g}"))
        click.echo("  " + _("No file can show who trained them."))
    elif _status(found) == DIFFERS:
        click.echo("✗ " + _("not verified: what is marked ✗ differs"))
    else:
        click.echo("– " + _("not verified: what is marked – could not be checked"))


def _status(found: "Verification") -> int:
    if found.verified:
        return 0
    return DIFFERS if any(each.ok is False for each in found.findings) else UNCHECKED
