"""Finds the parts of a .keras file, which is a zip, without unpacking anything.

Keras stores three members as they are: metadata, configuration, weights. So each is a stretch of
the file, and nothing here allocates what a zip declares. Pure Python; the intake uses it as well,
to see whether a file is complete. Layout: PKWARE's APPNOTE.TXT, section 4.3.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple, NoReturn

from engine.grading.inspection.hdf5.refusals import reject_bounds
from engine.grading.inspection.rejection import reject, shown
from engine.grading.protocol import Message

SIGNATURE = b"PK\x03\x04"
METADATA, CONFIG, WEIGHTS = NAMES = ("metadata.json", "config.json", "model.weights.h5")
MAX_DIRECTORY = 8_192
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_ENCRYPTED = 0x01
_CHUNK = 1 << 20
_RESAVE = "model.save('mymodel.keras')"


class Extent(NamedTuple):
    """A member's content: `size` bytes at `at`."""

    at: int
    size: int
    crc: int


class _End(NamedTuple):
    """Where the list of members is."""

    at: int
    size: int
    entries: int


def _end(file: BinaryIO, size: int) -> _End | None:
    """What the end of a complete archive says; None if the file does not end like one."""
    if size < _END.size:
        return None
    file.seek(size - _END.size)
    mark, _, _, here, count, length, at, comment = _END.unpack(file.read(_END.size))
    whole = mark == b"PK\5\6" and not comment and here == count
    return _End(at, length, count) if whole and at + length + _END.size == size else None


def is_whole(file: BinaryIO, size: int) -> bool:
    """Whether an archive of `size` bytes ends where its last record says."""
    return _end(file, size) is not None


def members(file: BinaryIO, size: int) -> dict[str, Extent]:
    """The three members of a .keras file, by name.

    Raises `SubmissionRejected` for anything that Keras would not have written.
    """
    end = _end(file, size)
    if end is None or end.size > MAX_DIRECTORY:
        _damaged("its list of members")
    file.seek(end.at)
    found: dict[str, Extent] = {}
    for name, member in _entries(file.read(end.size), end.entries):
        if name in found:
            _damaged(f"{name}, twice")
        found[name] = _located(file, name, member, end.at)
    for name in NAMES:
        if name not in found:
            _refuse(_MISSING, name)
    return found


def _entries(listed: bytes, count: int) -> Iterator[tuple[str, Extent]]:
    at = 0
    for _ in range(count):
        if at + _ENTRY.size > len(listed):
            _damaged("its list of members")
        mark, _, _, flags, method, _, _, crc, stored, size, *lengths = _ENTRY.unpack_from(
            listed, at
        )
        start, local = at + _ENTRY.size, lengths[-1]
        raw = listed[start : start + lengths[0]]
        at = start + sum(lengths[:3])
        name = raw.decode("utf-8", "replace")
        if mark != b"PK\1\2" or name not in NAMES:
            _refuse(_FOREIGN, name)
        if method or flags & _ENCRYPTED or stored != size:
            _refuse(_COMPRESSED, name)
        yield name, Extent(local, size, crc)


def _located(file: BinaryIO, name: str, member: Extent, limit: int) -> Extent:
    """The same member at the place of its content, which is what its checksum says."""
    file.seek(member.at)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or not head.startswith(SIGNATURE):
        _damaged(name)
    *_, length, extra = _LOCAL.unpack(head)
    at = member.at + _LOCAL.size + length + extra
    if file.read(length) != name.encode() or at + member.size > limit:
        _damaged(name)
    found = member._replace(at=at)
    if _checksum(file, found) != member.crc:
        _damaged(name)
    return found


def _checksum(file: BinaryIO, member: Extent) -> int:
    file.seek(member.at)
    crc, left = 0, member.size
    while left > 0 and (chunk := file.read(min(left, _CHUNK))):
        crc, left = zlib.crc32(chunk, crc), left - len(chunk)
    return crc


def content(file: BinaryIO, member: Extent, most: int) -> bytes:
    """The bytes of a small member; raises `SubmissionRejected` if it has more than `most`."""
    if member.size > most:
        reject_bounds("config_too_large", CONFIG, most)
    file.seek(member.at)
    return file.read(member.size)


_MISSING = Message("The .keras file holds no {name}: save the whole model with {save}.")
_FOREIGN = Message(
    "The .keras file holds {name}, which the grader does not read: save the model with {save}."
)
_COMPRESSED = Message(
    "{name} is compressed in the .keras file, which Keras does not do: save the model with {save}."
)


def _refuse(says: Message, name: str) -> NoReturn:
    reject("archive_member", Message(says.template, {"name": shown(name), "save": _RESAVE}))


def _damaged(part: str) -> NoReturn:
    reject(
        "damaged",
        Message(
            "The .keras file is damaged ({error}): save the model again.", {"error": shown(part)}
        ),
    )
