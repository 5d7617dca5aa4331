"""`tfexam serve` in a real browser: it draws the exam screen, and hears keys."""

import asyncio

import pytest

from tests.e2e.browser import PROGRAM, TASKS, begun, browser, served, turn_by_key, turned_to
from tests.e2e.exam_room import ExamRoom

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium here"),
]

PNG = b"\x89PNG"


async def test_the_exam_screen_is_drawn_and_hears_keys(room: ExamRoom) -> None:
    sitting = await asyncio.to_thread(begun, room)
    assert turned_to(sitting)[-1] == TASKS[0]
    with served(room) as link:
        async with browser(room.folder / "browser") as page:
            await page.open(link)
            assert await page.title() == "tfexam"
            before = await page.picture()
            await turn_by_key(page, sitting)
            after = await page.picture()
    assert before.startswith(PNG)
    assert before != after
    assert turned_to(sitting)[-1] == TASKS[1]
