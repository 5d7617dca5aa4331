"""What a layer costs apart from its inputs and outputs: work, temporary memory, operations.

A model may be small in its file and in every tensor between its layers, and still need
gigabytes or minutes: attention holds steps × steps numbers, a dilated convolution pads its
input by kernel × dilation, an unrolled layer is built once for each step. Here all axes are
numbers, including the batch axis.
"""

import re
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from engine.grading.inspection.size.operands import Sizes
from engine.grading.inspection.size.picture_shapes import each
from engine.grading.inspection.size.product_shapes import labels
from engine.grading.inspection.size.shape_types import Config

# How long Keras takes to build a layer, relative to the smallest operation, measured:
# a Dropout 2 ms, a Dense 10, a BatchNormalization 20, an LSTM 300, an unrolled step of it 30.
_LIGHT = set(
    re.findall(
        r"\w+",
        """
    InputLayer Dropout Flatten Reshape Activation ReLU Identity Add Concatenate Multiply Rescaling
    Permute RepeatVector SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianDropout
    GaussianNoise AlphaDropout ActivityRegularization Masking LeakyReLU ELU Softmax
        """,
    )
)
_HEAVY = {
    **dict.fromkeys(("BatchNormalization", "BatchNormalizationV1", "BatchNormalizationV2"), 10),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN", "RNN", "CuDNNLSTM", "CuDNNGRU"), 100),
    **dict.fromkeys(("ConvLSTM1D", "ConvLSTM2D", "ConvLSTM3D"), 100),
    **dict.fromkeys(("MultiHeadAttention", "GroupQueryAttention", "GroupedQueryAttention"), 30),
    "Bidirectional": 200,
}
_PLAIN = 5
UNROLLED_STEP = 15

# A convolution whose window is much wider than its input multiplies zeros, which is
# slow: 4 million of them take a quarter of a second.
_HONEST_PADDING = 8
_WORK_OF_PADDING = 25_000


class Cost(NamedTuple):
    """One call of a layer on a batch: multiplications, numbers held meanwhile, and building.

    `operations` is in units of the smallest layer; `steps` have to wait for each other.
    """

    work: int = 0
    room: int = 0
    operations: int = _PLAIN
    steps: int = 0


Rule = Callable[[Config, Sizes, Sizes], Cost]


def layer_cost(kind: str, config: Config, takes: Sizes, gives: Sizes) -> Cost:
    """The cost of a layer of class `kind`; may raise on an odd configuration."""
    operations = 1 if kind in _LIGHT else _HEAVY.get(kind, _PLAIN)
    rule = _RULES.get(kind)
    if rule is None:
        return Cost(operations=operations)
    cost = rule(config, takes, gives)
    return cost._replace(operations=max(operations, cost.operations))


def _dense(_config: Config, takes: Sizes, gives: Sizes) -> Cost:
    return Cost(work=prod(gives) * takes[-1])


def _einsum(config: Config, takes: Sizes, gives: Sizes) -> Cost:
    equation = str(config["equation"])
    left, _, result = equation.partition("->")
    own, kernel = left.split(",")
    sizes, _ = labels(f"{own}->", [takes])
    found, _ = labels(f"{result}->", [gives])
    # A letter that only the kernel has is summed there: the file holds as many numbers.
    return Cost(work=prod({**found, **sizes}.values()) * (1 if kernel else 0))


def _parts(config: Config, shape: Sizes) -> tuple[Sizes, int]:
    first = config.get("data_format") == "channels_first"
    return (shape[2:], shape[1]) if first else (shape[1:-1], shape[-1])


def _convolution(config: Config, takes: Sizes, gives: Sizes) -> Cost:
    sizes, channels = _parts(config, takes)
    kernel = each(config["kernel_size"], len(sizes))
    dilation = each(config.get("dilation_rate", 1), len(sizes))
    groups = max(int(config.get("groups", 1) or 1), 1)
    # Padded by the window, and to whole blocks of the dilation (space to batch).
    padded = [
        n + (k - 1) * d + (d if d > 1 else 0)
        for n, k, d in zip(sizes, kernel, dilation, strict=True)
    ]
    room = takes[0] * channels * prod(padded)
    if config.get("padding") != "causal" and max(dilation, default=1) == 1:
        room = 0
    work = prod(gives) * prod(kernel) * max(channels // groups, 1)
    wasted = max(0, room - _HONEST_PADDING * prod(takes))
    return Cost(work=work + _WORK_OF_PADDING * wasted, room=room)


def _separable(config: Config, takes: Sizes, gives: Sizes) -> Cost:
    sizes, channels = _parts(config, takes)
    after, filters = _parts(config, gives)
    plain = _convolution({**config, "groups": channels}, takes, gives)
    deep = channels * int(config.get("depth_multiplier", 1))
    middle = gives[0] * prod(after) * deep
    each_of_them = prod(each(config["kernel_size"], len(sizes)))
    return plain._replace(work=middle * (each_of_them + filters), room=plain.room + middle)


def _transposed(config: Config, takes: Sizes, gives: Sizes) -> Cost:
    sizes, _ = _parts(config, takes)
    _, filters = _parts(config, gives)
    return Cost(work=prod(takes) * filters * prod(each(config["kernel_size"], len(sizes))))


def _recurrent(gates: int) -> Rule:
    def rule(config: Config, takes: Sizes, _gives: Sizes) -> Cost:
        units, steps = int(config["units"]), takes[1]
        return _steps(config, steps, takes[0] * gates * units * (units + takes[-1]), 1)

    return rule


def _steps(config: Config, steps: int, work: int, cells: int) -> Cost:
    unrolled = steps * UNROLLED_STEP * cells if config.get("unroll") else 0
    return Cost(work=steps * work, operations=unrolled, steps=steps * cells)


def _cells(config: Config, takes: Sizes, _gives: Sizes) -> Cost:
    cell: Any = config["cell"]
    inner = cell["config"].get("cells") if isinstance(cell, dict) else cell
    units = [int(each["config"]["units"]) for each in inner or [cell]]
    work, width = 0, takes[-1]
    for size in units:
        work, width = work + 4 * takes[0] * size * (size + width), size
    return _steps(config, takes[1], work, len(units))


def _conv_lstm(config: Config, takes: Sizes, gives: Sizes) -> Cost:
    filters = int(config["filters"])
    frame = (takes[0], *takes[2:])
    after = (gives[0], *gives[2:]) if config.get("return_sequences") else gives
    one = _convolution({**config, "padding": "same"}, frame, after)
    kernel = prod(each(config["kernel_size"], len(frame) - 2))
    state = prod(after) * filters * kernel
    return _steps(config, takes[1], 4 * (one.work + state), 1)._replace(room=4 * one.room)


def _attention(config: Config, takes: Sizes, _gives: Sizes) -> Cost:
    heads = int(config.get("num_heads") or config.get("num_query_heads") or 1)
    width = int(config.get("key_dim") or config.get("head_dim") or 1)
    queries = prod(takes[1:-1])
    scores = takes[0] * heads * queries * queries
    projected = prod(takes) * heads * width * 4
    return Cost(work=2 * scores * width + projected, room=scores)


def _plain_attention(_config: Config, takes: Sizes, _gives: Sizes) -> Cost:
    scores = takes[0] * takes[1] * takes[1]
    return Cost(work=2 * scores * takes[-1], room=2 * scores)  # before and after softmax


def _additive(_config: Config, takes: Sizes, _gives: Sizes) -> Cost:
    sums = takes[0] * takes[1] * takes[1] * takes[-1]
    return Cost(work=sums, room=2 * sums)


_RULES: dict[str, Rule] = {
    "Dense": _dense,
    "RandomFourierFeatures": _dense,
    "EinsumDense": _einsum,
    "LSTM": _recurrent(4),
    "CuDNNLSTM": _recurrent(4),
    "GRU": _recurrent(3),
    "CuDNNGRU": _recurrent(3),
    "SimpleRNN": _recurrent(1),
    "RNN": _cells,
    "MultiHeadAttention": _attention,
    "GroupQueryAttention": _attention,
    "GroupedQueryAttention": _attention,
    "Attention": _plain_attention,
    "AdditiveAttention": _additive,
}
for _n in ("1D", "2D", "3D"):
    for _name in ("Conv", "Convolution"):
        _RULES |= {f"{_name}{_n}": _convolution, f"{_name}{_n}Transpose": _transposed}
    _RULES |= {f"SeparableConv{_n}": _separable, f"SeparableConvolution{_n}": _separable}
    _RULES |= {f"LocallyConnected{_n}": _convolution, f"ConvLSTM{_n}": _conv_lstm}
    _RULES[f"DepthwiseConv{_n}"] = lambda config, takes, gives: _convolution(
        {**config, "groups": _parts(config, takes)[1]}, takes, gives
    )
