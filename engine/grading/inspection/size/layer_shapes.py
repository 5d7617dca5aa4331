"""Works out the shape a layer gives, from its configuration and input shapes.

Works without TensorFlow, so a wrong shape is refused in milliseconds and a model that would
need terabytes is never built. A shape has the batch axis first; None is a free axis. If a shape
cannot be worked out, it is None as a whole, and the grading child checks the loaded model.
"""

import re
from collections.abc import Callable, Sequence
from math import prod

from engine.grading.inspection.size.picture_shapes import PICTURE_RULES, each
from engine.grading.inspection.size.shape_types import Axis, Config, Rule, Shape, as_shape

# A hostile configuration may hold anything; then the shape is simply unknown.
UNKNOWABLE = (
    TypeError,
    ValueError,
    KeyError,
    IndexError,
    AttributeError,
    ArithmeticError,
)


def layer_shape(kind: str, config: Config, inputs: Sequence[Shape | None]) -> Shape | None:
    """The shape that a layer of class `kind` gives; None if it cannot be worked out."""
    # An odd configuration turns words and lists into axes.
    return as_shape(_shape(kind, config, inputs)) if inputs else None


def _shape(kind: str, config: Config, inputs: Sequence[Shape | None]) -> Shape | None:
    first, known = inputs[0], [shape for shape in inputs if shape is not None]
    try:
        if kind in _MERGES and len(known) == len(inputs):
            return _MERGES[kind](config, known)
        # In attention the first is the query; the value may have another length.
        if kind in KEEPS_SHAPE:
            return first
        if kind in _RULES and first is not None:
            return _RULES[kind](config, first)
    except UNKNOWABLE:
        return None
    return None


def broadcast(shapes: Sequence[Shape]) -> Shape | None:
    """The shape of an arithmetic operation on tensors of `shapes`."""
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(_broadcast_axis(axes) for axes in zip(*padded, strict=True))


def _broadcast_axis(axes: Sequence[Axis]) -> Axis:
    sizes = {axis for axis in axes if axis not in (1, None)}
    if sizes:
        return sizes.pop()
    return None if None in axes else 1


def _dense(config: Config, shape: Shape) -> Shape:
    return (*shape[:-1], config["units"])


def _embedding(config: Config, shape: Shape) -> Shape:
    return (*shape, config["output_dim"])


def _flatten(_config: Config, shape: Shape) -> Shape:
    return (shape[0], _size(shape[1:]))


def _size(axes: Sequence[Axis]) -> Axis:
    known = [axis for axis in axes if axis is not None]
    return prod(known) if len(known) == len(axes) else None


def _reshape(config: Config, shape: Shape) -> Shape:
    target = [int(axis) for axis in config["target_shape"]]
    if -1 in target:
        whole = _size(shape[1:])
        rest = prod(axis for axis in target if axis != -1)
        return (shape[0], *((whole // rest if whole else None) if a == -1 else a for a in target))
    return (shape[0], *target)


def _permute(config: Config, shape: Shape) -> Shape:
    return (shape[0], *(shape[axis] for axis in config["dims"]))


def _repeat(config: Config, shape: Shape) -> Shape:
    return (shape[0], config["n"], shape[1])


def _recurrent(config: Config, shape: Shape) -> Shape:
    units = config["units"]
    return (*shape[:2], units) if config.get("return_sequences") else (shape[0], units)


def _cells(config: Config, shape: Shape) -> Shape:
    cell = config["cell"]["config"]
    last = cell["cells"][-1]["config"] if "cells" in cell else cell
    return _recurrent({**config, "units": last["units"]}, shape)


def _attention(config: Config, shape: Shape) -> Shape | None:
    return None if config.get("output_shape") else shape


def _bidirectional(config: Config, shape: Shape) -> Shape | None:
    layer = config["layer"]
    inner = layer_shape(layer["class_name"], layer["config"], [shape])
    if inner is None or inner[-1] is None or config.get("merge_mode", "concat") is None:
        return None
    return (*inner[:-1], inner[-1] * 2) if config.get("merge_mode") == "concat" else inner


def _time_distributed(config: Config, shape: Shape) -> Shape | None:
    layer = config["layer"]
    inner = layer_shape(layer["class_name"], layer["config"], [(shape[0], *shape[2:])])
    return None if inner is None else (*shape[:2], *inner[1:])


def _wrapped(config: Config, shape: Shape) -> Shape | None:
    layer = config["layer"]
    return layer_shape(layer["class_name"], layer["config"], [shape])


def _concatenate(config: Config, shapes: Sequence[Shape]) -> Shape:
    axis = int(config.get("axis", -1)) % len(shapes[0])
    sizes = [shape[axis] for shape in shapes]
    joined = None if None in sizes else sum(size for size in sizes if size is not None)
    return (*shapes[0][:axis], joined, *shapes[0][axis + 1 :])


def _merged(_config: Config, shapes: Sequence[Shape]) -> Shape | None:
    return broadcast(shapes)


def _dot(config: Config, shapes: Sequence[Shape]) -> Shape:
    left, right = (list(shape) for shape in shapes)
    axes = each(config["axes"], 2)
    left.pop(axes[0])
    right.pop(axes[1])
    del right[0]
    whole = (*left, *right)
    return whole if len(whole) > 1 else (*whole, 1)


def _attended(_config: Config, shapes: Sequence[Shape]) -> Shape:
    query, value = shapes[:2]
    return (*query[:-1], value[-1])


_MERGES: dict[str, Callable[[Config, Sequence[Shape]], Shape | None]] = {
    "Attention": _attended,
    "AdditiveAttention": _attended,
    "Concatenate": _concatenate,
    "Dot": _dot,
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum"), _merged),
}
KEEPS_SHAPE = frozenset(
    re.findall(
        r"\w+",
        """
    Activation ActivityRegularization AlphaDropout BatchNormalization BatchNormalizationV1
    BatchNormalizationV2 SyncBatchNormalization Dropout ELU GaussianDropout GaussianNoise
    GroupNormalization Identity LayerNormalization LeakyReLU Masking Normalization PReLU ReLU
    RMSNormalization Rescaling Softmax SpatialDropout1D SpatialDropout2D SpatialDropout3D
    ThresholdedReLU UnitNormalization
    RandomFlip RandomTranslation RandomRotation RandomZoom RandomContrast RandomBrightness
    RandomShear RandomHue RandomSaturation RandomSharpness RandomPerspective RandomInvert
    RandomErasing RandomGrayscale RandomPosterization RandomColorDegeneration RandomColorJitter
    RandomGaussianBlur RandomElasticTransform AutoContrast Equalization Solarization
        """,
    )
)
_RULES: dict[str, Rule] = {
    **PICTURE_RULES,
    "Dense": _dense,
    "RandomFourierFeatures": lambda config, shape: (*shape[:-1], config["output_dim"]),
    "Embedding": _embedding,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "LayerScale": lambda config, shape: (*shape[:-1], config["projection_dim"]),
    "RepeatVector": _repeat,
    "RNN": _cells,
    "MultiHeadAttention": _attention,
    "GroupQueryAttention": _attention,
    "GroupedQueryAttention": _attention,
    "Bidirectional": _bidirectional,
    "TimeDistributed": _time_distributed,
    "SpectralNormalization": _wrapped,
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU"), _recurrent),
}
