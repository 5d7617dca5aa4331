"""Limits the connections to `tfexam serve`: a bounded number, and only briefly without its key.

On a shared machine every account can open connections to a loopback port, stay silent, and so
use up this process's file descriptors. So a connection that has not shown the key is closed
after a while, or earlier when there are many.
"""

import asyncio
from collections.abc import Callable

MOST = 64
PATIENCE_SECONDS = 10.0


class Connections:
    """Makes the protocol of each incoming connection; pass it to `loop.create_server`.

    `make` makes the real protocol, `most` is how many may be open at once, and `patience` is
    how many seconds one may stay without the key.
    """

    def __init__(
        self,
        make: Callable[[], asyncio.Protocol],
        *,
        most: int = MOST,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._make, self._most, self._patience = make, most, patience
        self._open: dict[asyncio.Protocol, Connection] = {}
        self._without_key: dict[asyncio.Protocol, asyncio.TimerHandle] = {}

    def __call__(self) -> "Connection":
        """Make the protocol of a connection that is being accepted."""
        return Connection(self, self._make())

    @property
    def count(self) -> int:
        """How many connections are open."""
        return len(self._open)

    def admit(self, inner: asyncio.Protocol) -> None:
        """Let the connection of `inner` stay: it has shown the key."""
        if (timer := self._without_key.pop(inner, None)) is not None:
            timer.cancel()

    def accept(self, connection: "Connection") -> bool:
        """Whether a new connection may stay; may close the oldest one without the key for it."""
        if len(self._open) >= self._most:
            if not self._without_key:
                return False
            self._open[next(iter(self._without_key))].leave()
        loop = asyncio.get_running_loop()
        self._open[connection.inner] = connection
        self._without_key[connection.inner] = loop.call_later(self._patience, connection.leave)
        return True

    def closed(self, connection: "Connection") -> None:
        """Forget a closed connection."""
        self.admit(connection.inner)
        self._open.pop(connection.inner, None)


class Connection(asyncio.Protocol):
    """One connection; it passes everything on to `inner`."""

    def __init__(self, connections: Connections, inner: asyncio.Protocol) -> None:
        self.inner = inner
        self._connections = connections
        self._transport: asyncio.BaseTransport | None = None
        self._is_accepted = False

    def leave(self) -> None:
        """Close it at once."""
        self._connections.closed(self)
        if isinstance(self._transport, asyncio.WriteTransport):
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Start, or close if there are too many connections."""
        self._transport = transport
        self._is_accepted = self._connections.accept(self)
        if self._is_accepted:
            self.inner.connection_made(transport)
        else:
            self.leave()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._connections.closed(self)
        if self._is_accepted:
            self.inner.connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on the data."""
        if self._is_accepted:
            self.inner.data_received(data)

    def eof_received(self) -> bool | None:
        """Pass on the end of the data."""
        return self.inner.eof_received() if self._is_accepted else None

    def pause_writing(self) -> None:
        """Pass on that the peer reads too slowly."""
        if self._is_accepted:
            self.inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that the peer reads again."""
        if self._is_accepted:
            self.inner.resume_writing()
