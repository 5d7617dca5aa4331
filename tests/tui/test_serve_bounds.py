"""`tfexam serve` under load: bounded connections, windows, sizes and remarks."""

import asyncio
import json
import logging
import os
import shlex
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import aiohttp
import psutil
import pytest
from textual import events
from textual.geometry import Size

from tests.engine.sittings import until
from tests.tui.conftest import OpenRoom
from tui import terminal
from tui.web import server as web_server
from tui.web import window as web_window
from tui.web.connections import MOST, Connections
from tui.web.server import ExamServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")

# Says its process id and size, then every message of the server, as an app draws.
_ECHO = """
import json, os, sys
def draw(data):
    os.write(1, b"D" + len(data).to_bytes(4, "big") + data)
os.write(1, b"__GANGLION__\\n")
draw(json.dumps([os.getpid(), os.environ["COLUMNS"], os.environ["ROWS"]]).encode())
while head := sys.stdin.buffer.read(5):
    said = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
    if b'"quit"' in said:
        break
    draw(said)
"""
# Neither reads nor ends: an app that draws ten million rows.
_BUSY = """
import json, os, time
data = json.dumps([os.getpid(), "", ""]).encode()
os.write(1, b"__GANGLION__\\nD" + len(data).to_bytes(4, "big") + data)
time.sleep(1000)
"""
# Fills the pipe that nobody empties any more once its page is gone.
_LOUD = _BUSY.replace(
    "time.sleep(1000)", 'while True: os.write(1, b"D" + (1000).to_bytes(4, "big") + b"x" * 1000)'
)


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ExamServer]:
    monkeypatch.setattr(web_window, "CLOSING_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = ExamServer([], port, "the-key")
    play(server, _ECHO)
    async with server.listening():
        yield server


def play(server: ExamServer, app: str) -> None:
    """Use this program as the app of every further window."""
    server.command = f"exec {shlex.join([sys.executable, '-c', app])}"


def open_window(
    server: ExamServer, visitor: aiohttp.ClientSession, query: str = ""
) -> "aiohttp.client._WSRequestContextManager":
    key = f"key={server.url.rpartition('=')[2]}"
    return visitor.ws_connect(f"http://localhost:{server.port}{server.path_prefix}/ws?{key}{query}")


async def heard(window: "aiohttp.ClientWebSocketResponse[bool]") -> object:
    async with asyncio.timeout(60):
        message = await window.receive()
    assert message.type is aiohttp.WSMsgType.BINARY, message
    return json.loads(message.data)


async def until_gone(pid: int) -> None:
    await until(lambda: not psutil.pid_exists(pid))


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("&width=120&height=40", ["120", "40"]),
        ("&width=100000000&height=100000000", ["1000", "400"]),
        ("&width=-5&height=0", ["1", "1"]),
        ("&width=x", ["80", "24"]),
        (f"&width={'9' * 5000}&height=9", ["80", "24"]),
    ],
)
async def test_a_page_asks_for_any_size_and_gets_one_that_can_be_drawn(
    server: ExamServer, asked: str, given: list[str]
) -> None:
    async with aiohttp.ClientSession() as visitor, open_window(server, visitor, asked) as window:
        said = await heard(window)
        assert isinstance(said, list)
        assert said[1:] == given


async def test_a_resize_is_bounded_and_what_makes_no_sense_is_left_out(
    server: ExamServer,
) -> None:
    async with aiohttp.ClientSession() as visitor, open_window(server, visitor) as window:
        await heard(window)
        for nonsense in ("no json", "{}", "[]", "5", '["stdin"]', '["stdin", 5]', '["resize", {}]'):
            await window.send_str(nonsense)
        for size in ("null", '{"width": "x", "height": 1}', '{"width": 1e999, "height": 1}'):
            await window.send_str(f'["resize", {size}]')
        await window.send_str("[" * 100_000)
        await window.send_bytes(b"\xff")
        await window.send_str('["stdin", "\\ud800"]')
        async with asyncio.timeout(60):
            assert (await window.receive()).data == b"?"
        await window.send_json(["resize", {"width": 10**8, "height": 10**8}])
        assert await heard(window) == {"type": "resize", "width": 1000, "height": 400}
        await window.send_json(["resize", {"width": 132, "height": 50}])
        assert await heard(window) == {"type": "resize", "width": 132, "height": 50}


@pytest.mark.parametrize("app", [_ECHO, _BUSY, _LOUD], ids=["one that ends", "busy", "loud"])
async def test_no_app_outlives_its_window(server: ExamServer, app: str) -> None:
    play(server, app)
    async with aiohttp.ClientSession() as visitor:
        async with open_window(server, visitor) as window:
            said = await heard(window)
            assert isinstance(said, list)
        await until_gone(said[0])
    await until(lambda: not server.windows)


@pytest.mark.parametrize("app", [_ECHO, _BUSY], ids=["one that ends", "busy"])
async def test_no_app_outlives_the_server(monkeypatch: pytest.MonkeyPatch, app: str) -> None:
    monkeypatch.setattr(web_window, "CLOSING_SECONDS", 0.5)
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = ExamServer([], port, "the-key")
    play(server, app)
    async with aiohttp.ClientSession() as visitor:
        async with server.listening():
            said = await heard(await open_window(server, visitor))
        assert isinstance(said, list)
        await until_gone(said[0])


async def test_windows_are_bounded(server: ExamServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "MOST_WINDOWS", 2)
    async with aiohttp.ClientSession() as visitor:
        first, second = [await open_window(server, visitor) for _ in range(2)]
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await open_window(server, visitor)
        assert refused.value.status == 503
        await first.close()
        await until(lambda: len(server.windows) == 1)
        third = await open_window(server, visitor)
        assert await heard(third)
        await second.close()
        await third.close()


async def test_idle_connections_do_not_make_it_deaf(server: ExamServer) -> None:
    def count() -> int:
        return server.connections.count if server.connections else 0

    idle = [await asyncio.open_connection("localhost", server.port) for _ in range(2 * MOST)]
    assert count() <= MOST
    async with aiohttp.ClientSession() as visitor:
        assert (await visitor.get(server.url)).status == 200
    for _reader, writer in idle:
        writer.close()
    await until(lambda: not count())


class Ear(asyncio.Protocol):
    """Counts its calls."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.told.append("made")

    def connection_lost(self, exc: Exception | None) -> None:
        self.told.append("lost")

    def data_received(self, data: bytes) -> None:
        self.told.append(data.decode())


async def is_closed(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(60):
        with suppress(ConnectionError):
            return await reader.read() == b""
    return True


async def test_a_stranger_leaves_and_who_was_admitted_stays() -> None:
    ears: list[Ear] = []

    def ear() -> Ear:
        ears.append(Ear())
        return ears[-1]

    connections = Connections(ear, most=2, patience=0.2)
    server = await asyncio.get_running_loop().create_server(connections, "localhost", 0)
    port = server.sockets[0].getsockname()[1]
    known, stranger = [await asyncio.open_connection("localhost", port) for _ in range(2)]
    await until(lambda: len(ears) == 2)
    connections.admit(ears[0])
    assert await is_closed(stranger[0])
    known[1].write(b"still here")
    await until(lambda: ears[0].told == ["made", "still here"])
    # Full of those who were admitted, it takes nobody in.
    second = await asyncio.open_connection("localhost", port)
    await until(lambda: len(ears) == 3)
    connections.admit(ears[2])
    third = await asyncio.open_connection("localhost", port)
    assert await is_closed(third[0])
    assert connections.count == 2
    for _reader, writer in (known, second):
        writer.close()
    await until(lambda: not connections.count)
    server.close()


def test_remarks_are_short_harmless_and_few(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.Logger("one that is thrown away")
    logger.addHandler(web_server._FirstWarnings())
    for n in range(1000):
        try:
            raise OSError(24, "Too many open files\x1b[2J\n" * 1000)
        except OSError:
            logger.exception("accept %s", n)
    said = capsys.readouterr().err
    assert len(said.splitlines()) == web_server._MOST_WARNINGS + 1
    assert len(said) < 10_000
    assert "\x1b" not in said


async def test_the_app_draws_no_larger_screen_than_there_are(open_room: OpenRoom) -> None:
    largest = Size(terminal.LARGEST_COLUMNS, terminal.LARGEST_ROWS)
    async with open_room() as room:
        huge = Size(10**8, 10**8)
        room.app.post_message(events.Resize(huge, huge))
        await room.settle()
        await room.pilot.pause(0.1)
        assert room.app.size == largest
        assert room.app.screen.size == largest
        usual = Size(100, 30)
        room.app.post_message(events.Resize(usual, usual))
        await room.settle()
        await room.pilot.pause(0.1)
        assert room.app.screen.size == usual


@pytest.mark.skipif(not Path("/proc").exists(), reason="needs /proc")
def test_nothing_of_these_tests_is_left() -> None:
    mine = psutil.Process(os.getpid()).children(recursive=True)
    assert not [each for each in mine if "__GANGLION__" in " ".join(each.cmdline())]
