"""Reads a .keras file: its configuration, its version, and its weights by the HDF5 reader."""

import json
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from engine.grading.inspection import archive
from engine.grading.inspection.file_format import HEAD, check_hdf5
from engine.grading.inspection.hdf5.bounded_file import BoundedFile
from engine.grading.inspection.hdf5.structure import Structure, read_weights, shortened
from engine.grading.inspection.rejection import reading, reject
from engine.grading.protocol import Message

MAX_METADATA = 10_000
MAX_CONFIG = 32_000_000


def read_archive(path: Path, size: int) -> Structure:
    """What the .keras file `path` of `size` bytes holds; nothing is unpacked.

    Raises `SubmissionRejected`.
    """
    with reading(), path.open("rb") as file:
        return _read(file, archive.members(file, size))


def _read(file: BinaryIO, members: dict[str, archive.Extent]) -> Structure:
    weights = members[archive.WEIGHTS]
    file.seek(weights.at)
    check_hdf5(file.read(min(HEAD, weights.size)), weights.size)
    found = read_weights(BoundedFile(file, weights.size, weights.at))
    raw = archive.content(file, members[archive.CONFIG], MAX_CONFIG)
    text, found.shortened = shortened(raw, archive.CONFIG)
    version = _version(archive.content(file, members[archive.METADATA], MAX_METADATA))
    found.texts = {"model_config": text, "keras_version": version}
    return found


def _version(raw: bytes) -> str:
    try:
        about: Any = json.loads(raw)
    except (ValueError, RecursionError):
        _reject_metadata()
    version = about.get("keras_version") if isinstance(about, dict) else None
    return version if isinstance(version, str) else _reject_metadata()


def _reject_metadata() -> NoReturn:
    reject(
        "damaged_config",
        Message(
            "The .keras file does not say which Keras saved it: save the model with {save}.",
            {"save": "model.save('mymodel.keras')"},
        ),
    )
