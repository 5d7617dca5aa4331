"""Models that Keras saves in odd forms: shapes, activations, initialisers, policies, wrappers."""

import importlib
from typing import Any

import numpy as np

from tests.corpus.kit import COLUMNS, STEPS, Kit, Made


def plain_dense(k: Kit) -> Made:
    model = k.chain((COLUMNS,), k.Dense(5, activation="tanh"), k.Dense(2))
    model.compile("adam", "mse")
    return Made(model, k.numbers(COLUMNS))


def chain_with_input_layer(k: Kit) -> Made:
    start = k.layers.InputLayer(**{("shape" if k.is_keras3 else "input_shape"): (STEPS, COLUMNS)})
    model = k.keras.Sequential([start, k.Conv1D(3, 2), k.LSTM(3), k.Dense(2)])
    return Made(model, k.numbers(STEPS, COLUMNS))


def batch_of_first_call(k: Kit) -> Made:
    model = k.keras.Sequential([k.Dense(3, activation="tanh"), k.Dense(2)])
    inputs = k.numbers(COLUMNS)
    model(inputs[:1])
    model.compile("adam", "mse")
    model.fit(inputs, inputs[:, :2], epochs=1, verbose=0)
    return Made(model, inputs)


def batch_of_first_call_in_pictures(k: Kit) -> Made:
    layers = [k.Conv2D(2, 3, activation="relu"), k.MaxPooling2D(), k.Flatten(), k.Dense(2)]
    model = k.keras.Sequential(layers)
    inputs = k.numbers(8, 8, 1)
    model(inputs[:2])
    return Made(model, inputs)


def batch_of_first_call_in_series(k: Kit) -> Made:
    layers = [
        k.Bidirectional(k.LSTM(3, return_sequences=True)),
        k.TimeDistributed(k.Dense(3)),
        k.GRU(2),
    ]
    model = k.keras.Sequential(layers)
    inputs = k.numbers(STEPS, COLUMNS)
    model(inputs[:2])
    return Made(model, inputs)


def batch_of_dataset(k: Kit) -> Made:
    model = k.keras.Sequential([k.Dense(3, activation="tanh"), k.Dense(2)])
    inputs = k.numbers(COLUMNS)
    data = k.tf.data.Dataset.from_tensor_slices((inputs, inputs[:, :2]))
    model.compile("adam", "mse")
    model.fit(data.batch(2, drop_remainder=True), epochs=1, verbose=0)
    return Made(model, inputs)


def batch_of_input(k: Kit) -> Made:
    shape = (len(k.numbers(1)), STEPS, COLUMNS)
    start = k.layers.Input(batch_shape=shape)
    return Made(k.graph(start, k.Dense(2)(k.LSTM(3)(start))), k.numbers(STEPS, COLUMNS))


def stateful_batch_1(k: Kit) -> Made:
    start = k.layers.Input(batch_shape=(1, STEPS, COLUMNS))
    middle = k.LSTM(3, stateful=True, return_sequences=True)(start)
    model = k.graph(start, k.Dense(2)(k.GRU(3, stateful=True)(middle)))
    inputs = k.numbers(STEPS, COLUMNS)

    def answers() -> Any:
        found = []
        for one in inputs:
            for layer in model.layers:
                for name in ("reset_states", "reset_state"):
                    if getattr(layer, "stateful", False) and hasattr(layer, name):
                        getattr(layer, name)()
                        break
            found.append(model.predict_on_batch(one[None]))
        return np.concatenate(found)

    return Made(model, inputs, answers=answers)


def _tf_nn(k: Kit, *names: str) -> Made:
    functions = [getattr(k.tf.nn, name) for name in names if hasattr(k.tf.nn, name)]
    layers = [k.Dense(4, activation=function) for function in functions]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def tf_nn_of_courses(k: Kit) -> Made:
    return _tf_nn(k, "relu", "softmax")


def tf_nn_others(k: Kit) -> Made:
    return _tf_nn(k, "swish", "silu", "gelu", "elu", "selu", "softplus", "softsign", "sigmoid")


def tf_nn_tanh_relu6(k: Kit) -> Made:
    return _tf_nn(k, "tanh", "relu6", "log_softmax")


def tf_nn_leaky_relu(k: Kit) -> Made:
    return _tf_nn(k, "leaky_relu")


def tf_initializers(k: Kit) -> Made:
    tf = k.tf
    kinds = [
        {
            "kernel_initializer": tf.random_normal_initializer(0, 0.5),
            "bias_initializer": tf.constant_initializer(0.1),
        },
        {
            "kernel_initializer": tf.random_uniform_initializer(-1, 1),
            "bias_initializer": tf.zeros_initializer(),
        },
        {"bias_initializer": tf.ones_initializer()},
    ]
    layers = [k.Dense(3, **kind) for kind in kinds]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def tf_initializers_v1(k: Kit) -> Made:
    v1 = k.tf.compat.v1
    kinds = [
        {
            "kernel_initializer": v1.truncated_normal_initializer(0, 0.5),
            "bias_initializer": v1.constant_initializer(0.1),
        },
        {
            "kernel_initializer": v1.glorot_uniform_initializer(),
            "bias_initializer": v1.zeros_initializer(),
        },
        {"kernel_initializer": v1.orthogonal_initializer()},
        {"kernel_initializer": v1.variance_scaling_initializer()},
        {"kernel_initializer": v1.initializers.he_normal()},
    ]
    layers = [k.Dense(3, **kind) for kind in kinds]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def keras_initializers(k: Kit) -> Made:
    kinds = k.keras.initializers
    layers = [
        k.Dense(3, kernel_initializer=kinds.RandomNormal(0, 0.1), bias_initializer="ones"),
        k.Dense(
            3,
            kernel_initializer=kinds.VarianceScaling(2.0),
            kernel_regularizer=k.keras.regularizers.l2(0.1),
            kernel_constraint=k.keras.constraints.max_norm(9)
            if hasattr(k.keras.constraints, "max_norm")
            else k.keras.constraints.MaxNorm(9),
        ),
        k.Dense(3, kernel_initializer=kinds.Orthogonal(), bias_initializer=kinds.Constant(0.2)),
        k.Dense(3, kernel_initializer="he_uniform", activity_regularizer="l2"),
        k.Dense(3, kernel_initializer="lecun_normal", bias_constraint="non_neg"),
    ]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def output_in_dict(k: Kit) -> Made:
    start = k.input(COLUMNS)
    return Made(k.graph(start, {"kind": k.Dense(2)(start)}), k.numbers(COLUMNS))


def output_in_list(k: Kit) -> Made:
    start = k.input(COLUMNS)
    return Made(k.graph([start], [k.Dense(2)(start)]), k.numbers(COLUMNS))


def own_train_step(k: Kit) -> Made:
    keras: Any = k.keras

    class Mine(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            return super().train_step(data)

    start = k.input(COLUMNS)
    return Made(Mine(start, k.Dense(2)(start)), k.numbers(COLUMNS))


def own_chain(k: Kit) -> Made:
    keras: Any = k.keras

    class Mine(keras.Sequential):  # type: ignore[misc]
        pass

    layers = k.chain((COLUMNS,), k.Dense(2)).layers
    start = [k.layers.Input((COLUMNS,))] if k.is_keras3 else []
    return Made(Mine([*start, *layers]), k.numbers(COLUMNS))


def mixed_float16(k: Kit) -> Made:
    policy: Any = "mixed_float16"
    layers = [k.Dense(6, activation="relu", dtype=policy), k.Dense(2, dtype="float32")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def mixed_float16_everywhere(k: Kit) -> Made:
    place = k.keras.mixed_precision
    if hasattr(place, "experimental") and not hasattr(place, "set_global_policy"):
        place = place.experimental
    choose = getattr(place, "set_global_policy", None) or place.set_policy
    choose("mixed_float16")
    try:
        layers = [
            k.Conv2D(3, 3, activation="relu"),
            k.BatchNormalization(),
            k.Flatten(),
            k.Dense(2),
            k.Activation("softmax", dtype="float32"),
        ]
        return Made(k.chain((8, 8, 1), *layers), k.numbers(8, 8, 1))
    finally:
        choose("float32")


def fixed_loss_scale(k: Kit) -> Made:
    policy = k.keras.mixed_precision.experimental.Policy("mixed_float16", loss_scale=128)
    layers = [k.Dense(6, activation="relu", dtype=policy), k.Dense(2, dtype="float32")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def mixed_bfloat16(k: Kit) -> Made:
    layers = [k.Dense(6, activation="relu", dtype="mixed_bfloat16"), k.Dense(2, dtype="float32")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def whole_bfloat16(k: Kit) -> Made:
    layers = [k.Dense(6, activation="relu", dtype="bfloat16"), k.Dense(2, dtype="float32")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def whole_float16(k: Kit) -> Made:
    layers = [k.Dense(6, activation="relu", dtype="float16"), k.Dense(2, dtype="float32")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def whole_float64(k: Kit) -> Made:
    layers = [k.Dense(6, activation="relu", dtype="float64"), k.Dense(2, dtype="float64")]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS))


def policy_map(k: Kit) -> Made:
    policies = k.keras.dtype_policies.DTypePolicyMap()
    policies["dense_one"] = k.keras.dtype_policies.DTypePolicy("mixed_float16")
    start = k.input(STEPS, COLUMNS)
    middle = k.TimeDistributed(k.Dense(2, name="dense_one"), dtype=policies)(start)
    return Made(k.graph(start, k.Dense(2)(k.Flatten()(middle))), k.numbers(STEPS, COLUMNS))


def quantized_int8(k: Kit) -> Made:
    model = k.chain((COLUMNS,), k.Dense(16), k.Dense(2))
    model.quantize("int8")
    return Made(model, k.numbers(COLUMNS), draw=False)


def layer_scale(k: Kit) -> Made:
    place = k.keras.__name__ if k.is_keras3 or k.name == "tf_keras" else "keras"
    names = [place + ".src.applications.convnext", place + ".applications.convnext"]
    for name in names:
        try:
            scale = importlib.import_module(name).LayerScale
            break
        except (ImportError, AttributeError):
            continue
    else:
        raise LookupError("no LayerScale")
    return Made(k.chain((COLUMNS,), scale(0.5, COLUMNS), k.Dense(2)), k.numbers(COLUMNS))


def fourier_features(k: Kit) -> Made:
    layers = [
        k.RandomFourierFeatures(8, kernel_initializer="gaussian"),
        k.RandomFourierFeatures(6, kernel_initializer="laplacian", scale=2.0),
        k.Dense(2),
    ]
    return Made(k.chain((COLUMNS,), *layers), k.numbers(COLUMNS), draw=False)


def word_vectors(k: Kit) -> Made:
    matrix = k.rng.normal(size=(30, 4)).astype("float32")
    constant = k.keras.initializers.Constant(matrix)
    layers = [k.Embedding(30, 4, embeddings_initializer=constant), k.LSTM(3), k.Dense(2)]
    return Made(k.chain((STEPS,), *layers), k.words(STEPS, 30))


def _with_cudnn(k: Kit, name: str) -> Made:
    # It computes on a GPU only; Keras itself reads such weights into the usual layer.
    place = k.tf.compat.v1.keras.layers if k.name == "tf.keras" else k.layers
    fast = getattr(place, "CuDNN" + name)
    usual: Any = {"activation": "tanh", "recurrent_activation": "sigmoid"}
    usual.update({} if name == "LSTM" else {"reset_after": True})

    def model(layer: Any) -> Any:
        layers = [
            layer(3, return_sequences=True, name="one"),
            k.Bidirectional(layer(2), name="two"),
        ]
        return k.chain((STEPS, COLUMNS), *layers, k.Dense(2, name="three"))

    inputs, own = k.numbers(STEPS, COLUMNS), model(fast)

    def answers() -> Any:
        import tempfile

        other = model(lambda units, **more: getattr(k, name)(units, **dict(usual, **more)))
        with tempfile.NamedTemporaryFile(suffix=".h5") as file:
            own.save_weights(file.name)
            other.load_weights(file.name)
        return other.predict(inputs)

    return Made(own, inputs, answers=answers)


def cudnn_lstm(k: Kit) -> Made:
    return _with_cudnn(k, "LSTM")


def cudnn_gru(k: Kit) -> Made:
    return _with_cudnn(k, "GRU")


def channels_first(k: Kit) -> Made:
    first: Any = {"data_format": "channels_first"}
    layers = [
        k.Conv2D(3, 3, activation="relu", **first),
        k.MaxPooling2D(2, **first),
        k.BatchNormalization(axis=1),
        k.Flatten(**first),
        k.Dense(2),
    ]
    return Made(k.chain((2, 8, 8), *layers), k.numbers(2, 8, 8))


CASES = (
    plain_dense,
    chain_with_input_layer,
    batch_of_first_call,
    batch_of_first_call_in_pictures,
    batch_of_first_call_in_series,
    batch_of_dataset,
    batch_of_input,
    stateful_batch_1,
    tf_nn_of_courses,
    tf_nn_others,
    tf_nn_tanh_relu6,
    tf_nn_leaky_relu,
    tf_initializers,
    tf_initializers_v1,
    keras_initializers,
    output_in_dict,
    output_in_list,
    own_train_step,
    own_chain,
    mixed_float16,
    mixed_float16_everywhere,
    fixed_loss_scale,
    mixed_bfloat16,
    whole_bfloat16,
    whole_float16,
    whole_float64,
    policy_map,
    quantized_int8,
    layer_scale,
    fourier_features,
    word_vectors,
    cudnn_lstm,
    cudnn_gru,
    channels_first,
)
