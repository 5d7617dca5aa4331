"""Whether a hidden set is large enough that full marks are not a matter of luck.

A share of right answers over n examples varies from draw to draw. A model that is truly
one percentage point better than the threshold for 5/5 must reach it nearly always; how
often it does is an exact binomial sum. Balanced accuracy weighs all classes equally, so
there n is that of a set with equal classes and the same spread.
"""

import math
from typing import TYPE_CHECKING

from exam_bank.task import Level, MarkScheme

if TYPE_CHECKING:
    from exam_bank.material import Array

BETTER = 0.01
WANTED = 0.95
DIGITS = 4
"""Of a chance, as proofs keep it."""
_SHARES = ("accuracy", "balanced_accuracy")


def examples(targets: "Array", scheme: MarkScheme) -> int | None:
    """How many independent answers the metric averages; None if it is not a share of answers."""
    if scheme.metric not in _SHARES or not targets.size:
        return None
    if scheme.metric == "accuracy":
        return int(targets.size)
    import numpy as np

    _, counts = np.unique(targets, return_counts=True)
    return round(len(counts) ** 2 / float((1 / counts).sum()))


def better(scheme: MarkScheme, level: Level | None) -> float:
    """How much better than the threshold for 5/5 a model is that must reach it nearly always.

    On classic, whose steps are wide, half a step if that is more than `BETTER`.
    """
    step = scheme.thresholds[-1] - scheme.thresholds[-2]
    return max(BETTER, step / 2) if level == "classic" else BETTER


def chance(count: int, scheme: MarkScheme, better: float = BETTER) -> float:
    """How often a model `better` than the threshold for 5/5 reaches it on `count` examples."""
    full = scheme.thresholds[-1]
    skill = min(1.0, full + better)
    # 0.9 * 1000 is a little above 900 in binary.
    fewest = math.ceil(full * count - 1e-9)
    return min(1.0, math.fsum(_binomial(k, count, skill) for k in range(fewest, count + 1)))


def is_enough(chance: float, scheme: MarkScheme) -> bool:
    """Whether this chance of full marks is high enough; a coarse scheme admits that it isn't."""
    return scheme.coarse or chance >= WANTED


def _binomial(k: int, n: int, p: float) -> float:
    if p == 1.0:
        return float(k == n)
    ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
    return math.exp(ways + k * math.log(p) + (n - k) * math.log1p(-p))
