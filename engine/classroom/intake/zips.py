"""Looks into a stranger's zip: what is in it, under which names, and what must stay there.

Nothing is ever written under a name from a zip, so none can lead out of its place; a member
with such a name is still refused, with a sentence, because it is no honest submission. What a
zip says of its own sizes is not believed: bytes are counted as they come.
"""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from engine.classroom.intake.encodings import unmarked_text
from engine.grading.protocol import Message
from exam_bank.datasets.compression import TooLong, is_plain
from exam_bank.printable import printable

# Ten thousand people with a model each fit; no honest person sends more.
MOST_MEMBERS = 50_000
LONGEST_NAME = 1_000
_MOST_PARTS = 40
_UTF_8 = 0x800
_LOCKED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError),
    *(struct.error, ValueError, OverflowError, UnicodeError),
)


class Fault(NamedTuple):
    """Why something is not graded: a stable word, and the sentence."""

    reason: str
    says: Message


class ZipMember(NamedTuple):
    """A file in a zip under the `parts` of its name; one with a `fault` must not be read."""

    parts: tuple[str, ...]
    info: zipfile.ZipInfo
    fault: Fault | None = None


def members_of(archive: zipfile.ZipFile) -> list[ZipMember]:
    """The files in `archive`, by name.

    Raises `TooLong` for more than `MOST_MEMBERS`.
    """
    listed = [each for each in archive.infolist() if not each.filename.endswith(("/", "\\"))]
    if len(listed) > MOST_MEMBERS:
        raise TooLong(f"it has {len(listed)} members")
    return sorted((_member(each) for each in listed), key=lambda each: each.parts)


def unreadable(error: Exception) -> Fault:
    """What to say of a zip that raised `error`, one of `UNREADABLE`."""
    if isinstance(error, TooLong):
        says = Message(
            "The zip has too many members: one with more than {most} is not read.",
            {"most": MOST_MEMBERS},
        )
        return Fault("too_many_members", says)
    why = printable(str(error) or type(error).__name__, 200)
    return Fault("damaged_zip", Message("It is no zip file, or damaged ({why}).", {"why": why}))


def damaged_member(error: Exception) -> Fault:
    """What to say of a member that raised `error`, one of `UNREADABLE`."""
    why = printable(str(error) or type(error).__name__, 200)
    says = Message("It is damaged in the zip and cannot be unpacked ({why}).", {"why": why})
    return Fault("damaged_zip", says)


def _member(info: zipfile.ZipInfo) -> ZipMember:
    name = name_of(info)
    parts = tuple(each for each in name.replace("\\", "/").split("/") if each not in ("", "."))
    safe = tuple(printable(each, 255) for each in parts) or ("?",)
    return ZipMember(safe, info, next(_faults(name, parts, info), None))


def name_of(info: zipfile.ZipInfo) -> str:
    """The name of a member; zips without the flag for UTF-8 hold it in any code page."""
    if info.flag_bits & _UTF_8:
        return info.orig_filename
    try:
        return unmarked_text(info.orig_filename.encode("cp437"), "cp437")[0]
    except UnicodeEncodeError:  # it was decoded as something else after all
        return info.orig_filename


def _faults(name: str, parts: tuple[str, ...], info: zipfile.ZipInfo) -> Iterator[Fault]:
    yield from _faults_of_name(name, parts)
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG):
        yield Fault("link", Message("In the zip it is a link or a device, not a file."))
    if info.flag_bits & _LOCKED:
        yield Fault("locked_zip", Message("The zip is locked with a password."))
    if not is_plain(info):
        yield Fault("packed_otherwise", Message("It is packed in a way that is not read."))


def _faults_of_name(name: str, parts: tuple[str, ...]) -> Iterator[Fault]:
    if _leads_out(name, parts):
        yield Fault("unsafe_name", Message("Its name in the zip leads out of the zip's folder."))
    if _is_no_name(name, parts):
        yield Fault("unsafe_name", Message("Its name in the zip is none that a file can have."))


def _is_no_name(name: str, parts: tuple[str, ...]) -> bool:
    is_long = len(name) > LONGEST_NAME or len(parts) > _MOST_PARTS
    return "\0" in name or is_long or not parts


def _leads_out(name: str, parts: tuple[str, ...]) -> bool:
    return name.startswith(("/", "\\")) or bool(_DRIVE.match(name)) or ".." in parts
