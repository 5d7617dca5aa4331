"""Model files for slow tests, made by both Keras in one process; run as a program."""

import subprocess
import sys
from pathlib import Path
from typing import Any

SHAPE = (8, 8, 1)
CLASSES = 3


def make_in_subprocess(folder: Path) -> None:
    """Make all model files and the hidden set below `folder`."""
    subprocess.run([sys.executable, "-m", "tests.engine.made_models", folder], check=True)


def _conv(
    keras: Any,
    shape: tuple[int, ...] = SHAPE,
    classes: int = CLASSES,
    ending: str | None = "softmax",
) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input(shape),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.5),
            layers.Dense(classes, activation=ending),
        ]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _with_nan(model: Any) -> Any:
    model.set_weights([weight * float("nan") for weight in model.get_weights()])
    return model


def _slow(keras: Any) -> Any:
    inputs = keras.layers.Input(SHAPE)
    hidden = inputs
    for _ in range(30):
        hidden = keras.layers.Conv2D(128, 5, padding="same")(hidden)
    answer = keras.layers.Dense(CLASSES)(keras.layers.GlobalAveragePooling2D()(hidden))
    return keras.Model(inputs, answer)


def _make(folder: Path) -> None:
    import keras
    import numpy as np
    import tf_keras

    from exam_bank.material import HiddenSet

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (600, *SHAPE), dtype=np.uint8)
    model = _conv(keras)
    model.save(folder / "keras3.h5")
    _conv(tf_keras).save(folder / "tf_keras.h5")
    model.save_weights(folder / "only.weights.h5")
    _conv(keras, (8, 8, 3)).save(folder / "wrong_input.h5")
    _conv(keras, classes=4).save(folder / "wrong_output.h5")
    _conv(keras, ending=None).save(folder / "logits.h5")
    _with_nan(_conv(keras)).save(folder / "nan.h5")
    keras.Sequential(
        [keras.layers.Input(SHAPE), keras.layers.Lambda(lambda x: x * 2), *_conv(keras).layers]
    ).save(folder / "lambda.h5")
    _slow(keras).save(folder / "slow.h5")
    # What the honest model answers is right by definition; so its accuracy is known: 1.
    own = model.predict(images.astype("float32") / 255, verbose=0)
    HiddenSet(images, own.argmax(axis=1), input_scale=1 / 255).write(folder / "hidden")
    np.save(folder / "own.npy", own)


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
