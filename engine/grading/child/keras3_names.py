"""Tells Keras 3 what it needs to load every file that a Keras 3 saved, and to load it fast.

By itself (seen with 3.15) it refuses two kinds of honest HDF5 files:

- A model within a model, saved by Keras 3.3. The inner model's single output was written
  as a list of one and is now read as a list, which the next layer cannot take. Transfer
  learning from that time produces such files.
- Arithmetic in a functional graph (`x / 127.5 - 1`, `x[:, :2]`), of any Keras 3. The
  operation is saved by its class name alone, and Keras looks for it among the layers.

It also rebuilds a sequential model after each layer: 20,000 layer calls for a model of
200 layers. Here it builds once, when all layers are there.

Only names that inspection allows are passed on.
"""

from collections.abc import Iterator
from inspect import isfunction
from typing import Any

from engine.grading.inspection.allow_list import OPS
from engine.grading.inspection.plain_config import AXES

Config = dict[str, Any]
_WITH_AXES = ("Normalization", "LayerNormalization", "UnitNormalization")


def known_objects(keras: Any) -> dict[str, Any]:
    """The `custom_objects` for Keras 3's `load_model`; `keras` is its module."""
    operations = {each.__name__: each for each in _operations(keras.Operation)}
    found: dict[str, Any] = {
        name: _TwofoldReader(operations[name], getattr(keras.layers, name, operations[name]))
        for name in OPS & operations.keys()
    }
    found["Sequential"] = _SequentialReader(keras.Sequential)
    layers = vars(keras.layers)
    found |= {name: _AxesReader(layers[name]) for name in _WITH_AXES if name in layers}
    # Keras reads a setting that is spelled like one of its layer functions as that function:
    # `Attention(score_mode="dot")`. Here the word stands for itself.
    found |= {name: name for name, each in layers.items() if name.islower() and isfunction(each)}
    return (
        found
        if _lists_one_output(keras)
        else found | {"Functional": _FunctionalReader(keras.Model)}
    )


def _lists_one_output(keras: Any) -> bool:
    """Whether this Keras itself writes and reads a list of one."""
    start = keras.Input((1,))
    ends = keras.Model(start, keras.layers.Flatten()(start)).get_config()["output_layers"]
    return isinstance(ends[0], list)


def _operations(kind: type) -> Iterator[type]:
    kinds: list[type] = kind.__subclasses__()
    for each in kinds:
        if ".ops." in each.__module__:  # layers are operations too
            yield each
        yield from _operations(each)


class _TwofoldReader:
    """Stands for an operation and a layer of the same name; `Add` may be either."""

    def __init__(self, operation: Any, layer: Any) -> None:
        self._operation = operation
        self._layer = layer

    def from_config(self, config: Config) -> Any:
        """The layer or operation that was saved as `config`: only layers can be trained."""
        kind = self._layer if "trainable" in config else self._operation
        return kind.from_config(config)


class _AxesReader:
    """Stands for a layer whose axes Keras would drop; see `plain_config.py`."""

    def __init__(self, layer: Any) -> None:
        self._layer = layer

    def from_config(self, config: Config) -> Any:
        """The layer that was saved as `config`."""
        kept = {"axis" if key == AXES else key: value for key, value in config.items()}
        return self._layer.from_config(kept)


class _FunctionalReader:
    """Stands for functional models: a single output stays single, however it was written."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def from_config(self, config: Config, custom_objects: Config | None = None) -> Any:
        """The functional model that was saved as `config`."""
        ends = {key: _one(config[key]) for key in ("input_layers", "output_layers")}
        return self._model.from_config({**config, **ends}, custom_objects=custom_objects)


class _SequentialReader:
    """Stands for sequential models: built once, from all their layers."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def from_config(self, config: Config, custom_objects: Config | None = None) -> Any:
        """The sequential model that was saved as `config`."""
        read = self._model.from_config.__func__
        layers = read(_Layers, config, custom_objects=custom_objects)
        model = self._model(list(layers), name=config["name"])
        if not model.built and (shape := config.get("build_input_shape")):
            model.build(shape)
        return model


class _Layers(list[Any]):
    """Collects the layers that `Sequential.from_config` reads, without building anything."""

    _functional = True  # "it is built"

    def __init__(self, **_: str) -> None:
        super().__init__()

    def add(self, layer: Any) -> None:
        """Take one more."""
        self.append(layer)


def _one(ends: Any) -> Any:
    """`[["dense", 0, 0]]` as `["dense", 0, 0]`; everything else unchanged."""
    single = isinstance(ends, list) and len(ends) == 1 and isinstance(ends[0], list)
    return ends[0] if single else ends
