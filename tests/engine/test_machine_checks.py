"""The machine checks: each answer, good and bad, and always in words."""

import dataclasses
import os
import shutil
import sys
import tempfile
from collections import namedtuple
from pathlib import Path

import pytest

from engine.grading.protocol import Message
from engine.machine import checks
from engine.machine.checks import Check, run_checks
from engine.machine.gpu import NO_DEVICE as REASON
from engine.machine.gpu import FakeProbe, Gpus, GpuSample, NoGpu, NoGpuProbe
from engine.settings import Settings
from tests.exam_bank.test_catalog import SETS, installed
from tests.exam_bank.test_task import WHOLE, write

Usage = namedtuple("Usage", "total used free")


def settings(home: Path) -> Settings:
    flags = {"home": home / "home", "workspaces": home / "work"}
    return Settings.load(flags, environment={"TFEXAM_CONFIG": str(home / "none")}, folder=home)


async def test_every_check_answers_once_and_in_words(tmp_path: Path) -> None:
    found = [
        check async for check in run_checks(settings(tmp_path), find_gpu=lambda: NoGpuProbe(REASON))
    ]
    names = [check.name.text() for check in found]
    assert len(names) == len(set(names)) == 12
    assert {"Python", "TensorFlow", "Disk", "Memory", "GPU", "Sandbox", "Terminal"} <= set(names)
    assert all(check.detail.text() for check in found)
    assert all(check.fix for check in found if check.state == "failed")


async def test_an_installed_pack_that_had_to_be_left_out_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path / "site", monkeypatch, "no_such_package")
    found = checks.task_data(settings(tmp_path))
    assert found.state == "warning"
    assert "the package my-pack" in found.detail.text()
    assert found.fix is not None
    assert "pip uninstall my-pack" in found.fix.text()


async def test_checking_writes_nothing(tmp_path: Path) -> None:
    async for _ in run_checks(settings(tmp_path), find_gpu=lambda: NoGpuProbe(REASON)):
        pass
    assert os.listdir(tmp_path) == []  # noqa: PTH208  (an async test may not use pathlib's)


async def test_a_check_that_breaks_is_an_answer_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise OSError("the disk is gone")

    monkeypatch.setattr(shutil, "disk_usage", broken)
    found = [
        check.detail.text()
        async for check in run_checks(settings(tmp_path), find_gpu=lambda: NoGpuProbe(REASON))
    ]
    assert len(found) == 12
    assert any("the disk is gone" in text for text in found)


@pytest.mark.parametrize(
    ("version", "state"),
    [("2.21.0", "ok"), ("2.16.0rc1", "ok"), ("2.15.1", "failed"), (None, "failed")],
)
def test_tensorflow_is_asked_for_by_version(
    version: str | None, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        checks, "_version", lambda name: version if name == "tensorflow-cpu" else None
    )
    check = checks.tensorflow()
    assert check.state == state
    assert (version or "not installed") in check.detail.text()
    assert (check.fix is None) is (state == "ok")


def test_tensorflow_is_not_imported() -> None:
    before = set(sys.modules)
    checks.tensorflow()
    checks.tf_keras()
    assert not {name for name in set(sys.modules) - before if name.startswith(("tensorf", "tf_"))}


def test_without_tf_keras_a_warning_says_which_models_suffer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(checks, "_version", lambda _: None)
    check = checks.tf_keras()
    assert check.state == "warning"
    assert "Keras 2" in check.detail.text()


@pytest.mark.parametrize(("free", "state"), [(10**9, "ok"), (10**8, "failed")])
def test_disk_asks_for_room(
    free: int, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(10**12, 0, free))
    check = checks.disk(tmp_path / "not" / "there")
    assert check.state == state
    assert str(tmp_path) in check.detail.text()


@pytest.mark.parametrize(("total", "state"), [(8 * 10**9, "ok"), (2 * 10**9, "warning")])
def test_memory_asks_for_four_gigabytes(
    total: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "memory", lambda: (10**9, total))
    assert checks.memory_size().state == state


def test_a_gpu_is_named_with_its_memory() -> None:
    card = GpuSample(index=0, name="Card", memory_total=16 * 10**9)
    probe = FakeProbe(Gpus((card,)))
    check = checks.gpu(lambda: probe)
    assert (check.state, check.detail.text()) == ("ok", "1 × Card, 16.0 GB")
    assert probe.closed


def test_a_gpu_that_hides_its_memory_is_still_named() -> None:
    probe = FakeProbe(Gpus((GpuSample(index=0),)))
    assert checks.gpu(lambda: probe).detail.text() == "1 × NVIDIA, n/a GB"


def test_no_gpu_gives_its_reason_and_is_no_failure() -> None:
    check = checks.gpu(lambda: FakeProbe(NoGpu(REASON)))
    assert (check.state, check.detail) == ("warning", REASON)


@pytest.mark.parametrize(
    ("size", "term", "state"),
    [
        ("120 40", "xterm-256color", "ok"),
        ("60 24", "xterm-256color", "warning"),
        ("120 40", "dumb", "warning"),
    ],
)
def test_the_terminal_needs_room_and_a_name(
    size: str, term: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, lines = size.split()
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setenv("LINES", lines)
    check = checks.terminal({"TERM": term})
    assert check.state == state
    assert check.detail.text() == f"{columns}×{lines}, {term}"


@pytest.mark.parametrize(
    ("encoding", "state"), [("UTF-8", "ok"), ("utf8", "ok"), ("ANSI_X3.4-1968", "warning")]
)
def test_text_needs_utf_8(encoding: str, state: str) -> None:
    assert checks.text_encoding(encoding).state == state


def test_a_folder_that_is_not_there_yet_is_tried_above(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    assert answer_for(folder).state == "ok"
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_named_with_its_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    check = answer_for(tmp_path)
    assert check.state == "failed"
    assert check.detail.text() == f"{tmp_path} cannot be written: Permission denied."
    assert check.fix is not None
    assert "TFEXAM_HOME" in check.fix.text()


def answer_for(folder: Path) -> Check:
    return checks.writable(Message("Data folder"), folder, "TFEXAM_HOME")


@pytest.mark.parametrize("below", ["", "further"])
def test_a_file_where_a_folder_should_be_is_a_failed_check(tmp_path: Path, below: str) -> None:
    file = tmp_path / "file"
    file.touch()
    check = checks.writable(Message("Data folder"), file / below, "TFEXAM_HOME")
    assert check.state == "failed"
    assert f"{file} is not a folder" in check.detail.text()


async def test_a_check_that_breaks_in_its_own_way_is_an_answer_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("locale.getpreferredencoding", lambda _: "no-such-encoding")
    found = [
        check.detail.text()
        async for check in run_checks(settings(tmp_path), find_gpu=lambda: NoGpuProbe(REASON))
    ]
    assert any("no-such-encoding" in text for text in found)


def test_the_data_sets_say_from_how_many_tasks_a_paper_is_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = settings(tmp_path)
    all_made = checks.task_data(known)
    folder = write(tmp_path / "pack" / "ant", WHOLE.replace('"synthetic"', '"mine"'))
    (folder.parent / "datasets.toml").write_text(SETS)
    found = checks.task_data(dataclasses.replace(known, bank=(folder.parent,)))
    assert found.state == all_made.state == "ok"
    assert found.detail.facts["tasks"] == int(all_made.detail.facts["tasks"]) + 1
    assert found.detail.facts["here"] == all_made.detail.facts["here"]
    assert found.fix is not None
