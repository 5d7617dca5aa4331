"""Trains the models of `mistaken_models.py`: each function makes one mistake and nothing else."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers

from tests.engine.mistaken_models import (
    GOOD,
    LONG,
    MAKERS,
    MODELS,
    TASKS,
    WINDOW,
    WORDS,
    Data,
    write_hidden,
)

MakeModel = Callable[["Trainer"], Any]


class Trainer:
    """The data of one task, and a way to train its network on whatever is made of them."""

    def __init__(self, task: str, log: Path) -> None:
        self.task, self.log = task, log
        found: Data = MAKERS[task]()
        scale = np.float32(found.scale)
        self.x = found.x * scale if found.x.dtype == np.uint8 else found.x
        self.y = found.y

    def train(
        self,
        x: Any = None,
        y: Any = None,
        *,
        body: Sequence[Any] | None = None,
        end: Sequence[Any] | None = None,
        loss: Any = "",
        epochs: int = 0,
        logged: bool = False,
        optimizer: Any = None,
        **fit: Any,
    ) -> Any:
        """The network, trained on `x` and `y` (the task's own, where not given)."""
        x, y = self.x if x is None else x, self.y if y is None else y
        start = layers.Input(x.shape[1:], dtype=str(x.dtype))
        model = keras.Sequential([start, *(body or _body(self.task)), *(end or _end(self.task))])
        losses = {"softmax": "sparse_categorical_crossentropy", "sigmoid": "binary_crossentropy"}
        activation = TASKS[self.task].contract.output.activation
        loss = loss or losses.get(activation, "mae")
        metrics = ["accuracy"] if activation != "linear" else []
        model.compile(optimizer or keras.optimizers.Adam(3e-3), loss, metrics=metrics)
        calls = [keras.callbacks.CSVLogger(str(self.log))] if logged else []
        given = {"batch_size": 64, **fit}
        model.fit(x, y, epochs=epochs or _EPOCHS[self.task], verbose=0, callbacks=calls, **given)
        return model


_EPOCHS = {
    "pictures": 8,
    "bytes": 8,
    "first_word": 8,
    "last_word": 8,
    "two_kinds": 15,
    "two_kinds_logit": 15,
    "prices": 25,
    "scaled_prices": 25,
    "waves": 12,
}


def _body(task: str) -> list[Any]:
    match task:
        case "pictures" | "bytes":
            return [layers.BatchNormalization(momentum=0.8), layers.Flatten(), _relu(48)]
        case "first_word" | "last_word":
            return [layers.Embedding(WORDS + 2, 12), layers.Flatten(), _relu(48)]
        case "waves":
            return [layers.Flatten(), layers.Rescaling(0.2, offset=-4.0), _relu(48)]
    return [_relu(48), _relu(24)]


def _relu(units: int) -> Any:
    return layers.Dense(units, activation="relu")


def _end(task: str) -> list[Any]:
    out = TASKS[task].contract.output
    return [layers.Dense(out.shape[0], activation=out.activation)]


def _adapted(x: Any) -> Any:
    layer = layers.Normalization()
    layer.adapt(x)
    return layer


def _good(trainer: Trainer) -> Any:
    match trainer.task:
        case "prices":
            return trainer.train(body=[_adapted(trainer.x), *_body("prices")])
        case "last_word":
            pooled = [layers.Embedding(WORDS + 2, 12, mask_zero=True), layers.GRU(24)]
            return trainer.train(body=pooled, epochs=12)
        case "two_kinds_logit":
            return trainer.train(loss=keras.losses.BinaryCrossentropy(from_logits=True))
        case "waves":
            return trainer.train(epochs=30)
    return trainer.train()


def _mended_batch_statistics(trainer: Trainer) -> Any:
    body = [layers.BatchNormalization(), layers.Flatten(), _relu(48), layers.BatchNormalization()]
    return trainer.train(body=body, epochs=4, batch_size=200, optimizer=keras.optimizers.Adam(0.01))


def _noisy(trainer: Trainer, rate: float, epochs: int) -> Any:
    """A network of Keras 2 whose dropout stays active; Keras 3 switches it off when it predicts."""
    import tf_keras

    old = tf_keras.layers
    tf_keras.utils.set_random_seed(7)
    start = old.Input((LONG,), dtype="int32")
    inner = old.Flatten()(old.Embedding(WORDS + 2, 12)(start))
    inner = old.Dropout(rate)(inner, training=True)
    inner = old.Dropout(rate)(old.Dense(48, activation="relu")(inner), training=True)
    model = tf_keras.Model(start, old.Dense(4, activation="softmax")(inner))
    model.compile(tf_keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    model.fit(trainer.x, trainer.y, epochs=epochs, batch_size=64, verbose=0)
    return model


def _softmax_over_one(trainer: Trainer) -> Any:
    from_logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model = trainer.train(end=[layers.Dense(4)], loss=from_logits)
    column = layers.Reshape((4, 1))(model.outputs[0])
    return keras.Model(model.inputs, layers.Flatten()(layers.Softmax(axis=-1)(column)))


def _untrained(trainer: Trainer) -> Any:
    return keras.Sequential(
        [layers.Input((LONG,), dtype="int32"), *_body(trainer.task), *_end(trainer.task)]
    )


def _logits(trainer: Trainer) -> Any:
    """Soft labels keep the logits small, so that many lie between 0 and 0.5."""
    soft = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.75)
    return trainer.train(end=[layers.Dense(1)], loss=soft)


def _probabilities(trainer: Trainer) -> Any:
    return trainer.train(end=[layers.Dense(1, activation="sigmoid")], loss="binary_crossentropy")


def _outputs_scaled(trainer: Trainer) -> Any:
    y = (trainer.y - trainer.y.mean()) / trainer.y.std()
    return trainer.train(y=y, body=[_adapted(trainer.x), *_body("prices")])


def _logarithmic(trainer: Trainer) -> Any:
    body = [_adapted(trainer.x), *_body("prices")]
    return trainer.train(y=np.log(trainer.y), body=body)


def _dead(trainer: Trainer) -> Any:
    body = [_adapted(trainer.x), *_body("prices")]
    high = keras.optimizers.SGD(200.0)
    model = trainer.train(body=body, optimizer=high, epochs=2)
    for layer in model.layers[1:3]:  # whatever the seed, no unit is left
        kernel, bias = layer.get_weights()
        layer.set_weights([np.clip(kernel, -1, 1), np.minimum(bias, -100.0)])
    return model


def _constant(trainer: Trainer) -> Any:
    held = keras.regularizers.L2(1e3)
    ends = [layers.Dense(1, kernel_regularizer=held)]
    body = [_adapted(trainer.x), layers.Dense(16, activation="tanh", kernel_regularizer=held)]
    return trainer.train(body=body, end=ends, epochs=10)


def _raw_inputs_standardised_again(trainer: Trainer) -> Any:
    from tests.engine.mistaken_models import RAW_DEVIATION, RAW_MEAN

    raw = (trainer.x * np.array(RAW_DEVIATION) + np.array(RAW_MEAN)).astype(np.float32)
    return trainer.train(raw, body=[_adapted(raw), *_body("prices")])


def _differences(trainer: Trainer) -> Any:
    return trainer.train(y=trainer.y - trainer.x[:, -1], epochs=20)


def _shifted(trainer: Trainer) -> Any:
    late = np.concatenate([trainer.x[:, -1], trainer.y[:, :-1]], axis=1)
    return trainer.train(y=late, epochs=30)


def _copies(trainer: Trainer) -> Any:
    last = np.repeat(trainer.x[:, -1], trainer.y.shape[1], axis=1)
    body = [layers.Flatten()]
    ends = [layers.Dense(trainer.y.shape[1])]
    adam = keras.optimizers.Adam(0.01)
    model = trainer.train(y=last, body=body, end=ends, optimizer=adam, epochs=40)
    kernel, bias = model.layers[-1].get_weights()
    kernel[: WINDOW - 1], kernel[WINDOW - 1] = 0.01 * kernel[: WINDOW - 1], 1.0
    model.layers[-1].set_weights([kernel, 0 * bias + 0.01])
    return model


def _overfits(trainer: Trainer) -> Any:
    """Few pictures, most of them with wrong labels, for many epochs."""
    rng = np.random.default_rng(0)
    few = rng.permutation(len(trainer.x))[:70]
    y = np.where(rng.random(len(few)) < 0.6, rng.integers(0, 6, len(few)), trainer.y[few])
    tests = (trainer.x[-300:], trainer.y[-300:])
    body = [layers.BatchNormalization(momentum=0.8), layers.Flatten(), _relu(128), _relu(64)]
    return trainer.train(
        *(trainer.x[few], y),
        body=body,
        optimizer=keras.optimizers.Adam(0.01),
        batch_size=16,
        epochs=25,
        logged=True,
        validation_data=tests,
    )


def _validated_on_training(trainer: Trainer) -> Any:
    x, y = trainer.x[:40], trainer.y[:40]
    body = [layers.BatchNormalization(momentum=0.8), layers.Flatten(), _relu(128)]
    return trainer.train(
        x, y, body=body, epochs=40, logged=True, validation_data=(x[:20], y[:20]), batch_size=8
    )


def _only(trainer: Trainer, chosen: Any, **rest: Any) -> Any:
    return trainer.train(trainer.x[chosen], trainer.y[chosen], **rest)


def _alphabetical(trainer: Trainer) -> Any:
    names = TASKS["first_word"].classes
    order = np.array([sorted(names).index(each) for each in names])
    return trainer.train(y=order[trainer.y])


def _padded_before(trainer: Trainer) -> Any:
    x = np.stack([np.roll(row, int((row == 0).sum())) for row in trainer.x])
    return trainer.train(x)


MAKE: dict[str, MakeModel] = {
    "inputs_times_255": lambda k: k.train(k.x * np.float32(255)),
    "inputs_divided_by_255": lambda k: k.train(k.x / np.float32(255)),
    "inputs_minus_1_to_1": lambda k: k.train(k.x * np.float32(2) - np.float32(1)),
    "inputs_inverted": lambda k: k.train(np.float32(1) - k.x),
    "channels_reversed": lambda k: k.train(k.x[..., ::-1]),
    "channels_first": lambda k: k.train(k.x.transpose(0, 3, 1, 2).reshape(k.x.shape)),
    "pictures_transposed": lambda k: k.train(k.x.swapaxes(1, 2)),
    "pictures_mirrored": lambda k: k.train(k.x[:, :, ::-1]),
    "pictures_upside_down": lambda k: k.train(k.x[:, ::-1]),
    "batch_statistics": _mended_batch_statistics,
    "class_never_named": lambda k: _only(k, k.y != 4),
    "one_class_only": lambda k: _only(
        k,
        k.y == 2,
        body=[layers.Flatten(), _relu(48)],
        epochs=3,
        optimizer=keras.optimizers.Adam(2e-4),
    ),
    "overfitting": _overfits,
    "validation_too_good": _validated_on_training,
    "sequence_reversed": lambda k: k.train(k.x[:, ::-1]),
    "ids_shifted": lambda k: k.train(np.where(k.x > 0, k.x + 1, 0).astype(np.int32)),
    "labels_shifted": lambda k: k.train(y=(k.y + 1) % 4),
    "classes_in_other_order": lambda k: k.train(y=np.array([1, 0, 3, 2])[k.y]),
    "classes_alphabetical": _alphabetical,
    "active_noise": lambda k: _noisy(k, 0.85, 40),
    "noise_at_prediction": lambda k: _noisy(k, 0.02, 1),
    "softmax_over_wrong_axis": _softmax_over_one,
    "never_trained": _untrained,
    "stopped_early": lambda k: k.train(
        epochs=6, logged=True, validation_split=0.1, optimizer=keras.optimizers.Adam(7e-4)
    ),
    "padding_on_other_side": _padded_before,
    "other_class": lambda k: k.train(y=1 - k.y),
    "logits": _logits,
    "softmax_of_one": lambda k: k.train(end=[layers.Dense(1, activation="softmax")]),
    "probabilities": _probabilities,
    "inputs_standardised": lambda k: k.train((k.x - k.x.mean(axis=0)) / k.x.std(axis=0)),
    "outputs_scaled": _outputs_scaled,
    "outputs_logarithmic": _logarithmic,
    "dead_units": _dead,
    "constant_output": _constant,
    "learning_rate_too_high": lambda k: k.train(
        loss="mse", optimizer=keras.optimizers.SGD(1.0), epochs=4, logged=True
    ),
    "training_never_moved": lambda k: k.train(
        body=[_adapted(k.x), *_body("prices")],
        optimizer=keras.optimizers.SGD(1e-9),
        epochs=6,
        logged=True,
    ),
    "inputs_not_standardised": _raw_inputs_standardised_again,
    "outputs_as_differences": _differences,
    "forecast_shifted": _shifted,
    "copies_last_value": _copies,
}


def make(folder: Path, names: Sequence[str]) -> None:
    """Train and save the models with these names, or all; and the hidden sets."""
    folder.mkdir(parents=True, exist_ok=True)
    write_hidden(folder)
    for model in (*GOOD.values(), *MODELS):
        if names and model.name not in names:
            continue
        keras.utils.set_random_seed(7)
        trainer = Trainer(model.task, folder / f"{model.name}.csv")
        make_model = MAKE[model.diagnosis] if model.diagnosis else _good
        make_model(trainer).save(folder / f"{model.name}.h5")
        keras.backend.clear_session()
