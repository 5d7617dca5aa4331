"""`tfexam bank`: listings that programs read, and tables that people read."""

import json
import re
import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from engine.grading import proof_marker
from engine.sitting.state.sitting import SittingRecord
from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.proof import proof_file
from exam_bank.proof.kept import Kept
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import ProofRow
from exam_bank.task import LEVELS, MetricName, Task
from tests.exam_bank.test_catalog import installed
from tests.tui.sittings import keep, synthetic_paper
from tui.cli import main
from tui.commands import bank as bank_command
from tui.commands import bank_check
from tui.commands.options import table


def bank(*args: str) -> Result:
    return CliRunner().invoke(main, ["bank", *args])


def test_every_task_is_one_json_line_with_the_promised_keys() -> None:
    rows = [json.loads(line) for line in bank("list", "--format", "json").stdout.splitlines()]
    assert [row["id"] for row in rows] == [task.id for task in Catalog.find().tasks]
    assert all(
        {"id", "category", "title", "source", "available", "weight"} <= row.keys() for row in rows
    )


def test_the_list_is_in_the_language_asked_for() -> None:
    found = CliRunner().invoke(main, ["--lang", "zh", "bank", "list"])
    task = Catalog.find().tasks[0]
    assert task.title("zh") in found.stdout
    assert task.title("en") not in found.stdout


def test_a_broken_installed_pack_is_named_and_the_rest_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(tmp_path, monkeypatch, text="id = ")
    found = bank("list")
    assert (found.exit_code, "flats" in found.stdout) == (0, True)
    assert "✗ The pack from the package my-pack" in found.stderr
    assert "✗" not in found.stdout


def test_a_pack_of_tfexam_bank_is_listed_and_a_broken_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(BUILT_IN / "straight_line", tmp_path / "mine")
    says = tmp_path / "mine" / "task.toml"
    says.write_text(says.read_text().replace('"straight-line"', '"mine"', 1))
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path))
    assert "mine" in bank("list").stdout
    says.write_text(says.read_text().replace("category = 1", "categry = 1"))
    found = bank("list")
    assert found.exit_code == 2
    assert str(says) in found.stderr
    assert "categry" in found.stderr


def test_show_tells_contract_marks_and_brief() -> None:
    found = bank("show", "straight-line").stdout
    task = Catalog.find().task("straight-line")
    assert "(1) float32, linear" in found
    assert f"5/5 {task.says.mark_scheme.hardest.thresholds[-1]:g}" in found
    assert task.brief("en").splitlines()[0] in found


def test_show_as_json_holds_the_whole_task() -> None:
    row = json.loads(bank("show", "straight-line", "--format", "json").stdout)
    assert row["contract"]["input"]["shape"] == [1]
    assert row["brief"]


@pytest.mark.parametrize("args", [["show", "nosuch"], ["check", "nosuch"]])
def test_an_unknown_task_is_named_beside_the_known_ones(args: list[str]) -> None:
    found = bank(*args)
    assert found.exit_code == 2
    assert "'nosuch'" in found.stderr
    assert "straight-line" in found.stderr


def test_columns_line_up_by_cells_not_by_letters() -> None:
    first, second, third = table(("id", "title"), [("a", "x"), ("走不准", "y")]).splitlines()
    assert [cell_len(line[: line.index(mark)]) for line, mark in ((first, "t"), (second, "x"))] == [
        8,
        8,
    ]
    assert cell_len(third[: third.index("y")]) == 8


def row(ok: bool, seed: int) -> ProofRow:
    return ProofRow(
        task="flats",
        category=1,
        kind="weak",
        solution="lazy",
        ok=ok,
        why="may reach 2",
        seed=seed,
        bounds=(0, 2),
        score=1,
        cpu_seconds=9,
        log="" if ok else "what it printed",
    )


@pytest.fixture
def _proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replaces the trainings: every seed gives one row, which fails for seed 2."""

    async def check(
        _: Task,
        seeds: Sequence[int],
        __: object,
        on_row: Callable[[ProofRow], None],
        *___: object,
        on_seed: Callable[[list[ProofRow]], None],
        **____: object,
    ) -> list[ProofRow]:
        rows = [row(seed != 2, seed) for seed in seeds]
        for each in rows:
            on_row(each)
            on_seed([each])
        return rows

    monkeypatch.setattr(bank_check, "check", check)
    monkeypatch.setattr(proof_marker, "proof_tools", lambda logs: nullcontext((None, None)))


@pytest.mark.usefixtures("_proof")
@pytest.mark.parametrize(("seeds", "status"), [("2", 0), ("3", 1)])
def test_check_shows_every_row_and_fails_with_one_of_them(seeds: str, status: int) -> None:
    found = bank("check", "flats", "--seeds", seeds)
    assert found.exit_code == status
    rows = [line for line in found.stdout.splitlines() if "may reach 2" in line]
    assert len(rows) == int(seeds)
    assert rows[0] == "✓ flats seed 0: weak lazy 1/5 (9 CPU s): may reach 2"
    assert ("what it printed" in found.stderr) is bool(status)


@pytest.mark.usefixtures("_proof")
def test_check_as_json_is_rows_alone_and_writes_the_table_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written: list[tuple[str, Proof]] = []
    summed: list[Task] = []
    monkeypatch.setattr(proof_file, "write", lambda task, proof: written.append((task.id, proof)))
    monkeypatch.setattr(bank_check, "write_readme", summed.extend)
    found = bank("check", "flats", "--seeds", "2", "--format", "json", "--write")
    assert [json.loads(line)["seed"] for line in found.stdout.splitlines()] == [0, 1]
    assert [(task, proof.seeds) for task, proof in written] == [
        ("flats", (0,)),
        ("flats", (0, 1)),
    ]
    assert "flats" in {task.id for task in summed}


@pytest.mark.usefixtures("_proof")
def test_check_begins_with_the_seed_that_is_asked_for() -> None:
    found = bank("check", "flats", "--first", "100", "--seeds", "3", "--format", "json")
    assert [json.loads(line)["seed"] for line in found.stdout.splitlines()] == [100, 101, 102]
    assert found.exit_code == 0


@pytest.mark.parametrize("again", [False, True])
def test_a_check_that_writes_keeps_what_was_proved_unless_asked_again(
    again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Kept] = []

    async def check(*_: object, kept: Kept, **__: object) -> list[ProofRow]:
        given.append(kept)
        return []

    monkeypatch.setattr(bank_check, "check", check)
    monkeypatch.setattr(bank_check, "write_readme", lambda tasks: None)
    monkeypatch.setattr(proof_marker, "proof_tools", lambda logs: nullcontext((None, None)))
    bank("check", "flats", "--write", *(["--again"] if again else []))
    bank("check", "flats")
    assert [kept.proof is None for kept in given] == [again, True]


def test_formulas_alone_are_marked_without_a_training_and_written_nowhere() -> None:
    found = bank("check", "straight-line", "--formulas", "--seeds", "1", "--format", "json")
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    assert {row["kind"] for row in rows} == {"data", "trivial", "linear"}
    assert [row["score"] for row in rows if row["kind"] == "linear"] == [5]
    assert found.exit_code == 0
    assert bank("check", "straight-line", "--formulas", "--write").exit_code == 2


def test_a_summary_marks_anew_without_training(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("nothing may be trained")

    monkeypatch.setattr(bank_check, "check", fail)
    monkeypatch.setattr(bank_check, "write_readme", lambda tasks: None)
    bank("new", "my-task", "--category", "1", "--dir", str(tmp_path))
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path))
    task = Task.read(tmp_path / "my_task")
    assert bank("check", "my-task", "--summary").stdout == "my-task: unproved\n"
    row = ProofRow(
        task="my-task",
        category=1,
        kind="reference",
        solution="solution",
        ok=True,
        why="",
        seed=0,
        bounds=(5, 5),
        metric="mae",
        value=0.31,
        score=5,
    )
    proof_file.write(task, proof_file.proof_of(task, [row]))
    found = bank("check", "my-task", "--summary")
    assert (found.stdout, found.exit_code) == ("my-task: unproved (fails)\n", 1)
    assert "  unproved (fails)  " in bank("list").stdout
    toml = tmp_path / "my_task/task.toml"
    toml.write_text(toml.read_text().replace("0.6, 0.3]", "0.6, 0.32]"))
    found = bank("check", "my-task", "--summary")
    assert (found.stdout, found.exit_code) == ("my-task: proved\n", 0)
    listed = map(json.loads, bank("list", "--format", "json").stdout.splitlines())
    assert [row["proof"] for row in listed if row["id"] == task.id] == ["proved"]


@pytest.mark.parametrize("metric", get_args(MetricName))
def test_show_explains_every_metric(
    metric: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bank("new", "my-task", "--category", "1", "--dir", str(tmp_path))
    toml = tmp_path / "my_task/task.toml"
    text = toml.read_text().replace('metric = "mae"', f'metric = "{metric}"')
    if "mae" not in metric:
        text = text.replace('"lower"', '"higher"').replace(
            "1.5, 1.2, 0.9, 0.6, 0.3", "1, 2, 3, 4, 5"
        )
    toml.write_text(text)
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path))
    shown = bank("show", "my-task").stdout.splitlines()
    line = next(line for line in shown if line.startswith("  metric"))
    assert re.fullmatch(rf"  metric   {metric}: .{{10,}}", line)


BY_LEVEL = """[mark_scheme.classic]
thresholds = [9, 8, 7, 6, 5]
target = 0.25
[mark_scheme.hard]
thresholds = [5, 4, 3, 2, 1]
"""


@pytest.fixture
def two_levels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of `my-task`, which is marked differently on the two levels."""
    bank("new", "my-task", "--category", "1", "--dir", str(tmp_path / "pack"))
    toml = tmp_path / "pack/my_task/task.toml"
    text, count = re.subn(r"^thresholds = .*\n", BY_LEVEL, toml.read_text(), flags=re.MULTILINE)
    assert count == 1
    toml.write_text(text)
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path / "pack"))
    return toml.parent


@pytest.mark.usefixtures("two_levels")
def test_show_tells_the_marks_of_each_level_or_of_the_one_asked_for() -> None:
    classic = "classic  at most: 1/5 9, 2/5 8, 3/5 7, 4/5 6, 5/5 5; target 0.25"
    hard = "hard     at most: 1/5 5, 2/5 4, 3/5 3, 4/5 2, 5/5 1"
    both = bank("show", "my-task").stdout
    assert classic in both
    assert hard in both
    assert classic not in bank("show", "my-task", "--level", "hard").stdout
    row = json.loads(bank("show", "my-task", "--level", "hard", "--format", "json").stdout)
    assert row["levels"] == ["classic", "hard"]
    assert row["mark_scheme"]["hard"]["thresholds"] == [5, 4, 3, 2, 1]
    assert row["mark_scheme"]["classic"] is None


def test_a_level_that_a_task_does_not_serve_is_refused_with_the_one_that_it_does(
    two_levels: Path, tmp_path: Path
) -> None:
    toml = two_levels / "task.toml"
    toml.write_text(toml.read_text().replace(BY_LEVEL, BY_LEVEL.partition("[mark_scheme.hard]")[0]))
    for command in (["show"], ["try", "--dir", str(tmp_path / "try")]):
        found = bank(*command, "my-task", "--level", "hard")
        assert found.exit_code == 2
        assert "my-task is not asked on the level hard, only on classic." in found.stderr
    (listed,) = (line for line in bank("list").stdout.splitlines() if " my-task " in line)
    assert "  classic  " in listed
    rows = map(json.loads, bank("list", "--format", "json").stdout.splitlines())
    assert [row["levels"] for row in rows if row["id"] == "my-task"] == [["classic"]]


@pytest.mark.parametrize("level", LEVELS)
def test_try_names_the_target_on_classic_only(level: str, two_levels: Path, tmp_path: Path) -> None:
    bank("trust", str(two_levels.parent), "--yes")
    found = bank("try", "my-task", "--level", level, "--dir", str(tmp_path / "try"))
    assert found.exit_code == 0, found.output
    asked = "--task my-task --seed 0" + ("" if level == "classic" else " --level hard")
    assert found.stdout.rstrip().endswith(asked)
    for name in ("brief.md", "starter.py"):
        text = (tmp_path / "try/Category1" / name).read_text()
        assert ("MAE of at most 0.25" in text) is (level == "classic")


def test_a_draft_is_drawn_once_a_check_has_proved_it_here(two_levels: Path) -> None:
    def listed() -> tuple[bool, str]:
        rows = map(json.loads, bank("list", "--format", "json").stdout.splitlines())
        (drawn,) = (row["drawn"] for row in rows if row["id"] == "my-task")
        (line,) = (line for line in bank("list").stdout.splitlines() if " my-task " in line)
        return drawn, line

    assert listed()[0] is True
    toml = two_levels / "task.toml"
    toml.write_text(toml.read_text().replace("[contract]", "draft = true\n[contract]"))
    drawn, line = listed()
    assert not drawn
    assert "not drawn: unproved" in line
    task = Task.read(two_levels)
    row = ProofRow(
        task="my-task",
        category=1,
        kind="reference",
        solution="solution",
        ok=True,
        why="",
        seed=0,
        bounds=(5, 5),
        metric="mae",
        value=0.1,
        score=5,
    )
    proof_file.write(task, proof_file.proof_of(task, [row]))
    assert proof_file.state(task) == "proved"
    drawn, line = listed()
    assert drawn
    assert "not drawn" not in line


HELD = "straight-line"


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SittingRecord:
    """A faithful exam with HELD in its paper, whose clock is running."""
    monkeypatch.setenv("TFEXAM_HOME", str(tmp_path))
    paper = synthetic_paper(lambda paper: HELD in paper.weights)
    return keep(tmp_path, "mine", of=paper)


def test_the_marks_of_a_running_exam_are_not_shown(running: SittingRecord) -> None:
    task = Catalog.find().task(HELD)
    found = bank("show", HELD).stdout
    assert "not shown while the clock of mine runs" in found
    assert "5/5" not in found
    assert task.brief("en").splitlines()[0] in found
    row = json.loads(bank("show", HELD, "--format", "json").stdout)
    marks = row["mark_scheme"]
    assert marks.keys() == {"metric", "direction", "withheld"}
    other = next(task for task in Catalog.find().tasks if task.id not in running.paper.weights)
    assert "5/5" in bank("show", other.id).stdout


@pytest.mark.usefixtures("_proof")
def test_tasks_of_a_running_exam_are_not_checked(running: SittingRecord) -> None:
    found = bank("check", HELD)
    assert (found.exit_code, found.stdout) == (2, "")
    said = " ".join(found.stderr.split())
    assert f"a proof would show what its marks take: {HELD}. Check them after its end" in said
    found = bank("check", HELD, *(["iris"] if "iris" not in running.paper.weights else []))
    assert HELD not in found.stdout
    assert HELD in found.stderr


@pytest.mark.usefixtures("_proof")
def test_marks_are_shown_again_after_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFEXAM_HOME", str(tmp_path))
    keep(tmp_path, "done", of=synthetic_paper(lambda paper: HELD in paper.weights), ended=True)
    assert "5/5" in bank("show", HELD).stdout
    assert bank("check", HELD, "--seeds", "1").exit_code == 0


def test_new_makes_a_task_that_the_bank_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = bank("new", "my-task", "--category", "4", "--dir", str(tmp_path))
    assert found.exit_code == 0
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path))
    assert "my-task" in bank("list").stdout
    again = bank("new", "my-task", "--category", "4", "--dir", str(tmp_path))
    assert again.exit_code == 2


def test_try_lays_out_what_a_candidate_gets_and_no_more(tmp_path: Path) -> None:
    found = bank("try", "straight-line", "--seed", "7", "--dir", str(tmp_path / "here"))
    folder = tmp_path / "here/Category1"
    assert f"tfexam grade {folder / 'mymodel.h5'} --task straight-line --seed 7" in found.stdout
    there = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")}
    kept = {"here/Category1/brief.md", "here/Category1/starter.py"}
    assert there == kept | {"here/Category1/data/train.csv"}
    (folder / "starter.py").write_text("my work")
    again = bank("try", "straight-line", "--dir", str(tmp_path / "here"))
    assert (again.exit_code, "is there already" in again.stderr) == (2, True)
    assert (folder / "starter.py").read_text() == "my work"


RAN = "import pathlib; pathlib.Path({canary!r}).touch()\n"


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file that appears once a pack's code has run."""
    return tmp_path / "it-ran"


def a_pack(folder: Path, canary: Path) -> Path:
    """A pack with one task, made by `bank new`, whose code leaves a trace when it runs."""
    bank("new", "my-task", "--category", "1", "--dir", str(folder))
    data = folder / "my_task" / "data.py"
    head, _, code = data.read_text().partition("import numpy")
    data.write_text(f"{head}{RAN.format(canary=str(canary))}import numpy{code}")
    return folder


def test_a_new_pack_of_ones_own_runs_and_asks_when_its_code_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    pack = tmp_path / "pack"
    bank("new", "first", "--category", "1", "--dir", str(pack))
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    for number in range(2):  # and leaves the pack as it is
        assert bank("try", "first", "--dir", str(tmp_path / f"try{number}")).exit_code == 0
    a_pack(pack, canary)
    found = bank("try", "my-task", "--dir", str(tmp_path / "try"))
    assert (found.exit_code, canary.exists()) == (2, False)
    assert f"{pack} has changed since you allowed its code" in found.stderr
    bank("trust", str(pack), "--yes")
    assert bank("try", "my-task", "--dir", str(tmp_path / "try")).exit_code == 0
    assert canary.exists()


def test_a_task_that_is_added_to_a_strangers_pack_does_not_make_it_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    pack = a_pack(tmp_path / "pack", canary)
    bank("new", "second", "--category", "1", "--dir", str(pack))
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    assert bank("try", "second", "--dir", str(tmp_path / "try")).exit_code == 2
    assert not canary.exists()


@pytest.mark.parametrize(("answer", "ran"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_at_a_terminal_an_author_is_asked_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path, answer: str, ran: bool
) -> None:
    monkeypatch.setenv("TFEXAM_BANK", str(a_pack(tmp_path / "pack", canary)))
    monkeypatch.setattr(bank_command, "_can_ask", lambda: True)
    arguments = ["bank", "try", "my-task", "--dir", str(tmp_path / "try")]
    found = CliRunner().invoke(main, arguments, input=answer)
    assert "Allow its code to run now?" in found.stderr
    assert (canary.exists(), found.exit_code) == (ran, 0 if ran else 1)


def test_what_is_trusted_is_what_was_there_when_it_was_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    pack = tmp_path / "pack"
    bank("new", "first", "--category", "1", "--dir", str(pack))

    def slow(*_: object, **__: object) -> None:
        a_pack(pack, canary)

    monkeypatch.setattr("click.confirm", slow)
    bank("trust", str(pack))
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    assert bank("try", "my-task", "--dir", str(tmp_path / "try")).exit_code == 2
    assert not canary.exists()


def test_a_cloned_folder_runs_nothing_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    """Its `.env` names its own pack, and a home with a list that trusts it."""
    clone = tmp_path / "clone"
    pack = a_pack(clone / "pack", canary)
    (clone / "home").mkdir()
    (clone / "home" / "trusted-packs.json").write_text(json.dumps([str(pack)]))
    (clone / ".env").write_text(f"TFEXAM_HOME={clone}/home\nTFEXAM_BANK={pack}\n")
    monkeypatch.chdir(clone)
    found = bank("try", "my-task", "--dir", str(tmp_path / "try"))
    assert (found.exit_code, canary.exists()) == (2, False)
    assert "which no .env file may" in found.stderr
    (clone / ".env").unlink()
    named = ["--home", str(clone / "home"), "bank", "try", "my-task", "--dir", str(tmp_path / "t")]
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    found = CliRunner().invoke(main, named)
    assert (found.exit_code, canary.exists()) == (2, False)
    assert f"tfexam bank trust {pack}" in found.stderr


def test_a_task_that_is_a_link_to_elsewhere_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    a_pack(tmp_path / "elsewhere", canary)
    pack = tmp_path / "pack"
    pack.mkdir()
    (pack / "my_task").symlink_to(tmp_path / "elsewhere" / "my_task")
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    found = bank("try", "my-task", "--dir", str(tmp_path / "try"))
    assert (found.exit_code, canary.exists()) == (2, False)
    assert "is a link" in found.stderr


def test_a_model_is_graded_by_the_code_that_was_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, canary: Path
) -> None:
    pack = a_pack(tmp_path / "pack", canary)
    (tmp_path / "mymodel.h5").write_bytes(b"no model")
    monkeypatch.setenv("TFEXAM_BANK", str(pack))
    arguments = ["--home", str(tmp_path / "home"), "grade", str(tmp_path / "mymodel.h5")]
    found = CliRunner().invoke(main, [*arguments, "--task", "my-task"])
    assert (found.exit_code, canary.exists()) == (2, False)
    assert f"tfexam bank trust {pack}" in found.stderr
