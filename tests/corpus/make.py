"""Saves every case that the Keras at hand can make, with its own predictions, in one archive.

`python -m tests.corpus.make KERAS FILE [CASE…]`, in that Keras' own environment: KERAS is `keras`,
`tf_keras` or `tf.keras`. What cannot be made is in the archive's `cannot.json`, with the reason.
Needs Python 3.6 or later.
"""

import io
import json
import os
import re
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import numpy as np

from tests.corpus import cases_forms, cases_graphs, cases_layers, cases_operations
from tests.corpus.kit import Kit, Made

CASES = (*cases_forms.CASES, *cases_graphs.CASES, *cases_layers.CASES, *cases_operations.CASES)
CANNOT = "cannot.json"
# Adapted to data, or counted by a random generator.
_KEPT = ("mean", "variance", "count", "seed_generator_state")
_SMALLEST_SPREAD = 0.01
_SEEDS = 5
_LONGEST_REASON = 160
# Where something is on the machine that made the archive.
_PLACES = re.compile(r"\(?(defined at|File) .*", re.DOTALL)
_COLOURS = re.compile("\x1b\\[[0-9;]*m")


def draw_weights(model: Any, k: Kit) -> None:
    """Give `model` weights that matter: lost or swapped ones show in its answers."""
    listed = model.weights
    if k.version < (2, 4) and (k.name == "keras" or k.version < (2, 0)):
        # Then `get_weights` follows the layers, and `weights` has all trainable ones first.
        listed = [weight for layer in model.layers for weight in layer.weights]
    names = [str(getattr(each, "path", each.name)).split(":")[0] for each in listed]
    pairs = zip(names, model.get_weights())  # noqa: B905 - for older Pythons
    model.set_weights([_drawn(name.split("/")[-1], now, k.rng) for name, now in pairs])


def _drawn(name: str, now: Any, rng: Any) -> Any:
    if name in _KEPT or not np.issubdtype(np.asarray(now, "float32").dtype, np.floating):
        return now
    if "variance" in name or "gamma" in name:
        return rng.uniform(0.5, 1.5, now.shape).astype(now.dtype)
    if now.ndim < 2:
        return rng.normal(0, 0.2, now.shape).astype(now.dtype)
    inputs = np.prod(now.shape[:-2] if now.shape[-1] == 1 else now.shape[:-1])
    return rng.normal(0, 1.2 / np.sqrt(inputs), now.shape).astype(now.dtype)


def answers_of(made: Made) -> Any:
    """What Keras itself predicts; the one value of a dictionary or list."""
    found = made.answers() if made.answers else made.model.predict(made.inputs, verbose=0)
    if isinstance(found, dict):
        found = next(iter(found.values()))
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return np.asarray(found, "float32")


def make(case: Any, k: Kit) -> "tuple[dict[str, bytes], Any, Any]":
    """The files, inputs and answers of a case."""
    for seed in range(_SEEDS):
        k.rng = np.random.RandomState(seed + sum(map(ord, case.__name__)))
        made = case(k)
        if made.draw:
            draw_weights(made.model, k)
        answers = answers_of(made)
        if np.isfinite(answers).all() and np.ptp(answers, axis=0).max() > _SMALLEST_SPREAD:
            return _saved(made.model, k), made.inputs, answers
    raise ValueError("answers that would show nothing")


def _saved(model: Any, k: Kit) -> "dict[str, bytes]":
    endings = [".h5", ".keras"] if k.version >= (2, 12) else [".h5"]
    found, faults = {}, []
    for ending in endings:
        try:
            found[ending] = _bytes(model, ending)
        except Exception as error:  # whatever a Keras raises
            faults.append(error)
    if not found:
        raise faults[0]
    return found


def _bytes(model: Any, ending: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "model" + ending)  # noqa: PTH118 - old Keras takes strings
        model.save(path)
        return Path(path).read_bytes()


def _array(values: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, values, allow_pickle=False)
    return file.getvalue()


def main(name: str, target: str, only: "list[str]") -> None:
    """Write the archive `target`."""
    k = Kit(name)
    cannot = {}
    with tarfile.open(target, "w:xz", preset=9) as archive:

        def put(member: str, data: bytes) -> None:
            about = tarfile.TarInfo(member)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))

        for case in CASES:
            if only and case.__name__ not in only:
                continue
            k.keras.backend.clear_session()
            try:
                files, inputs, answers = make(case, k)
            except Exception as error:  # whatever a Keras raises
                cannot[case.__name__] = _reason(error)
                continue
            for ending, data in files.items():
                put(case.__name__ + ending, data)
            put(case.__name__ + ".inputs.npy", _array(inputs))
            put(case.__name__ + ".answers.npy", _array(answers))
        put(CANNOT, json.dumps(cannot, indent=1, sort_keys=True).encode())
    sys.stdout.write(f"{target}: {len(CASES) - len(cannot)} cases, {len(cannot)} cannot be made\n")


def _reason(error: Exception) -> str:
    whole = _PLACES.sub("", _COLOURS.sub("", type(error).__name__ + ": " + str(error)))
    return " ".join(whole.split())[:_LONGEST_REASON]


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
