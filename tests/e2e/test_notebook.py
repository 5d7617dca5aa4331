"""docs/train_elsewhere.ipynb, run as a person would: folder in, starter trained, model graded."""

import json
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tui.cli import main

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "train_elsewhere.ipynb"
FILLED = """    days_scale = tf.keras.layers.Normalization()
    days_scale.adapt(days)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((1,)),
            days_scale,
            tf.keras.layers.Dense(1, kernel_initializer="zeros"),
            tf.keras.layers.Rescaling(float(offsets.std()), float(offsets.mean())),
        ]
    )
    model.compile(tf.keras.optimizers.SGD(0.4 / float(offsets.var())), loss="mse")
    model.fit(days, offsets, epochs=60, batch_size=len(days), verbose=0, callbacks=[training_log])
"""


def filled(starter: str) -> str:
    """The starter with its blanks filled, the rest as shipped."""
    before, rest = starter.split("    # TODO 1", 1)
    after = rest[rest.index("    return model") :]
    return before + FILLED + after


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder elsewhere with the notebook and the zip of a category folder."""
    made = CliRunner().invoke(
        main, ["bank", "try", "straight-line", "--seed", "3", "--dir", str(tmp_path / "exam")]
    )
    assert made.exit_code == 0, made.output
    category = tmp_path / "exam" / "Category1"
    starter = category / "starter.py"
    starter.write_text(filled(starter.read_text(encoding="utf-8")), encoding="utf-8")
    desk = tmp_path / "desk"
    desk.mkdir()
    with zipfile.ZipFile(desk / "Category1.zip", "w") as packed:
        for path in sorted(category.rglob("*")):
            packed.write(path, path.relative_to(category.parent))
    shutil.copy(NOTEBOOK, desk)
    return desk


def execute(folder: Path) -> str:
    """Run all cells in `folder`; returns what they printed."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=240, resources=resources).execute()
    outputs = (each for cell in notebook.cells for each in cell.get("outputs", ()))
    return "".join(each.get("text", "") for each in outputs)


@pytest.mark.slow
def test_a_starter_trained_there_is_graded_here(desk: Path) -> None:
    said = execute(desk)
    assert "input (None, 1) output (None, 1)" in said
    assert "into the same category folder of your sitting" in said
    model = desk / "Category1" / "mymodel.h5"
    assert (desk / "Category1" / "training.csv").is_file()
    back = desk.parent / "exam" / "Category1" / "mymodel.h5"
    shutil.copy(model, back)
    graded = CliRunner().invoke(
        main,
        ["grade", str(back), "--task", "straight-line", "--seed", "3", "--format", "json"],
    )
    answer = json.loads(graded.stdout)
    assert (answer["verdict"], answer["score"]) == ("graded", 5), graded.output


@pytest.mark.slow
def test_without_a_folder_it_says_what_to_bring(tmp_path: Path) -> None:
    with pytest.raises(CellExecutionError, match="bring its zip first"):
        execute(tmp_path)


def test_it_is_kept_without_outputs() -> None:
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    assert not [cell for cell in cells if cell.get("outputs") or cell.get("execution_count")]
