"""Loads a model with the Keras that saved it.

Keras 3 loads only part of what Keras 2 saved, and Keras 2 nothing that Keras 3 saved. So
each file goes to the runtime that made it, and never to the other: `hard_sigmoid` and others
mean something else there, and the predictions would be wrong. Models are never compiled:
losses and optimizers fail to load most often, and grading needs neither.
"""

import contextlib
import functools
import random
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import h5py
import numpy as np

from engine.errors import SubmissionRejected
from engine.grading.child.archive_loader import load_archive
from engine.grading.child.keras3_names import known_objects
from engine.grading.child.model_function import (
    Array,
    KerasModel,
    ModelFunction,
    first_line,
    is_out_of_memory,
)
from engine.grading.child.prediction import LARGEST_BATCH, Asked, HiddenInputs, Prediction
from engine.grading.child.written_anew import written_anew
from engine.grading.inspection.findings import Inspection
from engine.grading.inspection.hdf5.structure import Structure
from engine.grading.parallel import batches_at_once
from engine.grading.protocol import Message, Runtime
from exam_bank.task import DType

Shape = tuple[int | None, ...]
_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D", "Conv2DTranspose", "ConvLSTM2D")


class LoadedModel:
    """A model in memory, with the runtime that loaded it."""

    def __init__(self, model: KerasModel, runtime: Runtime) -> None:
        self._model = model
        self.runtime: Runtime = runtime

    @property
    def keras_model(self) -> KerasModel:
        """The model itself, to look into it and to change it."""
        return self._model

    @property
    def input_shapes(self) -> tuple[Shape | None, ...]:
        """The shape of each input, batch axis included; None for a model that was never built."""
        return _shapes(self._model, "input_shape")

    @property
    def output_shapes(self) -> tuple[Shape | None, ...]:
        """The shape of each output, batch axis included; None for a model that was never built."""
        return _shapes(self._model, "output_shape")

    def prediction(self, hidden: Asked, dtype: DType, seed: int | None = None) -> Prediction:
        """A `Prediction` on `hidden`. Raises `MemoryError`."""
        return Prediction(
            ModelFunction(self._model, hidden.inputs.shape[1:], dtype), hidden, dtype, seed
        )

    def predict(self, hidden: Asked, dtype: DType) -> Iterator[Array]:
        """Predictions on `hidden.inputs`, batch by batch, in their order."""
        return self.prediction(hidden, dtype).parts()


def load(path: Path, found: Inspection, seed: int = 0) -> LoadedModel:
    """Load the model in `path`, of which inspection said `found`.

    Keras and HDF5's C code get a copy that is written anew from what inspection read.
    `seed` decides what the model draws when it answers, unless the file sets its own seed.
    Raises `SubmissionRejected` when its Keras cannot load it, `MemoryError` when memory runs out.
    """
    config = found.plain or found.structure.texts["model_config"]
    random.seed(seed)  # both Keras take seeds from here that the file does not set
    try:
        with written_anew(path, found.structure, config) as file:
            model = _loaded(file, found.saved_by, config, found.structure)
            return LoadedModel(model, found.saved_by)
    except Exception as error:
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise SubmissionRejected(
            "cannot_load",
            Message(
                "Keras cannot load this model ({error}): save it again as a whole model, built "
                "from Keras' own layers.",
                {"error": first_line(error)},
            ),
        ) from error


def _loaded(file: h5py.File, runtime: Runtime, config: str, structure: Structure) -> KerasModel:
    if not structure.is_archive:
        return _LOADERS[runtime](file)
    if runtime == "keras3":
        known = _known_to_keras3() | _parts_of_applications("keras")
        return load_archive(runtime, config, file, known)
    model = load_archive(runtime, config, file, _hidden_in_tf_keras())
    _normalize_slowly(model)
    return model


def let_threads_sleep() -> None:
    """Let TensorFlow's threads sleep while idle; call it before any operation runs.

    Otherwise they look for work without a pause, and take the processor from other batches and
    from a training. No public call sets this once operations run eagerly; where it cannot be
    set, this raises `ImportError` or `AttributeError`, and the threads keep looking.
    """
    import tensorflow as tf
    from tensorflow.python.eager.context import context

    config = tf.compat.v1.ConfigProto()
    config.experimental.disable_thread_spinning = True
    context()._config = config


def start_threads() -> None:
    """Start the threads that TensorFlow's operations run on."""
    import tensorflow as tf

    tf.constant(0)


def warm(runtime: Runtime) -> None:
    """Start in advance what the first model of `runtime` would wait for: threads, kernels."""
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
    rows = LARGEST_BATCH * batches_at_once()  # every thread has had its first batch
    empty = HiddenInputs(np.zeros((rows, 8, 8), np.uint8), input_scale=0.5)
    for _ in LoadedModel(again, runtime).predict(empty, "float32"):
        pass


def _load_keras3(file: h5py.File) -> KerasModel:
    # The public function takes only paths and ends up here.
    from keras.src.legacy.saving import legacy_h5_format

    known = _known_to_keras3() | _parts_of_applications("keras")
    return cast(KerasModel, legacy_h5_format.load_model_from_hdf5(file, known, False))


@functools.cache
def _known_to_keras3() -> dict[str, Any]:
    import keras

    return known_objects(keras)


def _load_tf_keras(file: h5py.File) -> KerasModel:
    import tf_keras

    # Random numbers then come from variables, which can be reset; not from operations
    # that count their own calls.
    tf_keras.backend.experimental.enable_tf_random_generator()
    known = _hidden_in_tf_keras()
    found = tf_keras.models.load_model(file, custom_objects=known, compile=False, safe_mode=True)
    model = cast(KerasModel, found)
    _normalize_slowly(model)
    if file.attrs.get("backend") == "theano":
        _turn_kernels(model)
    return model


def _normalize_slowly(model: Any) -> None:
    """Let LayerNormalization over several axes compute the plain way.

    For its fast way, the operation wants weights of one axis, and takes no others when it runs.
    """
    for layer in model._flatten_layers(include_self=False):
        if type(layer).__name__ == "LayerNormalization" and len(layer.axis) > 1:
            layer._fused = False


def _turn_kernels(model: Any) -> None:
    """Turn the kernels of a model saved under Theano, which flips them, as Keras 2 stored them.

    Up to version 2.2, Keras did this itself when it loaded a file of another backend.
    """
    for layer in model._flatten_layers(include_self=False):
        if (kind := type(layer).__name__) in _CONVOLUTIONS:
            weights = layer.get_weights()
            for at in range(2 if kind == "ConvLSTM2D" else 1):
                weights[at] = np.flip(weights[at], axis=tuple(range(weights[at].ndim - 2)))
            layer.set_weights(weights)


def _parts_of_applications(keras: str) -> dict[str, Any]:
    """The layer of `applications.ConvNeXt…` that neither Keras finds by its name."""
    with contextlib.suppress(ImportError, AttributeError):
        return {"LayerScale": import_module(f"{keras}.src.applications.convnext").LayerScale}
    return {}


def _hidden_in_tf_keras() -> dict[str, Any]:
    """The layers that tf_keras has and does not find by their names."""
    found = _parts_of_applications("tf_keras")
    with contextlib.suppress(ImportError, AttributeError):
        kernelized = import_module("tf_keras.src.layers.kernelized")
        found["RandomFourierFeatures"] = kernelized.RandomFourierFeatures
    return found


_LOADERS: dict[Runtime, Callable[[h5py.File], KerasModel]] = {
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


def _shapes(model: KerasModel, name: str) -> tuple[Shape | None, ...]:
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
