"""The progress of a class: how many, how fast, how long; and nothing too often."""

import pytest

from engine.classroom.run import ClassProgress
from engine.clock import ManualClock
from tui.commands.class_progress import SELDOM, ProgressLine, progress_text


def test_the_line_says_rate_and_time_left_once_they_can_be_told() -> None:
    assert progress_text(ClassProgress(0, 200, 0, 200), 0, 5.0) == "0 of 200 files"
    said = progress_text(ClassProgress(60, 200, 40, 140), 40, 20.0)
    assert said == "60 of 200 files · 2 a second · about 1:10 left"
    assert progress_text(ClassProgress(200, 200, 200, 0), 200, 9.0) == "200 of 200 files"
    assert progress_text(ClassProgress(1, 9_001, 1, 9_000), 1, 1.0).endswith("about 2:30:00 left")


def test_equal_files_take_no_time() -> None:
    """A class of copies is done much sooner than so many files would be."""
    said = progress_text(ClassProgress(480, 670, 45, 9), 45, 90.0)
    assert said == "480 of 670 files · 0.5 a second · about 0:18 left"


def test_a_log_gets_a_line_now_and_then_and_the_first_and_the_last(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = ManualClock()
    line = ProgressLine(clock, terminal=False)
    line.graded(ClassProgress(10, 100, 0, 90))
    clock.advance(60)  # TensorFlow is imported
    for graded in range(1, 91):
        line.graded(ClassProgress(10 + graded, 100, graded, 90 - graded))
        clock.advance(SELDOM / 20)
    line.end()
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "10 of 100 files"
    assert said[-1] == "100 of 100 files"
    assert len(said) in range(5, 8)
    assert all("1.3 a second" in each for each in said[2:-1])


def test_a_terminal_has_one_line_that_is_rewritten(capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock()
    line = ProgressLine(clock, terminal=True)
    for files in (9, 10):
        line.looking(files)
        clock.advance(1)
    line.graded(ClassProgress(0, 10, 0, 10))
    line.end()
    line.end()
    said = capsys.readouterr().err
    end = "\x1b[K"
    assert said == (
        f"\rLooking for files: 9{end}\rLooking for files: 10{end}\r0 of 10 files{end}\n"
    )
