"""Walks a model's HDF5 file and refuses every construct that Keras does not write.

HDF5 can point into other files (external links, external storage, virtual datasets),
run plug-ins (filters), promise terabytes in a few bytes, or contain itself. Loaders
follow all of it. Keras writes only hard links and plain contiguous numbers, so only these
pass, and within bounds; no honest file is lost.

Pure Python: one changed byte can make HDF5's C code corrupt its memory, so it gets a file
only after this walk has checked every part of it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple

from engine.grading.inspection.hdf5.dataset import read_dataset
from engine.grading.inspection.hdf5.file_bytes import UNDEFINED, FileParts
from engine.grading.inspection.hdf5.global_heap import REFERENCE, GlobalHeaps
from engine.grading.inspection.hdf5.object_header import (
    PLACE,
    PLAIN_FLAGS,
    HeaderMessage,
    Kind,
    read_header,
)
from engine.grading.inspection.hdf5.refusals import (
    RESAVE,
    damaged,
    reject_bounds,
    reject_compressed,
    reject_form,
    reject_link,
    reject_members,
    reject_newer,
    reject_odd,
    reject_other_files,
)
from engine.grading.inspection.hdf5.symbol_table import (
    HARD,
    INTERNAL_K,
    LEAF_K,
    SOFT,
    WITH_TABLE,
    Member,
    members,
)
from engine.grading.inspection.hdf5.types import VARIABLE, Attribute, decoded, read_attribute
from engine.grading.inspection.rejection import countable, reject, shown
from engine.grading.protocol import Message

MAX_DEPTH = 40
MAX_OBJECTS = 50_000
MAX_MEMBERS = 20_000
MAX_ATTRIBUTES = 2_000
# In characters: a path is kept for each object.
MAX_PATH = 2_000
ATTRIBUTE_STEPS = 5
OPEN_FOR_WRITING = 1
# Signature, four versions around a reserved byte, the bytes of an address and of a length, how many
# entries nodes have, flags, four addresses, and the root's entry.
SUPERBLOCK = struct.Struct("<8s3BxBBBxHHI4QQQI4xQQ")
NEWER = {Kind.SHARED_TABLE, Kind.ATTRIBUTE_INFO}
LINKS = {Kind.LINK_INFO, Kind.GROUP_INFO, Kind.LINK}
GROUP = {Kind.SYMBOL_TABLE}
DATASET = {Kind.DATASPACE, Kind.DATATYPE, Kind.LAYOUT}
BESIDE_DATASET = {Kind.FILL_VALUE, Kind.CHANGE_TIME}


@dataclass
class Structure:
    """What the walk found.

    `shapes` maps each dataset's path to its shape; `texts` holds the root's attributes that
    Keras reads, `shortened` says whether matrices were left out of them; `weights` maps each
    layer of the model to the shapes of its weights.
    """

    size: int
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    stored_bytes: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    weights: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    shortened: bool = False

    def parameters(self) -> int:
        """How many numbers are weights of the model; the optimizer's do not count."""
        return sum(prod(shape) for shapes in self.weights.values() for shape in shapes)


class _Pending(NamedTuple):
    """An object still to be read."""

    path: str
    depth: int
    member: Member


class Walk:
    """One pass over the file's objects, depth first, without recursion.

    `attributes` holds those of each group, by path and name; `marked_as_open` says that a
    program has the file open for writing, or died while it had.
    """

    def __init__(self, parts: FileParts) -> None:
        self.found = Structure(parts.size)
        self.heaps = GlobalHeaps(parts)
        self.attributes: dict[str, dict[str, Attribute]] = {}
        self.marked_as_open = False
        self.parts = parts
        self._seen: set[int] = set()

    def run(self) -> Structure:
        """The contents of the file; raises `SubmissionRejected` for what Keras does not write."""
        root = self._root()
        self._note(root, "/")
        pending = [_Pending("", 0, root)]
        while pending:
            here = pending.pop()
            if here.depth > MAX_DEPTH:
                reject_bounds("too_deep", here.path, MAX_DEPTH)
            pending.extend(self._object(here))
        self.parts.check_apart()
        return self.found

    def _root(self) -> Member:
        start = self.parts.take(0, SUPERBLOCK.size, "the superblock")
        _, *about = SUPERBLOCK.unpack(start)
        versions, form, addresses = about[:4], about[4:9], about[9:13]
        _, header, cache, *table = about[13:]
        *form, flags = form
        self.marked_as_open = flags == OPEN_FOR_WRITING
        plain = form == [8, 8, LEAF_K, INTERNAL_K] and flags in (0, OPEN_FOR_WRITING)
        nowhere = [addresses[1], addresses[3]] == [UNDEFINED, UNDEFINED]
        if any(versions) or not plain or addresses[0] or not nowhere:
            reject_form()
        return Member(b"", header, cache, (table[0], table[1]))

    def _object(self, here: _Pending) -> list[_Pending]:
        """Check the object `here`; returns the members to read next, if it is a group."""
        path = here.path or "/"
        messages = read_header(self.parts, here.member.header)
        single = _single(messages, path)
        attributes = self._attributes(messages, path)
        kinds = set(single)
        if kinds == GROUP:
            self.attributes[path] = attributes
            self.found.groups.add(path)
            return self._members(here, single[Kind.SYMBOL_TABLE])
        if kinds - BESIDE_DATASET != DATASET or here.member.cache != HARD:
            reject_odd(path)
        self._dataset(single, path)
        return []

    def _members(self, here: _Pending, message: bytes) -> list[_Pending]:
        found = members(self.parts, *_table(here.member, message))
        if len(found) > MAX_MEMBERS:
            reject_bounds("too_many_objects", here.path, MAX_MEMBERS)
        below: list[_Pending] = []
        for member in found:
            path = f"{here.path}/{decoded(member.name)}"
            if len(path) > MAX_PATH:
                reject_bounds("too_deep", path, MAX_PATH)
            if member.cache == SOFT:
                reject_link(path)
            self._note(member, path)
            below.append(_Pending(path, here.depth + 1, member))
        return below

    def _note(self, member: Member, where: str) -> None:
        """Count the object and refuse one that was visited before, through a cycle or twice."""
        if member.cache not in (HARD, WITH_TABLE):
            damaged("a group")
        if member.header in self._seen:
            reject(
                "shared_object",
                Message(
                    "The file stores one object under two names ({name}): save it with {save}.",
                    {"name": shown(where), "save": RESAVE},
                ),
            )
        self._seen.add(member.header)
        if len(self._seen) > MAX_OBJECTS:
            reject_bounds("too_many_objects", where, MAX_OBJECTS)

    def _attributes(self, messages: Iterable[HeaderMessage], where: str) -> dict[str, Attribute]:
        """The attributes of an object; refuses odd types and missing texts."""
        found: dict[str, Attribute] = {}
        for message in messages:
            if message.kind != Kind.ATTRIBUTE:
                continue
            self.parts.step(ATTRIBUTE_STEPS)
            attribute = read_attribute(message.data)
            if attribute.name in found:
                damaged("an attribute")
            if attribute.type is None:
                reject_odd(f"{where}@{attribute.name}")
            if attribute.type.kind == VARIABLE:
                for reference in references(attribute):
                    self.heaps.check(reference)
            found[attribute.name] = attribute
            if len(found) > MAX_ATTRIBUTES:
                reject_bounds("too_many_objects", where, MAX_ATTRIBUTES)
        return found

    def _dataset(self, messages: dict[int, bytes], where: str) -> None:
        numbers = read_dataset(self.parts, messages, where)
        self.found.stored_bytes += numbers.size
        if self.found.stored_bytes > self.found.size:
            reject(
                "declared_size",
                Message(
                    "The file declares more numbers than it holds ({declared} bytes in {size}): "
                    "save the model again.",
                    {"declared": countable(self.found.stored_bytes), "size": self.found.size},
                ),
            )
        self.found.shapes[where] = numbers.shape


def _table(member: Member, message: bytes) -> tuple[int, int]:
    """Where a group's B-tree and heap are; HDF5 prefers the copy in the member, if there is one."""
    if len(message) < PLACE.size:
        damaged("a group")
    tree, heap = PLACE.unpack_from(message)
    if member.cache == WITH_TABLE and member.table != (tree, heap):
        damaged("a group")
    return tree, heap


def references(attribute: Attribute) -> list[bytes]:
    """Where the texts of a variable-length attribute are."""
    step = REFERENCE.size
    return [attribute.data[at : at + step] for at in range(0, attribute.entries * step, step)]


def _single(messages: list[HeaderMessage], where: str) -> dict[int, bytes]:
    """An object's messages by kind, each at most once; attributes are left out."""
    found: dict[int, bytes] = {}
    for message in messages:
        _refuse_what_keras_never_writes(message, where)
        if message.kind in found and message.kind != Kind.LINK:
            damaged("an object header")
        if message.kind != Kind.ATTRIBUTE:
            found[message.kind] = message.data
    if found.keys() & LINKS:
        reject_members(where)
    if any(message.flags & ~PLAIN_FLAGS for message in messages):
        reject_odd(where)  # a named type, for example
    return found


def _refuse_what_keras_never_writes(message: HeaderMessage, where: str) -> None:
    if message.kind == Kind.LINK and _leads_away(message.data):
        reject_link(where)
    if message.kind == Kind.EXTERNAL_FILES:
        reject_other_files(where)
    if message.kind == Kind.FILTERS:
        reject_compressed(where)
    if message.kind in NEWER:
        reject_newer()


def _leads_away(link: bytes) -> bool:
    """Whether a link message is of any type other than hard.

    Bit 3 of its flags says that a type is given (section IV.A.2.g); without it, it is hard.
    """
    return len(link) > 2 and bool(link[1] & 0x08) and link[2] != 0
