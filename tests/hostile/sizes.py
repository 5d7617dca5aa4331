"""Makes models that are small on disk and enormous once somebody builds them."""

import json
from collections.abc import Callable
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


def _model(folder: Path, *layers: Config) -> Path:
    return write_model(folder / NAME, sequential(input_layer(1), *layers))


def _picture(folder: Path, *layers: Config) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 28, 28, 1], name="input_1")
    return write_model(folder / NAME, sequential(first, *layers))


@hostile("weights_missing")
def four_thousand_million_units(folder: Path) -> Path:
    return _model(folder, dense(4_000_000_000))


@hostile("weights_missing")
def more_units_than_weights(folder: Path) -> Path:
    return _model(folder, dense(90_000_000))


@hostile("weights_missing")
def units_as_a_float(folder: Path) -> Path:
    return _model(folder, layer("Dense", units=1e12, activation="linear"))


@hostile("damaged_config")
def units_without_end(folder: Path) -> Path:
    return _model(folder, layer("Dense", units=float("inf"), activation="linear"))


@hostile("number_too_large")
def dropout_shape_of_a_hundred_digits(folder: Path) -> Path:
    return _model(folder, layer("Dropout", rate=0.1, noise_shape=[10**100]))


@hostile("weights_missing")
def wide_input_times_wide_layer(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 99_000_000], name="input_1")
    return write_model(folder / NAME, sequential(first, dense(2)))


@hostile("weights_missing")
def enormous_embedding(folder: Path) -> Path:
    return _model(folder, layer("Embedding", input_dim=9_000_000, output_dim=9_000))


@hostile("weights_missing")
def enormous_recurrent_layer(folder: Path) -> Path:
    wide = layer("LSTM", units=30_000, activation="tanh")
    first = layer("InputLayer", batch_input_shape=[None, 10, 1], name="input_1")
    return write_model(folder / NAME, sequential(first, layer("Bidirectional", layer=wide)))


@hostile("weights_missing")
def enormous_cell(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 10, 1], name="input_1")
    wide = layer("RNN", cell=layer("LSTMCell", units=90_000))
    return write_model(folder / NAME, sequential(first, wide))


@hostile("weights_missing")
def enormous_convolution(folder: Path) -> Path:
    wide = layer("Conv2D", filters=2, kernel_size=[9_000, 9_000], padding="same")
    return _picture(folder, wide)


@hostile("number_too_large")
def two_thousand_million_repeats(folder: Path) -> Path:
    return _model(folder, layer("RepeatVector", n=2_000_000_000))


@hostile("too_large_inside")
def repeats_below_the_bound(folder: Path) -> Path:
    return _model(folder, layer("RepeatVector", n=90_000_000))


@hostile("too_large_inside")
def repeats_of_repeats(folder: Path) -> Path:
    flat = layer("Flatten")
    return _model(
        folder, layer("RepeatVector", n=20_000), flat, layer("RepeatVector", n=20_000), flat
    )


@hostile("too_large_inside")
def enormous_resizing(folder: Path) -> Path:
    return _picture(folder, layer("Resizing", height=90_000, width=90_000))


@hostile("too_large_inside")
def enormous_padding(folder: Path) -> Path:
    return _picture(folder, layer("ZeroPadding2D", padding=[[0, 90_000], [0, 90_000]]))


@hostile("too_large_inside")
def enormous_upsampling(folder: Path) -> Path:
    return _picture(folder, layer("UpSampling2D", size=[10_000, 10_000]))


@hostile("weights_missing")
def number_of_a_hundred_digits(folder: Path) -> Path:
    return _model(folder, dense(10**100))


@hostile("damaged_config")
def number_of_ten_thousand_digits(folder: Path) -> Path:
    text = json.dumps(sequential(input_layer(1), dense(1)))
    return write_model(folder / NAME, text.replace('"units": 1', '"units": ' + "9" * 10_000))


@hostile("too_many_layers")
def three_thousand_layers(folder: Path) -> Path:
    return _model(folder, *(layer("Dropout", rate=0.1, name=f"d{n}") for n in range(3_000)))


@hostile("config_too_deep")
def three_hundred_models_in_models(folder: Path) -> Path:
    text = '{"class_name": "Sequential", "config": {"name": "s", "layers": ['
    return write_model(folder / NAME, text * 300 + "]}}" * 300)


@hostile("config_too_deep")
def thirteen_models_in_models(folder: Path) -> Path:
    text = '{"class_name": "Sequential", "config": {"name": "s", "layers": ['
    return write_model(folder / NAME, text * 13 + "]}}" * 13)


@hostile("config_too_deep")
def wrappers_in_wrappers(folder: Path) -> Path:
    item = dense(1)
    for _ in range(30):
        item = layer("TimeDistributed", layer=item)
    return _model(folder, item)


@hostile("config_too_deep")
def brackets_without_end(folder: Path) -> Path:
    return write_model(folder / NAME, '{"class_name":' + "[" * 100_000 + "]" * 100_000 + "}")


@hostile("config_too_deep")
def objects_without_end(folder: Path) -> Path:
    return write_model(folder / NAME, '{"config":' * 50_000 + "1" + "}" * 50_000)


@hostile("config_too_deep")
def arguments_a_few_hundred_deep(folder: Path) -> Path:
    config = sequential(input_layer(1), dense(1))
    text = json.dumps(config).replace('"use_bias": true', '"use_bias": ' + "[" * 300 + "]" * 300)
    return write_model(folder / NAME, text)


@hostile("config_too_large")
def values_without_number(folder: Path) -> Path:
    return _model(folder, layer("Dropout", rate=0.1, noise_shape=[1] * 700_000))


@hostile("config_too_large")
def nine_megabytes_of_blanks(folder: Path) -> Path:
    text = json.dumps(sequential(input_layer(1), dense(1)))
    return write_model(folder / NAME, text + " " * 9_000_000)


@hostile("config_too_large")
def name_of_a_million_letters(folder: Path) -> Path:
    return _model(folder, dense(1, name="d" * 1_000_000))


@hostile("config_too_large")
def key_of_a_million_letters(folder: Path) -> Path:
    return _model(folder, layer("Dense", units=1, **{"k" * 1_000_000: 1}))


@hostile("damaged_config")
def not_a_number_as_a_rate(folder: Path) -> Path:
    return _model(folder, layer("Dropout", rate=float("nan")), dense(1))


@hostile("damaged_config")
def minus_infinity_as_a_slope(folder: Path) -> Path:
    return _model(folder, layer("LeakyReLU", alpha=float("-inf")), dense(1))


@hostile("damaged_config")
def a_float_beyond_all_floats(folder: Path) -> Path:
    text = json.dumps(sequential(input_layer(1), dense(1)))
    return write_model(folder / NAME, text.replace('"units": 1', '"units": 1e999'))


def _steps(folder: Path, steps: int, *layers: Config, width: int = 1, **options: Any) -> Path:
    return write_model(folder / NAME, sequential(input_layer(steps, width), *layers), **options)


def _lstm(**config: Any) -> Config:
    return layer("LSTM", units=1, activation="tanh", **config)


@hostile("too_large_inside")
def categories_without_end(folder: Path) -> Path:
    return _model(folder, layer("CategoryEncoding", num_tokens=90_000_000, output_mode="one_hot"))


@hostile("too_large_inside")
def lookup_of_enormous_width(folder: Path) -> Path:
    wide = layer("IntegerLookup", vocabulary=[1, 2], max_tokens=90_000_000, output_mode="multi_hot")
    return _model(folder, wide)


@hostile("weights_missing")
def depthwise_of_enormous_width(folder: Path) -> Path:
    return _picture(
        folder, layer("DepthwiseConv2D", kernel_size=[3, 3], depth_multiplier=9_000_000)
    )


@hostile("weights_missing")
def cell_with_more_weights_than_the_file(folder: Path) -> Path:
    return write_model(
        folder / NAME,
        sequential(input_layer(10, 1), layer("RNN", cell=layer("LSTMCell", units=9_000))),
        {"all": {"kernel:0": np.zeros(10_000, "float32")}},
    )


@hostile("weights_missing")
def einsum_of_enormous_width(folder: Path) -> Path:
    return _model(folder, layer("EinsumDense", equation="ab,bc->ac", output_shape=[90_000_000]))


@hostile("too_large_inside")
def paddings_of_enormous_width(folder: Path) -> Path:
    return _steps(folder, 4, layer("ZeroPadding1D", padding=[0, 90_000_000]))


@hostile("too_large_inside")
def paddings_in_a_free_axis(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, None, 1], name="input_1")
    return write_model(folder / NAME, sequential(first, layer("UpSampling1D", size=90_000_000)))


@hostile("too_large_inside")
def transposed_convolution_with_wide_strides(folder: Path) -> Path:
    wide = layer("Conv1DTranspose", filters=1, kernel_size=[1], strides=[90_000_000])
    return _steps(folder, 4, wide)


@hostile("too_large_inside")
def transposed_convolution_with_output_padding(folder: Path) -> Path:
    wide = layer(
        "Conv1DTranspose",
        filters=1,
        kernel_size=[1],
        strides=[90_000_000],
        output_padding=[1],
    )
    return _steps(folder, 4, wide)


@hostile("too_large_inside")
def dilated_convolution(folder: Path) -> Path:
    wide = layer("Conv1D", filters=1, kernel_size=[2], padding="same", dilation_rate=[90_000_000])
    return _steps(folder, 4, wide)


@hostile("too_large_inside")
def causal_convolution(folder: Path) -> Path:
    wide = layer("Conv1D", filters=1, kernel_size=[2], padding="causal", dilation_rate=[90_000_000])
    return _steps(folder, 4, wide)


@hostile("too_large_inside")
def dilated_separable_convolution(folder: Path) -> Path:
    wide = layer(
        "SeparableConv2D",
        filters=1,
        kernel_size=[1, 2],
        padding="same",
        dilation_rate=[9_000, 9_000],
    )
    first = layer("InputLayer", batch_input_shape=[None, 28, 28, 1], name="input_1")
    weights = {"all": {"kernel:0": np.zeros(100, "float32")}}
    return write_model(folder / NAME, sequential(first, wide), weights)


@hostile("too_large_inside")
def dilated_recurrent_convolution(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 2, 28, 28, 1], name="input_1")
    wide = layer(
        "ConvLSTM2D", filters=1, kernel_size=[1, 1], padding="same", dilation_rate=[9_000, 9_000]
    )
    weights = {"all": {"kernel:0": np.zeros(100, "float32")}}
    return write_model(folder / NAME, sequential(first, wide), weights)


@hostile("too_large_inside")
def adaptive_pooling_that_grows(folder: Path) -> Path:
    wide = layer("AdaptiveAveragePooling2D", output_size=[9_000, 9_000])
    return _picture(folder, wide)


@hostile("too_large_inside")
def pictures_grown_in_a_pipeline(folder: Path) -> Path:
    inner = layer("Resizing", height=90_000, width=90_000)
    return _picture(folder, layer("Pipeline", layers=[inner]))


def _attention(kind: str, **config: Any) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        first = layer("InputLayer", batch_input_shape=[None, 1], name="in")
        more = layer("RepeatVector", n=3_000, name="more")
        last = layer(kind, name="attend", **config)
        last["inbound_nodes"] = [[["more", 0, 0, {}], ["more", 0, 0, {}]]]
        weights = {"all": {"kernel:0": np.zeros(5_000, "float32")}}
        return write_model(folder / NAME, functional([first, more, last], ["attend"]), weights)

    make.__name__ = f"three_thousand_steps_of_{kind.lower()}"
    return make


hostile("too_large_inside")(_attention("MultiHeadAttention", num_heads=8, key_dim=8))
hostile("too_large_inside")(
    _attention("GroupedQueryAttention", num_query_heads=8, num_key_value_heads=8, head_dim=8)
)
hostile("too_large_inside")(_attention("Attention"))
hostile("too_large_inside")(_attention("AdditiveAttention"))


@hostile("too_large_inside")
def doubled_thirty_times(folder: Path) -> Path:
    layers = [layer("InputLayer", batch_input_shape=[None, 1], name="in")]
    for number in range(30):
        double = layer("Concatenate", axis=-1, name=f"double_{number}")
        before = layers[-1]["config"]["name"]
        double["inbound_nodes"] = [[[before, 0, 0, {}], [before, 0, 0, {}]]]
        layers.append(double)
    return write_model(folder / NAME, functional(layers, ["double_29"]))


@hostile("too_large_inside")
def product_of_long_rows(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 1], name="in")
    more = layer("RepeatVector", n=20_000, name="more")
    dot = layer("Dot", axes=[2, 2], name="dot")
    dot["inbound_nodes"] = [[["more", 0, 0, {}], ["more", 0, 0, {}]]]
    return write_model(folder / NAME, functional([first, more, dot], ["dot"]))


@hostile("too_large_inside")
def sums_that_broadcast(folder: Path) -> Path:
    first = layer("InputLayer", batch_input_shape=[None, 30_000], name="in")
    column = layer("Reshape", target_shape=[30_000, 1], name="column")
    row = layer("Reshape", target_shape=[1, 30_000], name="row")
    row["inbound_nodes"] = [[["in", 0, 0, {}]]]
    add = layer("Add", name="add")
    add["inbound_nodes"] = [[["column", 0, 0, {}], ["row", 0, 0, {}]]]
    return write_model(folder / NAME, functional([first, column, row, add], ["add"]))


@hostile("too_large_inside")
def no_layer_too_large_for_one_example(folder: Path) -> Path:
    return _model(folder, layer("RepeatVector", n=20_000_000))


@hostile("size_unknown")
def input_of_any_shape_within(folder: Path) -> Path:
    layers = [layer("InputLayer", batch_input_shape=[None, 1], name="in")]
    layers += [layer("InputLayer", name="any"), layer("RepeatVector", n=90_000_000, name="more")]
    layers[1]["inbound_nodes"] = []
    return write_model(folder / NAME, functional(layers, ["more"]))
