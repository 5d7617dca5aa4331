"""Makes photographs of drawn pictures: uneven light, soft edges, sensor noise, JPEG files.

What a camera adds is the same whatever it looks at, so no class of a picture task can be
told by it. Everything up to the JPEG is elementwise arithmetic on float32, the same to the
bit on any machine, and works on one picture at a time, which stays in the cache.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from exam_bank.synthetic.rng import Rng

Pixels = NDArray[np.uint8]
_Plane = NDArray[np.float32]
_SHEET = 320  # side of the sheet of noise that every picture cuts a piece of its own from


@dataclass(frozen=True)
class Camera:
    """How a camera sees: the strength of its noise, how soft its edges are, the least light.

    `soft` bounds the share of each pixel that comes from its neighbours to either side;
    in the darkest corner `dim` of the light is left.
    """

    noise: float = 9.0
    soft: tuple[float, float] = (0.5, 0.66)
    dim: float = 0.65
    quality: int = 92

    def photographs(self, rng: Rng, pictures: Pixels) -> list[bytes]:
        """A JPEG file of each of the square `pictures` (n, side, side, 3)."""
        count, side = pictures.shape[:2]
        blurs = np.asarray(rng.uniform(*self.soft, count) / 2, np.float32)
        lamps = np.asarray(rng.uniform(self.dim, 1.0, (count, 2, 2)), np.float32)
        sheet = np.asarray(rng.normal(0.5, self.noise, (_SHEET, _SHEET, 3)), np.float32)
        places = rng.uniform(size=(count, 2))
        files = []
        for picture, blur, lamp, place in zip(pictures, blurs, lamps, places, strict=True):
            top, left = (place * (_SHEET - side)).astype(np.int64).tolist()
            seen = _blurred(picture.reshape(side, -1).astype(np.float32), blur)
            seen *= _light(lamp, side)
            seen += sheet[top : top + side, left : left + side].reshape(side, -1)
            shot = np.clip(seen, 0, 255).astype(np.uint8)
            files.append(_jpeg(shot.reshape(side, side, 3), self.quality))
        return files


def decoded(files: list[bytes], side: int) -> Pixels:
    """The pixels (n, side, side, 3) of JPEG files as a reader of them sees them."""
    pixels = np.empty((len(files), side, side, 3), np.uint8)
    for index, content in enumerate(files):
        pixels[index] = np.asarray(Image.open(io.BytesIO(content)))
    return pixels


def _blurred(picture: _Plane, share: np.float32) -> _Plane:
    """Each pixel mixed with its neighbours, down and across; the rim stays as it is.

    `picture` is (side, 3 * side): a row's neighbours of one colour are three places apart.
    """
    picture[1:-1] += share * (picture[:-2] + picture[2:] - 2 * picture[1:-1])
    picture[:, 3:-3] += share * (picture[:, :-6] + picture[:, 6:] - 2 * picture[:, 3:-3])
    return picture


def _light(corners: _Plane, side: int) -> _Plane:
    """Light between four corners (2, 2), over (side, 3 * side)."""
    way = np.linspace(0, 1, side, dtype=np.float32)
    left, right = (corners[0] + (corners[1] - corners[0]) * way[:, None]).T
    across = np.repeat(way, 3)
    return np.asarray(left[:, None] + (right - left)[:, None] * across, np.float32)


def _jpeg(picture: Pixels, quality: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=quality)
    return file.getvalue()


def class_folders(
    files: Sequence[bytes], labels: Sequence[int], names: Sequence[str]
) -> dict[str, bytes]:
    """data/train/<class>/0001.jpg and so on, counted within each class."""
    placed: dict[str, bytes] = {}
    counts = [0] * len(names)
    for file, label in zip(files, labels, strict=True):
        counts[label] += 1
        placed[f"data/train/{names[label]}/{counts[label]:04}.jpg"] = file
    return placed
