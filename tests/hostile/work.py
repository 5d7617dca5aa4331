"""Makes models that are small in every tensor and take minutes to build or to answer."""

from pathlib import Path
from typing import Any

import numpy as np

from tests.hostile.models import (
    Config,
    dense,
    functional,
    input_layer,
    layer,
    sequential,
    write_model,
)
from tests.hostile.registry import hostile

NAME = "mymodel.h5"


def _steps(folder: Path, steps: int, *layers: Config, width: int = 1, **options: Any) -> Path:
    return write_model(folder / NAME, sequential(input_layer(steps, width), *layers), **options)


def _lstm(**config: Any) -> Config:
    return layer("LSTM", units=1, activation="tanh", **config)


@hostile("too_much_work")
def dilated_convolution_below_the_bounds(folder: Path) -> Path:
    wide = layer("Conv1D", filters=1, kernel_size=[2], padding="same", dilation_rate=[2_000_000])
    return _steps(folder, 4, wide)


@hostile("too_many_layers")
def five_thousand_unrolled_steps(folder: Path) -> Path:
    weights = {"all": {"kernel:0": np.zeros(100, "float32")}}
    return _steps(folder, 5_000, _lstm(unroll=True), weights=weights)


@hostile("too_many_layers")
def unrolled_in_both_directions(folder: Path) -> Path:
    weights = {"all": {"kernel:0": np.zeros(100, "float32")}}
    both = layer("Bidirectional", layer=_lstm(unroll=True), merge_mode="concat")
    return _steps(folder, 500, both, weights=weights)


@hostile("too_many_layers")
def unrolled_cells(folder: Path) -> Path:
    weights = {"all": {"kernel:0": np.zeros(100, "float32")}}
    cell = layer("LSTMCell", units=1)
    return _steps(folder, 5_000, layer("RNN", cell=cell, unroll=True), weights=weights)


@hostile("too_much_work")
def sixty_thousand_steps(folder: Path) -> Path:
    weights = {"all": {"kernel:0": np.zeros(100, "float32")}}
    return _steps(folder, 60_000, _lstm(), weights=weights)


@hostile("too_many_layers")
def fourteen_hundred_dense_layers(folder: Path) -> Path:
    layers = [dense(1, name=f"dense_{number}") for number in range(1_400)]
    weights = {"all": {"kernel:0": np.zeros(5_000, "float32")}}
    return write_model(folder / NAME, sequential(input_layer(1), *layers), weights)


@hostile("too_many_layers")
def fourteen_hundred_normalizations(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 1], name="in")
    layers = [layer("BatchNormalization", name=f"norm_{number}") for number in range(1_400)]
    return write_model(folder / NAME, functional([first, *layers], ["norm_1399"]))


@hostile("too_many_layers")
def one_layer_called_ten_thousand_times(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 1], name="in")
    again = layer("Dropout", rate=0.1, name="again")
    again["inbound_nodes"] = [
        [["again", number - 1, 0, {}] if number else ["in", 0, 0, {}]] for number in range(10_000)
    ]
    return write_model(folder / NAME, functional([first, again], ["again"]))


@hostile("too_many_layers")
def models_in_models_called_ten_times_each(folder: Path) -> Path:
    inner: Config = layer("Dropout", rate=0.1, name="d")
    for depth in range(10):
        first = layer("InputLayer", batch_input_shape=[None, 1], name=f"in_{depth}")
        inner["inbound_nodes"] = [[[f"in_{depth}", 0, 0, {}]] for _ in range(10)]
        inner = functional([first, inner], [inner["config"]["name"]], name=f"model_{depth}")
    return write_model(folder / NAME, inner)


@hostile("too_many_layers")
def long_lists_gone_over_many_times(folder: Path) -> Path:
    """Each call of the inner model goes over half a million numbers again."""
    op = {"class_name": "Repeat", "config": {"name": "op", "repeats": [0] * 500_000, "axis": 1}}
    first = layer("InputLayer", batch_input_shape=[None, 1], name="in_1")
    inner = functional([first, op], ["op"], name="inner")
    inner["inbound_nodes"] = [[["in_2", 0, 0, {}]] for _ in range(20)]
    first = layer("InputLayer", batch_input_shape=[None, 1], name="in_2")
    graph = functional([first, inner], ["inner"])
    return write_model(folder / NAME, graph, version="3.3.3")


@hostile("too_many_layers")
def empty_models_called_ten_times_each(folder: Path) -> Path:
    inner: Config = {"class_name": "Sequential", "config": {"name": "empty", "layers": []}}
    for depth in range(10):
        first = layer("InputLayer", batch_input_shape=[None, 1], name=f"in_{depth}")
        inner["inbound_nodes"] = [[[f"in_{depth}", 0, 0, {}]] for _ in range(10)]
        inner = functional([first, inner], [inner["config"]["name"]], name=f"model_{depth}")
    return write_model(folder / NAME, inner)


@hostile("too_many_layers")
def steps_within_steps(folder: Path) -> Path:
    item = dense(1)
    for number in range(5):
        item = layer("TimeDistributed", layer=item, name=f"steps_{number}")
    first = input_layer(20, 20, 20, 20, 20, 1)
    return write_model(folder / NAME, sequential(first, item), version="3.3.3")


@hostile("too_much_work")
def one_wide_layer_many_times(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 1_000], name="in")
    rows = layer("RepeatVector", n=1_000, name="rows")
    again = dense(1_000, name="again")
    again["inbound_nodes"] = [
        [["again", number - 1, 0, {}] if number else ["rows", 0, 0, {}]] for number in range(120)
    ]
    weights = {"all": {"kernel:0": np.zeros(1_001_000, "float32")}}
    return write_model(folder / NAME, functional([first, rows, again], ["again"]), weights)


@hostile("damaged_config")
def graph_in_a_circle(folder: Path) -> Path:
    """Keras 2 looks for a call that can be made for ever."""
    layers = [layer("InputLayer", batch_input_shape=[None, 1], name="in")]
    layers += [layer("Add", name="a"), layer("Dropout", rate=0.1, name="b"), dense(1, name="c")]
    layers[1]["inbound_nodes"] = [[["in", 0, 0, {}], ["b", 0, 0, {}]]]
    return write_model(folder / NAME, functional(layers, ["c"]))


@hostile("damaged_config")
def graph_that_takes_a_layer_it_has_not(folder: Path) -> Path:
    layers = [layer("InputLayer", batch_input_shape=[None, 1], name="in"), dense(1, name="c")]
    layers[1]["inbound_nodes"] = [[["nowhere", 0, 0, {}]]]
    return write_model(folder / NAME, functional(layers, ["c"]))
