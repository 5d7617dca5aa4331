"""A place to sit an exam in: folders of its own, the app in a terminal, commands beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import psutil

from exam_bank.paper import Paper
from exam_bank.task import Task
from tests.e2e.terminal import Terminal
from tests.processes import outliving
from tests.tui.sittings import synthetic_paper

# As `tfexam`, but leaves behind the names of all modules that the process has imported, and
# every address it wanted to speak to.
_TELLING = """
import pathlib, sys
told = pathlib.Path(sys.argv.pop(1))
calls = []
NETWORK = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
sys.addaudithook(lambda event, of: calls.append(f"{event} {of[-1]}") if event in NETWORK else None)
from tui.cli import main
try:
    main(prog_name="tfexam")
finally:
    told.write_text("\\n".join(sys.modules))
    told.with_name("calls.txt").write_text("\\n".join(calls))
"""
HEAVY = {"tensorflow", "tf_keras", "keras", "numpy", "h5py"}
TRAINING_SECONDS = 1800


def paper_with(*tasks: str) -> Paper:
    """The first paper whose tasks include `tasks` and need no data set: the same each time."""
    return synthetic_paper(lambda drawn: set(tasks) <= drawn.weights.keys())


class ExamRoom:
    """Everything of one test lies in `folder`; nothing of the account that runs it is read."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "workspace"
        self.folder = folder
        self._modules = folder / "modules.txt"
        kept = {name: value for name, value in os.environ.items() if "TFEXAM" not in name}
        self.environment = kept | {
            "TFEXAM_HOME": str(folder / "home"),
            "TFEXAM_CONFIG": str(folder / "no-config.toml"),
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
        }

    def app(self, *args: str, leader: Sequence[str] = (), **settings: str) -> Terminal:
        """The app in a terminal; `settings` are further environment variables.

        It leads the terminal's session, unless a `leader` starts it.
        """
        return Terminal(
            [*leader, sys.executable, "-c", _TELLING, str(self._modules), *args],
            environment=self.environment | settings,
            folder=str(self.folder),
        )

    def exam(self, of: Paper, **settings: str) -> Terminal:
        """The app with the clock of a new exam running."""
        options = ("--code", of.code, "--minutes", "120", "--dir", str(self.workspace))
        app = self.app("exam", *options, **settings)
        app.wait_for("The paper is ready", 180)
        app.press("s")
        app.wait_for("○ not started")
        return app

    def command(self, *args: str) -> subprocess.CompletedProcess[str]:
        """A command of tfexam without a terminal."""
        return subprocess.run(
            [sys.executable, "-m", "tui.cli", *args],
            env=self.environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def history(self) -> list[dict[str, Any]]:
        """What `tfexam history` says."""
        done = self.command("history", "--format", "json")
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def evidence(self) -> list[Path]:
        """Every file of the test, by name or content, that tells what a grade is made of."""
        files = (path for path in self.folder.rglob("*") if path.is_file())
        return [
            path
            for path in files
            if "evidence" in path.parts or b'"flip_risk"' in path.read_bytes()
        ]

    def category(self, number: int) -> Path:
        """The candidate's folder of a category."""
        return self.workspace / f"Category{number}"

    def called(self) -> list[str]:
        """What the app which ended last wanted of the network."""
        return self._modules.with_name("calls.txt").read_text().splitlines()

    def imported(self) -> set[str]:
        """The top-level modules that the app which ended last had imported."""
        return {name.split(".")[0] for name in self._modules.read_text().split()}


def confirm(app: Terminal, key: str) -> None:
    """Press a key that asks back, and say yes."""
    app.press(key)
    app.wait_for(r"\by [A-Z]\w+")
    app.press("y")


def solve(task: Task, folder: Path) -> None:
    """Do as a candidate who knows the answer: fill the starter in, and run it."""
    (folder / "starter.py").write_bytes(task.references()[0].read_bytes())
    run(folder / "starter.py")


def run(program: Path) -> None:
    """Run a program of the candidate in its folder; it must succeed."""
    done = subprocess.run(
        [sys.executable, str(program)],
        cwd=program.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TRAINING_SECONDS,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def children_of(pid: int) -> list[psutil.Process]:
    """The processes that the app has started."""
    return psutil.Process(pid).children(recursive=True)


def still_there(processes: Iterable[psutil.Process], seconds: float = 20) -> list[psutil.Process]:
    """Those of `processes` that have not ended within `seconds`."""
    return outliving(processes, seconds)
