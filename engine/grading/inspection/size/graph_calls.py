"""Reads the calls of a graph: which tensors each takes, and which plain values.

Both formats: Keras 2 writes a call as nested lists, Keras 3 as objects. Nothing in them is
certain, so whatever is not a reference to a tensor is a value or is skipped.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.grading.inspection.size.shape_types import Config, Shape, as_shape

_CONSTANT = "_CONSTANT_VALUE"


class Ref(NamedTuple):
    """A tensor of a graph: layer, call, and which output of the call."""

    layer: str
    node: int
    tensor: int


class Call(NamedTuple):
    """One use of a layer in a graph, and the tensors it takes with their declared shapes.

    `values` are its named arguments without tensors, `mixed` those that contain tensors;
    `constants` are values without a name.
    """

    layer: Config
    name: str
    number: int
    takes: list[tuple[Ref, Shape | None]]
    values: Config
    constants: list[Any]
    mixed: Config


def calls(layer: Config) -> list[Call]:
    """The calls of `layer`; one call even where the file lists none."""
    nodes = layer.get("inbound_nodes")
    found = nodes if isinstance(nodes, list) and nodes else [[]]
    name = name_of(layer)
    return [
        Call(layer, name, number, declared(call), *_arguments(call))
        for number, call in enumerate(found)
    ]


def name_of(layer: Config) -> str:
    """The name by which a graph refers to `layer`."""
    config = layer.get("config")
    own = config.get("name") if isinstance(config, dict) else None
    return str(layer.get("name", own))


def references(value: Any) -> Iterator[Ref]:
    """The tensors that a part of a graph refers to, in order."""
    for ref, _ in declared(value):
        yield ref


def declared(value: Any) -> list[tuple[Ref, Shape | None]]:
    """The tensors that a part of a graph refers to, with their declared shapes."""
    found: list[tuple[Ref, Shape | None]] = []
    pending = [value]
    while pending:
        item = pending.pop()
        if (tensor := _keras3_tensor(item)) is not None:
            ref = _reference(tensor.get("keras_history"))
            found += [(ref, as_shape(tensor.get("shape")))] if ref is not None else []
        elif isinstance(item, dict):
            pending.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            ref = _reference(item)
            found += [(ref, None)] if ref is not None else []
            # In Keras 2 the call's other arguments follow a reference.
            pending.extend(reversed(item[3:] if ref is not None else item))
    return found


def _keras3_tensor(item: Any) -> Config | None:
    if not isinstance(item, dict) or item.get("class_name") != "__keras_tensor__":
        return None
    config = item.get("config")
    return config if isinstance(config, dict) else None


def _reference(item: Any) -> Ref | None:
    if not isinstance(item, list) or len(item) not in (3, 4):
        return None
    name, node, tensor = item[:3]
    if isinstance(name, str) and type(node) is int and type(tensor) is int and node >= 0:
        return Ref(name, node, tensor)
    return None


def _arguments(call: Any) -> tuple[Config, list[Any], Config]:
    """A call's named and unnamed arguments without tensors, and the named ones with tensors."""
    named: Config = {}
    if isinstance(call, dict):
        kwargs = call.get("kwargs")
        named = kwargs if isinstance(kwargs, dict) else {}
        constants = [each for each in _listed(call.get("args")) if not declared(each)]
    else:
        parts = [part for part in [call, *_listed(call)] if _has_arguments(part)]
        for part in parts:
            named |= part[3]
        constants = [part[2] for part in parts if part[0] == _CONSTANT]
    return _plain(named), constants, _mixed(named)


def _has_arguments(part: Any) -> bool:
    """Whether `part` is a Keras 2 tensor or constant that carries the call's named arguments."""
    return isinstance(part, list) and len(part) == 4 and isinstance(part[3], dict)


def _plain(values: Config) -> Config:
    return {key: value for key, value in values.items() if not declared(value)}


def _mixed(values: Config) -> Config:
    return {key: value for key, value in values.items() if declared(value)}


def filled(value: Any, known: Mapping[Ref, Any]) -> Any:
    """`value` with numbers for the `known` tensors and None for all others."""
    ref = _reference(value)
    if ref is not None:
        return known.get(ref)
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    return value if type(value) is int else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
