from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.errors import SettingsError, TaskFileError, UntrustedPackError
from engine.packs import FILE_NAME, need_trust, trust
from exam_bank.catalog import Catalog
from tests.engine.sittings import make_bank, make_settings, make_sitting


def test_a_pack_is_code_and_asked_for_once(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    with pytest.raises(UntrustedPackError, match=r"A pack is code.*tfexam bank trust"):
        need_trust(tasks, settings)
    trust(pack, settings)
    need_trust(tasks, settings)
    assert (settings.home / FILE_NAME).stat().st_mode & 0o077 == 0
    need_trust(tasks, make_settings(tmp_path, bank=(pack,)))


def test_another_pack_is_asked_for_again(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    make_bank(first)
    settings = make_settings(tmp_path, bank=(first, second))
    trust(first, settings)
    with pytest.raises(UntrustedPackError, match="second"):
        need_trust(make_bank(second).tasks, settings)


def test_what_is_built_in_needs_no_yes(tmp_path: Path) -> None:
    need_trust(Catalog.find().tasks, make_settings(tmp_path))


def test_a_list_that_is_damaged_trusts_nobody(tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    tasks = make_bank(pack).tasks
    settings = make_settings(tmp_path, bank=(pack,))
    trust(pack, settings)
    (settings.home / FILE_NAME).write_bytes(b"rubbish")
    with pytest.raises(UntrustedPackError):
        need_trust(tasks, settings)


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file in its place")
    with pytest.raises(SettingsError, match=FILE_NAME):
        trust(tmp_path, make_settings(tmp_path))


async def test_nothing_is_laid_out_from_a_pack_that_nobody_trusts(tmp_path: Path) -> None:
    settings = make_settings(tmp_path, bank=(tmp_path / "bank",))
    with pytest.raises(UntrustedPackError):
        await make_sitting(tmp_path, ManualClock(), settings=settings)
    assert not settings.sittings_folder.exists()


def test_a_pack_that_links_to_other_files_is_refused(tmp_path: Path) -> None:
    make_bank(tmp_path / "pack")
    secret = tmp_path / "secret.txt"
    secret.write_text("mine")
    brief = tmp_path / "pack" / "first-task" / "brief.md"
    brief.unlink()
    brief.symlink_to(secret)
    with pytest.raises(TaskFileError, match=r"brief\.md is a link out of its pack"):
        Catalog.find((tmp_path / "pack",))
