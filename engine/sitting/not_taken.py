"""The models that lay in the folders at the end and do not count: a note beside the journal.

No score depends on it, and a tag that an earlier tfexam does not know would keep it from reading
the journal. So a note that is lost or damaged only means that a result does not name them.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from engine.errors import WorkspaceError
from engine.files import said, what_to_do, write_atomically
from engine.grading.protocol import Message
from exam_bank.phrase import phrase
from exam_bank.safe_files import SMALL, UNDECODABLE, read_small

NAME = "not_taken.json"


def read_not_taken(folder: Path) -> tuple[Message, ...]:
    """A sentence about each of them, for the sitting in `folder`."""
    try:
        return msgspec.json.decode(read_small(folder / NAME, SMALL), type=tuple[Message, ...])
    except (OSError, *UNDECODABLE):
        return ()


def write_not_taken(folder: Path, found: Sequence[Message]) -> None:
    """Keep the sentences `found`, if there are any; raises `WorkspaceError` if that fails."""
    path = folder / NAME
    if not found:
        return
    try:
        write_atomically(path, msgspec.json.encode(found))
    except OSError as error:
        raise WorkspaceError(
            phrase("{path} cannot be used: {error}.", path=path, error=said(error)),
            fix=what_to_do(error),
        ) from error
