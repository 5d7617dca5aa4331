"""What a loaded model's weights tell about mistakes: untrained, dead, or normalised.

Read in the child, where the model is. The host treats these as the model's own words.
"""

import contextlib
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.grading.child.input_changes import Normalisation
from exam_bank.material import Array

# How far a weight may be from its start, as a share of the initialiser's bound.
_NEAR = 3e-3
# In standard errors of the deviation of uniform numbers.
_SPREAD = 5.0
_DROPPING = ("Dropout", "SpatialDropout1D", "SpatialDropout2D", "AlphaDropout", "GaussianDropout")
_RECURRENT = ("LSTM", "GRU", "SimpleRNN")
_LEAST_UNITS = 4


def layers_of(model: Any) -> list[Any]:
    """All layers, those inside of others too."""
    return list(model._flatten_layers(include_self=False))


def is_untrained(model: Any) -> bool:
    """Whether all that could be trained is as Keras initialised it.

    Some kernel or embedding must tell: training may well leave a bias where it started.
    """
    found = [each for layer in layers_of(model) for each in _starts(layer)]
    return all(is_there for _, is_there in found) and any(name != "bias" for name, _ in found)


def _starts(layer: Any) -> Iterator[tuple[str, bool]]:
    """Each trainable weight whose start is known, and whether it is still there."""
    if not getattr(layer, "trainable", False):
        return
    for name in ("kernel", "embeddings", "bias"):
        weight = getattr(layer, name, None)
        initialiser = getattr(layer, f"{name}_initializer", None)
        if weight is None or not hasattr(weight, "numpy"):
            continue
        values = np.asarray(weight.numpy(), dtype=np.float64)
        start = _is_at_start(values, name, type(initialiser).__name__)
        if start is not None:
            yield name, start


def _is_at_start(values: Array, name: str, initialiser: str) -> bool | None:
    if name == "bias":
        ones = (np.abs(values - 1) <= _NEAR) | (np.abs(values) <= _NEAR / 10)
        return bool(ones.all()) if initialiser in ("Zeros", "NoneType") else None
    bound = _bound(values.shape, name, initialiser)
    if bound is None or values.size < 8:
        return None
    error = _SPREAD / math.sqrt(values.size)
    within = float(np.abs(values).max()) <= bound * (1 + _NEAR)
    return within and abs(float(values.std()) / (bound / math.sqrt(3)) - 1) <= error


def _bound(shape: tuple[int, ...], name: str, initialiser: str) -> float | None:
    """The largest weight of an initialiser that draws uniformly."""
    if name == "embeddings":
        return 0.05 if initialiser in ("RandomUniform", "NoneType") else None
    if initialiser != "GlorotUniform" or len(shape) < 2:
        return None
    field = math.prod(shape[:-2])
    return math.sqrt(6 / (field * (shape[-2] + shape[-1])))


def last_softmax(model: Any) -> Any:
    """The last layer with a softmax, or None."""
    for layer in reversed(layers_of(model)):
        if is_softmax(layer):
            return layer
        if getattr(layer, "weights", ()):
            break
    return None


def is_softmax(layer: Any) -> bool:
    """Whether it ends with a softmax."""
    named = getattr(getattr(layer, "activation", None), "__name__", "")
    return type(layer).__name__ == "Softmax" or named == "softmax"


def noisy_layers(model: Any) -> list[Any]:
    """The layers that drop or disturb while they train."""
    return [
        each for each in layers_of(model) if type(each).__name__ in (*_DROPPING, "GaussianNoise")
    ]


def batch_normalisations(model: Any) -> list[Any]:
    """The layers that keep statistics of batches."""
    return [each for each in layers_of(model) if type(each).__name__ == "BatchNormalization"]


def normalisation_of(model: Any) -> Normalisation | None:
    """What the first Normalization layer does, if it has adapted to data."""
    for layer in layers_of(model):
        if type(layer).__name__ == "Normalization":
            with contextlib.suppress(AttributeError, TypeError, ValueError):
                mean = np.asarray(layer.mean, np.float32).reshape(-1)
                variance = np.asarray(layer.variance, np.float32).reshape(-1)
                return Normalisation(mean, np.maximum(np.sqrt(variance), np.float32(1e-7)))
    return None


def dead_share(model: Any, batch: Array) -> float:
    """The largest share of units of one ReLU layer that are 0 for all of `batch`."""
    hidden = [each for each in getattr(model, "layers", ()) if _is_relu(each)]
    shares = [0.0]
    with contextlib.suppress(Exception):  # a model that is no plain graph tells nothing
        for values in _outputs(model, hidden, batch):
            if values.shape[-1] >= _LEAST_UNITS:
                used = (values > 0).reshape(-1, values.shape[-1]).any(axis=0)
                shares.append(1.0 - float(used.mean()))
    return max(shares)


def _is_relu(layer: Any) -> bool:
    named = getattr(getattr(layer, "activation", None), "__name__", "")
    return type(layer).__name__ == "ReLU" or named == "relu"


def _outputs(model: Any, layers: list[Any], batch: Array) -> list[Array]:
    """What `layers` give for `batch`."""
    if not layers:
        return []
    kind = _functional(model)
    inner = kind(model.inputs, [layer.output for layer in layers])
    found = inner(batch, training=False)
    return [np.asarray(each) for each in (found if isinstance(found, list | tuple) else [found])]


def _functional(model: Any) -> Any:
    if type(model).__module__.startswith("tf_keras"):
        import tf_keras

        return tf_keras.Model
    import keras

    return keras.Model
