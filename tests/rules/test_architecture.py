"""Everything `docs/architecture.md` names exists: rooms, and each step's file and function."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\d+\. `([\w/]+\.py)` `(\w+)`", PAGE, re.MULTILINE)
SUBMISSION = re.findall(
    r"^\d+\. `([\w/]+\.py)` `(\w+)`",
    PAGE.partition("## The way of one submission")[2].partition("\n## ")[0],
    re.MULTILINE,
)
ROOMS = re.findall(r"^\| `([\w/]+)/`", PAGE, re.MULTILINE)

MOST_STEPS = 45
MOST_FILES = 20


@pytest.mark.parametrize(("file", "function"), STEPS)
def test_each_step_is_there(file: str, function: str) -> None:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    found |= {node.name for node in ast.walk(tree) if isinstance(node, ast.AsyncFunctionDef)}
    assert function in found


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_is_there(room: str) -> None:
    assert (ROOT / room / "__init__.py").is_file()


def test_the_way_of_a_submission_stays_short() -> None:
    assert 30 <= len(SUBMISSION) <= MOST_STEPS
    assert len({file for file, _ in SUBMISSION}) <= MOST_FILES
