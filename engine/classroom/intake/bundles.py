"""Reads the models of one bundle of `tfexam export`: each knows its task by itself.

Nothing that a bundle claims is believed: its models are graded like all others. Whether its
history holds is a matter of `tfexam verify`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from engine.classroom.intake.unpacked import Unpacked
from engine.classroom.intake.zips import Fault
from engine.classroom.run_record import RunRecord
from engine.errors import TfexamError
from engine.grading.protocol import Message
from engine.sitting.state.sitting import Sitting
from engine.sitting.store.history import past
from engine.sitting.store.record import submission_file
from engine.verification.bundle import unpack
from exam_bank.paper import Paper


class BundledModel(NamedTuple):
    """One model of a bundle: the task it was submitted for, and its kept copy."""

    task: str
    sha256: str
    path: Path


def models_of(bundle: Path, run: RunRecord, unpacked: Unpacked) -> list[BundledModel] | Fault:
    """Every model that `bundle` holds, or why it is not graded in `run`; raises `OSError`."""
    with tempfile.TemporaryDirectory(prefix="tfexam-bundle-") as made:
        folder = Path(made)
        try:
            unpack(bundle, folder)
            sitting = past(folder)
        except TfexamError:  # its text names the file, and so a person
            says = Message("It is no bundle that this tfexam can read.")
            return Fault("damaged_bundle", says)
        if not _same_tasks(sitting.record.paper, run):
            says = Message("It is a bundle of another paper than the one that is graded.")
            return Fault("other_paper", says)
        return list(_kept(folder, sitting, unpacked))


def _same_tasks(paper: Paper, run: RunRecord) -> bool:
    """Whether the sitting had the tasks of the run with their seeds, so that scores compare."""
    if run.code:
        return paper.code == run.code
    drawn = {(each.task, each.seed) for each in paper.tasks}
    return bool(drawn & {(each.task, each.seed) for each in run.tasks})


def _kept(folder: Path, sitting: Sitting, unpacked: Unpacked) -> Iterator[BundledModel]:
    seen = set()
    for each in sitting.submissions:
        source = submission_file(folder, each.sha256)
        if (each.task, each.sha256) in seen or not source.is_file():
            continue  # with --only-winners the others are not in it
        seen.add((each.task, each.sha256))
        with source.open("rb") as content:
            sha256, path = unpacked.keep(content, source.suffix, source.stat().st_size)
        yield BundledModel(each.task, sha256, path)
