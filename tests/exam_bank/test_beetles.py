import numpy as np
import pytest

from exam_bank.synthetic.beetles import Strain, jars
from exam_bank.synthetic.rng import Floats, Rng


def counts(seed: int, n: int = 60, censuses: int = 81) -> tuple[Floats, Floats]:
    return jars(Strain.draw(Rng(seed, "strain")), Rng(seed, "a"), n, censuses)


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert counts(1)[0].tobytes() == counts(1)[0].tobytes()
    assert counts(1)[0].tobytes() != counts(2)[0].tobytes()


@pytest.mark.parametrize("seed", range(10))
def test_no_jar_dies_out_or_comes_to_rest(seed: int) -> None:
    seen, _ = counts(seed)
    assert seen.shape == (60, 81)
    assert (seen == np.round(seen)).all()
    assert seen.min() >= 2
    assert seen.max() < 5000
    late = seen[:, 40:]
    assert (late.std(axis=1) > 0.15 * late.mean(axis=1)).all()


def test_the_law_is_a_hump() -> None:
    strain = Strain.draw(Rng(3, "strain"))
    few, some, many = strain.expected(np.array([10.0, 150.0, 900.0]), np.full(3, 200.0), np.ones(3))
    assert some > few
    assert some > many


def test_more_food_feeds_more_beetles() -> None:
    strain = Strain.draw(Rng(4, "strain"))
    poor, rich = strain.expected(np.full(2, 200.0), np.full(2, 200.0), np.array([0.7, 1.4]))
    assert rich > 1.5 * poor


def test_a_median_is_missed_to_both_sides_alike() -> None:
    seen, medians = counts(5, n=300)
    above = (seen > medians)[:, 1:].mean()
    below = (seen < medians)[:, 1:].mean()
    assert above == pytest.approx(0.5, abs=0.02)
    assert below == pytest.approx(0.5, abs=0.02)
