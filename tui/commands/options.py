"""What the commands share: their settings, the `--format` of listings, and how rows are shown."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import click

from engine.settings import Settings
from tui.locale import set_language

_F = TypeVar("_F", bound=Callable[..., Any])


def settings_of(ctx: click.Context, **flags: object) -> Settings:
    """The settings in force for this command: its flags, then those before its name, and on.

    Also sets the language of what is said from here on.
    """
    known = Settings.load({**(ctx.find_object(dict) or {}), **flags})
    set_language(known.language)
    return known


def format_option(*notations: str) -> Callable[[_F], _F]:
    """The option `--format`, given to the command as `notation`; the first is its default."""
    return click.option(
        "--format",
        "notation",
        type=click.Choice(notations),
        default=notations[0],
        show_default=True,
        help="How the answer is written; json is one object per line.",
    )


def json_row(row: Mapping[str, object]) -> None:
    """One row of a listing as JSON on a line of stdout."""
    import msgspec

    click.echo(msgspec.json.encode(row).decode())


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Rows in columns as wide as their widest cell; the last column is not padded.

    Counted in cells, since a Chinese character takes two.
    """
    from rich.cells import cell_len

    lines = [[str(each) for each in row] for row in (head, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
