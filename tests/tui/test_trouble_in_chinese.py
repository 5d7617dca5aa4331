"""Errors of the lower packages as a Chinese screen shows them."""

import os

import pytest

from engine.errors import JournalError, TransitionError
from engine.files import said, what_to_do
from engine.grading.protocol import failed
from engine.sitting import notices
from engine.sitting.state.sitting import Phase, not_while
from exam_bank.phrase import phrase
from tests.tui.conftest import OpenRoom
from tests.tui.fakes import FakeServices, summary
from tui.locale import _, say, set_language
from tui.start import NewExam
from tui.text.verdicts import look_of_grade

FULL = OSError(28, "No space left on device")


def journal_error() -> JournalError:
    return JournalError(
        phrase(
            "{path} cannot be written: {error}. Nothing that was recorded is lost.",
            path="/j",
            error=said(FULL),
        ),
        fix=phrase("{advice} tfexam then continues by itself.", advice=what_to_do(FULL)),
    )


def full(_: int) -> None:
    raise FULL


async def test_trouble_in_the_banner(open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_exam(flags={"lang": "zh"}) as room:
        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", full)
            await room.pilot.press("2")
            await room.scene.hears(notices.Trouble)
        await room.settle()
        text = room.text("TroubleBanner")
        journal = room.scene.folder / "journal.jsonl"
        assert f"无法写入 {journal}：磁盘空间不足。已记录的内容没有丢失。" in text
        assert "请在该磁盘上腾出空间。之后 tfexam 会自行继续。" in text


async def test_a_failed_preparation_on_the_set_up_screen(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.fails = journal_error()
    async with open_room(NewExam(), lang="zh") as room:
        assert "磁盘空间不足" in room.text("#progress")


async def test_a_notification(open_room: OpenRoom, services: FakeServices) -> None:
    services.summaries = [summary(services.clock)]
    services.past_fails = not_while(Phase.ENDED)
    async with open_room(lang="zh") as room:
        await room.pilot.press("h", "o")
        await room.settle()
        assert "本场次已经结束。" in room.notices()[0]


def test_a_verdict_of_our_own_fault() -> None:
    set_language("zh")
    grade = failed(phrase("No grading process can be started: {error}.", error=said(FULL)))
    assert grade.message.text(_).startswith("无法启动评分进程：")
    assert look_of_grade(grade).word


def test_what_has_no_phrase_stays_as_it_is() -> None:
    set_language("zh")
    assert say("Plain words.") == "Plain words."
    assert say(TransitionError("Plain words.").message) == "Plain words."
