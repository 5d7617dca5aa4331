"""A real browser without a window around `tfexam serve`, and the picture of it in docs/screens.

    python -m tests.e2e.browser      # draws docs/screens/browser.png anew

Chromium is spoken to through its own debugging protocol, so nothing needs to be installed
beside it. What came of a key is read in the journal of the sitting: the page is a canvas.
"""

import asyncio
import base64
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

from engine.sitting.state.events import Turned
from engine.sitting.store.journal import NAME, read_journal
from tests.e2e.exam_room import ExamRoom, confirm

PICTURE = Path(__file__).parents[2] / "docs" / "screens" / "browser.png"
PROGRAM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "chrome"))), None)
TASKS = ("straight-line", "garments")
SIZE = "1280,900"
_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    f"--window-size={SIZE}",
    "--remote-debugging-port=0",
)
_PATIENCE_SECONDS = 120.0
_LOOK_SECONDS = 0.2
_DRAWN = "document.body.classList.contains('-first-byte')"


class Page:
    """One page of a browser."""

    def __init__(self, channel: aiohttp.ClientWebSocketResponse) -> None:
        self._channel = channel
        self._number = 0

    async def call(self, method: str, **given: Any) -> dict[str, Any]:
        """What the browser answers to `method` of its debugging protocol."""
        self._number += 1
        await self._channel.send_json({"id": self._number, "method": method, "params": given})
        while True:
            said = await self._channel.receive_json()
            if said.get("id") == self._number:
                answer: dict[str, Any] = said.get("result", {})
                return answer

    async def open(self, url: str) -> None:
        """Go to `url`, and wait until the app has drawn something."""
        await self.call("Page.navigate", url=url)
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while True:
                found = await self.call("Runtime.evaluate", expression=_DRAWN)
                if found.get("result", {}).get("value") is True:
                    return
                await asyncio.sleep(_LOOK_SECONDS)

    async def title(self) -> str:
        """What the browser calls the page."""
        found = await self.call("Runtime.evaluate", expression="document.title")
        return str(found["result"]["value"])

    async def press(self, key: str) -> None:
        """Type a digit or a letter."""
        code = f"Digit{key}" if key.isdigit() else f"Key{key.upper()}"
        what = {"key": key, "code": code, "windowsVirtualKeyCode": ord(key.upper())}
        await self.call("Input.dispatchKeyEvent", type="keyDown", text=key, **what)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **what)

    async def picture(self) -> bytes:
        """What is seen, as PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot", format="png"))["data"])


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """A browser whose files lie in `folder`."""
    assert PROGRAM is not None
    command = [PROGRAM, *_OPTIONS, f"--user-data-dir={folder}", "about:blank"]
    program = await asyncio.create_subprocess_exec(
        *command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        async with aiohttp.ClientSession() as client:
            port = await asyncio.to_thread(_port, folder / "DevToolsActivePort")
            new = await client.put(f"http://localhost:{port}/json/new?about:blank")
            address = (await new.json())["webSocketDebuggerUrl"]
            async with client.ws_connect(address, max_msg_size=0) as channel:
                yield Page(channel)
    finally:
        program.kill()
        await program.wait()


def _port(file: Path) -> str:
    """The port that the browser has written down, once it has."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not file.exists() or "\n" not in file.read_text():
        assert time.monotonic() < deadline, "the browser does not start"
        time.sleep(_LOOK_SECONDS)
    return file.read_text().splitlines()[0]


@contextmanager
def served(room: ExamRoom) -> Iterator[str]:
    """`tfexam serve` for the sitting of `room`; the link that it prints."""
    command = [sys.executable, "-m", "tui.cli", "serve", "--port", str(_free_port())]
    server = subprocess.Popen(
        command, env=room.environment, cwd=room.folder, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        link = re.search(r"http\S+", server.stdout.readline())
        assert link is not None
        yield link[0]
    finally:
        server.terminate()
        server.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return int(free.getsockname()[1])


def begun(room: ExamRoom) -> Path:
    """A running session with a rejected model, left again; the folder of the sitting."""
    room.environment["TFEXAM_PREWARM"] = "0"
    options = ("--minutes", "120", "--dir", str(room.workspace))
    with room.app("practice", *TASKS, *options) as app:
        app.wait_for("The paper is ready", 180)
        app.press("s")
        app.wait_for("○ not started")
        (room.category(1) / "mymodel.h5").write_text("This is no model.")
        app.wait_for("#1  ✗ rejected", 120)
        confirm(app, "ctrl+q")
        app.leave()
    (row,) = room.history()
    return Path(row["folder"])


def turned_to(sitting: Path) -> list[str]:
    """The tasks that were turned to, in their order."""
    return [each.task for each in read_journal(sitting / NAME).events if isinstance(each, Turned)]


async def turn_by_key(page: Page, sitting: Path) -> None:
    """Press 2 until the sitting has heard of it: the page hears no key before it is ready."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while turned_to(sitting)[-1] != TASKS[1]:
        assert time.monotonic() < deadline, "the app hears no key from the browser"
        await page.press("2")
        await asyncio.sleep(1)


async def main() -> None:
    """Draw the picture."""
    with tempfile.TemporaryDirectory(prefix="tfexam-browser-") as name:
        room = ExamRoom(Path(name))
        sitting = await asyncio.to_thread(begun, room)
        with served(room) as link:
            async with browser(room.folder / "browser") as page:
                await page.open(link)
                await turn_by_key(page, sitting)
                await asyncio.sleep(2)  # the clock and the machine have drawn themselves
                PICTURE.write_bytes(await page.picture())


if __name__ == "__main__":
    asyncio.run(main())
