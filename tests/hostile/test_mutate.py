"""The program that grades thousands of damaged files, with a few; README has the figures."""

from pathlib import Path

import pytest

from tests.hostile import mutate
from tests.hostile.mutations import MUTATIONS, mutated


def test_a_file_depends_on_its_seed_and_number_alone() -> None:
    sources = [bytes(range(256)) * 40, bytes(10_000)]
    numbers = range(len(sources) * len(MUTATIONS))
    files = [mutated(sources, 1, number) for number in numbers]

    assert files == [mutated(sources, 1, number) for number in numbers]
    assert files != [mutated(sources, 2, number) for number in numbers]


@pytest.mark.slow
def test_damaged_files_take_down_nothing_but_a_child(tmp_path: Path) -> None:
    outcome = mutate.run(tmp_path, range(150), seed=3)

    assert not outcome.faults
    assert outcome.counts.total() == 150
    assert outcome.counts["rejected"] > outcome.counts["graded"] > 0
