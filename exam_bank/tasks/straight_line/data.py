"""The readings of one clock that drifts: a line to find and to follow beyond its points."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import Drift, csv, rounded

TASK = "straight-line"
READINGS, HIDDEN = 12, 200


def make(seed: int) -> Material:
    """Twelve readings of the first six days; hidden: 200 moments of days 8 to 15."""
    law = Drift.draw(Rng(seed, TASK, "law"))
    spread = (np.arange(READINGS) + Rng(seed, TASK, "train").uniform(0.1, 0.9, READINGS)) / READINGS
    days = rounded(6.0 * spread, 2)
    offsets = rounded(law.at(days), 2)
    later = rounded(Rng(seed, TASK, "hidden").uniform(8.0, 15.0, HIDDEN), 2)
    targets = rounded(law.at(later), 4)
    # No constant can be better than the hidden median: each has a relative MAE of 1 or more.
    baseline = float(np.mean(np.abs(targets - np.median(targets))))
    table = csv({"day": days, "offset_s": offsets}, {"day": 2, "offset_s": 2})
    return Material(
        files={"data/train.csv": table},
        hidden=HiddenSet(_column(later), _column(targets), baseline=round(baseline, 6)),
        trivial={
            "zero": np.zeros((HIDDEN, 1)),
            "mean": np.full((HIDDEN, 1), offsets.mean()),
            "last value": np.full((HIDDEN, 1), offsets[-1]),
        },
    )


def _column(values: Floats) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return values.astype(np.float32).reshape(-1, 1)
