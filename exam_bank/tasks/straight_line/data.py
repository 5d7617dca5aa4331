"""The readings of one clock that drifts: a line to find and to follow a little beyond them."""

import numpy as np

from exam_bank.material import HiddenSet, Material
from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.tabular import Drift, csv, rounded

TASK = "straight-line"
READINGS, HIDDEN, SPARE = 12, 200, 20


def make(seed: int) -> Material:
    """Twelve readings of days −3 to 3; hidden: 200 other moments of days −5 to 5."""
    law = Drift.draw(Rng(seed, TASK, "law"))
    spread = (np.arange(READINGS) + Rng(seed, TASK, "train").uniform(0.1, 0.9, READINGS)) / READINGS
    days = rounded(6.0 * spread - 3.0, 2)
    offsets = rounded(law.at(days), 2)
    asked = rounded(Rng(seed, TASK, "hidden").uniform(-5.0, 5.0, HIDDEN + SPARE), 2)
    asked = asked[~np.isin(asked, days)][:HIDDEN]
    targets = rounded(law.at(asked), 4)
    # No constant can be better than the hidden median: each has a relative MAE of 1 or more.
    baseline = float(np.mean(np.abs(targets - np.median(targets))))
    table = csv({"day": days, "offset_s": offsets}, {"day": 2, "offset_s": 2})
    return Material(
        files={"data/train.csv": table},
        hidden=HiddenSet(_column(asked), _column(targets), baseline=round(baseline, 6)),
        trivial={
            "zero": np.zeros((HIDDEN, 1)),
            "mean": np.full((HIDDEN, 1), offsets.mean()),
            "last value": np.full((HIDDEN, 1), offsets[-1]),
        },
    )


def _column(values: Floats) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    return values.astype(np.float32).reshape(-1, 1)
