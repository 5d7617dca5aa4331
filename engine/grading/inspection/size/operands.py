"""The tensors and arguments that an operation of a functional graph is called on.

Here all axes are numbers, including the batch axis.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.grading.inspection.size.shape_types import Config

Sizes = tuple[int, ...]
"""A tensor's axes, every one a number."""


class Operands(NamedTuple):
    """What an operation is called on: its tensors' shapes, and its other arguments."""

    shapes: Sequence[Sizes]
    values: Config
    constants: Sequence[Any] = ()

    @property
    def first(self) -> Sizes:
        """The shape of its main operand: a tensor, or else a constant."""
        return self.shapes[0] if self.shapes else shape_of(self.constants[0])

    def value(self, *names: str, place: int = 0) -> Any:
        """An argument with one of `names`, or without a name; raises `LookupError`."""
        for name in names:
            if self.values.get(name) is not None:
                return self.values[name]
        return self.constants[place]

    def axis(self, default: int = -1) -> int:
        """The argument `axis`; a negative one counts from the end."""
        found = self.values.get("axis")
        return default if found is None else int(found)


def shape_of(value: Any) -> Sizes:
    """The shape of a constant that is written as nested lists."""
    shape: list[int] = []
    if _is_array(value):
        value = value["config"].get("value")
    while isinstance(value, list) and len(shape) < 8:
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def constant_shapes(values: Config, constants: Sequence[Any]) -> list[Sizes]:
    """The shapes of those arguments that are arrays."""
    given = (*values.values(), *constants)
    return [shape_of(each) for each in given if isinstance(each, list) or _is_array(each)]


def _is_array(value: Any) -> bool:
    """Whether `value` is an array of numpy or TensorFlow as Keras 3 writes it."""
    named = isinstance(value, dict) and value.get("class_name") in ("__numpy__", "__tensor__")
    return named and isinstance(value.get("config"), dict)


def broadcast_sizes(shapes: Sequence[Sizes]) -> Sizes:
    """The shape that an arithmetic operation on tensors of `shapes` has."""
    rank = max(map(len, shapes))
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    return tuple(max(axes) for axes in zip(*padded, strict=True))


def axes(value: Any, rank: int) -> set[int]:
    """The axes that `value` names, one or a list, out of `rank`."""
    listed = value if isinstance(value, list) else [value]
    return {int(axis) % rank for axis in listed}
