"""Runs solutions as forks of one warm process, so that none waits to import TensorFlow.

A proof runs dozens of programs that all start with the same three seconds. Here one process
(`solution_fork_main.py`) does the imports once, and each program is a fork of it with its
own session and process group, folder, log and cost. How this differs from `python
starter.py`, and why the proof is the same:

* modules are already imported; the CPU seconds of the import are added to each program's,
  because a candidate pays for them too;
* Keras' settings file is not read, so that a proof means the same for every author;
* the process ends with `os._exit`, after joining threads, running `atexit` and flushing,
  but without tearing TensorFlow down.

This needs a system that can fork safely, which is Linux; elsewhere `solution_run.py` starts
a new Python for each program.
"""

import asyncio
import contextlib
import itertools
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import msgspec

from exam_bank.errors import BankError
from exam_bank.platform import forks
from exam_bank.proof.solution_fork_main import News, Ready, Request, SolutionEnded, SolutionStarted
from exam_bank.proof.solution_run import LOG, Ran, tail


def can_fork() -> bool:
    """Whether this system can fork a process that has imported TensorFlow."""
    return forks.possible()


class _Waiting:
    """One request that has not been answered in full."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.started: asyncio.Future[int] = loop.create_future()
        self.ended: asyncio.Future[SolutionEnded] = loop.create_future()

    def fail(self, error: BankError) -> None:
        for each in (self.started, self.ended):
            if not each.done():
                each.set_exception(error)
                each.exception()  # mark it as retrieved: perhaps nobody awaits it


class PreloadedPython:
    """A process that has imported `modules`; use it with `async with`."""

    def __init__(self, modules: Sequence[str], environment: Mapping[str, str]) -> None:
        self._modules = tuple(modules)
        self._environment = dict(environment)
        self._numbers = itertools.count()
        self._waiting: dict[int, _Waiting] = {}
        self._importing = 0.0

    async def __aenter__(self) -> Self:
        self._ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __aexit__)
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "exam_bank.proof.solution_fork_main", *self._modules),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
            env=self._environment,
        )
        self._listening = asyncio.create_task(self._listen(), name="preloaded python")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()  # a fork that still runs dies with it
        await asyncio.shield(self._listening)
        self._log.close()

    async def run_solution(self, script: Path, folder: Path, *, limit: float) -> Ran:
        """Run `script` as `starter.py` in `folder`, for at most `limit` wall seconds.

        Its process group is gone when this returns. Raises `BankError` if the warm process
        has died.
        """
        shutil.copyfile(script, folder / "starter.py")
        await asyncio.shield(self._ready)
        log = folder / LOG
        number, waiting = next(self._numbers), _Waiting()
        self._waiting[number] = waiting
        began = time.perf_counter()
        await self._ask(Request(number, "starter.py", str(folder), str(log)))
        finished: set[asyncio.Future[SolutionEnded]] = set()
        try:
            finished, _ = await asyncio.wait({waiting.ended}, timeout=limit)
        finally:
            ended = await asyncio.shield(self._end(waiting))
        return Ran(
            status=ended.status,
            seconds=time.perf_counter() - began,
            cpu_seconds=ended.cpu_seconds + self._importing,
            timed_out=not finished,
            log=tail(log),
        )

    async def _ask(self, request: Request) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):  # it died: `_listen` says so to all
            self._process.stdin.write(msgspec.json.encode(request) + b"\n")
            await self._process.stdin.drain()

    @staticmethod
    async def _end(waiting: _Waiting) -> SolutionEnded:
        """Kill what is left of a request and wait until it is gone."""
        pid = await waiting.started
        if not waiting.ended.done():
            forks.kill_group(pid)
        return await waiting.ended

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            news: News = msgspec.json.decode(line, type=News)
            match news:
                case Ready():
                    self._importing = news.cpu_seconds
                    self._ready.set_result(None)
                case SolutionStarted():
                    self._waiting[news.number].started.set_result(news.pid)
                case SolutionEnded():
                    self._waiting.pop(news.number).ended.set_result(news)
        status = await self._process.wait()
        self._fail(status)

    def _fail(self, status: int) -> None:
        self._log.seek(0)
        said = self._log.read().decode(errors="replace").strip()[-600:]
        error = BankError(f"The process that runs solutions ended with status {status}. {said}")
        for waiting in self._waiting.values():
            waiting.fail(error)
        if not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()
