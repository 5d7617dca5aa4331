"""Models for tests of the hands, not of the head: made in seconds, and worth something.

Nobody has trained them: a layer of random features, and over it the least squares that fit
the hidden set, which no candidate ever sees. A fraction of it gives a middling model.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from engine.sitting.store.record import hidden_folder
from exam_bank.task import Task

_MAKE = """
import json, sys
from pathlib import Path
import keras, numpy as np
from keras import layers
from exam_bank.material import HiddenSet

STEEP = 12.0  # how sure a fitted class is of itself

def make(path, hidden, input, dtype, output, activation, share):
    keras.utils.set_random_seed(7)
    hidden = HiddenSet.read(Path(hidden))
    inputs = np.asarray(hidden.inputs, "float32") * hidden.input_scale
    if dtype == "int32":
        inputs = inputs.astype(dtype)
    cells = int(np.prod(output))
    parts = [keras.Input(input, dtype=dtype)]
    if len(input) == 3:
        parts.append(layers.AveragePooling2D(5))
    scale = 1.0 / (float(np.std(inputs)) or 1.0)
    parts += [layers.Rescaling(scale, -float(np.mean(inputs)) * scale), layers.Flatten()]
    features = keras.Sequential([*parts, layers.Dense(800, "relu")])
    found = features.predict(inputs, batch_size=64, verbose=0)
    last = layers.Dense(cells, activation)
    model = keras.Sequential([features, last, layers.Reshape(output)])
    model.build((None, *input))
    wanted = np.asarray(hidden.targets)
    if activation == "softmax":
        wanted = (np.eye(cells)[wanted.astype(int)] - 0.5) * STEEP
    elif activation == "sigmoid":
        wanted = (wanted.reshape(-1, 1) - 0.5) * STEEP
    wanted = wanted.reshape(len(found), cells).astype("float64")
    known = max(2, round(share * len(found)))
    with_one = np.hstack([found, np.ones((len(found), 1))])[:known].astype("float64")
    weights = np.linalg.lstsq(with_one, wanted[:known], rcond=1e-6)[0]
    last.set_weights([weights[:-1], weights[-1]])
    flat = keras.Sequential([*parts, *features.layers[-1:], last, layers.Reshape(output)])
    flat.save(path)

for each in json.loads(sys.argv[1]):
    make(**each)
"""


class Wanted(NamedTuple):
    """A model of a task in a sitting; `share` is the part of the hidden set that it knows."""

    task: Task
    share: float = 1.0


def quick_models(sitting: Path, wanted: Sequence[Wanted], place: Path) -> list[bytes]:
    """Such models, in the order in which they are wanted; `place` is a folder for a moment."""
    orders = [_order(sitting, each, place / f"{n}.h5") for n, each in enumerate(wanted)]
    done = subprocess.run(
        [sys.executable, "-c", _MAKE, json.dumps(orders)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [(place / f"{n}.h5").read_bytes() for n, _ in enumerate(wanted)]


def _order(sitting: Path, wanted: Wanted, path: Path) -> dict[str, object]:
    contract = wanted.task.says.contract
    return {
        "path": str(path),
        "hidden": str(hidden_folder(sitting, wanted.task.id)),
        "input": contract.input.shape,
        "dtype": contract.input.dtype,
        "output": contract.output.shape,
        "activation": contract.output.activation,
        "share": wanted.share,
    }
