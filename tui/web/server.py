"""Serves the app to a browser, on this machine only and only to those who have its key.

textual-serve runs one app for each visitor and asks nobody who they are. On a shared GPU
machine every account can reach a loopback port, so each address here needs a key: the printed
link carries it once, and a cookie from then on. Browsers send localhost's cookies to every
port, whoever listens there, but only below the cookie's path: so all addresses are below a
path that only the link reveals. A page from another origin cannot use the app behind a
visitor's back, even if it knows both.
"""

import asyncio
import hashlib
import logging
import re
import secrets
import shlex
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

import click
from aiohttp import web
from textual_serve.server import Server

from exam_bank.printable import printable
from tui.locale import _
from tui.web.connections import Connections
from tui.web.window import LARGEST_MESSAGE, Window, requested_size

HOST = "localhost"
MOST_WINDOWS = 8
_COOKIE = "tfexam"
_WRONG_KEY = "Open the whole link that tfexam serve printed: it ends in ?key=…\n"
_OTHER_ORIGIN = "A page of another address may not speak to tfexam.\n"
_TOO_MANY = f"{MOST_WINDOWS} windows are open already: close one of them.\n"
_HEADERS = {"Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
_MOST_WARNINGS = 20
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class ExamServer(Server):
    """Serves the app; `url` is the link to open."""

    def __init__(self, arguments: Sequence[str], port: int, key: str | None = None) -> None:
        """`arguments` are passed to every visitor's `tfexam`."""
        # -P: do not import modules from the folder that the server was started in.
        command = shlex.join([sys.executable, "-P", "-m", "tui.cli", *arguments])
        # textual-serve starts a shell: replace it with the app, so that a kill reaches the app.
        super().__init__(f"exec {command}", host=HOST, port=port, title="tfexam")
        self._key = key or secrets.token_urlsafe(16)
        self.path_prefix = "/" + hashlib.sha256(f"place {self._key}".encode()).hexdigest()[:32]
        self.windows: set[Window] = set()
        self.connections: Connections | None = None

    @property
    def url(self) -> str:
        """The link with the key."""
        return f"http://{HOST}:{self.port}{self.path_prefix}/?key={self._key}"

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Serve visitors inside the context; leaving it closes every window.

        Raises `OSError` if the port cannot be opened.
        """
        runner = web.AppRunner(await self._make_app(), access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            assert runner.server is not None
            self.connections = Connections(runner.server)
            loop = asyncio.get_running_loop()
            listener = await loop.create_server(self.connections, self.host, self.port)
            try:
                self._print_link()
                yield
            finally:
                listener.close()
        finally:
            await runner.cleanup()

    def serve(self, debug: bool = False) -> None:  # noqa: ARG002 - textual-serve's own
        """Serve visitors until Ctrl+C or SIGTERM."""
        self.initialize_logging()
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        loop, told = asyncio.get_running_loop(), asyncio.Event()
        with suppress(NotImplementedError):
            for each in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(each, told.set)
        async with self.listening():
            await told.wait()

    async def _make_app(self) -> web.Application:
        @web.middleware
        async def need_key(request: web.Request, handler: _Handler) -> web.StreamResponse:
            return await self._admit(request, handler)

        app = web.Application(middlewares=[need_key])
        app.add_subapp(self.path_prefix + "/", await super()._make_app())
        return app

    async def _admit(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        self._refuse_strangers(request)
        if self.connections is not None:
            self.connections.admit(request.protocol)
        # A tunnel may use another port: the page loads its parts from where it was opened.
        self.public_url = f"{request.scheme}://{request.host}"
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
            response.set_cookie(
                _COOKIE, self._key, path=self.path_prefix, httponly=True, samesite="Strict"
            )
        return response

    def _refuse_strangers(self, request: web.Request) -> None:
        given = request.query.get("key") or request.cookies.get(_COOKIE, "")
        # In constant time, lest the delay reveal how much of a guess is right. A header may
        # hold any bytes, which arrive as surrogates.
        if not secrets.compare_digest(given.encode("utf-8", "surrogatepass"), self._key.encode()):
            raise web.HTTPForbidden(text=_WRONG_KEY)
        # Browsers let any page open a WebSocket, and for cookies all ports of localhost are one
        # site; only this header says which page it was (RFC 6455, 10.2).
        origin = request.headers.get("Origin")
        if origin is not None and not _is_of(origin, request.host):
            raise web.HTTPForbidden(text=_OTHER_ORIGIN)

    async def handle_index(self, request: web.Request) -> web.StreamResponse:
        """The page, with a title, and listening to keys from the start."""
        response = await super().handle_index(request)
        assert isinstance(response, web.Response)
        response.text = page(response.text or "")
        return response

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an app for a page until either of them ends."""
        if len(self.windows) >= MOST_WINDOWS:
            raise web.HTTPServiceUnavailable(text=_TOO_MANY)
        # A closed laptop does not say goodbye: if a ping gets no answer, its page is gone.
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST_MESSAGE)
        window = Window(self.command, websocket, self.download_manager)
        self.windows.add(window)
        try:
            await websocket.prepare(request)
            await window.start(*requested_size(request.query))
            await window.listen()
        finally:
            try:
                await window.stop()
            finally:
                self.windows.discard(window)
            if websocket.prepared:
                await websocket.close()
        return websocket

    def initialize_logging(self) -> None:
        """Log the server's first faults, one line each; do not log visits."""
        logging.basicConfig(level="WARNING", handlers=[_FirstWarnings()])

    async def on_startup(self, app: web.Application) -> None:
        """Do nothing yet: the port may be taken."""

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002
        """End the app in every window."""
        await asyncio.gather(*(each.stop() for each in self.windows), return_exceptions=True)

    def _print_link(self) -> None:
        """Print the link, and how to reach it from another machine."""
        tunnel = f"ssh -L {self.port}:{HOST}:{self.port} THIS-MACHINE"
        click.echo(_("tfexam is open in a browser at  {url}").format(url=self.url))
        click.echo(_("From another machine first:     {command}").format(command=tunnel))
        click.echo(_("One sitting is open in one window at a time. Ctrl+C ends the server."))


def page(text: str) -> str:
    """textual-serve's page, changed: it has no title, no focus, and a font from elsewhere."""
    text = _FONT.sub("", text, count=1)
    return text.replace("</head>", f"<title>tfexam</title>{_FOCUS}</head>", 1)


_FONT = re.compile(r'<link\s+rel="stylesheet"\s+href="https://fonts[^>]*>')
# The terminal takes keys in a hidden text area, which is there once it is drawn; and again when
# the window comes back.
_FOCUS = """<script>
(function () {
  function focus() {
    var area = document.querySelector(".xterm-helper-textarea");
    if (area) { area.focus({preventScroll: true}); }
    return area;
  }
  var timer = setInterval(function () { if (focus()) { clearInterval(timer); } }, 100);
  window.addEventListener("focus", focus);
})();
</script>"""


def _is_of(origin: str, host: str) -> bool:
    """Whether `origin` is that of `host`, which includes the port."""
    try:
        return urlsplit(origin).netloc == host
    except ValueError:
        return False


class _FirstWarnings(logging.Handler):
    """Shows only the first remarks on stderr: a visitor could cause them for ever."""

    def __init__(self) -> None:
        super().__init__()
        self._left = _MOST_WARNINGS

    def emit(self, record: logging.LogRecord) -> None:
        """Show one remark, without its traceback."""
        if self._left <= 0:
            return
        self._left -= 1
        why = f": {record.exc_info[1]!r}" if record.exc_info else ""
        click.echo(printable(f"tfexam serve: {record.getMessage()}{why}", 300), err=True)
        if not self._left:
            click.echo("tfexam serve: further remarks are not shown.", err=True)
