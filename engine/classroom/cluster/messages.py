"""What passes between a run and the workers of a cluster: one request and one answer a file.

Both travel as JSON in plain bytes, so neither side unpickles anything of the other's but the
name of the function that it calls.
"""

from importlib import metadata
from typing import Self

import msgspec

from engine.grading.host.file_grader import FileToGrade
from engine.grading.protocol import Device, Grade
from exam_bank.datasets.registry import Registry
from exam_bank.identity import of_material
from exam_bank.paper import Part
from exam_bank.task import Level, Limits, Task


class WorkerBank(msgspec.Struct, frozen=True, kw_only=True):
    """What must be equal for a worker to give the same grade: tfexam, and the task's own digest.

    `material` is in hex.
    """

    version: str
    material: str

    @classmethod
    def of(cls, task: Task, registry: Registry) -> Self:
        """That of `task` on this machine."""
        return cls(version=metadata.version("tfexam"), material=of_material(task, registry).hex())


class FileRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Grade the file at `path` for a task; without `sha256` whatever its bytes are.

    `limits` are the task's own or narrower; `share` is how many workers share the memory of one
    machine.
    """

    path: str
    sha256: str
    task: str
    seed: int
    level: Level | None
    part: Part
    secret: str
    origin: WorkerBank
    limits: Limits
    h5_only: bool
    device: Device
    share: int = 1

    @classmethod
    def of(cls, file: FileToGrade, origin: WorkerBank, *, h5_only: bool, device: Device) -> Self:
        """The request for `file`."""
        return cls(
            path=str(file.path.absolute()),
            sha256=file.sha256,
            task=file.task.id,
            seed=file.seed,
            level=file.level,
            part=file.part,
            secret=file.secret,
            origin=origin,
            limits=file.task.says.limits,
            h5_only=h5_only,
            device=device,
        )

    @property
    def key(self) -> str:
        """The same for the same grading, wherever it is asked for."""
        of_bytes = self.sha256 or self.path
        parts = (of_bytes, self.task, self.seed, self.part, self.origin.material[:16])
        return "grade-" + "-".join(map(str, parts))


class FileGraded(msgspec.Struct, frozen=True, tag="graded"):
    """The grade of the bytes with that `sha256`."""

    sha256: str
    grade: Grade


class BytesNeeded(msgspec.Struct, frozen=True, tag="bytes_needed"):
    """The worker does not have those bytes at that path: send them."""


class OtherBank(msgspec.Struct, frozen=True, tag="other_bank"):
    """The worker's tfexam or bank is another one by now, so it does not grade."""


Answered = FileGraded | BytesNeeded | OtherBank

_request = msgspec.json.Decoder(FileRequest)
_answered = msgspec.json.Decoder(Answered)
_origins = msgspec.json.Decoder(list[WorkerBank | None])


def read_request(content: bytes) -> FileRequest:
    """The request in `content`; raises `msgspec.MsgspecError`."""
    return _request.decode(content)


def read_origins(content: bytes) -> list[WorkerBank | None]:
    """What `worker.origins` found; raises `msgspec.MsgspecError`."""
    return _origins.decode(content)


def read_answer(content: bytes) -> Answered:
    """The answer in `content`; raises `msgspec.MsgspecError`."""
    answered: Answered = _answered.decode(content)
    return answered
