"""Draws the HTML reports as a browser shows them: `python -m tests.e2e.draw_reports`.

Light, dark, on paper and in Chinese, into docs/screens/report-*.png. Chinese needs a font; set
FONTCONFIG_FILE if the system has none.
"""

import asyncio
import base64
import io
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from engine.classroom.class_page import class_html
from engine.classroom.feedback import feedback, feedback_html
from engine.report.sitting_report import certificate_html, sitting_html
from engine.report.words import Words
from tests.e2e.browser import Page, browser
from tests.engine.class_results import notes, results
from tests.tui.fakes import make_tasks
from tests.tui.report_scene import page
from tui.locale import _, ngettext, set_language

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
_WIDTH, _COLOURS, _LARGEST = 900, 256, 150_000


class Shot(NamedTuple):
    """One picture: which page, in which language and light, and from where to where."""

    name: str
    html: str
    dark: bool = False
    printed: bool = False
    top: int = 0
    height: int = 1150


def shots(folder: Path) -> list[Shot]:
    """All pictures to draw."""
    english, chinese = _pages(folder / "en", "en"), _pages(folder / "zh", "zh")
    return [
        Shot("report-light", english[0]),
        Shot("report-dark", english[0], dark=True, top=3000),
        Shot("report-print", english[0], printed=True),
        Shot("report-zh", chinese[0], dark=True),
        Shot("report-certificate", english[1], printed=True, height=640),
        Shot("report-certificate-zh", chinese[1], height=700),
        *(Shot(f"report-{name}", html) for name, html in _of_class(folder / "of", "en").items()),
        *(
            Shot(f"report-{name}-zh", html, dark=True)
            for name, html in _of_class(folder / "of-zh", "zh").items()
        ),
    ]


def _pages(folder: Path, language: str) -> tuple[str, str]:
    folder.mkdir()
    set_language(language)
    try:
        whole, words = page(folder), Words(language, _, ngettext)
        assert whole.certificate is not None
        return sitting_html(whole, words), certificate_html(whole.certificate, words)
    finally:
        set_language("en")


def _of_class(folder: Path, language: str) -> dict[str, str]:
    set_language(language)
    try:
        found, tasks, words = results(), make_tasks(folder), Words(language, _, ngettext)
        said = notes(found)
        (first, *_rest) = feedback(found, tasks, said, words)
        day = datetime(2026, 12, 5, 18, tzinfo=UTC)
        return {
            "class": class_html(found, tasks, said, words, day),
            "feedback": feedback_html(first, words),
        }
    finally:
        set_language("en")


async def draw(shown: Page, shot: Shot, address: str) -> bytes:
    """The picture of the page at `address`, as a small PNG."""
    await shown.call(
        "Emulation.setDeviceMetricsOverride",
        width=_WIDTH,
        height=shot.top + shot.height,
        deviceScaleFactor=1,
        mobile=False,
    )
    await shown.call(
        "Emulation.setEmulatedMedia",
        media="print" if shot.printed else "screen",
        features=[{"name": "prefers-color-scheme", "value": "dark" if shot.dark else "light"}],
    )
    await shown.call("Emulation.setScrollbarsHidden", hidden=True)
    await shown.call("Page.navigate", url=address)
    await asyncio.sleep(1)
    clip = {"x": 0, "y": shot.top, "width": _WIDTH, "height": shot.height, "scale": 1}
    taken = await shown.call("Page.captureScreenshot", format="png", clip=clip)
    return _small(base64.b64decode(taken["data"]))


def _small(png: bytes) -> bytes:
    out = io.BytesIO()
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    assert len(out.getvalue()) < _LARGEST
    return out.getvalue()


async def main() -> None:
    """Draw all pictures."""
    with tempfile.TemporaryDirectory(prefix="tfexam-report-") as name:
        folder = Path(name)
        async with browser(folder / "browser") as shown:
            for shot in shots(folder):
                target = FOLDER / f"{shot.name}.png"
                html = folder / f"{shot.name}.html"
                html.write_text(shot.html, encoding="utf-8")
                target.write_bytes(await draw(shown, shot, html.as_uri()))
                sys.stdout.write(f"{target.name}\n")


if __name__ == "__main__":
    asyncio.run(main())
