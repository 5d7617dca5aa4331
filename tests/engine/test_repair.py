import os
from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.errors import GraderError, JournalError, SittingLockedError, WorkspaceError
from engine.sitting.proctor import Proctor
from engine.sitting.store.history import newest_open, sittings
from engine.sitting.store.journal import Journal
from engine.sitting.store.record import read_record
from engine.sitting.store.repair import check, recover
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, FakeGrader, make_settings, make_sitting


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A sitting with two graded submissions, closed."""
    clock, settings = ManualClock(), make_settings(tmp_path)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started(1, 2)
    for count, content in enumerate("ab", start=1):
        scene.save(content)
        await scene.until_graded(count)
    await scene.close()
    return scene.folder


def damage(folder: Path, number: int, line: bytes) -> bytes:
    path = folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[number - 1] = line
    path.write_bytes(b"".join(lines))
    return path.read_bytes()


def test_a_whole_sitting_is_whole(folder: Path) -> None:
    found = check(folder)
    assert (found.is_whole, found.remarks) == (True, ())
    assert (found.events, found.submissions) == (7, 2)


def test_a_torn_end_is_a_note_and_no_damage(folder: Path) -> None:
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"event":"pau')
    found = check(folder)
    assert found.is_whole
    assert "a line that was never finished (13 B)" in found.remarks[0].says


@pytest.mark.parametrize("name", ["journal.jsonl", "sitting.toml", f"tasks/{FIRST}/task.toml"])
def test_what_cannot_be_read_is_damage_that_names_the_file(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"\x00rubbish\n" * 3)
    found = check(folder)
    assert not found.is_whole
    assert name.rpartition("/")[2] in found.remarks[0].says


def test_frozen_models_and_hidden_sets_are_looked_at(folder: Path) -> None:
    first, second = sorted((folder / "submissions").iterdir())
    first.chmod(0o600)
    first.write_bytes(b"other bytes")
    second.unlink()
    for path in (folder / "hidden" / FIRST).iterdir():
        path.unlink()
    says = [each.says for each in check(folder).remarks]
    assert len(says) == 3
    assert any(f"{first} was changed" in each for each in says)
    assert any(f"{second} cannot be read" in each for each in says)
    assert any(f"hidden set of {FIRST} is gone" in each for each in says)


def test_an_edited_score_or_record_is_damage_though_it_could_have_been(folder: Path) -> None:
    path = folder / "journal.jsonl"
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"score":1', b'"score":5'))
    (remark,) = check(folder).remarks
    assert "journal.jsonl: line 4 does not follow" in remark.says
    assert not check(folder).is_whole
    path.write_bytes(content)
    record = folder / "sitting.toml"
    record.write_bytes(record.read_bytes().replace(b"weight = ", b"weight = 1"))
    (remark,) = check(folder).remarks
    assert "journal.jsonl: line 1 does not follow" in remark.says


def test_recovering_keeps_what_was_before_the_damage_and_the_damaged_file(folder: Path) -> None:
    damaged = damage(folder, 5, b"\xff rubbish\n")
    with pytest.raises(JournalError, match=r"line 5 .*--recover"):
        Journal.open(folder, ManualClock())
    count, kept = recover(folder, ManualClock())
    assert (count, kept.read_bytes()) == (4, damaged)
    assert check(folder).is_whole
    with Journal.open(folder, ManualClock()) as opened:
        assert len(opened.events) == 4


def test_recovering_stops_before_what_cannot_have_happened(folder: Path) -> None:
    path = folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    damage(folder, 3, lines[0])  # the clock is started a second time
    assert recover(folder, ManualClock())[0] == 2


def test_a_second_recovery_does_not_write_over_the_first(folder: Path) -> None:
    for number in (7, 5):
        damage(folder, number, b"rubbish\n")
        recover(folder, ManualClock())
    assert len(list(folder.glob("journal.damaged-*.jsonl"))) == 2


def test_nothing_is_recovered_from_a_whole_or_an_open_or_a_worthless_journal(
    folder: Path,
) -> None:
    with pytest.raises(JournalError, match="is intact"):
        recover(folder, ManualClock())
    with (
        Journal.open(folder, ManualClock()),
        pytest.raises(SittingLockedError, match=f"process {os.getpid()}"),
    ):
        recover(folder, ManualClock())
    damage(folder, 1, b"rubbish\n")
    with pytest.raises(JournalError, match="not even its first line"):
        recover(folder, ManualClock())


@pytest.mark.parametrize(
    ("version", "says"), [(9, "newer tfexam"), (0, "no longer reads"), ("x", "no format_version")]
)
def test_a_record_of_another_format_says_what_to_do(
    folder: Path, version: object, says: str
) -> None:
    path = folder / "sitting.toml"
    raw = msgspec.toml.decode(path.read_bytes())
    path.write_bytes(msgspec.toml.encode(raw | {"format_version": version}))
    with pytest.raises(WorkspaceError, match=says) as caught:
        read_record(folder)
    assert caught.value.fix


def test_todays_record_is_read(folder: Path) -> None:
    assert read_record(folder).format_version == 1


@pytest.fixture
async def ended(folder: Path) -> Path:
    """The same after its end, with its result."""
    settings = make_settings(folder.parents[2])
    scene = Scene(folder, settings, ManualClock())
    scene.open()
    scene.proctor.end()
    await scene.until_after(lambda: scene.proctor.finished)
    await scene.close()
    return folder


@pytest.mark.parametrize("kept", ["nothing", "400 bytes", "all but the end", "half a grade"])
def test_a_journal_whose_end_is_missing_is_damage_and_the_result_stays(
    ended: Path, kept: str
) -> None:
    path, result = ended / "journal.jsonl", (ended / "result.toml").read_bytes()
    content = path.read_bytes()
    lines = content.splitlines(keepends=True)
    left = {
        "nothing": b"",
        "400 bytes": content[:400],
        "all but the end": b"".join(lines[:-1]),
        "half a grade": b"".join(lines[:6]) + lines[-1],  # the second was never graded
    }[kept]
    path.write_bytes(left)
    settings, clock = make_settings(ended.parents[2]), ManualClock()
    (summary,) = sittings(settings, clock)
    assert (summary.phase, summary.is_open) == ("damaged", False)
    assert "result.toml" in summary.fault
    assert newest_open(settings, clock) is None
    assert not check(ended).is_whole
    with pytest.raises(JournalError, match=r"Events are missing from "):
        Proctor.open(ended, settings=settings, clock=clock, grader=FakeGrader())
    assert path.read_bytes() == left
    assert (ended / "result.toml").read_bytes() == result


def test_recovering_a_journal_without_its_end_keeps_the_result_beside_it(ended: Path) -> None:
    path, result = ended / "journal.jsonl", (ended / "result.toml").read_bytes()
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[:-1]))
    assert recover(ended, ManualClock())[0] == len(whole) - 1
    assert (ended / "result.damaged-1.toml").read_bytes() == result
    assert check(ended).is_whole


async def test_what_is_graded_again_after_the_end_is_no_damage(
    tmp_path: Path,
) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started()
    scene.grader.fault = GraderError("no memory")
    scene.save("a")
    await scene.until_graded(1)
    scene.proctor.end()
    await scene.until_after(lambda: scene.proctor.finished)
    await scene.close()
    scene.open()  # and killed while it is graded again
    await scene.until_after(lambda: scene.grader.busy)
    await scene.close()
    assert check(scene.folder).is_whole
