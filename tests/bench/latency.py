"""How long a candidate waits from a closed file to a score, beside what a bare script takes.

One run measures everything on the same machine, models and hidden set, taking turns, so
that the ratios mean something on a busy machine too; nothing is asserted. Run with
`python -m tests.bench.latency [RUNS]`; the last lines are the ratios.
"""

import asyncio
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import NamedTuple

import psutil

from engine.clock import SystemClock
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, Job, Progress, Stage
from engine.sitting.intake.scanner import Scanner, Seen
from engine.sitting.intake.watcher import Watcher
from exam_bank.task import Task

TASK = "garments"
SEED = "7"
RUNS = 7

MAKE_MODELS = """
import sys, keras
for number in range(int(sys.argv[2])):
    layers = keras.layers
    keras.utils.set_random_seed(number)
    model = keras.Sequential([
        layers.Input((28, 28)), layers.Reshape((28, 28, 1)),
        layers.Conv2D(32, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Conv2D(64, 3, activation="relu"), layers.MaxPooling2D(),
        layers.Flatten(), layers.Dense(128, activation="relu"),
        layers.Dense(10, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.save(f"{sys.argv[1]}/model-{number}.h5")
"""

# What a candidate's own check of a model looks like; then again in the same process.
BARE_SCRIPT = """
import json, sys, time
import numpy as np, tensorflow as tf
hidden, *models = sys.argv[1:]
about = json.load(open(f"{hidden}/hidden.json"))
targets = np.load(f"{hidden}/targets.npy")
for path in models:
    start = time.perf_counter()
    inputs = np.load(f"{hidden}/inputs.npy").astype("float32") * about["input_scale"]
    model = tf.keras.models.load_model(path, compile=False)
    found = model.predict(inputs, batch_size=256, verbose=0).argmax(axis=1)
    print(json.dumps([float((found == targets).mean()), time.perf_counter() - start]))
"""


def main(runs: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        bench = Bench(Path(name), runs)
        bench.prepare()
        script, headless = [], []
        for number in range(runs):
            script.append(bench.cold_script(number))
            headless.append(bench.cold_tfexam(number))
        imported = bench.imported_process()
        app = asyncio.run(bench.app())
        print_all(script, headless, imported, app)


class Bench:
    """The folder, models and hidden set of one run."""

    def __init__(self, folder: Path, runs: int) -> None:
        self.folder, self.runs = folder, runs
        self.task = Task.read(Path(__file__).parents[2] / "exam_bank" / "tasks" / TASK)
        self.hidden = folder

    def prepare(self) -> None:
        """Make the models, and the hidden set in the cache of `tfexam grade`."""
        # One more than there are runs: the first of a process is for warming up.
        run("-c", MAKE_MODELS, self.folder, self.runs + 1)
        self.cold_tfexam(0)
        self.hidden = next((self.folder / "home" / "cache" / "hidden").iterdir())

    def model(self, number: int) -> Path:
        return self.folder / f"model-{number}.h5"

    def cold_script(self, number: int) -> float:
        """Seconds of a bare script that loads one model and evaluates it."""
        return seconds_of(lambda: run("-c", BARE_SCRIPT, self.hidden, self.model(number)))

    def cold_tfexam(self, number: int) -> float:
        """Seconds of `tfexam grade` for one file."""
        grade = ("grade", self.model(number), "--task", TASK, "--seed", SEED)
        home = {"TFEXAM_HOME": str(self.folder / "home")}
        code = "from tui.cli import main; main()"
        return seconds_of(lambda: run("-c", code, *grade, **home))

    def imported_process(self) -> list[float]:
        """Seconds of load and predict in a process that has done so before."""
        models = [self.model(number) for number in range(self.runs + 1)]
        said = run("-c", BARE_SCRIPT, self.hidden, *models)
        return [json.loads(line)[1] for line in said.splitlines()][1:]

    async def app(self) -> "App":
        """Every submission of the app's way, from a closed file to its grade."""
        folder, kept = self.folder / "Category2", self.folder / "submissions"
        folder.mkdir()
        kept.mkdir()
        seen: asyncio.Queue[Seen] = asyncio.Queue()
        clock = SystemClock()
        watch = Watcher(
            Scanner({TASK: folder}, kept, clock),
            [folder],
            clock,
            poll_seconds=2,
            report=lambda each: seen.put_nowait(each) if isinstance(each, Seen) else None,
        )
        watching = asyncio.create_task(watch.run())
        logs = self.folder / "logs"
        # As a sitting's queue makes it: a grader of low priority keeps no child warm.
        server = ForkServer(logs, priority="normal") if ForkServer.possible("cpu") else None
        grader = Grader(logs=logs, fork_server=server, priority="normal")
        await grader.start()
        app = App()
        for number in range(self.runs):
            app.weight = await settled(psutil.Process())
            await self._submit(number, folder, kept, seen, grader, app)
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        await grader.close()
        return app

    async def _submit(
        self,
        number: int,
        folder: Path,
        kept: Path,
        seen: "asyncio.Queue[Seen]",
        grader: Grader,
        app: "App",
    ) -> None:
        shutil.copyfile(self.model(number), folder / "mymodel.h5")
        closed = time.perf_counter()
        found = await seen.get()
        marks = [("wait", time.perf_counter())]

        def hear(progress: Progress) -> None:
            if progress.done == 0.0 and progress.stage is not Stage.WAITING:
                marks.append((progress.stage.value, time.perf_counter()))

        grade = await grader.grade(self.job(kept / f"{found.sha256}.h5"), hear)
        done = time.perf_counter()
        if not isinstance(grade, Graded):
            raise SystemExit(f"not graded: {grade.message.text()}")
        app.whole.append(done - closed)
        app.add("wait for quiet, freeze", marks[0][1] - closed)
        ends = [at for _, at in marks[2:]] + [done]
        for (stage, at), end in zip(marks[1:], ends, strict=True):
            app.add(NAMES[stage], end - at)

    def job(self, model: Path) -> Job:
        """The grading of `model`."""
        says = self.task.says
        return Job(
            submission=model.stem,
            task=TASK,
            category=says.category,
            model=str(model),
            hidden=str(self.hidden),
            contract=says.contract,
            mark_scheme=says.mark_scheme.hardest,
            limits=says.limits,
        )


NAMES = {
    "starting": "hand over",
    "inspecting": "inspect",
    "loading": "load",
    "predicting": "predict",
    "marking": "mark, answer",
}


class Weight(NamedTuple):
    """Memory in MB: of the child that waits, and of all processes that grade together."""

    child: float
    child_alone: float
    together: float


class App:
    """What the app's way took: the whole, its parts, and what its waiting processes weigh."""

    def __init__(self) -> None:
        self.whole: list[float] = []
        self.parts: dict[str, list[float]] = {}
        self.weight = Weight(0.0, 0.0, 0.0)

    def add(self, part: str, seconds: float) -> None:
        self.parts.setdefault(part, []).append(seconds)


async def settled(app: psutil.Process, besides: Collection[psutil.Process] = frozenset()) -> Weight:
    """Wait until the warm child of `app` has nothing left to do; what it weighs then.

    Its children `besides` are not looked at.
    """
    while True:
        await asyncio.sleep(0.5)
        all_of_them = [each for each in app.children(recursive=True) if each not in besides]
        waiting = [each for each in all_of_them if has_a_tray(each)]
        if len(waiting) != 1:
            continue
        before = spent(all_of_them)
        await asyncio.sleep(1.0)
        with contextlib.suppress(psutil.Error):  # one of them has ended meanwhile
            if spent(all_of_them) - before < 0.02 and spent(waiting) > 0.1:
                child, together = waiting[0].memory_full_info(), map(proportional, all_of_them)
                return Weight(child.rss / 1e6, child.uss / 1e6, sum(together))


def has_a_tray(process: psutil.Process) -> bool:
    """Whether it is a grading child, and not their fork server."""
    with contextlib.suppress(psutil.Error):
        return Path(process.cwd()).name.startswith("job-")
    return False


def proportional(process: psutil.Process) -> float:
    """MB of a process, of what it shares its part alone."""
    memory = process.memory_full_info()
    return float(getattr(memory, "pss", memory.uss)) / 1e6


def spent(processes: Iterable[psutil.Process]) -> float:
    """Seconds of processor time."""
    return sum(sum(each.cpu_times()[:2]) for each in processes)


def run(*arguments: object, **variables: str) -> str:
    """The output of a Python program without a GPU; ends the bench when it fails."""
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**environment, **variables},
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise SystemExit(done.stderr[-2000:])
    return done.stdout


def seconds_of(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def print_all(script: list[float], headless: list[float], imported: list[float], app: App) -> None:
    print(f"medians of {len(script)} runs (fastest–slowest), seconds\n")
    row("bare script, cold", script)
    row("tfexam grade, cold", headless)
    row("load + predict, imported already", imported)
    row("app: closed file → score", app.whole)
    for part, seconds in app.parts.items():
        row(f"    {part}", seconds)
    weight = app.weight
    print(
        f"\nthe child that waits: {weight.child:.0f} MB resident, {weight.child_alone:.0f} MB its "
        f"own; with the fork server {weight.together:.0f} MB\n"
    )
    after_wait = [
        whole - wait for whole, wait in zip(app.whole, next(iter(app.parts.values())), strict=True)
    ]
    ratio("tfexam grade / bare script", headless, script)
    ratio("frozen file → score / load + predict", after_wait, imported)
    ratio("closed file → score / load + predict", app.whole, imported)
    ratio("closed file → score / bare script", app.whole, script)


def row(name: str, seconds: Iterable[float]) -> None:
    each = sorted(seconds)
    print(f"{name:36} {statistics.median(each):7.3f}  ({each[0]:.3f}–{each[-1]:.3f})")


def ratio(name: str, over: Iterable[float], under: Iterable[float]) -> None:
    print(f"{name:44} {statistics.median(over) / statistics.median(under):6.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
