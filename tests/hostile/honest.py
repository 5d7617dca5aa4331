"""Small honest models of every kind, each with the job that grades it; run as a program.

What mutations start from. Saved by both Keras, because each loads its own files; tiny,
because thousands are loaded.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from engine.grading.protocol import Job
from exam_bank.task import Contract, DType, Limits, MarkScheme, OutputSpec, TensorSpec

N = 12


class Kind(NamedTuple):
    """What models of a kind take, a scheme that marks any answer, and how many to answer."""

    shape: tuple[int, ...]
    dtype: DType = "float32"
    high: int = 256


KINDS = {
    "line": Kind((2,)),
    "conv": Kind((8, 8, 1)),
    "words": Kind((6,), "int32", 20),
    # More than eight layers: HDF5's newest layout keeps them in a fractal heap and a B-tree.
    "deep": Kind((2,)),
}
KERAS = ("keras", "tf_keras")
SCHEME = MarkScheme(metric="accuracy", direction="higher", thresholds=(0.2, 0.4, 0.6, 0.8, 1.0))


def make_in_subprocess(folder: Path) -> dict[Path, Job]:
    """Make all models below `folder`; the job of each, by the model's path."""
    subprocess.run([sys.executable, "-m", "tests.hostile.honest", folder], check=True)
    return {
        path: job(path, folder / f"hidden-{kind}", KINDS[kind])
        for kind in KINDS
        for keras in KERAS
        for path in [folder / f"{kind}-{keras}.h5"]
    }


def in_newest_layout(path: Path) -> bytes:
    """What `path` holds, written with libver="latest"."""
    import h5py

    copy = path.with_suffix(".latest")
    with h5py.File(path) as old, h5py.File(copy, "w", libver="latest") as new:
        _write_anew(old, new)
    data = copy.read_bytes()
    copy.unlink()
    return data


def _write_anew(old: Any, new: Any) -> None:
    """Write what the group `old` holds into `new`; a copied group would keep its old tree."""
    for name, value in old.attrs.items():
        new.attrs[name] = value
    for name, thing in old.items():
        if hasattr(thing, "shape"):
            new.create_dataset(name, data=thing[()])
        else:
            _write_anew(thing, new.create_group(name))


def job(model: Path, hidden: Path, kind: Kind) -> Job:
    """The job of grading `model`."""
    contract = Contract(
        input=TensorSpec(shape=kind.shape, dtype=kind.dtype),
        output=OutputSpec(shape=(3,), activation="softmax"),
    )
    return Job(
        submission="0" * 64,
        task="garments",
        category=2,
        model=str(model),
        hidden=str(hidden),
        contract=contract,
        mark_scheme=SCHEME,
        limits=Limits(),
    )


def _model(keras: Any, kind: str) -> Any:
    layers = keras.layers
    inside = {
        "line": [layers.Dense(4, activation="relu"), layers.BatchNormalization()],
        "conv": [
            layers.Rescaling(1 / 2),
            layers.Conv2D(2, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Dropout(0.2),
            layers.Flatten(),
        ],
        "deep": [layers.Dense(2) for _ in range(10)],
        "words": [layers.Embedding(20, 4), layers.Bidirectional(layers.LSTM(3))],
    }[kind]
    about = KINDS[kind]
    model = keras.Sequential(
        [layers.Input(about.shape, dtype=about.dtype), *inside, layers.Dense(3, "softmax")]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _make(folder: Path) -> None:
    import keras
    import numpy as np
    import tf_keras

    from exam_bank.material import HiddenSet

    rng = np.random.default_rng(0)
    for kind, about in KINDS.items():
        inputs = rng.integers(0, about.high, (N, *about.shape)).astype(about.dtype)
        HiddenSet(inputs, rng.integers(0, 3, N)).write(folder / f"hidden-{kind}")
        for name, module in zip(KERAS, (keras, tf_keras), strict=True):
            module.utils.set_random_seed(1)
            _model(module, kind).save(folder / f"{kind}-{name}.h5")


if __name__ == "__main__":
    _make(Path(sys.argv[1]))
