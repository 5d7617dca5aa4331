"""`tfexam history` and `tfexam report` with sittings on disk."""

import asyncio
import hashlib
import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.clock import ManualClock, SystemClock
from engine.grading.protocol import Message
from engine.sitting import proctor
from engine.sitting.not_taken import write_not_taken
from engine.sitting.state.events import Ended, Started, Submitted
from engine.sitting.store.journal import Journal
from engine.sitting.store.lock import SittingLock
from tests.engine.sittings import FIRST, FakeGrader, make_sitting, model
from tests.tui.sittings import keep, settings_in
from tui.cli import main


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args])


def rows(home: Path) -> list[dict[str, object]]:
    found = call(home, "history", "--format", "json")
    assert found.exit_code == 0
    return [json.loads(line) for line in found.stdout.splitlines()]


def test_nothing_yet_is_no_row_and_a_hint(tmp_path: Path) -> None:
    assert rows(tmp_path) == []
    assert "tfexam exam" in call(tmp_path, "history").stderr


def test_a_passed_sitting_is_listed_as_passed_with_its_code(tmp_path: Path) -> None:
    record = keep(tmp_path, "done", score=5, ended=True)
    (row,) = rows(tmp_path)
    assert (row["id"], row["phase"], row["passed"], row["percent"]) == ("done", "ended", True, 100)
    assert row["code"] == record.paper.code
    assert row["scores"] == dict.fromkeys(record.paper.weights, 5)
    assert "PASS" in call(tmp_path, "history").stdout


def test_a_practice_is_neither_passed_nor_failed(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=2, ended=True, kind="practice")
    said = call(tmp_path, "history").stdout
    assert "40 %" in said
    assert "over" in said
    assert "FAIL" not in said


def test_a_report_of_a_practice_neither_passes_nor_fails_it(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=2, ended=True, kind="practice")
    keep(tmp_path, "open", score=3, kind="practice")
    assert call(tmp_path, "report", "done").stdout.splitlines()[-1] == "Over: 40 %"
    assert call(tmp_path, "report", "open").stdout.splitlines()[-1] == "So far 60 %"


def test_a_report_says_that_it_is_not_final_while_a_model_waits(tmp_path: Path) -> None:
    for kind in ("exam", "practice"):
        record = keep(tmp_path, kind, score=2, kind=kind)
        journal = Journal.open(tmp_path / "sittings" / kind, SystemClock())
        now = SystemClock().now()
        journal.append(
            Submitted(at=now, number=6, task=record.paper.tasks[0].task, sha256="6" * 64, size=1)
        )
        journal.append(Ended(at=now, reason="candidate"))
        journal.close()
        last = call(tmp_path, "report", kind).stdout.splitlines()[-1]
        assert last.startswith("So far 40 %: 1 submission still waits to be graded.")
        spoken = json.loads(call(tmp_path, "report", kind, "--format", "json").stdout)
        assert spoken["waiting"] == 1
    keep(tmp_path, "done", score=2, ended=True)
    assert "waiting" not in json.loads(call(tmp_path, "report", "done", "--format", "json").stdout)


def test_a_report_names_what_was_not_taken_at_the_end(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    folder = settings_in(tmp_path).sittings_folder / "done"
    write_not_taken(folder, [Message("{file} was too late.", {"file": "mymodel.h5"})])
    assert call(tmp_path, "report").stdout.splitlines()[-1] == "! mymodel.h5 was too late."
    (folder / "not_taken.json").write_text("damage")
    assert call(tmp_path, "report").stdout.splitlines()[-1].startswith("PASS")


def test_an_exam_that_is_still_graded_has_not_failed_yet(tmp_path: Path) -> None:
    folder = asyncio.run(left_ungraded(tmp_path))
    record = folder / "sitting.toml"
    record.write_text(record.read_text().replace('kind = "practice"', 'kind = "exam"'))
    said = call(tmp_path, "history").stdout
    assert "being graded" in said
    assert "FAIL" not in said


def test_of_a_damaged_record_nothing_is_made_up(tmp_path: Path) -> None:
    keep(tmp_path, "2027-01-15-0800-abcd", kind="practice")
    folder = settings_in(tmp_path).sittings_folder / "2027-01-15-0800-abcd"
    (folder / "sitting.toml").write_text("damage")
    (row,) = rows(tmp_path)
    assert [row[key] for key in ("kind", "mode", "percent", "passed")] == [None] * 4
    line = next(each for each in call(tmp_path, "history").stdout.splitlines() if "abcd" in each)
    assert line.split()[1:6] == ["unknown", "–", "2027-01-15", "08:00", "damaged"]
    assert "exam" not in line


def test_the_code_of_an_open_sitting_is_kept_back(tmp_path: Path) -> None:
    record = keep(tmp_path, "open", score=3)
    (row,) = rows(tmp_path)
    assert (row["phase"], row["code"]) == ("running", None)
    assert record.paper.code not in call(tmp_path, "history").stdout


def test_newest_first_and_a_damaged_one_hides_no_other(tmp_path: Path) -> None:
    old = ManualClock(wall=SystemClock().now().wall - 1000)
    keep(tmp_path, "older", score=1, ended=True, clock=old)
    keep(tmp_path, "newer", ended=True)
    keep(tmp_path, "broken")
    journal = settings_in(tmp_path).sittings_folder / "broken" / "journal.jsonl"
    journal.write_bytes(b"rubbish\n" + journal.read_bytes())
    found = rows(tmp_path)
    assert [row["id"] for row in found if row["phase"] != "damaged"] == ["newer", "older"]
    (fault,) = [row["fault"] for row in found if row["phase"] == "damaged"]
    assert "journal.jsonl" in str(fault)


def test_a_report_is_of_the_newest_sitting_unless_one_is_named(tmp_path: Path) -> None:
    old = ManualClock(wall=SystemClock().now().wall - 1000)
    keep(tmp_path, "2026-01-a", score=5, ended=True, clock=old)
    keep(tmp_path, "2026-02-b", score=1, ended=True)
    assert "FAIL: 20 %" in call(tmp_path, "report").stdout
    assert "PASS: 100 %" in call(tmp_path, "report", "2026-01").stdout


def test_a_report_speaks_json_and_toml(tmp_path: Path) -> None:
    keep(tmp_path, "a", score=5, ended=True)
    spoken = json.loads(call(tmp_path, "report", "--format", "json").stdout)
    written = tomllib.loads(call(tmp_path, "report", "--format", "toml").stdout)
    assert spoken["passed"] is written["passed"] is True
    assert len(spoken["tasks"]) == len(written["tasks"]) == 5


def test_an_unknown_or_ambiguous_sitting_is_a_usage_error(tmp_path: Path) -> None:
    keep(tmp_path, "2026-01-a", ended=True)
    keep(tmp_path, "2026-01-b", ended=True)
    for name, words in (("2027", "No sitting begins"), ("2026", "several sittings")):
        found = call(tmp_path, "report", name)
        assert found.exit_code == 2
        assert words in found.stderr


@pytest.mark.parametrize("notation", ["text", "json", "toml"])
def test_a_report_of_an_open_sitting_tells_neither_code_nor_outcome(
    notation: str, tmp_path: Path
) -> None:
    record = keep(tmp_path, "open", score=3)
    said = call(tmp_path, "report", "--format", notation).stdout
    assert record.paper.code not in said
    assert "FAIL" not in said
    assert "60" in said


def test_a_report_names_the_line_of_the_journal_that_cannot_be(tmp_path: Path) -> None:
    keep(tmp_path, "odd", score=3)
    journal = settings_in(tmp_path).sittings_folder / "odd" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(lines[1:]))
    found = call(tmp_path, "report", "odd")
    assert found.exit_code == 2
    assert "journal.jsonl, line 1" in found.stderr


def test_check_tells_whole_from_damaged_and_recover_mends(tmp_path: Path) -> None:
    keep(tmp_path, "sound", ended=True)
    keep(tmp_path, "broken", score=2)
    folder = settings_in(tmp_path).sittings_folder / "broken"
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b"rubbish\nmore\n")
    checked = call(tmp_path, "history", "--check")
    assert checked.exit_code == 1
    assert "✗ broken" in checked.stdout
    assert "--recover broken" in checked.stdout
    found = [
        json.loads(line)
        for line in call(tmp_path, "history", "--check", "--format", "json").stdout.splitlines()
    ]
    assert {row["id"] for row in found} == {"sound", "broken"}
    mended = call(tmp_path, "history", "--recover", "broken")
    assert mended.exit_code == 0
    assert "journal.damaged-1.jsonl" in mended.stdout
    (row,) = [row for row in rows(tmp_path) if row["id"] == "broken"]
    assert row["phase"] == "running"


def test_recover_takes_the_start_of_an_id_as_everything_does(tmp_path: Path) -> None:
    for name in ("2026-01-a", "2026-01-b", "2026-02-c"):
        keep(tmp_path, name, score=2)
    journal = settings_in(tmp_path).sittings_folder / "2026-02-c" / "journal.jsonl"
    journal.write_bytes(journal.read_bytes() + b"rubbish\n")
    several = call(tmp_path, "history", "--recover", "2026-01")
    assert (several.exit_code, "several sittings" in several.stderr) == (2, True)
    mended = call(tmp_path, "history", "--recover", "2026-02")
    assert mended.exit_code == 0
    assert mended.stdout.startswith("2026-02-c continues from its first 11 events.")
    none = call(tmp_path, "history", "--recover", "3")
    assert "No sitting begins with" in none.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("history",),
        ("history", "--check"),
        ("history", "--finish"),
        ("history", "--recover", "2026"),
        ("status",),
        ("reset", "1"),
        ("report",),
        ("review",),
        ("skills",),
        ("next",),
    ],
)
@pytest.mark.parametrize("place", ["home", "home/sittings", "home/deep/down"])
def test_a_home_that_is_no_folder_is_said(
    tmp_path: Path, args: tuple[str, ...], place: str
) -> None:
    (tmp_path / "home").mkdir()
    home = tmp_path / place
    if place == "home":
        home.rmdir()
        home.touch()
    elif place == "home/sittings":
        home.touch()
        home = home.parent
    else:
        home.parent.symlink_to(tmp_path / "unplugged")
    found = call(home, *args)
    assert found.exit_code == 2
    assert "is not a folder, so no sittings can be kept there." in found.stderr
    assert found.stdout == ""


def test_what_is_waiting_is_graded_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "All is graded" in call(tmp_path, "history", "--finish").stderr
    keep(tmp_path, "done", score=5, ended=True)
    folder = asyncio.run(left_ungraded(tmp_path))
    before = {row["id"]: row["percent"] for row in rows(tmp_path)}
    monkeypatch.setattr(proctor, "grader_of", lambda *_: FakeGrader(4))
    found = call(tmp_path, "history", "--finish")
    assert found.exit_code == 0, found.output
    assert f"{folder.name}: submission 1: ● graded" in found.stderr
    assert folder.name in found.stdout
    after = {row["id"]: row["percent"] for row in rows(tmp_path)}
    assert after["done"] == before["done"]
    assert before[folder.name] == 0
    assert after[folder.name] != 0
    assert "All is graded" in call(tmp_path, "history", "--finish").stderr


def test_so_is_what_a_sitting_left_whose_time_ran_out_unseen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = asyncio.run(left_ungraded(tmp_path, ended=False))
    (row,) = rows(tmp_path)
    assert row["phase"] == "running"
    monkeypatch.setattr(proctor, "grader_of", lambda *_: FakeGrader(4))
    found = call(tmp_path, "history", "--finish")
    assert f"{folder.name}: submission 1: ● graded" in found.stderr
    (row,) = rows(tmp_path)
    assert row["phase"] == "ended"
    assert row["percent"] != 0


def test_one_that_is_open_elsewhere_is_left_there(tmp_path: Path) -> None:
    folder = asyncio.run(left_ungraded(tmp_path))
    lock = SittingLock.take(folder, SystemClock())
    found = call(tmp_path, "history", "--finish")
    lock.release()
    assert found.exit_code == 1
    assert "open in another tfexam" in found.stderr


async def left_ungraded(home: Path, *, ended: bool = True) -> Path:
    """A sitting that is over, with one submission that waits.

    One that has not `ended` began six hours ago, and nobody was there when its time ran out.
    """
    clock, settings = SystemClock(), settings_in(home)
    folder = await make_sitting(home, clock, settings=settings)
    with Journal.open(folder, clock) as journal:
        now = clock.now() if ended else clock.now().later(-6 * 3600)
        sha256 = hashlib.sha256(model()).hexdigest()
        (folder / "submissions" / f"{sha256}.h5").write_bytes(model())
        journal.append(Started(at=now))
        journal.append(Submitted(at=now, number=1, task=FIRST, sha256=sha256, size=400))
        if ended:
            journal.append(Ended(at=now, reason="candidate"))
    return folder
