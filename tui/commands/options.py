"""What the commands share: their settings, common options, and how listings are printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from engine.errors import TfexamError
from engine.settings import Settings
from exam_bank.printable import ascii_escaped, printable
from tui.locale import _, set_language

if TYPE_CHECKING:
    from exam_bank.paper import Paper
    from exam_bank.task import Level, Task

LARGEST_SEED = 2**63 - 1  # papers' seeds fit too

_F = TypeVar("_F", bound=Callable[..., Any])


def settings_of(ctx: click.Context, **flags: object) -> Settings:
    """The settings for this command: its own flags first, then those before its name, and so on.

    Also sets the language of every message from here on.
    """
    known = Settings.load({**(ctx.find_object(dict) or {}), **flags})
    set_language(known.language)
    return known


class SettingOption(click.Option):
    """An option whose default is a setting, which the help names by its value: `{minutes}`."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The option and its help, with the values of the settings as they are."""
        record = super().get_help_record(ctx)
        return record and (record[0], record[1].format(**_values(ctx)))


def _values(ctx: click.Context) -> dict[str, str]:
    """The settings that are defaults of options; a fault in them is left to the command."""
    from tui.text.format import short_path

    given = ctx.find_root().params
    try:
        known = Settings.load({name: given.get(name) for name in ("home", "lang")})
    except TfexamError:
        known = Settings.load(environment={}, folder=Path(__file__).parent)
    return {
        "minutes": f"{known.minutes:g}",
        "practice_minutes": f"{known.practice_minutes:g}",
        "mode": known.mode,
        "level": known.level,
        "workspaces": short_path(str(known.workspaces)),
    }


def format_option(*notations: str) -> Callable[[_F], _F]:
    """The option `--format`, passed to the command as `notation`; the first is its default."""
    return click.option(
        "--format",
        "notation",
        type=click.Choice(notations),
        default=notations[0],
        show_default=True,
        help="Output format; json is one object per line.",
    )


def level_option(text: str) -> Callable[[_F], _F]:
    """The option `--level`, passed to the command as `level`: a `Level` or None."""
    return click.option(
        "--level", type=click.Choice(["classic", "hard"]), help=text, cls=SettingOption
    )


def need_same_level(paper: "Paper", level: "Level | None") -> None:
    """Raise a usage error if `--level` contradicts the level of the paper that a code names."""
    if level not in (None, paper.level):
        raise click.UsageError(
            _("The paper {code} is on the level {own}, not {asked}: leave out --level.").format(
                code=paper.code, own=paper.level, asked=level
            )
        )


def usual_level(task: "Task", settings: Settings) -> "Level":
    """The level of the settings, or the only one that `task` serves."""
    return settings.level if settings.level in task.levels else task.levels[0]


def dir_option(command: _F) -> _F:
    """The option `--dir`, passed to the command as `folder`: a Path or None."""
    return click.option(
        "--dir",
        "folder",
        type=click.Path(),
        callback=_folder,
        cls=SettingOption,
        help="Where to make the workspace.  [default: a new folder in {workspaces}]",
    )(command)


def _folder(_ctx: click.Context, _option: click.Parameter, value: str | None) -> Path | None:
    from engine.settings_schema import folder_from

    try:
        return folder_from(value) if value else None
    except (ValueError, RuntimeError) as error:
        raise click.BadParameter(f"{value!r}: {error}") from error


def json_row(row: Mapping[str, object]) -> None:
    """Print one row of a listing as a line of JSON on stdout."""
    import msgspec

    try:
        line = msgspec.json.encode(row)
    except UnicodeEncodeError:  # rare: only then is everything checked
        line = msgspec.json.encode(_encodable(msgspec.to_builtins(row)))
    click.echo(ascii_escaped(line.decode()))


def _encodable(value: Any) -> Any:
    """A row's content, with every string in a form that JSON can hold."""
    if isinstance(value, dict):
        return {encodable(key): _encodable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(each) for each in value]
    return encodable(value) if isinstance(value, str) else value


def encodable(text: object) -> str:
    """`text` in a form that JSON can hold: file names that are not UTF-8 contain surrogates."""
    return str(text).encode("utf-8", "replace").decode()


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Print rows in columns as wide as their widest cell; the last column is not padded.

    Widths are in cells, since a Chinese character takes two.
    """
    from rich.cells import cell_len

    lines = [[printable(str(each)) for each in row] for row in (head, *rows)]
    widths = [max(map(cell_len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
