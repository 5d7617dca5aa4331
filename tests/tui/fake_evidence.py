"""Evidence of made-up models of each kind of task, and a sitting's file for it."""

from collections.abc import Callable

import numpy as np

from engine.grading.evidence import Evidence
from engine.sitting.store.evidence_files import evidence_file
from exam_bank.material import HiddenSet
from exam_bank.synthetic import garments
from exam_bank.synthetic.rng import Rng
from exam_bank.task import MarkScheme
from tests.engine.evidence_cases import evidence, guesses
from tests.tui.scene import Scene

WORDS = (
    "", "<OOV>", "the", "parcel", "came", "late", "and", "was", "broken", "but", "staff", "very",
    "kind", "would", "buy", "again", "never", "not", "bad", "at", "all", "cheap", "colour", "fades",
)  # fmt: skip
_ACCURACY = MarkScheme(
    metric="accuracy", direction="higher", thresholds=(0.6, 0.68, 0.76, 0.82, 0.86)
)
_ERROR = MarkScheme(metric="mae", direction="lower", thresholds=(4.0, 3.0, 2.2, 1.6, 1.2))


def pictures() -> Evidence:
    """Ten classes of garments, some of them mixed up."""
    images, labels = garments.pictures(Rng(1, "drawn evidence"), 60)
    targets = labels.astype(np.int64)
    said = guesses(targets, 0.86, 10, seed=4)
    mixed = (targets == 2) & (np.arange(len(targets)) % 3 == 0)
    said[mixed] = np.eye(10, dtype=np.float32)[4] * 0.9 + 0.01
    return evidence(said, HiddenSet(images, targets, 1 / 255), _ACCURACY, "softmax")


def texts() -> Evidence:
    """Reviews in ids of `WORDS`, praise or not."""
    rng = np.random.default_rng(3)
    ids = rng.integers(2, len(WORDS), (400, 40)).astype(np.int32)
    ids[:, 20:] *= rng.random((400, 1)) < 0.5
    ids[::7, 3] = 1
    targets = rng.integers(0, 2, 400)
    said = guesses(targets, 0.7, 2, seed=5)[:, 1:]
    return evidence(said, HiddenSet(ids, targets), _ACCURACY, "sigmoid", dtype="int32")


def table() -> Evidence:
    """Values that are too high where they are large."""
    rng = np.random.default_rng(6)
    inputs = rng.normal(size=(800, 5)).astype(np.float32)
    targets = (20 + 6 * inputs[:, 0] + 2 * inputs[:, 1]).astype(np.float32)
    said = targets * 1.1 + rng.normal(size=800) * (1 + (inputs[:, 2] > 0.5))
    return evidence(said.astype(np.float32)[:, None], HiddenSet(inputs, targets[:, None]), _ERROR)


def series() -> Evidence:
    """Forecasts of a wave that come a step late."""
    rng = np.random.default_rng(7)
    long = 20 + 6 * np.sin(np.arange(460) / 3.8) + rng.normal(size=460) * 0.4
    rows = np.arange(400)[:, None]
    past, wanted = long[rows + np.arange(36)], long[rows + 36 + np.arange(24)]
    late = np.concatenate([past[:, -1:], wanted[:, :-1]], axis=1)
    said = late + rng.normal(size=wanted.shape) * np.linspace(0.2, 1.2, 24)
    hidden = HiddenSet(past[..., None].astype(np.float32), wanted.astype(np.float32))
    return evidence(said.astype(np.float32), hidden, _ERROR)


KINDS: dict[str, Callable[[], Evidence]] = {
    "pictures": pictures,
    "texts": texts,
    "table": table,
    "series": series,
}


def keep_evidence(scene: Scene, task: str, found: Evidence) -> None:
    """Write `found` where the sitting keeps evidence for the best model of `task`."""
    winner = scene.sitting.winner(task)
    assert winner is not None
    found.write(evidence_file(scene.folder, winner.sha256, task))
    words = scene.workspace(task) / "data" / "vocabulary.txt"
    words.parent.mkdir(exist_ok=True)
    words.write_text("\n".join(WORDS) + "\n")
