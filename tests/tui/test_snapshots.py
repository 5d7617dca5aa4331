"""A few still screens as SVG; the clock stands still and nothing blinks.

After an intended change, look at the report and accept it:
`pytest tests/tui/test_snapshots.py --snapshot-update`.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.settings import Language
from tests.tui.draw_screens import SCENES, Stagehand, play_scene
from tests.tui.scene import home_of_ada

STILL: list[tuple[str, tuple[int, int], Language]] = [
    ("home", (80, 24), "en"),
    ("home-wait", (80, 24), "zh"),
    ("order", (80, 24), "en"),
    ("order-faults", (120, 40), "zh"),
    ("practice", (80, 24), "zh"),
    ("settings", (80, 24), "en"),
    ("data", (80, 24), "zh"),
    ("setup", (120, 40), "zh"),
    ("exam", (80, 24), "en"),
    ("exam", (120, 40), "zh"),
    ("end", (80, 24), "zh"),
    ("result", (80, 24), "en"),
]


@pytest.mark.parametrize(
    ("name", "size", "language"),
    STILL,
    ids=[f"{name}-{size[0]}x{size[1]}-{language}" for name, size, language in STILL],
)
def test_still_screens(
    snap_compare: Callable[..., bool],
    tmp_path: Path,
    name: str,
    size: tuple[int, int],
    language: Language,
) -> None:
    start, script = SCENES[name]

    async def play(pilot: Pilot[None]) -> None:
        await play_scene(stage, script, pilot)

    with home_of_ada(tmp_path):
        stage = Stagehand(size, language, start, tmp_path)
        assert snap_compare(stage.app, terminal_size=size, run_before=play)
