"""Rewrites what a .keras file holds in forms that its own or a later Keras 3 cannot read.

Arguments moved from an operation's call to its settings, a layer wrote a setting that its own
constructor does not take, and one layer stands in a module of applications. `plain_config.py`
applies these rules with its own; the allow-list decides about the result.
"""

import re
from typing import Any

from engine.grading.inspection.allow_list import is_operation

Config = dict[str, Any]

# Arguments of a call that later became settings, each with its position.
_MOVED = {
    "OnesLike": ("dtype", 1),
    "ZerosLike": ("dtype", 1),
    "FullLike": ("dtype", 2),
    "Isclose": ("equal_nan", 4),
}
_SHEARS = ("x_factor", "y_factor")
_PLACE_OF_SCALE = re.compile(r"(tf_)?keras(\.src)?\.applications\.convnext")


def setting_of_operation(value: Config, *_: object) -> bool:
    """Move an argument to an operation's settings, where later versions take it (Keras 3.3–3.8)."""
    moved, config = _MOVED.get(_kind(value)), value.get("config")
    match value.get("inbound_nodes"):
        case [{"args": list(args), "kwargs": dict(named)}] if moved and isinstance(config, dict):
            name, at = moved
        case _:
            return False
    if name not in named and len(args) <= at:
        return False
    setting = args.pop(at) if len(args) == at + 1 else named.pop(name, None)
    if setting is not None:
        config.setdefault(name, setting)
    return True


def named_operation(value: Config, *_: object) -> bool:
    """Give an operation its name, which Keras 3.3 wrote beside some settings only.

    Without it, Keras makes up one that may belong to another layer.
    """
    config, name = value.get("config"), value.get("name")
    if not isinstance(config, dict) or not isinstance(name, str) or "inbound_nodes" not in value:
        return False
    if "name" in config or not is_operation(value):
        return False
    config["name"] = name
    return True


def readable_augmentation(value: Config, *_: object) -> bool:
    """Undo what two layers wrote that they do not take: Keras 3.3, and every one with RandomShear.

    RandomRotation had the range of its values, RandomShear writes the number f as [-f, f].
    """
    kind, config = _kind(value), value.get("config")
    if not isinstance(config, dict):
        return False
    if kind == "RandomRotation":
        return config.pop("value_range", None) is not None
    shears = [key for key in _SHEARS if kind == "RandomShear" and _is_even(config.get(key))]
    config.update({key: config[key][1] for key in shears})
    return bool(shears)


def _is_even(factor: Any) -> bool:
    match factor:
        case [int() | float() as lower, int() | float() as upper]:
            return lower == -upper
    return False


def scale_of_applications(value: Config, *_: object) -> bool:
    """Name LayerScale as one of Keras' layers; it stands where ConvNeXt is defined."""
    if _kind(value) != "LayerScale" or not _PLACE_OF_SCALE.fullmatch(str(value.get("module"))):
        return False
    value["module"] = "keras.layers"
    return True


def _kind(value: Config) -> str:
    kind = value.get("class_name")
    return kind if isinstance(kind, str) else ""
