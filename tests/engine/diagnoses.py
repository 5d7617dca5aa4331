"""What small models with known mistakes are diagnosed as: `python -m tests.engine.diagnoses`.

Each model was made with exactly one mistake. It is graded, then diagnosed, by the code that a
grading child and the marking process run. Beside the score with the mistake undone stands that of
the same network trained without it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.coaching.diagnosis import diagnoses
from engine.coaching.diagnosis_table import TABLE, sentence
from engine.coaching.training_mistakes import training_mistakes
from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.grading.host.environment import environment
from engine.grading.protocol import Graded, Job, Metric
from engine.grading.wire import Diagnosed
from engine.machine.curves import FILE, Curve, CurveReader
from tests.engine import whole_grade
from tests.engine.mistaken_models import GOOD, MODELS, TASKS, Mistaken, job_of

HEAD = f"{'model with the mistake':27}{'score':7}{'named':27}{'mended':8}{'without':9}says"


class Outcome(NamedTuple):
    """One model: its grade, what was found about it, and how long that took the processor."""

    name: str
    mistake: str
    task: str
    score: int
    found: Diagnoses
    seconds: float

    @property
    def is_named(self) -> bool:
        """Whether its mistake comes first."""
        return self.found.first is not None and self.found.first.id == self.mistake


def outcomes(
    folder: Path, models: Sequence[Mistaken] = (*GOOD.values(), *MODELS)
) -> Iterator[Outcome]:
    """Grade and diagnose the models that `mistaken_models` put into `folder`."""
    for model in models:
        task = TASKS[model.task]
        job = job_of(model, folder)
        classes = task.classes if model.name == "classes_alphabetical" else ()
        yield outcome(model.name, model.diagnosis, job, folder / f"{model.name}.csv", classes)


def outcome(name: str, diagnosis: str, job: Job, log: Path, classes: Sequence[str] = ()) -> Outcome:
    """The grade of `job` and what explains it, by the code of child and marking process."""
    grade = whole_grade.grade(job)
    assert isinstance(grade, Graded), (name, grade)
    began = time.process_time()
    said = whole_grade.diagnosed(job)
    assert isinstance(said, Diagnosed), (name, said)
    training = _training(log, grade.metric)
    found = diagnoses(job.task, "0" * 64, grade.score, said, training=training, classes=classes)
    return Outcome(name, diagnosis, job.task, grade.score, found, time.process_time() - began)


def _training(log: Path, metric: Metric) -> tuple[Diagnosis, ...]:
    if not log.exists():
        return ()
    with tempfile.TemporaryDirectory() as made:
        shutil.copyfile(log, Path(made, FILE))
        curve = CurveReader(Path(made)).read()
    return training_mistakes(curve, metric) if isinstance(curve, Curve) else ()


def table(folder: Path, names: Sequence[str]) -> int:
    """Print the table; returns how many mistakes were not named."""
    chosen = [each for each in MODELS if not names or each.name in names]
    good = {each.task for each in chosen}
    models = [*(each for each in GOOD.values() if each.task in good), *chosen]
    scores: dict[str, int] = {}
    missed = 0
    print(HEAD)
    for each in outcomes(folder, models):
        if not each.mistake:
            scores[each.task] = each.score
        print(_row(each, scores[each.task]), flush=True)
        missed += not _is_right(each, scores[each.task])
    print(f"{len(models) - missed} of {len(models)} right; {len(TABLE)} mistakes in the table")
    return missed


def _is_right(outcome: Outcome, without: int) -> bool:
    """Whether the mistake is named, and undone it gets the score within a point."""
    first = outcome.found.first
    if not outcome.mistake or first is None:
        return not outcome.mistake and first is None
    mended = first.would_score
    return outcome.is_named and (mended is None or abs(mended - without) <= 1)


def _row(outcome: Outcome, without: int) -> str:
    first = outcome.found.first
    says = sentence(first) if first else None
    would = "–" if first is None or first.would_score is None else f"{first.would_score}/5"
    others = [each.id for each in outcome.found.found]
    return (
        f"{outcome.name:27}{f'{outcome.score}/5':7}{first.id if first else '–':27}{would:8}"
        f"{f'{without}/5':9}{says.text() if says else ''}"
        + ("" if _is_right(outcome, without) else f"   WRONG: {others}")
    )


if __name__ == "__main__":
    if os.environ.get("KERAS_BACKEND") != "tensorflow":
        program = [sys.executable, "-m", "tests.engine.diagnoses", *sys.argv[1:]]
        os.execve(sys.executable, program, environment(os.environ, "cpu"))
    if len(sys.argv) > 1:
        sys.exit(min(1, table(Path(sys.argv[1]), sys.argv[2:])))
    with tempfile.TemporaryDirectory() as made:
        subprocess.run([sys.executable, "-m", "tests.engine.mistaken_models", made], check=True)
        sys.exit(min(1, table(Path(made), ())))
