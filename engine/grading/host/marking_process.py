"""The app's end of the marking process, which measures what children predict.

Children never see targets, and the app imports no numpy: so a small process of ours, started
once and kept for all gradings, puts inputs out and marks predictions (`marking_main.py`). It is
asked one thing at a time; a thing takes milliseconds. If it dies, stands still or is asked by
somebody who no longer waits, it is killed, and the next question starts another. Whatever goes
wrong with it is a fault of ours and costs no points.
"""

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from engine.grading import wire
from engine.grading.host.environment import environment
from engine.grading.protocol import Grade, Graded, GraderFailed, Job, Rejected, failed
from exam_bank.phrase import phrase
from exam_bank.platform import processes

COMMAND = (sys.executable, "-P", "-m", "engine.grading.marking.marking_main")
# It needs milliseconds, after a start of a fifth of a second; a busy machine takes longer.
ANSWER_SECONDS = 180.0
_END_SECONDS = 10.0
# Less than whoever closes the grader waits for it.
_EVIDENCE_SECONDS = 3.0
_LOG_TAIL = 300
# The category whose examples are windows of one series, so that neighbours overlap.
SERIES = 5

Request = wire.LayOut | wire.Measure | wire.MeasureTrials
Said = wire.LaidOut | wire.Diagnosed | Grade


class _Started(NamedTuple):
    """The process, and what it printed."""

    process: asyncio.subprocess.Process
    log: IO[bytes]


class MarkingProcess:
    """Marks for any number of graders; its process starts with `warm` or the first question."""

    def __init__(self, *, command: Sequence[str] = COMMAND) -> None:
        self._command = tuple(command)
        self._asking = asyncio.Lock()
        self._started: _Started | None = None
        self._starting: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[int]] = set()
        self._graders = 0
        self._closed = False
        # Whether the last answer left evidence to be written.
        self._makes_evidence = False

    def join(self) -> None:
        """Note that a grader uses it."""
        self._graders += 1

    async def leave(self) -> None:
        """Note that a grader has finished with it; the last one closes it."""
        self._graders -= 1
        if self._graders <= 0:
            await self.close()

    def warm(self) -> None:
        """Begin to start the process, unless it runs already; a failure shows when it is asked."""
        if self._started is None and self._starting is None and not self._closed:
            self._starting = asyncio.create_task(self._warm(), name="start the marking process")

    async def lay_out(self, job: Job, inputs: Path) -> wire.LaidOut | GraderFailed:
        """Put the inputs that the job's model is asked about into the file `inputs`."""
        asked = wire.LayOut(
            hidden=job.hidden, draw=job.draw, mark_scheme=job.mark_scheme, inputs=str(inputs)
        )
        said = await self._ask(asked)
        return said if isinstance(said, wire.LaidOut | GraderFailed) else _unfit()

    async def mark(self, job: Job, predictions: Path, shape: tuple[int, ...]) -> Grade:
        """Measure the file `predictions`, each of this `shape`: graded, rejected or failed.

        The job's evidence is written after the answer, and before the process does anything else.
        """
        asked = wire.Measure(
            hidden=job.hidden,
            draw=job.draw,
            predictions=str(predictions),
            shape=shape,
            contract=job.contract,
            mark_scheme=job.mark_scheme,
            bootstrap=job.bootstrap,
            series=job.category == SERIES,
            task=job.task,
            evidence=job.evidence,
        )
        said = await self._ask(asked)
        self._makes_evidence = job.evidence is not None
        return said if isinstance(said, Graded | Rejected | GraderFailed) else _unfit()

    async def mark_trials(
        self, job: Job, predictions: Path, tried: wire.Tried
    ) -> wire.Diagnosed | GraderFailed:
        """What the predictions of a diagnosis tell of the model."""
        asked = wire.MeasureTrials(
            hidden=job.hidden,
            draw=job.draw,
            predictions=str(predictions),
            tried=tried,
            contract=job.contract,
            mark_scheme=job.mark_scheme,
        )
        said = await self._ask(asked)
        return said if isinstance(said, wire.Diagnosed | GraderFailed) else _unfit()

    async def close(self) -> None:
        """End the process; nothing more can be asked. Evidence is given time to be written."""
        self._closed = True
        if self._starting is not None:
            await asyncio.wait([self._starting])
        if self._makes_evidence and not self._asking.locked():
            await self._finish()
        self._lose()
        if self._ending:
            await asyncio.wait(self._ending, timeout=_END_SECONDS)

    async def _finish(self) -> None:
        """Wait until the process has ended by itself, which it does when its stdin closes."""
        if self._started is not None and self._started.process.stdin is not None:
            self._started.process.stdin.close()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVIDENCE_SECONDS):
                    await self._started.process.wait()

    async def _warm(self) -> None:
        async with self._asking:
            with contextlib.suppress(OSError):
                await self._start()

    async def _ask(self, request: Request) -> Said:
        async with self._asking:
            try:
                async with asyncio.timeout(ANSWER_SECONDS):
                    return await self._answer(request)
            except TimeoutError:
                self._lose()
                return failed(phrase("The marking process did not answer."))
            except OSError as error:
                self._lose()
                return failed(
                    phrase("The marking process cannot be started: {error}.", error=error)
                )
            except (ValueError, msgspec.MsgspecError):  # too long a line, or none of ours
                self._lose()
                return _unfit()
            except BaseException:
                self._lose()  # its answer would be taken for that to the next question
                raise

    async def _answer(self, request: Request) -> Said:
        started = await self._start()
        stdin, stdout = started.process.stdin, started.process.stdout
        assert stdin is not None
        assert stdout is not None
        with contextlib.suppress(ConnectionError):  # it died: no line will say so
            stdin.write(wire.write(request))
            await stdin.drain()
        line = await stdout.readline()
        if line.endswith(b"\n"):
            return wire.read_marking(line)
        said = _tail(started.log)
        self._lose()
        return failed(phrase("The marking process ended without an answer. {said}", said=said))

    async def _start(self) -> _Started:
        """The process, started if there is none that lives; raises `OSError`."""
        if self._started is not None and self._started.process.returncode is not None:
            self._lose()
        if self._closed:
            raise OSError("the grader is closed")
        if self._started is None:
            log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
            try:
                self._started = _Started(await self._spawn(log), log)
            except BaseException:
                log.close()
                raise
        return self._started

    async def _spawn(self, log: IO[bytes]) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            limit=wire.LONGEST_LINE,
            start_new_session=True,
            creationflags=processes.OWN_GROUP,
            env=environment(os.environ, "cpu"),
        )

    def _lose(self) -> None:
        """Kill the process, if there is one; the next question starts another."""
        started, self._started = self._started, None
        self._starting = None
        if started is not None:
            if started.process.returncode is None:
                processes.kill_group(started.process)
            if started.process.stdin is not None:
                started.process.stdin.close()
            started.log.close()
            ending = asyncio.create_task(started.process.wait(), name="end a marking process")
            self._ending.add(ending)
            ending.add_done_callback(self._ending.discard)


def _unfit() -> GraderFailed:
    return failed(phrase("The marking process gave an answer to something else."))


def _tail(log: IO[bytes]) -> str:
    log.seek(0)
    return log.read().decode(errors="replace").strip()[-_LOG_TAIL:]
