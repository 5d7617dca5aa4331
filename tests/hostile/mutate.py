"""Thousands of damaged files through the grader's own code: `python -m tests.hostile.mutate`.

Honest files saved by both Keras, in HDF5's oldest layout and in its newest, damaged mostly
where their structure is. Each takes the way of a submission: the app's first look, then a
sandboxed child that inspects it and, where inspection has nothing against it, loads it and
predicts. The child may die then; nothing else may. `tfexam lint` looks at each file too, in
a process that tells its processor time. Prints how often what happened; exit status 1 when a
child hung or died in inspection, when a file brought about `grader failed`, when lint died
or took more than two seconds.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from engine.errors import SubmissionRejected
from engine.grading.inspection.file_format import check_file
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Graded,
    GraderFailed,
    Job,
    OutOfMemory,
    Rejected,
    TimedOut,
)
from tests.hostile import honest
from tests.hostile.lint_child import LintChild, LintDiedError
from tests.hostile.long_child import HungError, LongChild
from tests.hostile.mutations import mutated

# A whole grading of these models takes a tenth of a second; a busy machine takes longer.
SECONDS_PER_FILE = 60.0
TELL_EVERY = 500
LINT_SECONDS = 2.0  # of processor time


class Outcome:
    """How often what happened; `faults` says of each fault of ours which file it was."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.deaths: list[str] = []
        self.faults: list[str] = []
        self.slowest = 0.0
        self.slowest_lint = 0.0

    def note_lint(self, lint: LintChild, path: Path) -> None:
        """Let lint look at `path`."""
        try:
            looked = lint.look(path)
        except LintDiedError as died:
            self.faults.append(f"lint died ({died})")
            return
        self.slowest_lint = max(self.slowest_lint, looked.seconds)
        if looked.seconds > LINT_SECONDS:
            self.faults.append(f"lint took {looked.seconds:.1f} s")

    def report(self) -> str:
        lines = [
            f"{self.counts.total()} files, the slowest {self.slowest:.2f} s, "
            f"lint {self.slowest_lint:.3f} s of processor time, {len(self.faults)} faults"
        ]
        lines += [f"{name:16} {count:6}" for name, count in self.counts.most_common()]
        lines += ["reasons of the rejected:"]
        lines += [f"    {name:24} {count:6}" for name, count in self.reasons.most_common()]
        return "\n".join([*lines, *self.deaths, *self.faults])


def run(folder: Path, numbers: Sequence[int], seed: int) -> Outcome:
    """Grade the mutated files `numbers` of `seed`; everything is written below `folder`."""
    job_files = folder / "job_files"
    job_files.mkdir()
    jobs = list(honest.make_in_subprocess(job_files).values())
    paths = [Path(job.model) for job in jobs]
    sources = [path.read_bytes() for path in paths] + list(map(honest.in_newest_layout, paths))
    outcome = Outcome()
    with LongChild(job_files, folder / "child.log") as child, LintChild() as lint:
        for job in jobs:
            _expect_honest(child, job)
        for number in numbers:
            path = job_files / "mymodel.h5"
            path.write_bytes(mutated(sources, seed, number))
            faults = len(outcome.faults)
            outcome.note_lint(lint, path)
            child.ready()
            started = time.monotonic()
            what = what_happens(child, replace(jobs[number % len(jobs)], model=str(path)), outcome)
            outcome.slowest = max(outcome.slowest, time.monotonic() - started)
            outcome.counts[what] += 1
            for place in range(faults, len(outcome.faults)):
                outcome.faults[place] += f" (file {number} of seed {seed})"
            if outcome.counts.total() % TELL_EVERY == 0:
                sys.stderr.write(f"{outcome.counts.total()} {dict(outcome.counts)}\n")
        # Whatever those files did, the next honest one is graded.
        for job in jobs:
            _expect_honest(child, job)
    return outcome


def _expect_honest(child: LongChild, job: Job) -> None:
    grade = child.grade(job, SECONDS_PER_FILE)
    if not isinstance(grade, Graded):
        raise SystemExit(f"{job.model} is honest and was not graded: {grade}")


def what_happens(child: LongChild, job: Job, outcome: Outcome) -> str:
    """Grade `job` as the app would; the word it is counted under."""
    try:
        check_file(Path(job.model), job.limits.model_mb)
    except SubmissionRejected as refused:
        outcome.reasons[refused.reason] += 1
        return "rejected"
    except Exception as error:
        outcome.faults.append(f"the app's own look raised {error!r}")
        return "fault of ours"
    try:
        grade = child.grade(job, SECONDS_PER_FILE)
    except HungError:
        outcome.faults.append("hung")
        return "hung"
    match grade:
        case Graded():
            return "graded"
        case Rejected():
            outcome.reasons[grade.reason] += 1
            return "rejected"
        case Crashed() | OutOfMemory() | TimedOut():
            said = grade.message.text()
            (outcome.faults if "while inspecting" in said else outcome.deaths).append(said)
            return type(grade).__name__.lower()
        case GraderFailed() | Cancelled():
            outcome.faults.append(grade.message.text())
            return "fault of ours"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000, help="how many files")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the number of the first file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-mutate-") as folder:
        numbers = range(options.first, options.first + options.runs)
        outcome = run(Path(folder), numbers, options.seed)
    sys.stdout.write(f"{outcome.report()}\n")
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
