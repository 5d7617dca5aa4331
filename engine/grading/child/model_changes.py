"""Common mistakes inside a model, each as a change that undoes it while it predicts."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

import numpy as np

from engine.grading.child import weight_facts
from engine.grading.child.prediction import BATCH_BYTES
from exam_bank.material import Array
from exam_bank.synthetic.rng import Rng

# Enough for means and variances, in batches as large as in training where memory allows.
_EXAMPLES, _LARGEST, _SMALLEST = 1_024, 128, 16
# How far averages have come on their way to what they should be, in how many of the channels.
_LEAST_SHARE, _MOST_SHARE, _MOSTLY = 0.02, 1.3, 0.6


class HasExamples(Protocol):
    """Whence statistics are computed anew."""

    @property
    def rows(self) -> Array:
        """Which examples there are."""
        ...

    def at(self, rows: Array) -> Array:
        """Their inputs."""
        ...


Undo = Callable[[], None]


class NotThisMistakeError(Exception):  # never leaves the child, so not in the error tree
    """The model was not made with the mistake in question."""


class ModelChange(NamedTuple):
    """One mistake by its id, and what undoes it in the model; that returns what brings it back."""

    id: str
    apply: Callable[[HasExamples], Undo]

    @contextlib.contextmanager
    def made(self, examples: HasExamples) -> Iterator[None]:
        """The model is changed inside of this."""
        undo = self.apply(examples)
        try:
            yield
        finally:
            undo()


def model_changes(model: Any, *, draws: bool) -> Iterator[ModelChange]:
    """The changes that make sense for `model`; `draws` says whether it uses random numbers."""
    noisy = weight_facts.noisy_layers(model)
    if draws and noisy:
        yield ModelChange("active_noise", lambda _: _quiet(noisy))
    softmax = weight_facts.last_softmax(model)
    if softmax is not None and _is_odd(softmax):
        yield ModelChange("softmax_over_wrong_axis", lambda _: _without_softmax(softmax))
    if weight_facts.batch_normalisations(model):
        yield ModelChange("batch_statistics", lambda examples: _fresh_statistics(model, examples))


def _quiet(layers: list[Any]) -> Undo:
    """Let dropout and noise do nothing."""
    before = [(each, name, getattr(each, name)) for each in layers for name in _amounts(each)]
    for layer, name, _ in before:
        setattr(layer, name, 0.0)

    def undo() -> None:
        for layer, name, value in before:
            setattr(layer, name, value)

    return undo


def _amounts(layer: Any) -> list[str]:
    return [name for name in ("rate", "stddev") if hasattr(layer, name)]


def _is_odd(layer: Any) -> bool:
    """Whether a softmax runs over anything but the last axis of several classes."""
    shape = tuple(layer.output.shape)
    axis = getattr(layer, "axis", -1) if type(layer).__name__ == "Softmax" else -1
    is_last = axis in (-1, len(shape) - 1)
    return len(shape) > 2 and (not is_last or shape[-1] == 1)


def _without_softmax(layer: Any) -> Undo:
    """Let the classes' order follow from the numbers before the softmax."""
    if type(layer).__name__ == "Softmax":
        shape, before = tuple(layer.output.shape), layer.axis
        layer.axis = -1 if (shape[-1] or 0) > 1 else len(shape) - 2

        def undo() -> None:
            layer.axis = before

        return undo
    activation = layer.activation
    layer.activation = _linear

    def undo_activation() -> None:
        layer.activation = activation

    return undo_activation


def _linear(values: Any) -> Any:
    return values


def _fresh_statistics(model: Any, examples: HasExamples) -> Undo:
    """Compute the moving averages of BatchNormalization anew, without dropout and noise."""
    layers = weight_facts.batch_normalisations(model)
    before = [(each, each.momentum, each.get_weights()) for each in layers]
    undo_quiet = _quiet(weight_facts.noisy_layers(model))
    order = Rng(0, "batch statistics").permutation(len(examples.rows))
    rows = examples.rows[order[:_EXAMPLES]]
    starts = [_statistics(each) for each in layers]
    size = _batch(examples.at(rows[:1]))
    for done, at in enumerate(range(0, max(1, len(rows) - size + 1), size)):
        for layer in layers:
            layer.momentum = done / (done + 1)
        model(np.ascontiguousarray(examples.at(rows[at : at + size])), training=True)

    def undo() -> None:
        undo_quiet()
        for layer, momentum, weights in before:
            layer.momentum = momentum
            layer.set_weights(weights)

    if not _was_on_the_way(starts, [_statistics(each) for each in layers]):
        undo()
        raise NotThisMistakeError
    return undo


def _statistics(layer: Any) -> tuple[Array, Array]:
    return np.array(layer.moving_mean), np.array(layer.moving_variance)


def _was_on_the_way(before: list[tuple[Array, Array]], fresh: list[tuple[Array, Array]]) -> bool:
    """Whether the averages lay between their start (0 and 1) and what they should be.

    Else the model was trained on inputs of another scale, and its averages are those of them.
    """
    shares = []
    for (mean, variance), (true_mean, true_variance) in zip(before, fresh, strict=True):
        shares.append((mean / np.where(true_mean == 0, 1e-12, true_mean)).ravel())
        shares.append(
            ((variance - 1) / np.where(true_variance == 1, 1e-12, true_variance - 1)).ravel()
        )
    found = np.concatenate(shares)
    return float(np.mean((found > _LEAST_SHARE) & (found < _MOST_SHARE))) >= _MOSTLY


def _batch(example: Array) -> int:
    return max(_SMALLEST, min(_LARGEST, BATCH_BYTES // max(1, example.nbytes)))
