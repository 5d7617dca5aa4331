"""Follows a model's configuration from its input to its output, without TensorFlow.

Gives the shapes a contract is checked against, the layers as a candidate would name
them, the activation the model ends in, and the size of what it would compute. Both
dialects are read: Keras 2 writes graphs as nested lists, Keras 3 as objects.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any, NamedTuple

from engine.grading.allow_list import MODELS, is_op
from engine.grading.layer_shapes import as_shape, broadcast, layer_shape
from engine.grading.layer_weights import least_parameters
from engine.grading.shape_types import Config, Shape

# A graph's layers come nearly in order; more passes than this help only an attacker.
MAX_PASSES = 4
MAX_LAYER_NAMES = 300

# Operations that keep or broadcast the shape; others are left to the loaded model.
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
# Layers that hand a model's ending activation on.
_PASSING = frozenset({"Dropout", "Reshape", "Flatten", "Identity", "Permute", "InputLayer"})


class Ref(NamedTuple):
    """A tensor of a graph: which output of which call of which layer."""

    layer: str
    node: int
    tensor: int


@dataclass
class Traced:
    """What following a model found; a shape that cannot be told is None."""

    inputs: list[Shape | None] = field(default_factory=list)
    outputs: list[Shape | None] = field(default_factory=list)
    ending: str | None = None
    layers: list[str] = field(default_factory=list)
    parameters: int = 0
    widest: int = 0
    stateful: bool = False

    def add(self, other: "Traced") -> None:
        """Count a model within this one."""
        self.layers += other.layers
        self.parameters += other.parameters
        self.widest = max(self.widest, other.widest)
        self.stateful |= other.stateful


def trace(model: Config, given: Sequence[Shape | None] = ()) -> Traced:
    """Follow `model` (an object with class_name and config) from `given` or its own inputs."""
    config = model.get("config")
    if isinstance(config, list):  # Keras before 2.2.3 wrote a Sequential as a bare list
        config = {"layers": config}
    if not isinstance(config, dict) or not isinstance(config.get("layers"), list):
        return Traced()
    layers = [layer for layer in config["layers"] if isinstance(layer, dict)]
    if "input_layers" in config or "output_layers" in config:
        return _Graph(config, layers).follow(given)
    return _follow_chain(model, config, layers, given)


def _follow_chain(
    model: Config, config: Config, layers: Sequence[Config], given: Sequence[Shape | None]
) -> Traced:
    found = Traced()
    shape = given[0] if given else _chain_input(model, config, layers)
    found.inputs = [shape]
    for layer in layers:
        shapes, ending = _apply(layer, [shape], found)
        shape, found.ending = shapes[0], ending or found.ending
    found.outputs = [shape]
    return found


def _chain_input(model: Config, config: Config, layers: Sequence[Config]) -> Shape | None:
    """The shape a Sequential was built for; it is written in one of four places."""
    first = layers[0] if layers else {}
    places = [_own_input(first), as_shape(config.get("build_input_shape"))]
    places += [
        as_shape(built.get("input_shape"))
        for built in (model.get("build_config"), first.get("build_config"))
        if isinstance(built, dict)
    ]
    inner = first.get("config")
    if first.get("class_name") in MODELS and isinstance(inner, dict):
        places.insert(1, next(iter(trace(first).inputs), None))
    return next((shape for shape in places if shape is not None), None)


def _own_input(layer: Config) -> Shape | None:
    config = layer.get("config")
    if not isinstance(config, dict):
        return None
    return as_shape(config.get("batch_shape", config.get("batch_input_shape")))


def _apply(
    layer: Config, inputs: Sequence[Shape | None], found: Traced
) -> tuple[list[Shape | None], str | None]:
    """The shapes one layer gives on `inputs`, and the activation it ends in, if it has one."""
    kind, config = str(layer.get("class_name")), layer.get("config")
    if kind in MODELS:
        inner = trace(layer, inputs)
        found.add(inner)
        return inner.outputs or [None], inner.ending
    if not isinstance(config, dict):
        return [None], None
    shape = _op_shape(layer, kind, config, inputs)
    if kind == "InputLayer":
        shape = next((given for given in inputs if given is not None), _own_input(layer))
    elif shape is None:
        shape = layer_shape(kind, config, inputs)
    found.stateful |= _is_stateful(config)
    found.parameters += least_parameters(kind, config, inputs[0] if inputs else None)
    found.widest = max(found.widest, _elements(shape))
    if len(found.layers) < MAX_LAYER_NAMES:
        found.layers.append(_label(kind, config))
    return [shape], _ending(kind, config)


def _is_stateful(config: Config) -> bool:
    layer = config.get("layer")
    inner = layer.get("config") if isinstance(layer, dict) else None
    wraps = isinstance(inner, dict) and inner.get("stateful") is True
    return wraps or config.get("stateful") is True


def _elements(shape: Shape | None) -> int:
    return prod(axis for axis in shape[1:] if axis is not None) if shape else 0


def _op_shape(
    layer: Config, kind: str, config: Config, inputs: Sequence[Shape | None]
) -> Shape | None:
    """The shape of an arithmetic operation; None for any other operation or layer."""
    if kind == "TFOpLambda":
        kind = str(config.get("function")).rsplit(".", 1)[-1]
    elif not is_op(kind, layer.get("module")):
        return None
    known = [shape for shape in inputs if shape is not None]
    if kind.lower() not in _ARITHMETIC or not known or len(known) < len(inputs):
        return None
    return broadcast(known)


def _ending(kind: str, config: Config) -> str | None:
    """The activation a model has when it ends in this layer; None hands the last one on."""
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


class _Call(NamedTuple):
    """One use of a layer in a graph, and the tensors it takes with their declared shapes."""

    layer: Config
    name: str
    number: int
    takes: list[tuple[Ref, Shape | None]]


class _Graph:
    """A functional model: its layers' calls, followed until nothing new is known."""

    def __init__(self, config: Config, layers: Sequence[Config]) -> None:
        self._layers = {_name(layer): layer for layer in layers}
        self._inputs = list(references(config.get("input_layers")))
        self._outputs = list(references(config.get("output_layers")))
        self._waiting = [call for layer in layers for call in _calls(layer)]
        self._known: dict[Ref, Shape | None] = {}
        self._endings: dict[str, str | None] = {}

    def follow(self, given: Sequence[Shape | None]) -> Traced:
        """Follow every call from the shapes `given`, or from the graph's own inputs."""
        found = Traced()
        for place, ref in enumerate(self._inputs):
            own = _own_input(self._layers.get(ref.layer, {}))
            self._known[ref] = given[place] if place < len(given) else own
        for _ in range(MAX_PASSES):
            self._waiting = [call for call in self._waiting if not self._made(call, found)]
        found.inputs = [self._known.get(ref) for ref in self._inputs]
        found.outputs = [self._known.get(ref) for ref in self._outputs]
        if self._outputs:
            found.ending = self._endings.get(self._outputs[0].layer)
        return found

    def _made(self, call: _Call, found: Traced) -> bool:
        """Make `call` when all it takes is known; whether that was so."""
        if any(ref not in self._known for ref, _ in call.takes):
            return False
        inputs = [self._known[ref] or shape for ref, shape in call.takes]
        own = Ref(call.name, call.number, 0)
        if not inputs and own in self._known:
            inputs = [self._known[own]]
        # A layer that is called twice holds its weights once.
        shapes, ending = _apply(call.layer, inputs, found if call.number == 0 else Traced())
        for tensor, shape in enumerate(shapes):
            self._known[Ref(call.name, call.number, tensor)] = shape
            if call.layer.get("class_name") in MODELS:
                # Keras 2 counts the making of a model within a model as its first call.
                self._known.setdefault(Ref(call.name, call.number + 1, tensor), shape)
        before = self._endings.get(call.takes[0][0].layer) if call.takes else None
        self._endings[call.name] = ending or before
        return True


def _calls(layer: Config) -> list[_Call]:
    nodes = layer.get("inbound_nodes")
    calls = nodes if isinstance(nodes, list) and nodes else [[]]
    name = _name(layer)
    return [_Call(layer, name, number, declared(call)) for number, call in enumerate(calls)]


def _name(layer: Config) -> str:
    config = layer.get("config")
    own = config.get("name") if isinstance(config, dict) else None
    return str(layer.get("name", own))


def references(value: Any) -> Iterator[Ref]:
    """The tensors that a part of a graph refers to, in order."""
    for ref, _ in declared(value):
        yield ref


def declared(value: Any) -> list[tuple[Ref, Shape | None]]:
    """The tensors that a part of a graph refers to, with the shapes it declares for them."""
    found: list[tuple[Ref, Shape | None]] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            config = item.get("config")
            if item.get("class_name") == "__keras_tensor__" and isinstance(config, dict):
                ref = _reference(config.get("keras_history"))
                if ref is not None:
                    found.append((ref, as_shape(config.get("shape"))))
                continue
            pending.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            ref = _reference(item)
            if ref is not None:
                found.append((ref, None))
            pending.extend(reversed(item[3:] if ref is not None else item))
    return found


def _reference(item: Any) -> Ref | None:
    if not isinstance(item, list) or len(item) not in (3, 4):
        return None
    name, node, tensor = item[:3]
    if isinstance(name, str) and type(node) is int and type(tensor) is int and node >= 0:
        return Ref(name, node, tensor)
    return None
