"""Follows a model's configuration from its input to its output, without TensorFlow.

Gives the shapes to check against a contract, the layers as a candidate would name them, the
activation the model ends in, and the size of what it would compute. It reads both formats:
Keras 2 writes graphs as nested lists, Keras 3 as objects.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.grading.inspection.allow_list import MODELS, is_operation
from engine.grading.inspection.rejection import reject
from engine.grading.inspection.size.graph_calls import Call, Ref, calls, filled, name_of, references
from engine.grading.inspection.size.graph_order import CallOrder
from engine.grading.inspection.size.layer_shapes import broadcast, layer_shape
from engine.grading.inspection.size.layer_sizes import is_known
from engine.grading.inspection.size.layer_weights import least_parameters
from engine.grading.inspection.size.model_size import ModelSize, reject_unknown
from engine.grading.inspection.size.op_shapes import plain_name
from engine.grading.inspection.size.operands import constant_shapes
from engine.grading.inspection.size.shape_types import Config, Shape, as_shape
from engine.grading.protocol import Message

MAX_LAYER_NAMES = 300
# A layer counts once for each use, so models in models multiply.
MAX_CALLS = 8_000
# A layer with a larger configuration than honest ones counts more than once.
VALUES_OF_A_CALL = 500

# Operations that keep or broadcast the shape; for others the loaded model decides.
_ARITHMETIC = frozenset(
    re.findall(
        r"\w+",
        """
    add subtract multiply divide truedivide truediv true_divide pow power square sqrt rsqrt abs
    absolute negative exp log log1p tanh sigmoid relu relu6 elu selu gelu silu softplus softmax
    log_softmax maximum minimum clip clip_by_value sign round floor ceil cast sin cos radd rsub
    identity stop_gradient stopgradient leaky_relu leakyrelu logsoftmax reciprocal
        """,
    )
)
# Layers that pass a model's last activation on.
_PASSING = frozenset({"Dropout", "Reshape", "Flatten", "Identity", "Permute", "InputLayer"})


@dataclass
class Traced:
    """The result of following a model; an unknown shape is None.

    `plain` is the configuration to load, where it is not the file's own; in it, layers that
    remembered their last example may have been told to start each anew.
    """

    inputs: list[Shape | None] = field(default_factory=list)
    outputs: list[Shape | None] = field(default_factory=list)
    ending: str | None = None
    layers: list[str] = field(default_factory=list)
    parameters: int = 0
    stateful: bool = False
    starts_anew: bool = False
    plain: str | None = None

    def add(self, other: "Traced") -> None:
        """Count a model within this one."""
        self.layers += other.layers
        self.parameters += other.parameters
        self.stateful |= other.stateful


class _Parsed(NamedTuple):
    """A graph's layers by name, its ends, and the calls in between."""

    layers: dict[str, Config]
    inputs: list[Ref]
    outputs: list[Ref]
    calls: list[Call]


@dataclass
class _Shared:
    """What a model and all models within it share while we follow them: size and progress."""

    size: ModelSize | None = None
    calls: int = 0
    parsed: dict[int, _Parsed] = field(default_factory=dict)
    values: dict[int, int] = field(default_factory=dict)

    def count(self, layer: Config) -> None:
        """Count one use of `layer`; refuses models whose parts are used too often."""
        if id(layer) not in self.values:
            self.values[id(layer)] = _count_values(layer)
        self.calls += 1 + self.values[id(layer)] // VALUES_OF_A_CALL
        if self.calls > MAX_CALLS:
            reject(
                "too_many_layers",
                Message(
                    "The model calls its layers more than {limit} times, nested models included: "
                    "use fewer calls.",
                    {"limit": MAX_CALLS},
                ),
            )
        if self.size is not None and layer.get("class_name") in MODELS:
            self.size.build(layer)

    def graph(self, config: Config, layers: Sequence[Config]) -> _Parsed:
        """The graph of a functional model, read once however often it is called."""
        if id(config) not in self.parsed:
            self.parsed[id(config)] = _Parsed(
                {name_of(layer): layer for layer in layers},
                list(references(config.get("input_layers"))),
                list(references(config.get("output_layers"))),
                [call for layer in layers for call in calls(layer)],
            )
        return self.parsed[id(config)]


def trace(
    model: Config, given: Sequence[Shape | None] = (), size: ModelSize | None = None
) -> Traced:
    """Follow `model` (an object with class_name and config) from `given` or its own inputs.

    With `size`, the cost is added up there, and `given` must be concrete shapes.
    Raises `SubmissionRejected` for a model that is too large to follow, or to grade.
    """
    return _trace(model, given, _Shared(size))


def _trace(model: Config, given: Sequence[Shape | None], shared: _Shared) -> Traced:
    config, layers = _layers(model)
    if config is None:
        return Traced()
    if _is_graph(config):
        return _FollowedGraph(shared.graph(config, layers), shared).follow(given)
    return _follow_chain(model, config, layers, given, shared)


def _count_values(value: Any) -> int:
    """How many values there are in `value`."""
    count, pending = 0, [value]
    while pending:
        item = pending.pop()
        inside = item.values() if isinstance(item, dict) else item
        if isinstance(item, dict | list):
            count += len(item)
            pending.extend(each for each in inside if isinstance(each, dict | list))
    return count


def _layers(model: Config) -> tuple[Config | None, list[Config]]:
    """A model's configuration and its layers; None if it has none."""
    config = model.get("config")
    if isinstance(config, list):  # Keras before 2.2.3 wrote a Sequential as a bare list
        config = {"layers": config}
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return None, []
    return config, [layer for layer in config["layers"] if isinstance(layer, dict)]


def _is_graph(config: Config) -> bool:
    return "input_layers" in config or "output_layers" in config


def _follow_chain(
    model: Config,
    config: Config,
    layers: Sequence[Config],
    given: Sequence[Shape | None],
    shared: _Shared,
) -> Traced:
    found = Traced()
    shape = given[0] if given else _chain_input(model, config, layers)
    found.inputs = [shape]
    for layer in layers:
        if shared.size is not None:
            # Keras 2 goes through all previous layers each time one is added.
            shared.size.build(layer, len(layers) // 100)
        call = Call(layer, name_of(layer), 0, [], {}, [], {})
        shapes, ending = _apply(call, [shape], found, shared)
        shape, found.ending = shapes[0], ending or found.ending
    found.outputs = [shape]
    return found


def _chain_input(model: Config, config: Config, layers: Sequence[Config]) -> Shape | None:
    """The shape a Sequential was built for, which may be in any of four places."""
    first = layers[0] if layers else {}
    places = [_own_input(first), as_shape(config.get("build_input_shape"))]
    places += [
        as_shape(built.get("input_shape"))
        for built in (model.get("build_config"), first.get("build_config"))
        if isinstance(built, dict)
    ]
    if first.get("class_name") in MODELS:
        places.insert(1, _model_input(first))
    return next((shape for shape in places if shape is not None), None)


def _model_input(model: Config) -> Shape | None:
    config, layers = _layers(model)
    if config is None:
        return None
    if not _is_graph(config):
        return _chain_input(model, config, layers)
    first = next(references(config.get("input_layers")), None)
    named = (layer for layer in layers if first is not None and name_of(layer) == first.layer)
    return _own_input(next(named, {}))


def _own_input(layer: Config) -> Shape | None:
    config = layer.get("config")
    if not isinstance(config, dict):
        return None
    return as_shape(config.get("batch_shape", config.get("batch_input_shape")))


def _apply(
    call: Call, inputs: Sequence[Shape | None], found: Traced, shared: _Shared
) -> tuple[Sequence[Shape | None], str | None]:
    """The shapes a call gives on `inputs`, and the activation it ends in, if any."""
    layer = call.layer
    kind, config = str(layer.get("class_name")), layer.get("config")
    shared.count(layer)
    if kind in MODELS:
        inner = _trace(layer, inputs, shared)
        found.add(inner)
        return inner.outputs or [None], inner.ending
    if not isinstance(config, dict):
        return [None], None
    if shared.size is not None:
        return _sizes(call, inputs, shared), None
    found.stateful |= _is_stateful(config)
    found.parameters += least_parameters(kind, config, inputs[0] if inputs else None)
    if len(found.layers) < MAX_LAYER_NAMES:
        found.layers.append(_label(kind, config))
    return [_shape(call, kind, config, inputs)], _ending(kind, config)


def _shape(call: Call, kind: str, config: Config, inputs: Sequence[Shape | None]) -> Shape | None:
    """The shape that a call of a layer or an operation gives; None if it cannot be worked out."""
    if kind == "InputLayer":
        own = _own_input(call.layer)
        return next((given for given in inputs if given is not None), own)
    shape = _op_shape(call, kind, config, inputs)
    if shape is None and not is_operation(call.layer):
        return layer_shape(kind, config, inputs)
    return shape


def _sizes(call: Call, inputs: Sequence[Shape | None], shared: _Shared) -> Sequence[Shape | None]:
    """The concrete shapes a call gives; adds up its cost on the way."""
    size = shared.size
    assert size is not None
    takes = [shape for shape in inputs if is_known(shape)]
    if call.layer.get("class_name") == "InputLayer":
        size.build(call.layer)
        return [next(iter(takes), None) or size.concrete(_own_input(call.layer))]
    if len(takes) < len(inputs):
        reject_unknown(call.layer)
    if not takes and not call.constants:
        return [None]  # a layer that is listed but not called

    def follow(model: Config, shapes: Sequence[Shape | None]) -> Sequence[Shape | None]:
        shared.count(model)
        return _trace(model, shapes, shared).outputs

    return size.call(call.layer, takes, call.values, call.constants, follow)


def _is_stateful(config: Config) -> bool:
    layer = config.get("layer")
    inner = layer.get("config") if isinstance(layer, dict) else None
    wraps = isinstance(inner, dict) and inner.get("stateful") is True
    return wraps or config.get("stateful") is True


def _op_shape(
    call: Call, kind: str, config: Config, inputs: Sequence[Shape | None]
) -> Shape | None:
    """The shape of an arithmetic operation; None for any other operation or layer."""
    if kind == "TFOpLambda":
        kind = str(config.get("function")).rsplit(".", 1)[-1]
    elif not is_operation(call.layer) and not call.constants:  # no layer takes a constant
        return None
    known = [shape for shape in inputs if shape is not None]
    if kind.lower() not in _ARITHMETIC or not known or len(known) < len(inputs):
        return None
    return broadcast([*known, *constant_shapes(call.values, call.constants)])


def _ending(kind: str, config: Config) -> str | None:
    """The activation of a model that ends in this layer; None passes the previous one on."""
    if kind in _PASSING:
        return None
    if kind == "Softmax":
        return "softmax"
    activation = config.get("activation")
    if isinstance(activation, str):
        return activation
    if kind in ("TimeDistributed", "Bidirectional"):
        layer = config.get("layer")
        inner = layer.get("config") if isinstance(layer, dict) else None
        return _ending("", inner) if isinstance(inner, dict) else "?"
    if kind == "TFOpLambda":
        return str(config.get("function")).rsplit(".", 1)[-1]
    return kind.lower()


def _label(kind: str, config: Config) -> str:
    """The layer as a candidate would name it: Dense(10, softmax)."""
    facts = [config.get("units", config.get("filters", config.get("output_dim")))]
    activation = config.get("activation")
    if isinstance(activation, str) and activation not in ("linear", "tanh"):
        facts.append(activation)
    text = ", ".join(str(fact) for fact in facts if isinstance(fact, int | str))
    return f"{kind}({text})" if text else kind


class _FollowedGraph:
    """A functional model: follows each call once all its inputs are known."""

    def __init__(self, parsed: _Parsed, shared: _Shared) -> None:
        self._parsed = parsed
        self._shared = shared
        self._known: dict[Ref, Shape | None] = {}
        self._made: dict[tuple[str, int], Shape | None] = {}
        self._endings: dict[str, str | None] = {}
        # The values of tensors that hold the shape of the model's own input, or an axis of it.
        self._numbers: dict[Ref, Any] = {}
        self._outermost = not shared.calls

    def follow(self, given: Sequence[Shape | None]) -> Traced:
        """Follow every call from the shapes `given`, or from the graph's own inputs."""
        found = Traced()
        size = self._shared.size
        for number, ref in enumerate(self._parsed.inputs):
            own = _own_input(self._parsed.layers.get(ref.layer, {}))
            own = own if size is None else size.concrete(own)
            self._known[ref] = given[number] if number < len(given) else own
        for call in self._in_order():
            self._make(call, found)
        found.inputs = [self._known.get(ref) for ref in self._parsed.inputs]
        found.outputs = [self._shape(ref, None) for ref in self._parsed.outputs]
        if self._parsed.outputs:
            found.ending = self._endings.get(self._parsed.outputs[0].layer)
        return found

    def _in_order(self) -> Iterator[Call]:
        """The calls, each after those it depends on; files list them in any order."""
        waiting = CallOrder(self._parsed.calls, self._known)
        while (call := waiting.next()) is not None:
            yield call
            waiting.made(call.name, call.number)
            if call.layer.get("class_name") in MODELS:
                # Keras 2 counts building a model within a model as its first call.
                waiting.made(call.name, call.number + 1)

    def _shape(self, ref: Ref, declared: Shape | None) -> Shape | None:
        """The shape of a tensor; for sizes, a later output of a call gets the first one's shape."""
        if ref in self._known or self._shared.size is None:
            known = self._known.get(ref)  # () is the shape of one number
            return declared if known is None else known
        return self._made.get((ref.layer, ref.node))

    def _make(self, call: Call, found: Traced) -> None:
        inputs = [self._shape(ref, shape) for ref, shape in call.takes]
        if self._shared.size is not None:
            call = self._with_numbers(call, inputs)
        own = Ref(call.name, call.number, 0)
        if not inputs and own in self._known:
            inputs = [self._known[own]]
        # A layer that is called twice has its weights only once.
        counted = found if call.number == 0 else Traced()
        shapes, ending = _apply(call, inputs, counted, self._shared)
        self._made[call.name, call.number] = shapes[0]
        for tensor, shape in enumerate(shapes):
            self._known[Ref(call.name, call.number, tensor)] = shape
            if call.layer.get("class_name") in MODELS:
                self._known.setdefault(Ref(call.name, call.number + 1, tensor), shape)
                self._made.setdefault((call.name, call.number + 1), shapes[0])
        before = self._endings.get(call.takes[0][0].layer) if call.takes else None
        self._endings[call.name] = ending or before

    def _with_numbers(self, call: Call, inputs: Sequence[Shape | None]) -> Call:
        """`call` with numbers for those arguments that are axes of the input.

        For other tensors a size here is only a bound, and what follows from a bound may not be one.
        """
        if call.takes and self._outermost:
            self._note_numbers(call, inputs)
        found = {key: filled(value, self._numbers) for key, value in call.mixed.items()}
        told = {key: value for key, value in found.items() if _tells(value)}
        return call._replace(values=call.values | told) if told else call

    def _note_numbers(self, call: Call, inputs: Sequence[Shape | None]) -> None:
        """Remember what `tf.shape(input)` and `tf.shape(input)[1]` are."""
        config = call.layer.get("config")
        name = plain_name(str(config.get("function"))) if isinstance(config, dict) else ""
        before, own = call.takes[0][0], Ref(call.name, call.number, 0)
        if name == "shape" and before in self._parsed.inputs:
            self._numbers[own] = list(inputs[0] or ())
        axis, axes = call.values.get("slice_spec"), self._numbers.get(before)
        if name == "getitem" and isinstance(axes, list) and type(axis) is int:
            self._numbers[own] = dict(enumerate(axes)).get(axis)


def _tells(value: Any) -> bool:
    """Whether there is a number in `value`."""
    return any(map(_tells, value)) if isinstance(value, list) else value is not None
