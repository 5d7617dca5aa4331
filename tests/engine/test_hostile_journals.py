"""No line of a journal prevents a sitting from being listed, checked, reported or recovered."""

import json
import os
import re
import tomllib
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.errors import JournalError, SittingError
from engine.grading.protocol import sentences
from engine.settings import Settings
from engine.sitting.state import report
from engine.sitting.state.report import result, to_json, to_toml
from engine.sitting.state.sitting import Sitting
from engine.sitting.store.history import past, sittings
from engine.sitting.store.record import read_record, read_tasks
from engine.sitting.store.repair import check, recover
from engine.sitting.views.model_diff import from_the_one_before
from engine.sitting.views.next_points import next_points
from exam_bank.printable import LONGEST, printable, printable_lines
from tests.engine import hostile_journals
from tests.engine.sittings import make_settings, make_sitting
from tui.commands.report_text import text


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path)


@pytest.fixture
async def folder(tmp_path: Path, clock: ManualClock, settings: Settings) -> Path:
    return await make_sitting(tmp_path, clock, settings=settings)


def look_at_all(sitting: Sitting, folder: Path) -> None:
    """Read everything that screens and reports read from a sitting."""
    report = result(sitting)
    assert len(text(report)) < 5_000
    assert json.loads(to_json(report))["sitting"] == tomllib.loads(to_toml(report))["sitting"]
    next_points(sitting, read_tasks(folder, sitting.record))
    for each in sitting.submissions:
        each.at.local()
        assert 0 <= (each.score or 0) <= 5
        assert from_the_one_before(each, sitting.submissions) or True
        if each.grade is not None:
            for said in sentences(each.grade):
                assert len(said.text()) <= LONGEST
                assert said.text() == printable(said.text())


def test_every_bad_value_is_shown_or_is_damage_that_names_its_line(
    folder: Path, settings: Settings, clock: ManualClock
) -> None:
    happened = hostile_journals.whole(clock.now())
    outcomes: Counter[bool] = Counter()
    for line, what, content in hostile_journals.damaged(happened):
        (folder / "journal.jsonl").write_bytes(content)
        try:
            look_at_all(past(folder), folder)
        except JournalError as error:
            fault = str(error)
        else:
            outcomes[True] += 1
            continue
        outcomes[False] += 1
        said = re.search(r"journal\.jsonl, line (\d+) ", fault)
        assert said, what
        # A value of the right kind may be told as impossible by a later line only.
        assert int(said[1]) >= line, what
        assert fault == printable(fault, LONGEST), what
    # Both happen: or nothing was tried.
    assert min(outcomes[True], outcomes[False]) > 100, outcomes


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("sha256", '"\\u0000"'),
        ("sha256", '"../../../etc/passwd"'),
        ("wall", "1e300"),
        ("wall", "-1e300"),
        ("score", str(2**62)),
        ("score", "-1"),
        ("seconds", "1e300"),
        ("number", "9" * 5000),
        ("boot", "[" * 100_000 + "]" * 100_000),
        ("unknown", "[" * 100_000 + "]" * 100_000),
    ],
)
def test_what_was_found_is_listed_checked_and_recovered(
    folder: Path, settings: Settings, clock: ManualClock, field: str, value: str
) -> None:
    happened = hostile_journals.whole(clock.now())
    lines = [msgspec.json.encode(each).decode() for each in happened]
    at = next((n for n, each in enumerate(lines) if f'"{field}":' in each), 5)
    bad, found = re.subn(rf'"{field}":("[^"]*"|[\d.]+)', lambda _: f'"{field}":{value}', lines[at])
    lines[at] = bad if found else f'{lines[at][:-1]},"{field}":{value}}}'
    (folder / "journal.jsonl").write_text("".join(each + "\n" for each in lines))
    assert len(sittings(settings, clock)) == 1
    checked = check(folder)
    assert not checked.is_whole
    assert any(f"line {at + 1} " in each.says for each in checked.remarks)
    if at:
        count, _kept = recover(folder, clock)
        assert count == at
        assert sittings(settings, clock)[0].fault == ""


def test_a_record_with_a_bad_value_is_damaged_or_read(
    folder: Path, settings: Settings, clock: ManualClock
) -> None:
    (folder / "journal.jsonl").write_bytes(
        b"".join(msgspec.json.encode(each) + b"\n" for each in hostile_journals.whole(clock.now()))
    )
    path = folder / "sitting.toml"
    record = path.read_text()
    bad = [
        *("nan", "inf", "-inf", "-1", "0", "1e300", "9999999999999999999999", "true", "[]"),
        *('"\\u0000"', '"\\u001b[2J"', '"../.."', f'"{"x" * 100_000}"', "[" * 9_000 + "]" * 9_000),
        *("{}", "1979-05-27"),
    ]
    read = refused = 0
    for found in re.finditer(r"(?m)(?<== )(\"[^\"]*\"|[\d.]+)", record):
        for value in bad:
            path.write_text(record[: found.start()] + value + record[found.end() :])
            (summary,) = sittings(settings, clock)
            refused += bool(summary.fault)
            read += not summary.fault
            assert summary.fault == printable(summary.fault)
            check(folder)
            if not summary.fault:
                look_at_all(past(folder), folder)
    assert min(read, refused) > 3, (read, refused)
    path.write_text(record)
    assert read_record(folder)


def test_a_report_says_nothing_that_steers_a_terminal(folder: Path, clock: ManualClock) -> None:
    path = folder / "sitting.toml"
    hostile = re.sub(r'(?m)^id = ".*"', 'id = "\\\\u001b[2Jx\\\\n5/5"', path.read_text())
    path.write_text(hostile)
    said = text(result(past(folder)))
    assert said == printable_lines(said)
    assert "\n5/5" not in said


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["journal.jsonl", "sitting.toml", "result.toml", "a kept model"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "3 GB"])
def test_what_is_no_such_file_is_named_and_neither_waited_for_nor_read(
    folder: Path, settings: Settings, clock: ManualClock, name: str, kind: str
) -> None:
    sha256 = "0" * 64
    at = msgspec.to_builtins(clock.now())
    task = read_record(folder).paper.tasks[0].task
    lines = [
        {"event": "started", "at": at},
        {"event": "submitted", "at": at, "number": 1, "task": task, "sha256": sha256, "size": 1},
        {"event": "superseded", "at": at, "number": 1, "by": 2},
        {"event": "ended", "at": at, "reason": "candidate"},
    ]
    (folder / "journal.jsonl").write_text("".join(json.dumps(each) + "\n" for each in lines))
    path = folder / ("submissions/" + sha256 + ".h5" if name == "a kept model" else name)
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(3_000_000_000)
    if name != "a kept model" or kind != "3 GB":  # one is hashed whole: it may be that large
        check(folder)
    if name == "result.toml":
        with pytest.raises(SittingError, match=re.escape(str(path))):
            report.read(folder)
    found = sittings(settings, clock)
    if name == "journal.jsonl":
        assert str(path) in found[0].fault
        with pytest.raises(JournalError, match=re.escape(str(path))):
            recover(folder, clock)
