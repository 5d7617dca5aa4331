"""How many numbers a layer gives on a batch, even if its exact shape cannot be worked out.

Here all axes are numbers, including the batch axis. Contracts are checked only against exact
shapes (`layer_shapes.py`); here a bound is enough. A layer that may be of any size and does not
say which has no bound.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeGuard

from engine.grading.inspection.size.layer_shapes import KEEPS_SHAPE, UNKNOWABLE, layer_shape
from engine.grading.inspection.size.operands import Sizes
from engine.grading.inspection.size.picture_shapes import each
from engine.grading.inspection.size.product_shapes import labels
from engine.grading.inspection.size.shape_types import Config, Shape


def layer_sizes(kind: str, config: Config, inputs: Sequence[Sizes]) -> Sequence[Sizes] | None:
    """The shapes of what a layer of class `kind` gives; None if there is no bound."""
    for shape in (layer_shape(kind, config, inputs), _bound(kind, config, inputs)):
        if is_known(shape):
            return [shape, *_states(config, inputs[0])]
    return [inputs[0]] if inputs and kind in NEVER_LARGER else None


def is_known(shape: Shape | None) -> TypeGuard[Sizes]:
    """Whether every axis of `shape` is a number."""
    return shape is not None and all(type(axis) is int and axis >= 0 for axis in shape)


def _bound(kind: str, config: Config, inputs: Sequence[Sizes]) -> Shape | None:
    if kind not in _BOUNDS or not inputs:
        return None
    try:
        return _BOUNDS[kind](config, inputs[0])
    except UNKNOWABLE:
        return None


def _states(config: Config, shape: Sizes) -> list[Sizes]:
    """What a recurrent layer gives in addition to its answer."""
    units = config.get("units")
    if not config.get("return_state") or type(units) is not int:
        return []
    return [(shape[0], units)] * 2


def _einsum(config: Config, shape: Sizes) -> Shape:
    own, _, rest = str(config["equation"]).partition(",")
    sizes, gives = labels(f"{own}->{rest.partition('->')[2]}", [shape])
    asked = config["output_shape"]
    listed = asked if isinstance(asked, list) else [asked]
    named: list[Any] = [None] * (len(gives) - len(listed)) + listed
    return tuple(sizes.get(letter, size) for letter, size in zip(gives, named, strict=True))


def _transposed(config: Config, shape: Sizes) -> Shape | None:
    rank = len(shape) - 2
    more = sum(each(config["output_padding"], rank))
    inside = layer_shape("Conv2DTranspose", {**config, "output_padding": None}, [shape])
    return (
        None if inside is None else tuple(axis if axis is None else axis + more for axis in inside)
    )


def _categories(key: str) -> Callable[[Config, Sizes], Shape]:
    def rule(config: Config, shape: Sizes) -> Shape:
        mode = config.get("output_mode", "int" if key != "num_tokens" else "multi_hot")
        if mode == "int":
            return shape
        # One-hot replaces a last axis of 1, and follows any other.
        kept = shape if mode == "one_hot" and shape[-1] != 1 else shape[:-1]
        return (*kept, _count_categories(key, config))

    return rule


def _count_categories(key: str, config: Config) -> int:
    whole = config.get(key)
    count = len(whole) if isinstance(whole, list) else int(whole or 0)
    if key == "vocabulary":
        unknown = int(config.get("num_oov_indices", 1))
        return max(count, int(config.get("max_tokens") or 0)) + unknown + 1
    if key == "bin_boundaries":
        return max(count, int(config.get("num_bins") or 0)) + 1
    return count


def _attention(config: Config, shape: Sizes) -> Shape:
    asked = config["output_shape"]
    return (*shape[:-1], *(asked if isinstance(asked, list) else [asked]))


def _bidirectional(config: Config, shape: Sizes) -> Shape | None:
    layer = config["layer"]
    return layer_shape(layer["class_name"], layer["config"], [shape])


_BOUNDS: dict[str, Callable[[Config, Sizes], Shape | None]] = {
    "EinsumDense": _einsum,
    "ReversibleEmbedding": lambda config, shape: (*shape, config["output_dim"]),
    "CategoryEncoding": _categories("num_tokens"),
    "Discretization": _categories("bin_boundaries"),
    "IntegerLookup": _categories("vocabulary"),
    "MultiHeadAttention": _attention,
    "GroupQueryAttention": _attention,
    "GroupedQueryAttention": _attention,
    "Bidirectional": _bidirectional,
    **{f"Conv{n}DTranspose": _transposed for n in "123"},
    **{f"Convolution{n}DTranspose": _transposed for n in "123"},
}
_POOLS = ("MaxPooling", "AveragePooling", "MaxPool", "AvgPool", "Cropping")
_GLOBAL = ("MaxPooling", "AveragePooling", "MaxPool", "AvgPool")
# These never give more numbers than they take, whatever their configuration. In a graded model
# augmentation does nothing, so its layers are among them.
NEVER_LARGER = KEEPS_SHAPE | {
    *(f"{name}{n}D" for name in _POOLS for n in "123"),
    *(f"Global{name}{n}D" for name in _GLOBAL for n in "123"),
    *("Flatten", "Reshape", "Permute", "RandomHeight", "RandomWidth", "RandAugment", "AugMix"),
    *("RandomPerspective", "RandomInvert", "ContrastLimitedAdaptiveHistogramEqualization"),
}
