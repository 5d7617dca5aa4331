"""Walks a model's HDF5 file and refuses every construct that Keras does not write.

HDF5 can point into other files (external links, external storage, virtual datasets),
run plug-ins (filters), promise terabytes in a few bytes, or contain itself. Loaders
follow all of it. Keras writes hard links and plain contiguous numbers only, so only
these pass, and within bounds; then nothing honest is lost.

Pure Python: HDF5's C code, which one changed byte can make corrupt its memory, gets a file
only after this walk has met every part of it.
"""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from math import prod
from typing import NamedTuple, NoReturn

from engine.grading.global_heap import REFERENCE, GlobalHeaps
from engine.grading.hdf5_bytes import (
    RESAVE,
    UNDEFINED,
    FileParts,
    damaged,
    reject_bounds,
    reject_form,
    reject_newer,
    reject_odd,
)
from engine.grading.hdf5_types import (
    FLOAT,
    INTEGER,
    VARIABLE,
    Attribute,
    Type,
    decoded,
    is_fill_value,
    is_time,
    read_attribute,
    read_space,
    read_type,
)
from engine.grading.object_header import PLACE, PLAIN_FLAGS, HeaderMessage, Kind, read_header
from engine.grading.protocol import Message
from engine.grading.rejecting import countable, reject, shown
from engine.grading.symbol_table import (
    HARD,
    INTERNAL_K,
    LEAF_K,
    SOFT,
    WITH_TABLE,
    Member,
    members,
)

MAX_DEPTH = 40
MAX_OBJECTS = 50_000
MAX_MEMBERS = 20_000
MAX_ATTRIBUTES = 2_000
# Characters: a path is kept for each object.
MAX_PATH = 2_000
MAX_RANK = 16
ATTRIBUTE_STEPS = 5
# Signature, five versions and a reserved byte, the bytes of an address and of a length, how many
# entries nodes have, flags, four addresses, and the root's entry.
SUPERBLOCK = struct.Struct("<8s4BxBBxHHI4QQQI4xQQ")
NEWER = {Kind.SHARED_TABLE, Kind.ATTRIBUTE_INFO}
LINKS = {Kind.LINK_INFO, Kind.GROUP_INFO, Kind.LINK}
SEVERAL = {Kind.ATTRIBUTE, Kind.LINK}
GROUP = {Kind.SYMBOL_TABLE}
DATASET = {Kind.DATASPACE, Kind.DATATYPE, Kind.LAYOUT}
BESIDE = {Kind.FILL_VALUE, Kind.CHANGE_TIME}
COMPACT, CONTIGUOUS, CHUNKED, VIRTUAL = range(4)
LAYOUT_VERSION = 3


@dataclass
class Structure:
    """What the walk found.

    `shapes` maps each dataset's path to its shape; `texts` holds the root's attributes
    that Keras reads; `weights` maps each layer of the model to the shapes of its weights.
    """

    size: int
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    stored_bytes: int = 0
    texts: dict[str, str] = field(default_factory=dict)
    weights: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    def parameters(self) -> int:
        """The numbers that are weights of the model; the optimizer's do not count."""
        return sum(prod(shape) for shapes in self.weights.values() for shape in shapes)


class _Pending(NamedTuple):
    """An object still to be read."""

    path: str
    depth: int
    member: Member


class Walk:
    """One pass over the file's objects, depth first, without recursion.

    `attributes` holds those of each group, by path and name.
    """

    def __init__(self, parts: FileParts) -> None:
        self.found = Structure(parts.size)
        self.heaps = GlobalHeaps(parts)
        self.attributes: dict[str, dict[str, Attribute]] = {}
        self.parts = parts
        self._seen: set[int] = set()

    def run(self) -> Structure:
        """What the file holds; raises `SubmissionRejected` for what Keras does not write."""
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
        plain = form == [8, 8, LEAF_K, INTERNAL_K, 0]
        nowhere = [addresses[1], addresses[3]] == [UNDEFINED, UNDEFINED]
        if any(versions) or not plain or addresses[0] or not nowhere:
            reject_form()
        return Member(b"", header, cache, (table[0], table[1]))

    def _object(self, here: _Pending) -> list[_Pending]:
        """Check the object `here`; the members to read next, where it is a group."""
        path = here.path or "/"
        messages = read_header(self.parts, here.member.header)
        single = _single(messages, path)
        attributes = self._attributes(messages, path)
        kinds = set(single)
        if kinds == GROUP:
            self.attributes[path] = attributes
            self.found.groups.add(path)
            return self._members(here, single[Kind.SYMBOL_TABLE])
        if kinds - BESIDE != DATASET or here.member.cache != HARD:
            reject_odd(path)
        self._dataset(single, path)
        return []

    def _members(self, here: _Pending, message: bytes) -> list[_Pending]:
        if len(message) < PLACE.size:
            damaged("a group")
        table = PLACE.unpack_from(message)
        if here.member.cache == WITH_TABLE and here.member.table != table:
            damaged("a group")
        found = members(self.parts, *table)
        if len(found) > MAX_MEMBERS:
            reject_bounds("too_many_objects", here.path, MAX_MEMBERS)
        below: list[_Pending] = []
        for member in found:
            path = f"{here.path}/{decoded(member.name)}"
            if len(path) > MAX_PATH:
                reject_bounds("too_deep", path, MAX_PATH)
            if member.cache == SOFT:
                _reject_link(path)
            self._note(member, path)
            below.append(_Pending(path, here.depth + 1, member))
        return below

    def _note(self, member: Member, where: str) -> None:
        """Count the object and refuse one that was met before, by a cycle or twice."""
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
        """The attributes of an object; refuses odd types and texts that are not there."""
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
        kind, shape = read_type(messages[Kind.DATATYPE]), read_space(messages[Kind.DATASPACE])
        if kind is None or kind.kind not in (INTEGER, FLOAT) or shape is None:
            reject_odd(where)
        stored = self._stored(messages[Kind.LAYOUT], where)
        self._note_numbers(kind, shape, stored, where)
        if not is_fill_value(messages.get(Kind.FILL_VALUE), kind):
            damaged("a fill value")
        if not is_time(messages.get(Kind.CHANGE_TIME)):
            damaged("a time")

    def _stored(self, layout: bytes, where: str) -> int:
        """The bytes that a dataset has in the file, which nothing else may use."""
        version, kind = layout[0], layout[1]
        if kind == VIRTUAL:
            _reject_other_files(where)
        if kind == CHUNKED:
            _reject_compressed(where)
        if version != LAYOUT_VERSION or kind not in (COMPACT, CONTIGUOUS):
            reject_newer() if version > LAYOUT_VERSION else damaged("a dataset")
        if kind == COMPACT:
            (size,) = struct.unpack_from("<H", layout, 2)
            if 4 + size > len(layout):
                damaged("a dataset")
            return int(size)
        if len(layout) < 2 + PLACE.size:
            damaged("a dataset")
        at, size = PLACE.unpack_from(layout, 2)
        if at == UNDEFINED:
            return 0
        self.parts.claim(at, size, "a dataset")
        return int(size)

    def _note_numbers(self, kind: Type, shape: tuple[int, ...], stored: int, where: str) -> None:
        declared = prod(shape) * kind.size
        if len(shape) > MAX_RANK or declared != stored:
            reject(
                "declared_size",
                Message(
                    "{name} declares {declared} bytes of numbers and holds {stored}: save the "
                    "model again.",
                    {
                        "name": shown(where),
                        "declared": countable(declared),
                        "stored": countable(stored),
                    },
                ),
            )
        self.found.stored_bytes += declared
        if self.found.stored_bytes > self.found.size:
            reject(
                "declared_size",
                Message(
                    "The file declares more numbers than it holds ({declared} bytes in {size}): "
                    "save the model again.",
                    {"declared": countable(self.found.stored_bytes), "size": self.found.size},
                ),
            )
        self.found.shapes[where] = shape


def references(attribute: Attribute) -> list[bytes]:
    """Where the texts of an attribute of variable length lie."""
    step = REFERENCE.size
    return [attribute.data[at : at + step] for at in range(0, attribute.entries * step, step)]


def _single(messages: list[HeaderMessage], where: str) -> dict[int, bytes]:
    """What an object's messages say but for its attributes, each kind of them once."""
    found: dict[int, bytes] = {}
    for message in messages:
        if message.kind == Kind.LINK and _leads_away(message.data):
            _reject_link(where)
        if message.kind == Kind.EXTERNAL_FILES:
            _reject_other_files(where)
        if message.kind == Kind.FILTERS:
            _reject_compressed(where)
        if message.kind in NEWER:
            reject_newer()
        if message.kind not in SEVERAL:
            if message.kind in found:
                damaged("an object header")
            found[message.kind] = message.data
    if found.keys() & LINKS:
        _reject_names(where)
    if any(message.flags & ~PLAIN_FLAGS for message in messages):
        reject_odd(where)  # a type with a name of its own, for example
    return found


def _leads_away(link: bytes) -> bool:
    """Whether a link message is of another type than hard."""
    return len(link) > 2 and bool(link[1] & 0x08) and link[2] != 0


def _reject_names(where: str) -> NoReturn:
    """Refuse a group of links: what HDF5 makes of one with a name beyond ASCII.

    TensorFlow cannot run a layer of such a name, so only another backend's model has one.
    """
    reject(
        "newer_hdf5",
        Message(
            "{name} is stored in HDF5's newer layout, as when a layer's name has other letters "
            "than English ones: name the layers in English and save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def _reject_link(where: str) -> NoReturn:
    reject(
        "link",
        Message(
            "{name} is a link to something else, perhaps in another file; a model holds its own "
            "weights: save it with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def _reject_other_files(where: str) -> NoReturn:
    reject(
        "other_files",
        Message(
            "{name} takes its numbers from other files: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def _reject_compressed(where: str) -> NoReturn:
    reject(
        "compressed",
        Message(
            "{name} is stored compressed or in chunks, which Keras does not do: load the "
            "model and save it again with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )
