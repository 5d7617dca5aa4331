"""What a run of a class was made with: `class.json` beside its results.

Scores compare only within one paper, one bank and one limit, so a run that goes on in a folder
must be the same as the one that began there; `differences` says what is not.
"""

from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Literal

import msgspec

from engine.grading.protocol import Device
from exam_bank.catalog import Catalog
from exam_bank.identity import of_bank, of_material
from exam_bank.paper import Paper, Part
from exam_bank.phrase import phrase
from exam_bank.task import Level, Task


class ClassTask(msgspec.Struct, frozen=True, kw_only=True):
    """One task of the class; `material` is the digest of what makes its data, in hex."""

    task: str
    category: int
    seed: int
    level: Level
    weight: float
    material: str


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one run. `code` is empty for single tasks; `bank` is a digest, in hex.

    `part` is the hidden set that measures; the second is that of the secret with this digest.
    """

    format_version: Literal[1] = 1
    tfexam_version: str
    code: str
    bank: str
    tasks: tuple[ClassTask, ...]
    device: Device = "cpu"
    limit_seconds: float | None = None
    limit_mb: float | None = None
    h5_only: bool = False
    part: Part = "whole"
    secret_sha256: str = ""

    @property
    def level(self) -> Level:
        """The level of all its tasks."""
        return self.tasks[0].level

    @property
    def weights(self) -> dict[str, float]:
        """Each task's weight, as in a paper."""
        return {each.task: each.weight for each in self.tasks}


def record_of(
    paper: Paper,
    catalog: Catalog,
    *,
    device: Device = "cpu",
    limit_seconds: float | None = None,
    limit_mb: float | None = None,
    h5_only: bool = False,
    part: Part = "whole",
    secret_sha256: str = "",
) -> RunRecord:
    """What a run over the tasks of `paper` is made with; `paper` has no code for single tasks."""
    tasks = [
        ClassTask(
            task=each.task,
            category=each.category,
            seed=each.seed,
            level=paper.level,
            weight=each.weight,
            material=of_material(catalog.task(each.task), catalog.registry).hex(),
        )
        for each in paper.tasks
    ]
    return RunRecord(
        tfexam_version=metadata.version("tfexam"),
        code=paper.code,
        bank=of_bank(catalog).hex(),
        tasks=tuple(tasks),
        device=device,
        limit_seconds=limit_seconds,
        limit_mb=limit_mb,
        h5_only=h5_only,
        part=part,
        secret_sha256=secret_sha256,
    )


def tasks_of(run: RunRecord, tasks: Mapping[str, Task]) -> dict[str, Task]:
    """The tasks of `run` by id, each with the run's limits where these are below its own."""
    return {each.task: _limited(tasks[each.task], run) for each in run.tasks}


def _limited(task: Task, run: RunRecord) -> Task:
    limits = task.says.limits
    seconds = min(limits.seconds, run.limit_seconds or limits.seconds)
    megabytes = min(limits.memory_mb, run.limit_mb or limits.memory_mb)
    lower = msgspec.structs.replace(limits, seconds=seconds, memory_mb=megabytes)
    says = msgspec.structs.replace(task.says, limits=lower)
    return msgspec.structs.replace(task, says=says)


def differences(was: RunRecord, now: RunRecord) -> Iterator[str]:
    """A sentence for each thing that makes scores of the two incomparable."""
    for name, label in _LABELS.items():
        before, after = getattr(was, name), getattr(now, name)
        is_told = name == "tasks" and was.code != now.code
        if before != after and not is_told:
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
    "limit_mb": phrase("the limit in megabytes"),
    "device": phrase("the device"),
    "part": phrase("the hidden set"),
    "secret_sha256": phrase("the secret"),
    "h5_only": phrase("whether only .h5 files count"),
    "tfexam_version": phrase("the version of tfexam"),
}


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(f"{each.task}/{each.seed}/{each.level}" for each in value)
    if isinstance(value, str):
        return _shown_text(value)
    if isinstance(value, bool):
        return phrase("yes") if value else phrase("no")
    return phrase("nothing") if value is None else str(value)


def _shown_text(value: str) -> str:
    is_digest = len(value) == 64
    return value[:12] if is_digest else value or phrase("nothing")
