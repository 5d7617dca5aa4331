"""`tfexam class …`: what an instructor does with many candidates' files.

Like the command line itself, the group knows each command by name and one line of help, and
imports its module, `class_<name>.py` beside this one, only when it runs.
"""

import importlib

import click

from tui.help import translated
from tui.locale import N_, _

# Each command's module is tui.commands.class_<name>, which names its command `command`.
COMMANDS = {
    "paper": N_("Make a class paper: one file from which a whole class sits the same exam."),
    "grade": N_("Grade the files of a whole class: one row for every file."),
    "export": N_("Make an autograder for Gradescope that marks as this tfexam does."),
    "report": N_("Write a class's report, and a feedback file for each person."),
}


class ClassCommands(click.Group):
    """A group that imports each of its commands on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of that name; imports its module."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"tui.commands.class_{cmd_name}")
        command: click.Command = module.command
        return translated(command)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """The list for `--help`, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _(meaning)) for name, meaning in COMMANDS.items()])


@click.group("class", cls=ClassCommands)
def command() -> None:
    """Grade the files of a whole class, and make its results.

    \b
    Examples:
      tfexam class grade submissions/ --roster roster.csv --code TFX-7Q2M-0KXD-93YA --out results/
      tfexam class grade canvas.zip --task garments --roster roster.csv --out results/
    """  # noqa: D301
