"""The superblock as HDF5 itself writes it, and what is no whole one."""

from pathlib import Path

import h5py
import pytest

from engine.grading.inspection import superblock


@pytest.mark.parametrize(("layout", "versions"), [("earliest", {0}), ("v110", {2, 3})])
def test_the_end_is_that_of_the_file(tmp_path: Path, layout: str, versions: set[int]) -> None:
    path = tmp_path / "model.h5"
    with h5py.File(path, "w", libver=(layout, "latest")) as file:
        file["weights"] = range(100)
    found = superblock.read(path.read_bytes()[: superblock.LENGTH])
    assert found is not None
    assert found.version in versions
    assert (found.base, found.end, found.is_open) == (0, path.stat().st_size, False)


def test_version_1_has_its_addresses_four_bytes_later() -> None:
    head = bytearray(superblock.SIGNATURE.ljust(superblock.LENGTH, b"\0"))
    head[8], head[13], head[44] = 1, 8, 200
    assert superblock.read(bytes(head)) == superblock.Superblock(1, 0, 200, False)


def test_a_program_that_writes_is_told_of_by_version_3_alone() -> None:
    head = bytearray(superblock.SIGNATURE.ljust(superblock.LENGTH, b"\0"))
    head[8], head[9], head[11] = 3, 8, 0b100
    assert superblock.read(bytes(head)) == superblock.Superblock(3, 0, 0, True)
    head[8], head[13] = 0, 8
    assert superblock.read(bytes(head)) == superblock.Superblock(0, 0, 0, False)


@pytest.mark.parametrize(("version", "size"), [(9, 8), (0, 4)])
def test_what_is_not_known_has_no_end(version: int, size: int) -> None:
    head = bytearray(superblock.SIGNATURE.ljust(superblock.LENGTH, b"\0"))
    head[8], head[13] = version, size
    assert superblock.read(bytes(head)) == superblock.Superblock(version, None, None, False)


def test_half_a_superblock_is_none() -> None:
    assert superblock.read(superblock.SIGNATURE.ljust(superblock.LENGTH - 1, b"\0")) is None
