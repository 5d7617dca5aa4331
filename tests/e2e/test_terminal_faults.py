"""What a terminal can do to the app: vanish, stand still, change its size all the time."""

import os
import random
import signal
import time

import psutil
import pytest

from tests.e2e.exam_room import ExamRoom, children_of, still_there
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

OPTIONS = ("practice", "straight-line", "--minutes", "120")
STILL_SECONDS = 3


def started(room: ExamRoom, *, prewarm: str = "0") -> Terminal:
    app = room.app(*OPTIONS, "--dir", str(room.workspace), TFEXAM_PREWARM=prewarm)
    app.wait_for("The paper is ready", 180)
    app.press("s")
    app.wait_for("○ not started")
    return app


def test_a_terminal_that_is_closed_ends_the_app_and_loses_nothing(room: ExamRoom) -> None:
    with started(room, prewarm="1") as app:
        (room.category(1) / "mymodel.h5").write_text("This is no model.")
        app.wait_for("#1  ✗ rejected", 120)
        children = children_of(app.pid)
        app.hang_up()
    assert not still_there(children, 2)
    (row,) = room.history()
    assert row["phase"] == "running"
    assert "whole" in room.command("history", "--check").stdout
    with room.app() as again:
        again.wait_for("#1  ✗ rejected", 60)


def test_a_terminal_that_is_closed_ends_the_app_that_is_not_told(room: ExamRoom) -> None:
    """Only the leader of the session is; here it is a shell that waits, in `make exam` make."""
    with room.app(leader=("sh", "-c", 'trap "" HUP; "$@"; exit', "sh")) as shell:
        shell.wait_for("Start an exam")
        children = children_of(shell.pid)
        shell.hang_up()
    assert children
    assert not still_there(children, 10)


@pytest.mark.parametrize("later", [0.0, 0.02, 0.1])
def test_a_signal_while_the_first_screen_is_built_leaves_the_terminal_as_it_was(
    later: float, room: ExamRoom
) -> None:
    """Textual has taken the terminal by then, and would have ended without giving it back."""
    with room.app() as app:
        while app.runs and not app.is_taken:
            time.sleep(0.001)
        time.sleep(later)
        os.kill(app.pid, signal.SIGTERM)
        assert app.leave() == 0
    assert app.left_behind == []


def test_a_terminal_that_stands_still_holds_up_nothing_that_counts(room: ExamRoom) -> None:
    with started(room) as app:
        with app.unread():
            for number in range(60):  # far more than the terminal can hold
                app.resize(100 + number % 7, 30 + number % 5)
                time.sleep(0.02)
            (room.category(1) / "mymodel.h5").write_text("This is no model.")
            time.sleep(STILL_SECONDS)
        app.wait_for("#1  ✗ rejected", 120)


def test_a_storm_of_sizes_leaves_a_screen_that_works(room: ExamRoom) -> None:
    chance = random.Random(1)
    with started(room) as app:
        before = psutil.Process(app.pid).memory_info().rss
        for _ in range(200):
            app.resize(chance.randint(1, 250), chance.randint(1, 90))
            time.sleep(0.01)
        app.resize(120, 40)
        app.wait_for("○ not started")
        (room.category(1) / "mymodel.h5").write_text("This is no model.")
        app.wait_for("#1  ✗ rejected", 120)
        assert psutil.Process(app.pid).memory_info().rss < 2 * before
