import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.errors import SettingsError, TaskFileError, UntrustedPackError
from engine.pack_trust import is_trusted, need_trust, trust, trusted
from engine.settings import Settings, trust_file
from exam_bank import pack_files
from exam_bank.catalog import Catalog
from tests.engine.sittings import FIRST, make_bank, make_settings, make_sitting


def test_a_pack_is_code_and_asked_for_once(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    with pytest.raises(UntrustedPackError, match=r"A pack is code.*tfexam bank trust"):
        need_trust(tasks, settings)
    trust(pack, settings)
    need_trust(tasks, settings)
    assert trust_file().stat().st_mode & 0o077 == 0
    need_trust(tasks, make_settings(tmp_path, bank=(pack,)))


def test_another_pack_is_asked_for_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_bank(first)
    settings = make_settings(tmp_path, bank=(first, second))
    trust(first, settings)
    with pytest.raises(UntrustedPackError, match="second"):
        need_trust(make_bank(second).tasks, settings)


def _edit(pack: Path) -> None:
    (pack / FIRST / "data.py").write_text("SECRET = 2\n")


def _edit_in_place(pack: Path) -> None:
    """Edit the file; keep its size and times."""
    path = pack / FIRST / "data.py"
    was = path.stat()
    path.write_text("SECRET = 7\n")
    os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))


def _add_beside(pack: Path) -> None:
    (pack / "shared.py").write_text("")


def _add_compiled(pack: Path) -> None:
    (pack / FIRST / "__pycache__").mkdir()
    (pack / FIRST / "__pycache__" / "data.cpython-311.pyc").write_bytes(b"other code")


def _rename(pack: Path) -> None:
    (pack / FIRST / "hints.md").rename(pack / FIRST / "hints.py")


def _move_bytes_to_the_next_file(pack: Path) -> None:
    (pack / FIRST / "hints.md").write_text("Try a line.\n# starter")
    (pack / FIRST / "starter.py").write_text(" of first-task\n")


def _make_a_program(pack: Path) -> None:
    (pack / FIRST / "data.py").chmod(0o755)


@pytest.mark.parametrize(
    "change",
    [
        _edit,
        _edit_in_place,
        _add_beside,
        _add_compiled,
        _rename,
        _move_bytes_to_the_next_file,
        _make_a_program,
    ],
)
def test_a_pack_that_has_changed_is_asked_for_again(
    tmp_path: Path, change: Callable[[Path], None]
) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    trusted(tasks, settings)
    change(pack)
    for ask in (need_trust, trusted):
        with pytest.raises(UntrustedPackError, match=r"has changed since you allowed"):
            ask(tasks, settings)
    assert not is_trusted(pack)
    trust(pack, settings)
    need_trust(tasks, settings)


def test_what_a_proof_and_git_write_asks_for_nothing(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    (pack / ".git").mkdir()
    (pack / ".git" / "index").write_bytes(b"1")
    (pack / FIRST / "PROOF.md").write_text("proved")
    (task, _) = trusted(tasks, settings)
    assert sorted(path.name for path in task.folder.parent.rglob("*")).count("PROOF.md") == 0
    assert not (task.folder.parent / ".git").exists()


def test_code_runs_from_a_copy_of_what_was_trusted(tmp_path: Path) -> None:
    """Code swapped in between the check and the run does not run."""
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    (task, _) = trusted(tasks, settings)
    _edit(pack)
    shutil.rmtree(pack / FIRST)
    assert (task.folder / "data.py").read_text() == "SECRET = 1\n"
    assert not task.folder.is_relative_to(pack)
    assert task.folder.name == FIRST
    assert task.folder.parent.stat().st_mode & 0o077 == 0


def test_a_pack_that_changes_while_it_is_copied_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    plain = pack_files.digest

    def late(folder: Path, copy: Path | None = None) -> str:
        if copy is not None:
            _edit(pack)
        return plain(folder, copy)

    monkeypatch.setattr(pack_files, "digest", late)
    with pytest.raises(UntrustedPackError, match="changed"):
        trusted(tasks, settings)
    assert list((settings.cache_folder / "packs").iterdir()) == []


def test_copies_that_nobody_trusts_any_more_are_removed(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    for _ in range(2):
        trust(pack, settings)
        trusted(tasks, settings)
        _edit(pack)
    trust(pack, settings)
    trusted(tasks, settings)
    assert len(list((settings.cache_folder / "packs").iterdir())) == 1


def test_a_copy_with_other_code_in_it_is_made_anew(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    (task, _) = trusted(tasks, settings)
    (task.folder / "data.py").write_text("SECRET = 3\n")
    (task, _) = trusted(tasks, settings)
    assert (task.folder / "data.py").read_text() == "SECRET = 1\n"


def test_what_is_built_in_needs_no_yes(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    found = list(Catalog.find().tasks)
    need_trust(found, settings)
    assert trusted(found, settings) == found


@pytest.mark.parametrize("damage", [b"rubbish", b"[1]", b'{"x": 1}'])
def test_a_list_that_is_damaged_trusts_nobody(tmp_path: Path, damage: bytes) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    trust_file().write_bytes(damage)
    with pytest.raises(UntrustedPackError):
        need_trust(tasks, settings)


def test_a_list_that_is_a_pipe_trusts_nobody(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust_file().parent.mkdir(parents=True)
    os.mkfifo(trust_file())
    os.mkfifo(settings.home.parent / trust_file().name)
    with pytest.raises(UntrustedPackError):
        need_trust(tasks, settings)


def test_a_home_that_brings_its_own_list_is_not_believed(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    digests = {str(pack): pack_files.digest(pack)}
    settings.home.mkdir()
    (settings.home / trust_file().name).write_bytes(msgspec.json.encode(digests))
    with pytest.raises(UntrustedPackError, match="new to this machine"):
        need_trust(tasks, settings)


def test_a_list_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    make_bank(tmp_path / "pack")
    trust_file().parent.parent.mkdir(exist_ok=True)
    trust_file().parent.write_text("a file in its place")
    with pytest.raises(SettingsError, match=trust_file().name):
        trust(tmp_path / "pack", make_settings(tmp_path))


async def test_nothing_is_laid_out_from_a_pack_that_nobody_trusts(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, bank=(tmp_path / "bank",))
    with pytest.raises(UntrustedPackError):
        await make_sitting(tmp_path, ManualClock(), settings=settings)
    assert not settings.sittings_folder.exists()


def _settings_of(folder: Path) -> Settings:
    return make_settings(folder, bank=(folder / "pack",))


def _link(path: Path, place: Path) -> None:
    if path.exists():
        shutil.move(path, place)
    path.symlink_to(place)


@pytest.mark.parametrize(
    "linked",
    ["third-task", FIRST, f"{FIRST}/data.py", f"{FIRST}/weak/deep/lazy.py", "shared.py", "gone"],
)
def test_a_pack_that_holds_a_link_is_refused_however_deep(tmp_path: Path, linked: str) -> None:
    pack, elsewhere = tmp_path / "pack", tmp_path / "elsewhere"
    make_bank(pack)
    make_bank(elsewhere, {"third-task": 3})
    path = pack / linked
    path.parent.mkdir(parents=True, exist_ok=True)
    place = elsewhere / "third-task" if linked == "third-task" else tmp_path / "place"
    _link(path, place)
    with pytest.raises(TaskFileError, match=rf"{linked} is a link"):
        Catalog.find((pack,))
    with pytest.raises(TaskFileError, match=rf"{linked} is a link"):
        trust(pack, _settings_of(tmp_path))


def test_a_link_within_the_pack_is_one_too(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    make_bank(pack)
    (pack / "third-task").symlink_to(FIRST)
    with pytest.raises(TaskFileError, match="third-task is a link"):
        Catalog.find((pack,))


def test_a_task_that_becomes_a_link_after_the_look_does_not_run(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    settings = _settings_of(tmp_path)
    tasks = make_bank(pack).tasks
    trust(pack, settings)
    make_bank(tmp_path / "elsewhere")
    shutil.rmtree(pack / FIRST)
    (pack / FIRST).symlink_to(tmp_path / "elsewhere" / FIRST)
    for ask in (need_trust, trusted):
        with pytest.raises(TaskFileError, match="is a link"):
            ask(tasks, settings)


def test_a_pack_is_the_folder_that_its_name_leads_to(tmp_path: Path) -> None:
    """A name such as `current` may be a link; its current target is what needs consent."""
    for name in ("one", "two"):
        make_bank(tmp_path / name, {f"task-{name}": 1})
    current = tmp_path / "current"
    current.symlink_to("one")
    settings = make_settings(tmp_path, bank=(current,))
    trust(current, settings)
    need_trust(Catalog.find((current,)).tasks, settings)
    current.unlink()
    current.symlink_to("two")
    with pytest.raises(UntrustedPackError, match="two"):
        need_trust(Catalog.find((current,)).tasks, settings)


@pytest.mark.parametrize("name", ["pipe", f"{FIRST}/brief.zh.md", f"{FIRST}/task.toml"])
def test_a_pack_that_holds_a_pipe_is_refused_and_not_waited_for(tmp_path: Path, name: str) -> None:
    pack = tmp_path / "pack"
    make_bank(pack)
    (pack / name).unlink(missing_ok=True)
    os.mkfifo(pack / name)
    with pytest.raises(TaskFileError, match="is not a regular file"):
        Catalog.find((pack,))


def test_a_folder_of_too_many_files_is_no_pack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "pack"
    make_bank(pack)
    monkeypatch.setattr(pack_files, "MOST_FILES", 5)
    with pytest.raises(TaskFileError, match="more than 5 files"):
        Catalog.find((pack,))


def test_a_pack_of_too_many_bytes_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = tmp_path / "pack"
    make_bank(pack)
    with (pack / "large").open("wb") as file:
        file.truncate(2 << 20)
    monkeypatch.setattr(pack_files, "MOST_BYTES", 1 << 20)
    with pytest.raises(TaskFileError, match="more than 1 MB"):
        trust(pack, _settings_of(tmp_path))
