"""What predictors that learn nothing and the straight line get in a task, to set beside a metric.

Their routines need the training data, which no grading sees. So the figures are those of the
task's PROOF.md, the mean over its seeds, but for the few that evidence has for the very hidden
set.
"""

import statistics
from collections.abc import Iterator

from engine import marking
from engine.grading.evidence import Baseline, Evidence
from exam_bank.errors import BankError
from exam_bank.proof import proof_file
from exam_bank.task import MarkScheme, Task

# The best of them: nobody reads twenty.
MOST_TRIVIAL = 4
LINEAR = "linear"


def baselines(
    task: Task | None, scheme: MarkScheme, evidence: Evidence | None
) -> tuple[Baseline, ...]:
    """The best trivial predictors, best first, and then the straight line, if it is known.

    `task` is that of the bank, None if it is gone.
    """
    measured = evidence.measured if evidence else ()
    proved = list(_proved(task, scheme)) if task is not None else []
    known = {each.name for each in measured}
    trivial = [*measured, *(each for each in proved if each.kind != LINEAR)]
    distinct = [each for each in trivial if each in measured or each.name not in known]
    sign = -1 if scheme.direction == "higher" else 1
    best = sorted(distinct, key=lambda each: sign * each.value)[:MOST_TRIVIAL]
    return (*best, *(each for each in proved if each.kind == LINEAR))


def _proved(task: Task, scheme: MarkScheme) -> Iterator[Baseline]:
    """Each once, though a proof has a line for each level."""
    try:
        proof = proof_file.read(task)
    except BankError:
        return
    seen = set()
    for line in proof.lines if proof else ():
        values = line.measured
        if line.kind not in ("trivial", LINEAR) or not values or (line.kind, line.solution) in seen:
            continue
        seen.add((line.kind, line.solution))
        mean = statistics.fmean(values)
        yield Baseline(
            name=line.solution,
            kind=line.kind,
            value=mean,
            score=marking.score(mean, scheme),
            spread=statistics.pstdev(values),
        )
