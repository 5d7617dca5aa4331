"""What the grader says of saved models: graded as their makers predict, or refused for a reason.

Here each case of some versions only, a quarter of all; `python -m tests.corpus.table` does all.
"""

from pathlib import Path

import pytest

from tests.corpus import check, expected

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _runtime() -> None:
    from engine.grading.child import worker

    worker.import_tensorflow()
    worker.import_the_other_keras()


@pytest.mark.parametrize("archive", check.archives(), ids=check.version)
def test_each_model_is_graded_as_its_maker_predicts(archive: Path) -> None:
    wrong = []
    for name in check.sample()[archive]:
        found = check.graded(check.case(archive, name))
        if not expected.is_right(check.version(archive), name, found):
            wrong.append(f"{name}: {found}")
    assert wrong == []


def test_the_sample_has_every_case_and_some_of_every_version() -> None:
    sample = check.sample()
    every = {name for archive in check.archives() for name in check.names(archive)}
    assert {name for names in sample.values() for name in names} == every
    assert min(map(len, sample.values())) >= 8


def test_every_version_saved_what_is_usual() -> None:
    for archive in check.archives():
        usual = {"plain_dense.h5", "masks.h5", "recurrent_both_ways.h5"}
        assert usual <= set(check.names(archive)), archive
