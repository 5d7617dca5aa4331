"""The program that grades thousands of damaged files, with a few; README has the figures."""

from pathlib import Path

import pytest

from tests.engine import fake_child
from tests.hostile import mutate
from tests.hostile.long_child import LongChild
from tests.hostile.mutations import MUTATIONS, mutated


def test_a_file_depends_on_its_seed_and_number_alone() -> None:
    sources = [bytes(range(256)) * 40, bytes(10_000)]
    numbers = range(len(sources) * len(MUTATIONS))
    files = [mutated(sources, 1, number) for number in numbers]

    assert files == [mutated(sources, 1, number) for number in numbers]
    assert files != [mutated(sources, 2, number) for number in numbers]


@pytest.mark.parametrize(
    ("how", "what", "faults"),
    [
        ("grades", "graded", []),
        ("segfault", "crashed", []),
        ("bad_alloc", "outofmemory", []),
        ("hangs", "hung", ["hung"]),
        ("killed", "fault of ours", ["ended from outside"]),
    ],
)
def test_every_end_of_a_child_is_counted_and_another_takes_its_place(
    how: str, what: str, faults: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutate, "SECONDS_PER_FILE", 5.0 if how != "hangs" else 0.3)
    (tmp_path / "tray").mkdir()
    job = fake_child.a_job(fake_child.whole_hdf5(tmp_path / "tray" / "mymodel.h5"), tmp_path)
    outcome = mutate.Outcome()
    log = tmp_path / "log"
    with LongChild(tmp_path / "tray", log, command=fake_child.command(how)) as child:
        assert mutate.what_happens(child, job, outcome) == what
        if what != "graded":  # the fake takes one job only, and an answer leaves it in place
            assert mutate.what_happens(child, job, outcome) == what
            assert len(list(tmp_path.glob("pid-*"))) == 2
    expected = 2 * faults
    assert [part in said for part, said in zip(expected, outcome.faults, strict=True)] == [
        True for _ in expected
    ]


@pytest.mark.slow
def test_damaged_files_take_down_nothing_but_a_child(tmp_path: Path) -> None:
    outcome = mutate.run(tmp_path, range(150), seed=3)

    assert not outcome.faults
    assert outcome.counts.total() == 150
    assert outcome.counts["rejected"] > outcome.counts["graded"] > 0
