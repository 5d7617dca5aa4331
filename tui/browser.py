"""The app in a browser: a server on this machine only, and only for who has its key.

textual-serve runs one app for each visitor and asks nobody who they are. On a shared GPU
box every account reaches a loopback port, so each address here needs a key: the printed
link carries it once, a cookie from then on. A page of another site has neither, so it
cannot speak to the app behind a visitor's back.
"""

import secrets
import shlex
import sys
from collections.abc import Awaitable, Callable, Sequence

import click
from aiohttp import web
from textual_serve.server import Server

HOST = "localhost"
_COOKIE = "tfexam"
_WRONG_KEY = "Open the whole link that tfexam serve printed: it ends in ?key=…\n"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ExamServer(Server):
    """Serves the app; `url` is what a person opens."""

    def __init__(self, arguments: Sequence[str], port: int, key: str | None = None) -> None:
        """`arguments` are those of `tfexam` for every visitor's app."""
        command = shlex.join([sys.executable, "-P", "-m", "tui.cli", *arguments])
        super().__init__(f"exec {command}", host=HOST, port=port, title="tfexam")
        self._key = key or secrets.token_urlsafe(16)

    @property
    def url(self) -> str:
        """The link with the key."""
        return f"http://{HOST}:{self.port}/?key={self._key}"

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()

        @web.middleware
        async def need_key(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._admit(request, handler)

        app.middlewares.append(need_key)
        return app

    async def _admit(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        given = request.query.get("key") or request.cookies.get(_COOKIE, "")
        if not secrets.compare_digest(given.encode(), self._key.encode()):
            raise web.HTTPForbidden(text=_WRONG_KEY)
        # A tunnel may end at another port: the page asks for its parts where it was asked for.
        self.public_url = f"{request.scheme}://{request.host}"
        response = await handler(request)
        if not response.prepared:
            response.set_cookie(_COOKIE, self._key, httponly=True, samesite="Strict")
        return response

    def initialize_logging(self) -> None:
        """Nothing: every visit would be a line."""

    async def on_startup(self, app: web.Application) -> None:  # noqa: ARG002
        """Say where it is, and how to come there from elsewhere."""
        click.echo(f"tfexam is open in a browser at  {self.url}")
        click.echo(
            f"From another machine first:     ssh -L {self.port}:{HOST}:{self.port} THIS-MACHINE"
        )
        click.echo("One sitting is open in one window at a time. Ctrl+C ends the server.")
