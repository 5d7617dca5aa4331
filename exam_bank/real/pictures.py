"""Photographs out of the zip files of real data sets, made to a task's size.

The archives are other people's and large: members are read one at a time and never
unpacked to disk, what is not a picture is passed over, and nothing in a member's name
decides where anything is written. Train and hidden pictures go the same way (cut, made
smaller, JPEG), so that nothing but what they show tells them apart.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exam_bank.errors import DataError
from exam_bank.material import HiddenSet, Material
from exam_bank.phrase import phrase
from exam_bank.real.names import is_junk
from exam_bank.synthetic.rng import Ints, Rng

_SUFFIXES = {".jpg", ".jpeg", ".png"}
_MEMBER_BYTES = 30_000_000
_MOST_PIXELS = 40_000_000
_QUALITY = 92
_SKETCH = 9

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Album:
    """Pictures as JPEG files of one size, with their class numbers (n,)."""

    files: tuple[bytes, ...]
    labels: Ints

    def __len__(self) -> int:
        return len(self.files)

    def take(self, places: Ints) -> "Album":
        """The pictures at `places`, in that order."""
        return Album(tuple(self.files[place] for place in places.tolist()), self.labels[places])

    def shuffled(self, rng: Rng) -> "Album":
        """The same pictures in random order."""
        return self.take(rng.permutation(len(self)))

    def pixels(self) -> Pixels:
        """What a reader of the files sees: (n, side, side, 3)."""
        return np.stack([np.asarray(_opened(content)) for content in self.files])

    def without(self, others: "Album") -> "Album":
        """The pictures that do not look like one of `others`: copies would be leaks."""
        seen = set(others.sketches())
        kept = [place for place, sketch in enumerate(self.sketches()) if sketch not in seen]
        return self.take(np.array(kept, dtype=np.int64))

    def sketches(self) -> list[bytes]:
        """One sketch a picture, equal for copies: where it grows brighter to the right."""
        return [_sketch(content) for content in self.files]


def read(
    archives: Iterable[Path],
    classes: Sequence[str],
    side: int,
    *,
    most: int | None = None,
    rng: Rng | None = None,
) -> Album:
    """Pictures of `archives` that lie in a folder named as one of `classes`.

    The class number is the place in `classes`; pictures come as (side, side) JPEG files, in
    the order of their names, or in one that `rng` draws; no more than `most` are read.
    Damaged pictures are passed over. Raises `DataError` for a file that is no zip archive,
    or when a class has no picture.
    """
    paths = list(archives)
    files: list[bytes] = []
    labels: list[int] = []
    for archive in paths:
        for label, content in _members(archive, classes, rng):
            small = _made_small(content, side)
            if small is not None:
                files.append(small)
                labels.append(label)
            if len(files) == most:
                break
    missing = set(range(len(classes))) - set(labels)
    if missing:
        names = ", ".join(classes[each] for each in sorted(missing))
        raise DataError(
            phrase(
                "There is no picture of {names} in {files}.",
                names=names,
                files=", ".join(map(str, paths)),
            ),
            fix=phrase("Look at the file with: tfexam data verify."),
        )
    return Album(tuple(files), np.array(labels, dtype=np.int64))


def withhold(album: Album, count: int, rng: Rng) -> tuple[Album, Album]:
    """Two parts of `album` that share no picture: to train with, and at most `count` hidden."""
    order = rng.permutation(len(album))
    train = album.take(order[count:])
    return train, album.take(order[:count]).without(train)


def material(train: Album, hidden: Album, names: Sequence[str], *, sigmoid: bool) -> Material:
    """A folder for each class, `data/train/<class>/0001.jpg`, and the hidden pictures.

    `sigmoid` says that models answer (n, 1), the probability of the second of two classes,
    instead of (n, classes).
    """
    return Material(
        files=_class_folders(train, names),
        hidden=HiddenSet(hidden.pixels(), hidden.labels, input_scale=1 / 255),
        trivial={
            f"always {name}": np.full((len(hidden), 1), float(number))
            if sigmoid
            else np.tile(np.eye(len(names))[number], (len(hidden), 1))
            for number, name in enumerate(names)
        },
    )


def _class_folders(album: Album, names: Sequence[str]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    counts = [0] * len(names)
    for content, label in zip(album.files, album.labels.tolist(), strict=True):
        counts[label] += 1
        files[f"data/train/{names[label]}/{counts[label]:04}.jpg"] = content
    return files


def _members(archive: Path, classes: Sequence[str], rng: Rng | None) -> Iterator[tuple[int, bytes]]:
    """Class number and content of each picture, by name or in an order that `rng` draws."""
    try:
        with zipfile.ZipFile(archive) as opened:
            found = sorted(_pictures(opened, classes), key=_name)
            order = range(len(found)) if rng is None else rng.permutation(len(found)).tolist()
            for place in order:
                number, member = found[place]
                yield number, opened.read(member)
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        raise DataError(
            phrase("{path} cannot be read as a zip archive: {error}.", path=archive, error=error),
            fix=phrase("Look at the file with: tfexam data verify."),
        ) from error


def _name(found: tuple[int, zipfile.ZipInfo]) -> tuple[str, ...]:
    """What a picture is sorted by: who packed the archive again may have left folders out."""
    path = PurePosixPath(found[1].filename)
    return path.parent.name, path.name, found[1].filename


def _pictures(
    opened: zipfile.ZipFile, classes: Sequence[str]
) -> Iterator[tuple[int, zipfile.ZipInfo]]:
    numbers = {name: number for number, name in enumerate(classes)}
    for member in opened.infolist():
        path = PurePosixPath(member.filename)
        number = numbers.get(path.parent.name)
        is_picture = path.suffix.lower() in _SUFFIXES and not is_junk(member.filename)
        if number is not None and is_picture and member.file_size <= _MEMBER_BYTES:
            yield number, member


def _made_small(content: bytes, side: int) -> bytes | None:
    """The picture as a (side, side) JPEG file; None when it is damaged or absurdly large."""
    try:
        picture = Image.open(io.BytesIO(content))
        if picture.width * picture.height > _MOST_PIXELS:
            return None
        picture.draft("RGB", (side, side))
        rgb = picture.convert("RGB")
    except (OSError, ValueError, SyntaxError):
        return None
    fitted = rgb if rgb.size == (side, side) else rgb.resize((side, side), Image.Resampling.BOX)
    file = io.BytesIO()
    fitted.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _sketch(content: bytes) -> bytes:
    small = _opened(content).convert("L").resize((_SKETCH, _SKETCH - 1), Image.Resampling.BOX)
    grey = np.asarray(small, dtype=np.int16)
    return np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes()


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))
