"""Walks a model's HDF5 file and refuses every construct that Keras does not write.

HDF5 can point into other files (external links, external storage, virtual datasets), run plug-ins
(filters), promise terabytes in a few bytes, or contain itself. Keras writes only hard links and
plain contiguous numbers, so only these pass, and within bounds.

pyfive reads, in Python: one changed byte can make HDF5's C code corrupt its memory. That code
never sees the file, but only a copy written anew from what was found here
(`engine/grading/child/written_anew.py`).
"""

from typing import NamedTuple

from pyfive.dataobjects import DataObjects
from pyfive.misc_low_level import SuperBlock

from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.parts import (
    Attribute,
    Numbers,
    TextHeaps,
    members,
    read_attribute,
    read_numbers,
)
from engine.grading.inspection.hdf5.refusals import (
    damaged,
    reject_bounds,
    reject_compressed,
    reject_form,
    reject_link,
    reject_members,
    reject_newer,
    reject_odd,
    reject_other_files,
    reject_shared,
    reject_size,
)

MAX_DEPTH = 40
MAX_OBJECTS = 50_000
MAX_MEMBERS = 20_000
MAX_ATTRIBUTES = 2_000
_ATTRIBUTE_STEPS = 5
MAX_PATH = 2_000  # in characters: a path is kept for each object
_HARD, _WITH_TABLE, _SOFT = range(3)
_OPEN_FOR_WRITING = 1
_ZERO = ("free_storage_version", "root_group_version", "shared_header_version", "base_address")
# The kinds of messages in object headers, by number.
_NIL, _CONTINUATION, _ATTRIBUTE = 0x00, 0x10, 0x0C
_SPACE, _TYPE, _LAYOUT, _FILL_VALUE, _CHANGE_TIME = 0x01, 0x03, 0x08, 0x05, 0x12
_LINK, _EXTERNAL_FILES, _FILTERS, _SYMBOL_TABLE = 0x06, 0x07, 0x0B, 0x11
_NEWER = {0x0F, 0x15}
_LINKS = {0x02, 0x0A, _LINK}
# Constant, and not to be shared: the flags that headers are written with.
_PLAIN_FLAGS = 0x01 | 0x04


class _Pending(NamedTuple):
    """An object still to be read."""

    path: str
    depth: int
    header: int


class Walk:
    """One pass over the file's objects, depth first, without recursion.

    `attributes` holds those of each group and dataset, by path and name; `datasets` the numbers by
    path; `marked_as_open` says that a program has the file open, or died while it had.
    """

    def __init__(self, file: BoundedFile) -> None:
        self.attributes: dict[str, dict[str, Attribute]] = {}
        self.datasets: dict[str, Numbers] = {}
        self.groups: set[str] = set()
        self.marked_as_open = False
        self.heaps = TextHeaps(file)
        self.file, self._left = file, file.size
        self._seen: set[int] = set()

    def run(self) -> None:
        """Find everything; raises `SubmissionRejected` for what Keras does not write."""
        start = SuperBlock(self.file, 0)
        about = start._contents
        self.marked_as_open = about["file_consistency_flags"] == _OPEN_FOR_WRITING
        if any(about[name] for name in _ZERO):
            reject_form()
        pending = [_Pending("", 0, start.offset_to_dataobjects)]
        self._note(pending[0].header, "/")
        while pending:
            here = pending.pop()
            if here.depth > MAX_DEPTH:
                reject_bounds("too_deep", here.path, MAX_DEPTH)
            pending.extend(self._object(here))

    def _object(self, here: _Pending) -> list[_Pending]:
        """Note the object `here`; returns the members to read next, if it is a group."""
        path = here.path or "/"
        messages = self._messages(here.header, path)
        kinds = messages.keys()
        if kinds == {_SYMBOL_TABLE}:
            self.groups.add(path)
            return self._members(here, messages[_SYMBOL_TABLE])
        if kinds - {_FILL_VALUE, _CHANGE_TIME} != {_SPACE, _TYPE, _LAYOUT}:
            reject_odd(path)
        numbers = read_numbers(messages[_SPACE], messages[_TYPE], messages[_LAYOUT], path)
        self._dataset(numbers, path)
        return []

    def _messages(self, at: int, where: str) -> dict[int, bytes]:
        """The messages of an object's header by kind; attributes are noted instead."""
        self.file.seek(at)
        if self.file.read(4) == b"OHDR":
            reject_newer()
        self.file.joined = 0
        header = DataObjects(self.file, at)
        self.file.joined = None
        self.file.step(len(header.msgs))
        last = header.msgs[-1]
        if last["offset_to_message"] + last["size"] != len(header.msg_data):
            damaged("an object header")  # which has more messages than it says
        found: dict[int, bytes] = {}
        attributes = self.attributes[where] = {}
        for message in header.msgs:
            kind, start = message["type"], message["offset_to_message"]
            data = header.msg_data[start : start + message["size"]]
            if len(data) < message["size"] or (kind in found and kind != _LINK):
                damaged("an object header")
            if kind == _ATTRIBUTE:
                self._attribute(attributes, data, where)
            elif kind not in (_NIL, _CONTINUATION):
                found[kind] = data
            _refuse_what_keras_never_writes(kind, message["flags"], data, where)
        if found.keys() & _LINKS:
            reject_members(where)
        return found

    def _attribute(self, found: dict[str, Attribute], data: bytes, where: str) -> None:
        self.file.step(_ATTRIBUTE_STEPS)
        name, attribute = read_attribute(data, where)
        if name in found:
            damaged("an attribute")
        found[name] = attribute
        if len(found) > MAX_ATTRIBUTES:
            reject_bounds("too_many_objects", where, MAX_ATTRIBUTES)

    def _members(self, here: _Pending, message: bytes) -> list[_Pending]:
        names: set[str] = set()
        below: list[_Pending] = []
        for member in members(self.file, message):
            path = f"{here.path}/{member.name}"
            if len(path) > MAX_PATH:
                reject_bounds("too_deep", path, MAX_PATH)
            if member.cache == _SOFT:
                reject_link(path)
            if member.cache not in (_HARD, _WITH_TABLE) or member.name in names:
                damaged("a group")
            names.add(member.name)
            if len(names) > MAX_MEMBERS:
                reject_bounds("too_many_objects", here.path, MAX_MEMBERS)
            self._note(member.header, path)
            below.append(_Pending(path, here.depth + 1, member.header))
        return below

    def _note(self, header: int, where: str) -> None:
        """Count an object and refuse one that was visited before, through a cycle or twice."""
        if header in self._seen:
            reject_shared(where)
        self._seen.add(header)
        if len(self._seen) > MAX_OBJECTS:
            reject_bounds("too_many_objects", where, MAX_OBJECTS)

    def _dataset(self, numbers: Numbers, where: str) -> None:
        self._left -= numbers.size
        if self._left < 0:
            reject_size(where, self.file.size - self._left, self.file.size)
        if numbers.at + numbers.size > self.file.size:
            damaged("a dataset")
        self.datasets[where] = numbers


def _refuse_what_keras_never_writes(kind: int, flags: int, data: bytes, where: str) -> None:
    if kind == _LINK and _leads_away(data):
        reject_link(where)
    if kind == _EXTERNAL_FILES:
        reject_other_files(where)
    if kind == _FILTERS:
        reject_compressed(where)
    if kind in _NEWER:
        reject_newer()
    if flags & ~_PLAIN_FLAGS:
        reject_odd(where)  # a named type, for example


def _leads_away(link: bytes) -> bool:
    """Whether a link message is of any type other than hard.

    Bit 3 of its flags says that a type is given (section IV.A.2.g); without it, it is hard.
    """
    return len(link) > 2 and bool(link[1] & 0x08) and link[2] != 0
