"""What a run of a class was made with: `class.json` beside its results.

Scores compare only within one paper, one bank and one limit, so a run that goes on in a folder
must be the same as the one that began there; `differences` says what is not.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from engine.grading.protocol import Device
from exam_bank.phrase import phrase
from exam_bank.task import Level


class ClassTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task of the class; `material` is the digest of what makes its data, in hex."""

    task: str
    category: int
    seed: int
    level: Level
    weight: float
    material: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one run. `code` is empty for single tasks; `bank` is a digest, in hex."""

    format_version: Literal[1] = 1
    tfexam_version: str
    code: str
    bank: str
    tasks: tuple[ClassTask, ...]
    device: Device = "cpu"
    limit_seconds: float | None = None
    h5_only: bool = False

    @property
    def weights(self) -> dict[str, float]:
        """Each task's weight, as in a paper."""
        return {each.task: each.weight for each in self.tasks}


def differences(was: RunRecord, now: RunRecord) -> Iterator[str]:
    """A sentence for each thing that makes scores of the two incomparable."""
    for name, label in _LABELS.items():
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            yield phrase(
                "{what} was {before} and is {after}",
                what=label,
                before=_shown(before),
                after=_shown(after),
            )


_LABELS = {
    "code": phrase("the code"),
    "tasks": phrase("the tasks with their seeds, levels or data"),
    "bank": phrase("the task bank"),
    "limit_seconds": phrase("the limit in seconds"),
    "device": phrase("the device"),
    "h5_only": phrase("whether only .h5 files count"),
    "tfexam_version": phrase("the version of tfexam"),
}


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{each.task}/{each.seed}/{each.level}" for each in value)
    if isinstance(value, str) and len(value) == 64:
        return value[:12]
    return phrase("nothing") if value in ("", None) else str(value)
