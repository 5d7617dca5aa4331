"""Names the state of the code that a proof runs, so that an old proof is known as such.

The mark scheme's thresholds are not part of it: scores follow from the values that are kept.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from exam_bank.task import Task

COMMON = ("task.toml", "data.py")
"""The names, among those of `files_of`, of what every solution hangs on."""


def code_digest(task: Task) -> str:
    """Names the state of contract, data, starter and solutions; course ones are apart.

    They came later, and what was proved of the others holds without them.
    """
    found = hashlib.sha256(_terms(task))
    for name, content in _code(task):
        found.update(f"{name}:{len(content)}:".encode() + content)
    return found.hexdigest()[:16]


def files_of(task: Task) -> dict[str, str]:
    """Names the state of each file that a proof runs, and of the terms in `task.toml`."""
    course = ((f"course/{path.name}", _plain(path)) for path in task.course_solutions())
    found = [("task.toml", _terms(task)), *_code(task), *course]
    return {name: hashlib.sha256(content).hexdigest()[:8] for name, content in found}


def _terms(task: Task) -> bytes:
    says = task.says
    return msgspec.json.encode([says.source, says.contract, says.mark_scheme.metric, says.limits])


def _code(task: Task) -> Iterator[tuple[str, bytes]]:
    solutions = (*task.weak_solutions(), *task.decent_solutions(), *task.references())
    for path in (task.folder / "data.py", task.folder / "starter.py", *solutions):
        yield path.relative_to(task.folder).as_posix(), _plain(path)


def _plain(path: Path) -> bytes:
    """The file's content; a checkout may change the ends of lines, which changes no code."""
    return path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b""
