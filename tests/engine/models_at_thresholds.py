"""Ten models, each made with both Keras, and their grades in different surroundings; a program.

`make FOLDER` saves them; `grade FOLDER CORES BATCH` prints, for each file, its name, its value
and its score under the thresholds in `thresholds.json`, where the third is the one it lies on.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

from engine.grading.host.environment import environment

STEPS, COLUMNS, ANSWERS, N = 24, 3, 4, 300
MODELS = 10
KERAS = ("keras3", "tf_keras")
FILE = "thresholds.json"


class Found(NamedTuple):
    """One grading."""

    model: str
    keras: str
    value: float
    score: int


def run(*arguments: str) -> str:
    """Run this program as a grading child would run; returns what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "tests.engine.models_at_thresholds", *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env=environment(os.environ, "cpu"),
    ).stdout


def grades(folder: Path, cores: str, batch: int) -> list[Found]:
    """All gradings on "one" core or "all", in batches of one size."""
    said = run("grade", str(folder), cores, str(batch))
    return [Found(*json.loads(line)) for line in said.splitlines()]


def _layers(kind: int, layers: Any) -> list[Any]:
    flat = [layers.Flatten(), layers.Dense(64, activation="relu"), layers.Dense(ANSWERS)]
    return [
        flat,
        [layers.Conv1D(32, 5, activation="relu"), layers.GlobalAveragePooling1D(), *flat[1:]],
        [layers.LSTM(24), layers.Dense(ANSWERS)],
        [layers.Bidirectional(layers.GRU(12)), layers.Dense(ANSWERS)],
        [layers.Conv1D(16, 3, padding="causal"), layers.BatchNormalization(), *flat],
    ][kind % 5]


def _make(folder: Path) -> None:
    import keras
    import tf_keras

    for number in range(MODELS):
        keras.utils.set_random_seed(number)
        weights: list[Any] = []
        for name, library in (("keras3", keras), ("tf_keras", tf_keras)):
            layers: Any = library.layers
            first = layers.Input((STEPS, COLUMNS))
            model = library.Sequential([first, *_layers(number, layers)])
            weights = weights or model.get_weights()
            model.set_weights(weights)
            model.save(folder / f"{number}-{name}.h5")
    _hidden().write(folder / "hidden")


def _hidden() -> Any:
    import numpy as np

    from exam_bank.material import HiddenSet
    from exam_bank.synthetic.rng import Rng

    rng = Rng(1, "thresholds")
    inputs = rng.normal(size=(N, STEPS, COLUMNS)).astype(np.float32)
    return HiddenSet(inputs, rng.normal(size=(N, ANSWERS)).astype(np.float32))


def _grade(folder: Path, cores: str, batch: str) -> None:
    if cores == "one":
        os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
    from engine.grading.child import prediction, worker

    prediction.LARGEST_BATCH = int(batch)
    worker.import_tensorflow()
    worker.import_the_other_keras()
    for path in sorted(folder.glob("*.h5")):
        print(json.dumps(_graded(folder, path)))  # noqa: T201


def _graded(folder: Path, path: Path) -> Found:
    from engine.grading.protocol import Graded, Job
    from exam_bank.task import Contract, Limits, MarkScheme, OutputSpec, TensorSpec
    from tests.engine.whole_grade import grade

    number, _, keras = path.stem.partition("-")
    known = json.loads((folder / FILE).read_text()) if (folder / FILE).exists() else {}
    at = known.get(number, 1.0)
    job = Job(
        submission="0" * 64,
        task="tiny",
        category=5,
        model=str(path),
        hidden=str(folder / "hidden"),
        contract=Contract(
            input=TensorSpec(shape=(STEPS, COLUMNS)),
            output=OutputSpec(shape=(ANSWERS,), activation="linear"),
        ),
        mark_scheme=MarkScheme(
            metric="mae",
            direction="lower",
            thresholds=(2 * at, 1.5 * at, at, 0.7 * at, 0.5 * at),
        ),
        limits=Limits(),
    )
    found = grade(job)
    assert isinstance(found, Graded), found.message.text()
    assert found.metric.value is not None
    return Found(number, keras, found.metric.value, found.score)


if __name__ == "__main__":
    if sys.argv[1] == "make":
        _make(Path(sys.argv[2]))
    else:
        _grade(Path(sys.argv[2]), *sys.argv[3:])
