"""The candidate's files as training pairs, in the shape of the contract.

A `Material` holds the files as bytes, and each task has its own layout. A formula must not
know more about a task than a candidate does, so the pairs come from these files and not from
the author. What only the brief says (how classes are numbered, whether a series is scaled,
which part of the future is asked for) is decided by the reading that suits the hidden set
best: that may help a formula a little, but never hurts it.
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from exam_bank.material import Array, Material
from exam_bank.proof.formulas import pictures, tables, texts
from exam_bank.proof.formulas.kinds import TaskKind, kind_of
from exam_bank.task import Axis, Contract, Task


@dataclass(frozen=True)
class Pairs:
    """Inputs (n, …) and their targets: values, or class numbers (n,).

    `named` says that the classes were numbered by the alphabet, which need not be the task's
    numbering.
    """

    inputs: Array
    targets: Array
    named: bool = False


def read(task: Task, material: Material) -> list[Pairs]:
    """Every reading of the candidate's files as pairs; none if their form is unknown."""
    found = _arrays(task.says.contract, material.files)
    if found is not None:
        return [found]
    reader = _READERS.get(kind_of(task))
    return [] if reader is None else reader(material)


def asked(pairs: Pairs, material: Material) -> Array:
    """The hidden inputs in the units of `pairs`."""
    hidden = material.hidden
    if hidden.inputs.dtype == np.uint8 and pairs.inputs.dtype != np.uint8:
        return np.asarray(hidden.inputs * np.float32(hidden.input_scale))
    return hidden.inputs


def _arrays(contract: Contract, files: Mapping[str, bytes]) -> Pairs | None:
    """The pairs in a file of arrays, if one has the shape of the contract's input."""
    for name, content in files.items():
        if not name.endswith(".npz"):
            continue
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            held = {key: np.asarray(file[key]) for key in file.files}
        for key, inputs in held.items():
            others = [each for other, each in held.items() if other != key]
            targets = [each for each in others if each.ndim and len(each) == len(inputs)]
            if _fits(inputs.shape[1:], contract.input.shape) and len(targets) == 1:
                return Pairs(inputs, targets[0])
    return None


def _fits(shape: tuple[int, ...], wanted: tuple[Axis, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        axis in ("any", size) for size, axis in zip(shape, wanted, strict=True)
    )


def _table(material: Material) -> list[Pairs]:
    found = tables.rows(material.files, material.hidden.inputs)
    if found is None:
        return []
    inputs, answers = found
    if answers.dtype.kind != "U":
        return [Pairs(inputs, answers)]
    _, numbers = np.unique(answers, return_inverse=True)
    return [Pairs(inputs, numbers, named=True)]


def _series(material: Material) -> list[Pairs]:
    hidden = material.hidden
    return [Pairs(*each) for each in tables.windows(material.files, hidden.inputs, hidden.targets)]


def _pictures(material: Material) -> list[Pairs]:
    found = pictures.labelled(material.files, material.hidden.inputs.shape[1:])
    return [] if found is None else [Pairs(*found, named=True)]


def _texts(material: Material) -> list[Pairs]:
    found = texts.labelled(material.files)
    return [] if found is None else [Pairs(*found)]


_READERS: Mapping[TaskKind, Callable[[Material], list[Pairs]]] = {
    "table": _table,
    "classes": _table,
    "series": _series,
    "pictures": _pictures,
    "text": _texts,
}
