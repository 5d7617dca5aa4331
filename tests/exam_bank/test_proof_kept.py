"""A proof goes on where it ended, counts fresh seeds, and says how sure its shares are."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine import marking
from exam_bank.catalog import BUILT_IN
from exam_bank.errors import TaskFileError
from exam_bank.proof import proof_file
from exam_bank.proof.check import ProofRow, check
from exam_bank.proof.confidence import held, lower_bound, share_text
from exam_bank.proof.kept import Kept, together
from exam_bank.proof.rows import Kind, lines
from exam_bank.proof.summary import state_text, summary
from exam_bank.proof.table import share_lines
from exam_bank.task import MarkScheme, Task
from tests.exam_bank.test_check import ReadingMarker, a_task, saving


def telling(runs: Path, points: int) -> str:
    """A solution that leaves a line in `runs` each time that it runs."""
    note = f"with open({str(runs)!r}, 'a') as file:\n    file.write('{points}')\n"
    return note + saving(points)


def a_counted_task(tmp_path: Path) -> tuple[Task, Path]:
    runs = tmp_path / "runs"
    runs.write_text("")
    task = a_task(tmp_path, weak=telling(runs, 1), decent=telling(runs, 4), best=telling(runs, 5))
    return task, runs


def as_it_marks(value: float, _scheme: MarkScheme) -> int:
    """The points that `ReadingMarker` gave with that value."""
    return max(0, round(5 - value))


async def proved(task: Task, seeds: range) -> list[ProofRow]:
    """As `bank check --write` does it: what PROOF.md holds is kept, each seed is written."""
    kept = Kept.of(task, as_it_marks)
    found: list[ProofRow] = []

    def write(rows: list[ProofRow]) -> None:
        found.extend(rows)
        whole = together(kept.other_seeds(), found)
        proof_file.write(task, proof_file.proof_of(task, whole))

    return await check(task, seeds, ReadingMarker(), kept=kept, on_seed=write)


async def test_what_was_proved_is_not_trained_again(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    await proved(task, range(2))
    before = proof_file.read(task)
    assert runs.read_text() == "145" * 2
    rows = await proved(task, range(3))
    assert runs.read_text() == "145" * 3
    assert [row.why for row in rows if row.kind == "weak"].count("as PROOF.md has it") == 2
    after = proof_file.read(task)
    assert before is not None
    assert after is not None
    assert (before.seeds, after.seeds) == ((0, 1), (0, 1, 2))
    assert after.digests.items() >= before.digests.items()
    assert after.of_kind("reference")[0].scores == (5, 5, 5)


def test_seeds_that_hide_other_numbers_of_rows_go_together() -> None:
    def rows(seed: int, hidden: str) -> list[ProofRow]:
        tried: list[tuple[Kind, str]] = [("size", hidden), ("reference", "solution")]
        return [
            ProofRow(
                task="a", category=1, kind=kind, solution=name, seed=seed, ok=True, why="", score=5
            )
            for kind, name in tried
        ]

    one, other = rows(0, "4043 hidden"), rows(1, "4045 hidden")
    assert together(one, other) == [*one, *other]


async def test_only_a_changed_solution_is_trained_again(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    await proved(task, range(2))
    with (task.folder / "decent/simple.py").open("a") as file:
        file.write("# other\n")
    assert proof_file.state(task) == "changed"
    runs.write_text("")
    await proved(task, range(1))
    assert runs.read_text() == "4"
    proof = proof_file.read(task)
    assert proof is not None
    assert proof.seeds == (0,), "seeds that were proved of other code are no proof"


async def test_of_an_older_proof_the_seed_whose_data_it_names_is_kept(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    await proved(task, range(2))
    proof = proof_file.read(task)
    assert proof is not None
    first, _ = proof.data.split()
    proof_file.write(task, replace(proof, files={}, data=first))
    runs.write_text("")
    await proved(task, range(2))
    assert runs.read_text() == "145", "seed 1, whose data nobody named"
    proof_file.write(task, replace(proof, files={}, data=first, code="other"))
    runs.write_text("")
    await proved(task, range(1))
    assert runs.read_text() == "145"


@pytest.mark.parametrize("part", ["data.py", "task.toml"])
async def test_what_all_solutions_hang_on_asks_for_all_of_them(tmp_path: Path, part: str) -> None:
    task, runs = a_counted_task(tmp_path)
    await proved(task, range(1))
    path = task.folder / part
    path.write_text(path.read_text().replace("model_mb = 50", "model_mb = 51") + "# other\n")
    runs.write_text("")
    await proved(Task.read(task.folder), range(1))
    assert runs.read_text() == "145"


async def test_other_bytes_of_a_seed_ask_for_it_again(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    await proved(task, range(2))
    proof = proof_file.read(task)
    assert proof is not None
    proof_file.write(task, replace(proof, data=f"other {proof.digests[1]}"))
    runs.write_text("")
    await proved(task, range(2))
    assert runs.read_text() == "145"


async def test_a_run_that_gave_no_score_is_tried_again(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    rows = await check(task, [0], ReadingMarker())
    failed = [
        replace(row, score=None, value=None, ok=False) if row.kind == "weak" else row
        for row in rows
    ]
    proof_file.write(task, proof_file.proof_of(task, failed))
    runs.write_text("")
    await proved(task, range(1))
    assert runs.read_text() == "1"


async def test_a_run_that_cost_too_much_is_tried_again(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    rows = await check(task, [0], ReadingMarker())
    dear = [replace(row, ok=False) if row.kind == "reference" else row for row in rows]
    proof_file.write(task, proof_file.proof_of(task, dear))
    runs.write_text("")
    await proved(task, range(1))
    assert runs.read_text() == "5"


async def test_fresh_seeds_join_those_that_thresholds_were_placed_on(tmp_path: Path) -> None:
    task, _ = a_counted_task(tmp_path)
    await proved(task, range(2))
    await proved(task, range(100, 103))
    proof = proof_file.read(task)
    assert proof is not None
    assert proof.seeds == (0, 1, 100, 101, 102)
    assert proof.fresh_share("reference") == (3, 3)
    text = proof.text()
    assert "| fresh seeds | reference 3 of 3 (at least 43 %), decent 3 of 3" in text
    assert (
        "`tfexam bank check tiny --seeds 2 --write` and "
        "`tfexam bank check tiny --first 100 --seeds 3 --write`"
    ) in text
    assert "| 3 of 3 (at least 43 %) |" in summary([task])
    read_back = proof_file.read(task)
    assert read_back is not None
    assert read_back.text() == text


async def test_a_file_of_another_hand_is_written_anew(tmp_path: Path) -> None:
    task, _ = a_counted_task(tmp_path)
    (task.folder / "PROOF.md").write_text("# by hand\n")
    await proved(task, range(1))
    assert proof_file.state(task) == "proved"


# -- course solutions ------------------------------------------------------------------------


def with_course(task: Task, points: int, declared: str = "") -> Task:
    (task.folder / "course").mkdir()
    (task.folder / "course/first.py").write_text(saving(points))
    toml = task.folder / "task.toml"
    toml.write_text(toml.read_text() + declared)
    return Task.read(task.folder)


@pytest.mark.parametrize(
    ("points", "declared", "ok"),
    [
        (2, "", False),
        (3, "", True),
        (5, "", True),
        (2, "course = { first = [1, 4] }\n", True),
        (5, "course = { first = [1, 4] }\n", False),
    ],
)
async def test_what_a_course_solution_may_score(
    tmp_path: Path, points: int, declared: str, ok: bool
) -> None:
    task = with_course(a_task(tmp_path), points, declared)
    rows = await check(task, [0], ReadingMarker())
    [row] = [row for row in rows if row.kind == "course"]
    assert (row.ok, row.score, row.solution) == (ok, points, "first")


async def test_a_course_solution_that_is_declared_must_be_there(tmp_path: Path) -> None:
    task = with_course(a_task(tmp_path), 4, "course = { second = [1, 4] }\n")
    [row] = await check(task, [0], ReadingMarker())
    assert (row.kind, row.ok) == ("folder", False)
    assert "there is no course/second.py" in row.why


async def test_a_course_solution_makes_a_new_proof_stale_and_leaves_the_rest(
    tmp_path: Path,
) -> None:
    task, runs = a_counted_task(tmp_path)
    await proved(task, range(1))
    assert proof_file.state(task) == "proved"
    task = with_course(task, 4)
    assert proof_file.state(task) == "changed"
    runs.write_text("")
    await proved(task, range(1))
    assert (runs.read_text(), proof_file.state(task)) == ("", "proved")


@pytest.mark.parametrize("bounds", ["[4]", "[1, 6]", "3"])
def test_bounds_that_are_none_are_refused_with_the_key(tmp_path: Path, bounds: str) -> None:
    with pytest.raises(TaskFileError, match="course"):
        with_course(a_task(tmp_path), 4, f"course = {{ first = {bounds} }}\n")


# -- lines -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("allowed", "ok"), [("", False), ("linear = 5\n", True)])
async def test_what_a_line_may_score(tmp_path: Path, allowed: str, ok: bool) -> None:
    task = a_task(tmp_path)
    toml = task.folder / "task.toml"
    toml.write_text(re.sub(r"linear = \d\n", "", toml.read_text()) + allowed)
    rows = await check(Task.read(task.folder), [0], ReadingMarker(trivial=4))
    [row] = [row for row in rows if row.kind == "linear"]
    assert (row.ok, row.solution, row.score) == (ok, "ridge", 4)


# -- proofs that are older than lines --------------------------------------------------------


def test_a_proof_without_the_new_rows_is_read_and_says_that_it_is_older(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    rows = [
        ProofRow(
            task="tiny", category=1, kind="reference", solution="solution", ok=True, why="",
            seed=0, bounds=(5, 5), metric="mae", value=0.1, score=5,
        )
    ]  # fmt: skip
    proof = replace(proof_file.proof_of(task, rows), files={}, data="abcd")
    proof_file.write(task, proof)
    assert "files" not in proof.text()
    assert (proof_file.state(task), state_text(task)) == ("proved", "proved (older)")
    # A course solution came later than that proof, which says nothing of it.
    assert proof_file.state(with_course(task, 4)) == "proved"
    kept = Kept.of(task, marking.score)
    assert [row.value for row in kept.rows("reference", "reference/solution.py", 0, "abcd")] == [
        0.1
    ]
    assert kept.rows("reference", "reference/solution.py", 0, "other") == []


def test_the_shipped_proofs_can_be_read_whatever_their_form() -> None:
    for folder in sorted(BUILT_IN.iterdir()):
        if (folder / "PROOF.md").is_file():
            task = Task.read(folder)
            proof = proof_file.read(task)
            assert proof is not None
            assert state_text(task) == ("proved (older)" if proof.older else "proved")


# -- how sure --------------------------------------------------------------------------------


def test_the_lower_bound_is_wilsons() -> None:
    assert lower_bound(20, 20) == pytest.approx(0.8389, abs=1e-4)
    assert lower_bound(15, 20) == pytest.approx(0.5313, abs=1e-4)
    assert lower_bound(81, 263) == pytest.approx(0.2553, abs=1e-4)
    assert lower_bound(0, 20) == pytest.approx(0)
    assert lower_bound(0, 0) == 0
    assert share_text(19, 20) == "19 of 20 (at least 76 %)"


@pytest.mark.parametrize(
    ("kind", "missed", "count", "enough"),
    [
        ("reference", 0, 20, True),
        ("reference", 1, 20, False),
        ("reference", 1, 50, True),
        ("decent", 1, 20, True),
        ("decent", 2, 20, False),
        ("course", 1, 20, True),
        ("decent", 1, 5, False),
        ("trivial", 1, 100, False),
        ("weak", 1, 100, False),
    ],
)
def test_how_many_seeds_may_miss(kind: str, missed: int, count: int, enough: bool) -> None:
    assert held(kind, [False] * missed + [True] * (count - missed)) is enough


def rows_of(kind: str, scores: list[int]) -> list[ProofRow]:
    return [
        ProofRow(
            task="tiny", category=1, kind=kind, solution="one",  # type: ignore[arg-type]
            ok=3 <= score <= 4, why="", seed=seed, bounds=(3, 4), score=score,
            value=0.9 - 0.1 * score,
        )
        for seed, score in enumerate(scores)
    ]  # fmt: skip


def test_one_line_holds_though_one_seed_of_twenty_missed_and_says_so() -> None:
    rows = rows_of("decent", [4] * 19 + [5])
    [line] = lines(rows)
    assert line.ok
    assert share_lines(rows) == "tiny: decent 19 of 20 (at least 76 %), 95 % wanted"
    assert line.marked((3, 4), lambda _: 4).ok
    assert not line.marked((3, 4), lambda _: 5).ok
    [line] = lines(rows_of("decent", [4] * 18 + [5, 5]))
    assert not line.ok
    assert line.marked((3, 4), lambda _: 3).ok, "only its scores had failed"
