from pathlib import Path

import pytest

from tests.torture.kills import table, torture


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_sitting_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    toll = torture(25, seed, tmp_path)
    assert toll.total >= 25
    assert toll.is_clean, table(toll)
