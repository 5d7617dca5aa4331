"""What small models with known mistakes are diagnosed as: `python -m tests.engine.diagnoses`.

Each model was made with exactly one mistake. It is graded, then diagnosed, each in a sandboxed
child as in a sitting. Beside the score with the mistake undone stands that of the same network
trained without it.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.coaching.diagnosis import diagnoses
from engine.coaching.diagnosis_table import TABLE, sentence
from engine.coaching.training_mistakes import training_mistakes
from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, Job, Metric
from engine.grading.wire import Diagnosed
from engine.machine.curves import FILE, Curve, CurveReader
from exam_bank.task import Limits
from tests.engine.mistaken_models import GOOD, MODELS, TASKS, Mistaken

HEAD = f"{'model with the mistake':27}{'score':7}{'named':27}{'mended':8}{'without':9}says"


class Outcome(NamedTuple):
    """One model: its grade, and what was found about it."""

    model: Mistaken
    score: int
    value: float | None
    found: Diagnoses

    @property
    def is_named(self) -> bool:
        """Whether its mistake comes first."""
        return self.found.first is not None and self.found.first.id == self.model.diagnosis


async def outcomes(
    folder: Path, models: Sequence[Mistaken] = (*GOOD.values(), *MODELS)
) -> AsyncIterator[Outcome]:
    """Grade and diagnose the models that `mistaken_models` put into `folder`."""
    logs = folder / "logs"
    logs.mkdir(exist_ok=True)
    server = ForkServer(logs) if ForkServer.possible("cpu") else None
    grader = Grader(logs=logs, prewarm=server is not None, fork_server=server)
    await grader.start()
    try:
        for model in models:
            yield await _outcome(folder, model, grader)
    finally:
        await grader.close()


async def _outcome(folder: Path, model: Mistaken, grader: Grader) -> Outcome:
    task = TASKS[model.task]
    job = Job(
        submission=model.name,
        task=model.task.replace("_", "-"),
        category=task.category,
        model=str(folder / f"{model.name}.h5"),
        hidden=str(folder / model.task),
        contract=task.contract,
        mark_scheme=task.scheme,
        limits=Limits(),
    )
    grade = await grader.grade(job)
    assert isinstance(grade, Graded), (model, grade)
    said = await grader.diagnose(job)
    assert isinstance(said, Diagnosed), (model, said)
    found = diagnoses(
        job.task,
        "0" * 64,
        grade.score,
        said,
        training=_training(folder, model, grade.metric),
        classes=task.classes if model.name == "classes_alphabetical" else (),
    )
    return Outcome(model, grade.score, grade.metric.value, found)


def _training(folder: Path, model: Mistaken, metric: Metric) -> tuple[Diagnosis, ...]:
    log = folder / f"{model.name}.csv"
    if not log.exists():
        return ()
    place = folder / f"{model.name}-folder"
    place.mkdir(exist_ok=True)
    (place / FILE).write_bytes(log.read_bytes())
    curve = CurveReader(place).read()
    return training_mistakes(curve, metric) if isinstance(curve, Curve) else ()


async def main(folder: Path, names: Sequence[str]) -> int:
    """Print the table; returns how many mistakes were not named."""
    chosen = [each for each in MODELS if not names or each.name in names]
    good = {each.task for each in chosen}
    models = [*(each for each in GOOD.values() if each.task in good), *chosen]
    scores: dict[str, int] = {}
    missed = 0
    print(HEAD)
    async for each in outcomes(folder, models):
        sys.stdout.flush()
        first = each.found.first
        if not each.model.diagnosis:
            scores[each.model.task] = each.score
            print(f"{each.model.name:27}{each.score}/5    {first.id if first else '–':27}")
            continue
        says = sentence(first) if first else None
        would = "–" if first is None or first.would_score is None else f"{first.would_score}/5"
        missed += not each.is_named
        print(
            f"{each.model.name:27}{each.score}/5    {first.id if first else '–':27}{would:8}"
            f"{scores[each.model.task]}/5      {says.text() if says else ''}"
            + ("" if each.is_named else f"   MISSED {[one.id for one in each.found.found]}")
        )
    print(f"{len(chosen) - missed} of {len(chosen)} named; {len(TABLE)} in the table")
    return missed


if __name__ == "__main__":
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if given is None:
        with tempfile.TemporaryDirectory() as made:
            subprocess.run([sys.executable, "-m", "tests.engine.mistaken_models", made], check=True)
            sys.exit(min(1, asyncio.run(main(Path(made), ()))))
    sys.exit(min(1, asyncio.run(main(given, sys.argv[2:]))))
