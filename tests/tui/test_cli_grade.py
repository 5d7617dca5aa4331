"""`tfexam grade`: the task that it picks for a file, its answer and its exit status."""

import csv
import io
import json
import os
import sys
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner, Result

from engine.errors import LevelError, PaperCodeError, UnknownTaskError
from engine.grading import protocol, sandbox
from engine.grading.protocol import Grade, Message, Metric
from engine.sitting.state.sitting import Mode
from exam_bank.catalog import Catalog
from exam_bank.task import LEVELS, Level, Task
from tests.exam_bank.test_task import WHOLE, write
from tests.hostile.archives import line_archive
from tests.tui.sittings import drawn, keep, settings_in
from tui.cli import main
from tui.commands.grade_targets import Target, Wanted, category_in, find, model_files


def touch(*parts: Path | str) -> Path:
    path = Path(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


def found(home: Path, *paths: Path, **wanted: Any) -> list[Target]:
    return find(paths, Wanted(**wanted), settings_in(home), Catalog.find())


# -- which files -----------------------------------------------------------------------


def test_a_folder_means_every_model_in_it_but_none_of_hidden_folders(tmp_path: Path) -> None:
    one = touch(tmp_path, "ann", "Category1", "mymodel.h5")
    two = touch(tmp_path, "bob", "mymodel.h5")
    touch(tmp_path, ".cache", "mymodel.h5")
    touch(tmp_path, "ann", "Category1", "other.h5")
    assert model_files(tmp_path) == [one, two]


def test_every_share_of_a_class_has_its_row(tmp_path: Path) -> None:
    one = touch(tmp_path, "ann", "mymodel.h5")
    touch(tmp_path, "ann", "data", "train", "a.csv")
    touch(tmp_path, "bob", "MyModel.h5")
    touch(tmp_path, "eve", "notes.txt")
    touch(tmp_path, "kim", "Category1", "mymodel.h5.txt")
    touch(tmp_path, "kim", "Category2", "mymodel.h5")
    expected = ["bob/mymodel.h5", "eve/mymodel.h5", "kim/Category1/mymodel.h5"]
    expected += ["kim/Category2/mymodel.h5"]
    assert model_files(tmp_path) == [one, *(tmp_path / name for name in expected)]


def test_the_newer_whole_model_of_a_folder_is_graded(tmp_path: Path) -> None:
    old, new = touch(tmp_path, "mymodel.h5"), touch(tmp_path, "mymodel.keras")
    os.utime(old, (1_000, 1_000))
    assert model_files(tmp_path) == [new]
    os.utime(old, (4e9, 4e9))
    assert model_files(tmp_path) == [old]
    line_archive(tmp_path)
    assert model_files(tmp_path) == [new]


def test_where_keras_files_never_count_the_h5_file_is_graded(tmp_path: Path) -> None:
    new = touch(tmp_path, "mymodel.keras")
    assert model_files(tmp_path, h5_only=True) == [new]  # grading says why it is refused
    old = touch(tmp_path, "mymodel.h5")
    line_archive(tmp_path)
    assert model_files(tmp_path) == [new]
    assert model_files(tmp_path, h5_only=True) == [old]


def test_a_folder_of_data_is_no_row_where_no_task_can_be_told(tmp_path: Path) -> None:
    one = touch(tmp_path, "Category1", "mymodel.h5")
    touch(tmp_path, "data", "a.csv")
    code = drawn().code
    assert [each.path for each in found(tmp_path, tmp_path, code=code)] == [one]


def test_a_folder_without_a_model_stands_for_the_one_that_is_missing(tmp_path: Path) -> None:
    assert model_files(tmp_path) == [tmp_path / "mymodel.h5"]


def test_a_folder_called_mymodel_h5_stands_for_itself(tmp_path: Path) -> None:
    folder = tmp_path / "mymodel.h5"
    touch(folder, "saved_model.pb")
    assert model_files(folder) == [folder]


def test_a_file_named_twice_is_graded_once(tmp_path: Path) -> None:
    one = touch(tmp_path, "mymodel.h5")
    assert [each.path for each in found(tmp_path, one, tmp_path, task="flats")] == [one]


# -- which task ------------------------------------------------------------------------


@pytest.mark.parametrize(("said", "seed"), [({}, 0), ({"seed": 7}, 7)])
def test_a_named_task_has_the_seed_said_or_0(
    said: dict[str, int], seed: int, tmp_path: Path
) -> None:
    (target,) = found(tmp_path, touch(tmp_path, "m.h5"), task="garments", **said)
    assert (target.task.id, target.seed) == ("garments", seed)


def test_a_code_gives_each_category_folder_its_task_and_seed(tmp_path: Path) -> None:
    paper = drawn()
    files = [touch(tmp_path, f"Category{n}", "mymodel.h5") for n in (2, 5)]
    targets = found(tmp_path, *files, code=paper.code)
    wanted = [(each.task, each.seed) for each in paper.tasks if each.category in (2, 5)]
    assert [(each.task.id, each.seed) for each in targets] == wanted


def test_a_code_and_a_task_need_no_category_folder(tmp_path: Path) -> None:
    paper = drawn()
    (target,) = found(tmp_path, touch(tmp_path, "m.h5"), code=paper.code, task=paper.tasks[2].task)
    assert target.seed == paper.tasks[2].seed


def test_a_task_that_is_not_of_the_paper_is_refused(tmp_path: Path) -> None:
    paper = drawn()
    other = next(task for task in Catalog.find().tasks if task.id not in paper.weights)
    with pytest.raises(click.UsageError, match=other.id):
        found(tmp_path, touch(tmp_path, "m.h5"), code=paper.code, task=other.id)


def test_a_file_of_a_sitting_is_graded_by_that_sitting(tmp_path: Path) -> None:
    record = keep(tmp_path, "mine")
    keep(tmp_path, "other", of=drawn(8))
    file = touch(record.workspace, "Category3", "mymodel.h5")
    (target,) = found(tmp_path, file)
    wanted = record.paper.tasks[2]
    assert (target.task.id, target.seed) == (wanted.task, wanted.seed)


ONLY_HARD = "[mark_scheme.hard]\nthresholds = [5, 4, 3, 2, 1]\n"


@pytest.fixture
def hard_only(tmp_path: Path) -> Catalog:
    text = WHOLE.replace("thresholds = [5, 4, 3, 2, 1]\n", ONLY_HARD)
    return Catalog((Task.read(write(tmp_path / "bank", text)),))


def level_of(home: Path, catalog: Catalog, level: Level | None, usual: Level = "classic") -> str:
    settings = settings_in(home, level=usual)
    wanted = Wanted(task=catalog.tasks[0].id, level=level)
    return find([touch(home, "m.h5")], wanted, settings, catalog)[0].level


def test_a_named_task_is_marked_on_the_level_asked_for_or_the_usual_one(tmp_path: Path) -> None:
    both = Catalog((Task.read(write(tmp_path / "bank")),))
    assert level_of(tmp_path, both, None) == "classic"
    assert level_of(tmp_path, both, "hard") == "hard"
    assert level_of(tmp_path, both, None, "hard") == "hard"
    assert level_of(tmp_path, both, "classic", "hard") == "classic"


def test_a_task_that_serves_one_level_is_marked_on_that_one(
    tmp_path: Path, hard_only: Catalog
) -> None:
    assert level_of(tmp_path, hard_only, None) == "hard"
    with pytest.raises(LevelError, match="line is not asked on the level classic, only on hard"):
        level_of(tmp_path, hard_only, "classic")


@pytest.mark.parametrize("level", LEVELS)
def test_a_code_brings_its_level(level: Level, tmp_path: Path) -> None:
    paper = drawn(level=level)
    file = touch(tmp_path, "Category2", "mymodel.h5")
    assert [each.level for each in found(tmp_path, file, code=paper.code)] == [level]
    assert [each.level for each in found(tmp_path, file, code=paper.code, level=level)] == [level]
    (other,) = set(LEVELS) - {level}
    with pytest.raises(click.UsageError, match=f"is on the level {level}, not {other}: leave out"):
        found(tmp_path, file, code=paper.code, level=other)


def test_a_file_of_a_sitting_is_marked_on_its_level_unless_another_is_asked_for(
    tmp_path: Path,
) -> None:
    record = keep(tmp_path, "mine", of=drawn(level="hard"))
    file = touch(record.workspace, "Category3", "mymodel.h5")
    assert found(tmp_path, file)[0].level == "hard"
    assert found(tmp_path, file, level="classic")[0].level == "classic"


def test_a_file_of_nowhere_is_a_usage_error_that_names_the_ways(tmp_path: Path) -> None:
    keep(tmp_path, "mine")
    with pytest.raises(click.UsageError, match=r"--task ID.*--code") as caught:
        found(tmp_path, touch(tmp_path, "Category1", "mymodel.h5"))
    assert caught.value.exit_code == 2


def test_unknown_tasks_and_mistyped_codes_are_named(tmp_path: Path) -> None:
    file = touch(tmp_path, "m.h5")
    with pytest.raises(UnknownTaskError, match="nosuch"):
        found(tmp_path, file, task="nosuch")
    with pytest.raises(PaperCodeError):
        found(tmp_path, file, code="TFX-0000-0000-0001")


@pytest.mark.parametrize(
    ("path", "category"),
    [
        ("Category3/mymodel.h5", 3),
        ("class/category_4/ann/mymodel.h5", 4),
        ("Category1/Category2/m.h5", 2),
        ("Category6/m.h5", None),
        ("MyCategory1/m.h5", None),
    ],
)
def test_the_nearest_category_folder_counts(path: str, category: int | None) -> None:
    assert category_in(Path(path)) == category


# -- what is answered ------------------------------------------------------------------


class FileToGrade(NamedTuple):
    path: Path
    task: Task
    seed: int
    level: Level


SAID = Message("Said.")
GRADES: dict[str, Grade] = {
    "full.h5": protocol.Graded(message=SAID, metric=Metric("mae", 0.1, 9), score=5),
    "low.h5": protocol.Graded(message=SAID, metric=Metric("mae", 0.9, 9), score=1),
    "bad.h5": protocol.Rejected(message=SAID, reason="empty"),
    "slow.h5": protocol.TimedOut(message=SAID),
    "fail.h5": protocol.GraderFailed(message=SAID),
}


@pytest.fixture(autouse=True)
def _fake_grader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grades by the file's name."""

    async def grade_files(
        files: Sequence[FileToGrade], **_: object
    ) -> AsyncIterator[tuple[FileToGrade, str, Grade]]:
        for each in files:
            yield each, "ab12", GRADES[each.path.name]

    fake = ModuleType("engine.grading.host.batch")
    vars(fake).update(FileToGrade=FileToGrade, grade_files=grade_files)
    monkeypatch.setitem(sys.modules, "engine.grading.host.batch", fake)


def grade(*args: str) -> Result:
    return CliRunner().invoke(main, ["grade", "--task", "flats", *args])


@pytest.mark.parametrize(
    ("files", "status"),
    [
        (["full.h5", "low.h5"], 1),
        (["full.h5"], 0),
        (["full.h5", "bad.h5", "low.h5"], 3),
        (["slow.h5"], 3),
        (["fail.h5", "bad.h5", "low.h5"], 4),
    ],
)
def test_the_status_is_that_of_the_worst_file(files: list[str], status: int) -> None:
    assert grade(*files, "--min-score", "4").exit_code == status


@pytest.mark.parametrize(("setting", "h5_only"), [("never", True), ("practice", False)])
def test_the_setting_for_keras_files_reaches_the_grader(
    monkeypatch: pytest.MonkeyPatch, setting: str, h5_only: bool
) -> None:
    told = []

    async def grade_files(
        files: Sequence[FileToGrade], **how: Any
    ) -> AsyncIterator[tuple[FileToGrade, str, Grade]]:
        told.append(how["h5_only"])
        yield files[0], "ab12", GRADES["full.h5"]

    monkeypatch.setattr(sys.modules["engine.grading.host.batch"], "grade_files", grade_files)
    monkeypatch.setenv("TFEXAM_KERAS_FILES", setting)
    assert grade("full.h5").exit_code == 0
    assert told == [h5_only]


def test_without_a_minimum_a_low_score_is_no_failure() -> None:
    assert grade("low.h5").exit_code == 0


@pytest.mark.parametrize("mode", ["faithful", "blind", "coach"])
@pytest.mark.parametrize("ended", [False, True])
def test_while_a_faithful_exam_runs_a_grade_of_its_tasks_tells_no_more_than_its_screen(
    tmp_path: Path, mode: Mode, ended: bool
) -> None:
    record = keep(tmp_path, "open", mode=mode, ended=ended)
    task = record.paper.tasks[0].task
    args = ("--home", str(tmp_path), "grade", "full.h5", "--task", task, "--format")
    answer, text = (CliRunner().invoke(main, [*args, each]) for each in ("json", "text"))
    if mode == "blind" and not ended:
        assert answer.exit_code == 2
        assert "no score before its end" in answer.output
        return
    found = json.loads(answer.stdout)
    assert found["score"] == 5
    is_closed = mode == "faithful" and not ended
    assert (found["metric"] is None) is is_closed
    assert ("not shown while the clock of open runs" in found["message"]) is is_closed
    assert ("Said." in text.stdout) is not is_closed


def test_json_is_one_object_a_line_and_nothing_else_on_stdout() -> None:
    lines = grade("full.h5", "fail.h5", "--format", "json").stdout.splitlines()
    first, second = map(json.loads, lines)
    assert (first["file"], first["score"], first["category"]) == ("full.h5", 5, 1)
    assert first["level"] == "classic"
    assert (second["verdict"], second["score"]) == ("grader_failed", None)


def test_csv_has_a_row_a_file() -> None:
    rows = list(csv.DictReader(io.StringIO(grade("full.h5", "bad.h5", "--format", "csv").stdout)))
    assert [(row["file"], row["score"]) for row in rows] == [("full.h5", "5"), ("bad.h5", "0")]


def test_junit_parts_failure_and_error() -> None:
    args = ("full.h5", "low.h5", "fail.h5", "--format", "junit", "--min-score", "2")
    suite = ET.fromstring(grade(*args).stdout.encode())[0]
    assert [suite.get(name) for name in ("tests", "failures", "errors")] == ["3", "1", "1"]


def test_text_says_score_verdict_and_sentence() -> None:
    assert grade("bad.h5").stdout.split() == [
        *("0/5", "rejected", "flats", "classic", "bad.h5", "Said.")
    ]


@pytest.mark.parametrize(
    "args",
    [
        ["m.h5", "--task", "garments", "--seed", str(2**63)],
        [],
        ["a.h5", "--code", "TFX-0000-0000-0000", "--seed", "1"],
        ["a.h5", "--min-score", "6"],
        ["a.h5", "--jobs", "0"],
        ["a.h5", "--format", "yaml"],
    ],
)
def test_usage_errors_have_status_2(args: list[str]) -> None:
    assert CliRunner().invoke(main, ["grade", *args]).exit_code == 2


@pytest.mark.parametrize("lacks", [(), ("no network", "limits")])
def test_a_person_is_told_which_walls_are_missing_and_programs_are_not(
    lacks: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "level", lambda: sandbox.Level("weak", (), lacks))
    told = grade("full.h5", "--format", "json")
    assert len(told.stdout.splitlines()) == 1
    assert ("it lacks: no network; limits." in told.stderr) is bool(lacks)
    assert ("Grade only models that you trust." in told.stderr) is bool(lacks)
