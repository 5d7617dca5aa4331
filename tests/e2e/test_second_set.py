"""A class paper from its making to its flags: the class is graded on what nobody could know."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exam_bank import paper as papers
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, material_of
from tests.tui.sittings import synthetic_paper
from tui.cli import main

pytestmark = pytest.mark.slow


def run(home: Path, *args: object) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *map(str, args)])


def learnt_by_heart(path: Path, code: str) -> Path:
    """A model for wild-bees that looks each bee up in the code's hidden set."""
    import keras
    import numpy as np

    drawn = papers.from_code(Catalog.find(), code)
    (task,) = (each for each in drawn.tasks if each.task == "wild-bees")
    folder = Catalog.find().task(task.task).folder
    hidden = material_of(Order(task.task, str(folder), task.seed, "")).hidden
    bees, answers = np.asarray(hidden.inputs, np.float64), np.asarray(hidden.targets)
    spread = bees.std(axis=0)
    norm = keras.layers.Normalization(mean=bees.mean(axis=0), variance=spread**2)
    known = (bees - bees.mean(axis=0)) / spread
    # The nearest one wins the softmax: the square of the distance, but for what all share.
    nearest = keras.layers.Dense(len(bees), "softmax")
    named = keras.layers.Dense(int(answers.max()) + 1, "softmax")
    model = keras.Sequential([keras.Input(bees.shape[1:]), norm, nearest, named])
    nearest.set_weights([200 * known.T, -100 * (known**2).sum(axis=1)])
    named.set_weights([20 * np.eye(named.units)[answers], np.zeros(named.units)])
    model.save(path)
    return path


def test_who_learnt_the_first_set_by_heart_is_flagged(tmp_path: Path) -> None:
    paper = synthetic_paper(lambda each: "wild-bees" in each.weights)
    made = run(
        tmp_path / "home",
        *("class", "paper", "--code", paper.code, "--minutes", 60),
        *("--open", "2026-01-01T00:00", "--close", "2027-01-01T00:00"),
        *("--out", tmp_path / "paper.toml"),
    )
    assert made.exit_code == 0, made.output
    secret = tmp_path / "secret.toml"
    assert paper.code in secret.read_text()
    category = next(each.category for each in paper.tasks if each.task == "wild-bees")
    model = learnt_by_heart(tmp_path / "mymodel.h5", paper.code)
    for person in ("ada", "bob"):
        place = tmp_path / "class" / person / f"Category{category}"
        place.mkdir(parents=True)
        shutil.copy(model, place / "mymodel.h5")
    out = tmp_path / "results"
    graded = run(
        tmp_path / "home", *("class", "grade", tmp_path / "class", "--secret", secret, "--out", out)
    )
    assert graded.exit_code == 0, graded.output
    flags = [json.loads(line) for line in (out / "flags.jsonl").read_text().splitlines()]
    kinds = [each["kind"] for each in flags]
    assert sorted(kinds) == ["better_on_first", "better_on_first", "equal_files"]
    by_set = []
    for folder in (out / "first-set", out):
        rows = [json.loads(line) for line in (folder / "results.jsonl").read_text().splitlines()]
        by_set.append([each for each in rows if each["verdict"] == "graded"])
    first, second = by_set
    assert first[0]["metric"]["value"] > second[0]["metric"]["value"] + 0.02
    assert first[0]["sha256"] == second[0]["sha256"]
    kept = "".join(each.read_text() for each in out.glob("*.json*"))
    assert json.loads((out / "class.json").read_text())["run"]["part"] == "second"
    told = secret.read_text().split('secret = "')[1][:64]
    assert told not in kept + graded.output + made.output
    again = run(
        tmp_path / "home",
        *("class", "grade", tmp_path / "class", "--code", paper.code, "--out", out),
    )
    assert again.exit_code == 2
    assert "the hidden set" in again.output
