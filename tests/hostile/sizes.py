"""Makes models that are small on disk and enormous once somebody builds them."""

import json
from pathlib import Path

from tests.hostile.models import Config, dense, input_layer, layer, sequential, write_model
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


@hostile("weights_missing")
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
