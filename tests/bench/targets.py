"""How often a model that reaches a task's target earns 5/5: what brief and starter promise.

Trains the course and decent solutions of the tasks that name a target on fresh seeds: 80 % of
the training data are fitted, the rest is held out (of a series its last fifth, or what the
solution itself holds out). After the first epoch whose held-out metric
reaches the target, as brief and starter write it, the model is marked on the hidden set. That
is the hardest case for the promise: a model that only just reaches it, once.

Run with `python -m tests.bench.targets [--seeds N] [--write FILE] TASK…`; without tasks, all.
With `--write` what FILE already holds is not run again. Data sets are read from TFEXAM_DATA.
"""

import argparse
import asyncio
import contextlib
import os
import runpy
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from engine.grading import metrics
from engine.sitting.store.target import ValidationTarget
from exam_bank.catalog import Catalog
from exam_bank.material import Array, HiddenSet
from exam_bank.preparation import Order, prepare
from exam_bank.proof.confidence import FRESH, share_text
from exam_bank.task import ERRORS, Task
from tests.exam_bank.data_here import dataset_of

HELD_OUT = 0.2
_AT_ONCE = 1_000
_RESULT = "at_target.json"
_COMMAND = (sys.executable, "-m", "tests.bench.targets")


class Try(msgspec.Struct, frozen=True):
    """One training: the held-out and the hidden metric at the first epoch at the target.

    `epoch` is 0 if it never got there.
    """

    task: str
    solution: str
    seed: int
    target: float
    epoch: int = 0
    held_out: float | None = None
    hidden: float | None = None
    score: int | None = None


class _ReachedError(BaseException):
    """Ends a training that is at the target; no `except Exception` may stop it."""


def main(arguments: list[str]) -> None:
    """Train what is missing, then print a line for each task."""
    parser = argparse.ArgumentParser()
    parser.add_argument("tasks", nargs="*")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", type=Path)
    parser.add_argument("--one", nargs=3, metavar=("TASK", "SOLUTION", "SEED"))
    asked = parser.parse_args(arguments)
    if asked.one:
        task, solution, seed = asked.one
        run_here(Catalog.find().task(task), Path(solution), int(seed))
        return
    tries = _kept(asked.write)
    for task in Catalog.find().tasks:
        named = not asked.tasks or task.id in asked.tasks
        if named and "classic" in task.levels and task.says.mark_scheme.target is not None:
            _train(task, asked.seeds, asked.write, tries)
    report(tries)


def report(tries: Iterable[Try]) -> None:
    """A line for each task, and one for all: of the models at the target, how many got 5/5."""
    found = list(tries)
    print(f"{'task':24} {'trained':>7} {'at target':>9}   5/5 of those         4/5 or more")
    for name in [*sorted({each.task for each in found}), ""]:
        of_task = [each for each in found if name in ("", each.task)]
        at = [each for each in of_task if each.epoch]
        full, nearly = (sum((each.score or 0) >= least for each in at) for least in (5, 4))
        shares = f"{share_text(full, len(at)):28} {nearly} of {len(at)}" if at else "none"
        print(f"{name or 'all':24} {len(of_task):7} {len(at):9}   {shares}")


def _kept(path: Path | None) -> list[Try]:
    if path is None or not path.is_file():
        return []
    return [msgspec.json.decode(line, type=Try) for line in path.read_bytes().splitlines()]


def _train(task: Task, seeds: int, path: Path | None, tries: list[Try]) -> None:
    done = {(each.task, each.solution, each.seed) for each in tries}
    solutions = [*task.course_solutions(), *task.decent_solutions()]
    # What is fitted inside another model answers in units of its own.
    solutions = [each for each in solutions if "    model.fit(" in each.read_text()]
    for seed in range(FRESH + 1, FRESH + 1 + seeds):
        for solution in solutions:
            if (task.id, solution.stem, seed) in done:
                continue
            tried = run_apart(task, solution, seed)
            if tried is None:
                print(f"{task.id} {solution.stem} {seed}: failed", file=sys.stderr)
                continue
            print(tried, file=sys.stderr)
            tries.append(tried)
            if path is not None:
                with path.open("ab") as file:
                    file.write(msgspec.json.encode(tried) + b"\n")


def run_apart(task: Task, solution: Path, seed: int) -> Try | None:
    """Train in a process of its own; None if that fails, as its log then says."""
    with tempfile.TemporaryDirectory() as folder:
        files, hidden = Path(folder, "Category"), Path(folder, "hidden")
        data = dataset_of(task)
        order = Order(task.id, str(task.folder), seed, str(hidden), str(files), dataset=data)
        asyncio.run(prepare([order]))
        ran = subprocess.run(
            [*_COMMAND, "--one", task.id, str(solution), str(seed)],
            env={**os.environ, "TARGET_FOLDER": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if ran.returncode:
            print(ran.stdout[-2_000:], file=sys.stderr)
            return None
        return msgspec.json.decode(Path(folder, _RESULT).read_bytes(), type=Try)


def run_here(task: Task, solution: Path, seed: int) -> None:
    """Train `solution` in this process, until it is at the target, and write what was found."""
    folder = Path(os.environ["TARGET_FOLDER"])
    stated = ValidationTarget.of(task, "classic", folder / "hidden")
    assert stated is not None
    began = Try(task.id, solution.stem, seed, float(stated.value))
    watch = _Watch(task, HiddenSet.read(folder / "hidden"), began)
    _patch_fit(watch)
    (folder / "Category" / "starter.py").write_bytes(solution.read_bytes())
    with contextlib.suppress(_ReachedError):
        runpy.run_path(str(folder / "Category" / "starter.py"), run_name="__main__")
    (folder / _RESULT).write_bytes(msgspec.json.encode(watch.found))


class _Watch:
    """Looks at a model after every epoch, and stops at the target."""

    def __init__(self, task: Task, hidden: HiddenSet, found: Try) -> None:
        self.task, self.hidden, self.found = task, hidden, found
        self.says = task.says
        self.scheme = task.marks("classic")

    def look(self, model: Any, held_out: tuple[Array, Array], epoch: int) -> None:
        inputs, targets = held_out
        value = self._held_out_metric(_answers(model, inputs), targets)
        lower = self.scheme.metric in ERRORS
        if value > self.found.target if lower else value < self.found.target:
            return
        inputs = np.asarray(self.hidden.inputs)
        if inputs.dtype == np.uint8 and self.says.contract.input.dtype == "float32":
            inputs = (inputs * np.float32(self.hidden.input_scale)).astype(np.float32)
        answers = _answers(model, inputs)
        metric, score = metrics.measure(answers, self.hidden, self.scheme, self.says.contract)
        self.found = msgspec.structs.replace(
            self.found, epoch=epoch, held_out=value, hidden=metric.value, score=score
        )
        raise _ReachedError

    def _held_out_metric(self, answers: Array, targets: Array) -> float:
        """As a candidate measures it; a relative error in units of the output."""
        if self.scheme.metric in ERRORS:
            targets = targets.reshape(answers.shape)
        elif targets.ndim > 1 and targets.shape[-1] > 1:
            targets = targets.argmax(axis=-1)
        else:
            targets = targets.reshape(-1).astype(np.int64)
        held_out = HiddenSet(answers, targets)
        metric, _ = metrics.measure(answers, held_out, self.scheme, self.says.contract)
        return float("nan") if metric.value is None else metric.value


def _answers(model: Any, inputs: Array) -> Array:
    """As `predict` gives them, without its cost for each call."""
    parts = [inputs[start : start + _AT_ONCE] for start in range(0, len(inputs), _AT_ONCE)]
    return np.concatenate([np.asarray(model.predict_on_batch(part)) for part in parts])


def _patch_fit(watch: _Watch) -> None:
    """Have every `fit` hold data out, and look at the model after each epoch."""
    import tensorflow as tf

    fit = tf.keras.Model.fit

    def patched(model: Any, x: Any, y: Any = None, **asked: Any) -> Any:
        x, y, held_out = _split(watch.task.category, x, y, asked)

        def look(epoch: int, _: object = None) -> None:
            watch.look(model, held_out, epoch + 1)

        looks = tf.keras.callbacks.LambdaCallback(on_epoch_end=look)
        asked["callbacks"] = [*asked.get("callbacks", []), looks]
        return fit(model, x, y, **asked)

    tf.keras.Model.fit = patched


def _split(
    category: int, x: Any, y: Any, asked: dict[str, Any]
) -> tuple[Any, Any, tuple[Array, Array]]:
    """What is fitted, and what is held out; takes the solution's own options out of `asked`."""
    asked.pop("validation_split", None)
    own = asked.pop("validation_data", None)
    if own is not None:
        return x, y, _rows(own)
    if y is None:
        x, y = _rows(x)
    x, y = np.asarray(x), np.asarray(y)
    order = np.arange(len(x))
    if category != 5:
        np.random.default_rng(0).shuffle(order)
    cut = round(len(x) * (1 - HELD_OUT))
    train, rest = order[:cut], order[cut:]
    return x[train], y[train], (x[rest], y[rest])


def _rows(data: Any) -> tuple[Array, Array]:
    if isinstance(data, tuple):
        return np.asarray(data[0]), np.asarray(data[1])
    parts = [(np.asarray(x), np.asarray(y)) for x, y in data]
    inputs, targets = zip(*parts, strict=True)
    return np.concatenate(inputs), np.concatenate(targets)


if __name__ == "__main__":
    main(sys.argv[1:])
