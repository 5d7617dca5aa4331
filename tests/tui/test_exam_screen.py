import os
from pathlib import Path

import pytest
from rich.cells import cell_len

from engine.errors import WorkspaceError
from engine.grading import protocol
from engine.grading.host import contract_fit
from engine.grading.protocol import Message, Stage
from engine.machine.usage import TrainingProcess, UsageSample
from engine.sitting.intake.downloads import Downloads
from engine.sitting.notices import Trouble, TroubleOver
from engine.sitting.state.sitting import Phase
from tests.engine.sittings import model, until
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fakes import ONE_GPU, graded, rejected
from tui.app import ExamApp
from tui.link import downloads_watch, messages
from tui.screens import exam_task_actions
from tui.screens.exam import FOLLOW_AFTER
from tui.widgets.exam.brief import BriefPanel
from tui.widgets.exam.categories import CategoryList, CategoryRow
from tui.widgets.exam.compact_exam import CompactExam
from tui.widgets.exam.exam_clock import ExamClock
from tui.widgets.exam.grading import GradingPanel
from tui.widgets.exam.submissions import SubmissionList
from tui.widgets.exam.trouble_banner import TroubleBanner
from tui.widgets.shared.too_small import TooSmall


def row(room: Room, index: int) -> str:
    return str(list(room.app.screen.query(CategoryRow))[index].render())


def brief_title(room: Room) -> str:
    return str(room.app.screen.query_one(BriefPanel).border_title)


def submissions(room: Room) -> list[str]:
    listed = room.app.screen.query_one(SubmissionList)
    return [str(option.prompt) for option in listed.options]


async def test_the_clock_shows_the_last_tick_and_turns_by_words(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.tick(3.0)
        await room.settle()
        assert room.text("ExamClock .line") == "4:59:57"
        assert room.text("ExamClock .words") == "time left"
        for left, words, name in (
            (59 * 60, "under 60 minutes left", ""),
            (29 * 60, "under 30 minutes left", "-low"),
            (4 * 60, "under 5 minutes left", "-urgent"),
            (50, "last minute", "-urgent"),
        ):
            await room.scene.tick(room.scene.proctor.time_left() - left)
            await room.settle()
            assert room.text("ExamClock .words") == words
            assert not name or room.app.screen.query_one(ExamClock).has_class(name)


async def test_a_session_of_an_hour_does_not_begin_with_under_an_hour_left(
    open_exam: OpenRoom,
) -> None:
    async with open_exam(kind="practice", mode="coach", count=2, minutes=60) as room:
        assert room.text("ExamClock .words") == "time left"
        await room.scene.tick(1)
        await room.settle()
        assert room.text("ExamClock .line") == "0:59:59"
        assert room.text("ExamClock .words") == "time left"


async def test_running_out_of_time_is_told_once_at_each_mark_with_the_bell(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[object] = []
    monkeypatch.setattr(ExamApp, "bell", lambda app: rung.append(app))
    async with open_exam() as room:
        await room.scene.tick(4 * 3600 - 5)
        await room.scene.tick(5)
        await room.settle()
        await room.scene.tick(1)
        await room.scene.tick(1)
        await room.settle()
        assert room.notices() == ["Time: 60 minutes left."]
        assert len(rung) == 1


async def test_the_bell_can_be_turned_off(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[object] = []
    monkeypatch.setattr(ExamApp, "bell", lambda app: rung.append(app))
    async with open_exam(flags={"bell": "0"}) as room:
        await room.scene.tick(4 * 3600)
        await room.settle()
        assert room.notices() == ["Time: 60 minutes left."]
        assert rung == []


async def test_a_task_shows_score_attempts_and_state(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        assert "○ not started" in row(room, 1)
        await room.scene.take("garments", graded(4))
        await room.scene.take("garments", graded(2))
        await room.scene.take("reviews")
        await room.scene.take("hands")
        await room.settle()
        assert "4/5" in row(room, 1)
        assert "● graded" in row(room, 1)
        assert "0/30 min" in row(room, 1)
        assert "… waiting" in row(room, 2)
        await room.scene.answer(graded(1))
        await room.settle()
        assert "▶ grading" in row(room, 2)
        await room.scene.answer(rejected())
        await room.settle()
        assert "✗ rejected" in row(room, 2)


async def test_a_number_selects_a_task_and_its_brief(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("3")
        await room.settle()
        assert brief_title(room) == "Category 3 · Hand shapes"
        assert room.app.screen.query_one(CategoryList).selected == 2


async def test_arrows_and_the_mouse_select_too(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("down")
        await room.settle()
        assert brief_title(room) == "Category 2 · Garment drawings"
        await room.pilot.click(list(room.app.screen.query(CategoryRow))[4])
        await room.settle()
        assert brief_title(room) == "Category 5 · Town load"


async def test_the_brief_follows_a_saved_starter_when_the_app_was_not_used(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        room.clock.advance(FOLLOW_AFTER)
        await room.scene.edit("reviews", "1")
        await room.settle()
        assert brief_title(room) == "Category 4 · Shop reviews"
        assert any("Category 4 is shown now" in each for each in room.notices())
        await room.pilot.press("escape")
        await room.settle()
        assert brief_title(room) == "Category 1 · Power plant output"


async def test_whoever_reads_here_is_left_alone(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        room.clock.advance(FOLLOW_AFTER)
        await room.pilot.press("1")
        await room.scene.edit("reviews", "1")
        await room.settle()
        assert brief_title(room) == "Category 1 · Power plant output"
        room.clock.advance(60)
        await room.pilot.click("ExamClock")
        await room.scene.edit("reviews", "1 + 0")
        await room.settle()
        assert brief_title(room) == "Category 1 · Power plant output"
        room.clock.advance(59)
        await room.scene.edit("reviews", "1 + 1")
        await room.settle()
        assert brief_title(room) == "Category 1 · Power plant output"
        room.clock.advance(1)
        await room.scene.edit("reviews", "1 + 1 + 1")
        await room.settle()
        assert brief_title(room) == "Category 4 · Shop reviews"


async def test_following_can_be_turned_off(open_exam: OpenRoom) -> None:
    async with open_exam(flags={"follow_starter": "0"}) as room:
        room.clock.advance(FOLLOW_AFTER)
        await room.scene.edit("reviews", "1")
        await room.settle()
        assert brief_title(room) == "Category 1 · Power plant output"


async def test_the_brief_comes_in_the_language_of_the_screens(open_exam: OpenRoom) -> None:
    async with open_exam(flags={"lang": "zh"}) as room:
        assert brief_title(room) == "类别 1 · 电厂功率"


async def test_submissions_show_verdict_message_and_how_they_came(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        assert submissions(room) == ["No submissions yet."]
        room.clock.advance(600)
        await room.scene.take("flats", graded(3))
        room.clock.advance(60)
        await room.scene.take("flats", rejected(), by_hand=True)
        await room.settle()
        newest, first = submissions(room)
        assert newest.startswith(
            "▾ #2  ✗ rejected  0:11:00  by hand\n  Your model takes (28, 28, 1)"
        )
        assert first.rstrip() == "▸ #1   3/5   ● graded  0:10:00"


async def test_coach_mode_explains_a_score(open_exam: OpenRoom) -> None:
    async with open_exam(mode="coach") as room:
        await room.scene.take("flats", graded(3))
        await room.settle()
        assert submissions(room)[0].rstrip() == "▸ #1   3/5   ● graded  0:00:00   Accuracy 0.85."


async def test_grading_shows_stage_percent_and_seconds(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        assert room.text("GradingPanel .level") == "Save the model as Category1/mymodel.h5."
        await room.scene.take("garments")
        await room.scene.grading(Stage.PREDICTING, 0.5)
        await room.scene.tick(2.0)
        await room.settle()
        assert room.text("GradingPanel .words") == "▶ #1 predicting · Garment drawings"
        assert room.text("GradingPanel .level").endswith("68 % · 2 s")
        await room.scene.tick(3.0)
        await room.settle()
        assert room.text("GradingPanel .level").endswith("68 % · 5 s")
        await room.scene.answer(graded(5))
        await room.settle()
        assert not room.app.screen.query_one(GradingPanel).has_class("-grading")


async def test_cancel_works_only_while_grading(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("c")
        assert room.scene.happened() == []
        assert "Cancel" not in room.offered()
        await room.scene.take("garments")
        await room.scene.grading()
        await room.settle()
        assert "Cancel" in room.offered()
        await room.pilot.press("c")
        await room.scene.graded(1)
        await room.scene.take("garments")
        await room.settle()
        await room.pilot.click("GradingPanel Button")
        await room.scene.graded(2)
        grades = [each.grade for each in room.scene.sitting.submissions]
        assert [type(each) for each in grades] == [protocol.Cancelled] * 2


async def test_s_submits_the_selected_task(open_exam: OpenRoom) -> None:
    async with open_exam(flags={"auto_grade": "0"}) as room:
        await room.scene.leave_late("flats", "hands")
        await room.pilot.press("3", "s")
        await room.scene.submitted(1)
        await room.settle()
        assert [each.task for each in room.scene.sitting.submissions] == ["hands"]


async def test_what_happens_elsewhere_is_told_and_what_one_sees_is_not(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        await room.scene.take("flats", graded(3))
        await room.settle()
        assert room.notices() == []
        await room.scene.take("garments", graded(5))
        await room.settle()
        assert room.notices() == ["Garment drawings: ✓ graded 5/5"]


async def test_a_note_stays_with_its_task(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.stray("flats", "old.h5")
        await room.settle()
        assert submissions(room) == ["! old.h5 is not graded: save the model as mymodel.h5."]
        assert room.notices()[0].startswith("Power plant output: old.h5")
        await room.pilot.press("m")
        await room.scene.stray("flats", "m.keras")
        await room.scene.stray("hands", "m.keras")
        await room.settle()
        assert len(room.notices()) == 2
        assert room.notices()[1].startswith("Hand shapes: m.keras")
        await room.scene.take("flats", graded(1))
        await room.settle()
        assert not any(line.startswith("!") for line in submissions(room))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 50)])
async def test_a_notification_covers_neither_clock_nor_tabs(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(size=size) as room:
        await room.scene.lose("hands")  # the banner moves all below it
        await room.settle()
        await room.scene.take("garments", graded(5))
        await room.settle()
        screen = room.app.screen
        (toast,) = screen.query("Toast")
        first = min(
            (each for each in screen.query("TabBar") if each.region), key=lambda e: e.region.y
        )
        for other in (screen.query_one("ExamClock"), first):
            assert not toast.region.overlaps(other.region), other


async def test_the_total_and_how_it_grew_stand_below_the_categories(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        listed = room.app.screen.query_one(CategoryList)
        assert not listed.border_subtitle
        for task, score in (("flats", 5), ("garments", 4), ("garments", 3), ("hands", 5)):
            await room.scene.take(task, graded(score))
        await room.settle()
        assert str(listed.border_subtitle) == "∑ 42 % ▁▁▂▄"


async def test_a_note_goes_with_its_file(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.stray("flats", "old.h5")
        await room.settle()
        assert submissions(room)[0].startswith("! old.h5")
        (room.scene.workspace("flats") / "old.h5").unlink()
        await room.scene.looked_until(lambda: room.scene.proctor.strays == ())
        await room.settle()
        assert not any(line.startswith("!") for line in submissions(room))


async def test_a_model_of_another_name_is_offered_and_taken_by_s(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.stray("flats", "mymodel (1).h5")
        await room.settle()
        assert "s takes mymodel (1).h5 as the model." in submissions(room)[0]
        await room.pilot.press("s")
        await room.settle()
        assert "becomes the model of “Power plant output”" in room.text("ConfirmScreen Static")
        await room.pilot.press("n", "s")
        await room.settle()
        assert room.scene.sitting.submissions == ()
        (room.scene.workspace("flats") / "mymodel (1).h5").rename(
            room.scene.workspace("flats") / "mymodel (2).h5"
        )
        await room.scene.looked_until(
            lambda: [each.name for each in room.scene.proctor.strays] == ["mymodel (2).h5"]
        )
        await room.settle()
        await room.pilot.press("s")
        await room.settle()
        await room.pilot.press("y")
        taken = room.scene.workspace("flats") / "mymodel.h5"
        await room.scene.looked_until(taken.exists)
        assert not (room.scene.workspace("flats") / "mymodel (2).h5").exists()


async def test_a_download_is_offered_to_the_category_it_fits(
    open_exam: OpenRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fits(*_: object, **__: object) -> tuple[str, ...]:
        return ("garments", "hands")

    monkeypatch.setattr(downloads_watch, "downloads_folder", lambda: tmp_path / "Downloads")
    monkeypatch.setattr(downloads_watch, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(contract_fit, "fitting", fits)
    looks: list[int] = []
    true = Downloads.arrived

    def arrived(self: Downloads) -> list[Path]:
        looks.append(1)
        return true(self)

    monkeypatch.setattr(Downloads, "arrived", arrived)
    (tmp_path / "Downloads").mkdir()
    async with open_exam() as room:
        await room.pilot.press("w")
        await room.settle()
        assert str(tmp_path / "Downloads") in room.notices()[0]
        await until(lambda: looks)
        (tmp_path / "Downloads" / "mymodel (1).h5").write_bytes(model("from elsewhere"))
        await until(lambda: room.screen_name == "ConfirmScreen")
        await room.settle()
        assert room.app.screen.query_one(".card").border_title == "Take it for Category 2?"
        await room.pilot.press("n")
        await room.settle()
        assert room.app.screen.query_one(".card").border_title == "Take it for Category 3?"
        assert not (room.scene.workspace("hands") / "mymodel.h5").exists()
        await room.pilot.press("y")
        await room.scene.looked_until((room.scene.workspace("hands") / "mymodel.h5").exists)
        assert (tmp_path / "Downloads" / "mymodel (1).h5").exists()
        assert room.scene.workspace("garments").joinpath("mymodel.h5").exists() is False
        await room.pilot.press("w")
        await room.settle()
        assert room.notices()[-1].endswith("Downloads are no longer watched.")


@pytest.mark.parametrize("wanted", [True, False])
async def test_a_setting_watches_downloads_from_the_start(
    open_exam: OpenRoom, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: bool
) -> None:
    watched: list[Path] = []

    async def watch(_node: object, _proctor: object, folder: Path) -> None:
        watched.append(folder)

    monkeypatch.setattr(downloads_watch, "downloads_folder", lambda: tmp_path / "Downloads")
    monkeypatch.setattr(downloads_watch, "watch", watch)
    async with open_exam(flags={"watch_downloads": "1"} if wanted else {}) as room:
        await room.settle()
        assert watched == ([tmp_path / "Downloads"] if wanted else [])
        assert room.notices() == []


async def test_trouble_is_a_banner_until_dismissed(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.lose("garments")
        await room.settle()
        gone = f"The workspace cannot be used · {room.scene.workspace('garments')} is gone."
        assert gone in room.text("TroubleBanner")
        assert "Create the folder again" in room.text("TroubleBanner")
        await room.pilot.press("x")
        await room.settle()
        assert not room.app.screen.query_one(TroubleBanner).display


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def refuse(*_: object) -> None:
    raise WorkspaceError("starter.py cannot be reset.")


async def test_a_banner_goes_when_what_it_is_about_is_over(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        scene, banner = room.scene, room.app.screen.query_one(TroubleBanner)
        for task in ("garments", "hands"):
            await scene.lose(task)
        await room.settle()
        scene.workspace("hands").mkdir()
        await scene.hears(TroubleOver)
        await room.settle()
        # That of the other folder, which was there before, stands again.
        assert f"{scene.workspace('garments')} is gone." in room.text("TroubleBanner")
        assert room.app.screen.check_action("clear_notice", ())
        scene.workspace("garments").mkdir()
        await scene.looked_until(lambda: not banner.display)
        await room.settle()
        assert not room.app.screen.check_action("clear_notice", ())


async def test_a_banner_about_the_disk_goes_with_the_next_event(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_exam() as room:
        with monkeypatch.context() as disk:
            disk.setattr(os, "fsync", full)
            await room.pilot.press("2")
            await room.scene.hears(Trouble)
        await room.settle()
        assert room.app.screen.query_one(TroubleBanner).display
        await room.scene.turn_to("hands")
        await room.settle()
        assert not room.app.screen.query_one(TroubleBanner).display


async def test_a_banner_about_a_reset_goes_when_it_works(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_exam(kind="practice") as room:
        with monkeypatch.context() as disk:
            disk.setattr(exam_task_actions, "reset_starter", refuse)
            await room.pilot.press("a", "y")
            await room.settle()
        assert "cannot be reset" in room.text("TroubleBanner")
        await room.pilot.press("a", "y")
        await room.settle()
        assert not room.app.screen.query_one(TroubleBanner).display


async def test_the_machine_shows_gpu_memory_and_training(
    open_exam: OpenRoom, services: object
) -> None:
    services.gpu = ONE_GPU  # type: ignore[attr-defined]
    services.train()  # type: ignore[attr-defined]
    async with open_exam() as room:
        await room.pilot.pause(0.2)
        assert room.text("MachineRows").split("\n") == [
            "GPU    ━━━━━━━━━━━━━━╌╌  87 %",
            "VRAM   ━━━╌╌╌╌╌╌ 9.0/24.0 GiB",
            "peak 11.0 GiB · 67 °C · 285 W",
            "CPU    ━━━━━━━━━━╌╌╌╌╌╌  63 %",
            "Memory ━━━╌╌╌╌╌╌ 9.0/24.0 GiB",
            "▶ Category3 · starter.py     ",
            "187 % · 2.0 G · VRAM 8.0 G   ",
        ]


async def test_the_machine_says_why_there_is_no_gpu(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.pause(0.2)
        words = room.text("MachineRows").split()
        assert " ".join(words).startswith("GPU none · No NVIDIA driver is installed here.")


async def test_the_brief_can_have_the_whole_screen(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("z")
        await room.settle()
        assert not room.app.screen.query_one("#left").display
        await room.pilot.press("escape")
        await room.settle()
        assert room.app.screen.query_one("#left").display


async def test_an_exam_cannot_be_paused(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("p")
        await room.settle()
        assert room.scene.happened() == []
        assert "Pause" not in room.offered()


async def test_practice_pauses_and_goes_on(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.pilot.press("p")
        await room.settle()
        assert room.text("ExamClock .words") == "paused"
        await room.pilot.press("p")
        await room.settle()
        assert room.scene.happened() == ["Paused", "Resumed"]
        assert room.text("ExamClock .words") == "time left"


async def test_at_zero_the_result_comes_by_itself(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("e")
        await room.scene.tick(18000)
        await room.scene.phase(Phase.ENDED)
        await room.settle()
        assert room.screen_name == "ResultScreen"
        assert "time ran out" in room.text("#facts")


async def test_a_grade_of_ours_that_failed_costs_nothing(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        failed = protocol.GraderFailed(
            message=Message("The grader failed: {error}", {"error": "x"})
        )
        await room.scene.take("flats", graded(5))
        await room.scene.take("flats", failed)
        await room.settle()
        assert "5/5" in row(room, 0)
        assert "! grader failed" in row(room, 0)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_no_line_of_the_list_is_wider_than_its_room(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    from rich.cells import cell_len

    async with open_exam(size=size, flags={"lang": "zh"}) as room:
        await room.scene.take("garments", graded(4))
        await room.scene.take("garments", graded(2))
        await room.settle()
        for each in room.app.screen.query(CategoryRow):
            lines = str(each.render()).split("\n")
            assert {cell_len(line) for line in lines} == {each.content_size.width}


def compact(room: Room) -> list[str]:
    return str(room.app.screen.query_one(CompactExam).render()).split("\n")


@pytest.mark.parametrize("size", [(60, 15), (40, 9), (100, 10), (60, 40)])
async def test_a_small_window_shows_clock_scores_and_last_verdict(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(size=size) as room:
        assert room.app.screen.query_one(CompactExam).display
        assert not room.app.screen.query_one(TooSmall).display
        await room.scene.take("garments", graded(4))
        await room.scene.tick(60)
        await room.settle()
        lines = compact(room)
        assert lines[0].startswith("4:59:00  time left  ∑ ")
        assert any(each.startswith(" 2 ■■■■□ 4/5  ● graded") for each in lines)
        assert any(each.startswith("#1 ● graded 4/5  Garment") for each in lines)
        assert all(cell_len(each) <= size[0] - 2 for each in lines)
        assert len(lines) <= size[1]


async def test_a_few_lines_hold_the_scores_in_one(open_exam: OpenRoom) -> None:
    async with open_exam(size=(60, 4)) as room:
        await room.scene.take("flats", graded(5))
        await room.scene.tick(1)
        await room.settle()
        assert compact(room)[1:] == [
            "5/5  –/5  –/5  –/5  –/5",
            "#1 ✓ graded 5/5  Power plant output",
        ]


async def test_the_compact_exam_hears_keys(open_exam: OpenRoom) -> None:
    async with open_exam(size=(60, 15)) as room:
        await room.pilot.press("3")
        await room.settle()
        assert any(each.startswith("▸3 ") for each in compact(room))
        await room.pilot.resize_terminal(120, 40)
        await room.settle()
        assert not room.app.screen.query_one(CompactExam).display


async def test_a_category_that_trains_says_so_with_its_epoch_and_takes_the_time(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        found = TrainingProcess(
            pid=7, command="starter.py", place="Category3", cpu_percent=90, memory=1
        )
        usage = UsageSample(cpu_percent=9, memory_used=1, memory_total=2, training=(found,))
        screen = room.app.screen
        room.app.bridge.stop_watching()  # or its own sample might come after this one
        await room.settle()
        screen.post_message(messages.MachineSampled(None, usage, {"Category3": 12}))
        await room.settle()
        await room.scene.tick(1)
        await room.settle()
        assert "▶ training · epoch 12" in row(room, 2)
        assert room.scene.sitting.task == "hands"
        assert brief_title(room) == "Category 1 · Power plant output"
