"""The fewest numbers a layer must hold, from its configuration and its input's width.

A model's file holds its weights, so a layer that asks for more numbers than the file
has is a lie, and building it would cost the memory it names: `Dense(4_000_000_000)` in
a file of 20 kB, or an ordinary Dense on an input 100,000,000 wide.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from engine.grading.shape_types import Config, Shape


def least_parameters(kind: str, config: Config, shape: Shape | None) -> int:
    """A lower bound of the weights of a layer of class `kind` on an input of `shape`.

    An unknown width counts as 1, so honest models never come out above their file.
    """
    try:
        return _COUNTS[kind](config, shape) if kind in _COUNTS else 0
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return 0


def _width(config: Config, shape: Shape | None) -> int:
    if not shape:
        return 1
    first = config.get("data_format") == "channels_first" and len(shape) > 2
    return (shape[1] if first else shape[-1]) or 1


def _dense(config: Config, shape: Shape | None) -> int:
    return int(config["units"]) * _width(config, shape)


def _embedding(config: Config, _shape: Shape | None) -> int:
    return int(config["input_dim"]) * int(config["output_dim"])


def _convolution(config: Config, shape: Shape | None) -> int:
    kernel = config["kernel_size"]
    size = prod(kernel) if isinstance(kernel, list) else int(kernel)
    width = _width(config, shape) // max(int(config.get("groups", 1)), 1)
    return size * max(width, 1) * int(config["filters"])


def _separable(config: Config, shape: Shape | None) -> int:
    return int(config["filters"]) * _width(config, shape)


def _recurrent(gates: int) -> Callable[[Config, Shape | None], int]:
    def count(config: Config, shape: Shape | None) -> int:
        units = int(config["units"])
        return gates * units * (units + _width(config, shape))

    return count


def _wrapped(config: Config, shape: Shape | None) -> int:
    layer: dict[str, Any] = config["layer"]
    return least_parameters(layer["class_name"], layer["config"], shape)


def _attention(config: Config, shape: Shape | None) -> int:
    heads, width = int(config["num_heads"]), int(config["key_dim"])
    return 2 * heads * width * _width(config, shape)


_COUNTS: dict[str, Callable[[Config, Shape | None], int]] = {
    "Dense": _dense,
    "Embedding": _embedding,
    "LSTM": _recurrent(4),
    "GRU": _recurrent(3),
    "SimpleRNN": _recurrent(1),
    "Bidirectional": _wrapped,
    "TimeDistributed": _wrapped,
    "SpectralNormalization": _wrapped,
    "MultiHeadAttention": _attention,
}
for _n in ("1D", "2D", "3D"):
    _COUNTS |= {f"{k}{_n}": _convolution for k in ("Conv", "Convolution", "ConvLSTM")}
    _COUNTS |= {f"{k}{_n}Transpose": _convolution for k in ("Conv", "Convolution")}
    _COUNTS |= {f"SeparableConv{_n}": _separable, f"SeparableConvolution{_n}": _separable}
