"""Reads from a model's HDF5 file what Keras would read, after the walk has accepted all of it.

These are the root's texts and the lists that name each layer and weight.
"""

import itertools
import re
from pathlib import Path
from typing import NoReturn

from engine.errors import SubmissionRejected
from engine.grading.inspection.hdf5.file_bytes import FileParts
from engine.grading.inspection.hdf5.refusals import RESAVE, damaged, reject_bounds, reject_odd
from engine.grading.inspection.hdf5.types import STRING, VARIABLE, Attribute, decoded
from engine.grading.inspection.hdf5.walk import MAX_ATTRIBUTES, Structure, Walk, references
from engine.grading.inspection.rejection import reject, shown
from engine.grading.protocol import Message

TEXTS = ("model_config", "keras_version", "backend")
MAX_TEXT_CHARACTERS = 8_000_000
# Word vectors, given to an Embedding as `Constant(matrix)`: 20 MB of digits, and its weights are
# in the file as well. Quotes inside a text have a backslash, so this never matches within a text.
_MATRIX = re.compile(
    rb"""("class_name":\s?"Constant",\s?"config":\s?\{\s?"value":\s?"""
    rb"""(?:\{"class_name":\s?"__numpy__",\s?"config":\s?\{"value":\s?)?)"""
    rb"""\[[\d\s\[\],.eE+-]{1000,}\]"""
)


def read_structure(path: Path, size: int) -> Structure:
    """Walk the whole file `path` of `size` bytes.

    Takes no lock: a lock would make a training lose its save. Raises `SubmissionRejected` for
    anything that Keras would not have written, and for a damaged file.
    """
    try:
        with path.open("rb") as file:
            return _read(Walk(FileParts(file, size)))
    except OSError as error:
        raise SubmissionRejected(
            "unreadable_file",
            Message(
                "The file cannot be read ({error}): check its permissions.",
                {"error": error.strerror or "unknown"},
            ),
        ) from error


def _read(walk: Walk) -> Structure:
    try:
        found = walk.run()
        keras = _KerasAttributes(walk)
        found.texts = keras.texts()
        found.weights = keras.weights()
    except SubmissionRejected as refused:
        if refused.reason == "damaged" and walk.marked_as_open:
            reject("being_written", _BEING_WRITTEN)
        raise
    return found


class _KerasAttributes:
    """The texts of the attributes that Keras reads."""

    def __init__(self, walk: Walk) -> None:
        self._walk, self._found = walk, walk.found

    def texts(self) -> dict[str, str]:
        """Those of the root's texts that Keras reads, as far as they exist."""
        root = self._walk.attributes.get("/", {})
        return {name: self._text(root[name]) for name in TEXTS if name in root}

    def _text(self, attribute: Attribute) -> str:
        where = f"/@{attribute.name}"
        if attribute.shape != ():
            reject_odd(where)
        (raw,) = self._strings(attribute, where)
        # As bytes first: as text, a whole file takes several times its size.
        enormous = len(raw) > 4 * MAX_TEXT_CHARACTERS
        short = b"" if enormous else _MATRIX.sub(rb"\g<1>0.0", raw)
        self._found.shortened |= len(short) < len(raw)
        text = short.decode("utf-8", "replace")
        if enormous or len(text) > MAX_TEXT_CHARACTERS:
            reject_bounds("config_too_large", where, MAX_TEXT_CHARACTERS)
        return text

    def weights(self) -> dict[str, list[tuple[int, ...]]]:
        """The shapes of each layer's weights.

        Refuses names that lead out of their layer, and repeated names: a loader reads a weight
        each time it is named.
        """
        root = "/model_weights" if "/model_weights" in self._found.groups else ""
        weights: dict[str, list[tuple[int, ...]]] = {}
        for layer in self._list(root or "/", "layer_names"):
            place = f"{root}/{layer}"
            if layer in weights or place not in self._found.groups:
                _reject_names(place)
            weights[layer] = self._shapes(place)
        top = f"{root}/top_level_model_weights"
        if top in self._found.groups:
            weights[top] = self._shapes(top)
        return weights

    def _shapes(self, place: str) -> list[tuple[int, ...]]:
        names = [f"{place}/{name}" for name in self._list(place, "weight_names")]
        if len(set(names)) < len(names) or any(name not in self._found.shapes for name in names):
            _reject_names(place)
        return [self._found.shapes[name] for name in names]

    def _list(self, group: str, attribute: str) -> list[str]:
        """The names in a list attribute; Keras splits a long one into name0, name1 and so on."""
        attributes = self._walk.attributes[group]
        numbered = (f"{attribute}{number}" for number in range(MAX_ATTRIBUTES))
        split = itertools.takewhile(attributes.__contains__, numbered)
        parts = [attribute] if attribute in attributes else split
        return [
            decoded(name)
            for part in parts
            for name in self._strings(attributes[part], f"{group}@{part}")
        ]

    def _strings(self, attribute: Attribute, where: str) -> list[bytes]:
        """The texts of `attribute`; an empty list may be of any type, and Keras writes floats."""
        kind = attribute.type
        self._walk.parts.step(attribute.entries)
        if not attribute.entries:
            return []
        if kind is None or kind.kind not in (VARIABLE, STRING):
            reject_odd(where)
        if kind.kind == VARIABLE:
            stored = [self._walk.heaps.text(each) for each in references(attribute)]
        else:
            starts = range(0, attribute.entries * kind.size, kind.size)
            stored = [attribute.data[start : start + kind.size] for start in starts]
        texts = [text.rstrip(b"\0") for text in stored]
        if any(b"\0" in text for text in texts):  # C would end the text there, Python reads on
            damaged("a text")
        return texts


_BEING_WRITTEN = Message(
    "The file is marked as open for writing: close the program that writes it, or save the model "
    "again."
)


def _reject_names(where: str) -> NoReturn:
    reject(
        "weight_names",
        Message(
            "The list of weights in {name} does not match the file: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )
