"""Functional graphs: arithmetic, slices, models within models, layers that are used twice."""

from typing import Any

from tests.corpus.kit import COLUMNS, STEPS, Kit, Made


def operators(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    x = k.Dense(3)(start)
    parts = [x / 2.0 - 0.1, 1.0 - x, 0.5 * x + x, -x, x**2, x * x - 3.0, 2.0 / (x * x + 1.0)]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def more_operators(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    x = k.Dense(3)(start)
    parts = [abs(x), x // 0.3, x % 0.7, 2.0**x]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def matrix_product(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    other = k.Permute((2, 1))(k.Dense(3)(start))
    return Made(k.joined(start, [other @ start]), k.numbers(STEPS, COLUMNS))


def slices(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    x = k.Dense(3)(start)
    parts = [x[:, -1], x[:, 1:4], x[:, ::2], x[:, 0, 1:], x[:, -3:, :2]]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def slices_with_ellipsis(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    x = k.Dense(3)(start)
    parts = [x[..., -1, :], x[..., 0], x[:, ..., 1:], x[..., None], x[:, None, 1], x[..., ::-1]]
    return Made(k.joined(start, parts), k.numbers(STEPS, COLUMNS))


def _prepared(k: Kit, name: str) -> Made:
    start = k.input(8, 8, 3)
    x = getattr(k.keras.applications, name).preprocess_input(start)
    x = k.GlobalAveragePooling2D()(k.Conv2D(2, 3)(x))
    return Made(k.graph(start, k.Dense(2, activation="tanh")(x)), k.pictures(8, 8, 3))


def prepared_for_resnet(k: Kit) -> Made:
    return _prepared(k, "resnet50")


def prepared_for_vgg(k: Kit) -> Made:
    return _prepared(k, "vgg16")


def prepared_for_mobilenet(k: Kit) -> Made:
    return _prepared(k, "mobilenet_v2")


def _small_mobilenet(k: Kit, name: str = "base") -> Any:
    start = k.input(12, 12, 3)
    x = k.Conv2D(4, 3, strides=2, padding="same", use_bias=False, name="conv")(start)
    x = k.ReLU(6.0)(k.BatchNormalization(name="bn")(x))
    y = k.DepthwiseConv2D(3, padding="same", use_bias=False, name="depthwise")(x)
    y = k.ReLU(6.0)(k.BatchNormalization(name="depthwise_bn")(y))
    y = k.Conv2D(4, 1, use_bias=False, name="project")(y)
    y = k.Add(name="add")([x, k.BatchNormalization(name="project_bn")(y)])
    model = k.keras.Model(start, y, name=name)
    model.trainable = False
    return model


def nested_mobilenet(k: Kit) -> Made:
    start = k.input(12, 12, 3)
    x = _small_mobilenet(k)(start)
    return Made(k.graph(start, k.Dense(2)(k.GlobalAveragePooling2D()(x))), k.numbers(12, 12, 3))


def nested_in_training(k: Kit) -> Made:
    start = k.input(12, 12, 3)
    x = _small_mobilenet(k)(start / 127.5 - 1.0, training=False)
    x = k.Dropout(0.2)(k.GlobalAveragePooling2D()(x))
    return Made(k.graph(start, k.Dense(2)(x)), k.pictures(12, 12, 3))


def nested_in_chain(k: Kit) -> Made:
    layers = [_small_mobilenet(k), k.GlobalAveragePooling2D(), k.Dense(2)]
    return Made(k.chain((12, 12, 3), *layers), k.numbers(12, 12, 3))


def nested_called_twice(k: Kit) -> Made:
    inner_start = k.input(COLUMNS)
    inner = k.graph(inner_start, k.Dense(COLUMNS, activation="tanh")(inner_start))
    start = k.input(COLUMNS)
    return Made(k.graph(start, k.Dense(2)(inner(inner(start)))), k.numbers(COLUMNS))


def nested_two_deep(k: Kit) -> Made:
    deep = k.chain((COLUMNS,), k.Dense(3, activation="tanh"), k.Dense(3))
    middle_start = k.input(COLUMNS)
    middle = k.graph(middle_start, k.Dense(3)(deep(middle_start)))
    start = k.input(COLUMNS)
    return Made(k.graph(start, k.Dense(2)(middle(start))), k.numbers(COLUMNS))


def nested_with_layers_of_one_name(k: Kit) -> Made:
    def inner(name: str) -> Any:
        start = k.input(COLUMNS)
        found = k.Dense(COLUMNS, activation="tanh", name="dense")(start)
        return k.keras.Model(start, found, name=name)

    both_start = k.input(COLUMNS)
    both = k.keras.Model(both_start, inner("one")(inner("two")(both_start)), name="both")
    start = k.input(COLUMNS)
    return Made(k.graph(start, k.Dense(2, name="dense")(both(start))), k.numbers(COLUMNS))


def nested_chains_of_one_name(k: Kit) -> Made:
    def inner(name: str) -> Any:
        layers = [k.Dense(COLUMNS, activation="tanh", name="dense")]
        found = k.chain((COLUMNS,), *layers)
        if k.is_keras3:
            return k.keras.Sequential([k.layers.Input((COLUMNS,)), *layers], name=name)
        return found

    layers = [inner("one"), inner("two"), k.Dense(2, name="dense")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def shared_layer(k: Kit) -> Made:
    start, shared = k.input(COLUMNS), k.Dense(COLUMNS, activation="tanh")
    return Made(k.graph(start, k.Dense(2)(shared(shared(start)))), k.numbers(COLUMNS))


def layers_named_like_functions(k: Kit) -> Made:
    start = k.layers.Input((COLUMNS,), name="maximum")
    left = k.Dense(3, name="add")(start)
    right = k.Dense(3, name="multiply", activation="relu")(start)
    found = k.Add(name="dot")([left, right])
    return Made(k.graph(start, k.Dense(2, name="concatenate")(found)), k.numbers(COLUMNS))


def residual_chain(k: Kit) -> Made:
    start = k.input(STEPS, COLUMNS)
    x = k.Conv1D(COLUMNS, 3, padding="same", activation="relu")(start)
    x = x + start
    x = k.Conv1D(COLUMNS, 3, padding="causal", dilation_rate=2)(x) * 0.5 + x
    return Made(k.graph(start, k.Dense(2)(k.LSTM(3)(x))), k.numbers(STEPS, COLUMNS))


CASES = (
    operators,
    more_operators,
    matrix_product,
    slices,
    slices_with_ellipsis,
    prepared_for_resnet,
    prepared_for_vgg,
    prepared_for_mobilenet,
    nested_mobilenet,
    nested_in_training,
    nested_in_chain,
    nested_called_twice,
    nested_two_deep,
    nested_with_layers_of_one_name,
    nested_chains_of_one_name,
    shared_layer,
    layers_named_like_functions,
    residual_chain,
)
