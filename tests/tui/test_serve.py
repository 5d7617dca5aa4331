"""`tfexam serve`: who gets in, and that the app is behind it."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from click.testing import CliRunner
from yarl import URL

from tui import terminal
from tui.cli import main
from tui.web.server import ExamServer

KEY = "the-key"
LEAVE = "\x11"  # ctrl+q


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ExamServer]:
    """A server on a free port, with the app's home in a separate folder."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    server = ExamServer([f"--home={tmp_path}", "--lang=en"], port, KEY)
    async with server.listening():
        yield server


def address(server: ExamServer, path: str = "/") -> str:
    return f"http://localhost:{server.port}{server.path_prefix}{path}"


@pytest.mark.parametrize("path", ["/", "/?key=", "/?key=other", "/ws", "/static/js/textual.js"])
async def test_nobody_comes_in_without_the_key(server: ExamServer, path: str) -> None:
    async with aiohttp.ClientSession() as visitor:
        for place in (address(server, path), f"http://localhost:{server.port}{path}"):
            answer = await visitor.get(place)
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
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert (await visitor.get(address(server))).status == 200


async def test_the_page_has_a_title_and_hears_keys_without_a_click(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        text = await (await visitor.get(server.url)).text()
    assert "<title>tfexam</title>" in text
    assert "xterm-helper-textarea" in text
    assert "googleapis" not in text
    assert 'class="textual-terminal"' in text


async def test_the_page_asks_where_it_was_asked_for(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        asked = await visitor.get(server.url, headers={"Host": "localhost:9999"})
        assert f"ws://localhost:9999{server.path_prefix}/ws" in await asked.text()


async def test_the_cookie_stays_below_a_path_that_only_the_link_tells(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        answer = await visitor.get(server.url)
        assert answer.cookies["tfexam"]["path"] == server.path_prefix
        assert len(server.path_prefix) > 20
        # What every other port of localhost would get, too.
        for path in ("/", "/ws", server.path_prefix[:-1]):
            sent = visitor.cookie_jar.filter_cookies(URL(f"http://localhost:1{path}"))
            assert not sent, path
            assert (await visitor.get(f"http://localhost:{server.port}{path}")).status == 403


async def said_to(server: ExamServer, *lines: bytes) -> bytes:
    """The first line of the server's answer to a request of these bytes."""
    reader, writer = await asyncio.open_connection("localhost", server.port)
    writer.write(b"\r\n".join((*lines, b"Host: localhost", b"", b"")))
    answer = await reader.readline()
    writer.close()
    return answer


@pytest.mark.parametrize("value", [b"\xff\xfe", b"\xed\xa0\x80", b"\x00", b'"\xff"', b"a" * 7000])
async def test_a_cookie_or_key_of_any_bytes_is_only_a_wrong_one(
    server: ExamServer, value: bytes
) -> None:
    start = f"GET {server.path_prefix}/".encode()
    answer = await said_to(server, start + b" HTTP/1.1", b"Cookie: tfexam=" + value)
    assert b" 403 " in answer or b" 400 " in answer
    answer = await said_to(server, start + b"?key=" + quote(value).encode() + b" HTTP/1.1")
    assert b" 403 " in answer


@pytest.mark.parametrize("path", ["/", "/ws"])
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://localhost:1",
        "http://127.0.0.1:{port}",
        "https://example.org",
        "",
        "http://[",
    ],
)
async def test_a_page_of_another_origin_does_not_come_in_with_the_key(
    server: ExamServer, path: str, origin: str
) -> None:
    async with aiohttp.ClientSession() as visitor:
        await visitor.get(server.url)
        headers = {"Origin": origin.format(port=server.port)}
        assert (await visitor.get(address(server, path), headers=headers)).status == 403


async def test_a_page_of_ours_comes_in_also_through_a_tunnel(server: ExamServer) -> None:
    async with aiohttp.ClientSession() as visitor:
        for host in (f"localhost:{server.port}", "localhost:9999", "127.0.0.1:9999"):
            headers = {"Host": host, "Origin": f"http://{host}"}
            assert (await visitor.get(server.url, headers=headers)).status == 200


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
                while b"No sittings yet" not in seen and b"History" not in seen[-4000:]:
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
