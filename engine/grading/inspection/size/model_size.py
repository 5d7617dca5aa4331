"""Adds up what a model costs to build and to run, and refuses what is too expensive to grade.

Follows the same calls as the shapes do, but on a whole batch, so all axes are numbers. It adds
up the minimum that TensorFlow needs: a model beyond a limit here would run the grading child
out of memory or time, after a minute or with the machine's last gigabyte.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple, NoReturn

from engine.grading.inspection.allow_list import MODELS, OP_LAYERS, is_operation
from engine.grading.inspection.rejection import countable, reject, shown
from engine.grading.inspection.size.layer_cost import Cost, layer_cost
from engine.grading.inspection.size.layer_shapes import UNKNOWABLE
from engine.grading.inspection.size.layer_sizes import is_known, layer_sizes
from engine.grading.inspection.size.op_shapes import NEVER_LARGER, op_shapes, plain_name
from engine.grading.inspection.size.operands import Operands, Sizes
from engine.grading.inspection.size.shape_types import Config, Shape
from engine.grading.protocol import Message

# How many examples are predicted at once, in all batches together; fewer of large ones.
EXAMPLES_AT_ONCE = 192
FEWEST_AT_ONCE = 6
INPUT_BYTES_AT_ONCE = 12 * 1024 * 1024
BYTES = 4
# Running batches are not all at their largest layer at the same time: measured 0.7 to 1.4 of
# the sum, 0.7 with convolutions and attention.
AT_THE_SAME_TIME = 0.7

# Length of an axis that the file leaves free, where no task gives it.
FREE_AXIS = 256
# How many numbers one example may become in the model; 224 × 224 × 64 makes 3 million.
MAX_ELEMENTS = 30_000_000
# Multiplications for one example: VGG19 on 300 × 300 needs 35 billion,
# EfficientNetB7 on 600 × 600 more than 50; two cores do about 25 per second.
MAX_WORK = 100_000_000_000
# What each number of a tensor costs in addition, counted in multiplications.
WORK_OF_A_NUMBER = 10
# Steps of recurrent layers in a row.
MAX_STEPS = 20_000
# In units of the smallest layer, 2 ms each: EfficientNetB7 has 3,800, NASNetLarge 4,900.
MAX_OPERATIONS = 8_000

_ATTENTION = frozenset(
    {
        "MultiHeadAttention",
        "GroupQueryAttention",
        "GroupedQueryAttention",
        "Attention",
        "AdditiveAttention",
    }
)
_MERGES_CONSTANTS = frozenset({"Add", "Subtract", "Multiply", "Maximum", "Minimum"})
Follow = Callable[[Config, Sequence[Sizes]], Sequence[Shape | None]]


class Room(NamedTuple):
    """The memory that grading gives a model, in megabytes; its weights take part of it."""

    memory_mb: float
    stored: int = 0


@dataclass
class ModelSize:
    """The cost of all calls so far; `call` and `build` refuse the one that goes too far.

    `loops`: Keras 3 rebuilds a layer in TimeDistributed for each step.
    """

    room: Room
    examples: int = EXAMPLES_AT_ONCE
    loops: bool = True
    operations: int = 0
    work: int = 0
    steps: int = 0
    times: int = 1

    def concrete(self, shape: Shape | None) -> Sizes | None:
        """`shape` with a number for every free axis, and all examples of a batch."""
        if not shape:
            return None
        return (self.examples, *(FREE_AXIS if axis is None else axis for axis in shape[1:]))

    def call(
        self,
        layer: Config,
        inputs: Sequence[Sizes],
        values: Config,
        constants: Sequence[Any],
        follow: Follow,
    ) -> Sequence[Sizes]:
        """The shapes that a call of `layer` gives; `follow` goes through a model within.

        Raises `SubmissionRejected` when it makes the model too large or too slow.
        """
        try:
            return self._call(layer, inputs, Operands(inputs, values, constants), follow)
        except UNKNOWABLE:
            reject_unknown(layer)

    def _call(
        self, layer: Config, inputs: Sequence[Sizes], on: Operands, follow: Follow
    ) -> Sequence[Sizes]:
        kind, config = str(layer.get("class_name")), layer.get("config")
        if kind in MODELS:
            return [shape for shape in follow(layer, inputs) if is_known(shape)] or [inputs[0]]
        if not isinstance(config, dict):
            reject_unknown(layer)
        if (name := _operation_name(layer, config, on)) is not None:
            return self._operation(name, layer, on._replace(values={**config, **on.values}))
        inner = self._wrapped(kind, config, inputs, follow)
        found = inner if inner is not None else layer_sizes(kind, config, inputs)
        if not found:
            reject_unknown(layer)
        takes = inputs[0]
        if kind in _ATTENTION:
            takes = _longest(inputs)
            found = [tuple(map(max, zip(takes, found[0], strict=False)))]
        try:
            cost = layer_cost(kind, config, takes, found[0])
        except UNKNOWABLE:
            cost = Cost()  # Keras will say what is wrong with it
        self._add(layer, cost, inputs, found)
        return found

    def build(self, layer: Config, operations: int = 1) -> None:
        """Count the work that Keras needs to build `layer`."""
        self.operations += operations * self.times
        if self.operations > MAX_OPERATIONS:
            reject(
                "too_many_layers",
                Message(
                    "The model takes too long to build, from {layer} on at the latest: use fewer "
                    "layers, use each once, and leave out unroll=True.",
                    {"layer": place(layer)},
                ),
            )

    def _operation(self, name: str, layer: Config, on: Operands) -> Sequence[Sizes]:
        found = _operation_shapes(name, layer, on)
        if not found:  # a split into no parts
            reject_unknown(layer)
        products = plain_name(name) in ("matmul", "dot", "inner", "einsum", "tensordot")
        last = max((shape[-1] for shape in on.shapes if shape), default=1)
        work = prod(found[0]) * last if products else 0
        self._add(layer, Cost(work=work), on.shapes, found)
        return found

    def _wrapped(
        self, kind: str, config: Config, inputs: Sequence[Sizes], follow: Follow
    ) -> Sequence[Sizes] | None:
        """What a layer around others gives, including their cost; None for any other layer."""
        if kind == "Pipeline":
            found = list(inputs)
            for layer in config["layers"]:
                found = list(self.call(_checked(layer), found, {}, (), follow))
            return found
        if kind not in ("TimeDistributed", "Bidirectional", "SpectralNormalization"):
            return None
        layer, takes = _checked(config.get("layer")), inputs[0]
        if kind == "TimeDistributed" and len(takes) > 2:
            return self._distributed(layer, takes, follow)
        found = list(self.call(layer, inputs, {}, (), follow))
        if kind == "Bidirectional":
            found = list(self.call(layer, inputs, {}, (), follow))
            if config.get("merge_mode", "concat") not in ("sum", "mul", "ave"):
                return [(*found[0][:-1], 2 * found[0][-1]), *found[1:]]
        return found

    def _distributed(self, layer: Config, takes: Sizes, follow: Follow) -> Sequence[Sizes]:
        before, steps = self.times, max(1, takes[1])
        self.times *= steps if self.loops else 1
        found = self.call(layer, [(takes[0] * steps, *takes[2:])], {}, (), follow)
        self.times = before
        return [(takes[0], steps, *shape[1:]) for shape in found]

    def _add(
        self, layer: Config, cost: Cost, inputs: Sequence[Sizes], found: Sequence[Sizes]
    ) -> None:
        self.build(layer, cost.operations)
        largest = max(map(prod, found), default=0)
        together = largest + sum(map(prod, inputs)) + cost.room
        self.work += cost.work + WORK_OF_A_NUMBER * together
        self.steps += cost.steps
        if max(largest, cost.room) > MAX_ELEMENTS * self.examples:
            _reject_large(layer, max(largest, cost.room) // self.examples)
        needed = (together * AT_THE_SAME_TIME + 2 * self.room.stored) * BYTES / 1e6
        if needed > self.room.memory_mb:
            _reject_memory(layer, needed, self.room.memory_mb, self.examples)
        if self.work > MAX_WORK * self.examples:
            _reject_work(layer)
        if self.steps > MAX_STEPS:
            _reject_steps(layer)


def examples_at_once(example: Sizes) -> int:
    """How many examples of the shape `example` are predicted at once."""
    size = max(1, prod(example) * BYTES)
    return min(EXAMPLES_AT_ONCE, max(FEWEST_AT_ONCE, INPUT_BYTES_AT_ONCE // size))


def place(layer: Config) -> str:
    """The layer's class and name, for messages."""
    config = layer.get("config")
    name = config.get("name") if isinstance(config, dict) else None
    return shown(f"{layer.get('class_name')} '{name}'" if name else layer.get("class_name"))


def _operation_name(layer: Config, config: Config, on: Operands) -> str | None:
    """The name of the operation that `layer` is; None for a layer."""
    kind = str(layer.get("class_name"))
    if kind in OP_LAYERS:
        return str(config.get("function"))
    # A merging layer takes no constants; the operation of the same name does.
    merges_constants = kind in _MERGES_CONSTANTS and bool(on.constants)
    return kind if merges_constants or is_operation(layer) else None


def _operation_shapes(name: str, layer: Config, on: Operands) -> Sequence[Sizes]:
    """What the operation `name` gives; a bound if its exact shapes are unknown."""
    if plain_name(name) in ("eq", "ne") and len(on.shapes) + ("other" in on.values) < 2:
        _reject_comparison(layer)
    try:
        return [tuple(max(0, size) for size in each) for each in op_shapes(name, on)]
    except UNKNOWABLE:
        if not on.shapes:
            _reject_left_out(layer)
        if plain_name(name) not in NEVER_LARGER:
            reject_unknown(layer)
        return [on.first]


def _longest(inputs: Sequence[Sizes]) -> Sizes:
    """Each axis at its longest: query and value of attention may differ in length."""
    like = [shape for shape in inputs if len(shape) == len(inputs[0])]
    return tuple(max(axes) for axes in zip(*like, strict=True))


def _checked(layer: Any) -> Config:
    """A wrapped layer, if it is one."""
    if not isinstance(layer, dict):
        reject_unknown({"class_name": "Layer"})
    return layer


def reject_unknown(layer: Config) -> NoReturn:
    """Refuse `layer`, which may be of any size."""
    reject(
        "size_unknown",
        Message(
            "The file does not say how large {layer} is: give its sizes as plain numbers, "
            "or use another Keras layer.",
            {"layer": place(layer)},
        ),
    )


def _reject_left_out(layer: Config) -> NoReturn:
    reject(
        "size_unknown",
        Message(
            "The file does not say what {layer} works on: Keras 2 does not save what "
            "follows the equation in tf.einsum. Use tf.matmul, Dot or EinsumDense.",
            {"layer": place(layer)},
        ),
    )


def _reject_comparison(layer: Config) -> NoReturn:
    reject(
        "size_unknown",
        Message(
            "The file does not say what {layer} compares with: Keras 2 leaves out the 0 of "
            "`x != 0`. Use tf.equal or tf.not_equal.",
            {"layer": place(layer)},
        ),
    )


def _reject_large(layer: Config, count: int) -> None:
    reject(
        "too_large_inside",
        Message(
            "One example becomes {count} numbers in {layer}; this exam allows {limit}: "
            "use smaller layers.",
            {"count": countable(count), "layer": place(layer), "limit": MAX_ELEMENTS},
        ),
    )


def _reject_memory(layer: Config, needed: float, memory_mb: float, examples: int) -> None:
    reject(
        "too_large_inside",
        Message(
            "{layer} needs {needed} MB for {examples} examples at a time, and grading has "
            "{memory} MB: use smaller layers.",
            {
                "layer": place(layer),
                "needed": countable(needed),
                "examples": examples,
                "memory": f"{memory_mb:g}",
            },
        ),
    )


def _reject_work(layer: Config) -> None:
    reject(
        "too_much_work",
        Message(
            "One example takes more than {limit} billion multiplications by the time it "
            "reaches {layer}: use smaller or fewer layers.",
            {"layer": place(layer), "limit": MAX_WORK // 10**9},
        ),
    )


def _reject_steps(layer: Config) -> None:
    reject(
        "too_much_work",
        Message(
            "The recurrent layers take more than {limit} steps in a row, in {layer} at "
            "the latest: shorten the sequence before them with strides or pooling.",
            {"layer": place(layer), "limit": MAX_STEPS},
        ),
    )
