"""Every Python file that a page for people names exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GRADING = ROOT / "engine" / "grading"
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    GRADING / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
)
FLOORS = ("tui", "engine", "exam_bank", "tests")
# What the reader of `docs/authoring.md` and `docs/classroom.md` makes.
EXAMPLES = ("my_pack/", "try/", "autograder.py")


def named(page: Path) -> set[str]:
    text = page.read_text(encoding="utf-8")
    names = re.findall(r"(?<![\w/.-])\w[\w/]*\.py\b", text)
    return {name for name in names if not name.startswith(EXAMPLES)}


def files_near(page: Path) -> list[str]:
    """The files that a bare name on `page` may mean: a folder's own page means its own."""
    floors = [GRADING] if page.parent == GRADING else [ROOT / floor for floor in FLOORS]
    return [file.as_posix() for floor in floors for file in floor.rglob("*.py")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_python_file_is_there(page: Path) -> None:
    there = files_near(page)
    missing = {
        name
        for name in named(page)
        if not (ROOT / name).is_file() and not any(file.endswith(f"/{name}") for file in there)
    }
    assert not missing


def test_the_page_on_grading_names_its_modules() -> None:
    assert len(named(GRADING / "README.md")) > 30
