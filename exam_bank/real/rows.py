"""Which rows of a small table are withheld: drawn by the seed, copies never on both sides."""

import numpy as np

from exam_bank.real.near import distinct, near
from exam_bank.synthetic.rng import Floats, Ints, Rng


def withhold(
    features: Floats, classes: Ints, count: int, rng: Rng, *, within: float
) -> tuple[Ints, Ints]:
    """Places of the rows to train with and of `count` hidden ones a class, in drawn orders.

    Columns count by their spread. Hidden rows differ from each other by more than `within`,
    and a row that comes `within` of a hidden one is in neither part.
    """
    spread = features.std(axis=0)
    scaled = (features - features.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    order = rng.permutation(len(features))
    apart = order[distinct(scaled[order], within)]
    chosen = [apart[classes[apart] == label][:count] for label in np.unique(classes)]
    hidden = apart[np.isin(apart, np.concatenate(chosen))]
    rest = order[~np.isin(order, hidden)]
    return rest[~near(scaled[rest], scaled[hidden], within)], hidden
