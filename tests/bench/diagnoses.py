"""How often a sound solution is diagnosed: `python -m tests.bench.diagnoses [--out FILE] [TASK…]`.

Trains the reference, decent, course and weak solutions of the tasks whose data are here, grades
each on hard, and diagnoses what is below 5/5 as a sitting would: trials, the names of the classes,
and the training log where a solution writes one. Each row is appended to FILE; a row that is there
is not made again, so a run that was stopped goes on. Without tasks it only counts the rows.

A diagnosis is false unless the solution makes that mistake: `MADE` says which do, and why.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from engine.coaching.class_names import class_names
from engine.coaching.diagnosis import diagnoses
from engine.coaching.diagnosis_table import sentence
from engine.coaching.training_mistakes import training_mistakes
from engine.grading.diagnosis import Diagnosis
from engine.grading.host.environment import environment
from engine.grading.protocol import Graded, Job, Metric
from engine.grading.wire import Diagnosed
from engine.machine.curves import Curve, CurveReader
from engine.marking import MAX_SCORE
from exam_bank.catalog import Catalog
from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.placing import place
from exam_bank.preparation import make_material
from exam_bank.proof.solution_run import run_solution
from exam_bank.task import Task

SECONDS = 1_800
# (task, solution): the mistakes that it really makes.
MADE: dict[tuple[str, str], frozenset[str]] = {
    # Its F1 is 0: it never names a text spam.
    ("sms-spam", "flat"): frozenset({"one_class_only"}),
    # The padding makes it forget the text: its answers are equal to 1e-8.
    ("appointments", "unmasked"): frozenset({"constant_output"}),
    # All of their sixteen units die, so they name one class, and are right by chance.
    ("sick-leaves", "dense"): frozenset({"dead_units"}),
    ("garden-gate", "dense"): frozenset({"dead_units"}),
    ("hands", "dense"): frozenset({"dead_units"}),
}

Row = dict[str, Any]
Key = tuple[str, int, str, str]


class Solution(NamedTuple):
    """One program that makes a model, of a kind such as "weak"."""

    kind: str
    script: Path

    def key(self, task: Task, seed: int) -> Key:
        """What its row is known by."""
        return task.id, seed, self.kind, self.script.stem


def solutions(task: Task) -> Iterator[Solution]:
    """All programs of `task` that make a model."""
    kinds = {
        "reference": task.references(),
        "decent": task.decent_solutions(),
        "course": task.course_solutions(),
        "weak": task.weak_solutions(),
    }
    return (Solution(kind, script) for kind, scripts in kinds.items() for script in scripts)


def rows(task: Task, seed: int, missing: Sequence[Solution], folder: Path) -> Iterator[Row]:
    """One row for each of the `missing` solutions of `task`."""
    hidden = folder / "hidden"
    material = make_material(task.folder, seed, _dataset(task))
    for each in missing:
        files = folder / f"{each.kind}-{each.script.stem}"
        place(material, hidden=hidden, files=files, token="bench")
        ran = asyncio.run(run_solution(each.script, files, limit=SECONDS))
        said = _diagnosed(task, files, hidden)
        names = dict(zip(("task", "seed", "kind", "solution"), each.key(task, seed), strict=True))
        yield {**names, **said, "trained": round(ran.cpu_seconds, 1)}


def _dataset(task: Task) -> LocalDataset | None:
    from tests.exam_bank.data_here import inventory

    return inventory().of_source(task.says.source)


def _diagnosed(task: Task, files: Path, hidden: Path) -> Row:
    from time import process_time

    from tests.engine import whole_grade

    job = Job.of(task, files / "mymodel.h5", hidden, submission="0")
    if not Path(job.model).exists():
        return {"score": None, "found": [], "says": "no model"}
    began = process_time()
    grade = whole_grade.grade(job)
    graded = process_time() - began
    if not isinstance(grade, Graded):
        return {"score": None, "found": [], "says": grade.message.text()}
    row = {"score": grade.score, "metric": grade.metric.value, "grading": round(graded, 2)}
    if grade.score == MAX_SCORE:
        return {**row, "found": [], "says": ""}
    said = whole_grade.diagnosed(job)
    row["diagnosing"] = round(process_time() - began - graded, 2)
    assert isinstance(said, Diagnosed), said
    training, classes = _training(files, grade.metric), class_names(files)
    found = diagnoses(
        task.id, "0" * 64, grade.score, said, training=training, classes=classes
    ).found
    says = [each.text() for each in map(sentence, found) if each is not None]
    return {**row, "found": [each.id for each in found], "says": " | ".join(says)}


def _training(files: Path, metric: Metric) -> tuple[Diagnosis, ...]:
    curve = CurveReader(files).read()
    return training_mistakes(curve, metric) if isinstance(curve, Curve) else ()


def false_ones(row: Row) -> list[str]:
    """The diagnoses of a row that are not true."""
    return sorted(set(row["found"]) - MADE.get((row["task"], row["solution"]), frozenset()))


def summary(found: Sequence[Row]) -> Iterator[str]:
    """What the rows come to, and each that was diagnosed."""
    graded = [each for each in found if each["score"] is not None]
    below = [each for each in graded if each["score"] < MAX_SCORE]
    named = [each for each in below if each["found"]]
    false = [each for each in named if false_ones(each)]
    for each in named:
        word = "false" if each in false else "true"
        yield (
            f"{word:6}{each['task']} {each['kind']} {each['solution']} (seed {each['seed']}, "
            f"{each['score']}/5): {each['says']}"
        )
    tasks = len({each["task"] for each in graded})
    yield f"{len(graded)} models of {tasks} tasks, {len(below)} of them below 5/5 on hard"
    yield f"diagnosed: {len(named)}; falsely: {len(false)} ({len(false) / max(1, len(below)):.1%})"


def main(names: Sequence[str], seeds: Sequence[int], out: Path) -> None:
    """Make the missing rows of the tasks, then print what all rows come to."""
    catalog = Catalog.find(())
    for seed in seeds:
        for task in map(catalog.task, names):
            known = {(r["task"], r["seed"], r["kind"], r["solution"]) for r in _read(out)}
            missing = [each for each in solutions(task) if each.key(task, seed) not in known]
            try:
                _add(task, seed, missing, out)
            except DataError as error:
                print(f"{task.id}: {error}", file=sys.stderr)
    print("\n".join(summary(_read(out))))


def _add(task: Task, seed: int, missing: Sequence[Solution], out: Path) -> None:
    if not missing:
        return
    with tempfile.TemporaryDirectory() as made:
        for row in rows(task, seed, missing, Path(made)):
            line = json.dumps(row)
            print(line, file=sys.stderr, flush=True)
            with out.open("a", encoding="utf-8") as file:
                file.write(line + "\n")


def _read(out: Path) -> list[Row]:
    if not out.exists():
        return []
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()]


def _option(given: list[str], name: str, default: str) -> str:
    """The value of an option, taken out of what was `given`."""
    if name not in given:
        return default
    at = given.index(name)
    value = given[at + 1]
    del given[at : at + 2]
    return value


if __name__ == "__main__":
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        program = [sys.executable, "-m", "tests.bench.diagnoses", *sys.argv[1:]]
        os.execve(sys.executable, program, environment(os.environ, "cpu", trusted=True))
    given = sys.argv[1:]
    target = Path(_option(given, "--out", "diagnoses.jsonl"))
    wanted = [int(each) for each in _option(given, "--seeds", "11").split(",")]
    main(given, wanted, target)
