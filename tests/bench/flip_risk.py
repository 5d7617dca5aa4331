"""Flip risk against brute force: draws taken as the exam takes them, each marked again.

For each task a made-up model lies on the threshold of 5/5, where luck decides most. Each of
2,000 draws (`sampling.drawn`; where none is fair, half of the examples) is measured by the grader's
own `metrics.measure`. Nothing is trained. Run with `python -m tests.bench.flip_risk [TASK…]`.
"""

import sys
from typing import NamedTuple

import numpy as np

from engine.grading import metrics
from engine.grading.evidence import FlipRisk
from engine.grading.protocol import Draw
from engine.grading.sampling import drawn, quotas_of
from exam_bank.catalog import Catalog
from exam_bank.material import Array, HiddenSet
from exam_bank.preparation import make_material
from exam_bank.task import ERRORS, MarkScheme, Task
from tests.engine.evidence_cases import evidence

TASKS = ("wild-bees", "reviews", "flats", "town-load", "flour-beetles", "garden-gate")
DRAWS = 2_000


class Compared(NamedTuple):
    """The chances of each score, worked out and counted, and the largest difference."""

    risk: FlipRisk
    counted: tuple[float, ...]

    @property
    def apart(self) -> float:
        """The largest difference of two chances."""
        pairs = zip(self.risk.chances, self.counted, strict=True)
        return max(abs(one - other) for one, other in pairs)


def compare(predictions: Array, hidden: HiddenSet, scheme: MarkScheme, activation: str) -> Compared:
    """Flip risk and brute force for one model."""
    found = evidence(predictions, hidden, scheme, activation)  # type: ignore[arg-type]
    assert found.flip_risk is not None
    return Compared(found.flip_risk, brute_force(predictions, hidden, scheme, activation))


def brute_force(
    predictions: Array, hidden: HiddenSet, scheme: MarkScheme, activation: str
) -> tuple[float, ...]:
    """The share of draws that give each score."""
    from tests.engine.evidence_cases import contract

    agreed = contract((1,), predictions.shape[1:], activation)  # type: ignore[arg-type]
    numbered = HiddenSet(np.arange(len(hidden.targets)), hidden.targets, baseline=hidden.baseline)
    scores = np.zeros(6)
    for seed in range(DRAWS):
        part = drawn(numbered, Draw(seed), scheme) or _half(numbered, scheme, seed)
        scores[metrics.measure(predictions[part.inputs], part, scheme, agreed)[1]] += 1
    return tuple(float(each) for each in scores / DRAWS)


def _half(numbered: HiddenSet, scheme: MarkScheme, seed: int) -> HiddenSet:
    """Half of the examples; of classes, each in proportion."""
    rng, targets = np.random.default_rng(seed), np.asarray(numbered.targets)
    size = len(targets) // 2
    rows = rng.permutation(len(targets))[:size]
    if scheme.metric not in ERRORS and targets.ndim == 1:
        classes, counts = np.unique(targets, return_counts=True)
        rows = np.concatenate(
            [
                rng.permutation(np.flatnonzero(targets == each))[:quota]
                for each, quota in zip(classes, quotas_of(counts, size), strict=True)
            ]
        )
    return HiddenSet(rows, targets[rows], baseline=numbered.baseline)


def near_full(task: Task, hidden: HiddenSet) -> Array:
    """Predictions of a made-up model whose metric lies on the threshold of 5/5."""
    rng, targets = np.random.default_rng(5), np.asarray(hidden.targets)
    shape = (len(targets), *map(int, task.says.contract.output.shape))
    scheme = task.says.mark_scheme.hardest
    full = scheme.thresholds[-1]
    if scheme.metric in ERRORS:
        noise = rng.normal(size=shape) * rng.exponential(
            size=(len(targets), *(1,) * (len(shape) - 1))
        )
        wanted = full * (hidden.baseline if scheme.metric == "relative_mae" else 1.0)
        found = targets.reshape(shape) + noise * wanted / np.abs(noise).mean()
        return np.asarray(found, dtype=np.float32)
    classes = max(2, shape[-1])
    wrong = rng.permutation(len(targets))[: round((1 - full) * len(targets))]
    named = targets.astype(np.int64).copy()
    named[wrong] = (named[wrong] + 1) % classes
    one: Array = np.eye(classes, dtype=np.float32)[named]
    return one if shape[-1] > 1 else one[:, 1:]


def main(names: list[str]) -> None:
    """Print a line for each task."""
    print(
        f"{'task':16} {'metric':>9} {'draw':>12}   chances of 0 to 5, worked out | counted | apart"
    )
    for task in Catalog.find().tasks:
        if task.id in (names or TASKS):
            hidden = make_material(task.folder, 1).hidden
            scheme = task.says.mark_scheme.hardest
            activation = task.says.contract.output.activation
            found = compare(near_full(task, hidden), hidden, scheme, activation)
            print(_line(task.id, scheme, found), flush=True)


def _line(name: str, scheme: MarkScheme, found: Compared) -> str:
    size = f"{found.risk.size} of {found.risk.of}"
    both = (
        " ".join(f"{100 * each:5.1f}" for each in side)
        for side in (found.risk.chances, found.counted)
    )
    return f"{name:16} {scheme.metric[:9]:>9} {size:>12}   {' | '.join(both)} | {found.apart:.2%}"


if __name__ == "__main__":
    main(sys.argv[1:])
