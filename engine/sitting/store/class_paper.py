"""A class paper: one file from which a whole class sits the same paper, window and settings.

The instructor makes it together with a secret file, which stays with the instructor: the secret
names the second hidden set that the class is graded on (`exam_bank/second`). The paper
holds only the secret's digest, so that nobody can change the secret after the exam.

A sitting is started inside the window and ends at its own deadline or when the paper closes,
whichever comes first. Extra time moves the close by as many minutes as it adds to the length.
"""

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import msgspec

from engine.clock import Instant, local_time
from engine.errors import ClassPaperError
from engine.files import said, write_atomically
from engine.grading.sampling import Sampling
from engine.sitting.state.sitting import ExtraTime, Minutes, Mode, SittingRecord
from exam_bank.errors import TaskFileError
from exam_bank.paper import Part
from exam_bank.phrase import phrase
from exam_bank.toml_file import TomlTable, read_toml

SCHEME = 1
"""Which way the second hidden set is drawn; another way would give other rows for a secret."""

_Digest = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{64})?\Z")]
_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=40)]


class ClassPaper(TomlTable, frozen=True, kw_only=True):
    """The file that candidates get. `secret_sha256` is empty if there is no second hidden set.

    `open` and `close` are for the usual time; they need a time zone.
    """

    format_version: Literal[1] = 1
    code: _Code
    minutes: Minutes
    mode: Mode = "faithful"
    extra_time: ExtraTime = 1.0
    sampling: Sampling = "whole"
    open: datetime
    close: datetime
    secret_sha256: _Digest = ""

    def __post_init__(self) -> None:
        for name in ("open", "close"):
            if getattr(self, name).tzinfo is None:
                raise ValueError(f"{name} needs a time zone, such as 2026-12-05T09:00:00+01:00")
        if self.open >= self.close:
            raise ValueError("close must be later than open")

    @property
    def part(self) -> Part:
        """The hidden set whose scores candidates see."""
        return "first" if self.secret_sha256 else "whole"

    @property
    def closes(self) -> float:
        """The wall time at which a sitting of it ends at the latest, extra time included."""
        return self.close.timestamp() + self.minutes * 60.0 * (self.extra_time - 1.0)

    def on(self, record: SittingRecord) -> SittingRecord:
        """The record of a sitting, on the terms of this paper."""
        return msgspec.structs.replace(
            record, closes=self.closes, part=self.part, sampling=self.sampling
        )

    def need_open(self, now: Instant) -> None:
        """Raise `ClassPaperError`, in local time, unless a sitting can be started now."""
        opens = self.open.timestamp()
        if now.wall < opens:
            raise ClassPaperError(
                phrase("The class paper opens at {time}.", time=local_time(opens)),
                fix=phrase("Here it is {now}. Start it again then.", now=local_time(now.wall)),
            )
        if now.wall >= self.closes:
            raise ClassPaperError(
                phrase("The class paper closed at {time}.", time=local_time(self.closes)),
                fix=phrase("Ask whoever gave it to you for one with another window."),
            )


class ClassSecret(TomlTable, frozen=True, kw_only=True):
    """The file that stays with the instructor: the secret of the class papers with `code`."""

    format_version: Literal[1] = 1
    scheme: Literal[1] = 1
    code: _Code
    secret: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]

    @property
    def digest(self) -> str:
        """What a class paper says of the secret."""
        return hashlib.sha256(f"tfexam class paper {self.code} {self.secret}".encode()).hexdigest()


def read_class_paper(path: Path) -> ClassPaper:
    """The class paper at `path`; raises `ClassPaperError`, naming line and key."""
    return _read(path, ClassPaper, phrase("It is made by `tfexam class paper`; ask for it again."))


def read_class_secret(path: Path) -> ClassSecret:
    """The secret at `path`; raises `ClassPaperError`, naming line and key, never the secret."""
    return _read(path, ClassSecret, phrase("It is made by `tfexam class paper --secret-out FILE`."))


_File = TypeVar("_File", ClassPaper, ClassSecret)


def _read(path: Path, whole: type[_File], manual: str) -> _File:
    try:
        return read_toml(path, whole, manual=manual)
    except TaskFileError as error:
        raise ClassPaperError(error.message, fix=error.fix or manual) from error


def write_class_file(path: Path, file: ClassPaper | ClassSecret) -> None:
    """Write `file` to `path`, readable by its owner only; raises `ClassPaperError`.

    A file that is there is never overwritten: a secret that is lost cannot be made again.
    """
    if path.exists() or path.is_symlink():
        raise ClassPaperError(
            phrase("{path} already exists.", path=path),
            fix=phrase("Move it away, or choose another name."),
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, _HEADS[type(file)].encode() + msgspec.toml.encode(file))
    except OSError as error:
        raise ClassPaperError(
            phrase("{path} cannot be written: {error}.", path=path, error=said(error))
        ) from error


_HEADS = {
    ClassPaper: "# A class paper of tfexam. Sit it with: tfexam exam --paper FILE\n",
    ClassSecret: "# The secret of a class paper. Keep it to yourself: whoever has it can make the\n"
    "# hidden sets that the class is graded on. Use: tfexam class grade --secret FILE\n",
}
