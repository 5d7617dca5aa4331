"""Marks one model of a proof: what a grading child does, in a fork that need not import.

Run by `exam_bank.authoring_fork` as the module of a fork, with the paths of a job and of
its answer. The walls, limits, inspection, loading, predicting and metrics are those of
`worker.py` and `job.py`.
"""

import os
import sys
from pathlib import Path

import msgspec

from engine.grading import sandbox
from engine.grading.job import grade
from engine.grading.protocol import Job


def main(job_file: str, answer_file: str) -> None:
    """Grade the job in `job_file`; the grade goes to `answer_file`."""
    job = msgspec.json.decode(Path(job_file).read_bytes(), type=Job)
    # Opened before the walls stand: behind them nothing can be opened for writing.
    answer = os.open(answer_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    walls = sandbox.enter([Path(job.model).parent, Path(job.hidden)])
    sys.stderr.write(f"sandbox: {walls}\n")
    sandbox.limit(job.limits.seconds, job.limits.memory_mb)
    os.write(answer, msgspec.json.encode(grade(job, lambda _: None)))


if __name__ == "__main__":
    main(*sys.argv[1:])
