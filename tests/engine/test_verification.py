"""Bundles of ended sittings, and that `verify` names whatever was tampered with."""

import os
import re
import shutil
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.errors import DataError, SittingError, TfexamError
from engine.grading.protocol import Crashed, GraderFailed, Message
from engine.settings import Settings
from engine.sitting.state import report
from engine.sitting.state.report import FILE_NAME
from engine.sitting.state.sitting import Phase
from engine.sitting.store.history import past
from engine.sitting.store.journal import NAME
from engine.sitting.store.layout import lay_out
from engine.sitting.store.record import RECORD, submission_file
from engine.verification import bundle as bundle_module
from engine.verification import findings
from engine.verification.bundle import export, unpack
from engine.verification.verify import Verification, verify
from exam_bank import paper
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, Step
from exam_bank.task import Task
from tests.engine.scene import Scene
from tests.engine.sittings import (
    FakeGrader,
    fake_prepare,
    make_bank,
    make_settings,
    model,
    until,
)

OLD = Path(__file__).parents[1] / "fixtures" / "sittings"
TASKS = {f"task-{number}": number for number in range(1, 6)}
SCORES = {"task-1": ("a", 5), "task-2": ("b", 3), "task-3": ("c", 0)}


class Room:
    """An ended exam on disk, and the bank and settings that it came from."""

    def __init__(self, tmp_path: Path, catalog: Catalog, settings: Settings, folder: Path) -> None:
        self.path, self.catalog, self.settings, self.folder = tmp_path, catalog, settings, folder
        self.clock = ManualClock()
        self.grader = FakeGrader()
        self.grader.marks = {model(content): score for content, score in SCORES.values()}
        self.grader.marks[model("worse")] = 2
        self.orders: list[Order] = []
        self.steps: list[tuple[str, int, int]] = []

    @property
    def bundle(self) -> Path:
        path = self.path / "exam.tfexam.zip"
        return path if path.exists() else export(self.folder, path)

    async def prepare(self, orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
        self.orders += orders
        for done, order in enumerate(orders, 1):
            os.makedirs(order.hidden)  # noqa: PTH103 - blocks for no time
            on_step(Step(order.task, done, len(orders)))

    async def verified(self, source: Path | None = None) -> Verification:
        return await verify(
            source or self.bundle,
            self.settings,
            self.catalog,
            self.clock,
            grader=self.grader,
            prepare=self.prepare,
            on_step=lambda *step: self.steps.append(step),
        )


@pytest.fixture
async def room(tmp_path: Path) -> Room:
    catalog, settings = make_bank(tmp_path / "bank", TASKS), make_settings(tmp_path)
    clock = ManualClock()
    folder = await lay_out(
        settings,
        clock,
        paper=paper.draw(catalog, number=7),
        catalog=catalog,
        kind="exam",
        mode="faithful",
        minutes=60,
        prepare=fake_prepare,
    )
    scene = Scene(folder, settings, clock)
    await scene.started(2, *(score for _, score in SCORES.values()))
    saved = [("task-1", "worse"), *((task, content) for task, (content, _) in SCORES.items())]
    for number, (task, content) in enumerate(saved, 1):
        scene.save(content, task)
        await scene.until_graded(number)
    scene.proctor.end()
    await scene.phase(Phase.ENDED)
    await until(lambda: (folder / FILE_NAME).exists())
    await scene.close()
    return Room(tmp_path, catalog, settings, folder)


def wrong(found: Verification) -> dict[str, str]:
    assert not found.verified
    return {each.topic: each.says for each in found.findings if each.ok is False}


def repacked(room: Room, change: Callable[[dict[str, bytes]], object]) -> Path:
    """The bundle again after `change`, which gets its members by name."""
    with zipfile.ZipFile(room.bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    path = room.path / "tampered.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


# -- honest sittings ------------------------------------------------------------------------


async def test_a_bundle_is_verified_on_another_machine(room: Room) -> None:
    moved = room.path / "elsewhere.zip"
    shutil.move(room.bundle, moved)
    shutil.rmtree(room.settings.sittings_folder)
    found = await room.verified(moved)
    assert found.verified
    assert found.sitting == room.folder.name
    assert all(each.ok for each in found.findings), found.findings
    assert [each.topic for each in found.findings] == [
        *("journal", "chain", "end", "models", "result", "paper", "hidden sets", "grades")
    ]
    seeds = {each.task: each.seed for each in paper.draw(room.catalog, number=7).tasks}
    assert {each.task: each.seed for each in room.orders} == {
        task: seeds[task] for task in ("task-1", "task-2")
    }
    assert sorted(room.grader.contents) == sorted([model("a"), model("b")])
    assert room.steps[-1] == ("grades", 2, 2)
    assert room.grader.closed


async def test_a_sitting_of_ones_own_is_verified_and_nothing_in_it_changes(room: Room) -> None:
    before = {path: path.read_bytes() for path in room.folder.rglob("*") if path.is_file()}
    assert (await room.verified(room.folder)).verified
    assert before == {path: path.read_bytes() for path in room.folder.rglob("*") if path.is_file()}


async def test_only_the_winners_make_a_smaller_bundle_that_is_verified(room: Room) -> None:
    told: list[tuple[int, int]] = []
    target = room.path / "winners.zip"
    export(room.folder, target, only_winners=True, on_model=lambda *each: told.append(each))
    with zipfile.ZipFile(target) as archive, zipfile.ZipFile(room.bundle) as whole:
        assert len(archive.namelist()) == 4 + 2
        assert len(whole.namelist()) == 4 + 4
    assert told == [(1, 2), (2, 2)]
    assert (await room.verified(target)).verified


async def test_the_same_sitting_gives_the_same_bytes(room: Room) -> None:
    export(room.folder, room.path / "again.zip")
    assert (room.path / "again.zip").read_bytes() == room.bundle.read_bytes()


async def test_without_a_chain_it_is_verified_and_says_so(room: Room) -> None:
    journal = room.folder / NAME
    journal.write_bytes(re.sub(rb',"chain":"[0-9a-f]{64}"', b"", journal.read_bytes()))
    found = await room.verified()
    assert found.verified
    (chain,) = (each for each in found.findings if each.topic == "chain")
    assert (chain.ok, "no chain" in chain.says) == (None, True)


async def test_a_sitting_without_points_has_nothing_to_grade(room: Room) -> None:
    journal = room.folder / NAME
    text = re.sub(rb'"score":[1-5]', b'"score":0', journal.read_bytes())
    journal.write_bytes(re.sub(rb',"chain":"[0-9a-f]{64}"', b"", text))
    report.write(room.folder, report.result(past(room.folder)))
    found = await room.verified()
    assert found.verified
    assert not room.grader.jobs


@pytest.mark.parametrize("name", sorted(each.name for each in OLD.iterdir() if each.is_dir()))
def test_journals_of_an_earlier_tfexam_are_whole_without_a_chain(name: str, tmp_path: Path) -> None:
    shutil.copytree(OLD / name, tmp_path / name)
    sitting, found = findings.read(tmp_path / name)
    assert sitting is not None
    found += [findings.models(tmp_path / name, sitting), findings.result(tmp_path / name, sitting)]
    assert {each.topic: each.ok for each in found} == {
        "journal": True,
        "chain": None,
        "end": True,
        "models": True,
        "result": True,
    }


# -- tampered bundles -----------------------------------------------------------------------


async def test_a_score_edited_in_the_journal_is_named(room: Room) -> None:
    def change(members: dict[str, bytes]) -> None:
        assert members[NAME].count(b'"score":3,') == 1
        members[NAME] = members[NAME].replace(b'"score":3,', b'"score":5,')

    found = wrong(await room.verified(repacked(room, change)))
    assert found.keys() == {"chain", "result", "grades"}
    assert found["grades"] == "task-2: the journal says 5/5, but this model gets 3/5"
    assert "3/5 for task-2; by the journal it is 5/5" in found["result"]


async def test_a_score_edited_everywhere_with_a_new_chain_is_named(room: Room) -> None:
    journal = room.folder / NAME
    text = journal.read_bytes().replace(b'"score":3,', b'"score":5,')
    journal.write_bytes(re.sub(rb',"chain":"[0-9a-f]{64}"', b"", text))
    report.write(room.folder, report.result(past(room.folder)))
    assert wrong(await room.verified()).keys() == {"grades"}


async def test_a_metric_that_the_model_does_not_have_is_named(room: Room) -> None:
    def change(members: dict[str, bytes]) -> None:  # as in coach mode, or an older journal
        bare = b'"value":null,"n":0'
        assert bare in members[NAME]
        members[NAME] = members[NAME].replace(bare, b'"value":0.4,"n":10')

    found = wrong(await room.verified(repacked(room, change)))
    assert "mae 0.4 (n = 10), but this model has 0.5 (n = 10)" in found["grades"]


async def test_a_score_edited_in_the_result_is_named(room: Room) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[FILE_NAME] = members[FILE_NAME].replace(b"score = 3", b"score = 5")

    found = wrong(await room.verified(repacked(room, change)))
    assert found.keys() == {"result"}
    assert "says 5/5 for task-2" in found["result"]


async def test_another_best_model_in_the_result_is_named(room: Room) -> None:
    winner = past(room.folder).winner("task-2")
    assert winner is not None

    def change(members: dict[str, bytes]) -> None:
        members[FILE_NAME] = members[FILE_NAME].replace(winner.sha256.encode(), b"0" * 64)

    found = wrong(await room.verified(repacked(room, change)))
    assert found == {"result": "result.toml names another model of task-2 as the best"}


async def test_a_level_that_a_task_does_not_serve_is_named(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(members: dict[str, bytes]) -> None:
        record = members[RECORD].replace(b'kind = "exam"', b'kind = "practice"')
        members[RECORD] = re.sub(rb"(?m)^code = .*$", b'code = ""', record)

    bundle = repacked(room, change)
    monkeypatch.setattr(Task, "levels", property(lambda _: ()))
    found = wrong(await room.verified(bundle))
    assert found["grades"].startswith("task-1 is not asked on the level")


@pytest.mark.parametrize("was", ["percent = ", "passed = "])
async def test_a_total_edited_in_the_result_is_named(room: Room, was: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        text = members[FILE_NAME].decode()
        new = "100.0" if "percent" in was else "true"
        members[FILE_NAME] = re.sub(rf"(?m)^{was}.*$", was + new, text).encode()

    assert wrong(await room.verified(repacked(room, change))).keys() == {"result"}


async def test_a_swapped_model_is_named(room: Room) -> None:
    winner = past(room.folder).winner("task-2")
    assert winner is not None

    def change(members: dict[str, bytes]) -> None:
        members[f"submissions/{winner.sha256}.h5"] = model("a")

    found = wrong(await room.verified(repacked(room, change)))
    assert found == {"models": "a model of task-2 is not the one that was submitted"}
    assert not room.grader.jobs


async def test_a_swapped_model_that_did_not_win_is_named(room: Room) -> None:
    sitting = past(room.folder)
    best = sitting.winner("task-1")
    assert best is not None
    (worse,) = (each for each in sitting.submissions if each.task == "task-1" and each != best)

    def change(members: dict[str, bytes]) -> None:
        members[f"submissions/{worse.sha256}.h5"] = b"garbage"

    found = wrong(await room.verified(repacked(room, change)))
    assert found == {"models": "a model of task-1 is not the one that was submitted"}


async def test_a_missing_model_is_named(room: Room) -> None:
    winner = past(room.folder).winner("task-1")
    assert winner is not None

    def change(members: dict[str, bytes]) -> None:
        del members[f"submissions/{winner.sha256}.h5"]

    found = wrong(await room.verified(repacked(room, change)))
    assert found == {"models": "the model of task-1 is missing"}


async def test_a_swapped_model_named_in_the_journal_too_is_graded(room: Room) -> None:
    (winner, other) = (past(room.folder).winner(task) for task in ("task-2", "task-1"))
    assert winner is not None
    assert other is not None

    def change(members: dict[str, bytes]) -> None:
        members[NAME] = members[NAME].replace(winner.sha256.encode(), other.sha256.encode())
        members[FILE_NAME] = members[FILE_NAME].replace(
            winner.sha256.encode(), other.sha256.encode()
        )

    found = wrong(await room.verified(repacked(room, change)))
    assert found.keys() == {"chain", "grades"}
    assert found["grades"] == "task-2: the journal says 3/5, but this model gets 5/5"


def of_lines(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[dict[str, bytes]], None]:
    def changed(members: dict[str, bytes]) -> None:
        members[NAME] = b"".join(change(members[NAME].splitlines(keepends=True)))

    return changed


def without(tag: bytes) -> Callable[[list[bytes]], list[bytes]]:
    def change(lines: list[bytes]) -> list[bytes]:
        place = max(n for n, line in enumerate(lines) if line.startswith(b'{"event":"' + tag))
        return lines[:place] + lines[place + 1 :]

    return change


async def test_a_dropped_event_is_named(room: Room) -> None:
    found = wrong(await room.verified(repacked(room, of_lines(without(b"grading_started")))))
    assert found.keys() == {"chain"}
    assert re.match(r"line \d+ does not follow", found["chain"])


async def test_a_dropped_grade_or_end_is_named(room: Room) -> None:
    for tag in (b"graded", b"ended"):
        found = wrong(await room.verified(repacked(room, of_lines(without(tag)))))
        assert "end" in found
        assert not room.grader.jobs


async def test_a_submission_that_is_gone_is_no_possible_history(room: Room) -> None:
    found = wrong(await room.verified(repacked(room, of_lines(without(b"submitted")))))
    assert "cannot have happened" in found["journal"]


async def test_reordered_events_are_named(room: Room) -> None:
    def swap(lines: list[bytes]) -> list[bytes]:
        return [*lines[:2], lines[3], lines[2], *lines[4:]]

    found = wrong(await room.verified(repacked(room, of_lines(swap))))
    assert found.keys() & {"chain", "journal"}


async def test_another_valid_code_is_named(room: Room) -> None:
    was, other = (paper.draw(room.catalog, number=number).code.encode() for number in (7, 8))

    def change(members: dict[str, bytes]) -> None:
        for name in (RECORD, FILE_NAME):
            assert was in members[name]
            members[name] = members[name].replace(was, other)

    found = wrong(await room.verified(repacked(room, change)))
    assert found.keys() == {"chain", "paper"}
    assert f"the code {other.decode()} gives other tasks, seeds or weights" in found["paper"]
    assert not room.orders


async def test_other_seeds_than_the_codes_are_named(room: Room) -> None:
    seed = paper.draw(room.catalog, number=7).tasks[0].seed

    def change(members: dict[str, bytes]) -> None:
        members[RECORD] = members[RECORD].replace(str(seed).encode(), b"12345")

    assert "paper" in wrong(await room.verified(repacked(room, change)))


async def test_another_bank_is_named(room: Room) -> None:
    (room.path / "bank/task-1/data.py").write_text("SECRET = 2\n")
    found = wrong(await room.verified())
    assert found.keys() == {"paper"}
    assert "another task bank" in found["paper"]


# -- what cannot be checked -----------------------------------------------------------------


async def test_a_model_that_no_longer_runs_differs_and_a_failing_grader_does_not(
    room: Room,
) -> None:
    room.grader.marks = {}
    room.grader.scores = [Crashed(message=Message("It crashed.")), 3]
    assert "graded again, the model of task-1 is crashed" in wrong(await room.verified())["grades"]
    room.grader.scores = [GraderFailed(message=Message("No.")), 3]
    found = await room.verified()
    assert not found.verified
    assert all(each.ok is not False for each in found.findings)


async def test_missing_data_are_told(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_data(*_: object) -> None:
        raise DataError("No data.")

    monkeypatch.setattr(room, "prepare", no_data)
    found = await room.verified()
    assert not found.verified
    assert [(each.topic, each.says) for each in found.findings if each.ok is None] == [
        ("hidden sets", "No data.")
    ]


async def test_an_open_sitting_is_neither_exported_nor_verified(room: Room) -> None:
    journal = room.folder / NAME
    lines = journal.read_bytes().splitlines(keepends=True)
    ended = next(n for n, line in enumerate(lines) if line.startswith(b'{"event":"ended"'))
    journal.write_bytes(b"".join(lines[:ended]))
    (room.folder / FILE_NAME).unlink()
    with pytest.raises(SittingError, match="has not ended"):
        export(room.folder, room.path / "open.zip")
    with pytest.raises(SittingError, match="has not ended"):
        await room.verified(room.folder)
    assert not room.orders


# -- files that are no bundles ---------------------------------------------------------------


def refused(path: Path, folder: Path) -> str:
    folder.mkdir(exist_ok=True)
    with pytest.raises(SittingError) as caught:
        unpack(path, folder)
    return caught.value.message


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("../escape.h5", "no bundle has a member '../escape.h5'"),
        ("/etc/passwd", "no bundle has a member '/etc/passwd'"),
        ("submissions/../../x.h5", "no bundle has a member"),
        ("submissions/" + "A" * 64 + ".h5", "no bundle has a member"),
        ("hidden/x", "no bundle has a member"),
        ("submissions/" + "a" * 64 + ".h5/", "no bundle has a member"),
    ],
)
async def test_members_that_lead_elsewhere_are_refused(room: Room, name: str, says: str) -> None:
    path = repacked(room, lambda members: members.update({name: b"x"}))
    assert says in refused(path, room.path / "out")
    assert not list((room.path / "out").rglob("*"))


async def test_a_bomb_ends_in_a_sentence(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_module, "LARGEST_MODEL", 1 << 20)
    name = f"submissions/{'a' * 64}.h5"
    path = room.path / "bomb.zip"
    with zipfile.ZipFile(room.bundle) as whole, zipfile.ZipFile(path, "w", 8) as archive:
        for each in whole.namelist():
            archive.writestr(each, whole.read(each))
        archive.writestr(name, bytes(8 << 20))
    assert f"{name} is too large" in refused(path, room.path / "out")
    monkeypatch.setattr(bundle_module, "LARGEST_MODEL", 16 << 20)
    monkeypatch.setattr(bundle_module, "LARGEST_TOTAL", 1 << 20)
    assert "is too large" in refused(path, room.path / "out2")


async def test_too_many_members_links_and_doubles_are_refused(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle_module, "MOST_MODELS", 3)
    assert "too many members" in refused(room.bundle, room.path / "out")
    monkeypatch.undo()
    link = zipfile.ZipInfo(f"submissions/{'b' * 64}.h5")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(room.bundle, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "is not a plain file" in refused(room.bundle, room.path / "out")
    double = repacked(room, lambda members: [members.pop(n) for n in list(members) if "bbb" in n])
    with zipfile.ZipFile(double, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr(NAME, b"")
    assert "a member is there twice" in refused(double, room.path / "out")


@pytest.mark.parametrize("name", ["manifest.json", RECORD, NAME])
async def test_a_bundle_without_a_part_says_which(room: Room, name: str) -> None:
    path = repacked(room, lambda members: members.pop(name))
    assert f"it lacks {name}" in refused(path, room.path / "out")


@pytest.mark.parametrize("content", [b"{}x", b'{"format_version":2}', b'{"kind":"else"}', b"\xff"])
async def test_a_manifest_of_another_kind_is_refused(room: Room, content: bytes) -> None:
    path = repacked(room, lambda members: members.update({"manifest.json": content}))
    assert "manifest.json" in refused(path, room.path / "out")


async def test_garbage_and_cut_files_are_refused(room: Room) -> None:
    whole = room.bundle.read_bytes()
    path = room.path / "part.zip"
    for content in (b"", b"PK\x03\x04", b"x" * 1000, whole[: len(whole) // 2], whole[100:]):
        path.write_bytes(content)
        assert "cannot be read as a bundle" in refused(path, room.path / "out")
    damaged = bytearray(whole)
    damaged[200] ^= 0xFF
    path.write_bytes(damaged)
    try:
        found = await room.verified(path)
    except TfexamError:
        return
    assert not found.verified


async def test_a_file_that_is_there_is_not_overwritten(room: Room) -> None:
    target = room.path / "mine.zip"
    target.write_bytes(b"mine")
    with pytest.raises(SittingError, match="the file exists"):
        export(room.folder, target)
    assert target.read_bytes() == b"mine"
    with pytest.raises(SittingError, match="cannot be used"):
        export(room.folder, room.path / "none" / "x.zip")


async def test_a_model_that_is_gone_cannot_be_exported(room: Room) -> None:
    winner = past(room.folder).winner("task-1")
    assert winner is not None
    submission_file(room.folder, winner.sha256).unlink()
    with pytest.raises(SittingError, match=winner.sha256):
        export(room.folder, room.path / "x.zip")
    assert not list(room.path.glob("*.zip")) + list(room.path.glob(".*.new"))
    assert "models" in wrong(await room.verified(room.folder))
