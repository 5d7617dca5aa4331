"""Grades a case of the corpus in a child's own steps, and compares with its maker's predictions."""

import io
import json
import os
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from engine.grading import wire
from engine.grading.child import process, worker
from engine.grading.protocol import Rejected
from exam_bank.task import Contract, DType, Limits, MarkScheme, OutputSpec, TensorSpec

FOLDER = Path(__file__).parents[1] / "fixtures" / "corpus"
SCHEME = MarkScheme(metric="mae", direction="lower", thresholds=(1.0, 0.1, 0.01, 1e-3, 1e-5))
ONE_IN = 4


class Case(NamedTuple):
    """A saved model, its inputs, and what its maker predicted."""

    name: str
    file: bytes
    inputs: Any
    answers: Any


class Outcome(NamedTuple):
    """What became of a case: the largest difference, or why it was refused."""

    difference: float | None
    reason: str = ""
    says: str = ""
    notes: tuple[str, ...] = ()


def archives() -> list[Path]:
    """One for each version."""
    return sorted(FOLDER.glob("*.tar.xz"))


def version(archive: Path) -> str:
    """The version in an archive's name."""
    return archive.name.removesuffix(".tar.xz")


def cannot(archive: Path) -> dict[str, str]:
    """Cases that this version cannot make, with its own words."""
    found: dict[str, str] = json.loads(_members(archive)["cannot.json"])
    return found


def names(archive: Path) -> list[str]:
    """The cases of a version, each in every form of file that it saves, in the archive's order."""
    return [name for name in _members(archive) if name.endswith((".h5", ".keras"))]


def case(archive: Path, name: str) -> Case:
    """The case `name` of a version."""
    members, stem = _members(archive), name.rpartition(".")[0]
    inputs, answers = (
        np.load(io.BytesIO(members[f"{stem}.{what}.npy"])) for what in ("inputs", "answers")
    )
    return Case(name, members[name], inputs, answers)


def cases(archive: Path) -> Iterator[Case]:
    """All cases of a version."""
    return (case(archive, name) for name in names(archive))


def sample() -> dict[Path, list[str]]:
    """A quarter of all by archive: every case of every fourth version that has it."""
    holders: dict[str, list[Path]] = {}
    for archive in archives():
        for name in names(archive):
            holders.setdefault(name, []).append(archive)
    found: dict[Path, list[str]] = {archive: [] for archive in archives()}
    for at, (name, having) in enumerate(sorted(holders.items())):
        for archive in having[at % ONE_IN :: ONE_IN] or having[:1]:
            found[archive].append(name)
    return found


@cache  # all archives together hold 50 MB
def _members(archive: Path) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    with tarfile.open(archive) as file:
        for member in file:
            content = file.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
    return found


def _contract(case: Case) -> Contract:
    dtype: DType = "int32" if case.inputs.dtype.kind == "i" else "float32"
    return Contract(
        input=TensorSpec(shape=case.inputs.shape[1:], dtype=dtype),
        output=OutputSpec(shape=case.answers.shape[1:], activation="linear"),
    )


def graded(case: Case) -> Outcome:
    """Grade `case` in this process."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        model, inputs = folder / f"mymodel.{case.name.rpartition('.')[2]}", folder / wire.INPUTS
        model.write_bytes(case.file)
        np.save(inputs, case.inputs)
        limits = Limits()
        job = wire.ChildJob(
            model=str(model),
            inputs=str(inputs),
            input_scale=1.0,
            contract=_contract(case),
            mark_scheme=SCHEME,
            limits=limits,
            memory_mb=limits.memory_mb,
            h5_only=False,
        )
        predictions = process.open_predictions(folder)
        try:
            said = worker.grade(job, lambda _: None, predictions)
        finally:
            os.close(predictions)
        if not isinstance(said, wire.Predicted):
            assert not isinstance(said, wire.Tried)
            reason = said.reason if isinstance(said, Rejected) else type(said).__name__
            return Outcome(None, reason, said.message.text())
        found = np.frombuffer((folder / wire.PREDICTIONS).read_bytes(), np.float32)
    difference = np.abs(found.reshape(case.answers.shape) - case.answers)
    largest = float((difference / np.maximum(1, np.abs(case.answers))).max())
    return Outcome(largest, notes=tuple(note.text() for note in said.notes))
