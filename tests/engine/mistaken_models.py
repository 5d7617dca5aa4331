"""Small models, each made with one common mistake, and what they should be diagnosed as.

`python -m tests.engine.mistaken_models FOLDER [NAME…]` trains and saves them: for each model
`NAME.h5`, for some of them `NAME.csv`, and for each task its hidden set.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from engine.grading.protocol import Job
from exam_bank.task import Contract, Limits, MarkScheme, OutputSpec, TensorSpec

SHARES = MarkScheme(metric="accuracy", direction="higher", thresholds=(0.45, 0.6, 0.7, 0.8, 0.9))
ERRORS = MarkScheme(
    metric="relative_mae", direction="lower", thresholds=(0.9, 0.75, 0.6, 0.45, 0.35)
)


def _contract(
    shape: tuple[int, ...], out: tuple[int, ...], activation: Any, dtype: Any
) -> Contract:
    return Contract(
        input=TensorSpec(shape=shape, dtype=dtype),
        output=OutputSpec(shape=out, activation=activation),
    )


class SmallTask(NamedTuple):
    """One synthetic task: its contract and mark scheme, and the category it would be in."""

    category: int
    contract: Contract
    scheme: MarkScheme
    classes: tuple[str, ...] = ()


SIDE, WORDS, LONG, WINDOW, AHEAD = 20, 60, 12, 24, 6
NAMES = ("dusk", "beach", "atoll", "cove")
TASKS = {
    "pictures": SmallTask(3, _contract((SIDE, SIDE, 3), (6,), "softmax", "float32"), SHARES),
    "bytes": SmallTask(3, _contract((SIDE, SIDE, 3), (6,), "softmax", "float32"), SHARES),
    "first_word": SmallTask(4, _contract((LONG,), (4,), "softmax", "int32"), SHARES, NAMES),
    "last_word": SmallTask(4, _contract((LONG,), (4,), "softmax", "int32"), SHARES),
    "two_kinds": SmallTask(2, _contract((6,), (1,), "sigmoid", "float32"), SHARES),
    "two_kinds_logit": SmallTask(2, _contract((6,), (1,), "linear", "float32"), SHARES),
    "prices": SmallTask(1, _contract((5,), (1,), "linear", "float32"), ERRORS),
    "scaled_prices": SmallTask(1, _contract((5,), (1,), "linear", "float32"), ERRORS),
    "waves": SmallTask(5, _contract((WINDOW, 1), (AHEAD,), "linear", "float32"), ERRORS),
}


class Mistaken(NamedTuple):
    """A model: for which task, and which diagnosis names its mistake."""

    name: str
    task: str
    diagnosis: str


GOOD = {task: Mistaken(f"good_{task}", task, "") for task in TASKS}
MODELS = tuple(
    Mistaken(diagnosis, task, diagnosis)
    for task, diagnoses in {
        "pictures": (
            *("inputs_times_255", "inputs_minus_1_to_1"),
            *("inputs_inverted", "channels_reversed", "channels_first", "pictures_transposed"),
            *("pictures_mirrored", "pictures_upside_down", "batch_statistics"),
            *("class_never_named", "one_class_only", "overfitting", "validation_too_good"),
        ),
        "bytes": ("inputs_divided_by_255",),
        "first_word": (
            *("sequence_reversed", "ids_shifted", "labels_shifted", "classes_in_other_order"),
            *("classes_alphabetical", "active_noise", "noise_at_prediction"),
            *("softmax_over_wrong_axis", "never_trained", "stopped_early"),
        ),
        "last_word": ("padding_on_other_side",),
        "two_kinds": ("other_class", "logits", "softmax_of_one"),
        "two_kinds_logit": ("probabilities",),
        "prices": (
            *("inputs_standardised", "outputs_scaled", "outputs_logarithmic", "dead_units"),
            *("constant_output", "learning_rate_too_high", "training_never_moved"),
        ),
        "scaled_prices": ("inputs_not_standardised",),
        "waves": ("outputs_as_differences", "forecast_shifted", "copies_last_value"),
    }.items()
    for diagnosis in diagnoses
)


def job_of(model: Mistaken, folder: Path) -> Job:
    """The grading of a model that lies in `folder`, beside the hidden sets."""
    task = TASKS[model.task]
    return Job(
        submission=model.name,
        task=model.task.replace("_", "-"),
        category=task.category,
        model=str(folder / f"{model.name}.h5"),
        hidden=str(folder / model.task),
        contract=task.contract,
        mark_scheme=task.scheme,
        limits=Limits(),
    )


class Data(NamedTuple):
    """Training and hidden examples of one task."""

    x: Any
    y: Any
    hidden_x: Any
    hidden_y: Any
    scale: float = 1.0


def _split(x: Any, y: Any, hidden: int, scale: float = 1.0) -> Data:
    return Data(x[hidden:], y[hidden:], x[:hidden], y[:hidden], scale)


def _pictures(scale: float) -> Data:
    """A red or a blue blob in one of three corners: six classes, no two alike when flipped."""
    import numpy as np

    rng = np.random.default_rng(1)
    n = 2_000
    kinds = rng.integers(0, 6, n)
    x = rng.integers(0, 90, (n, SIDE, SIDE, 3))
    for picture, kind in zip(x, kinds, strict=True):
        row, column = ((3, 3), (3, 13), (13, 3))[kind % 3] + rng.integers(-2, 3, 2)
        picture[row : row + 4, column : column + 4, 0 if kind < 3 else 2] += 110
    return _split(x.astype(np.uint8), kinds.astype(np.int64), 600, scale)


def _words(place: int) -> Data:
    """The first word, or the last, says the class; each class has its own words."""
    import numpy as np

    rng = np.random.default_rng(2)
    n = 3_000
    x = np.zeros((n, LONG), np.int32)
    for row, size in zip(x, rng.integers(8, LONG + 1, n), strict=True):
        row[:size] = rng.integers(1, WORDS, size)
    kind_of_word = rng.permutation(WORDS) % 4
    telling = x[:, 0] if place == 0 else x[np.arange(n), (x > 0).sum(axis=1) - 1]
    kinds = kind_of_word[telling]
    return _split(x, kinds.astype(np.int64), 800)


def _two_kinds() -> Data:
    import numpy as np

    rng = np.random.default_rng(3)
    x = rng.normal(0, 1, (2_400, 6)).astype(np.float32)
    y = x[:, 0] * x[:, 1] + x[:, 2] + 0.15 * rng.normal(0, 1, len(x)) > 0
    return _split(x, y.astype(np.int64), 800)


def _prices(*, scaled: bool) -> Data:
    """Columns of very different size; the target is positive and skewed."""
    import numpy as np

    rng = np.random.default_rng(4)
    z = rng.normal(0, 1, (3_000, 5))
    y = 40 * np.exp(0.8 * z[:, 0] - 0.5 * z[:, 1] + 0.3 * z[:, 2] * z[:, 3])
    x = z if scaled else z * RAW_DEVIATION + RAW_MEAN
    return _split(x.astype(np.float32), y.astype(np.float32)[:, None], 800)


RAW_MEAN, RAW_DEVIATION = (1990.0, 85.0, 3.0, 4.2e5, 12.0), (14.0, 30.0, 0.8, 9.0e4, 0.5)


def _waves() -> Data:
    import numpy as np

    rng = np.random.default_rng(5)
    t = np.arange(3_200)
    noise = np.convolve(rng.normal(0, 0.1, len(t)), [1, 0.5, 0.2], "same")
    wave = 20 + 3 * np.sin(t / 2.2) + 2 * np.sin(t / 5.1 + 1) + noise
    windows = np.lib.stride_tricks.sliding_window_view(wave, WINDOW + AHEAD).astype(np.float32)
    return _split(windows[:, :WINDOW, None], windows[:, WINDOW:], 800)


MAKERS: dict[str, Callable[[], Data]] = {
    "pictures": lambda: _pictures(1 / 255),
    "bytes": lambda: _pictures(1.0),
    "first_word": lambda: _words(0),
    "last_word": lambda: _words(-1),
    "two_kinds": _two_kinds,
    "two_kinds_logit": _two_kinds,
    "prices": lambda: _prices(scaled=False),
    "scaled_prices": lambda: _prices(scaled=True),
    "waves": _waves,
}


def write_hidden(folder: Path) -> None:
    """Write the hidden set of each task."""
    import numpy as np

    from exam_bank.material import HiddenSet

    for task, make in MAKERS.items():
        data = make()
        baseline = 1.0
        if TASKS[task].scheme.metric == "relative_mae":
            baseline = float(np.abs(data.hidden_y - np.median(data.hidden_y)).mean())
        HiddenSet(data.hidden_x, data.hidden_y, data.scale, baseline).write(folder / task)


if __name__ == "__main__":
    from engine.grading.host.environment import environment

    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        os.execve(  # with the settings of a grading child
            sys.executable,
            [sys.executable, "-m", "tests.engine.mistaken_models", *sys.argv[1:]],
            environment(os.environ, "cpu"),
        )
    from tests.engine.mistaken_training import make

    make(Path(sys.argv[1]), sys.argv[2:])
