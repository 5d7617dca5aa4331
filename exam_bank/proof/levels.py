"""What a proof asks of each kind of solution on each level.

`hard` asks what was asked when there was one mark scheme. On `classic` a graduate of the
course must be able to get full marks, so each course solution has to score 3 or more.
"""

from exam_bank.proof.rows import Bounds
from exam_bank.task import Level, MarkScheme, Task

STARTER, TRIVIAL, REFERENCE = (0, 0), (0, 1), (5, 5)
DECENT, COURSE, ANY = (3, 4), (3, 5), (0, 5)
WEAK_ON_CLASSIC, LINE_ON_CLASSIC, DECENT_ON_CLASSIC = (0, 3), 4, (3, 5)


def proved_levels(task: Task) -> tuple[Level | None, ...]:
    """The levels that a proof of `task` tells apart; only None for one scheme for both."""
    return (None,) if task.says.mark_scheme.thresholds is not None else task.levels


def scheme_of(task: Task, level: Level | None) -> MarkScheme:
    """The mark scheme of one of the `proved_levels`."""
    return task.says.mark_scheme.hardest if level is None else task.marks(level)


def bounds(task: Task, kind: str, solution: str, level: Level | None = None) -> Bounds | None:
    """The lowest and the highest score that a solution of `task` may reach on `level`."""
    says, classic = task.says.proof, level == "classic"
    if kind == "weak":
        return WEAK_ON_CLASSIC if classic else (0, says.weak.get(solution, 0))
    if kind == "linear":
        return 0, max(says.linear, LINE_ON_CLASSIC) if classic else says.linear
    if kind == "course":
        return ANY if level == "hard" else says.course.get(solution, COURSE)
    fixed = {
        "starter": STARTER,
        "trivial": TRIVIAL,
        "decent": DECENT_ON_CLASSIC if classic else DECENT,
        "best": REFERENCE,
        "reference": REFERENCE,
    }
    return fixed.get(kind)
