"""Makes the `Job` for one submission of a sitting, as grading, evidence and diagnosis need it."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine.grading.protocol import Device, Draw, Job
from engine.grading.sampling import draw_for
from engine.sitting.state.sitting import SittingRecord, Submission
from engine.sitting.store.evidence_files import evidence_file
from engine.sitting.store.record import hidden_folder, submission_file
from exam_bank.task import Task


class Jobs(NamedTuple):
    """The jobs of the sitting in `folder`, whose `tasks` are its own copies."""

    folder: Path
    record: SittingRecord
    tasks: Mapping[str, Task]
    device: Device
    h5_only: bool

    def of(self, submission: Submission, attempt: int, *, with_evidence: bool) -> Job:
        """The job for `submission`, the `attempt`-th model of its task."""
        evidence = evidence_file(self.folder, submission.sha256, submission.task)
        return Job.of(
            self.tasks[submission.task],
            submission_file(self.folder, submission.sha256),
            hidden_folder(self.folder, submission.task),
            submission=str(submission.number),
            level=self.record.paper.level,
            draw=self._draw(submission.task, attempt),
            device=self.device,
            h5_only=self.h5_only,
            evidence=evidence if with_evidence else None,
        )

    def _draw(self, task: str, attempt: int) -> Draw | None:
        record = self.record
        if record.sampling == "whole":
            return None
        seed = next(each.seed for each in record.paper.tasks if each.task == task)
        return draw_for(seed, record.id, task, attempt)
