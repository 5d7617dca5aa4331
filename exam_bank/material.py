"""Material: the candidate's files and the hidden set that one seed gives.

A task's `data.py` returns a `Material`; this module writes it to disk, once, and reads
the hidden set back for grading. Grading never runs a generator again (exam data are
made once and kept: numpy promises no stable streams for `Generator`, NEP 19).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from exam_bank.errors import DataError
from exam_bank.phrase import phrase

Array = NDArray[Any]


@dataclass(frozen=True)
class HiddenSet:
    """The data only the grader reads.

    `inputs` has shape (n, *contract.input.shape); when stored as uint8 for a float32
    contract, the model is given `inputs * input_scale`. `targets` has shape (n,) of
    class numbers, or (n, *contract.output.shape) of values. `baseline` is the divisor of
    the metric `relative_mae`: the error of the best possible or of a named simple model.
    """

    inputs: Array
    targets: Array
    input_scale: float = 1.0
    baseline: float = 1.0

    def write(self, folder: Path) -> None:
        """Write to `folder`, readable by its owner only."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        np.save(folder / "inputs.npy", self.inputs, allow_pickle=False)
        np.save(folder / "targets.npy", self.targets, allow_pickle=False)
        about = {"input_scale": self.input_scale, "baseline": self.baseline}
        (folder / "hidden.json").write_bytes(msgspec.json.encode(about))
        for path in folder.iterdir():
            path.chmod(0o600)

    @classmethod
    def read(cls, folder: Path) -> "HiddenSet":
        """Read what `write` left; arrays are memory-mapped.

        Raises `DataError` when a file is missing or not what `write` makes.
        """
        try:
            about = msgspec.json.decode((folder / "hidden.json").read_bytes())
            return cls(
                inputs=np.load(folder / "inputs.npy", mmap_mode="r", allow_pickle=False),
                targets=np.load(folder / "targets.npy", mmap_mode="r", allow_pickle=False),
                input_scale=float(about["input_scale"]),
                baseline=float(about["baseline"]),
            )
        except (OSError, ValueError, KeyError, msgspec.MsgspecError) as error:
            raise DataError(
                phrase(
                    "The hidden set in {folder} cannot be read: {error}.",
                    folder=folder,
                    error=error,
                )
            ) from error


@dataclass(frozen=True)
class Material:
    """What one seed gives for one task.

    `files` maps a path relative to the category folder (such as "data/train.npz") to its
    bytes. `trivial` maps the name of each predictor that learns nothing (mean, majority,
    last value, …) to its predictions on the hidden set, shaped like a model's output:
    the proof in `authoring.py` marks them.
    """

    files: Mapping[str, bytes]
    hidden: HiddenSet
    trivial: Mapping[str, Array]

    def write(self, category_folder: Path, hidden_folder: Path) -> None:
        """Write the candidate's files and the hidden set, each to its own folder.

        Raises `DataError` when a file name would leave the category folder.
        """
        root = category_folder.resolve()
        for name, content in self.files.items():
            path = (root / name).resolve()
            if not path.is_relative_to(root):
                raise DataError(
                    phrase("A task wants to write outside its folder: {name}.", name=name)
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        self.hidden.write(hidden_folder)
