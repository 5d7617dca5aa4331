"""What a fresh paper may be drawn from: data that are here, not the last papers again."""

from pathlib import Path

import msgspec
import pytest

from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Inventory
from exam_bank.errors import PaperCodeError
from exam_bank.task import LEVELS, Task
from exam_bank.task_choice import absent, candidates, with_data, without_recent
from tests.exam_bank.test_datasets import NUMBERS, SETS, place, store
from tests.exam_bank.test_paper import BANK, ONLY_HARD, task


def of_set(name: str, category: int, source: str) -> Task:
    made = task(name, category)
    return msgspec.structs.replace(made, says=msgspec.structs.replace(made.says, source=source))


def bank(*without: int) -> Catalog:
    """Three synthetic tasks a category and two of data sets, some categories without the former."""
    tasks = [each for each in BANK.tasks if each.category not in without]
    tasks += [of_set("numbers", 2, "numbers"), of_set("tables", 3, "tables")]
    return Catalog(tuple(sorted(tasks, key=lambda each: (each.category, each.id))), SETS)


def nothing_here(tmp_path: Path) -> Inventory:
    return store(tmp_path).look()


def test_tasks_without_their_data_are_left_out(tmp_path: Path) -> None:
    place(tmp_path, "n", NUMBERS)
    inventory = store(tmp_path).look()
    choices = with_data(bank(), inventory, "classic")
    assert choices[2] == {"a-2", "b-2", "c-2", "numbers"}
    assert choices[3] == {"a-3", "b-3", "c-3"}
    assert [each.id for each in absent(bank(), inventory)] == ["tables"]


def test_no_fresh_paper_is_drawn_from_a_draft(tmp_path: Path) -> None:
    tasks = list(bank().tasks)
    first = next(place for place, each in enumerate(tasks) if each.category == 2)
    draft = msgspec.structs.replace(tasks[first].says, draft=True)
    tasks[first] = msgspec.structs.replace(tasks[first], says=draft)
    choices = with_data(Catalog(tuple(tasks), SETS), nothing_here(tmp_path), "classic")
    assert tasks[first].id not in choices[2]
    assert choices[2]


def test_only_tasks_that_serve_the_level_can_be_drawn(tmp_path: Path) -> None:
    only = [task(f"only-{level}", 2, ONLY_HARD.replace("hard", level)) for level in LEVELS]
    catalog = Catalog((*bank().tasks, *only), SETS)
    for level, other in (LEVELS, LEVELS[::-1]):
        found = with_data(catalog, nothing_here(tmp_path), level)
        assert f"only-{level}" in found[2]
        assert f"only-{other}" not in found[2]
        assert f"only-{other}" not in {each.id for each in candidates(catalog, level)}


def test_a_category_without_any_on_the_level_is_told(tmp_path: Path) -> None:
    tasks = [each for each in bank().tasks if each.category != 4]
    catalog = Catalog((*tasks, task("a-4", 4, ONLY_HARD)), SETS)
    assert with_data(catalog, nothing_here(tmp_path), "hard")[4] == {"a-4"}
    with pytest.raises(PaperCodeError, match="no task of category 4 on the level classic"):
        with_data(catalog, nothing_here(tmp_path), "classic")


def test_a_category_without_any_says_what_to_fetch(tmp_path: Path) -> None:
    with pytest.raises(PaperCodeError) as caught:
        with_data(bank(3), nothing_here(tmp_path), "classic")
    assert "category 3" in caught.value.message
    assert caught.value.fix.endswith("tfexam data fetch tables")
    with pytest.raises(PaperCodeError, match="no task of category 4"):
        with_data(bank(4), nothing_here(tmp_path), "classic")


ALL = {category: frozenset(f"{word}-{category}" for word in "abcde") for category in range(1, 6)}


def paper(word: str) -> tuple[str, ...]:
    return tuple(f"{word}-{category}" for category in range(1, 6))


def test_the_last_three_papers_do_not_come_again() -> None:
    left = without_recent(ALL, [paper("a"), paper("b"), paper("c"), paper("d")])
    assert left[1] == {"d-1", "e-1"}


def test_two_to_choose_from_always_stay_and_the_newest_paper_counts_most() -> None:
    few = {category: frozenset(sorted(tasks)[:3]) for category, tasks in ALL.items()}
    assert without_recent(few, [paper("b"), paper("a")])[4] == {"a-4", "c-4"}
    two = {category: frozenset(sorted(tasks)[:2]) for category, tasks in ALL.items()}
    assert without_recent(two, [paper("a")]) == two


def test_papers_of_another_bank_change_nothing() -> None:
    assert without_recent(ALL, [("gone", "away")]) == ALL
    assert without_recent(ALL, []) == ALL
