"""Loads a model with the Keras that saved it, and predicts with the call measured fastest.

Keras 3 loads only a part of what Keras 2 saved, and Keras 2 nothing that Keras 3 saved:
so files go to the runtime that made them, and to the other as a second try. Models are
never compiled: losses and optimizers are what most often fails to load, and grading
needs neither.

Prediction is one `tf.function` with a free batch axis, traced once: beside
`model.predict` it saves a data pipeline and callbacks (conv net, 8,000 images of 28×28,
two cores: 0.67 s against 0.97 s), and beside eager calls the Python of a recurrent
network's every step (1.2 s against 9.6 s). Several batches are predicted at once
(`lanes.py`): larger ones gain no time and cost memory.
"""

import functools
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.errors import SubmissionRejected
from engine.grading.keras3_names import known_objects
from engine.grading.lanes import in_order, lanes
from engine.grading.protocol import Message, Runtime
from engine.grading.rejecting import shown
from exam_bank.material import HiddenSet
from exam_bank.task import DType

Array = NDArray[Any]
Shape = tuple[int | None, ...]

# Examples that are predicted at once, in all lanes together.
LARGEST_BATCH = 192
SMALLEST_BATCH = 8
# Their inputs; a conv net's activations are often 50 times as large.
BATCH_BYTES = 12 * 1024 * 1024

# An allocation that failed says something else of a model than a layer that is unknown.
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
_OUT_OF_MEMORY_WORDS = ("OOM when allocating", "std::bad_alloc", "Cannot allocate memory")


class _KerasModel(Protocol):
    """What Keras 3 and tf_keras models have in common."""

    input_shape: Any
    output_shape: Any

    def __call__(self, inputs: Any, *, training: bool) -> Any: ...


class LoadedModel:
    """A model in memory, with the runtime that took it."""

    def __init__(self, model: _KerasModel, runtime: Runtime) -> None:
        self._model = model
        self.runtime: Runtime = runtime

    @property
    def input_shapes(self) -> tuple[Shape | None, ...]:
        """Of each input, with the batch axis; None for a model that was never built."""
        return _shapes(self._model, "input_shape")

    @property
    def output_shapes(self) -> tuple[Shape | None, ...]:
        """Of each output, with the batch axis; None for a model that was never built."""
        return _shapes(self._model, "output_shape")

    def predict(self, hidden: HiddenSet, dtype: DType) -> Iterator[Array]:
        """Predictions on `hidden.inputs`, batch by batch, each of shape (batch, *output).

        `dtype` is what the model is given; inputs stored as uint8 are scaled for a
        float32 contract, one batch at a time. Raises `SubmissionRejected` when the model
        cannot predict, `MemoryError` when there is not enough of it.
        """
        example = hidden.inputs.shape[1:]
        run, count = self._caller(tf.TensorSpec((None, *example), dtype))
        size = batch_size(example, dtype, len(hidden.inputs), count)

        def predict_from(start: int) -> Array:
            rows = hidden.inputs[start : start + size]
            batch = _as_model_input(rows, hidden.input_scale, dtype)
            return _as_predictions(run(tf.constant(batch)), len(rows))

        return in_order(predict_from, range(0, len(hidden.inputs), size), count)

    def _caller(self, spec: Any) -> tuple[Callable[[Any], Any], int]:
        """The model as a function of one batch, and how many may run at once.

        It is traced, or eager where it cannot be traced.
        """
        traced = tf.function(
            lambda batch: self._model(batch, training=False),
            input_signature=[spec],
            autograph=False,  # Keras needs none; it would write a source file for each lambda
        )
        try:
            traced.get_concrete_function()
        except Exception as error:
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            return lambda batch: _or_reject(self._model, batch, training=False), 1
        one_card = tf.config.list_logical_devices("GPU")
        return lambda batch: _or_reject(traced, batch), 1 if one_card else lanes()


def load(path: Path, saved_by: Runtime) -> LoadedModel:
    """The model in `path`, which passed inspection and was saved by `saved_by`.

    Raises `SubmissionRejected` when neither runtime can load it, `MemoryError` when
    there is not enough memory.
    """
    other: Runtime = "tf_keras" if saved_by == "keras3" else "keras3"
    fault = ""
    for runtime in (saved_by, other):
        try:
            return LoadedModel(_LOADERS[runtime](path), runtime)
        except Exception as error:
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            fault = fault or first_line(error)
    raise SubmissionRejected(
        "cannot_load",
        Message(
            "Keras cannot load this model ({error}): save it again as a whole model, built "
            "of Keras' own layers.",
            {"error": fault},
        ),
    )


def let_threads_sleep() -> None:
    """Let TensorFlow's threads sleep while they have nothing to do; before any operation runs.

    They would search for work without a pause, and take the processor from other lanes and
    from a training beside. No public call sets this where operations run eagerly from the
    start; raises `ImportError` or `AttributeError` where it cannot be set, and they search.
    """
    import tensorflow as tf
    from tensorflow.python.eager.context import context

    config = tf.compat.v1.ConfigProto()
    config.experimental.disable_thread_spinning = True
    context()._config = config


def warm(runtime: Runtime) -> None:
    """Do once what the first model of `runtime` would have to wait for: threads, kernels."""
    layers, models = _parts(runtime)
    model = models.Sequential(
        [
            *(layers.Input((8, 8)), layers.Reshape((8, 8, 1))),
            *(layers.Conv2D(8, 3, activation="relu"), layers.MaxPooling2D()),
            *(layers.Flatten(), layers.Dense(8, activation="relu")),
            layers.Dense(2, activation="softmax"),
        ]
    )
    known = _known_to_keras3() if runtime == "keras3" else {}
    again = known.get("Sequential", models.Sequential).from_config(model.get_config())
    again.set_weights(model.get_weights())
    # As many rows as give every lane its first batch.
    empty = HiddenSet(np.zeros((LARGEST_BATCH, 8, 8), np.uint8), np.zeros(2), input_scale=0.5)
    for _ in LoadedModel(again, runtime).predict(empty, "float32"):
        pass


def batch_size(example: tuple[int, ...], dtype: DType, rows: int, count: int) -> int:
    """How many examples of that shape are one batch, if `count` batches run at once."""
    size = max(1, int(np.prod(example)) * np.dtype(dtype).itemsize)
    together = min(LARGEST_BATCH, max(SMALLEST_BATCH, BATCH_BYTES // size), max(1, rows))
    return math.ceil(together / count)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, in any of TensorFlow's ways."""
    words = str(error)
    return isinstance(error, OUT_OF_MEMORY) or any(each in words for each in _OUT_OF_MEMORY_WORDS)


def first_line(error: BaseException, limit: int = 240) -> str:
    """The first telling line of an error, fit for a terminal."""
    lines = (line.strip() for line in str(error).splitlines())
    telling = next((line for line in lines if line), "")
    while telling.startswith("{{") and "}}" in telling:  # TensorFlow names its graph node first
        telling = telling.partition("}}")[2].strip()
    return shown(f"{type(error).__name__}: {telling}" if telling else type(error).__name__, limit)


def _load_keras3(path: Path) -> _KerasModel:
    import keras

    found = keras.saving.load_model(
        str(path), custom_objects=_known_to_keras3(), compile=False, safe_mode=True
    )
    return cast(_KerasModel, found)


@functools.cache
def _known_to_keras3() -> dict[str, Any]:
    import keras

    return known_objects(keras)


def _load_tf_keras(path: Path) -> _KerasModel:
    import tf_keras

    return cast(_KerasModel, tf_keras.models.load_model(str(path), compile=False, safe_mode=True))


_LOADERS: dict[Runtime, Callable[[Path], _KerasModel]] = {
    "keras3": _load_keras3,
    "tf_keras": _load_tf_keras,
}


def _parts(runtime: Runtime) -> tuple[Any, Any]:
    """The modules `layers` and `models` of a runtime."""
    if runtime == "keras3":
        import keras

        return keras.layers, keras.models
    import tf_keras

    return tf_keras.layers, tf_keras.models


def _shapes(model: _KerasModel, name: str) -> tuple[Shape | None, ...]:
    try:
        found = getattr(model, name)
    except (AttributeError, RuntimeError, ValueError):
        return (None,)
    several = isinstance(found, list | dict) or (found and isinstance(found[0], list | tuple))
    each = found.values() if isinstance(found, dict) else found if several else (found,)
    return tuple(_as_shape(one) for one in each)


def _as_shape(found: Any) -> Shape | None:
    axes = tuple(found) if isinstance(found, list | tuple) else (0.5,)
    return axes if all(axis is None or isinstance(axis, int) for axis in axes) else None


def _as_model_input(rows: Array, scale: float, dtype: DType) -> Array:
    if dtype == "float32" and rows.dtype == np.uint8:
        return np.multiply(rows, np.float32(scale), dtype=np.float32)
    return np.asarray(rows, dtype=dtype)


def _as_predictions(answer: Any, n: int) -> Array:
    if isinstance(answer, list | tuple) and len(answer) == 1:
        answer = answer[0]
    if not hasattr(answer, "shape") or isinstance(answer, list | tuple | dict):
        raise SubmissionRejected(
            "several_outputs",
            Message(
                "The model gives several outputs; the task asks for one: save the part that "
                "gives it."
            ),
        )
    predictions = np.asarray(tf.cast(answer, tf.float32))
    if predictions.shape[:1] != (n,):
        raise SubmissionRejected(
            "wrong_output_shape",
            Message(
                "The model gives {found} predictions for {n} examples: a Reshape or Flatten "
                "must keep the batch axis.",
                {"found": predictions.shape[0] if predictions.ndim else 1, "n": n},
            ),
        )
    return predictions


def _or_reject(call: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    try:
        return call(*arguments, **options)
    except Exception as error:
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise SubmissionRejected(
            "cannot_predict",
            Message(
                "The model loads but cannot predict ({error}): try model.predict on one "
                "example of the training data before you save.",
                {"error": first_line(error)},
            ),
        ) from error
