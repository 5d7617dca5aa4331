"""Draws every main screen with fakes into docs/screens: `python -m tests.tui.draw_screens`.

The clock stands still and the probes always answer the same, so that a picture changes only
when its screen does.
"""

import asyncio
import html
import itertools
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from rich._palettes import STANDARD_PALETTE
from rich.cells import cell_len
from rich.color import Color as TerminalColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.pilot import Pilot

from engine.clock import ManualClock
from engine.grading.protocol import Stage
from engine.settings import Language
from engine.sitting.state.sitting import Phase
from exam_bank.catalog import Catalog
from exam_bank.preparation import Step
from exam_bank.task import Task
from tests.tui import scenes_after_exam, scenes_before_exam
from tests.tui.fakes import (
    ONE_GPU,
    TITLES,
    FakeServices,
    graded,
    rejected,
    settings,
    summary,
)
from tests.tui.scene import Scene, home_of_ada
from tui import themes
from tui.app import ExamApp
from tui.link.messages import PreparationMoved
from tui.palette_filter import Count, PaletteFilter
from tui.start import Home, NewExam, Resume, Start
from tui.widgets.exam.machine import MachinePanel

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES = ((80, 24), (120, 40))
# A split beside an editor: the exam is compact there.
SMALL = (60, 15)
LANGUAGES: tuple[Language, ...] = ("en", "zh")
THEMES = {"": themes.DARK.name, "-clear": themes.CLEAR.name}
# Drawn in 256 and in 16 colours, too, at each size in English.
IN_FEW_COLOURS = ("home", "setup", "exam", "result")
COUNTS: tuple[Count, ...] = (256, 16)

_CELL = 12.2  # the width of a cell in Rich's SVG
_TEXT = re.compile(r'<text ([^>]*?)x="([\d.]+)"([^>]*?)textLength="[\d.]+"([^>]*>)(.*?)</text>')
_FONT_FACE = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_FONTS = '"Fira Code", "DejaVu Sans Mono", "Noto Sans Mono CJK SC", "Noto Sans CJK SC", monospace'


def tidy(svg: str) -> str:
    """The picture with each Chinese character in its two cells, and no remote font.

    Rich sizes a text by its characters, not its cells, which squeezes wide ones; so every wide
    character becomes a separate text.
    """
    svg = _FONT_FACE.sub("", svg)
    svg = re.sub(r"font-family: Fira Code, monospace", f"font-family: {_FONTS}", svg)
    svg = _TEXT.sub(_in_cells, svg)
    return re.sub(r"terminal-\d+", "terminal", svg)


def _in_cells(match: re.Match[str]) -> str:
    before, x, middle, after, text = match.groups()
    plain = html.unescape(text)
    if cell_len(plain) == len(plain):
        return match[0]
    place, parts = float(x), []
    for run in re.findall(r"[\u2e80-\uffef]|[^\u2e80-\uffef]+", plain):
        width = cell_len(run) * _CELL
        shown = html.escape(run).replace(" ", "&#160;")
        length = f'textLength="{width:.1f}"' if len(run) > 1 else ""
        parts.append(f'<text {before}x="{place:.1f}"{middle}{length}{after}{shown}</text>')
        place += width
    return "".join(parts)


class Stagehand:
    """One app with fakes, and what happens in it before its picture is taken."""

    def __init__(
        self,
        size: tuple[int, int],
        language: Language,
        start: Start,
        folder: Path,
        *,
        tasks: dict[str, Task] | None = None,
        theme: str = "",
    ) -> None:
        """`tasks` are those of the paper; by default the fakes' own."""
        self.clock = ManualClock()
        self.services = FakeServices(self.clock, folder, gpu=ONE_GPU, tasks=tasks)
        if isinstance(start, Resume):
            self.services.begin()
        self.services.settings = settings(folder, lang=language, theme=theme)
        self.app = ExamApp(self.services.settings, self.clock, start, services=self.services)
        self.size = size

    @property
    def scene(self) -> Scene:
        assert self.services.scene is not None
        return self.services.scene


Script = Callable[[Stagehand, Pilot[None]], Awaitable[None]]


async def home(stage: Stagehand, pilot: Pilot[None]) -> None:
    running = summary(stage.clock, phase=Phase.RUNNING, time_left=9252.0)
    stage.services.summaries = [running]
    await pilot.press("h")
    await pilot.press("escape")


async def setup(stage: Stagehand, pilot: Pilot[None]) -> None:
    await pilot.pause()


async def preparing(stage: Stagehand, pilot: Pilot[None]) -> None:
    stage.app.screen.post_message(PreparationMoved(Step(TITLES[2][0], 3, 5)))


async def practice(stage: Stagehand, pilot: Pilot[None]) -> None:
    await pilot.press("p")
    await pilot.press("down", "space", "down", "space")


async def play(stage: Stagehand, pilot: Pilot[None]) -> None:
    """An hour and a half of an exam."""
    scene = stage.scene
    await scene.turn_to("flats")
    stage.clock.advance(1260)
    await scene.take("flats", graded(3))
    stage.clock.advance(300)
    await scene.take("flats", graded(5))
    await scene.turn_to("garments")
    stage.clock.advance(900)
    await scene.take("garments", rejected())
    stage.clock.advance(1300)
    await scene.take(
        "garments", graded(3, layers=("Flatten", "Dense(64, relu)", "Dense(10, softmax)"))
    )
    stage.clock.advance(600)
    await scene.take(
        "garments",
        graded(
            4,
            layers=(
                "Reshape",
                "Conv2D(32, relu)",
                "MaxPooling2D",
                "Flatten",
                "Dense(64, relu)",
                "Dropout",
                "Dense(10, softmax)",
            ),
        ),
    )
    stage.clock.advance(900)
    await scene.turn_to("hands")
    stage.clock.advance(700)
    await scene.take("hands", graded(2))
    await pilot.press("2")
    stage.app.clear_notifications()


async def exam(stage: Stagehand, pilot: Pilot[None]) -> None:
    await play(stage, pilot)
    await stage.scene.take("hands")
    await stage.scene.grading(Stage.PREDICTING, 0.5)
    stage.services.train()
    panel = stage.app.screen.query_one(MachinePanel)
    while not (panel.usage and panel.usage.training):  # sampled in a thread
        await pilot.pause(0.02)
    await stage.scene.tick(2.0)


async def complete(stage: Stagehand, pilot: Pilot[None]) -> None:
    for name, _en, _zh in TITLES:
        stage.clock.advance(2400)
        await stage.scene.take(name, graded(5))
    await stage.scene.tick(4200)
    await pilot.pause()
    stage.app.clear_notifications()


async def end(stage: Stagehand, pilot: Pilot[None]) -> None:
    await play(stage, pilot)
    await stage.scene.take("town-load")
    await stage.scene.tick(2.0)
    await pilot.press("e")


async def result(stage: Stagehand, pilot: Pilot[None]) -> None:
    await play(stage, pilot)
    for name, score in (("hands", 5), ("reviews", 5), ("town-load", 5)):
        await stage.scene.turn_to(name)
        stage.clock.advance(1500)
        await stage.scene.take(name, graded(score))
    await stage.scene.end()


async def history(stage: Stagehand, pilot: Pilot[None]) -> None:
    scores = {"flats": 5, "garments": 4, "hands": 2, "reviews": 0, "town-load": 0}
    stage.services.summaries = [
        summary(stage.clock, phase=Phase.RUNNING, time_left=9252.0, percent=30.0, scores=scores),
        summary(stage.clock, id="2"),
        summary(stage.clock, id="3", passed=False, percent=38.0, scores=scores),
        summary(stage.clock, id="4", kind="practice", mode="coach", scores={"hands": 4}),
        summary(stage.clock, id="5", phase="damaged", fault="journal.jsonl, line 7"),
    ]
    await pilot.press("h")


async def helped(stage: Stagehand, pilot: Pilot[None]) -> None:
    await play(stage, pilot)
    await stage.scene.tick(2.0)
    await pilot.press("f1")


async def too_small(stage: Stagehand, pilot: Pilot[None]) -> None:
    await pilot.resize_terminal(64, 20)


_EXAM = Resume(Path("/var/lib/tfexam/sittings/2027-01-15-0800-k3f9"))


async def training(stage: Stagehand, pilot: Pilot[None]) -> None:
    await exam(stage, pilot)
    await pilot.press("t")


async def submissions(stage: Stagehand, pilot: Pilot[None]) -> None:
    await exam(stage, pilot)
    await pilot.press("m", "down")


async def files(stage: Stagehand, pilot: Pilot[None]) -> None:
    await exam(stage, pilot)
    await pilot.press("f")


SCENES: dict[str, tuple[Start, Script]] = {
    "home": (Home(), home),
    "setup": (NewExam(), setup),
    "practice": (Home(), practice),
    "exam": (_EXAM, exam),
    "training": (_EXAM, training),
    "submissions": (_EXAM, submissions),
    "files": (_EXAM, files),
    "complete": (_EXAM, complete),
    "end": (_EXAM, end),
    "result": (_EXAM, result),
    "history": (Home(), history),
    "help": (_EXAM, helped),
    **{name: (Home(), scene) for name, scene in scenes_before_exam.SCENES.items()},
    **{name: (Home(), scene) for name, scene in scenes_after_exam.SCENES.items()},
}


class AsShown(PaletteFilter):
    """In a picture, the first 16 colours are those of a PC's console, not of Rich's theme."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        found = super().apply(segments, background)
        return [Segment(each.text, _fixed(each.style), each.control) for each in found]


def _fixed(style: Style | None) -> Style | None:
    def fixed(colour: TerminalColor | None) -> TerminalColor | None:
        if colour is None or colour.number is None or colour.number >= 16:
            return colour
        return TerminalColor.from_triplet(STANDARD_PALETTE[colour.number])

    return style and style + Style(color=fixed(style.color), bgcolor=fixed(style.bgcolor))


async def play_scene(stage: Stagehand, script: Script, pilot: Pilot[None]) -> None:
    """Play, then wait for everything that the picture must show."""
    await pilot.pause()
    await script(stage, pilot)
    for _ in range(3):
        await pilot.pause()
    for screen in stage.app.screen_stack:
        for machine in screen.query(MachinePanel):
            while machine.usage is None:  # sampled in a thread
                await pilot.pause(0.02)
    await pilot.pause()


def built_in(folder: Path) -> dict[str, Task]:
    """The bank's own tasks, one per category, so that the pictures show real tasks.

    The pictures' paper is on classic; a task that serves only hard is copied into `folder`
    with its marks on classic.
    """
    catalog = Catalog.find()
    tasks = {name: catalog.task(name) for name, _en, _zh in TITLES}
    for name, task in tasks.items():
        if "classic" not in task.levels:
            copy = shutil.copytree(task.folder, folder / "tasks" / name)
            toml = copy / "task.toml"
            toml.write_text(toml.read_text().replace("mark_scheme.hard", "mark_scheme.classic"))
            tasks[name] = Task.read(copy)
    return tasks


async def draw(
    name: str,
    size: tuple[int, int],
    language: Language,
    theme: str = "",
    colours: Count | None = None,
) -> str:
    """The picture of one scene, in all colours or in so many."""
    start, script = SCENES[name]
    with tempfile.TemporaryDirectory() as folder, home_of_ada(Path(folder)):
        tasks = built_in(Path(folder))
        stage = Stagehand(size, language, start, Path(folder), tasks=tasks, theme=theme)
        stage.app.palette = AsShown(colours) if colours else None
        async with stage.app.run_test(size=size) as pilot:
            await play_scene(stage, script, pilot)
            return tidy(stage.app.export_screenshot(title="tfexam"))


async def main(wanted: list[str]) -> None:
    """Draw the scenes named in `wanted`, or all: each size, language and theme."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    names = wanted or SCENES
    for name, size, language in itertools.product(names, SIZES, LANGUAGES):
        for suffix, theme in THEMES.items():
            keep(
                f"{name}-{size[0]}x{size[1]}-{language}{suffix}",
                await draw(name, size, language, theme),
            )
    for name, size, count in itertools.product(IN_FEW_COLOURS, SIZES, COUNTS):
        if name in names:
            picture = await draw(name, size, "en", themes.DARK.name, count)
            keep(f"{name}-{size[0]}x{size[1]}-en-{count}", picture)
    for language in LANGUAGES if "exam" in names else ():
        width, height = SMALL
        keep(f"compact-{width}x{height}-{language}", await draw("exam", SMALL, language))


def keep(name: str, picture: str) -> None:
    """Write a picture, and say so."""
    (FOLDER / f"{name}.svg").write_text(picture, encoding="utf-8")
    sys.stdout.write(f"{name}.svg\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
