"""Inspection against a task's contract: what passes, and the words for what does not."""

import csv
import os
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_file import Inspection, check_shapes, inspect, look
from exam_bank.task import Axis, Contract, Limits, OutputSpec, TensorSpec
from tests.hostile.models import (
    Config,
    dense,
    functional,
    input_layer,
    layer,
    sequential,
    write_model,
)

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TFEXAM_SHARED", ROOT.parent / "shared")) / "models"
MANIFEST = SHARED / "manifest.csv"


def contract(
    takes: tuple[Axis, ...], gives: tuple[Axis, ...], activation: str = "linear"
) -> Contract:
    return Contract(
        input=TensorSpec(shape=takes),
        output=OutputSpec(shape=gives, activation=activation),  # type: ignore[arg-type]
    )


PICTURES = contract((28, 28), (10,), "softmax")


def saved(folder: Path, *layers: Config, weights: int = 5000, **options: Any) -> Path:
    """A model file whose `weights` are enough for every layer in these tests."""
    numbers = {"all": {"kernel:0": np.zeros(weights, "float32")}}
    return write_model(folder / "mymodel.h5", sequential(*layers), numbers, **options)


def refused(path: Path, wanted: Contract) -> tuple[str, str]:
    with pytest.raises(SubmissionRejected) as refusal:
        inspect(path, wanted, Limits())
    return refusal.value.reason, refusal.value.says.text()


def test_a_fitting_model_is_described(tmp_path: Path) -> None:
    path = saved(
        tmp_path,
        input_layer(28, 28),
        layer("Flatten"),
        dense(10, "softmax"),
        weights=7850,
    )

    found = inspect(path, PICTURES, Limits())

    assert found.input_shape == (None, 28, 28)
    assert found.output_shape == (None, 10)
    assert found.saved_by == "tf_keras"
    assert found.warnings == ()
    assert found.model.layers == ("InputLayer", "Flatten", "Dense(10, softmax)")
    assert found.model.parameters == 7850
    assert found.model.keras_version == "2.15.0"


def test_the_version_decides_who_loads_it(tmp_path: Path) -> None:
    assert look(saved(tmp_path, input_layer(1), dense(1), version="3.3.3")).saved_by == "keras3"
    assert look(saved(tmp_path, input_layer(1), dense(1), version="2.4.0")).saved_by == "tf_keras"


def test_one_axis_too_many_is_told_with_both_ways_out(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(28, 28, 1), layer("Flatten"), dense(10), weights=9000)

    reason, sentence = refused(path, PICTURES)

    assert reason == "wrong_input_shape"
    assert sentence == (
        "Your model takes (28, 28, 1); this task provides (28, 28): drop the last axis, or start "
        "with Input((28, 28)) and Reshape((28, 28, 1))."
    )


@pytest.mark.parametrize(
    ("takes", "words"),
    [
        ((784,), "start with Input((28, 28)) and Reshape((784,))."),
        ((32, 32, 3), "build it with Input((28, 28))."),
        ((None, 28, 28), "build it with Input((28, 28))."),
    ],
)
def test_other_inputs_are_told_the_right_one(
    takes: tuple[int | None, ...], words: str, tmp_path: Path
) -> None:
    reason, sentence = refused(saved(tmp_path, input_layer(*takes)), PICTURES)

    assert reason == "wrong_input_shape"
    assert sentence.endswith(words)


@pytest.mark.parametrize(
    ("activation", "width", "words"),
    [
        (
            "softmax",
            10,
            "Your model's output has size 3, and this task has 10 classes: end with "
            "Dense(10, activation='softmax').",
        ),
        (
            "softmax",
            2,
            "Your model's output has size 3, and this task has 2 classes, counted from 0 to 1. If "
            "you count labels from 1, subtract 1; end with Dense(2, activation='softmax').",
        ),
        (
            "sigmoid",
            1,
            "Your model's output has size 3, and this task asks for 1: end with "
            "Dense(1, activation='sigmoid').",
        ),
        (
            "linear",
            24,
            "Your model's output has size 3, and this task asks for 24: end with Dense(24).",
        ),
    ],
)
def test_a_wrong_width_is_told_the_last_layer(
    activation: str, width: int, words: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, input_layer(4), dense(3))

    reason, sentence = refused(path, contract((4,), (width,), activation))

    assert (reason, sentence) == ("wrong_output_shape", words)


def test_an_answer_for_each_step_is_told_apart(tmp_path: Path) -> None:
    sequences = layer("LSTM", units=8, activation="tanh", return_sequences=True)
    path = saved(tmp_path, input_layer(10, 1), sequences, dense(1))

    reason, sentence = refused(path, contract((10, 1), (1,)))

    assert reason == "wrong_output_shape"
    assert "return_sequences=True" in sentence


def test_one_answer_for_all_steps_is_told_apart(tmp_path: Path) -> None:
    once = layer("LSTM", units=8, activation="tanh")
    path = saved(tmp_path, input_layer(None, 1), once, dense(1))

    reason, sentence = refused(path, contract(("any", 1), ("any", 1)))

    assert reason == "wrong_output_shape"
    assert sentence == (
        "Your model gives (1,), one answer for its whole input; this task asks for (any, 1), one "
        "for each step: give the last recurrent layer return_sequences=True, and leave out Flatten "
        "and global pooling."
    )


def test_a_wrong_width_at_each_step_is_told_the_last_layer(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(24, 7), dense(24))

    assert refused(path, contract((24, 7), (24, 7))) == (
        "wrong_output_shape",
        "Your model's output has shape (24, 24), and this task asks for (24, 7): end with "
        "Dense(7).",
    )


def test_a_last_axis_of_one_too_many_is_reshaped(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(24, 1), dense(1))

    reason, sentence = refused(path, contract((24, 1), (24,)))

    assert reason == "wrong_output_shape"
    assert sentence.endswith("end with Reshape((24,)).")


def test_free_axes_match_on_both_sides(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(None, 1), dense(1))

    assert inspect(path, contract((30, 1), (30, 1)), Limits()).output_shape == (None, None, 1)
    assert inspect(path, contract(("any", 1), ("any", 1)), Limits())


def test_a_batch_size_in_the_file_is_no_reason_to_refuse_it(tmp_path: Path) -> None:
    fixed = layer("InputLayer", batch_input_shape=[32, 4], name="input_1")

    found = inspect(saved(tmp_path, fixed, dense(1)), contract((4,), (1,)), Limits())

    assert found.input_shape == (None, 4)
    assert found.plain is not None


def test_a_stateful_layer_is_refused_and_only_a_warning_without_a_task(tmp_path: Path) -> None:
    stateful = layer("LSTM", units=4, activation="tanh", stateful=True)
    path = saved(tmp_path, input_layer(5, 1), stateful, dense(1))

    assert refused(path, contract((5, 1), (1,)))[0] == "stateful_rnn"
    (warning,) = look(path).warnings
    assert "stateful=True" in warning.text()


def test_a_stateful_layer_inside_a_wrapper_is_seen(tmp_path: Path) -> None:
    inner = layer("GRU", units=4, activation="tanh", stateful=True)
    path = saved(tmp_path, input_layer(5, 1), layer("Bidirectional", layer=inner), dense(1))

    assert refused(path, contract((5, 1), (1,)))[0] == "stateful_rnn"


def test_a_seed_generator_is_no_foreign_object(tmp_path: Path) -> None:
    seed = {"module": "keras.random", "class_name": "SeedGenerator", "config": {"seed": 2**40}}
    start = {"module": "keras.initializers", "class_name": "HeNormal", "config": {"seed": seed}}
    path = saved(tmp_path, input_layer(1), dense(1, kernel_initializer=start), version="3.3.3")

    assert look(path).output_shape == (None, 1)


def test_several_inputs_and_outputs_are_refused(tmp_path: Path) -> None:
    first = layer("InputLayer", batch_input_shape=[None, 4], name="a")
    graph = functional([first, dense(2, name="b"), dense(2, name="c")], ["b", "c"])
    weights = {"all": {"kernel:0": np.zeros(99, "float32")}}
    path = write_model(tmp_path / "mymodel.h5", graph, weights)
    wanted = contract((4,), (2,))

    assert refused(path, wanted)[0] == "several_outputs"
    graph["config"]["output_layers"].pop()
    graph["config"]["input_layers"].append(["b", 0, 0])
    write_model(path, graph, weights)
    assert refused(path, wanted)[0] == "several_inputs"


@pytest.mark.parametrize(
    ("ending", "meant", "word"),
    [
        ("linear", "softmax", "logits"),
        ("linear", "sigmoid", "without sigmoid"),
        ("softmax", "sigmoid", "always 1"),
        ("sigmoid", "softmax", "each class by itself"),
        ("sigmoid", "linear", "cannot exceed 1"),
        ("softmax", "softmax", ""),
        ("relu", "linear", ""),
    ],
)
def test_an_ending_that_means_something_else_is_warned_about(
    ending: str, meant: str, word: str, tmp_path: Path
) -> None:
    path = saved(tmp_path, input_layer(4), dense(1, ending), layer("Dropout", rate=0.1))

    warnings = inspect(path, contract((4,), (1,), meant), Limits()).warnings

    assert [word in warning.text() for warning in warnings] == ([True] if word else [])


def test_the_size_limit_is_the_tasks(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(4), dense(1), weights=300_000)

    with pytest.raises(SubmissionRejected) as refusal:
        inspect(path, contract((4,), (1,)), Limits(model_mb=1))

    assert refusal.value.reason == "file_too_large"
    assert "1.2 MB, and this task allows 1 MB" in refusal.value.says.text()


def test_unknown_shapes_are_left_to_the_loaded_model(tmp_path: Path) -> None:
    odd = layer("EinsumDense", equation="ab,bc->ac", output_shape=[3])
    path = saved(tmp_path, input_layer(4), odd)

    found = inspect(path, contract((4,), (10,)), Limits())

    assert found.output_shape is None
    with pytest.raises(SubmissionRejected):
        check_shapes([(None, 4)], [(None, 3)], contract((4,), (10,)))


def test_optimizer_weights_are_not_parameters(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(1), dense(1), weights=2)
    with h5py.File(path, "r+") as file:
        file["optimizer_weights/adam/m"] = np.zeros(500)

    assert look(path).model.parameters == 2


def test_a_lambda_layer_is_named_with_a_way_out(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(1), layer("Lambda", name="scale"), dense(1))

    reason, sentence = refused(path, contract((1,), (1,)))

    assert reason == "lambda_layer"
    assert "'scale'" in sentence
    assert "Rescaling" in sentence


def manifest() -> list[dict[str, str]]:
    if not MANIFEST.is_file():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.skipif(not manifest(), reason="the public model files are not here")
@pytest.mark.parametrize("row", manifest(), ids=lambda row: row["name"])
def test_every_public_model_is_read_as_its_manifest_says(row: dict[str, str]) -> None:
    found: Inspection = look(SHARED / row["name"])

    assert str(found.input_shape) == row["inp"]
    assert str(found.output_shape) == row["out"]
    assert str(found.model.parameters) == row["params"]
    assert found.model.keras_version == row["keras"]
    assert len(found.model.layers) == len(row["layers"].split(">"))


def test_a_model_of_keras_1_is_refused_by_its_version(tmp_path: Path) -> None:
    old = layer("Dense", output_dim=1, activation="linear")
    path = saved(tmp_path, input_layer(1), old, version="1.2.2")

    reason, says = refused(path, contract((1,), (1,)))

    assert reason == "unknown_keras"
    assert "Keras 1.2.2" in says


def test_a_note_with_a_chinese_name_does_no_harm(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(1), dense(1))
    with h5py.File(path, "r+") as file:
        file.attrs["类别"] = ["猫", "狗"]

    assert inspect(path, contract((1,), (1,)), Limits()).model.parameters == 5000


def test_word_vectors_in_the_configuration_are_left_out(tmp_path: Path) -> None:
    numbers = np.linspace(-1, 1, 400_000).reshape(4000, 100).tolist()
    vectors = {"class_name": "Constant", "config": {"value": numbers}}
    embedding = layer("Embedding", input_dim=4000, output_dim=1, embeddings_initializer=vectors)
    path = write_model(
        tmp_path / "mymodel.h5",
        sequential(input_layer(1), embedding),
        {"embedding": {"embedding/embeddings:0": np.zeros((4000, 1), "float32")}},
    )

    found = look(path)

    assert len(found.plain or "") < 1000
    assert '"value": 0.0' in (found.plain or "")


def test_an_initialiser_that_is_an_array_makes_way_for_zeros(tmp_path: Path) -> None:
    row = {"class_name": "Constant", "config": {"value": [0.5] * 100}}
    path = saved(tmp_path, input_layer(4), dense(1, bias_initializer=row))
    assert '"bias_initializer": "zeros"' in (look(path).plain or "")


@pytest.mark.parametrize(
    "start",
    [
        b"\x89HDF\n\x1a\n",
        b"\x89HDF\r\r\n\x1a\r\n",
        b"\xc2\x89HDF\r\n\x1a\n",
        b"\xef\xbf\xbdHDF\r\n\x1a\n",
        b"\tHDF\r\n\x1a\n",
    ],
)
def test_a_file_that_was_changed_on_the_way_is_called_so(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "mymodel.h5"
    path.write_bytes(start + b"\0" * 100)
    reason, sentence = refused(path, contract((1,), (1,)))
    assert reason == "changed_on_the_way"
    assert "binary mode" in sentence


def test_keras_1_is_called_so(tmp_path: Path) -> None:
    path = write_model(
        tmp_path / "mymodel.h5", sequential(input_layer(1), dense(1)), version="1.2.2"
    )
    reason, sentence = refused(path, contract((1,), (1,)))
    assert reason == "unknown_keras"
    assert "Keras 1.2.2 (2017" in sentence


@pytest.mark.parametrize("backend", ["plaidml", "mxnet", "cntk", "jax"])
def test_the_backend_is_no_reason(tmp_path: Path, backend: str) -> None:
    path = saved(tmp_path, input_layer(1), dense(1))
    with h5py.File(path, "r+") as file:
        file.attrs["backend"] = backend
    assert look(path).output_shape == (None, 1)


@pytest.mark.parametrize(
    ("version", "interpolation", "right"),
    [("2.3.1", "bilinear", False), ("2.3.1", "nearest", True), ("2.2.4-tf", "bilinear", True)],
)
def test_a_layer_that_was_computed_differently_is_refused(
    tmp_path: Path, version: str, interpolation: str, right: bool
) -> None:
    larger = layer("UpSampling2D", size=[2, 2], interpolation=interpolation)
    path = tmp_path / "mymodel.h5"
    write_model(path, sequential(input_layer(4, 4, 1), larger), version=version)
    if right:
        assert look(path).model.keras_version == version
        return
    with pytest.raises(SubmissionRejected) as caught:
        look(path)
    assert caught.value.reason == "computed_differently"


def stopped_at_the_second_kernel(path: Path, version: str) -> Path:
    """What Keras leaves when `model.save` stops at a model in which two weights have one name."""
    one, other = dense(1, name="one"), dense(1, name="two")
    inner = sequential(input_layer(1), one, other)
    inner["config"]["name"] = "inner"
    weights = {"inner": {"dense/kernel": np.zeros((1, 1), "float32")}}
    write_model(path, sequential(input_layer(1), inner, dense(1)), weights, version=version)
    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        group.attrs["layer_names"] = [b"input", b"inner", b"dense"]
        del group["inner"].attrs["weight_names"]
        group["inner"].attrs["weight_names"] = [b"dense/kernel", b"dense/bias"] * 2
    return path


@pytest.mark.parametrize(
    ("version", "advice"),
    [
        ("3.0.5", "Keras 3.0.5 did not save all weights of inner, because it cannot save a model"),
        ("3.2.1", "save the model with Keras 3.3 or newer"),
        ("3.15.1", "give each layer inside it a name of its own"),
        ("2.15.0", "Keras did not save all weights of inner, because two of them have one name"),
    ],
)
def test_weights_that_keras_itself_lost_are_called_so(
    version: str, advice: str, tmp_path: Path
) -> None:
    path = stopped_at_the_second_kernel(tmp_path / "mymodel.h5", version)

    reason, says = refused(path, contract((1,), (1,)))

    assert reason == "same_weight_names"
    assert advice in says
    assert "whole model" not in says


def test_a_file_without_the_last_layers_was_not_saved_to_the_end(tmp_path: Path) -> None:
    path = saved(tmp_path, input_layer(1), dense(1))
    with h5py.File(path, "r+") as file:
        file["model_weights"].attrs["layer_names"] = [b"all", b"dense"]

    reason, says = refused(path, contract((1,), (1,)))

    assert reason == "half_saved"
    assert "look at what Keras says" in says
