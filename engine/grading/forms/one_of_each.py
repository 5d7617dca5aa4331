"""One answer for each task, for systems that add up what they get.

Gradescope and Classroom 50 add up tests. Two copies of one model must not count twice, and a task
without a file must not go unseen.
"""

from collections.abc import Iterable, Sequence

import msgspec

from engine.grading.answers import Answer
from exam_bank.task import Level, Task

NO_FILE = "No file was handed in for this task."


def one_of_each(
    answers: Sequence[Answer], tasks: Iterable[Task] = (), level: Level = "classic"
) -> list[Answer]:
    """The answer that counts for each task, as in an exam the best; by category.

    Each of `tasks` without an answer gets a zero that says why. A grading that failed through us
    counts unless another file has full marks: the score may be too low without it.
    """
    of: dict[str, list[Answer]] = {}
    for each in answers:
        of.setdefault(each.task, []).append(each)
    found = [_counted(each) for each in of.values()]
    found += [_missing(each, level) for each in tasks if each.id not in of]
    return sorted(found, key=lambda each: each.category)


def _counted(answers: Sequence[Answer]) -> Answer:
    best = max(answers, key=lambda each: -1 if each.score is None else each.score)
    ours = [each for each in answers if each.score is None]
    if ours and best.score != best.max_score:
        best = ours[0]
    if len(answers) == 1:
        return best
    message = f"{best.message} Of {len(answers)} files for this task, this one counts."
    return msgspec.structs.replace(best, message=message)


def _missing(task: Task, level: Level) -> Answer:
    return Answer(
        file=f"Category{task.category}/mymodel.h5",
        sha256=None,
        task=task.id,
        category=task.category,
        verdict="missing",
        score=0,
        metric=None,
        message=NO_FILE,
        runtime=None,
        seconds=0.0,
        level=level,
    )
