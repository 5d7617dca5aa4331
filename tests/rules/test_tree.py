"""Rules for the whole tree that no linter checks: sizes, clocks, colours, URLs."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLOORS = ("tui", "engine", "exam_bank")
CANDIDATE_CODE = re.compile(r"exam_bank/tasks/[^/]+/(starter\.py|reference/|decent/|course/|weak/)")

MAX_FILE_LINES = 500
MAX_FUNCTION_LINES = 50
WALL_CLOCK = {"time.time", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
# Durations only; no decision about a sitting depends on them.
MAY_MEASURE = re.compile(
    r"exam_bank/proof/|engine/grading/|engine/clock\.py|exam_bank/platform/clocks\.py"
)


def sources() -> Iterator[Path]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if not CANDIDATE_CODE.search(path.as_posix()):
                yield path


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


@pytest.mark.parametrize("path", sources(), ids=name)
def test_files_and_functions_stay_small(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_FILE_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= MAX_FUNCTION_LINES, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", sources(), ids=name)
def test_every_module_says_why_it_exists(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_only_the_clock_reads_the_wall_clock() -> None:
    found = {
        name(path): sorted(
            call
            for call in calls(ast.parse(path.read_text(encoding="utf-8")))
            if any(call == clock or call.endswith("." + clock) for clock in WALL_CLOCK)
        )
        for path in sources()
    }
    assert {path for path, used in found.items() if used} == {"engine/clock.py"}


def test_durations_are_measured_where_no_decision_hangs_on_them() -> None:
    for path in sources():
        if not MAY_MEASURE.search(name(path)):
            used = set(calls(ast.parse(path.read_text(encoding="utf-8"))))
            assert not used & {"time.monotonic", "time.perf_counter"}, name(path)


def test_colours_live_in_the_themes() -> None:
    hex_colour = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}\b")
    of_pages = ROOT / "engine" / "report"
    for path in sorted((*(ROOT / "tui").rglob("*"), *of_pages.rglob("*"))):
        if path.suffix in {".py", ".tcss", ".html"} and path.name != "themes.py":
            found = hex_colour.findall(path.read_text(encoding="utf-8"))
            assert not found, f"{name(path)}: {found}"


def test_constraints_hold_versions_and_no_addresses() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
