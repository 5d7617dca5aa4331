"""Inspection's work is bounded by the file: counted, because clocks tell nothing in a test."""

import tracemalloc
from contextlib import suppress
from pathlib import Path

import h5py
import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.hdf5 import bounded_file
from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.structure import read_open, read_structure
from engine.grading.inspection.model_file import look
from tests.hostile.layouts import LABORIOUS
from tests.hostile.models import line_model
from tests.hostile.registry import Maker

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras_versions"
HONEST = sorted(FIXTURES.glob("*/*.h5"))


@pytest.mark.parametrize("make", LABORIOUS, ids=lambda make: make.__name__)
def test_a_file_makes_no_more_work_and_takes_no_more_room_than_is_allowed(
    make: Maker, tmp_path: Path
) -> None:
    path = make(tmp_path)
    tracemalloc.start()
    try:
        taken = steps(path)
        room = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert taken <= bounded_file.MAX_STEPS + 100_000
    assert room < 100e6 + 10 * path.stat().st_size


def test_heaps_that_nothing_points_to_are_not_walked(tmp_path: Path) -> None:
    from tests.hostile.layouts import heaps_within_heaps

    plain, heaps = line_model(tmp_path / "plain.h5"), heaps_within_heaps(tmp_path)

    assert steps(heaps) == steps(plain) < 600


def steps(path: Path) -> int:
    with path.open("rb") as content, suppress(SubmissionRejected):
        file = BoundedFile(content, path.stat().st_size)
        read_open(file)
    return file.steps


def test_attributes_cost_what_they_are_and_no_more(tmp_path: Path) -> None:
    def with_attributes(count: int) -> int:
        path = line_model(tmp_path / f"{count}.h5")
        with h5py.File(path, "r+") as file:
            for number in range(count):
                file["model_weights"].attrs[f"a{number}"] = np.int8(0)
        return steps(path)

    hundred, more = with_attributes(100), with_attributes(1_000)

    assert more - hundred < 900 * 9


@pytest.mark.parametrize("path", HONEST, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_honest_file_is_read_as_hdf5_reads_it_and_far_from_the_bounds(path: Path) -> None:
    found = read_structure(path, path.stat().st_size)

    assert (found.shapes, found.groups, found.texts) == by_hdf5(path)
    assert steps(path) < bounded_file.MAX_STEPS / 10


def test_inspection_takes_no_lock_from_a_training_that_saves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = line_model(tmp_path / "mymodel.h5")
    saves: list[str] = []

    class Saving(BoundedFile):
        def read(self, length: int) -> bytes:
            with h5py.File(path, "r+") as file:
                saves.append(file.mode)
            return super().read(length)

    monkeypatch.setattr("engine.grading.inspection.hdf5.structure.BoundedFile", Saving)
    with h5py.File(path, "r+"):
        assert look(path).output_shape == (None, 1)

    assert len(saves) > 10


def by_hdf5(path: Path | h5py.File) -> tuple[dict[str, tuple[int, ...]], set[str], dict[str, str]]:
    """Shapes, groups and texts of `path` as h5py has them."""
    shapes: dict[str, tuple[int, ...]] = {}
    groups = {"/"}

    def visit(name: str, thing: h5py.Group | h5py.Dataset) -> None:
        if isinstance(thing, h5py.Group):
            groups.add(f"/{name}")
        else:
            shapes[f"/{name}"] = thing.shape

    with path if isinstance(path, h5py.File) else h5py.File(path) as file:
        file.visititems(visit)
        names = ("model_config", "keras_version", "backend")
        values = {name: file.attrs[name] for name in names if name in file.attrs}
    return shapes, groups, {name: _text(value) for name, value in values.items()}


def _text(value: str | bytes) -> str:
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "replace")
