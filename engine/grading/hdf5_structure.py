"""Reads from a model's HDF5 file what Keras would read, once the walk let all of it pass.

These are the root's texts and the lists that name each layer and weight. Lists are read
within a budget: an entry of a list only points to its text, so a small file can name one
long text a million times.
"""

from math import prod
from pathlib import Path
from typing import NoReturn

import h5py
import numpy as np

from engine.errors import SubmissionRejected
from engine.grading.hdf5_walk import (
    MAX_ATTRIBUTES,
    RESAVE,
    Structure,
    Walk,
    decoded,
    reject_bounds,
    reject_odd,
)
from engine.grading.protocol import Message
from engine.grading.rejecting import reject, shown

TEXTS = ("model_config", "keras_version", "backend")
MAX_TEXT_CHARACTERS = 8_000_000
# Bytes that all lists together might hold at worst; the largest models of
# keras.applications come to 1.3 GB by this measure and to 0.1 MB in truth.
LIST_BUDGET = 2_000_000_000


def read_structure(path: Path, size: int, longest_text: int) -> Structure:
    """Walk the whole file `path` of `size` bytes, whose texts have at most `longest_text` bytes.

    Raises `SubmissionRejected` for whatever Keras would not have written, and for a
    file that HDF5 itself finds damaged.
    """
    try:
        # "best-effort": a writer that still has the file open is noticed where the file
        # system can lock, and a file system that cannot is no reason to refuse.
        with h5py.File(path, "r", locking="best-effort", rdcc_nbytes=0) as file:
            found = Walk(size).run(file.id)
            found.texts = {name: _text(file, name) for name in TEXTS if name in file.attrs}
            found.weights = _Lists(file, found, longest_text).weights()
            return found
    except BlockingIOError as error:
        raise SubmissionRejected(
            "being_written",
            Message("Another program is still writing this file: wait until it has finished."),
        ) from error
    except SubmissionRejected:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError, MemoryError) as error:
        raise SubmissionRejected(
            "damaged",
            Message(
                "The HDF5 file is damaged ({error}): save the model again.",
                {"error": shown(str(error))},
            ),
        ) from error


class _Lists:
    """The lists of names that Keras goes by, read within one budget."""

    def __init__(self, file: h5py.File, found: Structure, longest_text: int) -> None:
        self._file, self._found = file, found
        self._longest, self._budget = longest_text, LIST_BUDGET

    def weights(self) -> dict[str, list[tuple[int, ...]]]:
        """The shapes of each layer's weights.

        Refuses names that lead out of their layer, and names given twice: a loader reads
        a weight once for each time it is named.
        """
        root = "/model_weights" if "/model_weights" in self._found.groups else ""
        weights: dict[str, list[tuple[int, ...]]] = {}
        for layer in self._names(root or "/", "layer_names"):
            place = f"{root}/{layer}"
            if layer in weights or place not in self._found.groups:
                _reject_names(place)
            weights[layer] = self._shapes(place)
        top = f"{root}/top_level_model_weights"
        if top in self._found.groups:
            weights[top] = self._shapes(top)
        return weights

    def _shapes(self, place: str) -> list[tuple[int, ...]]:
        names = [f"{place}/{name}" for name in self._names(place, "weight_names")]
        if len(set(names)) < len(names) or any(name not in self._found.shapes for name in names):
            _reject_names(place)
        return [self._found.shapes[name] for name in names]

    def _names(self, group: str, attribute: str) -> list[str]:
        """The names in a list attribute; Keras splits a long one as name0, name1 and so on."""
        attributes = self._file[group].attrs
        parts = [attribute] if attribute in attributes else []
        for number in range(MAX_ATTRIBUTES if not parts else 0):
            if f"{attribute}{number}" not in attributes:
                break
            parts.append(f"{attribute}{number}")
        names: list[str] = []
        for part in parts:
            self._spend(prod(attributes.get_id(part).shape or ()), group)
            names += [
                decoded(name) if isinstance(name, bytes) else str(name)
                for name in np.ravel(attributes[part])
            ]
        return names

    def _spend(self, entries: int, group: str) -> None:
        self._budget -= entries * self._longest
        if self._budget < 0:
            reject_bounds("attribute_too_large", group, LIST_BUDGET)


def _text(file: h5py.File, name: str) -> str:
    value = file.attrs[name]
    if isinstance(value, bytes):
        value = decoded(value)
    if not isinstance(value, str):
        reject_odd(f"/@{name}")
    if len(value) > MAX_TEXT_CHARACTERS:
        reject_bounds("config_too_large", f"/@{name}", MAX_TEXT_CHARACTERS)
    return value


def _reject_names(where: str) -> NoReturn:
    reject(
        "weight_names",
        Message(
            "The list of weights of {name} does not fit what the file holds: save the model "
            "with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )
