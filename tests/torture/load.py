"""Verdicts on a busy machine beside those on a quiet one: `python -m tests.torture.load`.

Slow honest models are graded, then graded again beside busy loops, each with a limit of twice the
processor time that it needed at first; on the wall it takes far longer then. Verdict, points and
metric must be the same. The models are recurrent ones made here and, where they are at hand, the
slowest of the public ones. Prints a line for each; exit status 1 if one differs.
"""

import argparse
import ast
import asyncio
import contextlib
import csv
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import numpy as np

from engine.grading.host import watch
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Grade, Graded, Job, verdict_of
from exam_bank.material import HiddenSet
from exam_bank.platform.processor_use import ProcessorUse, Spent
from exam_bank.task import Axis, Contract, DType, Limits, MarkScheme, OutputSpec, TensorSpec

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("TFEXAM_SHARED", ROOT.parent / "shared")) / "models"
SCHEME = MarkScheme(metric="mae", direction="lower", thresholds=(1.0, 0.75, 0.5, 0.25, 0.1))
STEPS = 60  # of a series of any length
LEAST_SECONDS = 0.5
SPIN = "while True: pass"

MAKE = """
import sys, keras
layers = keras.layers
for number, units in enumerate(map(int, sys.argv[2:])):
    keras.utils.set_random_seed(number)
    model = keras.Sequential([layers.Input((40, 8)),
        layers.Bidirectional(layers.LSTM(units, return_sequences=True)),
        layers.Bidirectional(layers.LSTM(units)), layers.Dense(1)])
    model.save(f"{sys.argv[1]}/lstm-{units}.h5")
"""


class Honest(NamedTuple):
    """A model file, and what it takes and gives without the batch axis."""

    path: Path
    takes: tuple[int | None, ...]
    gives: tuple[int | None, ...]
    dtype: DType = "float32"

    def job(self, folder: Path, examples: int, limits: Limits) -> Job:
        """Grade it on `examples` random ones, which are written below `folder` once."""
        hidden = folder / f"hidden-{self.path.stem}"
        if not hidden.exists():
            _random_set(self, examples).write(hidden)
        return Job(
            submission="0" * 64,
            task="town-load",
            category=5,
            model=str(self.path),
            hidden=str(hidden),
            contract=Contract(
                input=TensorSpec(shape=_axes(self.takes), dtype=self.dtype),
                output=OutputSpec(shape=_axes(self.gives), activation="linear"),
            ),
            mark_scheme=SCHEME,
            limits=limits,
        )


class Measured(NamedTuple):
    """One grading, and the processor time that its child was seen to use."""

    grade: Grade
    processor: float

    @property
    def verdict(self) -> tuple[object, ...]:
        """What must be the same on every machine."""
        if isinstance(self.grade, Graded):
            return verdict_of(self.grade), self.grade.score, self.grade.metric
        return (verdict_of(self.grade),)


def made(folder: Path, units: Sequence[int]) -> list[Honest]:
    """Recurrent models made here, one for each number of units."""
    quietly = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MAKE, folder, *map(str, units)],
        check=True,
        env=quietly,
        stderr=subprocess.DEVNULL,
    )
    return [Honest(folder / f"lstm-{each}.h5", (40, 8), (1,)) for each in units]


def public() -> Iterator[Honest]:
    """The public models, where they are at hand."""
    if (SHARED / "manifest.csv").is_file():
        with (SHARED / "manifest.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                takes, gives = ast.literal_eval(row["inp"]), ast.literal_eval(row["out"])
                words: DType = "int32" if "4" in row["task"] else "float32"
                yield Honest(SHARED / row["name"], takes[1:], gives[1:], words)


def _axes(shape: tuple[int | None, ...]) -> tuple[Axis, ...]:
    return tuple(axis or "any" for axis in shape)


def _random_set(model: Honest, examples: int) -> HiddenSet:
    rng = np.random.default_rng(0)
    takes, gives = (
        (examples, *(axis or STEPS for axis in shape)) for shape in (model.takes, model.gives)
    )
    inputs = (
        rng.integers(0, 10, takes).astype(np.int32)
        if model.dtype == "int32"
        else rng.random(takes, np.float32)
    )
    return HiddenSet(inputs, rng.random(gives, np.float32))


@contextlib.contextmanager
def busy(loops: int) -> Iterator[None]:
    """Keep that many processes busy beside us."""
    running = [subprocess.Popen([sys.executable, "-c", SPIN]) for _ in range(loops)]
    try:
        yield
    finally:
        for each in running:
            each.kill()
            each.wait()


async def measured(grader: Grader, job: Job) -> Measured:
    """Grade `job`, and count the processor time of its child."""
    used = [0.0]
    look = ProcessorUse.look

    def counting(use: ProcessorUse, passed: float) -> Spent:
        spent = look(use, passed)
        used[0] += spent.ran
        return spent

    with mock.patch.object(ProcessorUse, "look", counting):
        return Measured(await grader.grade(job), used[0])


async def compare(
    folder: Path, models: Sequence[Honest], *, examples: int, loops: int, slowest: int
) -> int:
    """Grade the `slowest` of `models` beside busy loops; how many got another verdict."""
    logs = folder / "logs"
    server = ForkServer(logs) if ForkServer.possible("cpu") else None
    grader = Grader(logs=logs, fork_server=server)
    await grader.start()
    quiet = [
        (each, await measured(grader, each.job(folder, examples, Limits()))) for each in models
    ]
    quiet.sort(key=lambda pair: pair[1].processor, reverse=True)
    differ = 0
    with busy(loops):
        for model, before in quiet[:slowest]:
            tight = Limits(seconds=max(LEAST_SECONDS, before.processor))
            now = await measured(grader, model.job(folder, examples, tight))
            differ += now.verdict != before.verdict
            print(_line(model, before, now), flush=True)
    await grader.close()
    return differ


def _line(model: Honest, quiet: Measured, loaded: Measured) -> str:
    same = "same" if loaded.verdict == quiet.verdict else f"DIFFERS: {loaded.grade.message.text()}"
    times = "  ".join(
        f"{name} {each.grade.seconds:6.2f} s, {each.processor:5.2f} s of processor time"
        for name, each in (("quiet", quiet), ("busy", loaded))
    )
    return f"{model.path.name:48.48} {times}  {verdict_of(quiet.grade)}, {same}"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--loops", type=int, default=3, help="busy loops beside the second grading")
    parser.add_argument("--slowest", type=int, default=10, help="how many models are compared")
    parser.add_argument("--examples", type=int, default=2_000)
    parser.add_argument("--units", type=int, nargs="+", default=[32, 64, 96])
    parser.add_argument("--made", action="store_true", help="only the models made here")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        models = [*made(folder, options.units), *(() if options.made else public())]
        work = compare(
            folder, models,
            examples=options.examples, loops=options.loops, slowest=options.slowest,
        )  # fmt: skip
        with mock.patch.object(watch, "LOOK_SECONDS", 0.05):
            differ = asyncio.run(work)
    compared = min(options.slowest, len(models))
    print(f"{compared} models beside {options.loops} busy loops, {differ} verdicts differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
