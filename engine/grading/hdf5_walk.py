"""Walks a model's HDF5 file and refuses every construct that Keras does not write.

HDF5 can point into other files (external links, external storage, virtual datasets),
run plug-ins (filters), promise terabytes in a few bytes, or contain itself. Loaders
follow all of it. Keras writes hard links and plain contiguous numbers only, so only
these pass, and within bounds; then nothing honest is lost.

h5py's low-level API is used throughout: its high-level one follows links by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, NoReturn

from h5py import h5a, h5d, h5f, h5g, h5l, h5o, h5s, h5t

from engine.grading.protocol import Message
from engine.grading.rejecting import countable, reject, shown

MAX_DEPTH = 40
MAX_OBJECTS = 60_000
MAX_MEMBERS = 20_000
MAX_ATTRIBUTES = 2_000
MAX_ATTRIBUTE_BYTES = 4_000_000
MAX_ENTRIES = 20_000
MAX_RANK = 16

_PLAIN_NUMBERS = (h5t.INTEGER, h5t.FLOAT)
RESAVE = "model.save('mymodel.h5')"


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


class Walk:
    """One pass over the file's objects, depth first, without recursion."""

    def __init__(self, size: int) -> None:
        self.found = Structure(size)
        self._seen: set[tuple[int, int]] = set()

    def run(self, file: h5f.FileID) -> Structure:
        """What `file` holds; raises `SubmissionRejected` for what Keras does not write."""
        root = h5g.open(file, b"/")
        pending: list[tuple[h5g.GroupID, str, int]] = [(root, "", 0)]
        self._note(h5o.get_info(root), "/")
        while pending:
            group, path, depth = pending.pop()
            if depth > MAX_DEPTH:
                reject_bounds("too_deep", path, MAX_DEPTH)
            pending.extend((child, name, depth + 1) for child, name in self._members(group, path))
        if self.found.stored_bytes > self.found.size:
            reject(
                "declared_size",
                Message(
                    "The file declares more numbers than it holds ({declared} bytes in {size}): "
                    "save the model again.",
                    {"declared": countable(self.found.stored_bytes), "size": self.found.size},
                ),
            )
        return self.found

    def _members(self, group: h5g.GroupID, path: str) -> Iterator[tuple[h5g.GroupID, str]]:
        """The groups in `group`; its datasets are checked on the way."""
        check_attributes(group, path or "/")
        if group.get_num_objs() > MAX_MEMBERS:
            reject_bounds("too_many_objects", path, MAX_MEMBERS)
        self.found.groups.add(path or "/")
        for name in group:
            where = f"{path}/{decoded(name)}"
            if group.links.get_info(name).type != h5l.TYPE_HARD:
                _reject_link(where)
            self._note(h5o.get_info(group, name), where)
            thing = h5o.open(group, name)
            if isinstance(thing, h5g.GroupID):
                yield thing, where
            elif isinstance(thing, h5d.DatasetID):
                self._dataset(thing, where)
            else:
                reject_odd(where)

    def _note(self, info: Any, where: str) -> None:
        """Count the object and refuse one that was met before, by a cycle or twice."""
        key = (info.fileno, info.addr)
        if key in self._seen:
            reject(
                "shared_object",
                Message(
                    "The file stores one object under two names ({name}): save it with {save}.",
                    {"name": shown(where), "save": RESAVE},
                ),
            )
        self._seen.add(key)
        if len(self._seen) > MAX_OBJECTS:
            reject_bounds("too_many_objects", where, MAX_OBJECTS)

    def _dataset(self, dataset: h5d.DatasetID, where: str) -> None:
        check_attributes(dataset, where)
        plist = dataset.get_create_plist()
        if plist.get_layout() == h5d.VIRTUAL or plist.get_external_count():
            reject(
                "other_files",
                Message(
                    "{name} takes its numbers from other files: save the model with {save}.",
                    {"name": shown(where), "save": RESAVE},
                ),
            )
        if plist.get_nfilters() or plist.get_layout() not in (h5d.CONTIGUOUS, h5d.COMPACT):
            reject(
                "compressed",
                Message(
                    "{name} is stored compressed or in chunks, which Keras does not do: load the "
                    "model and save it again with {save}.",
                    {"name": shown(where), "save": RESAVE},
                ),
            )
        self._numbers(dataset, where)

    def _numbers(self, dataset: h5d.DatasetID, where: str) -> None:
        kind, space = dataset.get_type(), dataset.get_space()
        plain = kind.get_class() in _PLAIN_NUMBERS and kind.get_size() in (1, 2, 4, 8)
        if not plain or space.get_simple_extent_type() not in (h5s.SCALAR, h5s.SIMPLE):
            reject_odd(where)
        shape = space.get_simple_extent_dims()
        declared = prod(shape) * kind.get_size()
        if len(shape) > MAX_RANK or declared != dataset.get_storage_size():
            reject(
                "declared_size",
                Message(
                    "{name} declares {declared} bytes of numbers and holds {stored}: save the "
                    "model again.",
                    {
                        "name": shown(where),
                        "declared": countable(declared),
                        "stored": dataset.get_storage_size(),
                    },
                ),
            )
        self.found.stored_bytes += declared
        self.found.shapes[where] = tuple(shape)


def check_attributes(thing: h5g.GroupID | h5d.DatasetID, where: str) -> None:
    """Refuse attributes of odd types and of more bytes than Keras writes."""
    count = h5a.get_num_attrs(thing)
    if count > MAX_ATTRIBUTES:
        reject_bounds("too_many_objects", where, MAX_ATTRIBUTES)
    for index in range(count):
        attribute = h5a.open(thing, index=index)
        kind, space = attribute.get_type(), attribute.get_space()
        if kind.get_class() not in (h5t.STRING, *_PLAIN_NUMBERS):
            reject_odd(f"{where}@{decoded(attribute.name)}")
        entries = max(space.get_simple_extent_npoints(), 0)
        if entries > MAX_ENTRIES or entries * kind.get_size() > MAX_ATTRIBUTE_BYTES:
            reject_bounds("attribute_too_large", where, MAX_ATTRIBUTE_BYTES)


def decoded(name: bytes) -> str:
    """A name of the file as text."""
    return name.decode("utf-8", "replace")


def _reject_link(where: str) -> NoReturn:
    reject(
        "link",
        Message(
            "{name} is a link to something else, perhaps in another file; a model holds its own "
            "weights: save it with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_odd(where: str) -> NoReturn:
    """Refuse a thing of a type that Keras does not store."""
    reject(
        "odd_type",
        Message(
            "{name} is of a kind that no Keras model holds: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_bounds(reason: str, where: str, limit: int) -> NoReturn:
    """Refuse what is more than `limit` of its kind."""
    reject(
        reason,
        Message(
            "The file is larger or deeper inside than any model of this exam (at {name}, more "
            "than {limit}).",
            {"name": shown(where or "/"), "limit": limit},
        ),
    )
