"""Chinese above the edges of other widgets keeps all its characters."""

import pyte
import pytest
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widgets import Static

from tui import wide_cells

TEXT = "无法打开文件夹窗口。"
WIDTH, HEIGHT = 40, 3


class Covered(App[None]):
    """A line of Chinese above two widgets whose common edge is at the cell `edge`."""

    CSS = """
    Screen { layers: below above; layout: horizontal; }
    #left, #right { layer: below; height: 1; width: 1fr; }
    #above { layer: above; width: 100%; height: 1; background: black; }
    """

    def __init__(self, edge: int) -> None:
        wide_cells.use_in_textual()
        super().__init__()
        self._edge = edge

    def compose(self) -> ComposeResult:
        left = Static("a" * 60, id="left")
        left.styles.width = self._edge
        yield left
        yield Static("b" * 60, id="right")
        yield Static(TEXT, id="above")


def screen_of(*updates: str) -> str:
    screen = pyte.Screen(WIDTH, HEIGHT)
    stream = pyte.Stream(screen)
    for each in updates:
        stream.feed(each)
    return "".join(screen.buffer[0][at].data for at in range(WIDTH)).rstrip()


@pytest.mark.parametrize("edge", range(1, 22))
async def test_no_edge_below_takes_a_character(edge: int) -> None:
    async with Covered(edge).run_test(size=(WIDTH, HEIGHT)) as pilot:
        app, compositor = pilot.app, pilot.app.screen._compositor
        full = compositor.render_full_update().render_segments(app.console)
        assert screen_of(full) == TEXT
        # Then either widget below is painted again, whole or up to a place within it.
        for region in (
            Region(0, 0, edge, 1),
            Region(edge, 0, WIDTH - edge, 1),
            Region(0, 0, max(1, edge - 1), 1),
            Region(edge, 0, 3, 1),
        ):
            compositor._dirty_regions = {region}
            part = compositor.render_partial_update()
            assert part is not None
            assert screen_of(full, part.render_segments(app.console)) == TEXT


async def test_a_character_that_is_really_half_covered_is_blank() -> None:
    app = Covered(9)
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        app.query_one("#above").styles.width = 5
        await pilot.pause()
        full = app.screen._compositor.render_full_update().render_segments(app.console)
        assert screen_of(full).startswith("无法 aaaabbb")


def test_lines_of_one_cell_a_character_are_cut_by_textual_itself() -> None:
    line = Strip([Segment("abcdef", Style(bold=True))])
    assert [type(each) for each in line.divide([2, 6])] == [Strip, Strip]
