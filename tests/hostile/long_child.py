"""A sandboxed grading child that takes many files, for tests that grade hundreds.

The real child takes one job and costs seconds to start. This one is built of its parts in
the same order: imports, walls, then whatever comes, each through the worker's own last
wall. Run as a program it is the child; `LongChild` is its owner's end, which kills it when
it is silent for too long and starts another after a death.
"""

import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import psutil
from msgspec.structs import replace

from engine.errors import SubmissionRejected
from engine.grading import wire
from engine.grading.host import verdicts
from engine.grading.host.environment import environment
from engine.grading.protocol import Grade, Job, Message, ModelFacts, Progress, Stage
from tests.engine.whole_grade import laid_out, marked

COMMAND = (sys.executable, "-m", "tests.hostile.long_child")
START_SECONDS = 300.0
# What loaded models leave behind in TensorFlow adds up.
FILES_PER_CHILD = 1_000
CLEAR_EVERY = 50
NO_LIMIT = 1_000_000.0


class HungError(Exception):
    """The child gave no answer in time; it has been killed."""


class LongChild:
    """Grades jobs one after the other; files must lie below `job_files`.

    `inspected=False` lets every file go to tf_keras as if inspection had passed it.
    """

    def __init__(
        self,
        job_files: Path,
        log: Path,
        *,
        inspected: bool = True,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self.job_files = job_files
        self._command = command
        self.log = log
        self.deaths = 0
        self._how = "inspected" if inspected else "uninspected"
        self._process: subprocess.Popen[bytes] | None = None
        self._said = bytearray()
        self._taken = 0

    def ready(self) -> "subprocess.Popen[bytes]":
        """The child that takes the next file, started if there is none."""
        if self._taken >= FILES_PER_CHILD:
            self.close()
        if self._process is None:
            self._process, self._taken = self._start(), 0
        return self._process

    def grade(self, job: Job, seconds: float) -> Grade:
        """What the app would make of this child's answer or death.

        Raises `HungError` when there is neither within `seconds`.
        """
        process = self.ready()
        assert process.stdin is not None
        self._taken += 1
        inputs, predictions = self.job_files / wire.INPUTS, self.job_files / wire.PREDICTIONS
        told = laid_out(job, inputs)
        assert isinstance(told, wire.ChildJob), told
        os.truncate(predictions, 0)
        process.stdin.write(wire.write(told))
        process.stdin.flush()
        stage, model, deadline = Stage.STARTING, ModelFacts(), time.monotonic() + seconds
        while (line := self._line(process, deadline)) is not None:
            match wire.read(line):
                case Progress() as progress:
                    stage = progress.stage
                case wire.Inspected() as inspected:
                    model = inspected.model
                case wire.Predicted() as predicted:
                    grade = marked(job, predicted, predictions)
                    return replace(grade, model=model)
                case grade:
                    return grade
        return self._verdict_on_death(process, stage, model, job)

    def started_processes(self) -> list[psutil.Process]:
        """What the child has started: nothing, or the sandbox has a hole."""
        assert self._process is not None
        try:
            return psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def close(self) -> None:
        """End the child."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> "subprocess.Popen[bytes]":
        self._said.clear()
        with self.log.open("wb") as log:
            process = subprocess.Popen(
                [*self._command, str(self.job_files), self._how],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=Path(__file__).parents[2],
                env=environment(os.environ, "cpu"),
                start_new_session=True,
            )
        self._process = process
        (self.job_files / wire.PREDICTIONS).touch()
        first = self._line(process, time.monotonic() + START_SECONDS)
        assert first is not None, self._log_tail()
        assert wire.read(first) == wire.READY
        return process

    def _line(self, process: "subprocess.Popen[bytes]", deadline: float) -> bytes | None:
        """The next line, or None when the child has ended."""
        stdout: IO[bytes] | None = process.stdout
        assert stdout is not None
        while b"\n" not in self._said:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([stdout], [], [], left)[0]:
                self.close()
                raise HungError
            chunk = os.read(stdout.fileno(), 65536)
            if not chunk:
                return None
            self._said += chunk
        line, _, rest = bytes(self._said).partition(b"\n")
        self._said[:] = rest
        return line + b"\n"

    def _verdict_on_death(
        self, process: "subprocess.Popen[bytes]", stage: Stage, model: ModelFacts, job: Job
    ) -> Grade:
        status = process.wait()
        self.close()
        self.deaths += 1
        return verdicts.verdict(verdicts.Death(stage, status, self._log_tail()), model, job.limits)

    def _log_tail(self) -> str:
        return self.log.read_bytes()[-4096:].decode(errors="replace")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def main(job_files: Path, how: str) -> None:
    from engine.grading import sandbox
    from engine.grading.child import process, worker
    from exam_bank.platform import processes

    say = process.answer_channel()
    processes.die_with_parent()
    processes.step_back()
    worker.import_tensorflow()
    worker.import_the_other_keras()
    predictions = process.open_predictions(job_files)
    level = sandbox.enter([job_files])
    sys.stderr.write(f"sandbox: {level}\n")
    sandbox.limit(NO_LIMIT, 6_000)
    # One job's limit on processor time would count for all of them.
    sandbox.limit = lambda seconds, memory_mb: None
    if how == "uninspected":
        _bypass_inspection()
    say(wire.READY)
    taken = 0
    while line := process.read_line():
        say(worker.grade_line(line, say, predictions))
        taken += 1
        if taken % CLEAR_EVERY == 0:
            _forget_models()


def _bypass_inspection() -> None:
    import tf_keras

    from engine.grading.child import runtime
    from engine.grading.child.model_function import first_line
    from engine.grading.inspection import model_file

    def load(path: Path, *_: object) -> runtime.LoadedModel:
        try:
            return runtime.LoadedModel(tf_keras.models.load_model(path, compile=False), "tf_keras")
        except Exception as error:
            says = Message("{error}", {"error": first_line(error)})
            raise SubmissionRejected("cannot_load", says) from error

    passed = model_file.Inspection(ModelFacts(), "tf_keras", None, None)
    model_file.inspect = lambda *_, **__: passed
    setattr(runtime, "load", load)  # noqa: B010
    model_file.check_shapes = lambda inputs, outputs, contract: None


def _forget_models() -> None:
    import keras
    import tf_keras

    keras.backend.clear_session()
    tf_keras.backend.clear_session()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
