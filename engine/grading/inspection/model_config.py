"""Reads the JSON of a model's configuration within bounds, and walks it once.

It refuses oversized configurations before Keras sees them: 300 MB of JSON, 100,000 levels of
brackets or 3,000 layers cost a loader minutes and gigabytes. `model_rules.py` decides what each
object in it may be.
"""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Any, NoReturn

from engine.errors import SubmissionRejected
from engine.grading.inspection.allow_list import MODELS, is_layer
from engine.grading.inspection.model_rules import check_names, check_object
from engine.grading.inspection.rejection import countable, reject, shown
from engine.grading.protocol import Message

MAX_VALUES = 600_000
MAX_JSON_DEPTH = 120
MAX_LAYERS = 1_500
MAX_NESTING = 12
MAX_INTEGER = 100_000_000
MAX_STRING = 2_000

Config = dict[str, Any]

# Numbers under these keys do not determine any size.
_FREE_NUMBERS = frozenset({"seed", "salt", "shared_object_id", "fill_value", "initial_seed"})


def parse_config(text: str) -> Config:
    """The model's configuration as plain data.

    Raises `SubmissionRejected` when it is not a JSON object, or too large to be honest.
    """
    if text.count(",") + text.count("[") + text.count("{") > MAX_VALUES:
        _reject_large("config_too_large")
    try:
        config = json.loads(text, parse_constant=_no_number, parse_float=_finite)
    except RecursionError as error:
        raise SubmissionRejected("config_too_deep", _TOO_DEEP) from error
    except ValueError as error:
        raise SubmissionRejected(
            "damaged_config",
            Message(
                "The model's configuration cannot be read ({error}): save the model again.",
                {"error": shown(str(error))},
            ),
        ) from error
    if not isinstance(config, dict) or (_is_model(config) and not _has_layers(config)):
        _reject_damaged()
    return config


def _has_layers(model: Config) -> bool:
    inner = model.get("config")  # Keras before 2.2.3 wrote a Sequential as a bare list
    return isinstance(inner.get("layers") if isinstance(inner, dict) else inner, list)


def _no_number(name: str) -> NoReturn:
    reject(
        "damaged_config",
        Message(
            "The model's configuration has {value} where a number belongs: save a model "
            "whose settings are plain numbers.",
            {"value": shown(name)},
        ),
    )


def _finite(digits: str) -> float:
    number = float(digits)
    if not isfinite(number):
        _no_number(digits)
    return number


def check_config(config: Config, stored: int) -> None:
    """Refuse every object, name and number in `config` that the grader does not load.

    `stored` is how many weights the file holds; no layer may be wider than that.
    Raises `SubmissionRejected`, naming the layer.
    """
    if not _is_model(config):
        check_object(config, "model")
        _reject_damaged()
    layers = 0
    pending: list[tuple[Any, str, int, int]] = [(config, "model", 0, 0)]
    while pending:
        value, where, depth, nesting = pending.pop()
        if depth > MAX_JSON_DEPTH or nesting > MAX_NESTING:
            reject("config_too_deep", _TOO_DEEP)
        if isinstance(value, dict):
            where = _place(value, where)
            one_more = _check_dict(value, where, stored)
            layers += one_more
            nesting += one_more
            if layers > MAX_LAYERS:
                _reject_large("too_many_layers")
        pending.extend((item, where, depth + 1, nesting) for item in _within(value, where))


def _check_dict(value: Config, where: str, stored: int) -> bool:
    """Check an object and its own values; returns whether it counts as a layer."""
    named = "class_name" in value or "module" in value
    if named:
        check_object(value, where)
    check_names(value, where)
    _check_width(value, stored, where)
    return named and is_layer(str(value.get("class_name")), value.get("module"))


def _within(value: Any, where: str) -> Iterator[Any]:
    """The objects and lists in `value`; checks its numbers and strings on the way."""
    named = value.items() if isinstance(value, dict) else ()
    listed = (("", item) for item in value) if isinstance(value, list) else named
    for key, item in listed:
        if len(key) > MAX_STRING:
            _reject_large("config_too_large")
        if isinstance(item, dict | list):
            yield item
        else:
            _check_scalar(key, item, where)


def _check_scalar(key: str, value: Any, where: str) -> None:
    if isinstance(value, str) and len(value) > MAX_STRING:
        _reject_large("config_too_large")
    sizes_nothing = key in _FREE_NUMBERS or key.endswith("seed")
    if isinstance(value, int) and abs(value) > MAX_INTEGER and not sizes_nothing:
        reject(
            "number_too_large",
            Message(
                "{layer} asks for the size {number}, which no model of this exam needs.",
                {"layer": shown(where), "number": shown(value)},
            ),
        )


def _check_width(value: Config, stored: int, where: str) -> None:
    """Refuse a layer with more units than the whole file has weights."""
    for key in ("units", "filters"):
        width = value.get(key)
        if isinstance(width, int | float) and width > stored:
            reject(
                "weights_missing",
                Message(
                    "{layer} has {width} {key}, but the whole file holds only {stored} numbers: "
                    "save the whole model again.",
                    {
                        "layer": shown(where),
                        "width": countable(width),
                        "key": key,
                        "stored": stored,
                    },
                ),
            )


def _is_model(config: Config) -> bool:
    kind = config.get("class_name")
    return isinstance(kind, str) and kind in MODELS


def _place(value: Config, where: str) -> str:
    """A name for the object in messages: its layer's name and class."""
    config, kind = value.get("config"), value.get("class_name")
    name = config.get("name") if isinstance(config, dict) else None
    if isinstance(name, str) and isinstance(kind, str):
        return f"{kind} '{shown(name)}'"
    return where


def _reject_damaged() -> NoReturn:
    reject(
        "damaged_config",
        Message("Keras does not write a configuration like this model's: save the model again."),
    )


_TOO_DEEP = Message(
    "The model is nested more than {limit} levels deep, which no model of this exam needs.",
    {"limit": MAX_NESTING},
)


def _reject_large(reason: str) -> NoReturn:
    reject(
        reason,
        Message(
            "The model's configuration is larger than any model of this exam (at most {limit} "
            "layers).",
            {"limit": MAX_LAYERS},
        ),
    )
