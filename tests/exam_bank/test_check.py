"""The proof of a task, with a marker that reads points from the model file."""

# ruff: noqa: ASYNC240
# These tests look at files and processes between two awaits.

import asyncio
import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from engine import marking
from exam_bank.errors import TaskFileError
from exam_bank.material import HiddenSet
from exam_bank.preparation import make_material
from exam_bank.proof import proof_file
from exam_bank.proof.check import Mark, ProofRow, check, faults, new
from exam_bank.task import CATEGORIES, MarkScheme, Task
from tests.exam_bank.test_preparation import alive, gone, pids_in

STOPS = "# TODO 1: a model\nraise NotImplementedError('TODO 1: a model')\n"


def saving(points: int) -> str:
    """A solution whose model is a file that holds its points."""
    return f"from pathlib import Path\nPath('mymodel.h5').write_text('{points}')\n"


class ReadingMarker:
    """Gives the points that a file holds; predictions earn what `trivial` says."""

    def __init__(self, *, trivial: int = 0, failing: bool = False) -> None:
        self.trivial, self.failing = trivial, failing
        self.seen: list[tuple[str, bool]] = []

    async def mark_file(self, task: Task, model: Path, hidden: Path) -> Mark:
        self.seen.append((model.parent.name, (hidden / "inputs.npy").is_file()))
        if self.failing:
            return Mark(says="no child could be started")
        points = int(model.read_text())
        return Mark(metric="mae", value=5.0 - points, score=points)

    def mark_predictions(self, task: Task, predictions: Any, hidden: HiddenSet) -> Mark:
        assert predictions.shape == (1_000, 1)
        return Mark(metric="mae", value=5.0 - self.trivial, score=self.trivial)

    def score(self, value: float, scheme: MarkScheme) -> int:
        return marking.score(value, scheme)


def a_task(
    tmp_path: Path,
    *,
    starter: str = STOPS,
    weak: str = saving(1),
    decent: str = saving(3),
    best: str = saving(5),
) -> Task:
    folder = new("tiny", 1, tmp_path)
    (folder / "decent/simple.py").write_text(decent)
    (folder / "starter.py").write_text(starter)
    (folder / "weak/untrained.py").write_text(weak)
    (folder / "reference/solution.py").write_text(best)
    return Task.read(folder)


async def row_of(task: Task, kind: str, marker: ReadingMarker | None = None) -> ProofRow:
    rows = await check(task, [0], marker or ReadingMarker())
    return next(row for row in rows if row.kind == kind)


async def test_a_sound_task_is_proved_row_by_row(tmp_path: Path) -> None:
    told: list[ProofRow] = []
    marker = ReadingMarker()
    rows = await check(a_task(tmp_path), [3, 4], marker, told.append)
    assert told == rows
    assert all(row.ok for row in rows), rows
    kinds = ["data", *["trivial"] * 4, "linear", "starter", "weak", "decent", "reference"]
    assert [(row.seed, row.kind) for row in rows] == [(s, k) for s in (3, 4) for k in kinds]
    assert [row.score for row in rows[:10]] == [None, 0, 0, 0, 0, 0, 0, 1, 3, 5]
    assert marker.seen == [("Category1", True)] * 6


async def test_a_solution_runs_as_the_starter_beside_its_data(tmp_path: Path) -> None:
    looks = (
        "from pathlib import Path\nHERE = Path(__file__).resolve().parent\n"
        "assert Path(__file__).name == 'starter.py', __file__\n"
        "assert HERE.name == 'Category1', HERE\n"
        "assert (HERE / 'data/train.npz').is_file()\n"
    )
    row = await row_of(a_task(tmp_path, best=looks + saving(5)), "reference")
    assert row.ok, row


async def test_a_solution_runs_where_no_trace_of_the_hidden_set_is_beside_it(
    tmp_path: Path,
) -> None:
    looks = "from pathlib import Path\nassert not list(Path('.').rglob('targets.npy'))\n"
    row = await row_of(a_task(tmp_path, best=looks + saving(5)), "reference")
    assert row.ok, row


@pytest.mark.parametrize(
    ("starter", "ok", "why"),
    [
        (STOPS, True, "TODO 1: a model"),
        ("# TODO\n" + saving(0), True, "must score 0"),
        ("# TODO\n" + saving(1), False, "must score 0"),
        ("# TODO\nimport no_such_module\n", False, "no_such_module"),
        ("# TODO\n", False, "without saving mymodel.h5"),
        ("# TODO\nraise NotImplementedError\n", False, "status 1: NotImplementedError"),
    ],
)
async def test_what_a_starter_may_do(tmp_path: Path, starter: str, ok: bool, why: str) -> None:
    row = await row_of(a_task(tmp_path, starter=starter), "starter")
    assert row.ok is ok
    assert why in row.why


async def test_a_weak_solution_that_is_too_good_fails_the_proof(tmp_path: Path) -> None:
    row = await row_of(a_task(tmp_path, weak=saving(2)), "weak")
    assert (row.ok, row.score, row.bounds) == (False, 2, (0, 1))


async def test_a_trivial_predictor_that_earns_two_fails_the_proof(tmp_path: Path) -> None:
    row = await row_of(a_task(tmp_path), "trivial", ReadingMarker(trivial=2))
    assert (row.ok, row.score, row.bounds) == (False, 2, (0, 1))


@pytest.mark.parametrize(("points", "ok"), [(2, False), (3, True), (4, True), (5, False)])
async def test_a_decent_solution_scores_three_or_four(
    tmp_path: Path, points: int, ok: bool
) -> None:
    row = await row_of(a_task(tmp_path, decent=saving(points)), "decent")
    assert (row.ok, row.score, row.bounds) == (ok, points, (3, 4))


async def test_several_seeds_at_once_give_the_rows_of_one_after_the_other(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    alone = await check(task, [0, 1, 2], ReadingMarker())
    together = await check(task, [0, 1, 2], ReadingMarker(), jobs=3)
    named = [
        [(row.seed, row.kind, row.score, row.digest) for row in rows] for rows in (alone, together)
    ]
    assert named[0] == named[1]


async def test_the_cheapest_of_each_kind_is_chosen_by_the_last_proof(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    (task.folder / "weak/slow.py").write_text("import time\ntime.sleep(0)\n" + saving(1))
    toml = task.folder / "task.toml"
    toml.write_text(toml.read_text().replace("untrained = 1", "untrained = 1, slow = 1"))
    task = Task.read(task.folder)
    rows = await check(task, [0], ReadingMarker())
    dear = [
        replace(row, cpu_seconds=600.0 if row.solution == "untrained" else 60.0) for row in rows
    ]
    proof_file.write(task, proof_file.proof_of(task, dear))
    rows = await check(task, [0], ReadingMarker(), which="cheapest")
    assert [row.solution for row in rows if row.kind == "weak"] == ["slow"]
    kinds = ["data", "trivial", "linear", "starter", "weak", "decent", "reference"]
    assert list(dict.fromkeys(row.kind for row in rows)) == kinds


async def test_a_reference_below_five_fails_the_proof(tmp_path: Path) -> None:
    row = await row_of(a_task(tmp_path, best="print('epoch 1')\n" + saving(4)), "reference")
    assert (row.ok, row.score) == (False, 4)
    assert "epoch 1" in row.log


async def test_a_reference_that_costs_too_much_fails_the_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exam_bank.proof.check.PATIENCE", 600)
    burns = "import time\nwhile time.process_time() < 1.0: pass\n"
    task = a_task(tmp_path, best=burns + saving(5))
    toml = task.folder / "task.toml"
    toml.write_text(toml.read_text().replace("reference_minutes = 2", "reference_minutes = 0.01"))
    row = await row_of(Task.read(task.folder), "reference")
    assert not row.ok
    assert "CPU seconds" in row.why


async def test_a_reference_that_hangs_is_stopped(tmp_path: Path) -> None:
    task = a_task(tmp_path, best="import time\nprint('asleep', flush=True)\ntime.sleep(3600)\n")
    toml = task.folder / "task.toml"
    toml.write_text(toml.read_text().replace("reference_minutes = 2", "reference_minutes = 0.01"))
    row = await row_of(Task.read(task.folder), "reference")
    assert (row.ok, row.score) == (False, None)
    assert "was stopped" in row.why


async def test_a_crash_after_saving_is_no_proof(tmp_path: Path) -> None:
    row = await row_of(a_task(tmp_path, best=saving(5) + "raise SystemExit(3)\n"), "reference")
    assert not row.ok
    assert "status 3" in row.why


async def test_a_failing_grader_is_no_proof_either_way(tmp_path: Path) -> None:
    rows = await check(a_task(tmp_path), [0], ReadingMarker(failing=True))
    marked = [row for row in rows if row.kind in ("weak", "reference")]
    assert [row.ok for row in marked] == [False, False]
    assert "no child could be started" in marked[0].why


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ("def make(", "def other(", "no function make"),
        ("return Material(", "return (", "SyntaxError"),
        ("normal(size=(n, 4))", "normal(size=(n, 5))", "ValueError"),
        ("import io\n", "import io\nraise KeyError('x')\n", "KeyError"),
        (
            "x.astype(np.float32)",
            "x.astype(np.float64)",
            "Hidden inputs are float64, not float32.",
        ),
        ('trivial={"mean": np.full_like(hidden_y, y.mean())}', "trivial={}", "no trivial"),
        ("Rng(seed,", "Rng(1,", "Another seed gives the same data"),
        ("Rng(seed,", "Rng(__import__('secrets').randbits(40),", "same seed gives other data"),
        ("HiddenSet(hidden_x, hidden_y)", "HiddenSet(hidden_x, hidden_y[1:])", "999 targets"),
        ("HiddenSet(hidden_x, ", "HiddenSet(hidden_x[:, :3], ", "do not fit the contract"),
    ],
)
async def test_faults_of_the_data_stop_the_proof(
    tmp_path: Path, was: str, becomes: str, says: str
) -> None:
    task = a_task(tmp_path)
    data = task.folder / "data.py"
    assert was in data.read_text()
    data.write_text(data.read_text().replace(was, becomes))
    rows = await check(task, [0], ReadingMarker())
    assert [(row.kind, row.ok) for row in rows] == [("data", False)]
    assert says in rows[0].why


@pytest.mark.parametrize(
    ("gone_part", "says"),
    [
        ("brief.zh.md", "brief.zh.md is missing"),
        ("starter.py", "starter.py is missing"),
        ("hints.md", "hints.md is missing"),
        ("data.py", "data.py is missing"),
        ("reference/solution.py", "reference holds no solution"),
        ("decent/simple.py", "decent holds no solution"),
        ("weak/untrained.py", "there is no weak/untrained.py"),
    ],
)
async def test_a_missing_part_is_named_and_nothing_runs(
    tmp_path: Path, gone_part: str, says: str
) -> None:
    task = a_task(tmp_path)
    (task.folder / gone_part).unlink()
    rows = await check(task, [0, 1], ReadingMarker())
    assert [(row.kind, row.ok) for row in rows] == [("folder", False)]
    assert says in rows[0].why


def test_a_weak_solution_that_is_not_declared_is_named_with_the_key(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    (task.folder / "weak/sloppy.py").write_text("")
    assert faults(task) == [
        f"{task.folder / 'task.toml'}: proof.weak does not declare the score of weak/sloppy.py."
    ]


def test_an_empty_brief_and_a_starter_without_blanks_are_faults(tmp_path: Path) -> None:
    task = a_task(tmp_path, starter=saving(0))
    (task.folder / "brief.md").write_text(" \n")
    assert [fault.rpartition("/")[2] for fault in faults(task)] == [
        "brief.md is missing or empty.",
        "starter.py has no blank (# TODO) to fill in.",
    ]


def test_a_folder_with_another_name_than_its_id_is_a_fault(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    moved = task.folder.rename(tmp_path / "other")
    assert "wants its folder to be named tiny" in faults(Task.read(moved))[0]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
async def test_cancelling_a_proof_kills_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    code = (
        "import os, pathlib, subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(f'{{os.getpid()}} {{child.pid}}\\n')\n"
        "time.sleep(3600)\n"
    )
    proving = asyncio.create_task(check(a_task(tmp_path, weak=code), [0], ReadingMarker()))
    pids = await pids_in(note)
    assert all(alive(pid) for pid in pids)
    proving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await proving
    await asyncio.wait_for(gone(pids), 20)


# -- a new task --------------------------------------------------------------------------


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_new_task_is_valid(tmp_path: Path, category: int) -> None:
    folder = new("my-task", category, tmp_path / "pack")
    task = Task.read(folder)
    assert folder == tmp_path / "pack" / "my_task"
    assert (task.id, task.category, faults(task)) == ("my-task", category, [])
    left = [path for path in folder.rglob("*") if path.is_file() and "@" in path.read_text()]
    assert left == []
    assert "TODO" in (folder / "brief.zh.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("category", CATEGORIES)
async def test_a_new_tasks_texts_tell_of_its_data(tmp_path: Path, category: int) -> None:
    task = Task.read(new("my-task", category, tmp_path))
    material = make_material(task.folder, 3)
    with np.load(io.BytesIO(material.files["data/train.npz"])) as train:
        x, y = train["x"], train["y"]
    for language, told in (("en", "{} {}, {}"), ("zh", "{} {}（{}）")):
        assert told.format("`x`", x.shape, x.dtype) in task.brief(language)
        assert told.format("`y`", y.shape, y.dtype) in task.brief(language)
        assert f" {len(material.hidden.targets):,} " in task.brief(language)
    assert f"x {x.shape} and y {y.shape}." in task.starter().decode()
    contract = task.says.contract
    assert x.shape[1:] == material.hidden.inputs.shape[1:] == contract.input.shape
    assert str(contract.output.shape).strip("()").rstrip(",") in task.starter().decode()


@pytest.mark.parametrize("slug", ["", "x", "My-Task", "1st", "a/b", "../up", "über", "a" * 41])
def test_an_id_that_no_task_may_have_is_refused(tmp_path: Path, slug: str) -> None:
    with pytest.raises(TaskFileError, match="cannot be the id"):
        new(slug, 1, tmp_path)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 (hidden files too)


def test_a_category_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TaskFileError, match="category 6"):
        new("mine", 6, tmp_path)


def test_a_folder_that_is_there_is_left_alone(tmp_path: Path) -> None:
    folder = new("mine", 1, tmp_path)
    (folder / "brief.md").write_text("my work")
    with pytest.raises(TaskFileError, match="is there already"):
        new("mine", 1, tmp_path)
    assert (folder / "brief.md").read_text() == "my work"
