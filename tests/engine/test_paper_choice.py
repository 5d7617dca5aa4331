"""A new paper for a candidate: data that are here, tasks not seen recently."""

from pathlib import Path

import pytest

from engine.clock import ManualClock
from engine.sitting.store.history import sittings
from engine.sitting.store.layout import lay_out
from engine.sitting.store.paper_choice import fresh_paper, last_exams, store_for
from exam_bank.catalog import Catalog
from exam_bank.paper import from_code
from exam_bank.task import CATEGORIES, LEVELS, Level
from tests.engine.scene import Scene
from tests.engine.sittings import fake_prepare, make_bank, make_settings, make_sitting
from tests.tui.sittings import keep


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    names = {f"{word}-task-{category}": category for word in "ab" for category in CATEGORIES}
    return make_bank(tmp_path / "bank", {f"c-task-{each}": each for each in CATEGORIES} | names)


def test_the_tasks_of_the_last_exam_do_not_come_again(tmp_path: Path, catalog: Catalog) -> None:
    settings, clock = make_settings(tmp_path), ManualClock()
    first = fresh_paper(settings, clock, catalog)
    keep(tmp_path / "home", "first", of=first, clock=clock, ended=True)
    assert last_exams(settings, clock) == [tuple(first.weights)]
    for _ in range(20):
        second = fresh_paper(settings, clock, catalog)
        assert not second.weights.keys() & first.weights.keys()
        assert from_code(catalog, second.code) == second


@pytest.mark.parametrize("level", LEVELS)
async def test_a_pack_of_the_old_form_is_sat_on_both_levels(
    level: Level, tmp_path: Path, catalog: Catalog
) -> None:
    """Its tasks have one table of thresholds, as all had before there were levels."""
    settings, clock = make_settings(tmp_path), ManualClock()
    paper = fresh_paper(settings, clock, catalog, level=level)
    assert from_code(catalog, paper.code) == paper
    folder = await lay_out(
        settings,
        clock,
        paper=paper,
        catalog=catalog,
        kind="exam",
        mode="faithful",
        minutes=300,
        prepare=fake_prepare,
    )
    scene = Scene(folder, settings, clock)
    await scene.started(5)
    first = paper.tasks[0].task
    scene.save("a", first)
    await scene.until_graded(1)
    assert scene.grader.jobs[0].mark_scheme.thresholds == (5, 4, 3, 2, 1)
    await scene.close()
    (summary,) = sittings(settings, clock)
    assert (summary.level, summary.scores[first]) == (level, 5)


async def test_practice_and_what_was_never_begun_do_not_count(
    tmp_path: Path, catalog: Catalog
) -> None:
    settings, clock = make_settings(tmp_path), ManualClock()
    await make_sitting(tmp_path / "practice", clock, settings=settings)
    await make_sitting(tmp_path / "exam", clock, settings=settings, kind="exam")
    assert len(sittings(settings, clock)) == 2
    assert last_exams(settings, clock) == []
    keep(settings.home, "begun", of=fresh_paper(settings, clock, catalog), clock=clock)
    assert len(last_exams(settings, clock)) == 1


def test_a_datasets_folder_in_the_workspace_counts(tmp_path: Path, catalog: Catalog) -> None:
    settings = make_settings(tmp_path)
    found = store_for(settings, catalog, tmp_path / "here")
    assert tmp_path / "here" / "datasets" in found.folders
    assert store_for(settings, catalog, None).folders == ()
