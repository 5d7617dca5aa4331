"""Small models of several architectures, trained with seeds of their own, and their copies."""

from pathlib import Path
from typing import Any

import numpy as np

ARCHITECTURES = ("dense", "convolution", "embedding", "recurrent")
KINDS = ("re-saved", "as .keras", "one step further", "one epoch further", "units permuted")
_ROWS = 512


def trained(name: str, seed: int, path: Path, *, epochs: int = 3) -> Path:
    """A model that was trained from a start of its own, saved at `path`."""
    import keras

    keras.utils.clear_session()
    keras.utils.set_random_seed(1_000 + seed)
    model = _built(name)
    inputs, targets = _data(name)
    model.compile("adam", loss="mse")
    model.fit(inputs, targets, epochs=epochs, batch_size=32, verbose=0)
    model.save(path)
    return path


def copies_of(path: Path, name: str) -> dict[str, Path]:
    """A copy of each kind of the model at `path`."""
    import keras

    made = {kind: path.with_name(f"{path.stem}-{n}.h5") for n, kind in enumerate(KINDS)}
    made["as .keras"] = made["as .keras"].with_suffix(".keras")
    model: Any = keras.models.load_model(path, compile=False)
    model.save(made["re-saved"])
    model.save(made["as .keras"])
    _permute(model)
    model.save(made["units permuted"])
    inputs, targets = _data(name)
    for kind, rows in (("one step further", 32), ("one epoch further", len(inputs))):
        further: Any = keras.models.load_model(path, compile=False)
        further.compile("adam", loss="mse")
        further.fit(inputs[:rows], targets[:rows], epochs=1, batch_size=32, verbose=0)
        further.save(made[kind])
    return made


def _built(name: str) -> Any:
    from keras import Input, Sequential, layers

    body = {
        "dense": [Input((8,)), layers.Dense(32, "relu"), layers.Dense(16, "relu")],
        "convolution": [
            Input((12, 12, 1)),
            layers.Conv2D(8, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(16, "relu"),
        ],
        "embedding": [
            Input((20,), dtype="int32"),
            layers.Embedding(200, 8),
            layers.GlobalAveragePooling1D(),
            layers.Dense(16, "relu"),
        ],
        "recurrent": [Input((12, 3)), layers.LSTM(16), layers.Dense(16, "relu")],
    }
    return Sequential([*body[name], layers.Dense(1)])


def _data(name: str) -> tuple[Any, Any]:
    """The same data for everybody, as in one paper."""
    rng = np.random.default_rng(5)
    shapes = {"dense": (8,), "convolution": (12, 12, 1), "recurrent": (12, 3)}
    if name == "embedding":
        ids = rng.integers(0, 200, (_ROWS, 20)).astype(np.int32)
        return ids, (ids % 7 == 0).sum(axis=1, keepdims=True).astype(np.float32)
    inputs = rng.normal(size=(_ROWS, *shapes[name])).astype(np.float32)
    flat = inputs.reshape(_ROWS, -1)
    return inputs, np.tanh(flat[:, :1] + flat[:, 1:2] * flat[:, 2:3])


def _permute(model: Any) -> None:
    """Put the units of the last hidden Dense layer in another order."""
    hidden, last = model.layers[-2], model.layers[-1]
    order = np.random.default_rng(7).permutation(hidden.units)
    kernel, bias = hidden.get_weights()
    hidden.set_weights([kernel[:, order], bias[order]])
    after, offset = last.get_weights()
    last.set_weights([after[order], offset])
