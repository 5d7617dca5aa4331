"""What the grader says of each saved model: graded as its maker predicts, or refused for a reason.

`python -m tests.corpus.table` prints the same as a table.
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
    for case in check.cases(archive):
        found = check.graded(case)
        wanted = expected.refusal(check.version(archive), case.name)
        if wanted is not None:
            right = found.reason == wanted
        else:
            right = (
                found.difference is not None
                and found.difference <= expected.largest_difference(case.name)
            )
        if not right:
            wrong.append(f"{case.name}: {found}")
    assert wrong == []


def test_every_version_saved_what_is_usual() -> None:
    for archive in check.archives():
        names = {case.name for case in check.cases(archive)}
        assert {"plain_dense.h5", "masks.h5", "recurrent_both_ways.h5"} <= names, archive
