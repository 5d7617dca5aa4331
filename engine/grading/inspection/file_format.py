"""Says what a submitted file is when it is not a whole HDF5 file.

Comes before h5py, whose own messages ("unable to synchronously open file") help nobody.
Pure Python: looks at the kind of directory entry, the first bytes, and where the HDF5
superblock says the file ends. Only regular files are opened.
"""

import os
import re
import stat
from pathlib import Path
from typing import NamedTuple, NoReturn

from engine.errors import SubmissionRejected
from engine.grading.inspection import archive, superblock
from engine.grading.inspection.hdf5.refusals import reject_form, reject_newer
from engine.grading.inspection.rejection import countable, megabytes, reading, reject, shown
from engine.grading.inspection.superblock import SIGNATURE, Superblock
from engine.grading.protocol import Message
from exam_bank.platform import disk

HEAD = 4096
# The user block, where there is one, is a power of two of at least 512 bytes.
USER_BLOCKS = (512, 1024, 2048)

_SAVE = "model.save('mymodel.h5')"


class Whole(NamedTuple):
    """A model file that is complete, in bytes; an archive is a .keras file, whatever its name."""

    size: int
    is_archive: bool


def check_file(path: Path, limit_mb: float, *, h5_only: bool = False) -> Whole:
    """What the file `path` is, after checking that it is whole: HDF5, or .keras unless `h5_only`.

    Raises `SubmissionRejected` with what the file is instead.
    """
    size = _regular_size(path)
    if size > limit_mb * 1e6:
        reject(
            "file_too_large",
            Message(
                "The file has {size} MB, and this task allows {limit} MB: use a smaller "
                "model, or save it with include_optimizer=False.",
                {"size": megabytes(size), "limit": limit_mb},
            ),
        )
    head = _head(path)
    if not head:
        reject(
            "empty_file",
            Message("The file is empty: save the model again with {save}.", {"save": _SAVE}),
        )
    is_archive = _is_keras_archive(head)
    if is_archive and not h5_only:
        _check_archive(path, size)
        return Whole(size, is_archive)
    check_hdf5(head, size)
    return Whole(size, is_archive)


def check_hdf5(head: bytes, size: int) -> None:
    """Refuse what begins with `head` unless it is a whole HDF5 file of `size` bytes."""
    if not head.startswith(SIGNATURE):
        raise _not_hdf5(head)
    _check_whole(head, size)


def _is_keras_archive(head: bytes) -> bool:
    names = (name.encode() in head for name in archive.NAMES)
    return head.startswith(archive.SIGNATURE) and any(names)


def _check_archive(path: Path, size: int) -> None:
    with os.fdopen(disk.open_to_read(path), "rb") as file:
        if archive.is_whole(file, size):
            return
    reject(
        "cut_off",
        Message(
            "The .keras file is not complete: wait until it is written, or save or copy it again."
        ),
    )


def _regular_size(path: Path) -> int:
    try:
        found = path.stat()
    except FileNotFoundError:
        _reject_missing(path)
    except (OSError, ValueError) as error:
        reject(
            "unreadable_file",
            Message(
                "The file cannot be read ({error}): check its permissions.",
                {"error": getattr(error, "strerror", None) or "not a file name"},
            ),
        )
    if stat.S_ISDIR(found.st_mode):
        _reject_folder(path)
    if not stat.S_ISREG(found.st_mode):
        reject(
            "not_a_file",
            Message(
                "This is a device, pipe or socket, not a file: save the model with {save}.",
                {"save": _SAVE},
            ),
        )
    return found.st_size


def _reject_missing(path: Path) -> NoReturn:
    """Refuse a file that is not there; a misnamed one beside it is named."""
    wanted = path.stem.casefold()
    try:
        others = sorted(each.name for each in path.parent.iterdir() if each.is_file())
    except OSError:
        others = []
    others = [name for name in others if name.casefold().startswith(wanted)] or [
        name for name in others if name.casefold().endswith((".h5", ".hdf5", ".keras"))
    ]
    if others:
        reject(
            "missing_file",
            Message(
                "There is no file {name}, but {other}: give the model the name that counts.",
                {"name": path.name, "other": shown(others[0])},
            ),
        )
    reject(
        "missing_file",
        Message(
            "There is no file {name}: save the model with {save}.",
            {"name": path.name, "save": _SAVE},
        ),
    )


def _reject_folder(path: Path) -> None:
    if (path / "saved_model.pb").exists() or (path / "keras_metadata.pb").exists():
        reject(
            "saved_model",
            Message(
                "This is a SavedModel folder, not an HDF5 file: save with {save}.", {"save": _SAVE}
            ),
        )
    reject("folder", Message("This is a folder, not a file: save with {save}.", {"save": _SAVE}))


def _head(path: Path) -> bytes:
    # A pipe may have taken the file's place.
    with reading(), os.fdopen(disk.open_to_read(path), "rb") as file:
        return file.read(HEAD)


def _not_hdf5(head: bytes) -> SubmissionRejected:
    """What a file that does not begin like HDF5 is, judged by its first bytes."""
    for kind, matches in _KINDS:
        if matches(head):
            return SubmissionRejected(kind, _SENTENCES[kind])
    return SubmissionRejected(
        "not_hdf5",
        Message(
            "This is not an HDF5 file (it begins with {head}): save with {save}.",
            {"head": head[:8].hex(" "), "save": _SAVE},
        ),
    )


def _is_html(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<?xml", b"<script"))


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < max(len(head) - 3, 1):  # more than one character cut at the end
            return False
        text = head[: error.start].decode("utf-8")
    return all(ch.isprintable() or ch in "\r\n\t\f\ufeff" for ch in text)


def _has_user_block(head: bytes) -> bool:
    return any(head[at : at + 8] == SIGNATURE for at in USER_BLOCKS)


# HDF5's signature reveals damage in transit: line ends changed either way, and the first byte
# written as UTF-8, lost, or cut to seven bits.
_CHANGED_SIGNATURES = (
    b"\x89HDF\n\x1a\n",
    b"\x89HDF\r\r\n\x1a",
    b"\x89HDF\r\n\x1a\r\n",
    b"\xc2\x89HDF",
    b"\xef\xbf\xbdHDF",
    b"\tHDF\r\n",
    b"?HDF\r\n",
)
_KINDS = (
    ("git_lfs_pointer", lambda head: head.startswith(b"version https://git-lfs")),
    ("keras_zip", _is_keras_archive),
    ("torch_file", lambda head: head.startswith(b"PK\x03\x04") and b"/data.pkl" in head),
    ("zip_file", lambda head: head.startswith((b"PK\x03\x04", b"PK\x05\x06"))),
    ("gzip_file", lambda head: head.startswith(b"\x1f\x8b")),
    ("pickle", lambda head: re.match(rb"\x80[\x02-\x05]", head) is not None),
    ("numpy_file", lambda head: head.startswith(b"\x93NUMPY")),
    ("tflite", lambda head: head[4:8] == b"TFL3"),
    ("changed_on_the_way", lambda head: head.startswith(_CHANGED_SIGNATURES)),
    ("html_page", _is_html),
    ("user_block", _has_user_block),
    ("all_zero", lambda head: not any(head)),
    ("text_file", _is_text),
)

_SENTENCES = {
    "git_lfs_pointer": Message(
        "This is a Git LFS pointer, not the model itself: run `git lfs pull` and copy the "
        "real file."
    ),
    "keras_zip": Message(
        "This is a .keras file, whatever its name says, and this exam takes HDF5: load it with "
        "keras.models.load_model('mymodel.keras') and save it with {save}.",
        {"save": _SAVE},
    ),
    "torch_file": Message("This is a PyTorch file; this exam takes a Keras model in HDF5."),
    "zip_file": Message(
        "This is a zip archive: unpack it and submit the mymodel.h5 inside, or save with {save}.",
        {"save": _SAVE},
    ),
    "gzip_file": Message(
        "This is a gzip archive: unpack it and submit the mymodel.h5 inside, or save with {save}.",
        {"save": _SAVE},
    ),
    "pickle": Message(
        "This is a Python pickle, which tfexam never opens: save with {save}.",
        {"save": _SAVE},
    ),
    "numpy_file": Message("This is a NumPy array, not a model: save with {save}.", {"save": _SAVE}),
    "tflite": Message("This is a TensorFlow Lite model: save with {save}.", {"save": _SAVE}),
    "changed_on_the_way": Message(
        "This HDF5 file was damaged in transit, as by a transfer in text mode: copy it again in "
        "binary mode."
    ),
    "html_page": Message(
        "This is a web page, probably a failed download or a login page: download the "
        "model file itself."
    ),
    "user_block": Message(
        "The HDF5 data do not begin at the file's first byte (it has a user block): save "
        "with {save}.",
        {"save": _SAVE},
    ),
    "all_zero": Message(
        "The file starts with nothing but zeros, as after a full disk or an "
        "unfinished copy: save or copy it again."
    ),
    "text_file": Message("This is a text file, not a model: save with {save}.", {"save": _SAVE}),
}


def _check_whole(head: bytes, size: int) -> None:
    """Compare the end of file that the superblock declares with the real one."""
    found = superblock.read(head)
    if found is None:
        reject(
            "cut_off",
            Message(
                "The file looks cut off: it has only {size} B. Save or copy it again.",
                {"size": size},
            ),
        )
    end = _declared_end(found)
    if end > size:
        reject(
            "cut_off",
            Message(
                "The file looks cut off: {size} of {end} bytes are there. Wait until it is "
                "written, or save or copy it again.",
                {"size": size, "end": countable(end)},
            ),
        )
    if end < size:
        reject(
            "trailing_bytes",
            Message(
                "The file goes on after the end of its HDF5 data ({extra} B more): save it again "
                "with {save}.",
                {"extra": size - end, "save": _SAVE},
            ),
        )


def _declared_end(found: Superblock) -> int:
    """Where the file ends, according to a superblock of version 0, the only one Keras writes."""
    if found.version in (2, 3):
        reject_newer()
    if found.version != 0 or found.end is None:
        reject_form()
    if found.base:
        reject("user_block", _SENTENCES["user_block"])
    return found.end
