"""Works out the shapes of convolutions, pooling and other layers on pictures.

Covers sequences and volumes too: anything with a batch, one to three sizes and channels, in
either order. Rules may raise on odd configurations; `layer_shapes.py` catches that.
"""

from collections.abc import Callable, Sequence
from math import ceil
from typing import Any

from engine.grading.inspection.size.shape_types import Axis, Config, Rule, Shape


def each(value: Any, rank: int) -> list[int]:
    """One number for each of `rank` axes, from one for all or a list."""
    return [int(value)] * rank if isinstance(value, int) else [int(item) for item in value]


def _channels_first(config: Config) -> bool:
    return config.get("data_format") == "channels_first"


def _spatial(config: Config, shape: Shape, sizes: Sequence[Axis], channels: Axis) -> Shape:
    """A picture's shape from its spatial sizes and channels, in the layer's own order."""
    if _channels_first(config):
        return (shape[0], channels, *sizes)
    return (shape[0], *sizes, channels)


def _parts(config: Config, shape: Shape) -> tuple[Shape, Axis]:
    """The spatial sizes and the channels of a picture's shape."""
    if len(shape) < 3:
        raise ValueError("a picture or sequence has a batch, sizes and channels")
    return (shape[2:], shape[1]) if _channels_first(config) else (shape[1:-1], shape[-1])


def _window(size: Axis, window: int, stride: int, padding: str) -> Axis:
    if size is None:
        return None
    left = size if padding in ("same", "causal") else size - window + 1
    return max(ceil(left / stride), 0)


def _convolution(filters: Callable[[Config, Axis], Axis]) -> Callable[[Config, Shape], Shape]:
    def rule(config: Config, shape: Shape) -> Shape:
        sizes, channels = _parts(config, shape)
        rank, padding = len(sizes), config.get("padding", "valid")
        kernel = each(config["kernel_size"], rank)
        dilation = each(config.get("dilation_rate", 1), rank)
        strides = each(config.get("strides", 1), rank)
        found = [
            _window(size, (k - 1) * d + 1, s, padding)
            for size, k, d, s in zip(sizes, kernel, dilation, strides, strict=True)
        ]
        return _spatial(config, shape, found, filters(config, channels))

    return rule


def _filters(config: Config, _channels: Axis) -> Axis:
    return int(config["filters"])


def _depthwise(config: Config, channels: Axis) -> Axis:
    return None if channels is None else channels * int(config.get("depth_multiplier", 1))


def _transposed(config: Config, shape: Shape) -> Shape | None:
    sizes, _ = _parts(config, shape)
    rank, padding = len(sizes), config.get("padding", "valid")
    if config.get("output_padding") is not None:
        return None
    dilation = each(config.get("dilation_rate", 1), rank)
    windows = [
        (k - 1) * d + 1 for k, d in zip(each(config["kernel_size"], rank), dilation, strict=True)
    ]
    found = [
        None if size is None else size * s + (max(k - s, 0) if padding == "valid" else 0)
        for size, k, s in zip(sizes, windows, each(config.get("strides", 1), rank), strict=True)
    ]
    return _spatial(config, shape, found, config["filters"])


def _pooling(config: Config, shape: Shape) -> Shape:
    sizes, channels = _parts(config, shape)
    pool = each(config.get("pool_size", 2), len(sizes))
    strides = each(config.get("strides") or pool, len(sizes))
    padding = config.get("padding", "valid")
    found = [_window(n, p, s, padding) for n, p, s in zip(sizes, pool, strides, strict=True)]
    return _spatial(config, shape, found, channels)


def _global_pooling(config: Config, shape: Shape) -> Shape:
    sizes, channels = _parts(config, shape)
    if config.get("keepdims"):
        return _spatial(config, shape, (1,) * len(sizes), channels)
    return (shape[0], channels)


def _adaptive_pooling(config: Config, shape: Shape) -> Shape:
    sizes, channels = _parts(config, shape)
    return _spatial(config, shape, each(config["output_size"], len(sizes)), channels)


def _pairs(value: Any, rank: int) -> list[int]:
    """The sum of both sides of each axis, for padding and cropping."""
    if isinstance(value, int):
        return [2 * value] * rank
    if rank == 1 and len(value) == 2 and isinstance(value[0], int):
        return [sum(value)]
    return [2 * side if isinstance(side, int) else sum(side) for side in value]


def _padded(sign: int, key: str) -> Rule:
    def rule(config: Config, shape: Shape) -> Shape:
        sizes, channels = _parts(config, shape)
        both = _pairs(config[key], len(sizes))
        found = [None if n is None else n + sign * b for n, b in zip(sizes, both, strict=True)]
        return _spatial(config, shape, found, channels)

    return rule


def _upsampled(config: Config, shape: Shape) -> Shape:
    sizes, channels = _parts(config, shape)
    times = each(config["size"], len(sizes))
    found = [None if n is None else n * t for n, t in zip(sizes, times, strict=True)]
    return _spatial(config, shape, found, channels)


def _resized(config: Config, shape: Shape) -> Shape:
    _, channels = _parts(config, shape)
    return _spatial(config, shape, (config["height"], config["width"]), channels)


def _conv_lstm(config: Config, shape: Shape) -> Shape:
    inner = _convolution(_filters)(config, (shape[0], *shape[2:]))
    return (*shape[:2], *inner[1:]) if config.get("return_sequences") else inner


_plain = _convolution(_filters)
_BY_KIND: dict[str, Rule] = {
    "Conv{}": _plain,
    "Convolution{}": _plain,
    "SeparableConv{}": _plain,
    "SeparableConvolution{}": _plain,
    "LocallyConnected{}": _plain,
    "DepthwiseConv{}": _convolution(_depthwise),
    "ConvLSTM{}": _conv_lstm,
    "Conv{}Transpose": _transposed,
    "Convolution{}Transpose": _transposed,
    "MaxPooling{}": _pooling,
    "AveragePooling{}": _pooling,
    "MaxPool{}": _pooling,
    "AvgPool{}": _pooling,
    "GlobalMaxPooling{}": _global_pooling,
    "GlobalAveragePooling{}": _global_pooling,
    "GlobalMaxPool{}": _global_pooling,
    "GlobalAvgPool{}": _global_pooling,
    "AdaptiveMaxPooling{}": _adaptive_pooling,
    "AdaptiveAveragePooling{}": _adaptive_pooling,
    "ZeroPadding{}": _padded(1, "padding"),
    "Cropping{}": _padded(-1, "cropping"),
    "UpSampling{}": _upsampled,
}
PICTURE_RULES: dict[str, Rule] = {
    kind.format(rank): rule for kind, rule in _BY_KIND.items() for rank in ("1D", "2D", "3D")
} | dict.fromkeys(("Resizing", "CenterCrop", "RandomCrop"), _resized)
