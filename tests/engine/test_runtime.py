"""Loading and predicting in this process: only here do tests import TensorFlow."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from engine.errors import SubmissionRejected
from engine.grading.host.environment import environment
from engine.grading.inspection.model_file import look
from exam_bank.material import HiddenSet
from tests.engine import made_models
from tests.hostile.models import line_model

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runtime() -> Any:
    from engine.grading.child import runtime

    return runtime


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    made_models.make_in_subprocess(folder)
    return folder


def test_predictions_are_those_of_the_origin(runtime: Any, made: Path) -> None:
    model = runtime.load(made / "keras3.h5", look(made / "keras3.h5"))
    parts = list(model.predict(HiddenSet.read(made / "hidden"), "float32"))
    assert [len(part) for part in parts] == [*[64] * 9, 24]
    np.testing.assert_allclose(np.concatenate(parts), np.load(made / "own.npy"), atol=1e-5)


@pytest.mark.parametrize("name", ["keras3", "tf_keras"])
def test_the_keras_that_saved_a_file_loads_it(runtime: Any, made: Path, name: str) -> None:
    path = made / f"{name}.h5"
    model = runtime.load(path, look(path))
    assert model.runtime == name
    assert model.input_shapes == ((None, 8, 8, 1),)
    assert model.output_shapes == ((None, 3),)


def test_the_other_keras_never_loads_a_file(runtime: Any, made: Path) -> None:
    path = made / "keras3.h5"
    with pytest.raises(SubmissionRejected) as caught:
        runtime.load(path, replace(look(path), saved_by="tf_keras"))
    assert caught.value.reason == "cannot_load"


def test_what_no_keras_loads_is_rejected_in_one_line(runtime: Any, tmp_path: Path) -> None:
    path = line_model(tmp_path / "mymodel.h5")
    with pytest.raises(SubmissionRejected) as caught:
        runtime.load(path, replace(look(path), plain='{"class_name": "Nothing"}'))
    assert caught.value.reason == "cannot_load"
    assert "\n" not in caught.value.says.text()


def test_inputs_that_do_not_fit_are_the_models_fault(runtime: Any, made: Path) -> None:
    model = runtime.load(made / "wrong_input.h5", look(made / "wrong_input.h5"))
    with pytest.raises(SubmissionRejected) as caught:
        list(model.predict(HiddenSet.read(made / "hidden"), "float32"))
    assert caught.value.reason == "cannot_predict"


class _Several:
    def __init__(self) -> None:
        self.input_shape: Any = [(None, 2), (None, 3)]
        self.output_shape: Any = {"a": (None, 1), "b": (None, 1)}

    def __call__(self, inputs: Any, *, training: bool) -> Any:
        return [inputs, inputs]


class _Flattening(_Several):
    def __init__(self) -> None:
        self.input_shape = (None, 2)
        self.output_shape = ("odd",)

    def __call__(self, inputs: Any, *, training: bool) -> Any:
        import tensorflow as tf

        return tf.reshape(inputs, (-1, 1))


class _Hungry(_Several):
    def __call__(self, inputs: Any, *, training: bool) -> Any:
        raise RuntimeError("OOM when allocating tensor with shape[10000000000]")


@pytest.mark.parametrize(
    ("model", "reason"), [(_Several(), "several_outputs"), (_Flattening(), "wrong_output_shape")]
)
def test_answers_of_another_form_are_rejected(runtime: Any, model: Any, reason: str) -> None:
    loaded = runtime.LoadedModel(model, "keras3")
    with pytest.raises(SubmissionRejected) as caught:
        list(loaded.predict(HiddenSet(np.zeros((4, 2)), np.zeros(4)), "float32"))
    assert caught.value.reason == reason


def test_running_out_of_memory_is_told_apart(runtime: Any) -> None:
    loaded = runtime.LoadedModel(_Hungry(), "keras3")
    with pytest.raises(MemoryError):
        list(loaded.predict(HiddenSet(np.zeros((4, 2)), np.zeros(4)), "float32"))


def test_shapes_of_several_tensors_and_of_none(runtime: Any) -> None:
    several = runtime.LoadedModel(_Several(), "keras3")
    assert several.input_shapes == ((None, 2), (None, 3))
    assert several.output_shapes == ((None, 1), (None, 1))
    assert runtime.LoadedModel(_Flattening(), "keras3").output_shapes == (None,)
    assert runtime.LoadedModel(object(), "keras3").input_shapes == (None,)


def test_errors_become_one_clean_line(runtime: Any) -> None:
    error = ValueError("{{function_node f}} \n\n  {{node g}} too\x1b[31m wide\nand more")
    assert runtime.first_line(ValueError("{{node g}} too wide\nmore")) == "ValueError: too wide"
    assert "\x1b" not in runtime.first_line(error)
    assert runtime.first_line(KeyError()) == "KeyError"
    assert len(runtime.first_line(ValueError("x" * 9999))) <= 240


@pytest.mark.parametrize("name", ["keras3", "tf_keras"])
def test_warming_runs_a_model(runtime: Any, name: str) -> None:
    runtime.warm(name)


SLEEPING = """
from engine.grading.child import worker
worker.import_tensorflow()
from tensorflow.python.eager import context
print(context.context().config.experimental.disable_thread_spinning)
"""
# What sets it has no public name: another TensorFlow of the range we allow may lack it.
WITHOUT_THE_MODULE = """
import sys
import tensorflow as tf
from engine.grading.child import worker
sys.modules["tensorflow.python.eager.context"] = None
worker.import_tensorflow()
print(int(tf.add(1, 2)) == 3)
"""
WITHOUT_THE_OPTION = """
import tensorflow as tf
from engine.grading.child import worker
tf.compat.v1.ConfigProto = object
worker.import_tensorflow()
print(int(tf.add(1, 2)) == 3)
"""


@pytest.mark.parametrize("code", [SLEEPING, WITHOUT_THE_MODULE, WITHOUT_THE_OPTION])
def test_threads_of_a_grading_process_sleep_where_they_can_be_told_to(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=environment(os.environ, "cpu"),
    )
    assert done.stdout.split() == ["True"]
