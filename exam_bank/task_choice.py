"""Which tasks a fresh paper may use: those whose data are here and that did not come up lately.

The choice narrows the draw but not the meaning of a code: numbers are drawn until all tasks
that follow from one are allowed (`paper.draw`), so whoever types the code gets the same
tasks, whatever data and history they have.
"""

from collections.abc import Iterable, Mapping, Sequence

from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Inventory
from exam_bank.errors import PaperCodeError
from exam_bank.phrase import phrase
from exam_bank.task import CATEGORIES, Task

# The tasks of this many recent papers are avoided, as long as two are left to choose from.
PAPERS = 3
_CHOICE = 2

Choices = Mapping[int, frozenset[str]]


def with_data(catalog: Catalog, inventory: Inventory) -> Choices:
    """The tasks of each category whose data are here, without drafts.

    Raises `PaperCodeError`, saying what to fetch, for a category without any.
    """
    found = {}
    for category in CATEGORIES:
        tasks = catalog.of(category)
        whole = [task for task in tasks if not task.says.draft]
        found[category] = frozenset(
            task.id for task in whole if inventory.is_here(task.says.source)
        )
        if not found[category]:
            raise _without(category, tasks)
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


def _without(category: int, tasks: Sequence[Task]) -> PaperCodeError:
    if not tasks:
        return PaperCodeError(
            phrase("The bank has no task of category {category}.", category=category)
        )
    sources = " ".join(sorted({task.says.source for task in tasks}))
    return PaperCodeError(
        phrase("No task in category {category} has its data on this machine.", category=category),
        fix=phrase("Fetch some first: tfexam data fetch {sources}", sources=sources),
    )
