"""How much memory a grading may take of this machine: the task's limit, or what is free.

A task may allow 6 GB and the laptop have 2 GB left: then the model gets what is free but
the last gigabyte, and a model that wants more is told so at no cost. The task's own limit
stays what a file is held against.
"""

from engine.grading.protocol import Grade, GraderFailed, Job, OutOfMemory, failed
from exam_bank.phrase import phrase
from exam_bank.platform import kernel

# Left to everything else that runs.
RESERVE_MB = 1_000
# What TensorFlow holds with a small model; with less there is no grading at all.
NEEDED_MB = 700


def free_mb() -> float:
    """Megabytes that can be had now: the machine's, or the container's where it has fewer."""
    used, total = kernel.memory()
    return (total - used) / 1e6


def share_of(job: Job, held: int, graders: int = 1) -> Job | GraderFailed:
    """`job` with what the machine can give it, where that is less than its limit.

    `held` are the bytes that its child has already; `graders` of them share what is free.
    """
    free = free_mb()
    given = held / 1e6 + max(0.0, free - RESERVE_MB) / graders
    if given < min(NEEDED_MB, job.limits.memory_mb):
        return failed(
            phrase(
                "This machine has only {free} MB of free memory. Grading needs {needed} MB, "
                "and {reserve} MB are kept for everything else: close other programs.",
                free=round(free),
                needed=NEEDED_MB,
                reserve=RESERVE_MB,
            )
        )
    return job.on_machine(given)


def blamed(grade: Grade, job: Job) -> Grade:
    """`grade`, unless the machine had less memory than the task allows: then it is our fault."""
    if not isinstance(grade, OutOfMemory) or job.memory_mb >= job.limits.memory_mb:
        return grade
    return failed(
        phrase(
            "This machine has only {given} MB of memory for grading, less than this "
            "task's {memory} MB, and the model needed more: close other programs and "
            "grade it again.",
            given=round(job.memory_mb),
            memory=round(job.limits.memory_mb),
        )
    )
