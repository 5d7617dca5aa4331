"""A process that says which tasks' contracts a model file fits; it reads the file in the sandbox.

Run as `python -P -m engine.grading.child.contract_fit FOLDER`: it shuts itself in, reads one
`FitQuestion` and answers with one `FitAnswer`. It imports no TensorFlow and loads nothing.
"""

import sys
from pathlib import Path

import msgspec

from engine.errors import SubmissionRejected
from engine.grading import sandbox, wire
from engine.grading.child import process
from engine.grading.inspection.model_file import inspect
from exam_bank.platform import processes

_MEMORY_MB = 1_000.0
_SECONDS = 60.0


def main(folder: Path) -> None:
    """Answer one question."""
    processes.die_with_parent()
    processes.step_back()
    sandbox.enter([folder])
    if line := process.read_line():
        sandbox.limit(_SECONDS, _MEMORY_MB)
        question = msgspec.json.decode(line, type=wire.FitQuestion)
        process.write_all(1, wire.write(fitting(question)))


def fitting(question: wire.FitQuestion) -> wire.FitAnswer:
    """The tasks whose contract the model fits."""
    found = []
    for each in question.tasks:
        try:
            inspect(Path(question.model), each.contract, each.limits, h5_only=question.h5_only)
        except SubmissionRejected:
            continue
        found.append(each.task)
    return wire.FitAnswer(tuple(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
