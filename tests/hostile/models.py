"""Writes model files as Keras does, by h5py alone: honest ones to start from.

A configuration made here needs no TensorFlow; the weights fit it, so the files load.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Config = dict[str, Any]
Weights = Mapping[str, Mapping[str, Any]]


def layer(kind: str, **config: Any) -> Config:
    config.setdefault("name", kind.lower())
    if kind == "InputLayer":
        return {"class_name": kind, "config": {"dtype": "float32", **config}}
    return {"class_name": kind, "config": {"trainable": True, "dtype": "float32", **config}}


def input_layer(*shape: int | None, **config: Any) -> Config:
    return layer("InputLayer", batch_input_shape=[None, *shape], name="input_1", **config)


def dense(units: int, activation: Any = "linear", **config: Any) -> Config:
    return layer("Dense", units=units, activation=activation, use_bias=True, **config)


def sequential(*layers: Config, name: str = "sequential") -> Config:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def functional(layers: Sequence[Config], outputs: Sequence[str], name: str = "model") -> Config:
    """A graph in which each layer takes the one before; `outputs` name its ends."""
    before: list[Any] = []
    for item in layers:
        item["name"] = item["config"]["name"]
        item.setdefault("inbound_nodes", [[[*before, {}]]] if before else [])
        before = [item["name"], 0, 0]
    first = layers[0]["config"]["name"]
    return {
        "class_name": "Functional",
        "config": {
            "name": name,
            "layers": list(layers),
            "input_layers": [[first, 0, 0]],
            "output_layers": [[end, 0, 0] for end in outputs],
        },
    }


def dense_weights(inputs: int, units: int, name: str = "dense") -> dict[str, Any]:
    kernel = np.linspace(-1, 1, inputs * units, dtype="float32").reshape(inputs, units)
    return {f"{name}/kernel:0": kernel, f"{name}/bias:0": np.zeros(units, "float32")}


def write_model(
    path: Path,
    config: Config | str | None,
    weights: Weights | None = None,
    version: str = "2.15.0",
) -> Path:
    """Write `config` and `weights` (layer → weight name → numbers) to `path`."""
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = version
        file.attrs["backend"] = "tensorflow"
        if config is not None:
            file.attrs["model_config"] = config if isinstance(config, str) else json.dumps(config)
        fill_weights(file, weights if weights is not None else {"dense": dense_weights(1, 1)})
    return path


def fill_weights(file: h5py.File, weights: Weights) -> None:
    group = file.create_group("model_weights")
    group.attrs["layer_names"] = np.array([name.encode() for name in weights])
    group.attrs["backend"] = b"tensorflow"
    for name, arrays in weights.items():
        inner = group.create_group(name)
        inner.attrs["weight_names"] = np.array([weight.encode() for weight in arrays])
        for weight, numbers in arrays.items():
            inner.create_dataset(weight, data=numbers)


def line_model(path: Path) -> Path:
    """The smallest honest model: one Dense layer on one number."""
    return write_model(path, sequential(input_layer(1), dense(1)))
