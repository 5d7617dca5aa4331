"""The registry, and finding data sets on this machine by their content."""

import gzip
import hashlib
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import msgspec
import pytest

from exam_bank import safe_files
from exam_bank.datasets import LocalDataset
from exam_bank.datasets.content import Content
from exam_bank.datasets.manual_add import add
from exam_bank.datasets.recipes import auto_mpg
from exam_bank.datasets.registry import DataFile, DataSet, Registry, built_in
from exam_bank.datasets.store import KNOWN, Store
from exam_bank.errors import DataError, TaskFileError

TABLE = b"a,b\n1,2\n3,4\n"
NUMBERS = bytes(range(256)) * 40
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TFEXAM_SHARED", ROOT.parent / "shared")) / "data"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def a_set(**files: DataFile) -> DataSet:
    named = {name.replace("_", "."): file for name, file in files.items()}
    return DataSet(title="Some set", licence="CC0", citation="Somebody, 1999", files=named)


def registry(**sets: DataSet) -> Registry:
    return Registry(format_version=1, sets=sets)


SOURCES = ("https://data.example/some.csv",)
SETS = registry(
    tables=a_set(
        table_csv=DataFile(sources=SOURCES, text=True, sha256=(sha256(TABLE),)),
        old_json=DataFile(sources=SOURCES, git_blob_sha1=(git_sha1(NUMBERS[:99]),)),
    ),
    numbers=a_set(
        numbers=DataFile(
            sources=SOURCES,
            sha256=(sha256(gzip.compress(NUMBERS, mtime=1)),),
            payload_sha256=sha256(NUMBERS),
        )
    ),
    packed=a_set(
        table_zip=DataFile(sources=SOURCES, member_git_blob_sha1=(git_sha1(TABLE),)),
    ),
)


def store(tmp_path: Path, sets: Registry = SETS) -> Store:
    (tmp_path / "placed").mkdir(exist_ok=True)
    return Store(tmp_path / "cache", [tmp_path / "placed"], sets)


def place(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / "placed" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_the_built_in_registry_is_valid_and_tells_every_set_and_file_of_the_bank() -> None:
    files = {name: tuple(each.files) for name, each in built_in().sets.items()}
    idx = tuple(
        f"{part}-{kind}-ubyte"
        for part in ("train", "t10k")
        for kind in ("images-idx3", "labels-idx1")
    )
    assert files["fashion-mnist"] == files["mnist"] == idx
    assert files["beans"] == ("train.zip", "validation.zip", "test.zip")
    assert files["sunspots"] == ("Sunspots.csv",)
    assert len(files) == 18
    assert all(each.licence and each.citation and each.home for each in built_in().sets.values())


MEMBERS = ", line 8, sets.tables.files.table.csv.members: members"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("sha256 = [", "sha265 = [", ", line 8, sets.tables.files.table.csv.sha265: there is no"),
        (sha256(TABLE), "abc", "regex"),
        (f'sha256 = ["{sha256(TABLE)}"]', "", "a file needs sha256"),
        ("https://data", "ftp://data", "is no source"),
        ("https://data.example/some.csv", "pypi:a==1:a-1.tar.gz!b", "is no source"),
        ("https://data.example/some.csv", "pypi:a==1:a-1-cp311-linux.whl!b", "is no source"),
        ("https://data.example/some.csv", "npm:a==1!b|nothing", "no recipe"),
        ("sha256 = [", 'members = "("\nmembers_sha256 = "HASH"\nsha256 = [', MEMBERS),
        ("sha256 = [", 'members = "x"\nsha256 = [', f"{MEMBERS} needs members_sha256"),
        (
            "sha256 = [",
            'members_sha256 = "HASH"\nsha256 = [',
            ", line 8, sets.tables.files.table.csv.members_sha256: members_sha256 needs members",
        ),
        (
            "https://data.example/some.csv",
            "pypi:a==1:a-1-none-any.whl!b",
            "no archives.'pypi:a==1:a-1-none-any.whl'",
        ),
        ('"table.csv"', '"../table.csv"', "regex"),
    ],
)
def test_a_wrong_registry_names_the_file_and_the_fault(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    text = f"""
format_version = 1
[sets.tables]
title = "Tables"
licence = "CC0"
citation = "Somebody"
[sets.tables.files."table.csv"]
sha256 = ["{sha256(TABLE)}"]
sources = ["https://data.example/some.csv"]
"""
    path = tmp_path / "datasets.toml"
    path.write_text(text)
    assert Registry.read(path).sets["tables"].files
    assert old in text
    path.write_text(text.replace(old, new.replace("HASH", sha256(TABLE))))
    with pytest.raises(TaskFileError) as caught:
        Registry.read(path)
    assert str(path) in caught.value.message
    assert says in caught.value.message


@pytest.mark.parametrize(
    "content",
    [TABLE, TABLE.replace(b"\n", b"\r\n"), gzip.compress(TABLE), gzip.compress(TABLE, 1)],
    ids=["plain", "crlf", "gzip", "gzip again"],
)
def test_a_text_is_told_whatever_its_name_line_ends_and_packing(
    tmp_path: Path, content: bytes
) -> None:
    place(tmp_path, "Downloads/table (3).csv.txt", content)
    found = store(tmp_path).look().files("tables")
    assert list(found) == ["table.csv"]
    dataset = LocalDataset("tables", found)
    assert dataset.payload("table.csv") == TABLE
    assert dataset.path("table.csv").read_bytes() == content


def test_binary_content_with_other_line_ends_is_another_file(tmp_path: Path) -> None:
    place(tmp_path, "numbers", NUMBERS.replace(b"\n", b"\r\n"))
    assert not store(tmp_path).look().files("numbers")


def test_a_repacked_gzip_is_told_by_its_payload(tmp_path: Path) -> None:
    place(tmp_path, "n.gz", gzip.compress(NUMBERS, 1, mtime=77))
    dataset = store(tmp_path).look().dataset("numbers")
    assert dataset.payload("numbers") == NUMBERS


def test_a_file_is_told_by_its_git_name_and_a_zip_by_its_member(tmp_path: Path) -> None:
    place(tmp_path, "x", NUMBERS[:99])
    with zipfile.ZipFile(tmp_path / "placed" / "any.zip", "w") as archive:
        archive.writestr("inner/table.csv", TABLE)
    found = store(tmp_path).look()
    assert list(found.files("tables")) == ["old.json"]
    assert found.dataset("packed").path("table.zip").name == "any.zip"


def test_a_damaged_or_cut_off_file_is_none_of_ours(tmp_path: Path) -> None:
    place(tmp_path, "a.gz", gzip.compress(NUMBERS)[:-9])
    place(tmp_path, "b.zip", b"PK\x03\x04 and no more")
    place(tmp_path, "table.csv", TABLE[:-1])
    place(tmp_path, "empty", b"")
    found = store(tmp_path).look()
    assert not any(found.files(name) for name in SETS.sets)


def test_what_is_absent_is_named_with_the_way_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        store(tmp_path).look().dataset("tables")
    assert "table.csv" in caught.value.message
    assert "tfexam data fetch tables" in caught.value.fix


def test_an_unknown_data_set_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="numbers, packed, tables"):
        store(tmp_path).look().dataset("nothing")


def test_a_file_is_hashed_once_and_again_when_it_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place(tmp_path, "table.csv", TABLE)
    assert store(tmp_path).look().files("tables")
    monkeypatch.setattr("exam_bank.datasets.store.Content", None)
    assert store(tmp_path).look().files("tables")
    monkeypatch.undo()
    path.write_bytes(TABLE + b"5,6\n")
    assert not store(tmp_path).look().files("tables")


def _in_place(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"1", b"7"))


def _by_another(path: Path) -> None:
    other = path.with_name("other")
    other.write_bytes(path.read_bytes().replace(b"1", b"7"))
    other.replace(path)


@pytest.mark.parametrize("change", [_in_place, _by_another])
def test_a_file_that_keeps_its_size_and_time_is_hashed_again_when_it_changed(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    path = place(tmp_path, "table.csv", TABLE)
    assert store(tmp_path).look().files("tables")
    was = path.stat()
    change(path)
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (was.st_size, was.st_mtime_ns)
    assert not store(tmp_path).look().files("tables")


def test_what_was_added_is_not_hashed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "any").write_bytes(TABLE)
    add(tmp_path / "any", store(tmp_path))
    monkeypatch.setattr("exam_bank.datasets.store.Content", None)
    assert store(tmp_path).look().files("tables")


def test_a_file_that_grows_while_it_is_read_is_none_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log would be hashed for ever, and a copy of it would fill the disk."""
    path = place(tmp_path, "table.csv", TABLE)
    sizes: list[int] = []
    plain = safe_files.open_regular

    def growing(opened: Path) -> BinaryIO:
        file = plain(opened)
        with opened.open("ab") as more:
            more.write(bytes(safe_files.CHUNK))
        sizes.append(opened.stat().st_size)
        return file

    monkeypatch.setattr(safe_files, "open_regular", growing)
    assert not store(tmp_path).look().files("tables")
    with pytest.raises(OSError, match="grows while it is read"):
        add(path, store(tmp_path))
    assert max(sizes) < 30 * safe_files.CHUNK


def test_what_is_larger_than_any_is_not_hashed_to_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "film"
    with path.open("wb") as file:
        file.truncate((4 << 30) + 1)
    monkeypatch.setattr("exam_bank.datasets.manual_add.sha256_of", None)
    with pytest.raises(DataError, match="it holds more than 4 GB"):
        add(path, store(tmp_path))


def test_a_damaged_memory_is_made_anew(tmp_path: Path) -> None:
    place(tmp_path, "table.csv", TABLE)
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / KNOWN).write_bytes(b"{")
    assert store(tmp_path).look().files("tables")
    assert msgspec.json.decode((tmp_path / "cache" / KNOWN).read_bytes())


def test_a_file_that_changed_after_the_look_is_refused(tmp_path: Path) -> None:
    path = place(tmp_path, "numbers", NUMBERS)
    dataset = store(tmp_path).look().dataset("numbers")
    path.write_bytes(NUMBERS + b"!")
    with pytest.raises(DataError, match="changed while"):
        dataset.payload("numbers")
    path.unlink()
    with pytest.raises(DataError, match="cannot be read"):
        dataset.path("numbers")


def test_fixtures_need_no_verification(tmp_path: Path) -> None:
    place(tmp_path, "numbers.gz", gzip.compress(NUMBERS))
    dataset = LocalDataset.unverified(tmp_path / "placed")
    assert dataset.payload("numbers.gz") == NUMBERS
    with pytest.raises(DataError, match=r"it has numbers\.gz"):
        dataset.path("other")


@pytest.mark.skipif(not SHARED.is_dir(), reason="no real data here")
def test_real_files_are_told(tmp_path: Path) -> None:
    here = Store(tmp_path / "cache", [SHARED]).look()
    for name in ("auto-mpg", "sunspots", "us-diesel", "sms-spam", "sentence-polarity"):
        assert here.dataset(name).files


def test_what_cannot_be_one_of_ours_by_its_size_is_not_hashed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sized = registry(
        some=a_set(
            table_csv=DataFile(
                sources=SOURCES, bytes=len(TABLE), text=True, sha256=(sha256(TABLE),)
            ),
            numbers=DataFile(
                sources=SOURCES,
                bytes=900,
                payload_bytes=len(NUMBERS),
                sha256=(sha256(b"as published"),),
                payload_sha256=sha256(NUMBERS),
            ),
        )
    )
    looked_at: list[str] = []
    read = Content.read

    def reading(path: Path) -> Content:
        looked_at.append(path.name)
        return read(path)

    monkeypatch.setattr(Content, "read", reading)
    place(tmp_path, "film.mkv", bytes(50_000))
    place(tmp_path, "other.gz", gzip.compress(os.urandom(5_000)))
    place(tmp_path, "crlf", TABLE.replace(b"\n", b"\r\n"))
    place(tmp_path, "repacked", gzip.compress(NUMBERS, 1))
    assert set(store(tmp_path, sized).look().files("some")) == {"table.csv", "numbers"}
    assert sorted(looked_at) == ["crlf", "repacked"]


def test_the_recipe_of_auto_mpg_writes_seaborns_table() -> None:
    cars = b"8,307.0,130.0,3504.0,12.0,70,1,chevrolet chevelle malibu,18.0\n"
    made = auto_mpg(gzip.compress(cars * 392)).decode().splitlines()
    assert len(made) == 399
    assert made[1] == "18.0,8,307.0,130.0,3504,12.0,70,usa,chevrolet chevelle malibu"
    assert sum(",," in line for line in made) == 6


@pytest.mark.skipif(os.name == "nt", reason="POSIX names and pipes")
def test_a_folder_may_hold_pipes_loops_and_names_that_are_no_text(tmp_path: Path) -> None:
    place(tmp_path, "table.csv", TABLE)
    folder = tmp_path / "placed"
    os.mkfifo(folder / "pipe")
    (folder / "loop").symlink_to(folder)
    (folder / "nowhere").symlink_to(tmp_path / "gone")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff.csv")).write_bytes(TABLE)
    assert store(tmp_path).look().files("tables")["table.csv"].path == str(folder / "table.csv")
    assert msgspec.json.decode((tmp_path / "cache" / KNOWN).read_bytes())


def test_what_cannot_be_remembered_is_only_hashed_again(tmp_path: Path) -> None:
    place(tmp_path, "table.csv", TABLE)
    (tmp_path / "cache").write_bytes(b"a file in the way")
    assert store(tmp_path).look().files("tables")
