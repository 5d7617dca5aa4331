import numpy as np
import pytest

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import Source
from exam_bank.synthetic.spring import Cave, spring_flow

TRAIN, HIDDEN = 120, 40


def flow(seed: int, hidden_days: int = HIDDEN) -> Floats:
    return spring_flow(Cave.draw(Rng(seed, "cave")), Source(seed, "t", TRAIN, hidden_days))


def waits(hours: Floats) -> Floats:
    """Hours from the beginning of each outburst to that of the next."""
    running = hours > 12
    return np.diff(np.flatnonzero(running[1:] & ~running[:-1]))


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert flow(1).tobytes() == flow(1).tobytes()
    assert flow(1).tobytes() != flow(2).tobytes()


@pytest.mark.parametrize("seed", range(4))
def test_outbursts_come_again_and_again_and_never_on_time(seed: int) -> None:
    hours = flow(seed)
    assert hours.shape == ((TRAIN + HIDDEN) * 24,)
    assert hours.min() >= 0
    between = waits(hours)
    assert between.min() >= 10
    assert between.max() <= 60
    assert np.percentile(between, 90) > 1.3 * np.percentile(between, 10)


def test_what_flows_in_flows_out() -> None:
    cave = Cave.draw(Rng(3, "cave"))
    out = cave.flows(np.full(24 * 200, 9.0), 0.5 * cave.volume)
    assert out.mean() == pytest.approx(9.0, abs=0.3)


def test_the_more_water_comes_the_shorter_the_wait() -> None:
    cave = Cave.draw(Rng(4, "cave"))
    dry, wet = (waits(cave.flows(np.full(24 * 60, flow), 0.0)) for flow in (7.0, 14.0))
    assert wet.max() < dry.min()


def test_the_leak_tells_how_full_the_cave_is() -> None:
    cave = Cave.draw(Rng(5, "cave"))
    hours = cave.flows(np.full(24, 6.0), 0.2 * cave.volume)[:12]
    assert (np.diff(hours) > 0).all()


def test_the_part_before_the_split_does_not_know_how_long_the_rest_is() -> None:
    # All but the last day, over which the inflow glides to the first hidden one.
    before = (TRAIN - 1) * 24
    assert (flow(6)[:before] == flow(6, hidden_days=7)[:before]).all()
