"""One window of `tfexam serve`: the app behind a browser page, from start to end.

A page's messages are not trusted to make sense, and the app never outlives its window.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from tui.terminal import bounded

LARGEST_MESSAGE = 1024 * 1024  # bytes; a paste is a single message
CLOSING_SECONDS = 5.0
_USUAL = (80, 24)


class Window(AppService):
    """An app for the page at the other end of `websocket`."""

    def __init__(
        self, command: str, websocket: web.WebSocketResponse, downloads: DownloadManager
    ) -> None:
        async def close() -> None:
            await websocket.close()

        super().__init__(
            command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=close,
            download_manager=downloads,
        )
        self._websocket = websocket
        self._ending: asyncio.Task[None] | None = None

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the app the page's size, capped at what can be drawn."""
        await super().set_terminal_size(*bounded(width, height))

    async def listen(self) -> None:
        """Pass on what the page sends until it closes; ignore what makes no sense."""
        async for message in self._websocket:
            if message.type is WSMsgType.TEXT:
                with contextlib.suppress(ValueError, TypeError, LookupError, RecursionError):
                    await self._hear(message.json())

    async def _hear(self, said: Any) -> None:
        match said:
            case ["stdin", str(text)]:
                await self.send_bytes(text.encode("utf-8", "replace"))
            case ["resize", {"width": int(width), "height": int(height)}]:
                await self.set_terminal_size(width, height)
            case ["ping", int() | float() | str() as what]:
                await self._websocket.send_json(["pong", what])
            case ["blur"] | ["blur", *_]:
                await self.blur()
            case ["focus"] | ["focus", *_]:
                await self.focus()

    async def stop(self) -> None:
        """Ask the app to end, and kill it if it does not; may be called twice."""
        self._ending = ending = self._ending or asyncio.create_task(self._end())
        try:
            # Not `asyncio.timeout`: the code below swallows cancellation.
            await asyncio.wait({ending}, timeout=CLOSING_SECONDS)
        finally:
            # Busy painting, or stuck writing to a page that is gone; the sitting is kept.
            if self._process is not None and self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    self._process.kill()
            if self._task is not None:  # it may be waiting for a page that reads nothing more
                self._task.cancel()
        await asyncio.wait({ending}, timeout=CLOSING_SECONDS)

    async def _end(self) -> None:
        with contextlib.suppress(OSError, RuntimeError, AssertionError):
            await super().stop()
        if self._process is not None:
            # It may be blocked writing what no page reads any more; drained pipes end.
            await asyncio.gather(*map(_drain, (self._process.stdout, self._process.stderr)))
            await self._process.wait()


async def _drain(stream: asyncio.StreamReader | None) -> None:
    while stream is not None and await stream.read(65_536):
        pass


def requested_size(query: Mapping[str, str]) -> tuple[int, int]:
    """The columns and rows that the page requests."""
    try:
        return bounded(int(query["width"]), int(query["height"]))
    except (LookupError, ValueError):
        return _USUAL
