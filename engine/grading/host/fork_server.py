"""The fork server: one process with TensorFlow imported, from which grading children are forked.

This is the app's end of it; `fork_server_main.py` is the process. Forking saves each child the
imports, so the next child is warm at once, and a class of files costs a third of the
processor time. It works only on Linux and only without a GPU: macOS' and CUDA's libraries do
not survive a fork. Where it does not work, children are started one by one; only `child.py`
sees the difference. The same holds while the process does not react: a stopped one forks no
child and reports no death.
"""

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, assert_never

import msgspec

from engine.grading import wire
from engine.grading.host.environment import environment
from engine.grading.host.verdicts import UNKNOWN
from engine.grading.protocol import Device
from exam_bank.platform import forks, kernel
from exam_bank.platform.processor_use import ProcessorUse

COMMAND = (sys.executable, "-P", "-m", "engine.grading.child.fork_server_main")
# Seconds that the process may be stopped while we wait for a child.
STILL_SECONDS = 5.0
_LOOK_SECONDS = 0.25
# Seldom: beside a training the imports take minutes, and the app is at rest meanwhile.
_STILL_LOOK_SECONDS = 1.0
# How often we look until it must have reported a child that we see is dead.
_LOOKS = 8
_END_SECONDS = 10.0
_LONGEST = 65536


class ForkServerError(Exception):  # never leaves the engine, so not in the error tree
    """No child can be forked; start one instead."""


class ForkedProcess:
    """A forked child, with the interface of `asyncio.subprocess.Process`."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, stdin: asyncio.StreamWriter) -> None:
        self.pid = pid
        self.stdout, self.stdin = stdout, stdin
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    async def wait(self) -> int:
        """Wait for its end; its status, negative for a signal, or `UNKNOWN`."""
        looks = 0
        while self.returncode is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _LOOK_SECONDS)
            looks = looks + 1 if kernel.is_gone(self.pid) else 0
            if looks > _LOOKS:
                self.end(UNKNOWN)
        return self.returncode

    def kill(self) -> None:
        """Kill it, but nothing that it may have started."""
        if self.returncode is None:
            forks.kill(self.pid)

    def end(self, status: int) -> None:
        """Note that it is gone; the first status given counts."""
        if self.returncode is None:
            self.returncode = status
            self._ended.set()


class _Requested(NamedTuple):
    """A requested child: our end of its channel, and who waits for it."""

    stdout: asyncio.StreamReader
    stdin: asyncio.StreamWriter
    child: "asyncio.Future[ForkedProcess]"


class _ServerProcess(NamedTuple):
    """The fork server's process, our end of its socket, and what it printed."""

    process: asyncio.subprocess.Process
    control: socket.socket
    log: Path


class ForkServer:
    """Forks children for any number of graders; its process starts with the first of them."""

    def __init__(
        self, logs: Path, *, command: Sequence[str] = COMMAND, priority: wire.Priority = "low"
    ) -> None:
        self._logs, self._command = logs, tuple(command)
        self._priority: wire.Priority = priority
        self._opening = asyncio.Lock()
        self._server: _ServerProcess | None = None
        self._requested: deque[_Requested] = deque()
        self._children: dict[int, ForkedProcess] = {}
        self._cannot_fork = ""
        self._has_forked = False
        self._graders = 0

    @staticmethod
    def possible(device: Device) -> bool:
        """Whether forking is worth trying on this system."""
        return forks.possible() and device == "cpu"

    def processor_use(self) -> ProcessorUse | None:
        """What its process spends from now on; None if there is none yet."""
        return ProcessorUse(self._server.process.pid) if self._server else None

    def join(self) -> None:
        """Note that a grader uses it."""
        self._graders += 1

    async def leave(self) -> None:
        """Note that a grader has finished with it; the last one closes it."""
        self._graders -= 1
        if self._graders <= 0:
            await self.close()

    async def child(self, job_files: Path, log: int, *, hurry: bool = False) -> ForkedProcess:
        """Fork a child with TensorFlow imported, its stderr to `log`.

        Raises `ForkServerError` where it has to be started instead.
        """
        async with self._opening:
            if self._cannot_fork:
                raise ForkServerError(self._cannot_fork)
            server = self._server or await self._start()
        ours, theirs = socket.socketpair()
        # Closed here once it is sent: while we hold that end, a dead child's pipe never ends.
        with theirs:
            stdout, stdin = await asyncio.open_connection(sock=ours, limit=wire.LONGEST_LINE)
            requested = _Requested(stdout, stdin, asyncio.get_running_loop().create_future())
            try:
                asked = msgspec.json.encode(wire.Fork(str(job_files), hurry))
                forks.send(server.control, asked, [theirs.fileno(), log])
                self._requested.append(requested)
                return await self._child_of(requested, server)
            except OSError as error:
                stdin.close()
                raise ForkServerError(str(error)) from error
            except BaseException:
                requested.child.cancel()  # if it still comes, it is killed then
                stdin.close()
                raise

    def hasten(self) -> bool:
        """Let the imports go on at the priority of a job, for which one waits now.

        An ordinary user cannot raise it, so this starts the process anew; False if that is late.
        """
        if self._has_forked or self._server is None or self._priority != "normal":
            return False
        self._priority = "hurried"
        self._has_forked = True  # to lose the process says nothing of whether it can fork
        self._lose("a submission waits")
        self._has_forked = False
        return True

    def give_up(self, why: str) -> None:
        """Kill the process, which does not react; the next child is forked from a new one."""
        self._lose(why)

    async def close(self) -> None:
        """Kill the process and all its children; no more can be forked."""
        self._cannot_fork = "the fork server is closed"
        async with self._opening:
            server = self._server
            self._lose(self._cannot_fork)
        if server is not None:
            server.log.unlink(missing_ok=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(server.process.wait(), _END_SECONDS)

    async def _child_of(self, requested: _Requested, server: _ServerProcess) -> ForkedProcess:
        """Wait for a requested child, but not for a process that was stopped."""
        still, step = 0.0, min(_STILL_LOOK_SECONDS, STILL_SECONDS)
        while not (await asyncio.wait([requested.child], timeout=step))[0]:
            still = still + step if kernel.is_stopped(server.process.pid) else 0.0
            if still >= STILL_SECONDS and self._server is server:
                self._lose("the fork server's process stands still")
        return requested.child.result()

    async def _start(self) -> _ServerProcess:
        """Start the process; raises `ForkServerError`."""
        ours, theirs = forks.channel()
        ours.setblocking(False)
        try:
            with theirs:
                log, process = await self._spawn(theirs.fileno())
        except OSError as error:
            ours.close()
            raise ForkServerError(str(error)) from error
        except BaseException:
            ours.close()
            raise
        self._server = _ServerProcess(process, ours, log)
        asyncio.get_running_loop().add_reader(ours, self._hear, ours)
        return self._server

    async def _spawn(self, control: int) -> tuple[Path, asyncio.subprocess.Process]:
        self._logs.mkdir(parents=True, exist_ok=True)
        handle, log = tempfile.mkstemp(prefix="fork-server-", suffix=".log", dir=self._logs)
        try:
            process = await asyncio.create_subprocess_exec(
                *(*self._command, str(control)),
                pass_fds=(control,),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                start_new_session=True,
                cwd=self._logs,
                env=environment(os.environ, "cpu", priority=self._priority),
            )
        except BaseException:
            Path(log).unlink(missing_ok=True)  # noqa: ASYNC240 - one name on a local disk
            raise
        finally:
            os.close(handle)
        return Path(log), process

    def _hear(self, control: socket.socket) -> None:
        """Read what the process has said since the last time."""
        # Read everything: the loop may call once for several messages.
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    said = control.recv(_LONGEST)
                except ConnectionError:
                    said = b""
                if not said:
                    self._lose("the fork server's process ended")
                    return
                self._act_on(msgspec.json.decode(said, type=wire.ForkServerNews))

    def _act_on(self, news: wire.ForkServerNews) -> None:
        match news:
            case wire.ChildForked():
                self._has_forked = True
                requested = self._requested.popleft()  # it forks in the order of the requests
                child = self._children[news.pid] = ForkedProcess(
                    news.pid, requested.stdout, requested.stdin
                )
                if requested.child.done():  # nobody waits for it any more
                    child.kill()
                else:
                    requested.child.set_result(child)
            case wire.ChildEnded():
                if (dead := self._children.pop(news.pid, None)) is not None:
                    dead.end(news.status)
            case wire.CannotFork():
                self._cannot_fork = news.why
            case _:
                assert_never(news)

    def _lose(self, why: str) -> None:
        """Drop the process, which is gone or has to go; its children die with it."""
        server, self._server = self._server, None
        if server is None:
            return
        if not self._has_forked:
            self._cannot_fork = self._cannot_fork or why
        asyncio.get_running_loop().remove_reader(server.control)
        server.control.close()
        with contextlib.suppress(ProcessLookupError):
            server.process.kill()
        for requested in self._requested:
            if not requested.child.done():
                requested.child.set_exception(ForkServerError(why))
        self._requested.clear()
        for child in self._children.values():
            child.end(UNKNOWN)
        self._children.clear()
