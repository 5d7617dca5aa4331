"""Draws a new paper for this candidate on this machine.

It uses tasks whose data are here and avoids those of recent exams: a task met twice in a
row teaches the task, not the skill.
"""

from pathlib import Path

from engine.clock import Clock
from engine.settings import Settings
from engine.sitting.state.sitting import Phase
from engine.sitting.store.history import sittings
from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Store
from exam_bank.paper import Paper, draw, from_code
from exam_bank.task import Level
from exam_bank.task_choice import with_data, without_recent

# In a workspace: where a candidate may put data sets for the exam laid out there.
DATASETS = "datasets"


def store_for(settings: Settings, catalog: Catalog, workspace: Path | None) -> Store:
    """Where the data sets for a sitting in `workspace` may be."""
    own = () if workspace is None else (workspace / DATASETS,)
    return settings.data_store(catalog.registry, *own)


def fresh_paper(
    settings: Settings,
    clock: Clock,
    catalog: Catalog,
    workspace: Path | None = None,
    *,
    level: Level = "classic",
) -> Paper:
    """A paper on `level`, of tasks whose data are here, unlike the candidate's recent ones.

    Raises `PaperCodeError`, saying what to fetch, when a category has no such task.
    """
    here = with_data(catalog, store_for(settings, catalog, workspace).look(), level)
    choices = without_recent(here, last_exams(settings, clock))
    return draw(catalog, level=level, choices=choices)


def paper_named(
    settings: Settings, catalog: Catalog, code: str, workspace: Path | None = None
) -> Paper:
    """The paper that `code` names, so that two people can sit the same one.

    Raises `PaperCodeError` for an unusable code, and `DataError`, saying what to fetch, when
    data of its tasks are missing.
    """
    paper = from_code(catalog, code)
    sources = (catalog.task(each.task).says.source for each in paper.tasks)
    store_for(settings, catalog, workspace).of_sources(sources)
    return paper


def last_exams(settings: Settings, clock: Clock) -> list[tuple[str, ...]]:
    """The task ids of each exam that was started, newest first."""
    return [
        each.tasks
        for each in sittings(settings, clock)
        if each.kind == "exam" and each.phase is not Phase.PREPARED
    ]
