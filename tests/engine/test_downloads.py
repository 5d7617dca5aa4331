"""Models among the downloads: which are found, and whose contract they fit."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.grading.host.contract_fit import fitting
from engine.sitting.intake.downloads import Downloads
from exam_bank.task import Task
from tests.engine.sittings import model
from tests.hostile.models import dense, input_layer, layer, sequential, write_model

TASKS = Path(__file__).parents[2] / "exam_bank" / "tasks"


@pytest.fixture
def downloads(tmp_path: Path) -> Downloads:
    (tmp_path / "mymodel (1).h5").write_bytes(model("old"))
    return Downloads(tmp_path, ("mymodel.h5",))


def test_a_model_that_arrives_is_found_once_when_it_stands_still(
    downloads: Downloads, tmp_path: Path
) -> None:
    assert downloads.arrived() == []
    new = tmp_path / "mymodel (2).h5"
    new.write_bytes(model("new")[:200])
    assert downloads.arrived() == downloads.arrived() == []  # it is not whole
    new.write_bytes(model("new"))
    assert downloads.arrived() == []  # it may still change
    assert downloads.arrived() == [new]
    assert downloads.arrived() == []
    new.write_bytes(model("another one"))
    os.utime(new, (2e9, 2e9))
    assert [downloads.arrived(), downloads.arrived()] == [[], [new]]
    assert downloads.arrived() == []


def test_the_name_itself_is_found_and_what_is_no_model_is_not(
    downloads: Downloads, tmp_path: Path
) -> None:
    for name in ("mymodel.h5", "photo.jpg", "mymodel.h5.crdownload", "holiday.h5", "mymodel.keras"):
        (tmp_path / name).write_bytes(model(name))
    downloads.arrived()
    assert [each.name for each in downloads.arrived()] == ["mymodel.h5"]


def test_a_folder_that_is_not_there_is_no_fault(tmp_path: Path) -> None:
    downloads = Downloads(tmp_path / "none", ("mymodel.h5",))
    assert downloads.arrived() == []
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "mymodel.h5").write_bytes(model())
    assert len(downloads.arrived() + downloads.arrived()) == 1


async def test_a_sandboxed_process_says_whose_contract_it_fits(tmp_path: Path) -> None:
    tasks = {name: Task.read(TASKS / name) for name in ("garments", "flats", "mnist")}
    pictures = sequential(input_layer(28, 28), layer("Flatten"), dense(10, "softmax"))
    weights = {"all": {"kernel:0": np.zeros(8_000, "float32")}}
    path = write_model(tmp_path / "mymodel (1).h5", pictures, weights)
    assert await fitting(path, tasks, tmp_path / "logs", h5_only=True) == ("garments", "mnist")
    path.write_text("This is no model.")
    assert await fitting(path, tasks, tmp_path / "logs", h5_only=True) == ()
    assert await fitting(tmp_path / "none.h5", tasks, tmp_path / "logs", h5_only=True) == ()
    assert not list((tmp_path / "logs").iterdir())
