"""`tfexam grade`, `lint` and `doctor --train` on real models: statuses, and what stdout holds."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, prepare
from tests.e2e.exam_room import ExamRoom, run, solve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

KEYS = {
    *("file", "sha256", "task", "category", "verdict", "score", "max_score"),
    *("metric", "message", "runtime", "seconds", "level"),
}
# Every way to be wrong that a candidate finds by themselves, each in a folder of its name.
MAKER = """
from pathlib import Path
import numpy as np
import tensorflow as tf
layers = tf.keras.layers

def save(name, *stack):
    folder = Path(name)
    folder.mkdir()
    model = tf.keras.Sequential(stack)
    model.save(folder / "mymodel.h5")
    return model

def file(name):
    folder = Path(name)
    folder.mkdir()
    return folder / "mymodel.h5"

low = save("low", tf.keras.Input((1,)), layers.Dense(1, kernel_initializer="zeros"))
save("rank", tf.keras.Input((4, 4)), layers.Dense(1))
save("width", tf.keras.Input((1,)), layers.Dense(3))
save("code", tf.keras.Input((1,)), layers.Lambda(lambda x: x))
whole = Path("low/mymodel.h5").read_bytes()
low.set_weights([np.full_like(each, np.nan) for each in low.get_weights()])
low.save(file("nan"))
low.save_weights("only.weights.h5")
file("weights").write_bytes(Path("only.weights.h5").read_bytes())
file("empty").touch()
file("text").write_text("This is no model.")
file("torn").write_bytes(whole[:len(whole) // 2])
file("folder").mkdir()
Path("missing").mkdir()
"""
Grade = Callable[..., tuple[int, list[dict[str, Any]]]]
REJECTED = {"rank", "width", "code", "weights", "empty", "text", "torn", "folder", "missing"}


@pytest.fixture(scope="module")
async def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of models for the task straight-line: `good`, `low`, `nan` and the rejected."""
    folder = tmp_path_factory.mktemp("models")
    task = Catalog.find().task("straight-line")
    good = folder / "good"
    await prepare([Order(task.id, str(task.folder), 0, str(folder / "hidden"), str(good))])
    solve(task, good)
    program = folder / "maker.py"
    program.write_text(MAKER)
    run(program)
    return folder


@pytest.fixture
def graded(models: Path, room: ExamRoom) -> Grade:
    """Calls `tfexam grade` on folders of `models`: its status and answers."""

    def grade(*names: str, options: tuple[str, ...] = ()) -> tuple[int, list[dict[str, Any]]]:
        files = [str(models / name / "mymodel.h5") for name in names]
        done = room.command(
            "grade", *files, "--task", "straight-line", "--format", "json", *options
        )
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]

    return grade


def test_a_good_model_is_graded_with_one_json_line_and_status_0(graded: Grade) -> None:
    status, (answer,) = graded("good", options=("--min-score", "5"))
    assert status == 0
    assert answer.keys() == KEYS
    assert (answer["verdict"], answer["score"], answer["max_score"]) == ("graded", 5, 5)
    assert answer["level"] == "classic"
    assert (answer["task"], answer["category"], answer["runtime"]) == ("straight-line", 1, "keras3")
    assert answer["metric"]["n"] > 0
    assert len(answer["sha256"]) == 64


def test_a_score_below_the_minimum_has_status_1(graded: Grade) -> None:
    status, (answer,) = graded("low", options=("--min-score", "1"))
    assert (status, answer["verdict"], answer["score"]) == (1, "graded", 0)


def test_another_seed_has_another_hidden_set(graded: Grade) -> None:
    _, (first,) = graded("low")
    _, (second,) = graded("low", options=("--seed", "1"))
    assert first["metric"]["value"] != second["metric"]["value"]


def test_every_bad_file_is_rejected_with_a_sentence_and_the_next_is_graded(graded: Grade) -> None:
    names = [*sorted(REJECTED), "nan", "good"]
    status, answers = graded(*names, options=("--jobs", "2"))
    assert status == 3
    verdicts = {Path(each["file"]).parent.name: each["verdict"] for each in answers}
    assert verdicts == dict.fromkeys(REJECTED, "rejected") | {"nan": "graded", "good": "graded"}
    scores = [each["score"] for each in answers]
    assert scores == [0] * len(REJECTED) + [0, 5]
    assert answers[-2]["metric"]["value"] is None
    assert all(each["message"].strip() for each in answers)


def test_lint_agrees_without_tensorflow(models: Path, room: ExamRoom) -> None:
    for name in sorted(REJECTED | {"good"}):
        file = str(models / name / "mymodel.h5")
        done = room.command("lint", file, "--task", "straight-line", "--format", "json")
        row = json.loads(done.stdout)
        wanted = (0, "accepted") if name == "good" else (3, "rejected")
        assert (done.returncode, row["verdict"]) == wanted, row
        assert name == "good" or row["message"]


def test_doctor_trains_and_grades(room: ExamRoom) -> None:
    done = room.command("doctor", "--train", "--format", "json")
    assert done.returncode == 0, done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["state"] == "ok"
    assert last["detail"].endswith("5/5.")
