"""The panes of the exam screen: which is visible, what it shows, and what it can do."""

import pytest
from msgspec.structs import replace

from engine.grading.sampling import WHOLE
from engine.machine.curves import NO_LOG, NoCurve
from engine.sitting.views.folder_sample import FolderSample
from engine.sitting.views.folder_view import FileEntry, Listing
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FOLDER, FakeServices, graded
from tui.widgets.exam.files import FilesPanel
from tui.widgets.exam.submissions import SubmissionList
from tui.widgets.exam.tab_bar import TabLabel
from tui.widgets.exam.task_panes import PANES, TaskPanes
from tui.widgets.exam.training import TrainingPanel


def in_sight(room: Room) -> list[str]:
    panes = room.app.screen.query_one(TaskPanes)
    return [name for name in PANES if panes.in_sight(name)]


def files(room: Room) -> list[str]:
    return [str(each.prompt) for each in room.app.screen.query_one(FilesPanel).options]


def listed(room: Room) -> list[str]:
    return [str(each.prompt) for each in room.app.screen.query_one(SubmissionList).options]


async def sampled(room: Room) -> None:
    """Wait until the folder has been sampled, which a thread does."""
    for _ in range(100):
        await room.pilot.pause(0.02)
        if room.app.screen.state.folder is not None:  # type: ignore[attr-defined]
            return
    raise AssertionError("the folder was never looked into")


async def test_a_small_window_shows_one_pane_and_keys_exchange_it(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        assert in_sight(room) == ["brief"]
        for key, name in (("f", "files"), ("m", "submissions"), ("t", "training"), ("b", "brief")):
            await room.pilot.press(key)
            await room.settle()
            assert in_sight(room) == [name]
            assert room.app.screen.query_one(f"#{name}").has_focus


async def test_arrows_go_round_the_panes(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("left")
        assert in_sight(room) == ["training"]
        await room.pilot.press("right", "right")
        assert in_sight(room) == ["files"]


async def test_a_click_on_a_name_shows_its_pane(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        labels = [each for each in room.app.screen.query(TabLabel) if each.region]
        assert [str(each.render()) for each in labels] == [
            "b Brief",
            "f Files",
            "m Submissions",
            "t Training",
        ]
        await room.pilot.click(labels[3])
        await room.settle()
        assert in_sight(room) == ["training"]
        assert [each.tab.name for each in labels if each.has_class("-front")] == ["training"]


@pytest.mark.parametrize("size", [(120, 40), (160, 30), (200, 60)])
async def test_where_there_is_room_two_panes_are_in_sight(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(size=size) as room:
        assert in_sight(room) == ["brief", "submissions"]
        await room.pilot.press("t")
        await room.settle()
        assert in_sight(room) == ["brief", "training"]
        await room.pilot.press("z")
        await room.settle()
        assert in_sight(room) == ["training"]
        await room.pilot.press("escape")
        await room.settle()
        assert in_sight(room) == ["brief", "training"]


async def test_files_are_listed_with_size_and_time(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("f")
        await sampled(room)
        lines = files(room)
        assert lines[0].split()[:3] == ["starter.py", "2.1", "KiB"]
        assert lines[4].startswith("data/")
        assert lines[5].startswith("  train.npz")


async def test_a_folder_that_cannot_be_read_says_so(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    services.folder = FolderSample(Listing(fault="No such file or directory"), FOLDER.curve)
    async with open_exam() as room:
        await sampled(room)
        assert files(room) == ["✗ No such file or directory"]


async def test_what_a_crowded_folder_leaves_out_is_said(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    services.folder = FolderSample(Listing((FileEntry("a", 1, 0.0),), 41), FOLDER.curve)
    async with open_exam() as room:
        await sampled(room)
        assert files(room)[-1] == "and 41 more"


async def test_curves_are_drawn_or_a_reason_is_given(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    async with open_exam() as room:
        await room.pilot.press("t")
        await sampled(room)
        text = room.text("TrainingPanel")
        assert "─ loss 0.1069  ┄ val 0.3029" in text
        assert "─ accuracy 0.9683" in text
        panel = room.app.screen.query_one(TrainingPanel)
        assert panel.border_subtitle == "24 epochs · lowest val_loss 0.3029 at 24"
        panel.show(NoCurve(replace(NO_LOG, facts={"file": "training.csv"})))
        assert room.text("TrainingPanel").startswith("There is no training.csv here yet.")
        assert panel.border_subtitle == ""


async def test_a_saved_model_that_is_not_graded_is_warned_of(open_exam: OpenRoom) -> None:
    async with open_exam(flags={"auto_grade": "0"}) as room:
        await room.pilot.press("f")
        await sampled(room)
        await room.scene.leave_late("flats")
        await room.settle()
        assert "! saved, not graded" in str(room.app.screen.query("CategoryRow").first().render())
        assert any("! mymodel.h5" in line for line in files(room))
        assert room.text("GradingPanel .level").endswith("Category1/mymodel.h5, then press s.")
        await room.scene.take("flats", graded(2), by_hand=True)
        await room.settle()
        assert not any("!" in line for line in files(room))


async def test_submissions_tell_how_they_are_built_and_what_changed(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take(
            "flats", graded(3, layers=("InputLayer", "Dense(8, relu)", "Dense(1)"))
        )
        await room.scene.take(
            "flats", graded(4, layers=("InputLayer", "Dense(16, relu)", "Dense(1)"))
        )
        await room.settle()
        await room.pilot.press("z", "m")
        await room.settle()
        newest, first = listed(room)
        summary = "2 layers, 9,000 parameters: Dense(8, relu) · Dense(1)"
        assert first.rstrip() == f"▸ #1   3/5   ● graded  0:00:00   {summary[:42]}…"
        await room.pilot.press("enter", "down", "enter")
        await room.settle()
        newest, first = listed(room)
        assert summary in first
        assert "since #1: Dense(8, relu) → Dense(16, relu)" in newest


async def test_a_restored_model_is_marked_where_it_lies(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take("flats", graded(4))
        await room.settle()
        await room.scene.take("flats", graded(2))
        await room.settle()
        await room.pilot.press("r")
        await room.settle()
        assert room.scene.happened()[-1] == "GradingEnded"
        await room.pilot.press("m", "down", "r")
        await room.settle()
        assert room.scene.happened()[-1] == "PutBack"
        lies, wanted = room.scene.model_file("flats"), room.scene.grader.contents[0]
        await until(room, lambda: lies.read_bytes() == wanted)
        listed = room.app.screen.query_one(SubmissionList)
        assert [("in the folder" in str(each.prompt)) for each in listed.options] == [False, True]
        assert "Category1/mymodel.h5 is the model of #1 again." in room.notices()[0]


async def test_a_drawn_sample_is_told_where_scores_are(open_exam: OpenRoom) -> None:
    async with open_exam(sampling="draw") as room:
        await room.scene.take("flats", graded(5))
        await room.pilot.press("m")
        await room.settle()
        listed = room.app.screen.query_one("#submissions", SubmissionList)
        first = listed.get_option_at_index(0)
        assert "a new random sample" in str(first.prompt)
        assert first.disabled
        assert listed.chosen == 1
        assert "random sample" in room.text("#title")
        await room.scene.end()
        await room.settle()
        assert "on a new random sample each time" in room.text("#facts")


async def test_a_task_without_a_fair_sample_says_that_it_is_measured_whole(
    open_exam: OpenRoom,
) -> None:
    async with open_exam(sampling="draw") as room:
        await room.scene.take("flats", replace(graded(5), notes=(WHOLE,)))
        await room.pilot.press("m")
        await room.settle()
        listed = room.app.screen.query_one("#submissions", SubmissionList)
        assert "No sample was drawn" in str(listed.get_option_at_index(0).prompt)


async def test_the_whole_hidden_set_needs_no_word(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        listed = room.app.screen.query_one("#submissions", SubmissionList)
        assert listed.option_count == 1
        assert "sample" not in room.text("#title")


async def test_time_spent_stands_with_each_task(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.scene.tick(59)
        await room.settle()
        rows = list(room.app.screen.query("CategoryRow"))
        assert str(rows[0].render()).rstrip().endswith(" 0/30 min")
        await room.scene.tick(61)
        await room.pilot.press("2")
        await room.scene.tick(3600)
        await room.settle()
        assert str(rows[0].render()).rstrip().endswith(" 2/30 min")
        assert str(rows[1].render()).rstrip().endswith("▲ 60/30 min")


async def test_coming_back_shows_the_task_one_left(
    open_room: OpenRoom, services: FakeServices
) -> None:
    from tui.start import Resume

    scene = services.make()
    scene.begin(turned="reviews")
    async with open_room(Resume(scene.folder)) as room:
        assert (
            room.app.screen.query_one(TaskPanes).brief.border_title == "Category 4 · Shop reviews"
        )


async def test_the_highlight_follows_the_newest_submission(open_exam: OpenRoom) -> None:
    async with open_exam() as room:
        await room.pilot.press("m")
        for score in (1, 2, 3):
            number = await room.scene.take("flats", graded(score))
            await room.settle()
            listed = room.app.screen.query_one(SubmissionList)
            assert listed.chosen == number
            assert listed.scroll_offset.y == 0
            assert "newer" not in str(listed.border_subtitle)


async def test_the_newest_comes_into_sight_with_what_stands_above_it(open_exam: OpenRoom) -> None:
    async with open_exam(size=(60, 15), sampling="draw") as room:
        await room.pilot.press("m")
        listed = room.app.screen.query_one(SubmissionList)
        for _ in range(12):
            await room.scene.take("flats", graded(1))
        await room.settle()
        assert listed.virtual_size.height > listed.content_size.height
        listed.scroll_to(y=3, animate=False)  # as the wheel does
        await room.settle()
        assert listed.scroll_offset.y > 1
        newest = await room.scene.take("flats", graded(1))
        await room.settle()
        assert listed.chosen == newest
        assert listed.scroll_offset.y == 0  # the remark on samples, too


async def test_a_file_that_appears_above_leaves_the_highlight_on_its_file(
    open_exam: OpenRoom, services: FakeServices
) -> None:
    async with open_exam() as room:
        await room.pilot.press("f", "down", "down")
        await sampled(room)
        panel = room.app.screen.query_one(FilesPanel)
        files_now = FOLDER.listing.entries
        place = panel.highlighted
        assert place
        was = panel.get_option_at_index(place).id
        panel.show(
            replace(FOLDER.listing, entries=(FileEntry("a.py", 1, 0.0), *files_now)),
            unsubmitted=False,
        )
        assert panel.highlighted == place + 1
        assert panel.get_option_at_index(place + 1).id == was
        panel.show(replace(FOLDER.listing, entries=files_now[:1]), unsubmitted=False)
        assert panel.highlighted == 0  # it is gone


async def test_a_highlight_moved_by_hand_stays_and_newer_ones_are_counted(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        first = await room.scene.take("flats", graded(1))
        await room.scene.take("flats", graded(2))
        await room.pilot.press("m", "down")
        await room.settle()
        listed = room.app.screen.query_one(SubmissionList)
        assert listed.chosen == first
        newest = await room.scene.take("flats", graded(3))
        await room.settle()
        assert listed.chosen == first
        assert str(listed.border_subtitle) == "3 attempts · ▲ 2 newer above"
        await room.pilot.press("home")
        await room.settle()
        assert listed.chosen == newest
        assert str(listed.border_subtitle) == "3 attempts"
