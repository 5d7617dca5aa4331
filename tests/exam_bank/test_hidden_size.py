import numpy as np
import pytest

from exam_bank.proof.hidden_size import chance, examples, is_enough
from exam_bank.task import MarkScheme, MetricName


def scheme(full: float, metric: MetricName = "accuracy", *, coarse: bool = False) -> MarkScheme:
    steps = (full - 0.4, full - 0.3, full - 0.2, full - 0.1, full)
    return MarkScheme(metric=metric, direction="higher", thresholds=steps, coarse=coarse)


# The smallest sizes from which on it holds for good, counted apart from this code.
@pytest.mark.parametrize(
    ("full", "enough"),
    [(0.70, 5_674), (0.80, 4_255), (0.85, 3_374), (0.90, 2_340), (0.95, 1_160), (0.98, 350)],
)
def test_the_smallest_sizes_that_will_do(full: float, enough: int) -> None:
    said = scheme(full)
    assert all(is_enough(chance(n, said), said) for n in range(enough, enough + 200))
    assert not is_enough(chance(enough - 1, said), said)


def test_the_chance_is_the_exact_sum() -> None:
    # 3 or 4 of 4 right, each with 0.76: 4 * .76^3 * .24 + .76^4
    assert chance(4, scheme(0.75)) == pytest.approx(4 * 0.76**3 * 0.24 + 0.76**4)
    assert chance(1_000, scheme(0.995)) == 1.0


def test_a_coarse_scheme_has_said_that_it_does_not_hold() -> None:
    assert not is_enough(0.8, scheme(0.9))
    assert is_enough(0.8, scheme(0.9, coarse=True))


def test_what_counts_as_an_example() -> None:
    targets = np.array([0] * 900 + [1] * 100)
    assert examples(targets, scheme(0.9)) == 1_000
    assert examples(np.repeat([0, 1], 500), scheme(0.9, "balanced_accuracy")) == 1_000
    # The mean of two shares, over 900 and over 100: as uncertain as one over 360.
    assert examples(targets, scheme(0.9, "balanced_accuracy")) == 360
    assert examples(targets, scheme(0.9, "f1")) is None
    said = MarkScheme(metric="mae", direction="lower", thresholds=(5, 4, 3, 2, 1))
    assert examples(targets, said) is None
