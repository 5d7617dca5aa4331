"""Archives that are told by what they hold: packed again they count, altered they do not."""

import gzip
import hashlib
import io
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam_bank.datasets import compression, members
from exam_bank.datasets.manual_add import add
from exam_bank.datasets.members import digests, key
from exam_bank.datasets.registry import DataFile, DataSet, Registry
from exam_bank.datasets.store import Store, WrongContent

PICTURES = r"(cats|dogs)/[^/]+\.png"
PETS = {"cats/1.png": b"meow", "cats/2.png": b"purr", "dogs/1.png": b"woof", "dogs/2.png": b""}
JUNK = {
    "README.txt": b"about",
    "__MACOSX/cats/._1.png": b"fork",
    "__MACOSX/cats/1.png": b"fork",
    "cats/.DS_Store": b"desk",
    "cats/.hidden.png": b"h",
    ".git/cats/9.png": b"g",
    "wildcats/3.png": b"no class",
    "cats/small/3.png": b"deeper",
    "cats/1.png.txt": b"longer",
}
HEAD = 512


def told(path: Path, expression: str = PICTURES) -> str:
    return digests(path, [expression])[expression]


def digest_of(files: Mapping[str, bytes]) -> str:
    """The digest as the README says it: `sha256sum` of each, sorted, `sha256sum` of that."""
    lines = sorted(f"{hashlib.sha256(each).hexdigest()}  {name}\n" for name, each in files.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def zipped(files: Mapping[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", packing) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(files: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return made.getvalue()


PACKED: dict[str, Callable[[Mapping[str, bytes]], bytes]] = {
    "stored": zipped,
    "deflated": lambda files: zipped(files, zipfile.ZIP_DEFLATED),
    "tar": tarred,
    "tar.gz": lambda files: gzip.compress(tarred(files)),
}


def under(top: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {top + name: content for name, content in files.items()}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed") / "archive"


class TestDigest:
    @given(
        order=st.permutations(sorted(PETS)),
        form=st.sampled_from(sorted(PACKED)),
        top=st.sampled_from(["", "./", "pets/", "a/b/c/", "cats/"]),
        junk=st.sets(st.sampled_from(sorted(JUNK))),
        first=st.booleans(),
    )
    def test_order_packing_upper_folder_and_junk_do_not_matter(
        self, path: Path, order: list[str], form: str, top: str, junk: set[str], first: bool
    ) -> None:
        pets, beside = {name: PETS[name] for name in order}, {name: JUNK[name] for name in junk}
        files = beside | pets if first else pets | beside
        path.write_bytes(PACKED[form](under(top, files)))
        assert told(path) == digest_of(PETS)

    @given(data=st.data(), form=st.sampled_from(sorted(PACKED)))
    def test_every_change_of_a_member_does(
        self, path: Path, data: st.DataObject, form: str
    ) -> None:
        changed = dict(PETS)
        name = data.draw(st.sampled_from(sorted(name for name in PETS if PETS[name])))
        what = data.draw(st.sampled_from(["changed", "missing", "added", "renamed", "moved"]))
        content = changed.pop(name)
        if what == "changed":
            place = data.draw(st.integers(0, len(content) - 1))
            bit = 1 << data.draw(st.integers(0, 7))
            altered = bytearray(content)
            altered[place] ^= bit
            changed[name] = bytes(altered)
        elif what == "added":
            changed |= {name: content, f"dogs/{data.draw(st.integers(3))}.png": b"more"}
        elif what == "renamed":
            changed[name.replace(".png", "0.png")] = content
        elif what == "moved":
            changed["dogs/9.png" if name.startswith("cats") else "cats/9.png"] = content
        path.write_bytes(PACKED[form](changed))
        assert told(path) not in ("", digest_of(PETS))

    def test_two_expressions_are_told_in_one_go(self, path: Path) -> None:
        path.write_bytes(zipped(PETS | {"birds/1.jpg": b"tweet"}))
        found = digests(path, [PICTURES, r"birds/.+", r"fish/.+"])
        assert found == {
            PICTURES: digest_of(PETS),
            r"birds/.+": digest_of({"birds/1.jpg": b"tweet"}),
            r"fish/.+": "",
        }

    @pytest.mark.parametrize(
        ("member", "found"),
        [
            ("cats/1.png", "cats/1.png"),
            ("/cats/1.png", "cats/1.png"),
            ("a/cats/1.png", "cats/1.png"),
            ("bobcats/1.png", ""),
            ("cats/1.png/x", ""),
            ("a/../cats/1.png", ""),
        ],
    )
    def test_a_key_begins_at_a_folder_and_ends_with_the_path(self, member: str, found: str) -> None:
        assert key(PICTURES, member) == found


def patched(content: bytes, before: bytes, at: int, new: bytes) -> bytes:
    """`content` with `new` written `at` bytes after the last `before`."""
    place = content.rindex(before) + at
    return content[:place] + new + content[place + len(new) :]


def with_twins() -> bytes:
    return zipped(PETS | under("more/", {"cats/1.png": b"meow"}))


def with_link() -> bytes:
    made = io.BytesIO(zipped(PETS))
    with zipfile.ZipFile(made, "a") as archive:
        link = zipfile.ZipInfo("cats/3.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return made.getvalue()


def with_tar_member(**says: object) -> bytes:
    member = tarfile.TarInfo("cats/3.png")
    for name, value in says.items():
        setattr(member, name, value)
    return member.tobuf(tarfile.GNU_FORMAT) + tarred(PETS)


def of_headers(kind: bytes, size: int, count: int = 1) -> bytes:
    """A tar that begins with headers of headers, of `size` zeros each."""
    about = tarfile.TarInfo("././@LongLink")
    about.type, about.size = kind, size
    return (about.tobuf(tarfile.GNU_FORMAT) + bytes(-(-size // HEAD) * HEAD)) * count


ZIP, TAR = zipped(PETS), tarred(PETS)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "only a beginning": lambda: b"PK\x03\x04 and no more",
    "cut off": lambda: ZIP[:-9],
    "cut off tar.gz": lambda: gzip.compress(TAR)[:-30],
    "damaged content": lambda: ZIP.replace(b"meow", b"meoW"),
    "damaged deflate": lambda: PACKED["deflated"](PETS).replace(b"1.png", b"1.png\xff", 1),
    "damaged gzip": lambda: gzip.compress(TAR)[:40] + b"\xff" * 20 + gzip.compress(TAR)[60:],
    "two of one key": with_twins,
    "a link": with_link,
    "a link in a tar": lambda: with_tar_member(type=tarfile.SYMTYPE, linkname="/etc/passwd"),
    "a pipe in a tar": lambda: with_tar_member(type=tarfile.FIFOTYPE),
    "a sparse member": lambda: with_tar_member(type=tarfile.GNUTYPE_SPARSE, size=0),
    "a member of 9 EB": lambda: with_tar_member(size=1 << 63),
    "a member of less than nothing": lambda: with_tar_member(size=-5),
    "locked": lambda: patched(patched(ZIP, b"PK\x01\x02", 8, b"\1"), b"PK\x03\x04", 6, b"\1"),
    "bzip2": lambda: zipped(PETS, zipfile.ZIP_BZIP2),
    "lzma": lambda: zipped(PETS, zipfile.ZIP_LZMA),
    "unknown packing": lambda: patched(ZIP, b"PK\x01\x02", 10, b"\x63"),
    "longer than it is": lambda: patched(ZIP, b"PK\x01\x02", 24, b"\xf0\xff\xff\xff"),
    "elsewhere": lambda: patched(ZIP, b"PK\x01\x02", 42, b"\xf0\xff\xff\x7f"),
    "a list of 4 GB": lambda: patched(ZIP, b"PK\x05\x06", 12, b"\xf0\xff\xff\xff"),
    "a list of 64 bits": lambda: patched(
        zipped(PETS | {"dogs/3.png": b"PK"}), b"PK\x05\x06", 0, b""
    ).replace(b"PK\x05\x06", struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1) + b"PK\x05\x06"),
    "a line break in a key": lambda: zipped({"cats/1.png\n0  cats/2.png": b""}),
    "headers without end": lambda: of_headers(tarfile.GNUTYPE_LONGNAME, 1, 900),
    "a header longer than the file": lambda: of_headers(tarfile.GNUTYPE_LONGNAME, HEAD) + b"x",
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_archive_is_none_of_ours(tmp_path: Path, name: str) -> None:
    (tmp_path / "any").write_bytes(HOSTILE[name]())
    assert told(tmp_path / "any") == ""


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_header_that_unpacks_to_much_is_not_held_in_memory(tmp_path: Path, kind: bytes) -> None:
    (tmp_path / "bomb").write_bytes(gzip.compress(of_headers(kind, 64 << 20), 1))
    tracemalloc.start()
    try:
        assert told(tmp_path / "bomb") == ""
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_what_unpacks_to_more_than_any_data_set_is_not_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "LARGEST", 1 << 20)
    for form in ("deflated", "tar.gz"):
        (tmp_path / "bomb").write_bytes(PACKED[form](PETS | {"cats/3.png": bytes(2 << 20)}))
        assert told(tmp_path / "bomb") == ""


def test_too_many_members_are_not_counted_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compression, "MOST_MEMBERS", 3)
    monkeypatch.setattr(members, "MOST_MEMBERS", 3)
    for form, pack in PACKED.items():
        (tmp_path / form).write_bytes(pack(PETS))
        assert told(tmp_path / form) == ""


ZIPS = DataFile(
    sources=("https://data.example/pets.zip",),
    bytes=len(ZIP),
    sha256=(hashlib.sha256(ZIP).hexdigest(),),
    members=PICTURES,
    members_sha256=digest_of(PETS),
)
TARS = DataFile(
    sources=("https://data.example/pets.tar.gz",),
    bytes=len(gzip.compress(TAR)),
    sha256=(hashlib.sha256(b"as published").hexdigest(),),
    members=PICTURES,
    members_sha256=digest_of(PETS),
    archive="tar",
)


def registry(**files: DataFile) -> Registry:
    named = {name.replace("_", ".", 1): each for name, each in files.items()}
    pets = DataSet(title="Pets", licence="CC0", citation="Somebody, 1999", files=named)
    return Registry(format_version=1, sets={"pets": pets})


SETS = registry(pets_zip=ZIPS, pets_tar=TARS)


def store(tmp_path: Path, sets: Registry = SETS) -> Store:
    (tmp_path / "placed").mkdir(exist_ok=True)
    return Store(tmp_path / "cache", [tmp_path / "placed"], sets)


def place(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / "placed" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("form", "found"),
    [("stored", "pets.zip"), ("deflated", "pets.zip"), ("tar.gz", "pets.tar")],
)
def test_a_repacked_archive_counts_where_tasks_can_read_its_form(
    tmp_path: Path, form: str, found: str
) -> None:
    path = place(tmp_path, "some archive", PACKED[form](under("pets/", PETS)))
    assert {name: file.path for name, file in store(tmp_path).look().files("pets").items()} == {
        found: str(path)
    }


def test_an_archive_is_looked_into_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def looking(path: Path, expressions: set[str]) -> dict[str, str]:
        asked.append(path.name)
        return digests(path, expressions)

    monkeypatch.setattr("exam_bank.datasets.store.digests", looking)
    place(tmp_path, "as published", ZIP)
    place(tmp_path, "again.zip", zipped(under("pets/", PETS)))
    place(tmp_path, "others.zip", zipped({"birds/1.png": bytes(300)}))
    place(tmp_path, "film.zip", zipped({"film": bytes(4 * len(ZIP))}))
    place(tmp_path, "note.txt", bytes(len(ZIP)))
    for _ in range(3):
        assert "pets.zip" in store(tmp_path).look().files("pets")
    assert asked == ["again.zip", "others.zip"]


def test_what_a_newer_registry_asks_is_looked_up_in_what_was_hashed_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(tmp_path, "again.zip", zipped(under("pets/", PETS)))
    other = registry(pets_zip=DataFile(sources=ZIPS.sources, sha256=ZIPS.sha256))
    assert not store(tmp_path, other).look().files("pets")
    monkeypatch.setattr("exam_bank.datasets.store.Content", None)
    assert "pets.zip" in store(tmp_path).look().files("pets")


def test_a_repacked_archive_is_added_and_verified(tmp_path: Path) -> None:
    path = place(tmp_path, "pets (2).zip", PACKED["deflated"](under("x/", PETS)))
    bare = Store(tmp_path / "cache", [], SETS)
    (added,) = add(path, bare)
    assert (added.dataset, added.file) == ("pets", "pets.zip")
    bare.forget()
    found = bare.look()
    assert found.files("pets")["pets.zip"].path == added.path
    assert not found.damaged(bare.cache)
    Path(added.path).write_bytes(zipped(PETS | {"dogs/1.png": b"wolf"}))
    assert list(bare.look().damaged(bare.cache)) == [Path(added.path)]


def test_an_archive_of_that_name_with_other_pictures_says_what_it_should_be(
    tmp_path: Path,
) -> None:
    path = place(tmp_path, "pets.zip", zipped(PETS | {"cats/1.png": b"MEOW"}))
    with pytest.raises(WrongContent) as caught:
        add(path, store(tmp_path))
    assert ZIPS.sha256[0] in caught.value.message
    assert "or the same files packed again" in caught.value.message
    assert digest_of(PETS) not in caught.value.message, "no hash that the file itself could have"
    assert not store(tmp_path).look().files("pets")
