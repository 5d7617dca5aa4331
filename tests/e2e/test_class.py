"""A small class as it comes, by one command: a row for everything, and the scores of `grade`."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from engine.marking import total_percent
from exam_bank import paper
from exam_bank.catalog import Catalog
from tests.e2e.exam_room import ExamRoom
from tests.torture.make_class import LIMITS, MadeClass, make, names

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PEOPLE = 5
# What each kind comes to.
VERDICTS = {
    **dict.fromkeys(("reference", "decent", "weak", "copied"), "graded"),
    **dict.fromkeys(("rejected", "corrupted", "hostile code", "hostile file"), "rejected"),
    "hangs": "timed_out",
    "eats memory": "out_of_memory",
    "missing": "missing",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeClass:
    return make(tmp_path_factory.mktemp("class") / "made", PEOPLE, seed=3, variants=1)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_command_gives_every_file_its_row_and_the_scores_of_grade(
    made: MadeClass, room: ExamRoom
) -> None:
    out = room.folder / "results"
    done = room.command(
        *("class", "grade", *map(str, made.handed_in), "--roster", str(made.roster)),
        *("--code", made.code, "--out", str(out), *LIMITS, "--format", "json"),
    )
    assert done.returncode == 3, done.stderr  # the stranger's file is nobody's
    rows = lines(done.stdout)
    assert lines((out / "results.jsonl").read_text()) == rows
    kinds = {(each.person, each.category): each.kind for each in made.files}
    owned = [each for each in rows if each["person"]]
    assert Counter((each["person"], each["category"]) for each in owned) == Counter(
        (who, n) for who in names(PEOPLE) for n in range(1, 6)
    )
    for each in owned:
        kind = kinds.get((each["person"], each["category"]), "missing")
        assert each["verdict"] == VERDICTS[kind], each
    assert [each["verdict"] for each in rows if not each["person"]] == ["unclaimed"]
    assert "Person" not in done.stderr
    _same_as_file_by_file(made, room, owned)
    _same_totals(made, out, owned)


def _same_as_file_by_file(made: MadeClass, room: ExamRoom, rows: list[dict[str, Any]]) -> None:
    usual = {
        str(made.folder / each.path): (each.person, each.category)
        for each in made.files
        if each.kind not in ("hangs", "eats memory")  # `grade` has no limits of its own
    }
    done = room.command("grade", *usual, "--code", made.code, "--format", "json")
    keys = ("task", "sha256", "verdict", "score", "metric", "message")
    alone = {usual[each["file"]]: [each[key] for key in keys] for each in lines(done.stdout)}
    together = {(each["person"], each["category"]): [each[key] for key in keys] for each in rows}
    assert len(alone) == len(usual)
    assert alone == {place: together[place] for place in alone}


def _same_totals(made: MadeClass, out: Path, rows: list[dict[str, Any]]) -> None:
    weights = paper.from_code(Catalog.find(), made.code).weights
    with (out / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        table = {each["id"]: each for each in csv.DictReader(file)}
    assert list(table) == list(names(PEOPLE))
    for who, each in table.items():
        scores = {row["task"]: row["score"] for row in rows if row["person"] == who}
        assert each["total"] == f"{round(total_percent(scores, weights), 2):g}"
