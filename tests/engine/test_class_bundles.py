"""Bundles of `tfexam export` in a class: each model knows its task, and only of this paper."""

import zipfile
from pathlib import Path

import pytest

from engine.classroom.intake.collection import Collection
from engine.classroom.intake.submissions import Submissions
from engine.classroom.intake.unpacked import Unpacked
from engine.classroom.people import FoundFile, Person, Roster
from engine.classroom.run_record import RunRecord, record_of
from engine.sitting.store.history import past
from engine.verification.bundle import export
from exam_bank.paper import Paper, for_practice
from tests.engine import test_verification

# An ended exam with four models for three tasks, and the bank that it came from.
room = test_verification.room
Room = test_verification.Room
CLASS = Roster(people=(Person(id="s1", name="Anna Weiß", line=2), Person(id="s2", line=3)))


def a_record(room: Room, paper: Paper) -> RunRecord:
    return record_of(paper, room.catalog)


def find(room: Room, run: RunRecord, *paths: Path) -> tuple[FoundFile, ...]:
    unpacked = Unpacked(room.path / "unpacked")
    collection = Collection(unpacked, 1 << 20)
    for each in paths:
        collection.add(each, each.name)
    return Submissions(CLASS, run, unpacked).find(collection)[1]


def sitting_paper(room: Room) -> Paper:
    return past(room.folder).record.paper


@pytest.mark.parametrize("packed", [False, True])
def test_every_model_of_a_bundle_is_a_file_of_its_owner(room: Room, packed: bool) -> None:
    run = a_record(room, sitting_paper(room))
    path = room.bundle.rename(room.path / "s1.tfexam.zip")
    if packed:
        with zipfile.ZipFile(room.path / "class.zip", "w") as archive:
            archive.write(path, "Anna Weiß_815_assignsubmission_file_/exam.tfexam.zip")
        path = room.path / "class.zip"
    found = find(room, run, path)
    assert [(each.person, each.task) for each in found] == [
        *[("s1", "task-1")] * 2,
        ("s1", "task-2"),
        ("s1", "task-3"),
    ]
    assert all(each.fault is None and each.path.is_file() for each in found)
    assert {each.sha256 for each in found} == {
        each.sha256 for each in past(room.folder).submissions
    }


def test_with_only_the_winners_each_task_has_one(room: Room) -> None:
    path = export(room.folder, room.path / "s2.tfexam.zip", only_winners=True)
    found = find(room, a_record(room, sitting_paper(room)), path)
    assert [(each.person, each.task) for each in found] == [("s2", "task-1"), ("s2", "task-2")]


def test_a_bundle_of_another_paper_is_rejected_and_says_so(room: Room) -> None:
    path = room.bundle.rename(room.path / "s1.tfexam.zip")
    other = for_practice([room.catalog.task("task-1")], number=3)
    (found,) = find(room, a_record(room, other), path)
    assert (found.person, found.reason, found.verdict) == ("s1", "other_paper", "rejected")


@pytest.mark.parametrize("how", ["cut", "record"])
def test_a_bundle_that_was_tampered_with_is_one_sentence(room: Room, how: str) -> None:
    path = room.path / "s1.tfexam.zip"
    with zipfile.ZipFile(room.bundle) as old, zipfile.ZipFile(path, "w") as new:
        for each in old.infolist():
            content = old.read(each)
            if each.filename == "journal.jsonl" and how == "cut":
                content = b'{"type":"started"\n' + content
            if each.filename == "sitting.toml" and how == "record":
                content = b"x"
            new.writestr(each.filename, content)
    (found,) = find(room, a_record(room, sitting_paper(room)), path)
    assert (found.person, found.reason, found.verdict) == ("s1", "damaged_bundle", "rejected")
    assert found.fault is not None
    assert str(room.path) not in found.fault.text()
