"""Reads from a model's HDF5 file what Keras would read, after the walk has accepted all of it.

These are the texts of the root, the lists that name each layer and weight, and where the weights
are.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import NoReturn

from engine.errors import SubmissionRejected
from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.parts import STRING, VARIABLE, Attribute, Numbers
from engine.grading.inspection.hdf5.refusals import RESAVE, damaged, reject_bounds, reject_odd
from engine.grading.inspection.hdf5.walk import MAX_ATTRIBUTES, MAX_PATH, Walk
from engine.grading.inspection.rejection import reading, reject, shown
from engine.grading.protocol import Fact, Message

TEXTS = ("model_config", "keras_version", "backend")
TOP = "top_level_model_weights"
MAX_TEXT_CHARACTERS = 8_000_000
# Word vectors, given to an Embedding as `Constant(matrix)`: 20 MB of digits, and its weights are
# in the file as well. Quotes inside a text have a backslash, so this never matches within a text.
_MATRIX = re.compile(
    rb"""("class_name":\s?"Constant",\s?"config":\s?\{\s?"value":\s?"""
    rb"""(?:\{"class_name":\s?"__numpy__",\s?"config":\s?\{"value":\s?)?)"""
    rb"""\[[\d\s\[\],.eE+-]{1000,}\]"""
)


@dataclass
class Structure:
    """What a model's file holds; everything else in it reaches nobody.

    `datasets` maps paths to numbers; `texts` are the root's, `shortened` says whether matrices
    were left out of them; `weights` maps each layer to its weights' names, in the group `root`,
    whose own texts are `root_texts`. All of it begins at `start` in the file; in a .keras file
    (`is_archive`) weights have numbers instead of names, in groups instead of layers.
    """

    datasets: dict[str, Numbers] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    root: str = ""
    root_texts: dict[str, str] = field(default_factory=dict)
    weights: dict[str, list[str]] = field(default_factory=dict)
    shortened: bool = False
    start: int = 0
    is_archive: bool = False

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each dataset."""
        return {path: numbers.shape for path, numbers in self.datasets.items()}

    def parameters(self) -> int:
        """How many numbers are weights of the model; the optimizer's do not count."""
        return sum(
            prod(self.datasets[f"{self.root}/{layer}/{name}"].shape)
            for layer, names in self.weights.items()
            for name in names
        )


def read_structure(path: Path, size: int) -> Structure:
    """Walk the whole file `path` of `size` bytes.

    Takes no lock: a lock would make a training lose its save. Raises `SubmissionRejected` for
    anything that Keras would not have written, and for a damaged file.
    """
    with reading(), path.open("rb") as file:
        return read_open(BoundedFile(file, size))


def read_open(file: BoundedFile) -> Structure:
    """Like `read_structure`, for an open file. Raises `OSError`, too."""
    return _read(file, lambda walk: _KerasAttributes(walk).read())


def read_weights(file: BoundedFile) -> Structure:
    """The weights of a .keras file, which have no names; the optimizer's are left out.

    Raises `SubmissionRejected` and `OSError`.
    """
    return _read(file, _numbered)


def _numbered(walk: Walk) -> Structure:
    found = Structure(walk.datasets, walk.groups, start=walk.file.start, is_archive=True)
    for path in walk.datasets:
        group, name = path.rsplit("/", 1)
        if not path.startswith("/optimizer/"):
            found.weights.setdefault(group.lstrip("/"), []).append(name)
    return found


def _read(file: BoundedFile, read: Callable[[Walk], Structure]) -> Structure:
    walk = Walk(file)
    try:
        walk.run()
        return read(walk)
    except (SubmissionRejected, OSError, MemoryError) as error:
        if getattr(error, "reason", "") == "damaged":
            _damaged(walk, error)
        raise
    except Exception as error:  # pyfive has no error of its own for most of what can be wrong
        _damaged(walk, error)


def _damaged(walk: Walk, error: Exception) -> NoReturn:
    if walk.marked_as_open:
        reject("being_written", _BEING_WRITTEN)
    if isinstance(error, SubmissionRejected):
        raise error
    damaged(f"{type(error).__name__} in pyfive")


def shortened(raw: bytes, where: str) -> tuple[str, bool]:
    """The text `raw` without large matrices, and whether there were any.

    Raises `SubmissionRejected` if it is still too long.
    """
    # As bytes first: as text, a whole file takes several times its size.
    enormous = len(raw) > 4 * MAX_TEXT_CHARACTERS
    short = b"" if enormous else _MATRIX.sub(rb"\g<1>0.0", raw)
    text = short.decode("utf-8", "replace")
    if enormous or len(text) > MAX_TEXT_CHARACTERS:
        reject_bounds("config_too_large", where, MAX_TEXT_CHARACTERS)
    if "\0" in text:  # C would end it there, Python reads on
        damaged("a text")
    return text, len(short) < len(raw)


class _KerasAttributes:
    """The texts of the attributes that Keras reads."""

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._found = Structure(walk.datasets, walk.groups)

    def read(self) -> Structure:
        """All of them."""
        found = self._found
        found.root = "/model_weights" if "/model_weights" in found.groups else ""
        found.texts = self._texts("/", TEXTS)
        found.root_texts = self._texts(found.root or "/", TEXTS[1:])
        layers = self._list(found.root or "/", "layer_names")
        self._check_all_saved(dict.fromkeys(layers))
        for layer in layers:
            self._layer(layer)
        if f"{found.root}/{TOP}" in found.groups:
            self._layer(TOP)
        return found

    def _check_all_saved(self, layers: Iterable[str]) -> None:
        """Refuse what is left when Keras stops while it saves.

        It does so at the second weight of one name: all names are listed before, all groups of
        later layers are missing.
        """
        found = self._found
        places = [f"{found.root}/{layer}" for layer in layers]
        lacking = next((place for place in places if place not in found.groups), None)
        for place in filter(found.groups.__contains__, places):
            names = self._list(place, "weight_names")
            stored = {name for name in names if f"{place}/{name}" in found.datasets}
            if len(set(names)) < len(names) and stored:
                _reject_same_names(place, found.texts.get("keras_version", ""))
        if lacking is not None:
            reject("half_saved", Message(_HALF_SAVED.template, {"name": shown(lacking)}))

    def _layer(self, layer: str) -> None:
        """Note a layer's weights.

        Refuses names that lead out of their layer, and repeated names: a loader reads a weight
        each time it is named.
        """
        found, place = self._found, f"{self._found.root}/{layer}"
        if layer in found.weights or place not in found.groups:
            _reject_names(place)
        names = found.weights[layer] = self._list(place, "weight_names")
        paths = {f"{place}/{name}" for name in names}
        if len(paths) < len(names) or not paths <= found.datasets.keys():
            _reject_names(place)

    def _texts(self, group: str, names: Iterable[str]) -> dict[str, str]:
        """Those of the texts `names` of a group that exist."""
        attributes = self._walk.attributes[group]
        where = group.rstrip("/")
        return {
            name: self._text(attributes[name], f"{where}/@{name}")
            for name in names
            if name in attributes
        }

    def _text(self, attribute: Attribute, where: str) -> str:
        if attribute.shape != ():
            reject_odd(where)
        (raw,) = self._strings(attribute, where)
        text, shorter = shortened(raw, where)
        self._found.shortened |= shorter
        return text

    def _list(self, group: str, attribute: str) -> list[str]:
        """The names in a list attribute; Keras splits a long one into name0, name1 and so on."""
        attributes = self._walk.attributes[group]
        numbered = (f"{attribute}{number}" for number in range(MAX_ATTRIBUTES))
        split = itertools.takewhile(attributes.__contains__, numbered)
        parts = [attribute] if attribute in attributes else split
        found = [
            name for part in parts for name in self._strings(attributes[part], f"{group}@{part}")
        ]
        # One long text may be named many times.
        if any(b"\0" in name or len(name) > MAX_PATH for name in found):
            damaged("a name")
        return [name.decode("utf-8", "surrogateescape") for name in found]

    def _strings(self, attribute: Attribute, where: str) -> list[bytes]:
        """The texts of `attribute`; an empty list may be of any type, and Keras writes floats."""
        self._walk.file.step(attribute.entries)
        if not attribute.entries:
            return []
        if attribute.kind not in (VARIABLE, STRING):
            reject_odd(where)
        stored = attribute.pieces()
        if attribute.kind == VARIABLE:
            stored = [self._walk.heaps.text(each) for each in stored]
        return [text.rstrip(b"\0") for text in stored]


_BEING_WRITTEN = Message(
    "The file is marked as open for writing: close the program that writes it, or save the model "
    "again."
)


_HALF_SAVED = Message(
    "The file lacks the weights of {name}, as when model.save stops with an error: save the model "
    "again and look at what Keras says."
)
_SAME_NAMES = Message(
    "Keras did not save all weights of {name}, because two of them have one name: give each layer "
    "inside it a name of its own, and save the model again."
)
_WITHIN = Message(
    "Keras {version} did not save all weights of {name}, because it cannot save a model within a "
    "model as HDF5: save the model with Keras 3.3 or newer."
)
# They named the weights of a model within a model only `kernel` and `bias`, whatever its layers.
_WITHOUT_PATHS = re.compile(r"3\.[0-2]\.\d+")


def _reject_same_names(where: str, version: str) -> NoReturn:
    says = _WITHIN if _WITHOUT_PATHS.fullmatch(version) else _SAME_NAMES
    facts: dict[str, Fact] = {"name": shown(where.rpartition("/")[2]), "version": shown(version)}
    reject("same_weight_names", Message(says.template, facts))


def _reject_names(where: str) -> NoReturn:
    reject(
        "weight_names",
        Message(
            "The list of weights in {name} does not match the file: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )
