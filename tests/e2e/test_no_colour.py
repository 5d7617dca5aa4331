"""NO_COLOR in a real terminal: from the first byte to the last no colour is sent."""

import pytest

from tests.e2e.exam_room import ExamRoom, confirm
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

COLOURS = {*range(30, 39), *range(40, 49), *range(90, 98), *range(100, 108)}
REVERSE = 7
# From home: the keys, and what is on the screen then.
SCREENS = (
    ("ctrl+p", "Colour-blind-safe theme"),
    ("h", "No sittings yet"),
    ("k", "─ Skills"),
    ("d", "─ Data sets"),
    ("s", "─ Settings"),
    ("p", "Choose the tasks"),
    ("f1", "─ Help"),
)


def visit(app: Terminal) -> None:
    """Each screen that home leads to, and back."""
    for key, seen in SCREENS:
        app.wait_for("Start an exam")
        app.press(key)
        app.wait_for(seen)
        app.press("escape")


def sit(app: Terminal) -> None:
    """A practice session from its start to its result."""
    app.wait_for("The paper is ready", 180)
    app.press("s")
    app.wait_for("○ not started")
    for key, seen in (("f", "starter.py"), ("m", "No submissions"), ("b", "Your data")):
        app.press(key)
        app.wait_for(seen)
    confirm(app, "e")
    app.wait_for("Session over")


@pytest.mark.parametrize("way", ["home", "practice"])
def test_no_colour_is_ever_sent(way: str, room: ExamRoom) -> None:
    options = ("practice", "straight-line", "--dir", str(room.workspace))
    args = options if way == "practice" else ()
    with room.app(*args, NO_COLOR="1", TFEXAM_PREWARM="0") as app:
        (sit if way == "practice" else visit)(app)
        app.wait_for(r"\w")
        app.kill()
    assert REVERSE in app.styles
    assert not COLOURS & app.styles
