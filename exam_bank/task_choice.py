"""Which tasks a fresh paper may use: proved ones whose data are here, not those of late.

The choice narrows the draw but not the meaning of a code: numbers are drawn until all tasks
that follow from one are allowed (`paper.draw`), so whoever types the code gets the same
tasks, whatever data and history they have.
"""

from collections.abc import Iterable, Mapping, Sequence

from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Inventory
from exam_bank.errors import PaperCodeError
from exam_bank.paper import none_of
from exam_bank.phrase import phrase
from exam_bank.task import CATEGORIES, Level, Task

# The tasks of this many recent papers are avoided, as long as two are left to choose from.
PAPERS = 3
_CHOICE = 2

Choices = Mapping[int, frozenset[str]]


def is_drawn(task: Task) -> bool:
    """Whether fresh papers may have `task`: a draft needs a proof that holds on this machine."""
    if not task.says.draft:
        return True
    from exam_bank.proof.proof_file import state  # only drafts need it

    return state(task) == "proved"


def candidates(catalog: Catalog, level: Level) -> list[Task]:
    """The tasks that a fresh paper on `level` is drawn from, if their data are here."""
    return [task for task in catalog.tasks if level in task.levels and is_drawn(task)]


def with_data(catalog: Catalog, inventory: Inventory, level: Level) -> Choices:
    """The tasks of each category that serve `level` and whose data are here, without drafts.

    Raises `PaperCodeError`, saying what to fetch, for a category without any.
    """
    whole = candidates(catalog, level)
    found = {}
    for category in CATEGORIES:
        tasks = [task for task in whole if task.category == category]
        found[category] = frozenset(
            task.id for task in tasks if inventory.is_here(task.says.source)
        )
        if not found[category]:
            raise _without(category, level, tasks)
    return found


def without_recent(choices: Choices, papers: Iterable[Sequence[str]]) -> Choices:
    """`choices` without the tasks of the last `papers` (ids, newest first).

    If that leaves a category with fewer than two tasks, those of its older papers stay in.
    """
    left = {category: set(tasks) for category, tasks in choices.items()}
    for _, paper in zip(range(PAPERS), papers, strict=False):
        for tasks in left.values():
            used = tasks.intersection(paper)
            if len(tasks) - len(used) >= _CHOICE:
                tasks -= used
    return {category: frozenset(tasks) for category, tasks in left.items()}


def absent(catalog: Catalog, inventory: Inventory) -> list[Task]:
    """The tasks that cannot be drawn because their data are not here."""
    return [task for task in catalog.tasks if not inventory.is_here(task.says.source)]


def _without(category: int, level: Level, tasks: Sequence[Task]) -> PaperCodeError:
    if not tasks:
        return none_of(category, level)
    sources = " ".join(sorted({task.says.source for task in tasks}))
    return PaperCodeError(
        phrase("No task in category {category} has its data on this machine.", category=category),
        fix=phrase("Fetch some first: tfexam data fetch {sources}", sources=sources),
    )
