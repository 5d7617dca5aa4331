"""Inspection's work is bounded by the file: counted, because clocks tell nothing in a test."""

from contextlib import suppress
from pathlib import Path
from typing import ClassVar

import h5py
import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.inspection.hdf5 import file_bytes
from engine.grading.inspection.hdf5.file_bytes import FileParts
from engine.grading.inspection.hdf5.structure import read_structure
from engine.grading.inspection.hdf5.walk import ATTRIBUTE_STEPS, Walk
from engine.grading.inspection.model_file import look
from tests.hostile.layouts import LABORIOUS
from tests.hostile.models import line_model
from tests.hostile.registry import Maker

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras_versions"
HONEST = sorted(FIXTURES.glob("*/*.h5"))


class CountedParts(FileParts):
    """Counts the bytes that are read."""

    made: ClassVar[list["CountedParts"]] = []
    read_bytes = 0

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.made.append(self)

    def read(self, at: int, length: int, part: str) -> bytes:
        self.read_bytes += length
        return super().read(at, length, part)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[CountedParts]:
    monkeypatch.setattr("engine.grading.inspection.hdf5.structure.FileParts", CountedParts)
    CountedParts.made = []
    return CountedParts


@pytest.mark.parametrize("make", LABORIOUS, ids=lambda make: make.__name__)
def test_a_file_makes_no_more_work_than_it_has_bytes(
    make: Maker, tmp_path: Path, counted: type[CountedParts]
) -> None:
    path = make(tmp_path)
    size = path.stat().st_size

    with suppress(SubmissionRejected):
        read_structure(path, size)

    (parts,) = counted.made
    assert parts.steps <= min(size, file_bytes.MAX_STEPS + 70_000)
    # Texts are read where they lie a second time.
    assert parts.read_bytes <= 2 * size


def test_heaps_that_nothing_points_to_are_not_walked(tmp_path: Path) -> None:
    from tests.hostile.layouts import heaps_within_heaps

    plain, heaps = line_model(tmp_path / "plain.h5"), heaps_within_heaps(tmp_path)

    assert steps(heaps) == steps(plain) < 200


def steps(path: Path) -> int:
    with path.open("rb") as file:
        parts = FileParts(file, path.stat().st_size)
        Walk(parts).run()
    return parts.steps


def test_attributes_cost_what_they_are_and_no_more(tmp_path: Path) -> None:
    def with_attributes(count: int) -> int:
        path = line_model(tmp_path / f"{count}.h5")
        with h5py.File(path, "r+") as file:
            for number in range(count):
                file["model_weights"].attrs[f"a{number}"] = np.int8(0)
        return steps(path)

    hundred, more = with_attributes(100), with_attributes(1_000)

    assert more - hundred < 900 * (ATTRIBUTE_STEPS + 3)


@pytest.mark.parametrize("path", HONEST, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_honest_file_is_read_as_hdf5_reads_it_and_far_from_the_bounds(path: Path) -> None:
    found = read_structure(path, path.stat().st_size)

    assert (found.shapes, found.groups, found.texts) == by_hdf5(path)
    assert steps(path) < file_bytes.MAX_STEPS / 10


def test_inspection_takes_no_lock_from_a_training_that_saves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = line_model(tmp_path / "mymodel.h5")
    saves: list[str] = []

    class Saving(FileParts):
        def read(self, at: int, length: int, part: str) -> bytes:
            with h5py.File(path, "r+") as file:
                saves.append(file.mode)
            return super().read(at, length, part)

    monkeypatch.setattr("engine.grading.inspection.hdf5.structure.FileParts", Saving)
    with h5py.File(path, "r+"):
        assert look(path).output_shape == (None, 1)

    assert len(saves) > 10


def by_hdf5(path: Path) -> tuple[dict[str, tuple[int, ...]], set[str], dict[str, str]]:
    """Shapes, groups and texts of `path` as h5py has them."""
    shapes: dict[str, tuple[int, ...]] = {}
    groups = {"/"}

    def visit(name: str, thing: h5py.Group | h5py.Dataset) -> None:
        if isinstance(thing, h5py.Group):
            groups.add(f"/{name}")
        else:
            shapes[f"/{name}"] = thing.shape

    with h5py.File(path) as file:
        file.visititems(visit)
        names = ("model_config", "keras_version", "backend")
        values = {name: file.attrs[name] for name in names if name in file.attrs}
    return shapes, groups, {name: _text(value) for name, value in values.items()}


def _text(value: str | bytes) -> str:
    raw = value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "replace")
