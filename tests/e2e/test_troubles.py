"""What goes wrong during a sitting is said in a sentence, and the sitting goes on."""

import shutil

import pytest

from engine.grading.evidence import Evidence
from exam_bank.catalog import Catalog
from tests.e2e.exam_room import ExamRoom, confirm, paper_with, solve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]


def test_bad_files_and_a_deleted_folder_are_told_and_the_next_model_is_graded(
    room: ExamRoom,
) -> None:
    options = ("--minutes", "120", "--dir", str(room.workspace))
    with room.app("practice", "straight-line", *options) as app:
        app.wait_for("The paper is ready", 180)
        app.press("s")
        app.wait_for("○ not started")
        folder = room.category(1)
        model = folder / "mymodel.h5"
        model.write_text("This is no model.")
        app.wait_for("#1  ✗ rejected", 120)
        app.wait_for("This is a text file, not a model")
        model.write_bytes(b"")
        app.wait_for("#2  ✗ rejected", 120)
        app.wait_for("The file is empty")
        (folder / "best.keras").write_bytes(b"PK")
        app.wait_for("best.keras is not graded")

        kept = room.workspace.parent / "data"
        shutil.copytree(folder / "data", kept)
        shutil.rmtree(folder)
        app.wait_for(r"Category1\s+is\s+gone", 120)
        folder.mkdir()
        shutil.copytree(kept, folder / "data")
        solve(Catalog.find().task("straight-line"), folder)
        app.wait_for(r"(?m)^│ +1  .*■■■■■ 5/5", 300)
        confirm(app, "ctrl+q")
        assert app.leave() == 0
    (row,) = room.history()
    assert (row["kind"], row["scores"]) == ("practice", {"straight-line": 5})
    # The task is done, so what its score is made of is there, and shown.
    (kept,) = room.evidence()
    assert Evidence.read(kept).score == 5
    review = room.command("review").stdout
    for title in ("The metric and its marks", "How much luck", "Which way it errs"):
        assert f"## {title}" in review


def test_at_zero_the_exam_ends_by_itself(room: ExamRoom) -> None:
    options = ("--code", paper_with("straight-line").code, "--dir", str(room.workspace))
    with room.app("exam", *options, "--minutes", "0.1") as app:
        app.wait_for("The paper is ready", 180)
        app.press("s")
        app.wait_for("✗ NOT PASSED", 120)
        app.press("ctrl+q")
        app.leave()
    (row,) = room.history()
    assert (row["phase"], row["passed"], row["time_left"]) == ("ended", False, 0)


def test_a_workspace_that_cannot_be_made_is_named(room: ExamRoom) -> None:
    room.workspace.write_text("a file in its place")
    with room.app("exam", "--dir", str(room.workspace)) as app:
        app.wait_for("The workspace cannot be used", 60)
        app.wait_for("Choose another folder")
        app.wait_for("r Try again")
        app.press("ctrl+q")
        assert app.leave() == 0
    assert room.history() == []


@pytest.mark.parametrize("lines", [["--lang", "xx"], ["exam", "--code", "TFX-1"]])
def test_what_cannot_be_opened_is_said_in_the_terminal(lines: list[str], room: ExamRoom) -> None:
    with room.app(*lines) as app:
        assert app.leave() == 2
        assert "tfexam:" in app.screen()
