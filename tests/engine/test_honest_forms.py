"""What both Keras save in odd forms: it is loaded, and answers as it did before it was saved."""

import os
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.model_file import look
from exam_bank.material import HiddenSet
from exam_bank.task import DType

pytestmark = pytest.mark.slow

CLOSE = 1e-5
STEPS, COLUMNS = 6, 4


@pytest.fixture(scope="module")
def runtime() -> Any:
    from engine.grading.child import runtime

    return runtime


def examples(*shape: int, high: int = 0) -> np.ndarray[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.integers(0, high, shape) if high else rng.random(shape, "float32")


def answers(runtime: Any, path: Path, inputs: Any, dtype: DType = "float32") -> Any:
    found = look(path)
    model = runtime.load(path, found)
    assert model.runtime == found.saved_by
    hidden = HiddenSet(inputs, np.zeros(len(inputs)))
    return np.concatenate(list(model.predict(hidden, dtype)))


def expect_the_same(runtime: Any, model: Any, folder: Path, inputs: Any) -> None:
    """The grader answers to the saved `model` as it did in memory."""
    model.save(folder / "model.h5")
    own = model.predict(inputs, verbose=0)
    own = next(iter(own.values())) if isinstance(own, dict) else own
    found = answers(runtime, folder / "model.h5", inputs)
    np.testing.assert_allclose(found, own, rtol=0, atol=CLOSE)


def called_before_fit(keras: Any) -> Any:
    model = keras.Sequential([keras.layers.Dense(3, "tanh"), keras.layers.Dense(2)])
    model(examples(1, COLUMNS))
    return model


def functions_of_tensorflow(keras: Any) -> Any:
    import tensorflow as tf

    names = ("relu", "gelu", "swish", "leaky_relu", "elu", "selu", "softplus", "tanh", "softmax")
    layers = [keras.layers.Dense(4, activation=getattr(tf.nn, name)) for name in names]
    return keras.Sequential([keras.layers.Input((COLUMNS,)), *layers])


def initialisers_of_tensorflow(keras: Any) -> Any:
    import tensorflow as tf

    kernel, bias = tf.random_normal_initializer(0, 0.5), tf.constant_initializer(0.1)
    layer = keras.layers.Dense(3, kernel_initializer=kernel, bias_initializer=bias)
    return keras.Sequential([keras.layers.Input((COLUMNS,)), layer])


def one_answer_in_a_dict(keras: Any) -> Any:
    start = keras.layers.Input((COLUMNS,))
    return keras.Model(start, {"kind": keras.layers.Dense(2)(start)})


def train_step_of_its_own(keras: Any) -> Any:
    class Mine(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return super().train_step(data)

    start = keras.layers.Input((COLUMNS,))
    return Mine(start, keras.layers.Dense(2)(start))


def chain_of_its_own(keras: Any) -> Any:
    class Mine(keras.Sequential):  # type: ignore[misc]
        pass

    return Mine([keras.layers.Input((COLUMNS,)), keras.layers.Dense(2)])


def a_part_of_convnext(keras: Any) -> Any:
    scale = import_module(f"{keras.__name__}.src.applications.convnext").LayerScale
    return keras.Sequential([keras.layers.Input((COLUMNS,)), scale(0.5, COLUMNS)])


IN_BOTH = (
    a_part_of_convnext,
    called_before_fit,
    functions_of_tensorflow,
    initialisers_of_tensorflow,
    one_answer_in_a_dict,
    train_step_of_its_own,
    chain_of_its_own,
)


@pytest.mark.parametrize("make", IN_BOTH)
@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_it_answers_as_before(
    runtime: Any, make: Callable[[Any], Any], name: str, tmp_path: Path
) -> None:
    model = make(pytest.importorskip(name))
    expect_the_same(runtime, model, tmp_path, examples(70, COLUMNS))


def _series(keras: Any, *layers: Any) -> Any:
    return keras.Sequential([keras.layers.Input((STEPS, COLUMNS)), *layers])


def slices(keras: Any) -> Any:
    start = keras.layers.Input((STEPS, COLUMNS))
    whole = keras.layers.Dense(3)(start)
    last = whole[..., -1, :]
    first = whole[:, 0, ..., None]
    return keras.Model(start, keras.layers.Concatenate()([last, first[..., 0]]))


def attention(keras: Any) -> Any:
    start = keras.layers.Input((STEPS, COLUMNS))
    return keras.Model(start, keras.layers.Attention()([start, start]))


def one_scale_for_all(keras: Any) -> Any:
    layer = keras.layers.Normalization(axis=None)
    layer.adapt(10 * examples(50, STEPS, COLUMNS))
    return _series(keras, layer)


def two_axes(keras: Any) -> Any:
    layer = keras.layers.LayerNormalization(axis=(1, 2))
    return _series(keras, layer)


def words_that_are_also_functions(keras: Any) -> Any:
    layers = keras.layers
    start = layers.Input((STEPS, COLUMNS), name="add")
    left = layers.Dense(3, name="maximum")(start)
    return keras.Model(start, layers.Add(name="dot")([left, left]), name="concatenate")


@pytest.mark.parametrize(
    "make", [slices, attention, one_scale_for_all, two_axes, words_that_are_also_functions]
)
def test_keras3_reads_what_it_wrote(
    runtime: Any, make: Callable[[Any], Any], tmp_path: Path
) -> None:
    model = make(pytest.importorskip("keras"))
    expect_the_same(runtime, model, tmp_path, 10 * examples(70, STEPS, COLUMNS))


def test_a_batch_size_that_the_model_needs_is_no_riddle(runtime: Any, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    start = keras.layers.Input(batch_shape=(32, STEPS, COLUMNS))
    keras.Model(start, keras.ops.reshape(start, (32, -1))).save(tmp_path / "model.h5")

    with pytest.raises(SubmissionRejected) as caught:
        answers(runtime, tmp_path / "model.h5", examples(64, STEPS, COLUMNS))

    assert "gives 32 predictions for 64 examples" in caught.value.says.text()


def early_arithmetic(keras: Any) -> Any:
    import tensorflow as tf

    start = keras.layers.Input((STEPS, COLUMNS))
    found = tf.math.scalar_mul(2.0, tf.norm(start, axis=-1, keepdims=True))
    return keras.Model(start, found + tf.cast(tf.math.is_finite(start), "float32"))


def test_keras2_reads_what_it_wrote(runtime: Any, tmp_path: Path) -> None:
    model = early_arithmetic(pytest.importorskip("tf_keras"))
    expect_the_same(runtime, model, tmp_path, examples(70, STEPS, COLUMNS))


def test_word_ids_beyond_an_embedding_name_the_range(runtime: Any, tmp_path: Path) -> None:
    keras = pytest.importorskip("keras")
    layers = keras.layers
    model = keras.Sequential([layers.Input((5,)), layers.Embedding(10, 2), layers.Flatten()])
    model.save(tmp_path / "model.h5")

    with pytest.raises(SubmissionRejected) as caught:
        answers(runtime, tmp_path / "model.h5", examples(64, 5, high=21), "int32")

    says = caught.value.says.text()
    assert "takes integers from 0 to 9, and this task gives 20 too" in says
    assert "input_dim=21" in says


def test_kernels_that_theano_turns_round_are_turned_back(runtime: Any, tmp_path: Path) -> None:
    keras = pytest.importorskip("tf_keras")
    layers = keras.layers
    start = [layers.Input((STEPS, STEPS, COLUMNS)), layers.Conv2D(3, (3, 2)), layers.Flatten()]
    model = keras.Sequential([*start, layers.Dense(2)])
    inputs = examples(70, STEPS, STEPS, COLUMNS)
    own = model.predict(inputs, verbose=0)
    kernel, *others = model.get_weights()
    model.set_weights([kernel[::-1, ::-1], *others])
    model.save(tmp_path / "model.h5")
    with h5py.File(tmp_path / "model.h5", "r+") as file:
        file.attrs["backend"] = "theano"

    found = answers(runtime, tmp_path / "model.h5", inputs)

    np.testing.assert_allclose(found, own, rtol=0, atol=CLOSE)


SHARED = Path(os.environ.get("TFEXAM_SHARED", Path(__file__).parents[2].parent / "shared"))
REFUSED = {
    "keras_1_2_2": "unknown_keras",
    "moved_as_text_crlf_to_lf": "changed_on_the_way",
    "moved_as_text_lf_to_crlf": "changed_on_the_way",
    "quantized_int8": "quantized",
    "opl_not_equal_operator_tf215": "size_unknown",
}


@pytest.mark.parametrize(
    "path", sorted((SHARED / "cases").glob("*.h5")), ids=lambda path: path.stem
)
def test_each_case_at_hand_is_loaded_and_answers(runtime: Any, path: Path) -> None:
    if path.stem in REFUSED:
        with pytest.raises(SubmissionRejected) as caught:
            look(path)
        assert caught.value.reason == REFUSED[path.stem]
        return
    shape = look(path).input_shape
    assert shape is not None
    whole = path.stem.startswith(("attention", "embedding"))
    inputs = examples(65, *(axis or 1 for axis in shape[1:]), high=10 if whole else 0)
    found = answers(runtime, path, inputs, "int32" if whole else "float32")
    assert len(found) == 65
    assert np.isfinite(found).all()


def chain(keras: Any) -> Any:
    layers = [keras.layers.Input((COLUMNS,)), keras.layers.Dense(3), keras.layers.Dense(2)]
    return keras.Sequential(layers)


def refusal(path: Path) -> str:
    with pytest.raises(SubmissionRejected) as caught:
        look(path)
    return caught.value.reason


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_weights_without_a_model_are_called_so(name: str, tmp_path: Path) -> None:
    chain(pytest.importorskip(name)).save_weights(tmp_path / "mine.weights.h5")
    renamed = (tmp_path / "mine.weights.h5").rename(tmp_path / "mymodel.h5")
    assert refusal(renamed) == "weights_only"


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_a_keras_file_called_h5_is_what_it_is(runtime: Any, name: str, tmp_path: Path) -> None:
    model, inputs = chain(pytest.importorskip(name)), examples(70, COLUMNS)
    model.save(tmp_path / "mymodel.keras")
    renamed = (tmp_path / "mymodel.keras").rename(tmp_path / "mymodel.h5")
    own = model.predict(inputs, verbose=0)
    np.testing.assert_allclose(answers(runtime, renamed, inputs), own, rtol=0, atol=CLOSE)


@pytest.mark.parametrize("name", ["keras", "tf_keras"])
def test_what_is_left_when_keras_cannot_save_is_called_so(name: str, tmp_path: Path) -> None:
    keras = pytest.importorskip(name)

    def within(inner: Any) -> Any:
        start = keras.layers.Input((COLUMNS,))
        return keras.Model(start, inner(start))

    layer = {"units": COLUMNS, "name": "dense"}
    one, other = (within(keras.layers.Dense(**layer)) for _ in range(2))
    both = keras.Model(one.input, other(one.output))
    with pytest.raises(ValueError, match="name already exists"):
        within(both).save(tmp_path / "mymodel.h5")
    assert refusal(tmp_path / "mymodel.h5") == "same_weight_names"
