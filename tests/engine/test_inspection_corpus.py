"""Honest models of all five categories, made by both Kerases: none is refused, shapes agree."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.grading.inspection import allow_list
from engine.grading.inspection.model_file import look

Build = Callable[[Any], Any]
README = Path(__file__).parents[2] / "engine" / "grading" / "README.md"
REFUSED = (
    allow_list.CODE_LAYERS
    | allow_list.FOREIGN_LAYERS
    | allow_list.GRAPH_LAYERS
    | allow_list.TEXT_LAYERS
    | allow_list.NEEDLESS_LAYERS
)


def test_the_readme_names_every_layer_once_more() -> None:
    named = set(re.findall(r"`(\w+)`", README.read_text(encoding="utf-8")))

    assert allow_list.LAYERS - named == set()
    assert REFUSED - {"__lambda__"} - named == set()


def test_nothing_is_both_allowed_and_refused() -> None:
    assert not REFUSED & (allow_list.ALL_OBJECTS | allow_list.OPS | allow_list.COMPILED)


@pytest.mark.parametrize(
    ("module", "known"),
    [
        ("keras", True),
        ("keras.layers", True),
        ("keras.src.models.functional", True),
        ("keras.src.ops.numpy", True),
        ("tf_keras.src.layers.core.tf_op_layer", True),
        ("keras.engine.functional", True),
        ("keras.utils", False),
        ("keras.src.saving.saving_lib", False),
        ("keras.callbacks", False),
        ("kerasx.layers", False),
        ("keras.layers\n", False),
        ("os", False),
        ("tensorflow", False),
    ],
)
def test_modules_of_keras_are_told_from_others(module: str, known: bool) -> None:
    assert allow_list.is_keras_module(module) is known


def one_layer(shape: tuple[int | None, ...], make: Build) -> Build:
    """A model of one layer on an input of `shape`."""

    def build(keras: Any) -> Any:
        return keras.Sequential([keras.Input(shape), make(keras.layers)])

    return build


def regression(keras: Any) -> Any:
    normalize = keras.layers.Normalization()
    normalize.adapt(np.array([[1.0, 2.0], [3.0, 5.0]], "float32"))
    hidden = keras.layers.Dense(
        8,
        activation="relu",
        kernel_regularizer=keras.regularizers.L1L2(0.1, 0.1),
        kernel_constraint=keras.constraints.MaxNorm(2),
        kernel_initializer="he_normal",
    )
    return keras.Sequential([keras.Input((2,)), normalize, hidden, keras.layers.Dense(1)])


def pictures(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Reshape((28, 28, 1)),
            layers.Rescaling(1 / 255),
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(0.1),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.SeparableConv2D(4, 3, activation="gelu"),
            layers.DepthwiseConv2D(3, strides=2),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(10, activation="softmax"),
        ]
    )


def transfer(keras: Any) -> Any:
    base = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), weights=None, include_top=False, alpha=0.35
    )
    base.trainable = False
    inputs = keras.Input((32, 32, 3))
    x = keras.applications.mobilenet_v2.preprocess_input(inputs)
    x = keras.layers.GlobalAveragePooling2D()(base(x, training=False))
    return keras.Model(inputs, keras.layers.Dense(3, activation="softmax")(x))


def texts(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((20,)),
            layers.Embedding(100, 8, mask_zero=True),
            layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
            layers.Bidirectional(layers.GRU(4)),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def attention(keras: Any) -> Any:
    layers = keras.layers
    inputs = keras.Input((20,))
    x = layers.Embedding(50, 8)(inputs)
    x = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4)(x, x)]))
    return keras.Model(inputs, layers.Dense(3)(layers.GlobalAveragePooling1D()(x)))


def series(keras: Any) -> Any:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((24, 7)),
            layers.Conv1D(8, 5, padding="causal", activation="relu"),
            layers.LSTM(8, return_sequences=True),
            layers.TimeDistributed(layers.Dense(4)),
            layers.SimpleRNN(4),
            layers.RepeatVector(24),
            layers.GRU(4, return_sequences=True),
            layers.Dense(7),
            layers.Reshape((24, 7)),
        ]
    )


def cells(keras: Any) -> Any:
    layers = keras.layers
    stacked = layers.RNN([layers.LSTMCell(4), layers.GRUCell(3)])
    return keras.Sequential([keras.Input((20, 3)), stacked, layers.Dense(1)])


def branches(keras: Any) -> Any:
    layers = keras.layers
    inputs = keras.Input((8,))
    left, right = layers.Dense(4)(inputs), layers.Dense(4, activation="tanh")(inputs)
    joined = layers.Concatenate()([left * 2.0 + right, right / 3.0, (left - 1.0) ** 2])
    return keras.Model(inputs, layers.Dense(2)(joined[:, :6]))


def model_in_model(keras: Any) -> Any:
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    inner.compile("adam", keras.losses.Huber(), metrics=["mae"])
    return keras.Sequential([keras.Input((4,)), inner, keras.layers.Softmax()])


def shared_layer(keras: Any) -> Any:
    inputs, shared = keras.Input((4,)), keras.layers.Dense(4)
    return keras.Model(inputs, keras.layers.Dense(1)(shared(shared(inputs))))


def mixed_precision(keras: Any) -> Any:
    layers = keras.layers
    wide = layers.Dense(4, dtype="mixed_float16")
    return keras.Sequential([keras.Input((4,)), wide, layers.Dense(1, dtype="float32")])


SINGLE: dict[str, Build] = {
    "Conv1DTranspose": one_layer((8, 2), lambda k: k.Conv1DTranspose(3, 4, strides=2)),
    "Conv2DTranspose": one_layer((8, 8, 2), lambda k: k.Conv2DTranspose(3, 3, padding="same")),
    "Conv3D": one_layer((8, 8, 8, 1), lambda k: k.Conv3D(2, 3, strides=2)),
    "Conv2D dilated": one_layer((16, 16, 2), lambda k: k.Conv2D(4, 3, dilation_rate=2)),
    "Conv2D groups": one_layer((16, 16, 4), lambda k: k.Conv2D(4, 3, groups=2)),
    "SeparableConv1D": one_layer((8, 2), lambda k: k.SeparableConv1D(3, 3)),
    "DepthwiseConv1D": one_layer((8, 2), lambda k: k.DepthwiseConv1D(3)),
    "ConvLSTM2D": one_layer((5, 8, 8, 1), lambda k: k.ConvLSTM2D(2, 3)),
    "AveragePooling1D": one_layer((9, 2), lambda k: k.AveragePooling1D(2)),
    "MaxPooling3D": one_layer((8, 8, 8, 1), lambda k: k.MaxPooling3D(2)),
    "GlobalMaxPooling2D": one_layer((8, 8, 3), lambda k: k.GlobalMaxPooling2D(keepdims=True)),
    "ZeroPadding1D": one_layer((9, 2), lambda k: k.ZeroPadding1D((1, 2))),
    "ZeroPadding2D": one_layer((8, 8, 3), lambda k: k.ZeroPadding2D(((1, 2), (3, 4)))),
    "Cropping1D": one_layer((9, 2), lambda k: k.Cropping1D(2)),
    "Cropping2D": one_layer((9, 9, 2), lambda k: k.Cropping2D((1, 2))),
    "UpSampling1D": one_layer((9, 2), lambda k: k.UpSampling1D(2)),
    "UpSampling2D": one_layer((8, 8, 3), lambda k: k.UpSampling2D((2, 3))),
    "Permute": one_layer((4, 6), lambda k: k.Permute((2, 1))),
    "Masking": one_layer((4, 6), lambda k: k.Masking(0.0)),
    "PReLU": one_layer((4, 6), lambda k: k.PReLU(shared_axes=[1])),
    "LeakyReLU": one_layer((4,), lambda k: k.LeakyReLU()),
    "ELU": one_layer((4,), lambda k: k.ELU()),
    "ReLU": one_layer((4,), lambda k: k.ReLU(max_value=6.0)),
    "Activation": one_layer((4,), lambda k: k.Activation("selu")),
    "Dense swish": one_layer((4,), lambda k: k.Dense(2, activation="swish")),
    "GaussianNoise": one_layer((4,), lambda k: k.GaussianNoise(0.1)),
    "GaussianDropout": one_layer((4,), lambda k: k.GaussianDropout(0.1)),
    "AlphaDropout": one_layer((4,), lambda k: k.AlphaDropout(0.1)),
    "SpatialDropout1D": one_layer((4, 2), lambda k: k.SpatialDropout1D(0.1)),
    "ActivityRegularization": one_layer((4,), lambda k: k.ActivityRegularization(l2=0.1)),
    "GroupNormalization": one_layer((4, 4), lambda k: k.GroupNormalization(2)),
    "UnitNormalization": one_layer((4,), lambda k: k.UnitNormalization()),
    "SpectralNormalization": one_layer((4,), lambda k: k.SpectralNormalization(k.Dense(2))),
    "EinsumDense": one_layer((4, 2), lambda k: k.EinsumDense("abc,cd->abd", (4, 3))),
    "RandomZoom": one_layer((8, 8, 3), lambda k: k.RandomZoom(0.1)),
    "RandomTranslation": one_layer((8, 8, 3), lambda k: k.RandomTranslation(0.1, 0.1)),
    "RandomContrast": one_layer((8, 8, 3), lambda k: k.RandomContrast(0.1)),
    "RandomBrightness": one_layer((8, 8, 3), lambda k: k.RandomBrightness(0.1)),
    "RandomCrop": one_layer((8, 8, 3), lambda k: k.RandomCrop(4, 5)),
    "CenterCrop": one_layer((8, 8, 3), lambda k: k.CenterCrop(4, 5)),
    "Resizing": one_layer((8, 8, 3), lambda k: k.Resizing(16, 5)),
    "Discretization": one_layer((4,), lambda k: k.Discretization([0.0, 1.0])),
    "CategoryEncoding": one_layer((1,), lambda k: k.CategoryEncoding(4)),
    "LSTM options": one_layer(
        (None, 2),
        lambda k: k.LSTM(
            3,
            activation="relu",
            recurrent_dropout=0.1,
            go_backwards=True,
            recurrent_initializer="glorot_uniform",
            bias_constraint="non_neg",
            kernel_regularizer="l2",
        ),
    ),
    "Bidirectional sum": one_layer(
        (5, 2), lambda k: k.Bidirectional(k.GRU(3, return_sequences=True), merge_mode="sum")
    ),
}
WHOLE: tuple[Build, ...] = (
    regression,
    pictures,
    transfer,
    texts,
    attention,
    series,
    cells,
    branches,
    model_in_model,
    shared_layer,
    mixed_precision,
)
# What one of the Kerases (2.21, 3.15) itself cannot build or save in HDF5.
UNSAVABLE = {("keras", "RandomBrightness"), ("tf_keras", "SpectralNormalization")}
MODELS = {build.__name__: build for build in WHOLE} | SINGLE


@pytest.fixture(scope="module", params=["keras", "tf_keras"])
def keras(request: pytest.FixtureRequest) -> Iterator[Any]:
    module = pytest.importorskip(request.param)
    yield module
    module.backend.clear_session()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_an_honest_model_passes_and_its_shapes_agree(name: str, keras: Any, tmp_path: Path) -> None:
    if (keras.__name__, name) in UNSAVABLE:
        pytest.skip("this Keras cannot save it itself")
    model = MODELS[name](keras)
    model.compile("adam", "mse")
    path = tmp_path / "mymodel.h5"
    model.save(path)

    found = look(path)

    assert found.saved_by == ("keras3" if keras.__name__ == "keras" else "tf_keras")
    assert found.input_shape == model.input_shape
    assert found.output_shape in (None, model.output_shape)
    assert found.model.parameters == model.count_params()


@pytest.mark.slow
def test_every_public_layer_is_allowed_or_refused_on_purpose(keras: Any) -> None:
    offered = {
        name
        for name, thing in vars(keras.layers).items()
        if isinstance(thing, type) and not name.startswith("_")
    }

    assert offered - allow_list.LAYERS - REFUSED == set()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "base", "allowed"),
    [
        ("initializers", "Initializer", allow_list.INITIALIZERS),
        ("regularizers", "Regularizer", allow_list.REGULARIZERS),
        ("constraints", "Constraint", allow_list.CONSTRAINTS),
    ],
)
def test_every_public_helper_is_allowed(
    kind: str, base: str, allowed: frozenset[str], keras: Any
) -> None:
    module = getattr(keras, kind)
    offered = {name for name, thing in vars(module).items() if isinstance(thing, type)}
    audio = {"stft", "STFT", "STFTInitializer"}

    assert offered - allowed - audio - {base} == set()
