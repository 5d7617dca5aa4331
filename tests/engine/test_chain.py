"""The hash chain of a journal: what it shows, and that journals without one still open."""

from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.errors import JournalError
from engine.sitting.state import events
from engine.sitting.store import chain
from engine.sitting.store.chain import Chain, chain_of, first_link, linked
from engine.sitting.store.journal import NAME, Journal, read_journal
from engine.sitting.store.record import RECORD
from exam_bank.platform import disk

CLOCK = ManualClock()
SOME = (
    events.Started(at=CLOCK.now()),
    events.Paused(at=CLOCK.now()),
    events.Resumed(at=CLOCK.now()),
    events.Ended(at=CLOCK.now(), reason="time"),
)
THE_RECORD = b'id = "x"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / RECORD).write_bytes(THE_RECORD)
    return tmp_path


def write(folder: Path, *happened: events.Event) -> None:
    with Journal.open(folder, CLOCK) as journal:
        for each in happened:
            journal.append(each)


def lines(folder: Path) -> list[bytes]:
    return (folder / NAME).read_bytes().splitlines()


def found(folder: Path) -> Chain:
    return chain_of(lines(folder), THE_RECORD)


def test_every_line_has_its_link_and_the_events_are_the_same(folder: Path) -> None:
    write(folder, *SOME)
    assert found(folder) == Chain("whole")
    assert all(b'"chain":"' in line for line in lines(folder))
    assert read_journal(folder / NAME).events == SOME


def test_it_goes_on_when_the_journal_is_opened_again(folder: Path) -> None:
    for each in SOME:
        write(folder, each)
    assert found(folder) == Chain("whole")
    assert len(set(lines(folder))) == len(SOME)


def test_a_torn_line_is_dropped_and_the_chain_goes_on(folder: Path) -> None:
    write(folder, *SOME[:3])
    path = folder / NAME
    path.write_bytes(path.read_bytes() + b'{"event":"ended","at":')
    write(folder, SOME[3])
    assert found(folder) == Chain("whole")
    assert read_journal(path).events == SOME


def test_a_write_that_fails_breaks_no_link(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(28, "No space left on device")

    with Journal.open(folder, CLOCK) as journal:
        journal.append(SOME[0])
        with monkeypatch.context() as patch:
            patch.setattr(disk, "flush", fails)
            with pytest.raises(JournalError):
                journal.append(SOME[1])
        journal.append(SOME[1])
    assert found(folder) == Chain("whole")


def test_a_journal_of_an_earlier_tfexam_has_none_and_gets_one_from_there(folder: Path) -> None:
    old = b"".join(msgspec.json.encode(each) + b"\n" for each in SOME[:2])
    (folder / NAME).write_bytes(old)
    assert found(folder) == Chain("none")
    write(folder, *SOME[2:])
    assert found(folder) == Chain("part", 3)
    assert (folder / NAME).read_bytes().startswith(old)
    assert read_journal(folder / NAME).events == SOME


def test_without_a_record_it_begins_with_nothing(tmp_path: Path) -> None:
    write(tmp_path, *SOME)
    assert chain_of(lines(tmp_path), b"") == Chain("whole")
    assert chain_of([], b"") == Chain("none")


@pytest.mark.parametrize(
    ("tamper", "line"),
    [
        (lambda each: each[:1] + each[2:], 2),  # dropped
        (lambda each: [each[0], each[2], each[1], each[3]], 2),  # moved
        (lambda each: [*each[:2], each[2].replace(b"resumed", b"paused"), each[3]], 3),
        (lambda each: [*each[:3], each[3].partition(b',"chain"')[0] + b"}"], 4),
        (lambda each: [each[0], each[0], *each[1:]], 2),  # told twice
    ],
)
def test_whatever_is_changed_is_named_by_its_line(folder: Path, tamper: object, line: int) -> None:
    write(folder, *SOME)
    assert callable(tamper)
    assert chain_of(tamper(lines(folder)), THE_RECORD) == Chain("broken", line)


def test_another_record_breaks_it_at_its_first_line(folder: Path) -> None:
    write(folder, *SOME)
    assert chain_of(lines(folder), b'id = "y"\n') == Chain("broken", 1)


def test_a_link_is_of_all_before_it() -> None:
    line, link = linked(b'{"a":1}', first_link(b""))
    assert line == b'{"a":1,"chain":"' + link.encode() + b'"}'
    assert linked(b'{"a":1}', link)[1] != link
    assert chain.first_link(b"") != chain.first_link(b"x")
