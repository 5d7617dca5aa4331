"""A task's hints, step by step: what `hints.md` holds between its second-level headings."""

import re
from typing import NamedTuple

from exam_bank.safe_files import LARGEST_TEXT, read_small
from exam_bank.task import Task

_HEADING = re.compile(r"^##\s+(?:\d+\.\s*)?(.*?)\s*$", re.MULTILINE)
_TITLE = re.compile(r"\A\s*#\s[^\n]*\n?")


class Hint(NamedTuple):
    """One step: the candidate's complaint, and what helps against it, as Markdown."""

    title: str
    text: str


def hints_of(task: Task, language: str = "en") -> tuple[Hint, ...]:
    """The hints of `task`, English if there are none in `language`; none if it has no file.

    Raises `OSError` if the file is there but cannot be read.
    """
    translated = task.folder / f"hints.{language}.md"
    path = translated if translated.is_file() else task.folder / "hints.md"
    try:
        text = read_small(path, LARGEST_TEXT).decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ()
    before, *rest = _HEADING.split(_TITLE.sub("", text, count=1))
    steps = [Hint("", before.strip())] if before.strip() else []
    pairs = zip(rest[::2], rest[1::2], strict=True)
    return (*steps, *(Hint(title, body.strip()) for title, body in pairs))
