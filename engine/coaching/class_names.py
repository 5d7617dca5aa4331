"""The names of a task's classes, as its `classes.txt` hands them out."""

from pathlib import Path

from exam_bank.safe_files import LARGEST_TEXT, read_small

_FILE = Path("data", "classes.txt")


def class_names(folder: Path) -> tuple[str, ...]:
    """The names by their numbers, in the category folder `folder`; none if they cannot be read.

    A line without a name keeps its number.
    """
    try:
        text = read_small(folder / _FILE, LARGEST_TEXT).decode("utf-8")
    except (OSError, ValueError):
        return ()
    return tuple(line.strip() for line in text.splitlines())
