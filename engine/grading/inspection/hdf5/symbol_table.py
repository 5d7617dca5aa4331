"""Reads the members of a group: a version-1 B-tree of symbol nodes, with names in a heap.

Checks everything against the rules HDF5 follows: levels fall by one, neighbours refer to each
other, names are in order and unique, keys lie between them. Layout: HDF5 File Format
Specification, sections III.A.1, III.B, III.C and III.D.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from engine.grading.inspection.hdf5.file_bytes import UNDEFINED, FileParts
from engine.grading.inspection.hdf5.refusals import damaged

# What the superblock must say; HDF5 writes other nodes only when told to.
LEAF_K, INTERNAL_K = 4, 16
NODE = struct.Struct("<4sBBHQQ")
NODE_BODY = struct.Struct(f"<{4 * INTERNAL_K + 1}Q")
LEAF = struct.Struct("<4sBxH")
ENTRY = struct.Struct("<QQI4xQQ")
HEAP = struct.Struct("<4sB3xQQQ")
FREE = struct.Struct("<QQ")
NO_FREE_BLOCK = 1
MAX_LEVEL = 8
# In bytes: a path is kept for each object.
MAX_NAME = 1_000
HARD, WITH_TABLE, SOFT = 0, 1, 2
_TREE, _NAMES = "a group's B-tree", "a group's names"


class Member(NamedTuple):
    """An entry of a symbol table; `table` is where a group's own tree and heap should be."""

    name: bytes
    header: int
    cache: int
    table: tuple[int, int]


class _Child(NamedTuple):
    """A node that a tree points to, and the names it must lie between."""

    at: int
    above: bytes
    upto: bytes | None


def members(parts: FileParts, tree: int, heap: int) -> list[Member]:
    """The members of the group with the B-tree at `tree` and the names in `heap`.

    Raises `SubmissionRejected`.
    """
    names = _LocalHeap(parts, heap)
    found: list[Member] = []
    for leaf in _leaves(parts, tree, names):
        for member in _leaf(parts, leaf.at, names):
            low = found[-1].name if found else b""
            if not max(low, leaf.above) < member.name or (leaf.upto or b"") < member.name:
                damaged(_TREE)
            found.append(member)
    return found


def _leaves(parts: FileParts, tree: int, names: "_LocalHeap") -> list[_Child]:
    """The symbol nodes below the root of a tree, level by level, in order."""
    row = [_Child(tree, b"", None)]
    level: int | None = None  # the root gives the height of the tree
    while True:
        children: list[_Child] = []
        places = [UNDEFINED, *(node.at for node in row), UNDEFINED]
        for node, before, after in zip(row, places, places[2:], strict=False):
            data = parts.take(node.at, NODE.size + NODE_BODY.size, _TREE)
            height, used = _read_node(data, before, after)
            level = height if level is None else level
            if height != level:
                damaged(_TREE)
            children += _children(data, used, node, names)
        if not level:
            return children
        row, level = children, level - 1


def _read_node(data: bytes, before: int, after: int) -> tuple[int, int]:
    """The level of the node `data` between its neighbours, and how many entries it uses."""
    mark, kind, height, used, left, right = NODE.unpack_from(data)
    if (mark, kind, left, right) != (b"TREE", 0, before, after):
        damaged(_TREE)
    if height > MAX_LEVEL or used > 2 * INTERNAL_K or (height and not used):
        damaged(_TREE)
    return height, used


def _children(data: bytes, used: int, node: _Child, names: "_LocalHeap") -> Iterator[_Child]:
    if not used:
        return
    body = NODE_BODY.unpack_from(data, NODE.size)
    above = names.at(body[0])
    if above < node.above:
        damaged(_TREE)
    for place in range(used):
        upto = names.at(body[2 * place + 2])
        if not above < upto or (node.upto is not None and node.upto < upto):
            damaged(_TREE)
        yield _Child(body[2 * place + 1], above, upto)
        above = upto


def _leaf(parts: FileParts, at: int, names: "_LocalHeap") -> Iterator[Member]:
    data = parts.take(at, LEAF.size + 2 * LEAF_K * ENTRY.size, _TREE)
    mark, version, count = LEAF.unpack_from(data)
    if (mark, version) != (b"SNOD", 1) or not 0 < count <= 2 * LEAF_K:
        damaged(_TREE)
    for place in range(count):
        parts.step()
        name, header, cache, *table = ENTRY.unpack_from(data, LEAF.size + place * ENTRY.size)
        yield Member(names.member(name), header, cache, (table[0], table[1]))


class _LocalHeap:
    """A group's names, each with its own place."""

    def __init__(self, parts: FileParts, at: int) -> None:
        mark, version, size, free, data = HEAP.unpack(parts.take(at, HEAP.size, _NAMES))
        if (mark, version) != (b"HEAP", 0):
            damaged(_NAMES)
        self._data = parts.take(data, size, _NAMES)
        self._found: dict[int, bytes] = {}
        self._left = size
        self._check_free(parts, free)

    def _check_free(self, parts: FileParts, at: int) -> None:
        """Check the list of free blocks, which HDF5 follows without counting."""
        left = len(self._data)
        while at != NO_FREE_BLOCK:
            parts.step()
            if at + FREE.size > len(self._data):
                damaged(_NAMES)
            after, size = FREE.unpack_from(self._data, at)
            left -= size
            if size < FREE.size or at % 8 or at + size > len(self._data) or left < 0:
                damaged(_NAMES)
            at = after

    def at(self, offset: int) -> bytes:
        """The name at `offset`; all names together are at most the heap."""
        if (known := self._found.get(offset)) is not None:
            return known
        end = self._data.find(b"\0", offset, offset + MAX_NAME + 1)
        self._left -= end - offset + 1
        if end < 0 or self._left < 0:
            damaged(_NAMES)
        name = self._found[offset] = self._data[offset:end]
        return name

    def member(self, offset: int) -> bytes:
        """The name of a member at `offset`; it must be usable as part of a path."""
        name = self.at(offset)
        if name in (b"", b".", b"..") or b"/" in name or not name.isascii():
            damaged(_NAMES)
        return name
