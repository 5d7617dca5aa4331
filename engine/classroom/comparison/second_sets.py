"""Makes a paper's second hidden sets once, and throws them away.

An instructor must know before the exam, not after it, whether every task has a second set and
its data are here.
"""

import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.pack_trust import trusted
from engine.settings import Settings
from engine.sitting.store.paper_choice import store_for
from exam_bank.catalog import Catalog
from exam_bank.datasets.registry import SYNTHETIC
from exam_bank.paper import Paper
from exam_bank.preparation import Order, Step, prepare
from exam_bank.task import ERRORS, Task


async def try_second_sets(
    catalog: Catalog,
    settings: Settings,
    paper: Paper,
    secret: str,
    on_step: Callable[[Step], None] = lambda _: None,
) -> None:
    """Make each second hidden set of `paper`; `secret` is in hex.

    Raises `DataError`, naming the task, for one that cannot be made.
    """
    drawn = trusted([catalog.task(each.task) for each in paper.tasks], settings)
    tasks = {each.id: each for each in drawn}
    data = store_for(settings, catalog, None).of_sources(each.says.source for each in drawn)
    with tempfile.TemporaryDirectory(prefix="tfexam-class-paper-") as folder:
        orders = [
            Order(
                task=each.task,
                folder=str(tasks[each.task].folder),
                seed=each.seed,
                hidden=str(Path(folder) / each.task),
                dataset=data[tasks[each.task].says.source],
                part="second",
                secret=secret,
            )
            for each in paper.tasks
        ]
        await prepare(orders, on_step)


def cut_in_time(tasks: Iterable[Task]) -> set[str]:
    """Those of a real series: its two hidden sets are other times (`exam_bank/second/cut.py`)."""
    return {
        each.id
        for each in tasks
        if each.says.source != SYNTHETIC
        and each.says.mark_scheme.metric in ERRORS
        and len(each.says.contract.input.shape) == 2
    }


def of_public_data(catalog: Catalog, paper: Paper) -> list[str]:
    """The tasks of `paper` with real data: their second set is withheld, but is no secret."""
    tasks = [catalog.task(each.task) for each in paper.tasks]
    return [each.id for each in tasks if each.says.source in catalog.registry.sets]
