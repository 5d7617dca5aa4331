"""The messages with which inspection refuses parts of an HDF5 file."""

from typing import NoReturn

from engine.grading.inspection.rejection import countable, reject, shown
from engine.grading.protocol import Message

RESAVE = "model.save('mymodel.h5')"


def damaged(part: str) -> NoReturn:
    """Refuse a file whose `part` is not as HDF5 writes it."""
    reject(
        "damaged",
        Message("The HDF5 file is damaged ({error}): save the model again.", {"error": part}),
    )


def reject_newer() -> NoReturn:
    """Refuse the layout of HDF5 1.8 and later, which Keras never asks for."""
    reject(
        "newer_hdf5",
        Message(
            "The file has HDF5's newer layout (libver='latest' or track_order=True), which Keras "
            "does not write: load the model in a new Python and save it with {save}.",
            {"save": RESAVE},
        ),
    )


def reject_form() -> NoReturn:
    """Refuse a superblock with settings that Keras never uses."""
    reject(
        "odd_hdf5",
        Message(
            "Keras does not write HDF5 files of this form: save with {save}.",
            {"save": RESAVE},
        ),
    )


def reject_odd(where: str) -> NoReturn:
    """Refuse an object of a type that Keras does not store."""
    reject(
        "odd_type",
        Message(
            "{name} is an object that no Keras model holds: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_bounds(reason: str, where: str, limit: int) -> NoReturn:
    """Refuse a file with more than `limit` of something."""
    reject(
        reason,
        Message(
            "The file holds more, or is nested deeper, than any model of this exam (at "
            "{name}, more than {limit}).",
            {"name": shown(where or "/"), "limit": limit},
        ),
    )


def reject_members(where: str) -> NoReturn:
    """Refuse a group of links, which HDF5 makes of a group with a non-ASCII member name.

    TensorFlow cannot run a layer with such a name, so only a model of another backend has one.
    """
    reject(
        "newer_hdf5",
        Message(
            "{name} is stored in HDF5's newer layout, as happens when a layer's name has "
            "non-English letters: name the layers in English and save the model with "
            "{save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_link(where: str) -> NoReturn:
    """Refuse a link that is not a hard link."""
    reject(
        "link",
        Message(
            "{name} is a link to something else, perhaps in another file; a model holds its own "
            "weights: save it with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_other_files(where: str) -> NoReturn:
    """Refuse numbers that are stored in another file."""
    reject(
        "other_files",
        Message(
            "{name} keeps its numbers in other files: save the model with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_compressed(where: str) -> NoReturn:
    """Refuse numbers that are stored in chunks or through filters."""
    reject(
        "compressed",
        Message(
            "{name} is stored compressed or in chunks, which Keras does not do: load the "
            "model and save it again with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )


def reject_size(where: str, declared: int, stored: int) -> NoReturn:
    """Refuse numbers that are declared but not stored, or not all of them."""
    reject(
        "declared_size",
        Message(
            "{name} declares {declared} bytes of numbers but holds {stored}: save the model again.",
            {
                "name": shown(where),
                "declared": countable(declared),
                "stored": countable(stored),
            },
        ),
    )


def reject_shared(where: str) -> NoReturn:
    """Refuse an object that the file stores under two names."""
    reject(
        "shared_object",
        Message(
            "The file stores one object under two names ({name}): save it with {save}.",
            {"name": shown(where), "save": RESAVE},
        ),
    )
