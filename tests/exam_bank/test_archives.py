"""Archives that a person adds: what they ask for is bounded, and a refusal says the true reason."""

import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from exam_bank.datasets import archives, compression, tar_headers
from exam_bank.datasets.archives import is_archive, members
from exam_bank.errors import DataError

ROOT = Path(__file__).parents[2]
HEAD = 512
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "tar": bytes,
    "tar.gz": gzip.compress,
    "tar.bz2": bz2.compress,
    "tar.xz": lzma.compress,
}
HEADERS = {
    "a long name": tarfile.GNUTYPE_LONGNAME,
    "a long link": tarfile.GNUTYPE_LONGLINK,
    "extended": tarfile.XHDTYPE,
    "extended for all": tarfile.XGLTYPE,
}


def names(path: Path) -> list[str]:
    return [member.name for member in members(path)]


def a_tar(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return made.getvalue()


def header(kind: bytes, size: int) -> bytes:
    about = tarfile.TarInfo("././@LongLink")
    about.type, about.size = kind, size
    return about.tobuf(tarfile.GNU_FORMAT)


def bomb(path: Path, kind: bytes, copies: int) -> None:
    """Headers of 256 MB, packed to kilobytes."""
    zeros = bytes(4 << 20)
    size = (256 << 20) // copies
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(copies):
            file.write(header(kind, size))
            for _ in range(size // len(zeros)):
                file.write(zeros)


def added(path: Path, folder: Path, most: int = 320 << 20) -> str:
    """What `tfexam data add` says of `path`, in a process that may not have more memory."""
    code = (
        f"import resource, sys; resource.setrlimit(resource.RLIMIT_AS, ({most}, {most}));"
        "from tui.cli import main; main()"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, "--home", str(folder / "home"), "data", "add", str(path)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert found.returncode == 1, found.stderr
    assert "Traceback" not in found.stderr
    return found.stderr


@pytest.mark.parametrize("form", sorted(PACKINGS))
def test_members_come_in_their_order_however_a_tar_is_packed(tmp_path: Path, form: str) -> None:
    files = {"b/" + "long " * 60: b"1", "a": b"2" * 70_000, "c": b""}
    path = tmp_path / "any"
    path.write_bytes(PACKINGS[form](a_tar(files)))
    assert is_archive(path)
    assert {each.name: each.content.read() for each in members(path)} == files


@pytest.mark.parametrize("form", sorted(PACKINGS))
def test_a_tar_that_is_cut_off_is_called_damaged(tmp_path: Path, form: str) -> None:
    path = tmp_path / "any"
    whole = PACKINGS[form](a_tar({"a": os.urandom(70_000), "b": b"2"}))
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="is damaged"):
        names(path)


@pytest.mark.parametrize(
    ("kind", "copies"),
    [("a long name", 1), ("a long link", 64), ("extended", 1), ("extended for all", 64)],
)
def test_headers_without_end_do_not_fill_the_memory(tmp_path: Path, kind: str, copies: int) -> None:
    path = tmp_path / "some.tar.gz"
    bomb(path, HEADERS[kind], copies)
    assert "its headers or compression ask for more" in added(path, tmp_path)


@pytest.mark.parametrize(
    ("opened", "form"), [(bz2.open, "bz2"), (lzma.open, "xz")], ids=["bz2", "xz"]
)
def test_a_header_that_is_packed_as_tight_as_can_be_is_not_unpacked(
    tmp_path: Path, opened: Callable[..., io.BufferedIOBase], form: str
) -> None:
    path = tmp_path / f"some.tar.{form}"
    zeros = bytes(16 << 20)
    with opened(path, "wb") as file:
        file.write(header(tarfile.XHDTYPE, 256 << 20))
        for _ in range(16):
            file.write(zeros)
    assert path.stat().st_size < 100_000
    assert "its headers or compression ask for more" in added(path, tmp_path)


def test_what_packs_better_than_data_do_is_not_unpacked_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 GB of zeros are 3 kB of bzip2, and minutes."""
    monkeypatch.setattr(tar_headers, "_SPARE", 1 << 20)
    path = tmp_path / "some.tar.bz2"
    path.write_bytes(bz2.compress(a_tar({"zeros": bytes(4 << 20), "b": b""})))
    with pytest.raises(DataError, match="ask for more than any data set needs"):
        names(path)


def test_an_xz_that_wants_a_window_of_more_memory_is_refused(tmp_path: Path) -> None:
    """The window is asked for before the first byte: 1.5 GB, in a file of a kilobyte."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 3 << 19}]
    path = tmp_path / "some.tar.xz"
    small = bytearray(lzma.compress(a_tar({"a": b"1"}), filters=filters))
    # The header of the block: its size, flags, the filter, and one byte for the window.
    place = small.index(b"\x21\x01", 12) + 2
    small[place] = 39  # 3 GB
    end = 12 + (small[12] + 1) * 4 - 4
    small[end : end + 4] = struct.pack("<I", zlib.crc32(bytes(small[12:end])))
    path.write_bytes(small)
    assert not is_archive(path)


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_as_many_members_as_a_data_set_has_are_read(tmp_path: Path, form: str) -> None:
    """A zip of so many has its last record in 64 bits."""
    path, count = tmp_path / "some", 120_000
    if form == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            for number in range(count):
                archive.writestr(zipfile.ZipInfo(str(number)), b"")
    else:
        with tarfile.open(path, "w") as tar:
            for number in range(count):
                tar.addfile(tarfile.TarInfo(str(number)))
    assert sum(1 for _ in members(path)) == count


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_too_many_members_are_called_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(compression, "MOST_MEMBERS", 3)
    monkeypatch.setattr(archives, "MOST_MEMBERS", 3)
    path = tmp_path / "some"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(4):
            archive.writestr(str(number), b"")
    if form == "tar":
        path.write_bytes(a_tar({str(number): b"" for number in range(4)}))
    with pytest.raises(DataError, match="it has more than 3 members"):
        names(path)


@pytest.mark.parametrize("size", [33 << 20, 0xFFFFFFFF])
def test_a_zip_whose_list_is_longer_than_any_is_not_read(tmp_path: Path, size: int) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"")
    content = bytearray(path.read_bytes())
    content[-10:-6] = struct.pack("<I", size)
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"more than .* members"):
        names(path)


def test_a_zip_whose_record_of_64_bits_lies_elsewhere_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"")
    content = path.read_bytes()
    far = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, 4 << 30, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    path.write_bytes(far + content[:-22] + bytes(56) + locator + content[-22:])
    with pytest.raises(DataError, match="is damaged"):
        names(path)


@pytest.mark.parametrize("form", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_of_what_unpacks_to_any_length_at_once_is_refused(tmp_path: Path, form: int) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w", form) as archive, archive.open("zeros", "w") as member:
        for _ in range(16):
            member.write(bytes(16 << 20))
    assert "compressed in a way that no data set is" in added(path, tmp_path)
