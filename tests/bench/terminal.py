"""What the app costs a terminal and a machine, beside a bare Textual app and published ones.

    python -m tests.bench.terminal [--look-in DIR …] [--beside NAME=COMMAND …]
                                   [--before NAME=COMMAND …] [--seconds 20] [--runs 5] [--quits 3]

Everything runs in a pty of 120×40 that a thread reads, in turns, so that the ratios mean
something on a busy machine too. First paint is when the first letters stand on the
screen; its processor time is that of the process until then. Each app was started once
before, so that all of them are compiled, as they are on anyone's machine. The exam screen
is a real sitting, its clock running, every panel at its own pace, TensorFlow waiting in
its child; it is left while a model is graded. `--before` names an earlier tfexam, whose exam
screen is looked at in the same seconds. Nothing is asserted; the ratios come last.
"""

import argparse
import contextlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.bench import published
from tests.e2e.exam_room import ExamRoom, confirm
from tests.e2e.terminal import Terminal

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("a bare Textual app")
Bare().run()
"""
APP = [sys.executable, "-m", "tui.cli"]
TASKS = ("straight-line", "garments", "shop-sales")
SETTLE_SECONDS = 6.0
IMPORT_SECONDS = 30.0  # until the grading child has imported TensorFlow, also on a busy machine
PATIENCE_SECONDS = 60.0
GRADING = "predicting|loading"


@dataclass
class Costs:
    """Of one app: seconds and MB of each start, then one long look at rest."""

    paint: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    rest: float | None = None
    bytes: float | None = None


class Counted(Terminal):
    """A terminal that counts what it is sent."""

    sent = 0

    def wait_until_gone(self) -> None:
        """Until the program has let go of the terminal; what pexpect does then takes time."""
        self._reader.join(PATIENCE_SECONDS)

    def _note_sequences(self, data: bytes) -> None:
        self.sent += len(data)
        super()._note_sequences(data)


def start(command: Sequence[str], room: ExamRoom) -> tuple[Counted, float, float]:
    """The app at its first paint: wall seconds and processor seconds until then."""
    began = time.perf_counter()
    app = Counted(command, environment=room.environment, folder=str(room.folder))
    while not any(letter.isalnum() for letter in app.screen()):
        if not app.runs or time.perf_counter() - began > PATIENCE_SECONDS:
            raise SystemExit(f"{shlex.join(command)} shows nothing.")
        time.sleep(0.002)
    painted = time.perf_counter() - began
    return app, painted, processor_seconds(app.pid)


def processor_seconds(pid: int) -> float:
    """What a process has used: to the nanosecond on Linux, whose usual clock counts hundredths."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
        return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9
    except OSError:
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)


def measure_start(command: Sequence[str], room: ExamRoom, costs: Costs) -> None:
    """One start, added to `costs`; the memory is that of two seconds later."""
    app, painted, cpu = start(command, room)
    with app:
        time.sleep(2)
        costs.paint.append(painted)
        costs.cpu.append(cpu)
        costs.memory.append(psutil.Process(app.pid).memory_info().rss / 1e6)


def measure_rest(app: Counted, seconds: float, costs: Costs) -> None:
    """Processor share (of one core) and bytes a second of an app that is left alone."""
    before, sent, began = processor_seconds(app.pid), app.sent, time.perf_counter()
    time.sleep(seconds)
    passed = time.perf_counter() - began
    costs.rest = (processor_seconds(app.pid) - before) / passed
    costs.bytes = (app.sent - sent) / passed


def exam_screens(commands: dict[str, list[str]], seconds: float, folder: Path) -> dict[str, Costs]:
    """The exam screen of each tfexam at rest, all in the same seconds."""
    costs = {name: Costs() for name in commands}
    rooms = {name: room_in(folder / f"exam {number}") for number, name in enumerate(commands)}
    apps: dict[str, Counted] = {}

    def open_app(name: str) -> None:
        apps[name] = practice(rooms[name], commands[name])

    # At once: an app that was opened earlier has loaded more.
    at_once(lambda name=name: open_app(name) for name in commands)  # type: ignore[misc]
    with contextlib.ExitStack() as opened:
        for app in apps.values():
            opened.enter_context(app)
        time.sleep(IMPORT_SECONDS)
        for name, app in apps.items():
            costs[name].memory.append(psutil.Process(app.pid).memory_info().rss / 1e6)
        at_once(
            lambda name=name: measure_rest(apps[name], seconds, costs[name])  # type: ignore[misc]
            for name in apps
        )
    return costs


def leaving(room: ExamRoom, quits: int) -> list[float]:
    """The seconds that each leaving takes while a model is graded."""
    left, model = [], slow_model(room)
    with practice(room, APP) as app:
        (room.category(2) / "mymodel.h5").write_bytes(model)
        left.append(seconds_to_leave(app))
    while len(left) < quits:  # it goes on with the sitting, and with the grading
        with Counted(APP, environment=room.environment, folder=str(room.folder)) as app:
            left.append(seconds_to_leave(app))
    return left


def practice(room: ExamRoom, command: Sequence[str]) -> Counted:
    """The app with the clock of a session running."""
    options = ["practice", *TASKS, "--minutes", "120", "--dir", str(room.workspace)]
    app = Counted([*command, *options], environment=room.environment, folder=str(room.folder))
    app.wait_for("The paper is ready", 180)
    app.press("s")
    app.wait_for("○ not started")
    return app


def seconds_to_leave(app: Counted) -> float:
    """From the key that says yes until the terminal is free, in the middle of a grading."""
    app.wait_for(GRADING, 120)
    confirm(app, "ctrl+q")
    began = time.perf_counter()
    app.wait_until_gone()
    return time.perf_counter() - began


def slow_model(room: ExamRoom) -> bytes:
    """A model that takes long to grade; made by a process of its own."""
    path = room.folder / "slow.h5"
    code = (
        "import sys, keras; layers = keras.layers; model = keras.Sequential(["
        "keras.Input((28, 28)), layers.Reshape((28, 28, 1)), layers.Conv2D(128, 5), "
        "layers.Conv2D(128, 5), layers.Flatten(), layers.Dense(10, 'softmax')]); "
        "model.save(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", code, path], check=True, capture_output=True)
    return path.read_bytes()


def room_in(folder: Path) -> ExamRoom:
    """A room of its own, in which what is imported is compiled once, as everywhere else."""
    folder.mkdir()
    room = ExamRoom(folder)
    room.environment.pop("PYTHONDONTWRITEBYTECODE", None)
    room.environment["PYTHONPYCACHEPREFIX"] = str(folder.parent / "compiled")
    return room


def run(
    beside: dict[str, list[str]],
    before: dict[str, list[str]],
    given: argparse.Namespace,
    folder: Path,
) -> None:
    """Measure everything and print it."""
    homes = {f"{name}, home screen": command for name, command in before.items()}
    apps = {
        "bare Textual app": [sys.executable, "-c", BARE],
        "tfexam, home screen": APP,
        **homes,
        **beside,
    }
    costs = {name: Costs() for name in apps}
    rooms = {name: room_in(folder / str(number)) for number, name in enumerate(apps)}
    for name, command in apps.items():
        measure_start(command, rooms[name], Costs())
    for _ in range(given.runs):
        for name, command in apps.items():
            measure_start(command, rooms[name], costs[name])
    at_once(
        lambda name=name: rest_of(apps[name], rooms[name], given.seconds, costs[name])  # type: ignore[misc]
        for name in apps
    )
    exams = exam_screens({"tfexam": APP, **before}, given.seconds, folder)
    print_all(costs, exams, leaving(room_in(folder / "left"), given.quits))


def rest_of(command: Sequence[str], room: ExamRoom, seconds: float, costs: Costs) -> None:
    app, _, _ = start(command, room)
    with app:
        time.sleep(SETTLE_SECONDS)
        measure_rest(app, seconds, costs)


def at_once(calls: Iterable[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def print_all(costs: dict[str, Costs], exams: dict[str, Costs], left: list[float]) -> None:
    print(f"{'':30} {'paint s':>8} {'CPU s':>7} {'RSS MB':>7} {'rest %':>7} {'bytes/s':>8}")
    for name, each in costs.items():
        starts = [statistics.median(one) for one in (each.paint, each.cpu, each.memory)]
        print(f"{name:30} {starts[0]:8.2f} {starts[1]:7.2f} {starts[2]:7.1f} {at_rest(each)}")
    for name, exam in exams.items():
        memory = f"{exam.memory[0]:7.1f}"
        print(f"{name + ', exam screen':30} {'':8} {'':7} {memory} {at_rest(exam)}")
    each_time = " · ".join(f"{seconds:.2f}" for seconds in left)
    print(f"\nquit while a model is graded: {statistics.median(left):.2f} s ({each_time})")
    bare, own = costs["bare Textual app"], costs["tfexam, home screen"]
    for label, over, under in (
        ("first paint, wall", own.paint, bare.paint),
        ("first paint, processor time", own.cpu, bare.cpu),
        ("memory", own.memory, bare.memory),
    ):
        print(f"tfexam / bare: {label:28} {statistics.median(over) / statistics.median(under):.2f}")


def at_rest(costs: Costs) -> str:
    rest = "" if costs.rest is None else f"{100 * costs.rest:.2f}"
    sent = "" if costs.bytes is None else f"{costs.bytes:.0f}"
    return f"{rest:>7} {sent:>8}"


def main() -> None:
    """The command line."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--beside", action="append", default=[], metavar="NAME=COMMAND")
    asked.add_argument("--before", action="append", default=[], metavar="NAME=COMMAND")
    asked.add_argument("--look-in", action="append", default=[], metavar="DIR")
    asked.add_argument("--seconds", type=float, default=20, help="how long each app is left alone")
    asked.add_argument("--runs", type=int, default=5, help="starts of each app")
    asked.add_argument("--quits", type=int, default=3, help="how often a grading is left")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="tfexam-terminal-") as folder:
        beside = published.found(given.look_in, Path(folder))
        if missing := [each.name for each in published.APPS if each.name not in beside]:
            print(f"Not found: {', '.join(missing)}. To have them beside:")
            print(published.how_to_get(missing) + "\n")
        run(beside | named(given.beside), named(given.before), given, Path(folder))


def named(commands: Iterable[str]) -> dict[str, list[str]]:
    """Each NAME=COMMAND as a name and the command's words."""
    pairs = dict(each.split("=", 1) for each in commands)
    return {name: shlex.split(command) for name, command in pairs.items()}


if __name__ == "__main__":
    main()
