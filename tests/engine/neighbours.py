"""Models that mix the examples of a batch, and their honest siblings; run as a program.

Each takes windows of town-load, (48, 5), and answers (24,), or breathing-spring's, (96, 1),
and answers (48,). None is trained: what a sly one scores it has read in other rows. Each is
made with both Keras, where both can make it.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAST, COLUMNS, AHEAD = 48, 5, 24
SPRING_PAST, SPRING_AHEAD = 96, 48
# Hidden windows start every two hours: the one that starts a day later holds the answer.
A_DAY_ON, TWO_DAYS_ON = 12, 24

Make = Callable[["Kit", Any], Any]


class Kit:
    """One Keras, and the operations that it writes into a functional model."""

    def __init__(self, name: str) -> None:
        import keras
        import tensorflow as tf
        import tf_keras

        self.name = name
        self.keras: Any = keras if name == "keras3" else tf_keras
        self.layers: Any = self.keras.layers
        own = keras.ops
        self.op: dict[str, Callable[..., Any]] = (
            {
                **{n: getattr(own, n) for n in ("roll", "cumsum", "sort", "mean", "reshape")},
                **{n: getattr(own, n) for n in ("softmax", "matmul", "transpose", "flip", "take")},
                **{n: getattr(own, n) for n in ("sum", "clip")},
            }
            if name == "keras3"
            else {
                "roll": tf.roll,
                "cumsum": tf.cumsum,
                "mean": tf.reduce_mean,
                "reshape": tf.reshape,
                "softmax": tf.nn.softmax,
                "matmul": tf.matmul,
                "sum": tf.reduce_sum,
                "clip": tf.clip_by_value,
                "transpose": tf.transpose,
                "flip": tf.reverse,
                "take": tf.gather,
            }
        )

    def load(self, windows: Any) -> Any:
        """The last hours of windows' first column, as many as are asked for."""
        ahead = AHEAD if windows.shape[-1] == COLUMNS else SPRING_AHEAD
        return windows[:, -ahead:, 0]

    def flat(self, windows: Any) -> Any:
        return self.layers.Flatten()(windows)

    def answer(self, hidden: Any) -> Any:
        return self.layers.Dense(AHEAD)(self.flat(hidden))


def _flipped(kit: Kit, x: Any) -> Any:
    axis = 0 if kit.name == "keras3" else [0]
    return kit.load(kit.op["flip"](x, axis=axis))


def _as_one_series(kit: Kit, x: Any) -> Any:
    return kit.op["reshape"](x, (1, -1, PAST * COLUMNS))


def _through(layer: Callable[[Kit], Any]) -> Make:
    """A layer over the whole batch as if it was one series."""

    def make(kit: Kit, x: Any) -> Any:
        return kit.op["reshape"](layer(kit)(_as_one_series(kit, x)), (-1, AHEAD))

    return make


def _attention(kit: Kit, x: Any) -> Any:
    flat = kit.flat(x)
    alike = kit.op["softmax"](kit.op["matmul"](flat, kit.op["transpose"](flat)))
    return kit.answer(kit.op["matmul"](alike, flat))


def _reading_ahead(rows: int, otherwise: Make) -> Make:
    """What the window `rows` further on holds of the hours asked for.

    At the end the batch has no such window, which ones tell that are counted along it.
    """

    def make(kit: Kit, x: Any) -> Any:
        ones = x[:, 0, :1] * 0 + 1
        place, batch = kit.op["cumsum"](ones, axis=0), kit.op["sum"](ones, axis=0, keepdims=True)
        there = kit.op["clip"](batch - rows - place + 1, 0, 1)
        ahead = kit.load(kit.op["roll"](x, -rows, axis=0))
        return ahead * there + otherwise(kit, x) * (1 - there)

    return make


def _gram(kit: Kit, x: Any) -> Any:
    flat = kit.flat(x)
    return kit.op["matmul"](flat, kit.op["transpose"](flat))[:, :AHEAD]


def _noise(kit: Kit, x: Any) -> Any:
    return kit.layers.GaussianNoise(0.1)(x, training=True)


def _yesterday(kit: Kit, x: Any) -> Any:
    return kit.load(x)


def _usual(kit: Kit, x: Any) -> Any:
    """The batch's mean flow."""
    return kit.op["mean"](x, axis=(0, 1))


def _remembering(kit: Kit, x: Any) -> Any:
    norm = kit.layers.BatchNormalization(momentum=0.5)
    # What is further from the end is computed first: here what the batches before have left.
    left = kit.layers.Activation("linear")(kit.layers.Activation("linear")(norm(x)))
    return kit.load(left) + 0 * kit.load(norm(x, training=True))


SLY: dict[str, Make] = {
    "roll": lambda kit, x: kit.load(kit.op["roll"](x, -A_DAY_ON, axis=0)),
    "reading_ahead": _reading_ahead(A_DAY_ON, _yesterday),
    "gather": lambda kit, x: kit.load(x * 0 + kit.op["take"](x, [3], axis=0)),
    "cumsum": lambda kit, x: kit.load(kit.op["cumsum"](x, axis=0)),
    "reverse": _flipped,
    "reshape": _through(lambda kit: kit.layers.Conv1D(AHEAD, 3, padding="same")),
    "lstm": _through(lambda kit: kit.layers.LSTM(AHEAD, return_sequences=True)),
    "attention": _attention,
    "softmax": lambda kit, x: kit.load(kit.op["softmax"](x, axis=0)),
    "softmax_layer": lambda kit, x: kit.load(kit.layers.Softmax(axis=0)(x)),
    "unit_normalization": lambda kit, x: kit.load(kit.layers.UnitNormalization(axis=0)(x)),
    "mean": lambda kit, x: kit.load(x - kit.op["mean"](x, axis=0, keepdims=True)),
    "gram": _gram,
}
SLY_IN_KERAS3: dict[str, Make] = {"sort": lambda kit, x: kit.load(kit.op["sort"](x, axis=0))}
SLY_IN_TF_KERAS: dict[str, Make] = {
    # Keras 3 takes the `training` of the whole model; tf_keras keeps that of the call.
    "batch_norm": lambda kit, x: kit.load(kit.layers.BatchNormalization()(x, training=True)),
    "hidden_by_noise": lambda kit, x: SLY["roll"](kit, _noise(kit, x)),
}
HONEST: dict[str, Make] = {
    "roll": lambda kit, x: kit.load(kit.op["roll"](x, -A_DAY_ON, axis=1)),
    "cumsum": lambda kit, x: kit.load(kit.op["cumsum"](x, axis=1)),
    "softmax": lambda kit, x: kit.load(kit.op["softmax"](x, axis=1)),
    "mean": lambda kit, x: kit.load(x - kit.op["mean"](x, axis=1, keepdims=True)),
    "reshape": lambda kit, x: kit.answer(kit.op["reshape"](x, (-1, 2, 24, COLUMNS))),
    "unit_normalization": lambda kit, x: kit.load(kit.layers.UnitNormalization(axis=-1)(x)),
    "batch_norm": lambda kit, x: kit.answer(kit.layers.BatchNormalization()(x)),
    "layer_norm": lambda kit, x: kit.answer(kit.layers.LayerNormalization()(x)),
    "attention": lambda kit, x: kit.answer(kit.layers.MultiHeadAttention(2, 8)(x, x)),
    "lstm": lambda kit, x: kit.answer(kit.layers.LSTM(16)(x)),
    "conv": lambda kit, x: kit.answer(kit.layers.Conv1D(8, 3, activation="relu")(x)),
    "dropout": lambda kit, x: kit.answer(kit.layers.Dropout(0.5)(x)),
    "half": lambda kit, x: kit.answer(kit.layers.LSTM(16, dtype="mixed_float16")(x)),
    "bfloat": lambda kit, x: kit.answer(kit.layers.Conv1D(8, 3, dtype="mixed_bfloat16")(x)),
}
SPRING: dict[str, Make] = {
    "sly_reading_ahead": _reading_ahead(TWO_DAYS_ON, _usual),
    "honest_conv": lambda kit, x: kit.load(kit.layers.Conv1D(1, 3, padding="same")(x)),
}
MODELS: dict[str, dict[str, Make]] = {
    "keras3": {
        **{f"sly_{name}": make for name, make in (SLY | SLY_IN_KERAS3).items()},
        **{f"honest_{name}": make for name, make in HONEST.items()},
        # It draws masks that it leaves out.
        "honest_lstm_with_dropout": lambda kit, x: kit.answer(kit.layers.LSTM(8, dropout=0.2)(x)),
    },
    "tf_keras": {
        **{f"sly_{name}": make for name, make in (SLY | SLY_IN_TF_KERAS).items()},
        **{f"honest_{name}": make for name, make in HONEST.items()},
        # Its second half lets the first remember the batches before.
        "remembering": _remembering,
        "chance_noise": lambda kit, x: kit.load(_noise(kit, x)),
        "chance_dropout": lambda kit, x: kit.load(kit.layers.Dropout(0.1)(x, training=True)),
        "chance_lstm": lambda kit, x: kit.answer(
            kit.layers.LSTM(8, dropout=0.2, recurrent_dropout=0.2)(x, training=True)
        ),
    },
}


def names(kind: str) -> list[str]:
    """The files of town-load's models whose name starts with `kind`."""
    return [
        f"{keras}-{name}" for keras in MODELS for name in MODELS[keras] if name.startswith(kind)
    ]


def make_in_subprocess(folder: Path) -> None:
    """Make all models below `folder`, as KERAS-NAME.h5 and spring-KERAS-NAME.h5."""
    subprocess.run([sys.executable, "-m", "tests.engine.neighbours", folder], check=True)


def _make(folder: Path) -> None:
    town, spring = (PAST, COLUMNS), (SPRING_PAST, 1)
    for name, makes in MODELS.items():
        kit = Kit(name)
        each = [(town, f"{name}-{model}", make) for model, make in makes.items()]
        each += [(spring, f"spring-{name}-{model}", make) for model, make in SPRING.items()]
        for shape, file, make in each:
            kit.keras.utils.set_random_seed(1)
            inputs = kit.layers.Input(shape)
            kit.keras.Model(inputs, make(kit, inputs)).save(folder / f"{file}.h5")


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
