"""A small hidden set for tests of the app's side, written without numpy, and answers to it.

It has `N` examples, whose targets are all 0; so what 17 right answers of 20 are worth, or an error
of 1.5, is known.
"""

import json
import math
import struct
from pathlib import Path

N = 20
RIGHT = 17
ERROR = 1.5
_MAGIC = b"\x93NUMPY\x01\x00"


def write_hidden(folder: Path, example: tuple[int, ...] = (8, 8, 1)) -> Path:
    """Write one for inputs of shape `example`."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    inputs = bytes(4 * N * math.prod(example))
    (folder / "inputs.npy").write_bytes(_npy("<f4", (N, *example), inputs))
    (folder / "targets.npy").write_bytes(_npy("<i8", (N,), bytes(8 * N)))
    (folder / "hidden.json").write_text(json.dumps({"input_scale": 1.0, "baseline": 1.0}))
    return folder


def answers(metric: str, width: int) -> bytes:
    """Predictions that are worth an accuracy of 0.85, or an error of 1.5, in `width` numbers."""
    if metric != "accuracy":
        return struct.pack(f"<{N * width}f", *[ERROR] * (N * width))
    rows = [[1.0, *[0.0] * (width - 1)]] * RIGHT + [[*[0.0] * (width - 1), 1.0]] * (N - RIGHT)
    return struct.pack(f"<{N * width}f", *[number for row in rows for number in row])


def _npy(kind: str, shape: tuple[int, ...], content: bytes) -> bytes:
    head = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}}}"
    padded = head.ljust(-(-(len(head) + 11) // 64) * 64 - 11) + "\n"
    return _MAGIC + struct.pack("<H", len(padded)) + padded.encode() + content
