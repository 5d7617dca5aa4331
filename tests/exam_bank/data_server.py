"""A loopback server that gives files as networks do: cut off, refused, replaced, late.

Each path has a script: what to do for the first request, the second, and so on; the last
step is repeated.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Step = Callable[["Handler"], None]


class Handler(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    server: "DataServer"

    def do_GET(self) -> None:
        script = self.server.scripts.get(self.path, [status(404)])
        number = sum(path == self.path for path, _ in self.server.asked)
        self.server.asked.append((self.path, self.headers.get("Range")))
        self.server.headers.append(dict(self.headers))
        script[min(number, len(script) - 1)](self)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    @property
    def start(self) -> int:
        """Where the range asked for begins; 0 without one."""
        return int((self.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])

    def head(self, code: int, **headers: object) -> None:
        # BaseHTTPRequestHandler adds a date of its own.
        (self.send_response_only if "Date" in headers else self.send_response)(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


class DataServer(ThreadingHTTPServer):
    """Serves scripts by path and remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts: dict[str, list[Step]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.headers: list[dict[str, str]] = []

    def url(self, path: str, *script: Step) -> str:
        """Answer `path` by `script`; its address."""
        self.scripts[path] = list(script)
        return f"http://127.0.0.1:{self.server_address[1]}{path}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is nothing to print."""


@contextmanager
def serving() -> Iterator[DataServer]:
    with DataServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def whole(content: bytes, kind: str = "application/octet-stream", **headers: object) -> Step:
    """All of it, whatever range was asked for."""

    def step(handler: Handler) -> None:
        handler.head(200, Content_Type=kind, Content_Length=len(content), **headers)
        handler.wfile.write(content)

    return step


def ranged(content: bytes, upto: int | None = None) -> Step:
    """From where it is asked for; with `upto` the line drops after so many bytes in all."""

    def step(handler: Handler) -> None:
        start, end = handler.start, len(content) - 1
        if start > end:
            handler.head(416, Content_Range=f"bytes */{len(content)}", Content_Length=0)
            return
        if start:
            said = f"bytes {start}-{end}/{len(content)}"
            handler.head(206, Content_Range=said, Content_Length=len(content) - start)
        else:
            handler.head(200, Content_Length=len(content))
        handler.wfile.write(content[start:upto])
        if upto is not None:
            handler.close_connection = True

    return step


def wrong_range(content: bytes) -> Step:
    """Another range than asked for."""

    def step(handler: Handler) -> None:
        said = f"bytes 0-{len(content) - 1}/{len(content)}"
        handler.head(206, Content_Range=said, Content_Length=len(content))
        handler.wfile.write(content)

    return step


def status(code: int, **headers: object) -> Step:
    return lambda handler: handler.head(code, Content_Length=0, **headers)


def drops(content: bytes, upto: int) -> Step:
    """Says it has all of `content`, ignores ranges, and hangs up after `upto` bytes."""

    def step(handler: Handler) -> None:
        handler.head(200, Content_Length=len(content))
        handler.wfile.write(content[:upto])
        handler.close_connection = True

    return step
