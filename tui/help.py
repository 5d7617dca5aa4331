"""`--help` in the language of the settings: the same commands, with translated texts.

Click keeps a command's texts in the command itself. So a copy gets the translations; what click
writes around them, and the columns, whose Chinese characters take two cells, are the formatter's.
English help is click's own, untouched.
"""

import contextlib
import copy
import inspect
import itertools
import re
from collections.abc import Iterable, Iterator

import click

from exam_bank.errors import TfexamError
from tui.locale import N_, _, language, set_language

_HEADINGS = {"Options": N_("Options"), "Commands": N_("Commands"), "Arguments": N_("Arguments")}
_OF_CLICK = (N_("Show this message and exit."), N_("Show the version and exit."))
_EXTRA = re.compile(r"  \[([^\]]+)\]$")
_UNWRAPPED = "\b"
WIDTH = 100
"""The widest that help gets, in cells."""
_FIRST_SENTENCE = re.compile(r"[^。\n]*。?")


def choose_language(ctx: click.Context) -> None:
    """Use the language of the settings; a fault in them is left to the command to report."""
    from engine.settings import Settings

    given = ctx.find_root().params
    with contextlib.suppress(TfexamError):
        set_language(Settings.load({name: given.get(name) for name in ("home", "lang")}).language)


def translated(command: click.Command) -> click.Command:
    """`command` with its texts in the current language; itself when that is English."""
    if language() == "en":
        return command
    found = copy.copy(command)
    found.context_class = TranslatedContext
    found.short_help = _(command.short_help) if command.short_help else None
    if command.help:
        found.help = _(help_text(command.help))
        found.short_help = found.short_help or _first_sentence(found.help)
    found.epilog = _(command.epilog) if command.epilog else None
    found.options_metavar = _("[OPTIONS]")
    found.params = [_translated_parameter(each) for each in command.params]
    if isinstance(found, click.Group) and isinstance(command, click.Group):
        found.subcommand_metavar = _("COMMAND [ARGS]...")
        found.commands = {name: translated(each) for name, each in command.commands.items()}
    return found


def help_text(text: str) -> str:
    """A docstring as it stands in the catalog."""
    return inspect.cleandoc(text)


def _first_sentence(text: str) -> str:
    found = _FIRST_SENTENCE.match(text)
    return found[0] if found else text


def _translated_parameter(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter, click.Option) or not parameter.help:
        return parameter
    found = copy.copy(parameter)
    found.help = _(parameter.help)
    return found


class TranslatedFormatter(click.HelpFormatter):
    """Writes help by cells, with the headings of the current language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The line that names the command and what it takes."""
        super().write_usage(prog, args, _("Usage: ") if prefix is None else prefix)

    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        known = _HEADINGS.get(heading, heading)
        self.write(
            _("{indent}{heading}:").format(indent=" " * self.current_indent, heading=_(known))
        )
        self.write("\n")

    def write_text(self, text: str) -> None:
        """Paragraphs broken by the rules of Chinese, except those that click keeps as they are."""
        room = self.width - self.current_indent
        lines = [
            line
            for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip("\n")))
            for line in ([""] if number else []) + list(_lines(paragraph, room))
        ]
        self.write("".join(f"{'':{self.current_indent if line else 0}}{line}\n" for line in lines))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Two columns, each text beside its term, or below a term that is too long."""
        from rich.cells import cell_len

        rows = list(rows)
        wide = max((cell_len(term) for term, _text in rows), default=0)
        first = min(wide, col_max) + col_spacing
        room = max(10, self.width - first - self.current_indent)
        for term, text in rows:
            lines = list(_broken(_own_words(text), room)) or [""]
            gap = first - cell_len(term)
            if gap < col_spacing:
                self.write(f"{'':{self.current_indent}}{term}\n")
            else:
                self.write(f"{'':{self.current_indent}}{term}{'':{gap}}{lines.pop(0)}".rstrip())
                self.write("\n")
            for line in lines:
                self.write(f"{'':{self.current_indent + first}}{line}\n")


class TranslatedContext(click.Context):
    """Makes click write help with our formatter."""

    def make_formatter(self) -> click.HelpFormatter:
        """Click's own formatter for English."""
        if language() == "en":
            return super().make_formatter()
        return TranslatedFormatter(width=self.terminal_width, max_width=WIDTH)


def _lines(paragraph: str, room: int) -> Iterator[str]:
    if paragraph.lstrip().startswith(_UNWRAPPED):
        yield from paragraph.split("\n")[1:]
    else:
        yield from _broken(" ".join(paragraph.split()), room)


def _broken(text: str, room: int) -> Iterator[str]:
    from tui.text.line_breaks import breaks

    cuts = [0, *breaks(text, room), len(text)]
    for start, end in itertools.pairwise(cuts):
        yield text[start:end].rstrip()


def _own_words(text: str) -> str:
    """A help text with click's additions, such as [default: 3], in the current language."""
    if text in _OF_CLICK:
        return _(text)
    return _EXTRA.sub(
        lambda found: "  [" + "; ".join(map(_extra, found[1].split("; "))) + "]", text
    )


def _extra(text: str) -> str:
    if text.startswith("default: "):
        return _("default: {value}").format(value=text.removeprefix("default: "))
    return _("required") if text == "required" else text
