import asyncio
import hashlib
import io
import os
import shutil
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import ManualClock
from engine.errors import TfexamError, WorkspaceError
from engine.grading.protocol import Message
from engine.sitting.intake import frozen as copies
from engine.sitting.intake import put_back, scanner, sentences
from engine.sitting.intake.scanner import LookResult, Scanner, Seen
from engine.sitting.intake.stray_models import MOST_NOTES, Neighbours
from engine.sitting.intake.watcher import LAST_CALL_FAULT_SECONDS, Watcher
from engine.sitting.notices import FolderNotice, Note, StarterSaved, Trouble, TroubleOver
from exam_bank.phrase import phrase
from tests.engine.sittings import model, until

TASK = "first-task"


class Desk:
    """One category folder, its intake, and a clock that only the test moves."""

    def __init__(self, tmp_path: Path, **options: object) -> None:
        self.clock = ManualClock()
        self.folder = tmp_path / "Category1"
        self.folder.mkdir()
        self.kept = tmp_path / "submissions"
        self.kept.mkdir()
        self.path = self.folder / "mymodel.h5"
        self.intake = Scanner(
            {TASK: self.folder},
            self.kept,
            self.clock,
            **options,  # type: ignore[arg-type]
        )
        self.findings: list[Seen | FolderNotice] = []
        self.closed: set[Path] = set()

    def after(self, seconds: float, step: float = 0.1) -> list[Seen]:
        """What is taken within `seconds`, looking every `step`."""
        count = len(self.seen)
        for _ in range(round(seconds / step)):
            self.look()
            self.clock.advance(step)
        self.look()
        return self.seen[count:]

    def look(self) -> None:
        self.findings += self.intake.look(closed=self.closed).findings

    @property
    def seen(self) -> list[Seen]:
        return [each for each in self.findings if isinstance(each, Seen)]

    @property
    def remarks(self) -> list[str]:
        return [each.message.text() for each in self.findings if isinstance(each, Note)]

    @property
    def faults(self) -> list[TfexamError]:
        return [each.error for each in self.findings if isinstance(each, Trouble)]

    @property
    def about(self) -> list[str]:
        """What each fault is about."""
        return [each.about for each in self.findings if isinstance(each, Trouble)]

    @property
    def over(self) -> list[str]:
        """What is told to work again."""
        return [each.about for each in self.findings if isinstance(each, TroubleOver)]

    def kept_bytes(self, seen: Seen) -> bytes:
        return (self.kept / f"{seen.sha256}.h5").read_bytes()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_whole_model_is_taken_once_after_a_moment_of_quiet(desk: Desk) -> None:
    assert desk.after(1) == []
    moment = desk.clock.now()
    desk.path.write_bytes(model("a"))
    (seen,) = desk.after(5)
    assert (seen.task, seen.size, seen.by_hand) == (TASK, len(model("a")), False)
    assert seen.sha256 == hashlib.sha256(model("a")).hexdigest()
    assert seen.at == moment
    assert desk.kept_bytes(seen) == model("a")
    assert [path.name for path in desk.kept.iterdir()] == [f"{seen.sha256}.h5"]


def test_a_whole_model_that_was_closed_needs_less_quiet(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    assert desk.after(0.15, step=0.01) == []
    desk.closed.add(desk.path)
    assert len(desk.after(0)) == 1
    desk.path.write_bytes(model("b"))
    assert desk.after(0.02, step=0.01) == []
    (seen,) = desk.after(0.03, step=0.01)
    assert desk.kept_bytes(seen) == model("b")


@pytest.mark.parametrize("content", [model("cut")[:-1], b"this is text", bytes(1_000)])
def test_a_file_that_was_closed_and_is_not_whole_needs_its_full_time(
    desk: Desk, content: bytes
) -> None:
    desk.closed.add(desk.path)
    desk.path.write_bytes(content)
    assert desk.after(1.9) == []


def test_a_closed_model_that_another_process_still_writes_is_waited_for(desk: Desk) -> None:
    desk.closed.add(desk.path)
    desk.path.write_bytes(model("a"))
    with desk.path.open("r+b") as file:
        assert desk.after(5) == []
        file.write(model("b"))
    (seen,) = desk.after(2)
    assert desk.kept_bytes(seen) == model("b")


def test_a_closed_model_that_is_opened_again_is_two_submissions_at_most(desk: Desk) -> None:
    desk.closed.add(desk.path)
    desk.path.write_bytes(model("a"))
    assert len(desk.after(0.1, step=0.01)) == 1
    with desk.path.open("r+b") as file:
        file.write(model("b"))
    (seen,) = desk.after(5)
    assert desk.kept_bytes(seen) == model("b")


def test_a_slow_writer_is_waited_for(desk: Desk) -> None:
    content = model("slow", 2_000)
    for end in range(200, 2_001, 200):
        with desk.path.open("ab") as file:
            file.write(content[end - 200 : end])
        if end < 2_000:
            assert desk.after(4) == []
    (seen,) = desk.after(1)
    assert desk.kept_bytes(seen) == content


def test_a_writer_that_pauses_with_the_file_open_is_waited_for(desk: Desk) -> None:
    content = model("slow", 2_000)
    with desk.path.open("wb") as file:
        file.write(content[:900])
        file.flush()
        assert desk.after(90, step=10) == []
        file.write(content[900:])
        file.flush()
        assert desk.after(5, step=1) == []
    (seen,) = desk.after(1)
    assert desk.kept_bytes(seen) == content


def test_a_file_made_in_its_full_length_is_waited_for(desk: Desk) -> None:
    content = model("late", 1_000)
    desk.path.write_bytes(bytes(1_000))
    assert desk.after(5) == []
    with desk.path.open("r+b") as file:
        file.write(content[:300])
    assert desk.after(0.1) == []
    with desk.path.open("r+b") as file:
        file.write(content)
    (seen,) = desk.after(1)
    assert desk.kept_bytes(seen) == content


def test_a_cut_off_model_is_taken_in_the_end_to_be_rejected(desk: Desk) -> None:
    desk.path.write_bytes(model("cut")[:-1])
    assert desk.after(9.5) == []
    (seen,) = desk.after(1)
    assert desk.kept_bytes(seen) == model("cut")[:-1]


@pytest.mark.parametrize("content", [b"GIF89a", b"this is text"])
def test_what_is_not_hdf5_is_taken_to_be_rejected(desk: Desk, content: bytes) -> None:
    desk.path.write_bytes(content)
    assert desk.after(1.8) == []
    (seen,) = desk.after(1)
    assert desk.kept_bytes(seen) == content


def test_the_start_of_a_model_is_not_taken_for_something_else(desk: Desk) -> None:
    desk.path.write_bytes(model()[:5])
    assert desk.after(5) == []


@pytest.mark.parametrize("way", ["in place", "rename", "copy", "hard link", "symlink"])
def test_every_way_of_saving_again_is_one_submission_each(desk: Desk, way: str) -> None:
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1
    other = desk.folder.parent / "other"
    other.write_bytes(model("b"))
    if way == "in place":
        desk.path.write_bytes(model("b"))
    elif way == "copy":
        shutil.copy2(other, desk.path)
    elif way == "rename":
        other.replace(desk.path)
    else:
        desk.path.unlink()
        (desk.path.symlink_to if way == "symlink" else desk.path.hardlink_to)(other)
    (seen,) = desk.after(1)
    assert desk.kept_bytes(seen) == model("b")
    assert desk.after(30) == []


def test_the_same_bytes_again_are_no_new_submission(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1
    desk.path.touch()
    os.utime(desk.path, (1, 1))
    assert desk.after(1) == []
    desk.path.unlink()
    assert desk.after(1) == []
    desk.path.write_bytes(model("a"))
    assert desk.after(1) == []
    desk.path.write_bytes(model("b"))
    assert len(desk.after(1)) == 1
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1


def test_bytes_that_were_submitted_before_a_restart_are_known(tmp_path: Path) -> None:
    known = hashlib.sha256(model("a")).hexdigest()
    desk = Desk(tmp_path, last_hashes={TASK: known})
    desk.path.write_bytes(model("a"))
    assert desk.after(1) == []
    desk.path.write_bytes(model("b"))
    assert len(desk.after(1)) == 1


def test_by_hand_the_same_bytes_are_taken_again_once(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    desk.after(1)
    desk.intake.insist(TASK)
    asked = desk.clock.now()
    (seen,) = desk.after(5)
    assert seen.by_hand
    assert seen.at == asked


def test_by_hand_a_missing_or_unfinished_file_is_said(desk: Desk) -> None:
    desk.intake.insist(TASK)
    assert desk.after(1) == []
    assert desk.remarks == [f"There is no mymodel.h5 in {desk.folder}."]
    desk.path.write_bytes(model("a")[:-1])
    desk.intake.insist(TASK)
    assert desk.after(1) == []
    assert "not complete yet" in desk.remarks[1]
    desk.path.write_bytes(model("a"))
    (seen,) = desk.after(1)
    assert seen.by_hand


@pytest.mark.parametrize("content", [model("a")[:-1], model("a") + b"x"])
def test_a_model_that_is_not_whole_is_said_before_it_is_taken_as_it_is(
    desk: Desk, content: bytes
) -> None:
    desk.path.write_bytes(content)
    assert desk.after(1) == []
    assert desk.remarks == []
    (again,) = {round(desk.intake.look().again or 0, 3)}
    assert again == 1  # when it is late, and no later
    assert desk.after(2) == []
    assert ["not complete yet, or has something after" in each for each in desk.remarks] == [True]
    assert desk.intake.look().unsubmitted == {TASK}
    (seen,) = desk.after(8)
    assert desk.kept_bytes(seen) == content
    assert desk.intake.look().unsubmitted == frozenset()
    desk.path.write_bytes(content + b"yy")
    desk.after(3)
    assert len(desk.remarks) == 2


@pytest.mark.parametrize("name", ["starter.py", "data", "model.h5"])
def test_a_link_to_itself_beside_a_model_keeps_it_from_nothing(desk: Desk, name: str) -> None:
    (desk.folder / name).symlink_to(name)
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1
    assert desk.faults == []


def test_what_may_not_be_read_beside_a_model_keeps_it_from_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    (desk.folder / "closed").mkdir()
    true = Path.exists

    def exists(path: Path) -> bool:
        if path.name == "saved_model.pb":
            raise PermissionError(13, "Permission denied")
        return true(path)

    monkeypatch.setattr(Path, "exists", exists)
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1
    assert desk.faults == []


def test_of_two_quick_saves_the_last_is_taken(desk: Desk) -> None:
    for content in "ab":
        desk.path.write_bytes(model(content))
        desk.look()
    (seen,) = desk.after(5)
    assert desk.kept_bytes(seen) == model("b")


def test_a_deleted_model_is_forgotten(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    desk.look()
    desk.path.unlink()
    assert desk.after(5) == []
    assert desk.faults == []


@pytest.mark.parametrize(
    "kind", ["folder", "fifo", "dangling link", "link to a folder", "link to itself"]
)
def test_what_is_no_file_is_remarked_on_once_and_never_hangs(desk: Desk, kind: str) -> None:
    if kind == "folder":
        desk.path.mkdir()
    elif kind == "fifo":
        os.mkfifo(desk.path)
    elif kind == "dangling link":
        desk.path.symlink_to("nowhere")
    elif kind == "link to itself":
        desk.path.symlink_to(desk.path.name)
    else:
        desk.path.symlink_to(desk.kept)
    assert desk.after(15) == []
    expected = [] if kind == "dangling link" else [f"{desk.path} is not a file"]
    assert [remark.split(":")[0] for remark in desk.remarks] == expected
    assert desk.faults == []


class TestTooLarge:
    """A model larger than its task allows is refused by size, without being read."""

    @pytest.fixture
    def desk(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
        self.reads: list[int] = []
        read = copies._read_through

        def reading(source: Any, *rest: Any) -> Any:
            self.reads.append(os.fstat(source.fileno()).st_size)
            return read(source, *rest)

        monkeypatch.setattr(copies, "_read_through", reading)
        return Desk(tmp_path, limits_mb={TASK: 1})

    def test_it_is_said_once_each_save_and_not_read(self, desk: Desk) -> None:
        for count in (1, 2):
            with desk.path.open("wb") as file:
                file.truncate(3_000_000_000 + count)  # sparse
            assert desk.after(15) == []
            assert desk.remarks == count * [
                f"{desk.path} has 3000.0 MB, and this task allows 1 MB, so it is not "
                "submitted: use a smaller model, or save it with include_optimizer=False."
            ]
        assert self.reads == []
        assert desk.intake.look().unsubmitted == {TASK}

    def test_one_that_grows_is_said_when_it_is_quiet(self, desk: Desk) -> None:
        with desk.path.open("wb", buffering=0) as file:
            for megabytes in range(1, 8):
                file.truncate(megabytes * 1_000_000 + 1)
                desk.after(3)
            assert desk.remarks == []
        desk.after(3)
        assert len(desk.remarks) == 1
        assert "7.0 MB" in desk.remarks[0]

    def test_by_hand_it_is_said_each_time(self, desk: Desk) -> None:
        desk.path.write_bytes(model("big", size=1_000_001))
        for count in (1, 2):
            desk.intake.insist(TASK)
            assert desk.after(1) == []
            assert len(desk.remarks) == count

    def test_the_end_does_not_wait_for_it(self, desk: Desk) -> None:
        desk.path.write_bytes(model("big", size=1_000_001))
        look = desk.intake.look(desk.clock.now().later(60))
        assert look.waiting == 0
        assert [type(each) for each in look.findings] == [Note]
        assert desk.intake.look(desk.clock.now().later(60)).findings == ()

    def test_the_end_does_not_say_again_what_was_said(self, desk: Desk) -> None:
        desk.path.write_bytes(model("big", size=1_000_001))
        desk.after(5)
        assert len(desk.remarks) == 1
        assert desk.intake.look(desk.clock.now()).findings == ()
        assert list(desk.intake.left(desk.clock.now())) == []

    def test_one_of_just_that_size_and_a_smaller_one_after_it_are_taken(self, desk: Desk) -> None:
        desk.path.write_bytes(model("just", size=1_000_000))
        assert len(desk.after(1)) == 1
        desk.path.write_bytes(model("big", size=1_000_001))
        assert desk.after(5) == []
        desk.path.write_bytes(model("small"))
        assert len(desk.after(1)) == 1
        assert desk.intake.look().unsubmitted == frozenset()

    def test_one_that_grows_while_it_is_copied_is_not_copied_whole(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        copied = []
        monkeypatch.setattr(copies, "_CHUNK", 1_000)

        class Growing:
            """Grows while it is read: for ever, if its reader lets it."""

            def is_set(self) -> bool:
                copied.append(1)
                with desk.path.open("ab") as file:
                    file.write(b"x" * 1_000)
                return len(copied) > 100

        desk.path.write_bytes(model("a", size=1_500))
        stop = Growing()
        assert copies.freeze(desk.path, desk.kept, stop, 1_500) is None  # type: ignore[arg-type]
        assert len(copied) == 2
        assert list(desk.kept.iterdir()) == []

    @pytest.mark.parametrize("reader", ["freeze", "by hand", "put back"])
    def test_one_that_grows_while_it_is_hashed_is_not_read_on(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, reader: str
    ) -> None:
        """However fast it grows: a sparse file does so without limit."""
        monkeypatch.setattr(copies, "_CHUNK", 1_000)
        desk.path.write_bytes(model("a", size=1_500))
        frozen = copies.freeze(desk.path, desk.kept, threading.Event())
        assert frozen is not None
        read, chunks = copies._read_through, []

        class Growing(threading.Event):
            """Asked before each chunk: the file grows by two more."""

            def is_set(self) -> bool:
                chunks.append(1)
                with desk.path.open("ab") as file:
                    file.write(b"x" * 2_000)
                return len(chunks) > 100

        def reading(source: Any, target: Any, stop: Any, most: Any) -> Any:
            return read(source, target, Growing() if target is None else stop, most)

        monkeypatch.setattr(copies, "_read_through", reading)
        if reader == "freeze":
            assert copies.freeze(desk.path, desk.kept, threading.Event(), 1_500) is None
        elif reader == "by hand":
            desk.intake._automatic = False
            assert desk.after(3) == []
        else:
            assert desk.intake.put_back(TASK, frozen.sha256) is not None
            assert (desk.folder / "mymodel.h5.replaced").exists()
        assert 0 < len(chunks) <= 4


def test_models_of_other_names_are_remarked_on_once(desk: Desk) -> None:
    for name in ("mymodel.keras", "MyModel.h5", "best.h5", ".hidden.h5", "train.csv"):
        (desk.folder / name).write_bytes(b"x")
    (desk.folder / "export").mkdir()
    (desk.folder / "export" / "saved_model.pb").touch()
    (desk.folder / "data").mkdir()
    desk.after(1)
    (desk.folder / "model2.h5").write_bytes(b"x")
    desk.after(1)
    names = [remark.split(" ")[0] for remark in desk.remarks]
    assert names == ["MyModel.h5", "best.h5", "export", "mymodel.keras", "model2.h5"]
    assert all("mymodel.h5" in remark for remark in desk.remarks)
    assert desk.seen == []


@pytest.mark.parametrize(
    "name", ["mymodel", "mymodel.h5.h5", "mymodel.h5.txt", "mymodel.zip", "my_model.zip", "a.hdf5"]
)
def test_every_likely_name_has_its_remark(desk: Desk, name: str) -> None:
    (desk.folder / name).write_bytes(b"x")
    desk.after(1)
    assert [remark.split(" ")[0] for remark in desk.remarks] == [name]


@pytest.mark.parametrize(
    "name", ["mymodel.h5.part", "mymodel.h5.crdownload", "mymodel.h5.replaced", "data.zip", "m.py"]
)
def test_what_comes_and_goes_has_none(desk: Desk, name: str) -> None:
    (desk.folder / name).write_bytes(b"x")
    desk.after(1)
    assert desk.remarks == []


def test_checkpoints_without_number_are_not_all_remarked_on(desk: Desk) -> None:
    for number in range(100):
        (desk.folder / f"epoch-{number:03}.h5").write_bytes(b"x")
    desk.after(1)
    assert len(desk.remarks) == MOST_NOTES


@pytest.mark.parametrize(
    "name",
    [
        "mymodel (1).h5",
        "mymodel-1.h5",
        "model.h5",
        "my_model.hdf5",
        "mymodel.h5.h5",
        "Mymodel (2).H5",
    ],
)
def test_one_of_another_name_is_taken_when_the_candidate_says_so(desk: Desk, name: str) -> None:
    desk.path.write_bytes(model("first"))
    desk.after(1)
    (desk.folder / name).write_bytes(model("second"))
    os.utime(desk.folder / name, (2e9, 2e9))
    desk.after(3)
    assert len(desk.seen) == 1
    assert strays(desk) == {name: True}
    assert desk.intake.take_file(TASK, desk.folder / name) is None
    assert [each.by_hand for each in desk.after(1)] == [True]
    assert desk.kept_bytes(desk.seen[1]) == model("second")
    assert not (desk.folder / name).exists()
    assert strays(desk) == {}


def test_a_model_from_another_folder_is_copied_and_nothing_unsubmitted_is_lost(
    desk: Desk, tmp_path: Path
) -> None:
    desk.intake._automatic = False
    desk.path.write_bytes(model("never submitted"))
    (tmp_path / "mymodel (3).h5").write_bytes(model("from elsewhere"))
    said = desk.intake.take_file(TASK, tmp_path / "mymodel (3).h5")
    assert isinstance(said, Note)
    assert "mymodel.h5.replaced" in said.message.text()
    assert [desk.kept_bytes(each) for each in desk.after(1)] == [model("from elsewhere")]
    assert (tmp_path / "mymodel (3).h5").read_bytes() == desk.path.read_bytes()
    assert (desk.folder / "mymodel.h5.replaced").read_bytes() == model("never submitted")


@pytest.mark.parametrize("name", ["best.h5", "epoch-1.h5", "mymodel.keras", "mymodel.h5.txt"])
def test_what_may_not_be_meant_is_not_offered(desk: Desk, name: str) -> None:
    (desk.folder / name).write_bytes(b"x")
    desk.after(1)
    assert strays(desk) == {name: False}


def test_one_that_is_older_than_the_model_is_not_offered(desk: Desk) -> None:
    (desk.folder / "mymodel (1).h5").write_bytes(model("a"))
    os.utime(desk.folder / "mymodel (1).h5", (1e9, 1e9))
    desk.path.write_bytes(model("b"))
    desk.after(1)
    assert strays(desk) == {"mymodel (1).h5": False}


def test_a_file_that_cannot_be_taken_is_said(desk: Desk) -> None:
    said = desk.intake.take_file(TASK, desk.folder / "mymodel (1).h5")
    assert isinstance(said, Trouble)
    assert "mymodel (1).h5 could not be taken" in str(said.error)


def strays(desk: Desk) -> dict[str, bool]:
    """The files of other names that are there, and whether they are offered."""
    return {each.name: each.can_take for each in desk.intake.look().strays}


# -- mymodel.keras -----------------------------------------------------------------------


def keras_file(mark: str) -> bytes:
    """A whole zip."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("metadata.json", mark)
    return content.getvalue()


@pytest.fixture
def both(tmp_path: Path) -> Desk:
    return Desk(tmp_path, h5_only=False)


def changed(path: Path, content: bytes, seconds: int) -> None:
    path.write_bytes(content)
    os.utime(path, (seconds, seconds))


def test_a_keras_file_is_taken_where_it_counts_and_only_there(both: Desk, tmp_path: Path) -> None:
    (both.folder / "mymodel.keras").write_bytes(keras_file("a"))
    (seen,) = both.after(1)
    assert both.kept_bytes(seen) == keras_file("a")
    assert both.remarks == []
    (tmp_path / "exam").mkdir()
    exam = Desk(tmp_path / "exam")
    (exam.folder / "mymodel.keras").write_bytes(keras_file("a"))
    assert exam.after(5) == []
    assert len(exam.remarks) == 1


def test_a_keras_file_that_is_still_written_is_waited_for(both: Desk) -> None:
    (both.folder / "mymodel.keras").write_bytes(keras_file("a")[:-1])
    assert both.after(5) == []
    (both.folder / "mymodel.keras").write_bytes(keras_file("a"))
    assert len(both.after(1)) == 1


def test_the_newer_of_two_models_counts(both: Desk) -> None:
    keras = both.folder / "mymodel.keras"
    changed(both.path, model("a"), 1_000)
    changed(keras, keras_file("b"), 2_000)
    (first,) = both.after(1)
    assert both.kept_bytes(first) == keras_file("b")
    changed(both.path, model("c"), 3_000)
    (second,) = both.after(1)
    assert both.kept_bytes(second) == model("c")
    assert both.after(5) == []


def test_at_the_end_the_newest_whole_model_counts(both: Desk) -> None:
    keras = both.folder / "mymodel.keras"
    changed(both.path, model("a"), 1_000)
    changed(keras, keras_file("b")[:-1], 2_000)
    both.look()
    deadline = both.clock.now()
    found: list[object] = []
    for _ in range(5):
        found += both.intake.look(deadline).findings
        both.clock.advance(0.1)
    assert [both.kept_bytes(each) for each in found if isinstance(each, Seen)] == [model("a")]


def test_a_keras_file_is_put_back_under_its_name(both: Desk) -> None:
    keras = both.folder / "mymodel.keras"
    keras.write_bytes(keras_file("a"))
    (seen,) = both.after(1)
    keras.write_bytes(keras_file("b"))
    both.after(1)
    assert both.intake.put_back(TASK, seen.sha256) is None
    assert keras.read_bytes() == keras_file("a")
    assert not both.path.exists()
    assert both.after(1) == []


def test_editing_the_starter_is_noticed(desk: Desk) -> None:
    starter = desk.folder / "starter.py"
    starter.write_text("one")
    desk.look()
    desk.look()
    starter.write_text("other")
    desk.look()
    starter.unlink()
    desk.look()
    assert desk.findings == [StarterSaved(TASK), StarterSaved(TASK)]


def test_a_folder_that_is_gone_is_a_fault_once_and_watched_again(desk: Desk) -> None:
    shutil.rmtree(desk.folder)
    assert desk.after(5) == []
    (fault,) = desk.faults
    assert "Category1 is gone" in str(fault)
    assert desk.over == []
    desk.folder.mkdir()
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1
    assert desk.over == desk.about


def test_a_full_disk_is_a_fault_and_the_model_is_taken_later(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.path.write_bytes(model("a"))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(scanner, "freeze", full)
        assert desk.after(1) == []
    (fault,) = desk.faults  # of ten looks
    assert "No space left" in str(fault)
    assert desk.over == []
    assert len(desk.after(1)) == 1
    assert desk.over == desk.about


def test_a_file_that_changes_while_it_is_copied_is_not_taken_half(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.path.write_bytes(model("a"))
    true = copies.digest

    def meddle(path: Path, stop: threading.Event, size: int) -> str | None:
        if path.read_bytes() == model("a"):
            path.write_bytes(model("b"))
        return true(path, stop, size)

    monkeypatch.setattr(copies, "digest", meddle)
    (seen,) = desk.after(5)
    assert desk.kept_bytes(seen) == model("b")
    assert len(list(desk.kept.iterdir())) == 1


def test_stopping_gives_up_a_long_copy_and_leaves_nothing(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    desk.look()
    desk.clock.advance(1)
    desk.intake.stop()
    desk.look()
    assert desk.findings == []
    assert list(desk.kept.iterdir()) == []


def test_what_a_killed_copy_left_is_swept_up(tmp_path: Path) -> None:
    kept = tmp_path / "submissions"
    kept.mkdir()
    (kept / ".0123.part").touch()
    (kept / "0123.h5").touch()
    Scanner({}, kept, ManualClock())
    assert [path.name for path in kept.iterdir()] == ["0123.h5"]


class TestLastCall:
    def test_what_was_whole_by_the_deadline_is_taken_with_its_time(self, desk: Desk) -> None:
        desk.path.write_bytes(model("a"))
        desk.look()
        saved = desk.clock.now()
        deadline = saved.later(0.05)
        desk.clock.advance(0.1)
        assert desk.intake.look(deadline).waiting == 1
        desk.clock.advance(0.2)
        look = desk.intake.look(deadline)
        (seen,) = look.findings
        assert look.waiting == 0
        assert isinstance(seen, Seen)
        assert seen.at == saved

    def test_what_is_seen_later_counts_by_the_time_of_the_file(self, desk: Desk) -> None:
        deadline = desk.clock.now()
        desk.clock.advance(600)
        desk.path.write_bytes(model("a"))
        os.utime(desk.path, (deadline.wall - 1, deadline.wall - 1))
        assert desk.intake.look(deadline).waiting == 1
        desk.clock.advance(0.3)
        (seen,) = desk.intake.look(deadline).findings
        assert isinstance(seen, Seen)
        assert seen.at == deadline

    def test_a_time_of_change_that_was_set_by_hand_helps_nobody(self, desk: Desk) -> None:
        desk.clock.move(wall=-desk.clock.now().wall)  # so the file is of a later day
        deadline = desk.clock.now()
        desk.clock.advance(600)
        desk.path.write_bytes(model("late"))
        os.utime(desk.path, (deadline.wall, deadline.wall))
        look = desk.intake.look(deadline)
        assert (look.findings, look.waiting) == ((), 0)

    @pytest.mark.parametrize("content", [model("late"), model("cut off")[:-1]])
    def test_what_is_late_or_being_written_is_not_waited_for(
        self, desk: Desk, content: bytes
    ) -> None:
        deadline = desk.clock.now()
        desk.clock.advance(1)
        with desk.path.open("wb") as file:
            file.write(content)
            file.flush()
            wall = deadline.wall + (1 if content == model("late") else -1)
            os.utime(desk.path, (wall, wall))
            look = desk.intake.look(deadline)
            assert (look.findings, look.waiting) == ((), 0)
        (left,) = desk.intake.left(deadline)
        assert left.error.message == f"{desk.path} was not complete in time; it does not count."

    @pytest.mark.parametrize("content", [model("a")[:-1], model("a") + b"x", b""])
    def test_what_is_not_whole_and_that_nobody_writes_is_taken_as_it_is(
        self, desk: Desk, content: bytes
    ) -> None:
        desk.path.write_bytes(content)
        desk.look()
        deadline = desk.clock.now().later(0.1)
        desk.clock.advance(0.3)
        (seen,) = desk.intake.look(deadline).findings
        assert isinstance(seen, Seen)
        assert desk.kept_bytes(seen) == content
        assert list(desk.intake.left(deadline)) == []

    def test_where_only_the_hand_submits_nothing_is_left_at_the_end(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, automatic=False)
        desk.path.write_bytes(model("cut off")[:-1])
        desk.after(5)
        assert list(desk.intake.left(desk.clock.now())) == []


class Watching:
    """A watch that really runs, over folders of its own."""

    def __init__(self, desk: Desk, poll_seconds: float) -> None:
        self.found: list[Seen | FolderNotice] = []
        self.desk = desk
        self.watch = Watcher(
            desk.intake,
            [desk.folder],
            desk.clock,
            poll_seconds=poll_seconds,
            report=self.found.append,
        )
        self.task = asyncio.create_task(self.watch.run())

    async def until_seen(self, count: int) -> None:
        def seen() -> bool:
            self.desk.clock.advance(0.05)
            return sum(isinstance(each, Seen) for each in self.found) >= count

        await until(seen)

    async def until_over(self, step: float) -> None:
        def over() -> bool:
            self.desk.clock.advance(step)
            return self.task.done()

        await until(over)

    @property
    def faults(self) -> list[TfexamError]:
        return [each.error for each in self.found if isinstance(each, Trouble)]

    @property
    def remarks(self) -> list[str]:
        return [each.message.text() for each in self.found if isinstance(each, Note)]

    async def close(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@pytest.fixture(params=["events", "polling"])
def poll_seconds(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[float]:
    """With events, the slow pace never comes; with polling, events never do."""
    if request.param == "events":
        yield 3600.0
        return
    import watchdog.observers

    def none_left() -> None:
        raise OSError(24, "inotify instance limit reached")

    monkeypatch.setattr(watchdog.observers, "Observer", none_left)
    yield 0.02


async def test_a_running_watch_takes_each_save_once(desk: Desk, poll_seconds: float) -> None:
    watching = Watching(desk, poll_seconds)
    if poll_seconds > 1:
        hints = watching.watch._hints
        await until(lambda: hints._observer is not None and any(hints._watches.values()))
    for count, content in enumerate("abc", start=1):
        part = desk.folder / "mymodel.part"
        part.write_bytes(model(content))
        part.replace(desk.path)
        await watching.until_seen(count)
    shutil.rmtree(desk.folder)
    watching.watch.look()
    await until(lambda: any(isinstance(each, Trouble) for each in watching.found))
    desk.folder.mkdir()
    desk.path.write_bytes(model("d"))
    watching.watch.look()
    await watching.until_seen(4)
    desk.path.write_bytes(model("e"))
    await watching.until_seen(5)
    await watching.close()
    seen = [each for each in watching.found if isinstance(each, Seen)]
    assert [desk.kept_bytes(each) for each in seen] == [model(each) for each in "abcde"]


@pytest.mark.skipif(sys.platform != "linux", reason="others do not tell when a file is closed")
async def test_a_watch_hears_that_a_model_was_closed(desk: Desk) -> None:
    watching = Watching(desk, 3600)
    hints = watching.watch._hints
    await until(lambda: hints._observer is not None and any(hints._watches.values()))
    with desk.path.open("wb") as file:
        file.write(model("a"))
        file.flush()
        await asyncio.sleep(0.2)
        assert not hints.closed
    await until(lambda: hints.closed == {desk.path})
    desk.clock.advance(0.1)  # too little for a file that may still be open
    await until(lambda: any(isinstance(each, Seen) for each in watching.found))
    await watching.close()


async def test_the_last_call_ends_the_watch(desk: Desk) -> None:
    watching = Watching(desk, 3600)
    desk.path.write_bytes(model("a"))
    os.utime(desk.path, (desk.clock.now().wall, desk.clock.now().wall))
    watching.watch.last_call(desk.clock.now())
    await watching.until_seen(1)
    await until(watching.task.done)
    assert watching.watch.is_over


async def test_a_model_that_cannot_be_frozen_holds_up_the_end_for_a_minute_and_is_named(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scanner, "freeze", full)
    watching = Watching(desk, 0.01)
    desk.path.write_bytes(model("a"))
    os.utime(desk.path, (1, 1))
    called = desk.clock.now()
    watching.watch.last_call(called)

    def over() -> bool:
        desk.clock.advance(0.1)
        watching.watch.look()
        return watching.task.done()

    await until(over)
    assert desk.clock.now().since(called) > LAST_CALL_FAULT_SECONDS
    assert watching.watch.is_over
    assert [error.message for error in watching.faults] == [
        f"{desk.path} could not be submitted: No space left on device. tfexam will try again.",
        f"{desk.path} could not be submitted before the end; it does not count.",
    ]


async def test_a_model_that_is_written_on_and_on_holds_up_the_end_for_seconds_only(
    desk: Desk,
) -> None:
    watching = Watching(desk, 0.01)
    called = desk.clock.now()
    watching.watch.last_call(called.later(3600))

    def over() -> bool:
        desk.path.write_bytes(model(str(desk.clock.now())))
        desk.clock.advance(0.1)
        watching.watch.look()
        return watching.task.done()

    desk.path.write_bytes(model("a"))
    await until(over)
    assert desk.clock.now().since(called) < LAST_CALL_FAULT_SECONDS
    (error,) = watching.faults  # that it changed while it was copied, or that it is incomplete
    assert error.message.startswith(str(desk.path))
    assert error.message.endswith("; it does not count.")


async def test_a_model_that_is_not_complete_at_the_end_is_named(desk: Desk) -> None:
    with desk.path.open("wb") as file:
        file.write(model("cut off")[:-1])
        file.flush()
        desk.look()
        watching = Watching(desk, 0.01)
        watching.watch.last_call(desk.clock.now())
        await watching.until_over(0.1)
    assert [error.message for error in watching.faults] == [
        f"{desk.path} was not complete in time; it does not count."
    ]
    assert [each.text() for each in watching.watch.not_taken] == [
        f"{desk.path} was not complete in time; it does not count."
    ]


async def test_a_machine_that_sleeps_through_the_last_call_loses_no_model(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    desk.look()
    watching = Watching(desk, 0.01)
    deadline = desk.clock.now()
    watching.watch.last_call(deadline)
    desk.path.write_bytes(model("b"))
    os.utime(desk.path, (1, 1))
    desk.clock.advance(3600)
    await watching.until_over(0.05)
    (seen,) = [each for each in watching.found if isinstance(each, Seen)]
    assert desk.kept_bytes(seen) == model("b")


class TestRefusals:
    """The system refuses what a look needs; no pending work is forgotten."""

    async def test_a_thread_that_is_refused_ends_no_watch(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with monkeypatch.context() as refused:
            refused.setattr(threading.Thread, "start", refuse)
            watching = Watching(desk, 0.01)
            await until(lambda: watching.faults)
            for _ in range(10):
                watching.watch.look()
                await asyncio.sleep(0.002)
        desk.path.write_bytes(model("a"))
        await watching.until_seen(1)
        await watching.close()
        assert [error.message for error in watching.faults] == [
            "tfexam stopped watching the folders: no thread can be started. "
            "It starts again by itself."
        ]
        assert watching.remarks == ["The folders are being watched again."]

    async def test_where_threads_are_refused_for_good_models_are_taken_all_the_same(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(threading.Thread, "start", refuse)
        watching = Watching(desk, 0.01)
        for count in (1, 2):
            desk.path.write_bytes(model(str(count)))
            await watching.until_seen(count)
        desk.path.write_bytes(model("last"))
        os.utime(desk.path, (1, 1))
        watching.watch.last_call(desk.clock.now())
        await watching.until_seen(3)
        await until(watching.task.done)
        assert len(watching.faults) == 1

    async def test_the_thread_of_the_first_look_is_that_of_all(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        watching = Watching(desk, 0.01)
        desk.path.write_bytes(model("a"))
        await watching.until_seen(1)
        monkeypatch.setattr(threading.Thread, "start", refuse)
        desk.path.write_bytes(model("b"))
        await watching.until_seen(2)
        await watching.close()
        assert watching.faults == []

    @pytest.mark.parametrize("fault", [MemoryError(), RuntimeError("a fault of ours")])
    async def test_a_look_that_fails_in_the_last_call_is_not_the_last(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Exception
    ) -> None:
        fail(monkeypatch, Scanner, "look", fault, times=3)
        desk.path.write_bytes(model("a"))
        os.utime(desk.path, (1, 1))
        watching = Watching(desk, 0.01)
        watching.watch.last_call(desk.clock.now())
        await watching.until_seen(1)
        await until(watching.task.done)
        assert watching.watch.is_over
        assert len(watching.faults) == 1

    async def test_looks_that_fail_for_good_hold_up_the_end_for_a_minute(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        fail(monkeypatch, Scanner, "look", MemoryError(), times=10**6)
        watching = Watching(desk, 0.01)
        called = desk.clock.now()
        watching.watch.last_call(called)
        await watching.until_over(1)
        assert watching.watch.is_over
        assert desk.clock.now().since(called) > LAST_CALL_FAULT_SECONDS

    async def test_a_put_back_and_its_remark_outlive_a_look_that_fails(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk = Desk(tmp_path, automatic=False)
        desk.path.write_bytes(model("known"))
        desk.intake.insist(TASK)
        (known,) = desk.after(1)
        desk.path.write_bytes(model("never submitted"))
        fail(monkeypatch, Scanner, "put_back", MemoryError(), times=1)
        fail(monkeypatch, Scanner, "look", MemoryError(), times=2)
        watching = Watching(desk, 0.01)
        watching.watch.put_back(TASK, known.sha256)
        await until(lambda: watching.remarks)
        assert desk.path.read_bytes() == model("known")
        await until(lambda: len(watching.remarks) == 2)
        assert "is kept as mymodel.h5.replaced" in watching.remarks[0]
        await watching.close()

    async def test_what_was_asked_by_hand_outlives_a_look_that_fails(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.path.write_bytes(model("a"))
        desk.after(1)
        fail(monkeypatch, Scanner, "insist", MemoryError(), times=1)
        watching = Watching(desk, 0.01)
        watching.watch.insist(TASK)
        await watching.until_seen(1)
        await watching.close()

    async def test_a_model_that_cannot_be_reported_is_reported_later(self, desk: Desk) -> None:
        watching = Watching(desk, 0.01)
        refused = iter([True])
        true = watching.found.append

        def report(found: Any) -> None:
            if isinstance(found, Seen) and next(refused, False):
                raise MemoryError
            true(found)

        watching.watch._report = report
        desk.path.write_bytes(model("a"))
        await watching.until_seen(1)
        await watching.close()

    def test_a_fault_in_one_folder_costs_no_other_its_model(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk = Desk(tmp_path)
        second = tmp_path / "Category2"
        second.mkdir()
        folders = {TASK: desk.folder, "second-task": second}
        desk.intake = Scanner(folders, desk.kept, desk.clock)
        for folder in folders.values():
            (folder / "mymodel.h5").write_bytes(model(folder.name))
        desk.look()
        desk.clock.advance(1)
        fail(monkeypatch, scanner, "completeness", MemoryError(), times=2)
        desk.look()
        assert len(desk.faults) == 2
        desk.after(1)
        assert {each.task for each in desk.seen} == set(folders)

    def test_a_model_is_not_known_before_it_is_told(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.path.write_bytes(model("a"))
        desk.look()
        desk.clock.advance(1)
        fail(monkeypatch, scanner, "Seen", MemoryError(), times=1)
        desk.look()
        assert desk.seen == []
        assert len(desk.after(1)) == 1

    def test_what_was_found_before_a_look_failed_is_told_by_the_next(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        desk.path.write_bytes(model("a"))
        desk.look()
        desk.clock.advance(1)
        fail(monkeypatch, scanner, "LookResult", MemoryError(), times=1)
        with pytest.raises(MemoryError):
            desk.look()
        desk.look()
        assert len(desk.seen) == 1

    @pytest.mark.parametrize("place", ["gone", "a file"])
    def test_a_place_of_kept_models_that_is_none_is_said_once(self, desk: Desk, place: str) -> None:
        """The copy has a new name with each try."""
        desk.kept.rmdir()
        if place == "a file":
            desk.kept.touch()
        desk.path.write_bytes(model("a"))
        assert desk.after(10) == []
        (said,) = desk.faults
        assert f"{desk.kept}: " in said.message
        assert ".part" not in said.message
        desk.kept.unlink(missing_ok=True)
        desk.kept.mkdir()
        assert len(desk.after(2)) == 1

    def test_each_row_of_like_faults_is_said_once(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        many = OSError(24, "Too many open files")
        for count in (1, 2):
            with monkeypatch.context() as refused:
                fail(refused, Neighbours, "notes", many, times=10**6)
                desk.after(5)
            desk.after(1)
            assert len(desk.faults) == count


def refuse(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def fail(
    monkeypatch: pytest.MonkeyPatch, where: object, name: str, fault: Exception, *, times: int
) -> None:
    """Let the first `times` calls of `name` raise `fault`."""
    true = getattr(where, name)
    left = iter(range(times))

    def failing(*given: Any, **named: Any) -> Any:
        if next(left, None) is not None:
            raise fault
        return true(*given, **named)

    monkeypatch.setattr(where, name, failing)


async def test_a_look_that_fails_is_not_the_last(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = Scanner.look
    failures = iter([True])

    def fail_once(self: Scanner, *looked: Any) -> LookResult:
        if next(failures, False):
            raise RuntimeError("a fault of ours")
        return true(self, *looked)

    monkeypatch.setattr(Scanner, "look", fail_once)
    watching = Watching(desk, 0.01)
    desk.path.write_bytes(model("a"))
    await watching.until_seen(1)
    await watching.close()


async def test_closing_does_not_wait_for_a_look_that_hangs(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, release = threading.Event(), threading.Event()

    def hang(self: Scanner, *looked: object) -> LookResult:
        hanging.set()
        release.wait(60)
        return LookResult((), None)

    monkeypatch.setattr(Scanner, "look", hang)
    watching = Watching(desk, 0.01)
    await until(hanging.is_set)
    await watching.close()
    assert watching.task.done()
    assert not release.is_set()
    release.set()


def test_who_submits_a_folder_by_hand_is_told_each_time(desk: Desk) -> None:
    desk.path.mkdir()
    desk.look()
    for count in (2, 3):
        desk.intake.insist(TASK)
        desk.look()
        desk.look()
        assert desk.remarks == count * [f"{desk.path} is not a file: {_SAVED}"]


_SAVED = "a model is saved as one file, mymodel.h5."


def test_a_folder_that_goes_while_it_is_looked_at_is_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def remove(_: object) -> None:
        shutil.rmtree(desk.folder)
        raise FileNotFoundError(2, "No such file or directory", str(desk.folder))

    monkeypatch.setattr(Neighbours, "notes", remove)
    desk.look()
    assert [error.message for error in desk.faults] == [
        f"{desk.folder} is gone. The sitting continues, and what was submitted is kept."
    ]


def test_a_model_that_is_long_in_coming_is_unsubmitted_until_it_is_taken(desk: Desk) -> None:
    desk.path.write_bytes(model("a")[:200])
    desk.after(1)
    assert desk.intake.look().unsubmitted == frozenset()
    desk.after(1.5)
    assert desk.intake.look().unsubmitted == {TASK}
    desk.path.write_bytes(model("a"))
    assert len(desk.after(1)) == 1
    assert desk.intake.look().unsubmitted == frozenset()
    desk.path.unlink()
    assert desk.intake.look().unsubmitted == frozenset()


def test_a_model_that_was_put_back_is_not_unsubmitted(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    (first,) = desk.after(1)
    desk.path.write_bytes(model("b"))
    desk.after(1)
    assert desk.intake.put_back(TASK, first.sha256) is None
    assert desk.after(5) == []
    assert desk.intake.look().unsubmitted == frozenset()


def test_a_model_that_cannot_be_put_back_is_a_fault_and_nothing_is_lost(desk: Desk) -> None:
    desk.path.write_bytes(model("a"))
    fault = desk.intake.put_back(TASK, "0" * 64)
    assert isinstance(fault, Trouble)
    assert "could not be put back" in str(fault.error)
    assert [path.name for path in desk.folder.iterdir()] == ["mymodel.h5"]


def test_a_second_model_that_was_never_submitted_is_kept_beside_the_first(tmp_path: Path) -> None:
    desk = Desk(tmp_path, automatic=False)
    desk.path.write_bytes(model("known"))
    desk.intake.insist(TASK)
    (known,) = desk.after(1)
    for content in ("b", "c"):
        desk.path.write_bytes(model(content))
        assert isinstance(desk.intake.put_back(TASK, known.sha256), Note)
    assert (desk.folder / "mymodel.h5.replaced").read_bytes() == model("b")
    assert (desk.folder / "mymodel.h5.replaced-2").read_bytes() == model("c")
    assert desk.path.read_bytes() == model("known")


def test_after_a_thousand_set_aside_the_next_is_kept_too(tmp_path: Path) -> None:
    desk = Desk(tmp_path, automatic=False)
    desk.path.write_bytes(model("known"))
    desk.intake.insist(TASK)
    (known,) = desk.after(1)
    for number in range(1_001):
        suffix = f"-{number}" if number > 1 else ""
        (desk.folder / f"mymodel.h5.replaced{suffix}").touch()
    (desk.folder / "mymodel.h5.replaced-1001").symlink_to("nowhere")
    desk.path.write_bytes(model("b"))
    assert isinstance(desk.intake.put_back(TASK, known.sha256), Note)
    assert (desk.folder / "mymodel.h5.replaced-1002").read_bytes() == model("b")
    assert (desk.folder / "mymodel.h5.replaced-1001").is_symlink()


def test_a_model_of_no_submissions_size_is_set_aside_without_being_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk(tmp_path, automatic=False)
    desk.path.write_bytes(model("known"))
    desk.intake.insist(TASK)
    (known,) = desk.after(1)
    monkeypatch.setattr(put_back, "digest", lambda *_: pytest.fail("it was read"))
    desk.path.write_bytes(model("b", size=401))
    assert isinstance(desk.intake.put_back(TASK, known.sha256), Note)


@pytest.mark.parametrize(
    ("said", "text"),
    [(phrase("a {b}", b=phrase("x {y}", y=1)), "a x 1"), ("a {plain}", "a {plain}")],
)
def test_what_an_error_says_can_be_kept(said: str, text: str) -> None:
    kept = msgspec.json.encode(sentences.as_message(WorkspaceError(said)))
    assert msgspec.json.decode(kept, type=Message).text() == text
