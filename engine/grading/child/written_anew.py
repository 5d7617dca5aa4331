"""Writes a model's file anew, in memory: the only HDF5 that Keras and HDF5's C code ever see.

It holds what inspection read, and nothing else: groups, lists of names, texts, contiguous
numbers. So whatever a submitted file hides between these never gets any further.
"""

from pathlib import Path
from typing import BinaryIO

import h5py
import numpy as np

from engine.grading.inspection.hdf5.parts import BFLOAT16, Numbers
from engine.grading.inspection.hdf5.structure import TOP, Structure

# Keras splits lists that do not fit into an attribute.
MAX_LIST_BYTES = 64_512
_ROOM = 1 << 20


def written_anew(path: Path, found: Structure, config: str) -> h5py.File:
    """A file in memory with `config` and the weights of the file `path`, where `found` saw them.

    Of a .keras file only the weights.
    """
    room = found.parameters() + _ROOM  # how much the file grows by
    file = h5py.File("model", "w", driver="core", backing_store=False, block_size=room)
    root = file if found.is_archive else _with_texts(file, found, config)
    if found.is_archive:
        root.create_group("vars")  # which tf_keras expects even if it is empty
    with path.open("rb") as original:
        for layer, names in found.weights.items():
            group = root.require_group(layer)
            if not found.is_archive:
                _write_list(group, "weight_names", names)
            for name in names:
                numbers = found.datasets[f"{found.root}/{layer}/{name}"]
                group.create_dataset(name, data=values(original, numbers, found.start))
    return file


def _with_texts(file: h5py.File, found: Structure, config: str) -> h5py.Group:
    """The group of the weights, once everything beside the weights is written."""
    for name, text in {**found.texts, "model_config": config}.items():
        file.attrs[name] = text
    weights = file.create_group("model_weights")
    for name, text in found.root_texts.items():
        weights.attrs[name] = text
    _write_list(weights, "layer_names", [name for name in found.weights if name != TOP])
    return weights


def values(
    file: BinaryIO, numbers: Numbers, start: int = 0
) -> "np.ndarray[tuple[int, ...], np.dtype[np.generic]]":
    """The values of a dataset, in a file whose HDF5 begins at `start`."""
    file.seek(start + numbers.at)
    data = file.read(numbers.size) if numbers.stored is None else numbers.stored
    if numbers.dtype == BFLOAT16:  # the upper half of a float32
        return (np.frombuffer(data, "<u2").astype("<u4") << 16).view("<f4").reshape(numbers.shape)
    return np.frombuffer(data, numbers.dtype).reshape(numbers.shape)


def _write_list(group: h5py.Group, name: str, entries: list[str]) -> None:
    listed = np.array([entry.encode("utf-8", "surrogateescape") for entry in entries] or [], "S")
    parts = -(-listed.nbytes // MAX_LIST_BYTES)
    if parts <= 1:
        group.attrs[name] = listed
        return
    for number, part in enumerate(np.array_split(listed, parts)):
        group.attrs[f"{name}{number}"] = part
