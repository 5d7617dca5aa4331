"""`tfexam data`: list, fetch, add and verify, in a bank with its own data sets."""

import gzip
import hashlib
import json
import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from click.testing import CliRunner, Result

from exam_bank.catalog import Catalog
from tests.exam_bank.data_server import DataServer, ranged, serving, status, whole
from tests.exam_bank.test_task import WHOLE, write
from tui.cli import main

CONTENT = bytes(range(256)) * 8000
TABLE = b"a,b\n1,2\n"
ROOT = Path(__file__).parents[2]

SETS = """
format_version = 1

[sets.numbers]
title = "Numbers"
licence = "CC0"
citation = "Somebody, 1999"
home = "https://data.example"
[sets.numbers.files."numbers.bin"]
bytes = {length}
sha256 = ["{sha256}"]
sources = ["{url}"]

[sets.packed]
title = "Packed"
licence = "CC0"
citation = "Somebody, 2000"
[sets.packed.files."table.zip"]
member_git_blob_sha1 = ["{table}"]
sources = ["{url}"]
"""


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DataServer]:
    """A server, and a bank with one task that needs `numbers`, in a separate home."""
    with serving() as running:
        folder = write(tmp_path / "pack" / "ant", WHOLE.replace('"synthetic"', '"numbers"'))
        text = SETS.format(
            length=len(CONTENT),
            sha256=hashlib.sha256(CONTENT).hexdigest(),
            table=git_sha1(TABLE),
            url=running.url("/numbers", ranged(CONTENT)),
        )
        (folder.parent / "datasets.toml").write_text(text)
        for name, value in {
            "NO_PROXY": "127.0.0.1",
            "TFEXAM_BANK": str(folder.parent),
            "TFEXAM_HOME": str(tmp_path / "home"),
            "TFEXAM_DATA": str(tmp_path / "placed"),
            "TFEXAM_CONFIG": "/nowhere",
        }.items():
            monkeypatch.setenv(name, value)
        yield running


def data(*args: str | Path) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, args)])


def listed(name: str) -> dict[str, object]:
    rows = [json.loads(line) for line in data("list", "--format", "json").stdout.splitlines()]
    found: dict[str, object] = next(row for row in rows if row["id"] == name)
    return found


def line_of(name: str) -> str:
    return next(line for line in data("list").stdout.splitlines() if line.startswith(name + " "))


@pytest.mark.usefixtures("server")
def test_the_list_says_what_is_here_what_it_costs_and_which_tasks_need_it(tmp_path: Path) -> None:
    assert line_of("numbers").split() == [
        "numbers",
        "to",
        "fetch",
        "2",
        "MB",
        "2",
        "MB",
        "line",
        "CC0",
        "Numbers",
    ]
    row = listed("numbers")
    assert row["available"] is False
    assert "placed, which TFEXAM_DATA names, is not a folder" in data("list").stderr
    assert row["tasks"] == ["line"]
    assert row["licence"] == "CC0"
    assert row["bytes"] == len(CONTENT)
    (tmp_path / "placed").mkdir()
    (tmp_path / "placed" / "whatever").write_bytes(CONTENT)
    assert line_of("numbers").split()[1] == "here"
    assert listed("numbers")["available"] is True
    assert line_of("fashion-mnist").split()[0] == "fashion-mnist"


@pytest.mark.usefixtures("server")
def test_the_bank_lists_the_state_of_each_tasks_data(tmp_path: Path) -> None:
    def listed() -> tuple[str, bool]:
        text = CliRunner().invoke(main, ["bank", "list"]).stdout.splitlines()
        rows = CliRunner().invoke(main, ["bank", "list", "--format", "json"]).stdout.splitlines()
        row = next(json.loads(row) for row in rows if json.loads(row)["id"] == "line")
        assert row["proof"] == "unproved"
        line = next(line for line in text if " line " in line)
        return " ".join(line.split()), row["available"]

    line, available = listed()
    shown = CliRunner().invoke(main, ["bank", "show", "straight-line"]).stdout
    assert "data     made here" in shown
    assert "numbers to fetch 2 MB" in line
    assert not available
    (tmp_path / "placed").mkdir()
    (tmp_path / "placed" / "whatever").write_bytes(CONTENT)
    line, available = listed()
    assert "numbers here" in line
    assert available


def test_fetching_tells_source_licence_and_citation(server: DataServer, tmp_path: Path) -> None:
    found = data("fetch", "numbers")
    assert found.exit_code == 0
    assert "numbers is here. Licence: CC0. Somebody, 1999." in found.stdout
    assert "numbers.bin from 127.0.0.1 (2 MB)" in found.stderr
    assert (tmp_path / "home/cache/datasets/numbers/numbers.bin").read_bytes() == CONTENT
    assert "here already" in data("fetch", "numbers").stdout
    assert len(server.asked) == 1


def test_all_means_what_tasks_need(server: DataServer) -> None:
    server.url("/numbers", whole(b"wrong"))
    found = data("fetch", "--all")
    assert found.exit_code == 1
    assert "numbers.bin of numbers could not be fetched" in found.stderr
    assert "packed" not in found.output


def test_one_that_cannot_be_fetched_does_not_keep_the_others(server: DataServer) -> None:
    found = data("fetch", "packed", "numbers")
    assert found.exit_code == 1
    assert "✗ table.zip of packed" in found.stderr
    assert "✓ numbers is here" in found.stdout


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(("args", "says"), [([], "--all"), (["nothing"], "no data set 'nothing'")])
def test_nothing_named_or_known_is_a_usage_error(args: list[str], says: str) -> None:
    found = data("fetch", *args)
    assert found.exit_code == 2
    assert says in found.stderr


@pytest.mark.usefixtures("server")
def test_files_are_added_whatever_their_names_and_packing(tmp_path: Path) -> None:
    file = tmp_path / "Numbers (2).download"
    file.write_bytes(gzip.compress(CONTENT))
    begun = tmp_path / "home/cache/datasets/numbers/numbers.bin.part"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(CONTENT[:99])
    found = data("add", file)
    assert found.exit_code == 0
    assert f"{file}: numbers.bin of numbers" in found.stdout
    assert listed("numbers")["available"] is True
    assert file.is_file()
    left = {path.name for path in (tmp_path / "home/cache/datasets").rglob("*")}
    assert left == {".known.json", ".adding.lock", "numbers", "numbers.bin.gz"}


@pytest.mark.usefixtures("server")
def test_a_file_inside_an_archive_is_found_and_a_known_table_packed(tmp_path: Path) -> None:
    archive, table = tmp_path / "any.zip", tmp_path / "table.csv"
    with zipfile.ZipFile(archive, "w") as made:
        made.writestr("read me", "about")
        made.writestr("some/where/n", CONTENT)
    table.write_bytes(TABLE)
    found = data("add", archive, table)
    assert found.exit_code == 0
    assert f"{archive}!some/where/n: numbers.bin of numbers" in found.stdout
    with zipfile.ZipFile(tmp_path / "home/cache/datasets/packed/table.zip") as made:
        assert made.read("table.csv") == TABLE


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x", b"unknown", hashlib.sha256(b"unknown").hexdigest()),
        ("numbers.bin", CONTENT[:99], f"expected {hashlib.sha256(CONTENT).hexdigest()}"),
        ("y", b"<!doctype HTML>", "is a web page"),
        ("", b"", "is not a file"),
    ],
)
def test_what_is_unknown_is_refused_with_its_reason(
    tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    if name:
        (tmp_path / name).write_bytes(content)
    found = data("add", tmp_path / name)
    assert found.exit_code == 1
    assert says in found.stderr
    assert not list((tmp_path / "home").rglob("*.bin"))


@pytest.mark.usefixtures("server")
def test_verifying_hashes_anew_and_names_what_is_damaged(tmp_path: Path) -> None:
    data("fetch", "numbers")
    assert data("verify").exit_code == 0
    path = tmp_path / "home/cache/datasets/numbers/numbers.bin"
    kept = path.stat()
    path.write_bytes(CONTENT[:-1] + b"?")
    # As a disk does it: without a new time.
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    found = data("verify", "--format", "json")
    assert found.exit_code == 1
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert [row["path"] for row in rows if not row["ok"]] == [str(path)]
    assert str(path) in data("verify").stdout
    assert listed("numbers")["available"] is False


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_leaves_the_part_and_the_next_fetch_goes_on(
    server: DataServer, tmp_path: Path
) -> None:
    server.url("/numbers", ranged(CONTENT, 1_000_000), status(503, Retry_After=60))
    part = tmp_path / "home/cache/datasets/numbers/numbers.bin.part"
    child = subprocess.Popen(
        [sys.executable, "-m", "tui.cli", "data", "fetch", "numbers"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background job ignores SIGINT, and so would whatever it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    while len(server.asked) < 2:
        assert child.poll() is None
    child.send_signal(signal.SIGINT)
    _, said = child.communicate(timeout=60)
    assert child.returncode == 130
    assert "What has arrived is kept" in said
    assert part.stat().st_size == 1_000_000
    server.url("/numbers", ranged(CONTENT))
    assert data("fetch", "numbers").exit_code == 0
    assert server.asked[-1] == ("/numbers", "bytes=1000000-")
    assert not part.exists()


@pytest.mark.parametrize("known", [True, False], ids=["size known", "size told by the server"])
def test_a_terminal_shows_a_bar(server: DataServer, tmp_path: Path, known: bool) -> None:
    if not known:
        sets = tmp_path / "pack" / "datasets.toml"
        sets.write_text(sets.read_text().replace(f"bytes = {len(CONTENT)}\n", ""))
    command = ["-m", "tui.cli", "data", "fetch", "numbers"]
    child = pexpect.spawn(sys.executable, command, cwd=str(ROOT), dimensions=(24, 100), timeout=60)
    child.expect_exact("numbers.bin from 127.0.0.1 (2 MB)")
    child.expect_exact("100%")
    child.expect_exact("numbers is here")
    child.expect(pexpect.EOF)
    assert child.wait() == 0


def test_every_built_in_source_is_a_set_that_can_be_listed() -> None:
    known = {
        json.loads(line)["id"] for line in data("list", "--format", "json").stdout.splitlines()
    }
    assert {task.says.source for task in Catalog.find().tasks} <= {*known, "synthetic"}
