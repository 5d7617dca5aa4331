"""The process that compares weights: reads the files, answers with the pairs that are alike.

Run as `python -P -m engine.grading.weights.weights_main` by
`classroom/comparison/same_work.py`. It reads one request from stdin, then shuts itself in: the
files are strangers' data. Each line that it writes is one answer.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import msgspec

from engine.errors import SubmissionRejected
from engine.grading import sandbox
from engine.grading.weights.likeness import alike
from engine.grading.weights.reader import read_tensors
from engine.grading.weights.sketch import Sketch, sketch
from engine.grading.weights.wire import (
    Compared,
    CompareWeights,
    WeightFile,
    WeightsAnswer,
    WeightsRead,
)
from exam_bank.platform import processes

# Of processor time, for each file; and memory for the largest file and all sketches.
_SECONDS, _MEGABYTES, _SKETCH_MB = 20.0, 2_000.0, 0.2


def main() -> None:
    """Answer the one request on stdin."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    processes.die_with_parent()
    asked = msgspec.json.decode(sys.stdin.buffer.readline(), type=CompareWeights)
    sandbox.enter([Path(each.path).resolve() for each in asked.files])
    count = len(asked.files)
    sandbox.limit(60 + _SECONDS * count, _MEGABYTES + _SKETCH_MB * count)
    for answer in compare(asked.files):
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()


def compare(files: tuple[WeightFile, ...]) -> Iterator[WeightsAnswer]:
    """Read `files`, then tell which are alike."""
    of_task: dict[str, dict[int, Sketch]] = defaultdict(dict)
    unread = 0
    for number, each in enumerate(files):
        found = _sketched(each)
        if found is None:
            unread += 1
        else:
            of_task[each.task][number] = found
        yield WeightsRead(number + 1)

    def may_pair(one: int, other: int) -> bool:
        """Whether two people are involved: one's own attempts are alike as a rule."""
        return len({*files[one].owners, *files[other].owners}) > 1

    for sketches in of_task.values():
        yield from alike(sketches, may_pair)
    yield Compared(len(files) - unread, unread)


def _sketched(file: WeightFile) -> Sketch | None:
    try:
        return sketch(read_tensors(Path(file.path), file.limit_mb))
    except (SubmissionRejected, OSError, MemoryError, ValueError):
        return None  # its row says why


if __name__ == "__main__":
    main()
