"""A wrong use of the command line, told in the language of the settings.

Click words its errors in English. The commonest ones are worded here, with what click knows
about them; the text of a rarer one stays as it is, in the same frame.
"""

import contextlib
import re
from collections.abc import Iterator
from typing import IO, Any

import click

from tui.help import choose_language, translated
from tui.locale import N_, _, language


class TranslatedUsageError(click.UsageError):
    """What click found wrong, as people read it."""

    def __init__(self, error: click.UsageError) -> None:
        super().__init__(error.message, error.ctx)
        self._error = error

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the usage, where to look, and the fault, on stderr."""
        if self.ctx is not None:
            choose_language(self.ctx)
        if language() == "en":
            self._error.show(file)
            return
        if self.ctx is not None:
            click.echo(translated(self.ctx.command).get_usage(self.ctx), file=file, err=True)
            said = _("Try '{command} {option}' for help.").format(
                command=self.ctx.command_path, option=self.ctx.help_option_names[-1]
            )
            click.echo(f"{said}\n", file=file, err=True)
        click.echo(_("Error: {message}").format(message=said_of(self._error)), file=file, err=True)


_NO_COMMAND = re.compile(r"No such command '?([^']*)'?\.")
# What click's types say of a value, and how we do.
_TYPES = (
    (r"(?P<value>.+) is not one of (?P<choices>.+)\.", N_("{value} is none of {choices}.")),
    (r"(?P<value>.+) is not '(?P<choice>.+)'\.", N_("{value} is not {choice}.")),
    (r"(?P<value>.+) is not in the range (?P<range>.+)\.", N_("{value} is not in {range}.")),
    (r"(?P<value>.+) is not a valid integer(?: range)?\.", N_("{value} is no whole number.")),
    (r"(?P<value>.+) is not a valid float(?: range)?\.", N_("{value} is no number.")),
    (
        r"(?P<value>.+) does not match the formats? (?P<formats>.+)\.",
        N_("{value} has not the form {formats}."),
    ),
    (r"\w+ (?P<path>'.+') does not exist\.", N_("{path} does not exist.")),
    (r"\w+ (?P<path>'.+') is a directory\.", N_("{path} is a folder.")),
    (r"\w+ (?P<path>'.+') is a file\.", N_("{path} is a file, not a folder.")),
    (r"\w+ (?P<path>'.+') is not readable\.", N_("{path} cannot be read.")),
)


@contextlib.contextmanager
def told_in_own_words() -> Iterator[None]:
    """Raise every usage error of click as one that speaks the current language."""
    try:
        yield
    except TranslatedUsageError:
        raise
    except click.UsageError as error:
        raise TranslatedUsageError(error) from error


def said_of(error: click.UsageError) -> str:
    """What is wrong, in the current language as far as it is one of the common errors."""
    if isinstance(error, click.NoSuchOption):
        return _("there is no option {name}.").format(name=error.option_name)
    if isinstance(error, click.MissingParameter):
        return _("{name} is missing.").format(name=_name_of(error))
    if isinstance(error, click.BadParameter):
        said = _("{name} cannot be used: {why}")
        return said.format(name=_name_of(error), why=_of_a_type(error.message))
    if unknown := _NO_COMMAND.match(error.message):
        return _("there is no command {name}.").format(name=unknown[1])
    return error.format_message()


def _of_a_type(message: str) -> str:
    for pattern, said in _TYPES:
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return _(said).format(**found.groupdict())
    return message


def _name_of(error: click.BadParameter) -> str:
    hint = error.param_hint
    if hint is None and error.param is not None:
        hint = error.param.get_error_hint(error.ctx)
    return " / ".join(hint) if isinstance(hint, list | tuple) else str(hint or "")
