"""What is left when the app is killed, and what going on makes of it."""

import os
import signal
import time
from pathlib import Path

import pytest

from engine.sitting.state import events
from engine.sitting.store.journal import NAME, read_journal
from exam_bank.catalog import Catalog
from tests.e2e.exam_room import (
    HEAVY,
    ExamRoom,
    children_of,
    confirm,
    paper_with,
    run,
    solve,
    still_there,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

# Untrained: made in a moment, valid, and worth nothing or next to it.
UNTRAINED = """
import tensorflow as tf
model = tf.keras.Sequential([
    tf.keras.Input((28, 28)), tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, "softmax"),
])
model.save("mymodel.h5")
"""
FIRST_SOLVED = r"(?m)^│ +1  .*■■■■■ 5/5"
GRADING = r"(?m)^│ +▶ grading"
AWAY_SECONDS = 3
# How long anything of the grader may outlive the app.
GONE_SECONDS = 2


def save_untrained(room: ExamRoom) -> None:
    program = room.category(2) / "starter.py"
    program.write_text(UNTRAINED)
    run(program)


def happened(row: dict[str, str]) -> tuple[events.Event, ...]:
    return read_journal(Path(row["folder"]) / NAME).events


def test_a_killed_exam_goes_on_with_its_paper_scores_and_clock(room: ExamRoom) -> None:
    paper = paper_with("straight-line", "garments")
    # A grader that is not warm takes seconds: long enough to be killed in the middle.
    with room.exam(paper, TFEXAM_PREWARM="0") as app:
        solve(Catalog.find().task("straight-line"), room.category(1))
        app.wait_for(FIRST_SOLVED, 120)
        save_untrained(room)
        app.wait_for(GRADING, 60)
        children = children_of(app.pid)
        app.kill()
    assert children
    assert not still_there(children, GONE_SECONDS)
    (killed,) = room.history()
    assert (killed["phase"], killed["scores"]["straight-line"]) == ("running", 5)
    assert isinstance(happened(killed)[-1], events.GradingStarted)
    time.sleep(AWAY_SECONDS)

    with room.app() as app:
        app.wait_for(FIRST_SOLVED, 60)
        app.wait_for(r"(?m)^│ +2  .*■?□+ [0-4]/5", 180)
        confirm(app, "ctrl+q")
        assert app.leave() == 0
    (again,) = room.history()
    assert (again["id"], again["scores"]["straight-line"]) == (killed["id"], 5)
    assert again["workspace"] == str(room.workspace)
    assert again["time_left"] <= killed["time_left"] - AWAY_SECONDS
    graded = [each.number for each in happened(again) if isinstance(each, events.GradingEnded)]
    begun = [each.number for each in happened(again) if isinstance(each, events.GradingStarted)]
    assert graded == [1, 2]
    assert begun.count(2) == 2
    assert not room.imported() & HEAVY
    assert room.called() == []


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_restores_the_terminal_leaves_no_child_and_loses_nothing(
    kind: signal.Signals, room: ExamRoom
) -> None:
    with room.exam(paper_with("straight-line")) as app:
        children = children_of(app.pid)
        os.kill(app.pid, kind)
        app.leave()
    assert children
    assert not still_there(children, GONE_SECONDS)
    assert app.left_behind == []
    (row,) = room.history()
    assert row["phase"] == "running"
