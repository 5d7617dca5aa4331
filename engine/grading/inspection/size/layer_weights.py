"""Works out how many weights a layer must have at least, from its configuration and input width.

A model's file holds its weights, so a layer that needs more numbers than the file has is a
lie, and building it would cost the memory it names: `Dense(4_000_000_000)` in a file of 20 kB,
or an ordinary Dense on an input 100,000,000 wide.
"""

from collections.abc import Callable
from math import prod
from typing import Any

from engine.grading.inspection.size.shape_types import Config, Shape


def least_parameters(kind: str, config: Config, shape: Shape | None) -> int:
    """A lower bound for the weights of a layer of class `kind` on an input of `shape`.

    An unknown width counts as 1, so the bound of an honest model never exceeds its file.
    """
    try:
        count: Any = _COUNTS[kind](config, shape) if kind in _COUNTS else 0
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ArithmeticError):
        return 0
    return count if type(count) is int else 0  # the product of a list of words is a word


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
    return int(config["filters"]) * _width(config, shape) + _depthwise(config, shape)


def _depthwise(config: Config, shape: Shape | None) -> int:
    kernel = config["kernel_size"]
    size = prod(kernel) if isinstance(kernel, list) else int(kernel)
    return size * _width(config, shape) * int(config.get("depth_multiplier", 1))


def _conv_lstm(config: Config, shape: Shape | None) -> int:
    state = {**config, "data_format": None}
    own = _convolution(config, shape) + _convolution(state, (None, int(config["filters"])))
    return 4 * own


def _recurrent(gates: int) -> Callable[[Config, Shape | None], int]:
    def count(config: Config, shape: Shape | None) -> int:
        units = int(config["units"])
        return gates * units * (units + _width(config, shape))

    return count


def _cells(config: Config, shape: Shape | None) -> int:
    cell = config["cell"]
    cells = cell["config"].get("cells") if isinstance(cell, dict) else cell
    count, width = 0, _width(config, shape)
    for each in cells or [cell]:
        units = int(each["config"]["units"])
        count, width = count + units * (units + width), units
    return count


def _einsum(config: Config, _shape: Shape | None) -> int:
    # Letters that the kernel shares only with the result stand for sizes in the configuration.
    own, _, rest = config["equation"].partition(",")
    kernel, _, gives = rest.partition("->")
    asked = config["output_shape"]
    listed = asked if isinstance(asked, list) else [asked]
    sizes = dict(zip(reversed(gives), reversed(listed), strict=False))
    return prod(sizes.get(each) or 1 for each in kernel if each.isalpha() and each not in own)


def _wrapped(config: Config, shape: Shape | None) -> int:
    layer: dict[str, Any] = config["layer"]
    return least_parameters(layer["class_name"], layer["config"], shape)


def _attention(config: Config, shape: Shape | None) -> int:
    heads, width = int(config["num_heads"]), int(config["key_dim"])
    return 2 * heads * width * _width(config, shape)


_COUNTS: dict[str, Callable[[Config, Shape | None], int]] = {
    "Dense": _dense,
    "RandomFourierFeatures": lambda config, shape: (
        int(config["output_dim"]) * _width(config, shape)
    ),
    "Embedding": _embedding,
    "LSTM": _recurrent(4),
    "GRU": _recurrent(3),
    "SimpleRNN": _recurrent(1),
    "Bidirectional": _wrapped,
    "TimeDistributed": _wrapped,
    "SpectralNormalization": _wrapped,
    "ReversibleEmbedding": _embedding,
    "LayerScale": lambda config, _: int(config["projection_dim"]),
    "CuDNNLSTM": _recurrent(4),
    "CuDNNGRU": _recurrent(3),
    "RNN": _cells,
    "EinsumDense": _einsum,
    "MultiHeadAttention": _attention,
}
for _n in ("1D", "2D", "3D"):
    _COUNTS |= {f"{k}{_n}": _convolution for k in ("Conv", "Convolution")}
    _COUNTS |= {f"{k}{_n}Transpose": _convolution for k in ("Conv", "Convolution")}
    _COUNTS |= {f"ConvLSTM{_n}": _conv_lstm, f"DepthwiseConv{_n}": _depthwise}
    _COUNTS |= {f"SeparableConv{_n}": _separable, f"SeparableConvolution{_n}": _separable}
