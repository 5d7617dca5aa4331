"""Finds what is wrong with a task folder without running any of its code."""

from pathlib import Path

from exam_bank.task import Task

_FILES = ("starter.py", "data.py", "brief.md", "brief.zh.md", "hints.md")


def faults(task: Task) -> list[str]:
    """Sentences that name file and key; none if the folder is complete."""
    return [*_missing(task), *_undeclared(task), *_misnamed(task), *_without_blanks(task)]


def _missing(task: Task) -> list[str]:
    found = [
        f"{path} is missing or empty."
        for path in (task.folder / name for name in _FILES)
        if not path.is_file() or not path.read_bytes().strip()
    ]
    solutions = {
        "reference": task.references(),
        "decent": task.decent_solutions(),
        "weak": task.weak_solutions(),
    }
    for name, files in solutions.items():
        if not files:
            found.append(f"{task.folder / name} holds no solution (*.py).")
    return found


def _undeclared(task: Task) -> list[str]:
    toml = task.folder / "task.toml"
    there = {path.stem for path in task.weak_solutions()}
    declared = set(task.says.proof.weak)
    course = set(task.says.proof.course) - {path.stem for path in task.course_solutions()}
    return [
        *(
            f"{toml}: proof.course declares {name}, but there is no course/{name}.py."
            for name in sorted(course)
        ),
        *(
            f"{toml}: proof.weak does not declare the score of weak/{name}.py."
            for name in sorted(there - declared)
        ),
        *(
            f"{toml}: proof.weak declares {name}, but there is no weak/{name}.py."
            for name in sorted(declared - there)
        ),
    ]


def _misnamed(task: Task) -> list[str]:
    wanted = task.id.replace("-", "_")
    if task.folder.name == wanted:
        return []
    return [f"{task.folder / 'task.toml'}: id {task.id!r} wants its folder to be named {wanted}."]


def _without_blanks(task: Task) -> list[str]:
    path: Path = task.folder / "starter.py"
    if not path.is_file() or "# TODO" in path.read_text(encoding="utf-8"):
        return []
    return [f"{path} has no blank (# TODO) to fill in."]
