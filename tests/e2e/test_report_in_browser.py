"""The HTML reports in a real browser: nothing leaves the file, nothing overflows, print works."""

import base64
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from engine.report.sitting_report import sitting_html
from engine.report.words import Words
from tests.e2e.browser import PROGRAM, Page, browser
from tests.tui.report_scene import page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="needs Chromium"),
]

_MEASURE = """JSON.stringify({
  asked: performance.getEntriesByType("resource").map(each => each.name),
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  paper: getComputedStyle(document.body).backgroundColor,
  scripts: document.scripts.length,
  pictures: document.querySelectorAll("svg").length,
  empty: [...document.querySelectorAll("svg")].filter(each => each.clientHeight === 0).length,
})"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    folder = tmp_path_factory.mktemp("report")
    html = sitting_html(page(folder / "tasks"), Words())
    # Where nothing guards it: the page itself must ask for nothing.
    html = re.sub(r"<meta http-equiv[^>]*>", "", html)
    file = folder / "report.html"
    file.write_text(html, encoding="utf-8")
    async with browser(folder / "browser") as found:
        await found.call("Network.enable")
        await found.call("Page.enable")
        await found.call("Page.navigate", url=file.as_uri())
        await measured(found)
        yield found


async def measured(shown: Page) -> dict[str, Any]:
    """What the page is like, once it is there."""
    await shown.call(
        "Runtime.evaluate",
        expression="new Promise(done => document.readyState === 'complete' ? done() : "
        "addEventListener('load', done))",
        awaitPromise=True,
    )
    found = await shown.call("Runtime.evaluate", expression=_MEASURE)
    answer: dict[str, Any] = json.loads(found["result"]["value"])
    return answer


async def media(shown: Page, kind: str, scheme: str) -> dict[str, Any]:
    feature = {"name": "prefers-color-scheme", "value": scheme}
    await shown.call("Emulation.setEmulatedMedia", media=kind, features=[feature])
    return await measured(shown)


@pytest.mark.asyncio(loop_scope="module")
async def test_nothing_is_asked_of_anybody(shown: Page) -> None:
    found = await measured(shown)
    assert found["pictures"] > 15
    assert (found["asked"], found["scripts"], found["empty"]) == ([], 0, 0)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_page_that_asks_is_seen_to_ask(tmp_path: Path, shown: Page) -> None:
    asking = tmp_path / "asking.html"
    asking.write_text("<!DOCTYPE html><title>x</title><img src='http://127.0.0.1:9/x.png'>")
    before = (await shown.call("Runtime.evaluate", expression="location.href"))["result"]["value"]
    await shown.call("Page.navigate", url=asking.as_uri())
    assert (await measured(shown))["asked"] == ["http://127.0.0.1:9/x.png"]
    await shown.call("Page.navigate", url=before)


@pytest.mark.asyncio(loop_scope="module")
async def test_light_dark_and_paper_differ_as_they_should(shown: Page) -> None:
    light = await media(shown, "screen", "light")
    dark = await media(shown, "screen", "dark")
    paper = await media(shown, "print", "dark")
    assert light["paper"] == "rgb(244, 245, 247)"
    assert dark["paper"] == "rgb(18, 22, 29)"
    assert paper["paper"] == "rgb(255, 255, 255)"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("width", [1400, 900, 390])
async def test_no_page_is_wider_than_its_window(shown: Page, width: int) -> None:
    await shown.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=900,
        deviceScaleFactor=1,
        mobile=False,
    )
    assert (await media(shown, "screen", "light"))["wide"] <= 0


@pytest.mark.asyncio(loop_scope="module")
async def test_the_certificate_is_a_page_of_its_own_across(shown: Page) -> None:
    await shown.call("Emulation.clearDeviceMetricsOverride")
    await media(shown, "", "light")
    printed = await shown.call("Page.printToPDF", preferCSSPageSize=True)
    pdf = base64.b64decode(printed["data"])
    boxes = re.findall(rb"/MediaBox \[0 0 (\d+)[.\d]* (\d+)", pdf)
    sizes = [(int(width), int(height)) for width, height in boxes]
    assert len(sizes) > 3
    assert all(width < height for width, height in sizes[:-1])
    assert sizes[-1][0] > sizes[-1][1]
