"""The program that grades thousands of damaged files, with a few; README has the figures."""

import sys
from pathlib import Path

import pytest

from tests.engine import fake_child
from tests.engine.hidden_sets import write_hidden
from tests.hostile import mutate
from tests.hostile.lint_child import LintChild
from tests.hostile.long_child import LongChild
from tests.hostile.models import line_model
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
        ("segfault_inspecting", "crashed", ["while inspecting"]),
        ("bad_alloc", "outofmemory", []),
        ("hangs", "hung", ["hung"]),
        ("killed", "fault of ours", ["outside tfexam ended"]),
    ],
)
def test_every_end_of_a_child_is_counted_and_another_takes_its_place(
    how: str, what: str, faults: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutate, "SECONDS_PER_FILE", 5.0 if how != "hangs" else 0.3)
    (tmp_path / "job_files").mkdir()
    model = fake_child.whole_hdf5(tmp_path / "job_files" / "mymodel.h5")
    job = fake_child.a_job(model, write_hidden(tmp_path / "hidden"))
    outcome = mutate.Outcome()
    log = tmp_path / "log"
    with LongChild(tmp_path / "job_files", log, command=fake_child.command(how)) as child:
        assert mutate.what_happens(child, job, outcome) == what
        if what != "graded":  # the fake takes one job only, and an answer leaves it in place
            assert mutate.what_happens(child, job, outcome) == what
            assert len(list(tmp_path.glob("pid-*"))) == 2
    expected = 2 * faults
    assert [part in said for part, said in zip(expected, outcome.faults, strict=True)] == [
        True for _ in expected
    ]


@pytest.mark.parametrize(
    ("script", "fault"),
    [
        ("print('[\"damaged\", 0.1]', flush=True)", None),
        ("print('[\"\", 2.5]', flush=True)", "lint took 2.5 s"),
        ("import os; os.abort()", "lint died (-6)"),
    ],
)
def test_lint_may_neither_die_nor_take_long(script: str, fault: str | None, tmp_path: Path) -> None:
    outcome = mutate.Outcome()

    with LintChild((sys.executable, "-c", f"input(); {script}")) as lint:
        outcome.note_lint(lint, tmp_path / "mymodel.h5")

    assert outcome.faults == ([fault] if fault else [])


def test_lint_goes_on_after_a_death(tmp_path: Path) -> None:
    with LintChild() as lint:
        lint.look(line_model(tmp_path / "mymodel.h5"))
        lint.close()

        assert lint.look(line_model(tmp_path / "mymodel.h5")).reason == ""


@pytest.mark.slow
def test_damaged_files_take_down_nothing_but_a_child(tmp_path: Path) -> None:
    outcome = mutate.run(tmp_path, range(150), seed=3)

    assert not outcome.faults
    assert outcome.counts.total() == 150
    assert outcome.counts["rejected"] > outcome.counts["graded"] > 0
