"""The exam screen gives its room to what matters: one line for the machine, clicks in a split."""

import pytest
from rich.cells import cell_len

from engine.machine.gpu import Gpus, NoGpu
from engine.sitting.later import read_later
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import NO_GPU, ONE_GPU, USAGE, FakeServices, graded, rejected
from tui.text.block_digits import block_digits
from tui.widgets.exam.categories import CategoryRow
from tui.widgets.exam.compact_exam import CompactExam
from tui.widgets.exam.machine import MachineLine, MachinePanel, one_line
from tui.widgets.exam.submissions import SubmissionList
from tui.widgets.exam.task_panes import TaskPanes
from tui.widgets.exam.total import TotalChart

SIZES = [(80, 24), (120, 40), (160, 50)]


def row(room: Room, index: int) -> str:
    return str(list(room.app.screen.query(CategoryRow))[index].render())


def listed(room: Room) -> list[str]:
    return [str(each.prompt) for each in room.app.screen.query_one(SubmissionList).options]


@pytest.mark.parametrize("size", SIZES)
async def test_the_panes_have_most_of_the_screen(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(size=size) as room:
        panes = room.app.screen.query_one(TaskPanes).region
        assert panes.area > size[0] * size[1] / 2
        assert not room.app.screen.query_one(MachinePanel).display


@pytest.mark.parametrize("size", SIZES)
async def test_the_machine_is_a_line_that_a_key_or_a_click_opens(
    open_exam: OpenRoom, services: FakeServices, size: tuple[int, int]
) -> None:
    services.gpu = ONE_GPU
    async with open_exam(size=size) as room:
        screen = room.app.screen
        line, panel = screen.query_one(MachineLine), screen.query_one(MachinePanel)
        await until(room, lambda: "CPU 63 %" in str(line.render()))
        assert str(line.render()).startswith("g GPU 87 % · ")
        assert line.region.height == 1
        for way in ("g", "click"):
            for opened in (True, False):
                if way == "g":
                    await room.pilot.press("g")
                else:
                    await room.pilot.click(line if opened else panel)
                await room.settle()
                assert panel.display is opened
                assert line.display is not opened
        await room.pilot.press("g", "escape")
        await room.settle()
        assert not panel.display
        await room.pilot.press("z", "g")
        await room.settle()
        assert panel.display
        assert panel.region.bottom <= size[1]


@pytest.mark.parametrize("width", range(12, 70, 3))
def test_the_line_says_what_it_has_room_for(width: int) -> None:
    for gpu in (ONE_GPU, NO_GPU, Gpus(()), None, Gpus((*ONE_GPU.samples, *ONE_GPU.samples))):
        line = one_line(gpu, USAGE, width).plain
        assert cell_len(line) <= width
        assert line.endswith(("CPU 63 %", "GiB"))
    assert one_line(NoGpu(NO_GPU.reason), None, 60).plain == "g GPU none · CPU n/a"


def test_figures_are_three_lines_of_one_width() -> None:
    for text in ("5:00:00", "4:59:37", "12:08:46", "3/5", "–/5"):
        rows = block_digits(text)
        assert len(rows) == 3
        assert len({cell_len(each) for each in rows}) == 1
    drawn = {digit: tuple(block_digits(digit)) for digit in "0123456789"}
    assert len(set(drawn.values())) == 10


@pytest.mark.parametrize(
    ("size", "large"), [((80, 24), False), ((80, 40), True), ((120, 40), True)]
)
async def test_the_clock_has_block_figures_where_there_is_room(
    open_exam: OpenRoom, size: tuple[int, int], large: bool
) -> None:
    async with open_exam(size=size) as room:
        digits = room.app.screen.query_one("ExamClock .digits")
        assert digits.display is large
        if large:
            assert str(digits.render()) == "\n".join(block_digits("5:00:00"))
            assert digits.region.height == 3


async def test_a_submission_is_a_line_until_it_is_opened(open_exam: OpenRoom) -> None:
    layers = ("Flatten", "Dense(64, relu)", "Dense(10, softmax)")
    async with open_exam(size=(120, 40)) as room:
        for score in (3, 4):
            await room.scene.take("flats", graded(score, layers=layers))
        await room.settle()
        assert all("\n" not in each.rstrip() for each in listed(room))
        pane = room.app.screen.query_one(SubmissionList)
        await room.pilot.click(pane, offset=(8, 1))
        await room.settle()
        assert all(each in listed(room)[0] for each in block_digits("4/5"))
        assert "graded in 2.5 s" in listed(room)[0]
        assert "Dense(64, relu)" in listed(room)[0]
        assert "built as #1" in listed(room)[0]
        assert listed(room)[1].startswith("▸")
        await room.pilot.click(pane, offset=(8, 1))
        await room.settle()
        assert listed(room)[0].startswith("▸")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (60, 15)])
@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_no_line_of_a_submission_is_wider_than_the_list(
    open_exam: OpenRoom, size: tuple[int, int], lang: str
) -> None:
    async with open_exam(size=size, flags={"lang": lang}) as room:
        await room.scene.take("flats", graded(3, layers=("Conv2D(32, relu)",) * 9), by_hand=True)
        await room.scene.take("flats", rejected())
        await room.pilot.press("m", "down", "enter")
        await room.settle()
        pane = room.app.screen.query_one(SubmissionList)
        width = pane.scrollable_content_region.width
        assert width
        for text in listed(room):
            assert max(map(cell_len, text.split("\n"))) <= width


async def test_a_rejection_needs_no_key_to_be_read_and_gives_way_to_the_next(
    open_exam: OpenRoom,
) -> None:
    async with open_exam() as room:
        await room.pilot.press("m")
        await room.scene.take("flats", rejected())
        await room.settle()
        assert "drop the last axis" in " ".join(listed(room)[0].split())
        await room.scene.take("flats", graded(4))
        await room.settle()
        assert all("\n" not in each.rstrip() for each in listed(room))


async def test_a_mark_to_come_back_stays_with_the_sitting(
    open_exam: OpenRoom, open_room: OpenRoom
) -> None:
    from tui.start import Resume

    async with open_exam(size=(120, 40)) as room:
        await room.scene.take("garments", graded(3))
        await room.pilot.press("2", "l", "4", "l", "4", "l")
        await room.settle()
        assert "⚑ later" in row(room, 1)
        assert "⚑" not in row(room, 3)
        await room.pilot.press("e")
        await room.settle()
        assert "⚑ later: 2 Garment drawings" in room.text("#remarks")
        folder = room.scene.folder
    assert read_later(folder) == {"garments"}
    async with open_room(Resume(folder), size=(120, 40)) as room:
        assert "⚑ later" in row(room, 1)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_row_with_a_mark_fills_its_width_and_keeps_its_minutes(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(size=size) as room:
        await room.scene.take("flats", graded(3))
        await room.scene.take("garments", rejected())
        await room.pilot.press("1", "l", "2", "l")
        await room.scene.tick(3000)
        await room.settle()
        for each in room.app.screen.query(CategoryRow):
            lines = str(each.render()).split("\n")
            assert {cell_len(line) for line in lines} == {each.content_size.width}
        assert "min" in row(room, 0)
        assert "✗ rejected" in row(room, 1)
        assert "⚑ later" in row(room, 1)


async def test_the_total_is_drawn_against_the_pass_mark_where_there_is_room(
    open_exam: OpenRoom,
) -> None:
    async with open_exam(size=(120, 40)) as room:
        chart = room.app.screen.query_one(TotalChart)
        assert str(chart.render()) == ""
        room.clock.advance(3600)
        await room.scene.take("flats", graded(5))
        await room.settle()
        legend, *lines = str(chart.render()).split("\n")
        assert legend == "─ total 10 %  ┄ pass mark 90 %"
        assert lines[0].lstrip().startswith("90│")
        assert lines[-1].split() == ["└0:00", "5:00"]
        assert any("⠀" < letter < "⣿" for line in lines for letter in line)


async def test_a_blind_sitting_draws_no_total(open_exam: OpenRoom) -> None:
    async with open_exam(size=(120, 40), mode="blind") as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        assert str(room.app.screen.query_one(TotalChart).render()) == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_in_a_split_a_click_selects_a_task_and_shows_a_pane(
    open_exam: OpenRoom, lang: str
) -> None:
    async with open_exam(size=(60, 15), flags={"lang": lang}) as room:
        await room.scene.take("garments", graded(3))
        await room.settle()
        compact = room.app.screen.query_one(CompactExam)
        lines = str(compact.render()).split("\n")
        place = next(n for n, each in enumerate(lines) if each.startswith(" 2 "))
        await room.pilot.click(compact, offset=(6, place))
        await room.settle()
        assert "▸2 " in str(compact.render())
        panes = room.app.screen.query_one(TaskPanes)
        for number, name in enumerate(("brief", "files", "submissions", "training")):
            tabs = str(compact.render()).split("\n")[-1]
            words = [each for each in tabs.split("  ") if each]
            before = cell_len(tabs[: tabs.index(words[number])])
            await room.pilot.click(compact, offset=(before + 2, compact.size.height - 1))
            await room.settle()
            assert panes.in_sight(name)
            assert not compact.display
            await room.pilot.press("escape")
            await room.settle()
            assert compact.display
            assert not panes.in_sight(name)


async def test_in_a_split_a_key_shows_a_pane_in_the_whole_window(open_exam: OpenRoom) -> None:
    async with open_exam(size=(60, 15)) as room:
        for key, name in (("b", "brief"), ("m", "submissions")):
            await room.pilot.press(key)
            await room.settle()
            pane = room.app.screen.query_one(f"#{name}")
            assert pane.region.width == 60
            assert pane.region.height >= 12
            assert "Back" in room.offered()
            await room.pilot.press("escape")
            await room.settle()
