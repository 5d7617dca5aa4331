"""`tfexam …`: the command line, which also starts the app.

Importing this module imports nothing heavy except click: it knows each command by name and
one line of help, and imports its code only when it runs. So `tfexam --version`, `--help`
and shell completion answer at once.
"""

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from exam_bank.errors import TfexamError
from exam_bank.phrase import phrase
from exam_bank.platform.thread_start import refuse_dead_threads
from exam_bank.printable import printable
from tui.help import WIDTH, TranslatedContext, choose_language, translated
from tui.limits import exhaustion
from tui.locale import N_, _, labelled, say
from tui.streams import printable_streams
from tui.usage_errors import told_in_own_words

USAGE = 2
INTERRUPTED = 130

# Each command's module in tui.commands, which names its command `command`, and its help.
COMMANDS = {
    "exam": N_("Sit a mock exam: five tasks against the clock."),
    "practice": N_("Practise single tasks or whole categories."),
    "grade": N_("Grade model files without the app."),
    "class": N_("Grade the files of a whole class, and make its results."),
    "lint": N_("Check whether a model file would be accepted, without TensorFlow."),
    "bank": N_("List and check the tasks, or start a new one."),
    "data": N_("Manage public data sets: list, fetch, add, verify."),
    "serve": N_("Show the app in a browser, if need be through an ssh tunnel."),
    "doctor": N_("Check whether this machine is ready for an exam."),
    "status": N_("Show the open sitting in one line."),
    "reset": N_("Start a task of the open sitting again; your file is kept."),
    "history": N_("List past sittings."),
    "report": N_("Show the result of a sitting."),
    "review": N_("Review the tasks of a sitting: attempts, hints, solutions."),
    "export": N_("Write an ended sitting into one file, for others to verify."),
    "verify": N_("Check that the models of a sitting get its scores."),
    "skills": N_("Show how strong each skill of the exam's checklist is."),
    "next": N_("Say which task to practise now, and why."),
    "plan": N_("Lay out the days until your exam, also for a calendar."),
}


class CommandFailed(click.ClickException):
    """One of tfexam's own errors, as people read it: what happened, and what to do."""

    exit_code = USAGE

    def __init__(self, error: TfexamError) -> None:
        super().__init__(str(error))
        self.error = error

    def show(self, file: Any = None) -> None:
        """Print it on stderr, with its advice on a separate line."""
        said = labelled("tfexam", printable(say(self.error.message)))
        click.echo(said, file=file, err=True)
        if self.error.fix:
            click.echo(f"        {printable(say(self.error.fix))}", file=file, err=True)


class Commands(click.Group):
    """A group that knows its commands by name, and imports each on demand."""

    context_class = TranslatedContext

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; imports its module."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"tui.commands.{cmd_name}").command
        if not ctx.resilient_parsing:  # not for shell completion
            choose_language(ctx)
        return translated(command)

    def get_help(self, ctx: click.Context) -> str:
        """The help text, in the language of the settings."""
        choose_language(ctx)
        shown = translated(self)
        return super(Commands, shown).get_help(ctx) if isinstance(shown, Commands) else ""

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """The list for `--help`, from the table: importing every module would be slow."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, _(meaning)) for name, meaning in COMMANDS.items()])

    def main(self, *args: Any, **options: Any) -> Any:
        """Run the command line; nothing it writes, even by click, can control the terminal."""
        refuse_dead_threads()
        with printable_streams():
            return super().main(*args, **options)

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """The context of the whole command line."""
        with told_in_own_words():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; every expected fault ends in a sentence and an exit status."""
        try:
            with told_in_own_words():
                return super().invoke(ctx)
        except TfexamError as error:
            raise CommandFailed(error) from error
        except BrokenPipeError:
            raise  # click knows: `tfexam history | head` ends quietly
        except (OSError, MemoryError, RuntimeError) as error:
            said = exhaustion(error)
            if said is None and not isinstance(error, OSError):
                raise  # a bug in tfexam: keep the traceback
            raise CommandFailed(said or _from_system(error)) from error
        except KeyboardInterrupt:
            # Not click's status 1, which stands for a low score.
            click.echo(_("tfexam: stopped."), err=True)
            ctx.exit(INTERRUPTED)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was meant; a file name here is a likely mistake, and gets a hint."""
        if args and args[0] not in COMMANDS and Path(args[0]).exists():
            _refuse(ctx, args)
        return super().resolve_command(ctx, args)


def _refuse(ctx: click.Context, args: Sequence[str]) -> NoReturn:
    said = _("{name} is not a command. To grade it: tfexam grade {name}").format(name=args[0])
    raise click.UsageError(printable(said), ctx)


def _from_system(error: Exception) -> TfexamError:
    name = getattr(error, "filename", None)
    where = f"{name}: " if name else ""
    said = f"{where}{getattr(error, 'strerror', None) or error}."
    return TfexamError(
        said, fix=phrase("Check that path, its permissions and the free disk space.")
    )


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
    epilog="Every setting of tfexam and its environment variable: see .env.example.",
)
@click.option("--home", metavar="DIR", help="Where sittings, hidden sets and logs are kept.")
@click.option(
    "--lang", metavar="en|zh", is_eager=True, help="Language of screens, briefs and messages."
)
@click.version_option(package_name="tfexam", prog_name="tfexam", message="%(prog)s %(version)s")
@click.pass_context
def main(ctx: click.Context, home: str | None, lang: str | None) -> None:
    """Mock TensorFlow Developer exams in the terminal, and a grader for Keras models.

    Without a command it opens the app and resumes the open sitting, if there is one.

    \b
    Examples:
      tfexam                                     the app
      tfexam exam --minutes 120                  go straight to a new exam
      tfexam practice 3                          practise the tasks of category 3
      tfexam grade Category2/mymodel.h5          grade a file from a sitting
      tfexam grade m.h5 --task garments --format json
    """  # noqa: D301  (\b keeps click from wrapping the examples)
    ctx.obj = {"home": home, "lang": lang}
    if ctx.invoked_subcommand is None:
        from tui.commands.open_app import open_app

        open_app(ctx)


if __name__ == "__main__":
    main()
