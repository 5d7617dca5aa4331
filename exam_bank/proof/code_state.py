"""Digests of the code that a proof runs, so that an outdated proof is noticed.

The mark scheme's thresholds are left out: scores follow from the values in the proof.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from exam_bank.task import Task

COMMON = ("task.toml", "data.py")
"""The files, by their names in `files_of`, that every solution depends on."""


def code_digest(task: Task) -> str:
    """The digest of contract, data, starter and solutions, except the course ones.

    Those came later, and a proof of the others holds without them.
    """
    found = hashlib.sha256(_terms(task))
    for name, content in _code(task):
        found.update(f"{name}:{len(content)}:".encode() + content)
    return found.hexdigest()[:16]


def files_of(task: Task) -> dict[str, str]:
    """A digest of each file that a proof runs, and of the relevant parts of `task.toml`."""
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
    """The file's content with plain newlines: a checkout may change line ends, not code."""
    return path.read_bytes().replace(b"\r\n", b"\n") if path.is_file() else b""
