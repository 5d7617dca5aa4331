"""`tfexam serve`: who comes in, and that there is an app behind it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from click.testing import CliRunner

from tui import terminal
from tui.browser import ExamServer
from tui.cli import main

KEY = "the-key"
LEAVE = "\x11"  # ctrl+q


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ExamServer]:
    """A server on a free port, with the app's home in a folder of its own."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = ExamServer([f"--home={tmp_path}", "--lang=en"], port, KEY)
    runner = web.AppRunner(await server._make_app())
    await runner.setup()
    await web.TCPSite(runner, server.host, port).start()
    yield server
    await runner.cleanup()


def address(server: ExamServer, path: str = "/") -> str:
    return f"http://localhost:{server.port}{path}"


@pytest.mark.parametrize("path", ["/", "/?key=", "/?key=other", "/ws", "/static/js/textual.js"])
async def test_nobody_comes_in_without_the_key(server: ExamServer, path: str) -> None:
    async with aiohttp.ClientSession() as visitor:
        answer = await visitor.get(address(server, path))
        assert answer.status == 403
        assert "?key=" in await answer.text()


async def test_a_forged_cookie_is_no_key(server: ExamServer) -> None:
    async with aiohttp.ClientSession(cookies={"tfexam": "other"}) as visitor:
        assert (await visitor.get(address(server))).status == 403


async def test_the_link_lets_in_and_its_cookie_from_then_on(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        answer = await visitor.get(server.url)
        assert answer.status == 200
        cookie = answer.cookies["tfexam"]
        assert (cookie["httponly"], cookie["samesite"]) == (True, "Strict")
        assert (await visitor.get(address(server))).status == 200


async def test_the_page_asks_where_it_was_asked_for(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        asked = await visitor.get(server.url, headers={"Host": "localhost:9999"})
        assert "ws://localhost:9999/ws" in await asked.text()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")
async def test_the_app_draws_its_home_screen_and_hears_keys(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        await visitor.get(server.url)
        async with visitor.ws_connect(address(server, "/ws?width=80&height=24")) as window:
            seen = b""
            async with asyncio.timeout(60):
                while b"Start an exam" not in seen:
                    seen += await received(window)
                await window.send_json(["stdin", "h"])
                while b"No sitting yet" not in seen and b"History" not in seen[-4000:]:
                    seen += await received(window)
                # Left by itself: a process that is killed with its server outlives the loop.
                await window.send_json(["stdin", LEAVE])
                while not window.closed:
                    await window.receive()


async def received(window: aiohttp.ClientWebSocketResponse) -> bytes:
    message = await window.receive()
    assert message.type in (aiohttp.WSMsgType.BINARY, aiohttp.WSMsgType.TEXT)
    return message.data if isinstance(message.data, bytes) else str(message.data).encode()


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("localhost", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = CliRunner().invoke(main, ["--home", str(tmp_path), "serve", "--port", port])
    assert found.exit_code == 2
    assert f"Port {port} is taken" in found.stderr


def test_a_browser_stands_in_for_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal.missing() == "input"
    monkeypatch.setenv("TEXTUAL_DRIVER", terminal.WEB_DRIVER)
    assert terminal.missing() == ""
