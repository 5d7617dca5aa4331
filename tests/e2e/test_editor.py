"""An editor of the terminal gets the terminal, and the exam goes on behind it."""

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from tests.e2e.exam_room import ExamRoom, confirm
from tests.e2e.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

EDITOR = """#!/bin/sh
echo "EDITING $1"
read line
echo "# $line" >> "$1"
"""


def practice(room: ExamRoom, editor: Path) -> Terminal:
    # Without a grader in waiting: nothing here needs TensorFlow.
    settings = {"EDITOR": str(editor), "VISUAL": "", "TFEXAM_PREWARM": "0"}
    app = room.app(
        "practice", "straight-line", "--minutes", "31", "--dir", str(room.workspace), **settings
    )
    app.wait_for("The paper is ready", 180)
    app.press("s")
    app.wait_for("○ not started")
    return app


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    path = tmp_path / "an-editor"
    path.write_text(EDITOR)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_the_starter_is_edited_and_the_exam_screen_comes_back(room: ExamRoom, editor: Path) -> None:
    starter = room.category(1) / "starter.py"
    with practice(room, editor) as app:
        app.press("o")
        before = app.wait_for("EDITING")
        (room.category(1) / "mymodel.h5").write_text("no model, but something to take in")
        time.sleep(3)  # the app takes the file in, and must not paint over the editor
        assert app.screen() == before
        os.kill(app.pid, signal.SIGINT)  # as ctrl+c in the editor does
        app.press("done by hand", "enter")
        app.wait_for(r"#1\s+▶|✗ rejected|▶ grading|… waiting")
        assert starter.read_text().endswith("# done by hand\n")
        confirm(app, "ctrl+q")
        assert app.leave() == 0
        assert app.left_behind == []


def test_a_terminated_app_takes_its_editor_along_and_puts_the_terminal_back(
    room: ExamRoom, editor: Path
) -> None:
    with practice(room, editor) as app:
        app.press("o")
        app.wait_for("EDITING")
        os.kill(app.pid, signal.SIGTERM)
        app.leave()
        assert app.left_behind == []
