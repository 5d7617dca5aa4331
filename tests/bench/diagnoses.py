"""How often a sound solution is diagnosed: `python -m tests.bench.diagnoses [--out FILE] TASK…`.

Trains the reference, decent, course and weak solutions of the tasks (those whose data are made
from a seed), grades each on hard, and diagnoses what is below 5/5, as a sitting would. None was
made with a mistake of the table, so whatever is named is to be looked at: a weak solution may
make one (`raw_columns` does not scale its inputs). What a training log alone tells is left out: it
is about the training, and true or not by itself.
"""

import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.coaching.diagnosis import diagnoses
from engine.coaching.diagnosis_table import sentence
from engine.grading.host.environment import environment
from engine.grading.protocol import Graded, Job
from engine.grading.wire import Diagnosed
from engine.marking import MAX_SCORE
from exam_bank.catalog import Catalog
from exam_bank.placing import place
from exam_bank.preparation import make_material
from exam_bank.proof.solution_run import run_solution
from exam_bank.task import Task

SEED, SECONDS = 11, 900
QUICK = (
    *("straight-line", "flats", "courier-trips", "wind-turbine", "wild-bees", "flour-beetles"),
    *("breathing-spring", "shop-sales", "town-load", "help-desk", "reviews", "appointments"),
    *("garments", "lost-script"),
)


def rows(task: Task, folder: Path) -> Iterator[dict[str, Any]]:
    """One row for each solution of `task`."""
    hidden = folder / "hidden"
    material = make_material(task.folder, SEED)
    kinds = {
        "reference": task.references(),
        "decent": task.decent_solutions(),
        "course": task.course_solutions(),
        "weak": task.weak_solutions(),
    }
    for kind, scripts in kinds.items():
        for script in scripts:
            files = folder / f"{kind}-{script.stem}"
            place(material, hidden=hidden, files=files, token="bench")
            ran = asyncio.run(run_solution(script, files, limit=SECONDS))
            yield {
                "task": task.id,
                "kind": kind,
                "solution": script.stem,
                **_diagnosed(task, files / "mymodel.h5", hidden),
                "trained": round(ran.cpu_seconds, 1),
            }


def _diagnosed(task: Task, model: Path, hidden: Path) -> dict[str, Any]:
    from time import process_time

    from tests.engine import whole_grade

    job = Job.of(task, model, hidden, submission="0")
    if not model.exists():
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
    found = diagnoses(task.id, "0" * 64, grade.score, said).found
    says = [each.text() for each in map(sentence, found) if each is not None]
    return {**row, "found": [each.id for each in found], "says": says[0] if says else ""}


def main(names: list[str], out: Path | None) -> None:
    """Print each row, and the share of solutions that were diagnosed."""
    catalog = Catalog.find(())
    count = named = 0
    for name in names or QUICK:
        with tempfile.TemporaryDirectory() as made:
            for row in rows(catalog.task(name), Path(made)):
                count += row["score"] is not None
                named += bool(row["found"])
                print(json.dumps(row), flush=True)
                if out is not None:
                    with out.open("a") as file:
                        file.write(json.dumps(row) + "\n")
    print(f"{named} of {count} solutions diagnosed")


if __name__ == "__main__":
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        program = [sys.executable, "-m", "tests.bench.diagnoses", *sys.argv[1:]]
        os.execve(sys.executable, program, environment(os.environ, "cpu", trusted=True))
    given = sys.argv[1:]
    target = Path(given[given.index("--out") + 1]) if "--out" in given else None
    main([each for each in given if not each.startswith("--") and Path(each) != target], target)
