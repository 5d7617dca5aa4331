"""`tfexam serve`: the app in a browser, for an exam on a remote machine."""

import errno
from typing import Any

import click

from engine.errors import SettingsError
from exam_bank.phrase import phrase
from tui.limits import need_threads

PORT = 8000


@click.command()
@click.option(
    "--port",
    metavar="N",
    type=click.IntRange(1, 65535),
    default=PORT,
    show_default=True,
    help="The port to use on this machine.",
)
@click.pass_context
def command(ctx: click.Context, port: int) -> None:
    """Show the app in a browser on this machine.

    Only this machine can reach it, and only with the link that it prints. To use it from
    another machine, open a tunnel: ssh -L 8000:localhost:8000 BOX, then open the link.
    Closing the window closes the app, but the clock keeps running.
    """
    from tui.web.server import ExamServer

    need_threads()
    server = ExamServer(_arguments(ctx.obj), port)
    try:
        server.serve()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise SettingsError(
            phrase("Port {port} is taken by another program.", port=port),
            fix=phrase("Choose another one: tfexam serve --port {port}", port=port + 1),
        ) from error


def _arguments(given: dict[str, Any]) -> list[str]:
    """The options of `tfexam` itself, passed on to every visitor's app."""
    return [f"--{name}={value}" for name, value in given.items() if value is not None]
