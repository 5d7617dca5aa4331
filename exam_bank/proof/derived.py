"""The lines of a proof that follow from its other lines and from the thresholds.

They ask that there is no cliff and that a graduate can get full marks, which no single
solution can tell. They are worked out whenever a proof is made or marked anew.
"""

import statistics
from collections.abc import Iterable, Sequence

from exam_bank.proof.confidence import held
from exam_bank.proof.levels import proved_levels
from exam_bank.proof.rows import DERIVED, Line, place, within
from exam_bank.task import ERRORS, Task

# Of the error at 3/5, the share that may be left at 5/5.
LEAST_LEFT = 0.5
FULL = (5, 5)


def with_derived(task: Task, lines: Iterable[Line]) -> tuple[Line, ...]:
    """`lines` and what follows from them; nothing does for one scheme for both levels."""
    tried = [line for line in lines if line.kind not in DERIVED]
    if None in proved_levels(task):
        return tuple(tried)
    found = [*tried, *_step_to_reference(task, tried)]
    if "classic" in task.levels:
        found += [_left(task), *_best_of_course(tried)]
    return tuple(sorted(found, key=place))


def _left(task: Task) -> Line:
    """The share of the error at 3/5 that may be left at 5/5."""
    scheme = task.marks("classic")
    errors = [each if scheme.metric in ERRORS else 1 - each for each in scheme.thresholds]
    left = errors[4] / errors[2] if errors[2] > 0 else 1.0
    name = "error left from 3 to 5"
    return Line(
        kind="step",
        solution=name,
        level="classic",
        ok=left >= LEAST_LEFT - 1e-9,
        values=(left,),
    )


def _best_of_course(lines: Sequence[Line]) -> list[Line]:
    """On classic: the best of the course solutions, seed by seed."""
    course = [line for line in lines if line.kind == "course" and line.level == "classic"]
    if not course:
        return []
    seeds = zip(*(line.scores for line in course), strict=False)
    best = tuple(max((each for each in seed if each is not None), default=None) for seed in seeds)
    return [
        Line(
            kind="best",
            solution=f"of {len(course)} course solutions",
            level="classic",
            ok=held("best", [within(each, FULL) for each in best]),
            bounds=FULL,
            scores=best,
        )
    ]


def _step_to_reference(task: Task, lines: Sequence[Line]) -> list[Line]:
    """How much better the reference is than the decent solution, seed by seed.

    Of several solutions, the two that are closest count.
    """
    level = task.levels[-1]
    steps = [
        Line(
            kind="step",
            solution=f"{decent.solution} to {reference.solution}",
            ok=statistics.fmean(found) > statistics.stdev(found),
            values=tuple(found),
        )
        for decent in lines
        for reference in lines
        if (decent.kind, decent.level) == ("decent", level)
        and (reference.kind, reference.level) == ("reference", level)
        if len(found := _apart(task, decent, reference)) > 1
    ]
    return sorted(steps, key=lambda step: statistics.fmean(step.measured))[:1]


def _apart(task: Task, decent: Line, reference: Line) -> list[float]:
    """The differences of their values; above 0 where the reference is better."""
    sign = 1 if task.says.mark_scheme.direction == "higher" else -1
    pairs = zip(decent.values, reference.values, strict=False)
    return [sign * (best - good) for good, best in pairs if best is not None and good is not None]
