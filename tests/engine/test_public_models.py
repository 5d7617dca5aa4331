"""The public model files, where they are at hand: each loads, answers, and is held to its task."""

import ast
import csv
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_file import inspect, look
from exam_bank.material import HiddenSet
from exam_bank.task import Axis, Contract, DType, Limits, OutputSpec, TensorSpec

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TFEXAM_SHARED", ROOT.parent / "shared")) / "models"
MANIFEST = SHARED / "manifest.csv"
ROWS = 3
STEPS = 11  # of a series of any length


def manifest() -> list[dict[str, str]]:
    if not MANIFEST.is_file():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contract(
    takes: tuple[Axis, ...], gives: tuple[Axis, ...], activation: Any, dtype: DType = "float32"
) -> Contract:
    return Contract(
        input=TensorSpec(shape=takes, dtype=dtype),
        output=OutputSpec(shape=gives, activation=activation),
    )


# What the files were made for; pictures without the axis of colours, as the exam gives them.
NUMBERS = contract((1,), (1,), "linear")
PICTURES = contract((28, 28), (10,), "softmax")
YES_OR_NO = contract((120,), (1,), "sigmoid", "int32")
TOPICS = contract((120,), (6,), "softmax", "int32")
SUNSPOTS = contract(("any", 1), ("any", 1), "linear")
POWER = contract((24, 7), (24, 7), "linear")
TASKS = {
    **dict.fromkeys(("Exam C1", "Dicoding A1", "Dicoding B1", "Dicoding C1"), NUMBERS),
    **dict.fromkeys(("Exam C2", "Dicoding C2"), PICTURES),
    **dict.fromkeys(("Exam C4", "Dicoding A4", "Dicoding C4"), YES_OR_NO),
    **dict.fromkeys(("Exam C5", "Dicoding A5", "Dicoding B5"), SUNSPOTS),
    "Dicoding B4": TOPICS,
    "Dicoding C5": POWER,
}
COLOURS = (
    "Your model takes (28, 28, 1); this task provides (28, 28): drop the last axis, or start with "
    "Input((28, 28)) and Reshape((28, 28, 1))."
)
ONCE = (
    "Your model gives (1,), one answer for its whole input; this task asks for (any, 1), one for "
    "each step: give the last recurrent layer return_sequences=True, and leave out Flatten and "
    "global pooling."
)
MIS_SHAPED = {
    "auliaudri-Submission_C-model_C2.h5": COLOURS,
    "marshallvd-Submission_C-model_C2.h5": COLOURS,
    "auliaudri-Submission_A-model_A5.h5": ONCE,
    "Cidolf-Submission_B-model_B5.h5": ONCE,
    "ta-lim-Submission_B-model_B5.h5": ONCE,
    "Jeong-Kyu-tf_certificate-Category2-mymodel.h5": (
        "Your model's output has shape (1, 1), and this task asks for (10,): end with a Dense "
        "layer of the right size, after Flatten or a pooling layer, and Reshape((10,)) if needed."
    ),
    "auliaudri-Submission_C-model_C5.h5": (
        "Your model's output has shape (24,), and this task asks for (24, 7): end with a Dense "
        "layer of the right size, after Flatten or a pooling layer, and Reshape((24, 7)) if needed."
    ),
    "marshallvd-Submission_C-model_C5.h5": (
        "Your model's output has shape (24, 24), and this task asks for (24, 7): end with Dense(7)."
    ),
}

each_model = pytest.mark.parametrize("row", manifest(), ids=lambda row: row["name"])
pytestmark = pytest.mark.skipif(not manifest(), reason="the public model files are not here")


@pytest.fixture(scope="module")
def runtime() -> Any:
    from engine.grading.child import runtime

    return runtime


def examples(shape: tuple[int | None, ...], dtype: DType) -> HiddenSet:
    """Examples of `shape`, as numbers between 0 and 1 or as word ids that every model knows."""
    rng = np.random.default_rng(0)
    axes = (ROWS, *(STEPS if axis is None else axis for axis in shape[1:]))
    inputs = rng.integers(0, 10, axes) if dtype == "int32" else rng.random(axes, "float32")
    return HiddenSet(inputs, np.zeros(ROWS))


@pytest.mark.slow
@each_model
def test_it_loads_and_answers_in_the_shape_of_its_manifest(
    runtime: Any, row: dict[str, str]
) -> None:
    path = SHARED / row["name"]
    takes, gives = ast.literal_eval(row["inp"]), ast.literal_eval(row["out"])
    dtype = TASKS[row["task"]].input.dtype

    model = runtime.load(path, look(path))
    answers = np.concatenate(list(model.predict(examples(takes, dtype), dtype)))

    assert model.runtime == "tf_keras"
    assert model.input_shapes == (takes,)
    assert model.output_shapes == (gives,)
    assert answers.shape == (ROWS, *(STEPS if axis is None else axis for axis in gives[1:]))
    assert np.isfinite(answers).all()


@each_model
def test_it_is_taken_or_rejected_for_its_task(row: dict[str, str]) -> None:
    wanted = TASKS[row["task"]]
    says = MIS_SHAPED.get(row["name"])

    if says is None:
        assert inspect(SHARED / row["name"], wanted, Limits()).warnings == ()
        return
    with pytest.raises(SubmissionRejected) as refusal:
        inspect(SHARED / row["name"], wanted, Limits())
    assert refusal.value.says.text() == says
    assert refusal.value.reason in ("wrong_input_shape", "wrong_output_shape")


def test_the_mis_shaped_ones_are_among_them() -> None:
    assert set(MIS_SHAPED) <= {row["name"] for row in manifest()}
