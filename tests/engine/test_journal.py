import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.clock import Instant, ManualClock
from engine.errors import JournalError, SittingLockedError
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.store import journal
from engine.sitting.store.journal import Journal, read_journal
from engine.sitting.store.lock import owner_of
from engine.sitting.store.takeover import ask_to_end, can_take_over
from tests.engine.sittings import graded

AT = Instant(wall=1.0, boot=1.0, boot_id="b")
SOME: tuple[Event, ...] = (
    events.Started(at=AT),
    events.Submitted(at=AT, number=1, task="t", sha256="0" * 64, size=3),
    events.GradingEnded(at=AT, number=1, grade=graded(4)),
)


def write(folder: Path, happened: tuple[Event, ...] = SOME) -> Path:
    with Journal.open(folder, ManualClock()) as open_journal:
        for event in happened:
            open_journal.append(event)
    return folder / "journal.jsonl"


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    path = write(tmp_path)
    assert read_journal(path).events == SOME
    assert path.stat().st_mode & 0o077 == 0
    with Journal.open(tmp_path, ManualClock()) as again:
        assert (again.events, again.torn) == (SOME, 0)


def test_a_journal_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert read_journal(tmp_path / "journal.jsonl") == ((), 0, 0)


def test_a_last_line_torn_at_any_byte_is_dropped_and_written_over(tmp_path: Path) -> None:
    path = write(tmp_path, (SOME[0], events.Paused(at=AT)))
    whole = path.read_bytes()
    start = whole.rfind(b"\n", 0, -1) + 1
    for length in range(start + 1, len(whole)):
        path.write_bytes(whole[:length])
        with Journal.open(tmp_path, ManualClock()) as torn:
            assert tuple(torn.events) == SOME[:1]
            assert torn.torn == length - start
            torn.append(events.Paused(at=AT))
        assert path.read_bytes() == whole


def test_zeros_that_a_power_cut_left_are_torn_off_too(tmp_path: Path) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    for tail in (b"\0" * 40, b"\0" * 40 + b'"at":1}\n'):
        path.write_bytes(whole + tail)
        read = read_journal(path)
        assert (read.events, read.length, read.torn) == (SOME, len(whole), len(tail))


def test_a_first_line_that_is_torn_leaves_an_empty_journal(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").write_bytes(b'{"event":')
    assert read_journal(tmp_path / "journal.jsonl") == ((), 0, 9)


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"event":"invented"}', b"null"])
def test_damage_of_a_whole_line_is_named_and_never_guessed(
    tmp_path: Path, number: int, damage: bytes
) -> None:
    path = write(tmp_path)
    lines = path.read_bytes().splitlines()
    lines[number - 1] = damage
    path.write_bytes(b"\n".join(lines) + b"\n")
    before = path.read_bytes()
    with pytest.raises(JournalError, match=rf"journal\.jsonl, line {number} "):
        Journal.open(path.parent, ManualClock())
    assert path.read_bytes() == before


@pytest.mark.parametrize("written", [0, 1, 30])
def test_a_full_disk_leaves_the_journal_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()

    def write_some(descriptor: int, line: bytes) -> None:
        os.write(descriptor, line[:written])
        raise OSError(errno.ENOSPC, "No space left on device")

    with Journal.open(tmp_path, ManualClock()) as full:
        with monkeypatch.context() as patch:
            patch.setattr(journal, "_write_all", write_some)
            with pytest.raises(
                JournalError, match=r"No space left.*Nothing.*is lost.*Free some space"
            ):
                full.append(events.Paused(at=AT))
        assert path.read_bytes() == whole
        full.append(events.Paused(at=AT))
    assert read_journal(path).events == (*SOME, events.Paused(at=AT))


def test_what_a_failed_write_left_is_cut_off_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path)

    def write_half(descriptor: int, line: bytes) -> None:
        os.write(descriptor, line[:20])
        raise OSError(errno.EIO, "Input/output error")

    def cannot(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with Journal.open(tmp_path, ManualClock()) as broken:
        with monkeypatch.context() as patch:
            patch.setattr(journal, "_write_all", write_half)
            patch.setattr(Journal, "_cut_back_if_possible", lambda _: None)
            with pytest.raises(JournalError):
                broken.append(events.Paused(at=AT))
        assert read_journal(path).torn == 20
        broken.append(events.Paused(at=AT))
    assert read_journal(path).events == (*SOME, events.Paused(at=AT))


def test_a_write_is_on_disk_before_append_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Journal.open(tmp_path, ManualClock()) as fresh:
        synced: list[int] = []
        monkeypatch.setattr(os, "fsync", lambda each: synced.append(os.fstat(each).st_size))
        fresh.append(SOME[0])
        assert synced == [(tmp_path / "journal.jsonl").stat().st_size]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "journal.jsonl").mkdir()
    with pytest.raises(JournalError, match=r"journal\.jsonl cannot be read"):
        Journal.open(tmp_path, ManualClock())
    other = tmp_path / "other"
    (other / "lock").mkdir(parents=True)
    with pytest.raises(JournalError, match="other cannot be locked"):
        Journal.open(other, ManualClock())


def test_the_second_writer_learns_who_is_the_first(tmp_path: Path) -> None:
    first = Journal.open(tmp_path, ManualClock())
    owner = owner_of(tmp_path)
    assert owner is not None
    assert owner.pid == os.getpid()
    with pytest.raises(SittingLockedError, match=f"process {os.getpid()} on {owner.host}, since"):
        Journal.open(tmp_path, ManualClock())
    first.close()
    first.close()
    assert owner_of(tmp_path) is None
    Journal.open(tmp_path, ManualClock()).close()


def test_a_damaged_journal_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_bytes(b"damage\n" + path.read_bytes())
    for _ in range(2):
        with pytest.raises(JournalError, match="line 1"):
            Journal.open(tmp_path, ManualClock())


def test_the_lock_falls_with_its_process(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.clock import SystemClock; "
        "from engine.sitting.store.journal import Journal; "
        "journal = Journal.open(Path(sys.argv[1]), SystemClock()); print('open', flush=True); "
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(SittingLockedError, match=f"process {other.pid} "):
            Journal.open(tmp_path, ManualClock())
        other.kill()
        other.wait()
    Journal.open(tmp_path, ManualClock()).close()


def test_the_other_window_is_asked_to_end_and_nobody_else(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from engine.clock import SystemClock; "
        "from engine.sitting.store.journal import Journal; "
        "journal = Journal.open(Path(sys.argv[1]), SystemClock()); print('open', flush=True); "
        "sys.stdin.read()"
    )
    for name, ours in (("tui.cli", True), ("another program", False)):
        folder = tmp_path / name
        folder.mkdir()
        command = [sys.executable, "-c", code, str(folder), "-m", name]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == b"open\n"
            assert can_take_over(folder) == ours
            ask_to_end(folder)
            if not ours:
                other.kill()
            assert other.wait(timeout=30) != 0
        Journal.open(folder, ManualClock()).close()
        assert not can_take_over(folder)


def test_a_journal_that_was_deleted_meanwhile_is_put_back(tmp_path: Path) -> None:
    with Journal.open(tmp_path, ManualClock()) as opened:
        opened.append(SOME[0])
        (tmp_path / "journal.jsonl").unlink()
        opened.append(SOME[1])
        opened.append(SOME[2])
    assert read_journal(tmp_path / "journal.jsonl").events == SOME


def test_a_journal_whose_place_was_taken_is_not_written_over(tmp_path: Path) -> None:
    with Journal.open(tmp_path, ManualClock()) as opened:
        opened.append(SOME[0])
        (tmp_path / "journal.jsonl").unlink()
        (tmp_path / "journal.jsonl").write_bytes(b"not ours")
        with pytest.raises(JournalError, match="another file took its place"):
            opened.append(SOME[1])
    assert (tmp_path / "journal.jsonl").read_bytes() == b"not ours"


def test_a_journal_whose_folder_is_gone_cannot_be_put_back(tmp_path: Path) -> None:
    folder = tmp_path / "sitting"
    folder.mkdir()
    with Journal.open(folder, ManualClock()) as opened:
        opened.append(SOME[0])
        shutil.rmtree(folder)
        with pytest.raises(JournalError, match="cannot be written"):
            opened.append(SOME[1])


def test_a_lock_is_given_back_even_when_its_sign_cannot_be_removed(tmp_path: Path) -> None:
    opened = Journal.open(tmp_path, ManualClock())
    (tmp_path / "lock.json").unlink()
    (tmp_path / "lock.json").mkdir()
    opened.close()
    Journal.open(tmp_path, ManualClock()).close()
