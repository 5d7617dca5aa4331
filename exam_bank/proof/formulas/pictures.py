"""Reads labelled pictures: from one folder for each class, or with a list next to them."""

import csv
import io
from collections.abc import Mapping
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from exam_bank.material import Array

_SUFFIXES = (".jpg", ".jpeg", ".png")


def labelled(files: Mapping[str, bytes], shape: tuple[int, ...]) -> tuple[Array, Array] | None:
    """Pixels (n, *shape) and each label's alphabetical number; None for other files."""
    listed = _listed(files)
    names, answers = [], []
    for name in sorted(files):
        path = PurePosixPath(name)
        if path.suffix.lower() in _SUFFIXES:
            names.append(name)
            answers.append(listed.get(path.name, path.parent.name))
    if not names:
        return None
    pixels = np.empty((len(names), *shape), np.uint8)
    for place, name in enumerate(names):
        pixels[place] = _pixels(files[name], shape)
    _, numbers = np.unique(np.array(answers), return_inverse=True)
    return pixels, numbers


def _listed(files: Mapping[str, bytes]) -> dict[str, str]:
    """The label of each file, from a table with the file in its first column, label in its last."""
    found = {}
    for name, content in files.items():
        if name.endswith(".csv"):
            for row in csv.reader(content.decode().splitlines()):
                found[row[0]] = row[-1]
    return found


def _pixels(content: bytes, shape: tuple[int, ...]) -> Array:
    picture = Image.open(io.BytesIO(content)).convert("RGB" if len(shape) == 3 else "L")
    wide = (shape[1], shape[0])
    return np.asarray(picture if picture.size == wide else picture.resize(wide)).reshape(shape)
