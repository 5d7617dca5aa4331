"""Any file read back may be damaged; none of them causes a traceback."""

from pathlib import Path

import msgspec
import pytest

from engine import pack_trust
from engine.clock import ManualClock
from engine.errors import SettingsError, SittingError, TaskFileError
from engine.grading.protocol import Grade, GraderFailed, Message
from engine.settings import Settings
from engine.settings_file import save
from engine.sitting.state import report
from engine.sitting.store import leftovers
from engine.sitting.store.lock import owner_of
from exam_bank.datasets.registry import Registry
from exam_bank.datasets.store import KNOWN, Store
from exam_bank.task import Task
from tests.engine.scene import Scene
from tests.engine.sittings import graded, make_settings, make_sitting

DEEP = b"[" * 100_000 + b"]" * 100_000
DAMAGED = {
    "nested deep": DEEP,
    "no UTF-8": b'"a\xed\xa0\x80"',
    "an object that nests deep": b'{"more": ' + DEEP + b"}",
    "an object that is no UTF-8": b'{"host": "\xed", "workspace": "\xed", "\xed": {}}',
    "a list that is no UTF-8": b'["\xed"]',
    "zeros": b"\0" * 40,
    "cut off": b'{"pid": 1, "ho',
}
TOML = {name: b"x = " + content for name, content in DAMAGED.items()}

json_files = pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
toml_files = pytest.mark.parametrize("content", TOML.values(), ids=TOML)


@json_files
def test_the_sign_of_a_lock(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock.json").write_bytes(content)
    assert owner_of(tmp_path) is None


@json_files
def test_the_note_of_a_lay_out(tmp_path: Path, content: bytes) -> None:
    folder = tmp_path / "sittings" / "one"
    folder.mkdir(parents=True)
    (folder / leftovers.NOTE).write_bytes(content)
    clock = ManualClock(wall=(folder.stat().st_mtime + 10 * leftovers.LEFT_SECONDS))
    leftovers.sweep(folder.parent, clock)
    assert (folder / leftovers.NOTE).exists()


@json_files
def test_the_packs_that_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    (tmp_path / "trusted").write_bytes(content)
    monkeypatch.setattr(pack_trust, "trust_file", lambda: tmp_path / "trusted")
    assert pack_trust._trusted() == {}


@json_files
def test_what_a_store_knows(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KNOWN).write_bytes(content)
    assert Store(tmp_path)._known() == {}


@toml_files
def test_a_task_and_a_registry(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "task.toml").write_bytes(content)
    with pytest.raises(TaskFileError, match=r"task\.toml"):
        Task.read(tmp_path)
    with pytest.raises(TaskFileError, match=r"task\.toml"):
        Registry.read(tmp_path / "task.toml")


@toml_files
def test_a_result(tmp_path: Path, content: bytes) -> None:
    (tmp_path / report.FILE_NAME).write_bytes(content)
    with pytest.raises(SittingError, match=r"result\.toml"):
        report.read(tmp_path)


@toml_files
def test_settings(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        Settings.load({}, environment={"TFEXAM_CONFIG": str(path)}, folder=tmp_path)
    with pytest.raises(SettingsError, match=r"config\.toml"):
        save(path, "lang", "zh")


def test_a_folder_of_the_settings_whose_name_none_can_have(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('home = "a\\u0000b"\n')
    with pytest.raises(SettingsError, match=r"config\.toml.*holds a zero byte"):
        Settings.load({}, environment={"TFEXAM_CONFIG": str(path)}, folder=tmp_path)


@pytest.mark.parametrize(
    "answer",
    [
        graded(2**62),
        graded(-1),
        msgspec.structs.replace(graded(3), seconds=float("inf")),
        msgspec.structs.replace(graded(3), message=Message("{n}", {"n": float("nan")})),
        msgspec.structs.replace(graded(3), message=Message("\ud800")),
    ],
    ids=repr,
)
async def test_an_answer_that_no_journal_can_hold_is_a_failed_grading(
    tmp_path: Path, answer: Grade
) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started()
    scene.save("a")
    await scene.until_after(lambda: scene.grader.busy)
    scene.grader.answer(answer)
    await scene.until_graded(1)
    assert isinstance(scene.sitting.submissions[0].grade, GraderFailed)
    await scene.close()
    scene.open()
    assert isinstance(scene.sitting.submissions[0].grade, GraderFailed)
    await scene.close()
