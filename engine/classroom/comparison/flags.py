"""Flags: what an instructor may want to look at, each with its figure, never a verdict.

`flags.jsonl` beside the rows holds one for each group of files or people; a person decides what
it means. Ids of people are in it, so it stays on this machine as the rows do.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from engine.classroom.results import write_table
from engine.grading.protocol import Message
from exam_bank.printable import ascii_escaped

FLAGS = "flags.jsonl"

FlagKind = Literal[
    "equal_files", "equal_weights", "near_weights", "permuted_weights", "better_on_first"
]


class FlaggedFile(msgspec.Struct, frozen=True):
    """A file as its row names it."""

    person: str
    file: str


class ClassFlag(msgspec.Struct, frozen=True, kw_only=True):
    """Something about `files` that all belong to `task`.

    `figure` is a distance of weights, or how much better a file is on the first hidden set, in
    standard errors. `usual` is the distance of independent models of the class. `expected`
    bounds how many such cases chance alone gives in this class.
    """

    kind: FlagKind
    task: str
    category: int
    files: tuple[FlaggedFile, ...]
    figure: float | None = None
    usual: float | None = None
    expected: float | None = None
    says: Message

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone involved, once each."""
        return tuple(dict.fromkeys(each.person for each in self.files))


def write_flags(out: Path, flags: Iterable[ClassFlag]) -> None:
    """Write `flags.jsonl` into the folder of results; raises `ClassError`."""
    lines = [ascii_escaped(msgspec.json.encode(each).decode()) + "\n" for each in flags]
    write_table(out, FLAGS, "".join(lines))


def read_flags(out: Path) -> tuple[ClassFlag, ...]:
    """The flags in the folder of results; none if nobody looked."""
    try:
        lines = (out / FLAGS).read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    return tuple(msgspec.json.decode(each, type=ClassFlag) for each in lines)
