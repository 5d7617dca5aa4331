"""The data sets that this machine has, for tests that need the real ones.

They are looked for where the app would, and in `../shared/data` of a founder's checkout.
A test that finds none is skipped: nothing is ever fetched.
"""

import functools
import os
from pathlib import Path

import pytest

from engine.settings import Settings
from exam_bank.catalog import Catalog
from exam_bank.datasets import LocalDataset
from exam_bank.datasets.store import Inventory
from exam_bank.errors import DataError
from exam_bank.task import Task

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TFEXAM_SHARED", ROOT.parent / "shared")) / "data"


@functools.cache
def inventory() -> Inventory:
    return Settings.load().data_store(Catalog.find().registry, SHARED).look()


def dataset_of(task: Task) -> LocalDataset | None:
    """What the task's `make` needs; skips the test when that is not here."""
    try:
        return inventory().of_source(task.says.source)
    except DataError as error:
        pytest.skip(str(error))
