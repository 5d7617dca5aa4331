"""Prints what the grader says of each case of each version: `python -m tests.corpus.table`.

All of them take ten minutes; the test suite tries a quarter. What is not as `expected.py` says is
marked, and the exit status is then 1.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from engine.grading.child import worker
from tests.corpus import expected
from tests.corpus.check import archives, cannot, cases, graded, version


def main(paths: list[Path]) -> int:
    """One line for each file; returns how many are not as expected."""
    wrong = 0
    worker.import_tensorflow()  # as a child does: threads that sleep while idle
    worker.import_the_other_keras()
    for archive in paths or archives():
        for case in cases(archive):
            found = graded(case)
            outcome = f"{found.reason}: {found.says}"
            if found.difference is not None:
                outcome = f"graded, {found.difference:.1e} {' '.join(found.notes)}"
            if not expected.is_right(version(archive), case.name, found):
                wrong += 1
                outcome += "  NOT AS EXPECTED"
            print(f"{version(archive):20} {case.name:40} {outcome}", flush=True)
        for name, why in cannot(archive).items():
            print(f"{version(archive):20} {name:40} cannot be made: {why}", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main([Path(each) for each in sys.argv[1:]]) > 0)
