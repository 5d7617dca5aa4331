"""A proof on two levels: one training, a score on each; what follows from several solutions."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine import marking
from exam_bank.proof import proof_file
from exam_bank.proof.check import ProofRow, check
from exam_bank.proof.confidence import FRESH
from exam_bank.proof.derived import with_derived
from exam_bank.proof.kept import Kept, together
from exam_bank.proof.levels import bounds
from exam_bank.proof.rows import Line, lines
from exam_bank.proof.summary import first_attempts, state_text, summary
from exam_bank.proof.table import text_table
from exam_bank.task import Level, Task
from tests.exam_bank.test_check import ReadingMarker, a_task, saving
from tests.exam_bank.test_proof_kept import a_counted_task

CLASSIC, HARD = "[4.5, 3.9, 3.0, 2.5, 2.0]", "[4.0, 3.0, 2.0, 1.0, 0.0]"


def on_levels(
    task: Task, classic: str | None = CLASSIC, hard: str | None = HARD, *, metric: str = "mae"
) -> Task:
    """`task` with a table for each level; the marker's value is 5 minus the file's points."""
    toml = task.folder / "task.toml"
    text = toml.read_text().split("\n[mark_scheme.")[0]
    text = re.sub(r"\nthresholds = \[.*\]", "", text).replace('"mae"', f'"{metric}"')
    if metric != "mae":
        text = text.replace('"lower"', '"higher"')
    for level, thresholds in (("classic", classic), ("hard", hard)):
        if thresholds:
            text += f"\n[mark_scheme.{level}]\nthresholds = {thresholds}\n"
    toml.write_text(text)
    return Task.read(task.folder)


def with_course(task: Task, *points: float) -> Task:
    (task.folder / "course").mkdir()
    for place, each in enumerate(points):
        (task.folder / f"course/attempt{place}.py").write_text(saving(each))  # type: ignore[arg-type]
    return Task.read(task.folder)


def scores(rows: list[ProofRow], kind: str) -> dict[str | None, tuple[int | None, bool]]:
    return {row.level: (row.score, row.ok) for row in rows if row.kind == kind}


async def test_one_training_is_marked_on_both_levels(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    rows = await check(on_levels(task), [0], ReadingMarker())
    assert runs.read_text() == "145"
    # The values are 4, 1 and 0: the marker takes the points from 5.
    assert scores(rows, "weak") == {"classic": (1, True), "hard": (1, True)}
    assert scores(rows, "decent") == {"classic": (5, True), "hard": (4, True)}
    assert scores(rows, "reference") == {"classic": (5, True), "hard": (5, True)}
    assert [row.level for row in rows if row.kind == "data"] == [None]


async def test_levels_ask_for_what_they_say(tmp_path: Path) -> None:
    rows = await check(
        on_levels(a_task(tmp_path, weak=saving(2), decent=saving(5))), [0], ReadingMarker(trivial=4)
    )
    assert scores(rows, "weak") == {"classic": (3, True), "hard": (2, False)}
    assert scores(rows, "decent") == {"classic": (5, True), "hard": (5, False)}
    assert scores(rows, "linear") == {"classic": (5, False), "hard": (4, True)}
    assert scores(rows, "trivial") == {"classic": (5, False), "hard": (4, False)}


@pytest.mark.parametrize(
    ("kind", "on"),
    [
        ("starter", {None: (0, 0), "classic": (0, 0), "hard": (0, 0)}),
        ("trivial", {None: (0, 1), "classic": (0, 1), "hard": (0, 1)}),
        ("weak", {None: (0, 1), "classic": (0, 3), "hard": (0, 1)}),
        ("decent", {None: (3, 4), "classic": (3, 5), "hard": (3, 4)}),
        ("course", {None: (3, 5), "classic": (3, 5), "hard": (0, 5)}),
        ("best", {"classic": (5, 5)}),
        ("reference", {None: (5, 5), "classic": (5, 5), "hard": (5, 5)}),
    ],
)
def test_the_bounds_of_each_level(
    tmp_path: Path, kind: str, on: dict[Level | None, tuple[int, int]]
) -> None:
    task = a_task(tmp_path)
    assert {level: bounds(task, kind, "untrained", level) for level in on} == on


@pytest.mark.parametrize(
    ("declared", "on"),
    [("linear = 2", (4, 2)), ("linear = 3", (4, 3)), ("linear = 5", (5, 5))],
)
def test_a_line_may_score_five_where_a_line_is_the_point(
    tmp_path: Path, declared: str, on: tuple[int, int]
) -> None:
    toml = a_task(tmp_path).folder / "task.toml"
    toml.write_text(re.sub(r"linear = \d", declared, toml.read_text()))
    task = on_levels(Task.read(toml.parent))
    found = [bounds(task, "linear", "ridge", level) for level in task.levels]
    assert found == [(0, on[0]), (0, on[1])]


# -- PROOF.md --------------------------------------------------------------------------------


async def test_a_proof_on_levels_is_read_back(tmp_path: Path) -> None:
    task = on_levels(with_course(a_task(tmp_path), 3, 4))
    rows = await check(task, [0, FRESH], ReadingMarker())
    proof = proof_file.proof_of(task, rows)
    proof_file.write(task, proof)
    text = proof.text()
    assert "| classic | course | attempt0 | 3–5 | 5 5 |" in text
    assert "| hard | course | attempt0 | ≤ 5 | 3 3 |" in text
    assert "| classic | best | of 2 course solutions | 5 | 5 5 |" in text
    assert (
        "| fresh seeds | classic: reference 1 of 1 (at least 20 %), best 1 of 1 (at least 20 %), "
        "course 2 of 2"
    ) in text
    found = proof_file.read(task)
    assert found is not None
    assert found.text() == text
    assert proof_file.marked_anew(task, found, marking.score).text() == text
    assert (proof_file.state(task), proof_file.state(task, "hard")) == ("proved", "proved")
    assert text_table({"tiny": proof.lines}).splitlines()[0].startswith("task  level")


async def test_the_summary_has_a_line_for_each_level(tmp_path: Path) -> None:
    task = on_levels(with_course(a_task(tmp_path, weak=saving(2)), 3, 4))
    rows = await check(task, [0, FRESH], ReadingMarker())
    proof_file.write(task, proof_file.proof_of(task, rows))
    classic, hard = summary([task]).splitlines()[2:]
    assert classic.startswith("| 1 | tiny | classic | synthetic | mae | 2 | 1 | 0 |")
    assert hard.startswith("| 1 | tiny | hard | synthetic | mae | 2 | 1 | 0 |")
    # The weak solution is too good for hard.
    assert classic.endswith("| proved |")
    assert hard.endswith("| unproved (fails) |")
    assert (state_text(task), proof_file.state(task)) == ("unproved (fails)", "fails")


async def test_a_proof_made_before_levels_counts_on_both(tmp_path: Path) -> None:
    task, runs = a_counted_task(tmp_path)
    rows = await check(task, [0], ReadingMarker())
    proof_file.write(task, proof_file.proof_of(task, rows))
    old = (task.folder / "PROOF.md").read_text()
    assert "| kind | solution | must score |" in old
    task = on_levels(task)
    assert proof_file.state(task) == "changed"
    kept = Kept.of(task, marking.score)
    runs.write_text("")
    again = await check(task, [0, 1], ReadingMarker(), kept=kept)
    assert runs.read_text() == "145", "only the new seed is trained"
    whole = together(kept.other_seeds(), again)
    proof = proof_file.proof_of(task, whole)
    assert [line.scores for line in proof.of_kind("reference", "classic")] == [(5, 5)]
    assert [line.scores for line in proof.of_kind("decent", "hard")] == [(4, 4)]


async def test_a_level_that_is_gone_leaves_its_values_behind(tmp_path: Path) -> None:
    task = on_levels(with_course(a_task(tmp_path), 4, 4))
    proof = proof_file.proof_of(task, await check(task, [0, 1], ReadingMarker()))
    anew = proof_file.marked_anew(on_levels(task, CLASSIC, None), proof, marking.score)
    assert {line.level for line in anew.lines} == {None, "classic"}
    assert proof_file.marked_anew(on_levels(task), anew, marking.score).lines == proof.lines


# -- what follows from several ---------------------------------------------------------------


def a_line(kind: str, solution: str, level: Level = "classic", **more: object) -> Line:
    given = {"ok": True, "bounds": bounds_of(kind)} | more
    return Line(kind=kind, solution=solution, level=level, **given)  # type: ignore[arg-type]


def bounds_of(kind: str) -> tuple[int, int]:
    return (3, 5) if kind == "course" else (5, 5)


def one_of(lines: tuple[Line, ...], kind: str, level: Level | None = "classic") -> Line:
    [found] = [line for line in lines if (line.kind, line.level) == (kind, level)]
    return found


@pytest.mark.parametrize(
    ("one", "two", "best", "ok"),
    [
        ((5, 3), (4, 5), (5, 5), True),
        ((5, 3), (4, 4), (5, 4), False),
        ((5, None), (None, None), (5, None), False),
        ((5,) * 19 + (4,), (3,) * 20, (5,) * 19 + (4,), True),
        ((5,) * 18 + (4,) * 2, (3,) * 20, (5,) * 18 + (4,) * 2, False),
    ],
)
def test_the_best_course_solution_of_nearly_every_seed_gets_full_marks(
    tmp_path: Path,
    one: tuple[int | None, ...],
    two: tuple[int | None, ...],
    best: tuple[int | None, ...],
    ok: bool,
) -> None:
    task = on_levels(a_task(tmp_path))
    found = with_derived(
        task, [a_line("course", "one", scores=one), a_line("course", "two", scores=two)]
    )
    line = one_of(found, "best")
    assert (line.scores, line.ok) == (best, ok)


@pytest.mark.parametrize(
    ("metric", "thresholds", "left", "ok"),
    [
        ("mae", "[4.5, 3.9, 3.0, 2.5, 1.5]", 0.5, True),
        ("mae", "[4.5, 3.9, 3.0, 2.5, 1.4]", 1.4 / 3, False),
        ("accuracy", "[0.5, 0.6, 0.8, 0.85, 0.9]", 0.5, True),
        ("f1", "[0.5, 0.6, 0.8, 0.85, 0.91]", 0.45, False),
    ],
)
def test_from_three_to_five_at_most_half_of_the_error_goes(
    tmp_path: Path, metric: str, thresholds: str, left: float, ok: bool
) -> None:
    task = on_levels(a_task(tmp_path), thresholds, None, metric=metric)
    line = one_of(with_derived(task, []), "step")
    assert line.values[0] == pytest.approx(left)
    assert line.ok is ok


@pytest.mark.parametrize(
    ("decent", "reference", "ok"),
    [
        ((2.0, 2.2, 2.1), (1.0, 1.1, 1.0), True),
        ((1.2, 1.0, 1.4), (1.0, 1.1, 1.0), False),
        ((0.9, 0.8, 0.9), (1.0, 1.1, 1.0), False),
    ],
)
def test_the_step_from_decent_to_reference_is_wider_than_its_spread(
    tmp_path: Path, decent: tuple[float, ...], reference: tuple[float, ...], ok: bool
) -> None:
    task = on_levels(a_task(tmp_path))
    found = with_derived(
        task,
        [
            a_line("decent", "far", "hard", values=(9.0, 9.0, 9.1)),
            a_line("decent", "near", "hard", values=decent),
            a_line("reference", "solution", "hard", values=reference),
        ],
    )
    line = one_of(found, "step", None)
    assert (line.solution, line.ok) == ("near to solution", ok)
    assert line.measured == pytest.approx([a - b for a, b in zip(decent, reference, strict=True)])


def test_nothing_follows_for_one_scheme_for_both_levels(tmp_path: Path) -> None:
    line = replace(a_line("course", "one", scores=(5,)), level=None)
    assert with_derived(a_task(tmp_path), [line]) == (line,)


async def test_the_median_first_attempt_is_told(tmp_path: Path) -> None:
    task = on_levels(with_course(a_task(tmp_path), 2, 4))
    rows = await check(task, [0, FRESH, FRESH + 1], ReadingMarker())
    proof_file.write(task, proof_file.proof_of(task, rows))
    assert first_attempts([task]) == "first attempts on 1 classic tasks: median 3/5\n"
    assert first_attempts([a_task(tmp_path / "other")]) == ""


def test_lines_come_by_level_then_kind() -> None:
    row = ProofRow(task="tiny", category=1, kind="weak", solution="a", ok=True, why="")
    rows = [
        replace(row, level=level, kind=kind, bounds=(0, 1), score=1)
        for level in ("hard", "classic")
        for kind in ("weak", "trivial")
    ]
    assert [(line.level, line.kind) for line in lines(rows)] == [
        ("classic", "trivial"),
        ("classic", "weak"),
        ("hard", "trivial"),
        ("hard", "weak"),
    ]
