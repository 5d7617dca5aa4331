"""What a stranger gets who runs code in a child: `python -m tests.hostile.stranger`.

A real grader, a real sandbox, a real marking process; only the child's last step, inspecting and
predicting, is the stranger's (`stranger_child.py`). Around it lies a whole sitting. Prints each
try with what came of it, for a child that is started and for one that is forked; exit status 1 if
one of them read what it must not, or got points that its predictions do not earn.
"""

import asyncio
import json
import os
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.host.marking_process import MarkingProcess
from engine.grading.protocol import Grade, GraderFailed, Job, score_of, verdict_of
from engine.grading.sandbox import landlock, seccomp
from exam_bank.material import HiddenSet
from tests.engine.fake_child import a_job, whole_hdf5
from tests.hostile import stranger_child
from tests.hostile.stranger_child import FORGES, GOT, READ_ALL, READ_ALL_UNWALLED, Aims

N = 60
CANARY = b"CANARY"
KINDS = ("started", "forked")


class Try(NamedTuple):
    """One try, whether it was held, and what came of it."""

    name: str
    held: bool
    outcome: str

    def __str__(self) -> str:
        return f"{'held' if self.held else 'GOT '}  {self.name}: {self.outcome}"


class Scene:
    """A sitting with everything a stranger could want, below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sitting = folder / "sittings" / "one"
        self.logs = self.sitting / "logs"
        self.hidden = self.sitting / "hidden" / "garments"
        # Each class as often as the others: whoever knows no target gets a third right.
        self.targets = [each % 3 for each in range(N)]
        random.Random(7).shuffle(self.targets)
        self._write_sets()
        self._write_files()

    def job(self) -> Job:
        """The stranger's own submission; a third right is worth nothing."""
        return a_job(self.sitting / "submissions" / "mine.h5", self.hidden)

    def aims(self, processes: dict[str, int]) -> Aims:
        """All that a stranger may know of it."""
        other, beside = self.sitting / "hidden" / "town-load", self.logs / "job-1-other"
        return {
            "sitting": str(self.sitting),
            "pattern": self.targets,
            "processes": processes,
            "files": {
                "the targets": str(self.hidden / "targets.npy"),
                "the set's baseline": str(self.hidden / "hidden.json"),
                "the hidden set's own inputs": str(self.hidden / "inputs.npy"),
                "another task's targets": str(other / "targets.npy"),
                "another task's inputs": str(other / "inputs.npy"),
                "the journal": str(self.sitting / "journal.jsonl"),
                "the sitting's record": str(self.sitting / "sitting.toml"),
                "another submission": str(self.sitting / "submissions" / "other.h5"),
                "another job's model": str(beside / "model.h5"),
                "another job's predictions": str(beside / "predictions"),
                "the candidate's keys": str(self.folder / "home" / ".ssh" / "id"),
                "the settings": str(self.folder / "home" / "config.toml"),
            },
            "folders": {
                "the hidden sets": str(self.sitting / "hidden"),
                "the submissions": str(self.sitting / "submissions"),
                "the other jobs": str(self.logs),
                "the sittings": str(self.folder / "sittings"),
                "the home folder": str(self.folder / "home"),
            },
        }

    def _write_sets(self) -> None:
        inputs = np.zeros((N, 8, 8, 1), np.float32)
        HiddenSet(inputs, np.array(self.targets)).write(self.hidden)
        HiddenSet(inputs, np.array(self.targets[::-1])).write(self.sitting / "hidden" / "town-load")

    def _write_files(self) -> None:
        for name in ("journal.jsonl", "sitting.toml", "submissions/other.h5"):
            self._canary(self.sitting / name)
        for name in ("model.h5", "predictions"):
            self._canary(self.logs / "job-1-other" / name)
        for name in (".ssh/id", "config.toml"):
            self._canary(self.folder / "home" / name)
        whole_hdf5(self.sitting / "submissions" / "mine.h5")

    @staticmethod
    def _canary(path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(CANARY)


async def tries(folder: Path, kind: str, *, real: bool = False) -> list[Try]:
    """Every try in a child of this `kind`; with `real`, TensorFlow is imported before the fork."""
    scene = Scene(folder)
    marking = MarkingProcess()
    marking.join()  # it serves all graders in turn
    try:
        marking.warm()
        assert marking._starting is not None
        await marking._starting
        assert marking._started is not None
        aims = scene.aims(
            {"the marking process": marking._started.process.pid, "the app": os.getpid()}
        )
        found = list(_read(await _graded(scene, kind, READ_ALL, aims, marking, real=real)))
        for how in FORGES:
            grade = await _graded(scene, kind, how, aims, marking, real=False)
            found.append(Try(how, not score_of(grade), _in_words(grade)))
        return found
    finally:
        await marking.leave()


async def reads_without_walls(folder: Path) -> list[Try]:
    """The same tries to read where nothing holds a child: they must be able to succeed."""
    scene, marking = Scene(folder), MarkingProcess()
    grade = await _graded(scene, "started", READ_ALL_UNWALLED, scene.aims({}), marking, real=False)
    return list(_read(grade))


async def _graded(
    scene: Scene, kind: str, how: str, aims: Aims, marking: MarkingProcess, *, real: bool
) -> Grade:
    server = None
    if kind == "forked":
        command = stranger_child.server_command(how, aims, real=real)
        server = ForkServer(scene.logs, command=command)
    grader = Grader(
        logs=scene.logs,
        prewarm=False,
        command=stranger_child.command(how, aims),
        fork_server=server,
        marking=marking,
    )
    grade = await grader.grade(scene.job())
    await grader.close()
    return grade


def _read(grade: Grade) -> Iterator[Try]:
    """What the reading child told its log."""
    assert isinstance(grade, GraderFailed), grade
    for line in Path(grade.log).read_text("utf-8", "replace").splitlines():
        if line.startswith("["):
            state, name, outcome = json.loads(line)
            yield Try(name, state != GOT, outcome)


def _in_words(grade: Grade) -> str:
    points = score_of(grade)
    worth = "no score" if points is None else f"{points}/5"
    return f"{verdict_of(grade)}, {worth}: {grade.message.text()}"


def possible() -> bool:
    """Whether this system has the walls that hold a child."""
    return bool(landlock.abi()) and seccomp.available()


def main() -> int:
    """Print the tables."""
    if not possible():
        print("This system has no such walls: nothing was tried.")
        return 2
    lost = 0
    for kind in KINDS:
        with tempfile.TemporaryDirectory() as name:
            done = asyncio.run(tries(Path(name), kind))
        lost += sum(not each.held for each in done)
        print(f"\na {kind} child, {len(done)} tries, {sum(each.held for each in done)} held\n")
        print("\n".join(map(str, done)))
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
