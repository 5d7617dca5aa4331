"""The structure stays as simple as it is: bounds on the figures that `figures.py` prints."""

import pytest

from tests.rules import figures

MOST_MODULES = 16
MOST_COMPLEX = 10
# The most complexity that nine functions in ten may have.
NINE_OF_TEN = 5


def test_no_folder_holds_more_modules_than_one_takes_in() -> None:
    crowded = {
        folder: count
        for folder, count in figures.modules_per_folder().items()
        if count > MOST_MODULES and folder not in figures.ONE_MODULE_A_THING
    }
    assert not crowded


def test_no_rooms_import_each_other_in_a_circle() -> None:
    assert not figures.circles()


def test_no_two_classes_have_one_name() -> None:
    assert not figures.classes_named_twice()


def test_functions_stay_simple() -> None:
    values = figures.complexities()
    assert not {name: value for name, value in values.items() if value > MOST_COMPLEX}
    assert figures.ninetieth(values.values()) <= NINE_OF_TEN


def test_a_circle_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    true = figures.imports
    back = {"engine.files": ["engine.sitting.proctor"]}
    monkeypatch.setattr(figures, "imports", lambda each: [*true(each), *back.get(each.name, [])])
    assert any("engine.sitting.proctor" in circle for circle in figures.circles())
