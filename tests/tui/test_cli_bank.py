"""`tfexam bank`: listings that programs read, and tables that people read."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

from exam_bank.catalog import BUILT_IN, Catalog
from tui.cli import main
from tui.commands.options import table


def bank(*args: str) -> Result:
    return CliRunner().invoke(main, ["bank", *args])


def test_every_task_is_one_json_line_with_the_promised_keys() -> None:
    rows = [json.loads(line) for line in bank("list", "--format", "json").stdout.splitlines()]
    assert [row["id"] for row in rows] == [task.id for task in Catalog.find().tasks]
    assert all(
        {"id", "category", "title", "source", "available", "weight"} <= row.keys() for row in rows
    )


def test_the_list_is_in_the_language_asked_for() -> None:
    found = CliRunner().invoke(main, ["--lang", "zh", "bank", "list"])
    task = Catalog.find().tasks[0]
    assert task.title("zh") in found.stdout
    assert task.title("en") not in found.stdout


def test_a_pack_of_tfexam_bank_is_listed_and_a_broken_one_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(BUILT_IN / "straight_line", tmp_path / "mine")
    says = tmp_path / "mine" / "task.toml"
    says.write_text(says.read_text().replace('"straight-line"', '"mine"', 1))
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path))
    assert "mine" in bank("list").stdout
    says.write_text(says.read_text().replace("category = 1", "categry = 1"))
    found = bank("list")
    assert found.exit_code == 2
    assert str(says) in found.stderr
    assert "categry" in found.stderr


def test_show_tells_contract_marks_and_brief() -> None:
    found = bank("show", "straight-line").stdout
    task = Catalog.find().task("straight-line")
    assert "(1) float32, linear" in found
    assert "5/5 0.015" in found
    assert task.brief("en").splitlines()[0] in found


def test_show_as_json_holds_the_whole_task() -> None:
    row = json.loads(bank("show", "straight-line", "--format", "json").stdout)
    assert row["contract"]["input"]["shape"] == [1]
    assert row["brief"]


@pytest.mark.parametrize("args", [["show", "nosuch"], ["check", "nosuch"]])
def test_an_unknown_task_is_named_beside_the_known_ones(args: list[str]) -> None:
    found = bank(*args)
    assert found.exit_code == 2
    assert "'nosuch'" in found.stderr
    assert "straight-line" in found.stderr


def test_columns_line_up_by_cells_not_by_letters() -> None:
    first, second, third = table(("id", "title"), [("a", "x"), ("走不准", "y")]).splitlines()
    assert [cell_len(line[: line.index(mark)]) for line, mark in ((first, "t"), (second, "x"))] == [
        8,
        8,
    ]
    assert cell_len(third[: third.index("y")]) == 8
