"""Types of shapes, for every module that reads them from a configuration."""

from collections.abc import Callable
from typing import Any

Config = dict[str, Any]
"""A layer's or model's configuration, as JSON gave it: nothing in it is certain."""

Axis = int | None
"""The size of an axis; None is free."""

Shape = tuple[Axis, ...]
"""A tensor's axes, the batch axis first."""

Rule = Callable[[Config, Shape], Shape | None]
"""How a layer with one input gets its output's shape; None when it cannot be told."""


MAX_RANK = 16
"""More axes than any layer takes."""


def as_shape(value: Any) -> Shape | None:
    """`value` as a shape, when it is a list of sizes and None."""
    if isinstance(value, dict):
        value = value.get("items", value.get("config"))
    if not isinstance(value, list | tuple) or len(value) > MAX_RANK:
        return None
    if any(not (axis is None or (type(axis) is int and axis >= 0)) for axis in value):
        return None
    return tuple(value)
