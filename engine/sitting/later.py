"""Which tasks the candidate wants to come back to: a note beside the journal, not an event.

It changes nothing that counts, and a tag that an earlier tfexam does not know would keep it from
reading the journal. So a note that is lost or damaged only means that no task is marked.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from engine.errors import WorkspaceError
from engine.files import said, what_to_do, write_atomically
from exam_bank.phrase import phrase
from exam_bank.safe_files import LARGEST_KEPT, UNDECODABLE, read_small

NAME = "later.json"


def read_later(folder: Path) -> frozenset[str]:
    """The ids of the marked tasks of the sitting in `folder`."""
    try:
        content = read_small(folder / NAME, LARGEST_KEPT)
        return frozenset(msgspec.json.decode(content, type=list[str]))
    except (OSError, *UNDECODABLE):
        return frozenset()


def write_later(folder: Path, tasks: Iterable[str]) -> None:
    """Mark exactly `tasks`; raises `WorkspaceError` where that cannot be kept."""
    path = folder / NAME
    try:
        write_atomically(path, msgspec.json.encode(sorted(tasks)))
    except OSError as error:
        raise WorkspaceError(
            phrase("{path} cannot be used: {error}.", path=path, error=said(error)),
            fix=what_to_do(error),
        ) from error
