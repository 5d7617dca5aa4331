"""Every screen in Chinese: full-width marks, one word for each thing, no English left."""

import re
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from tests.chinese import english, faults
from tests.tui.draw_screens import SCENES, Stagehand, built_in, play_scene
from tests.tui.scene import home_of_ada
from tui.text.line_breaks import use_in_textual

SIZE = (120, 40)
OF_FAKES = {"pictures of three"}  # the title of a data set that is none
# Caution as a glyph, and a code that is broken across two lines.
_GLYPH = re.compile(r"(?<=[ │])! |[\w.]+\(\)\)")


def shown(app: App[None]) -> list[str]:
    """The lines of the whole screen, dialogs included."""
    lines = (strip.text for strip in app.screen._compositor.render_strips())
    return [_GLYPH.sub("  ", line) for line in lines]


@pytest.mark.parametrize("name", SCENES)
async def test_a_chinese_screen_has_no_half_width_marks(name: str, tmp_path: Path) -> None:
    start, script = SCENES[name]
    with home_of_ada(tmp_path):
        stage = Stagehand(SIZE, "zh", start, tmp_path, tasks=built_in(tmp_path))
        async with stage.app.run_test(size=SIZE) as pilot:
            await play_scene(stage, script, pilot)
            lines = shown(stage.app)
    found = [fault for line in lines for fault in faults(line)]
    assert not found
    assert not {each for line in lines for each in english(line)} - OF_FAKES


class Page(App[None]):
    TEXT = "按 ctrl+q 退出以后，已经提交的内容都会保留下来（包括没有评分的）。"

    def compose(self) -> ComposeResult:
        use_in_textual()
        with Vertical():
            yield Static(self.TEXT, id="text")


@pytest.mark.parametrize("width", [12, 17, 23, 30])
async def test_every_widget_fills_its_lines_and_breaks_by_the_rules(width: int) -> None:
    """Textual itself would leave a line empty before a long run, and break before a comma."""
    app = Page()
    async with app.run_test(size=(width, 12)):
        lines = [line.rstrip() for line in shown(app) if line.strip()]
    assert "".join(lines).replace(" ", "") == Page.TEXT.replace(" ", "")
    assert not [line for line in lines if line[0] in "，。）"]
    # Only a mark that must not begin the next line, or an opening one, leaves a gap.
    assert all(width - cell_len(line) <= 6 for line in lines[:-1])
