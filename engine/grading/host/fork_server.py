"""The nursery: one process with TensorFlow imported, of which grading children are forked.

This is the app's end of it; `fork_server_main.py` is the process. Forking saves each child the
imports, so the next child is warm at once and a class of files costs a third of the
processor time. It needs Linux and the processor: macOS' and CUDA's libraries do not
survive a fork. Where it cannot be done, children are started one by one, as everywhere
else; nobody but `child.py` sees the difference. So it is where its process does not act:
one that was stopped forks no child, and tells of no death.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import tempfile
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, assert_never

import msgspec

from engine.grading import wire
from engine.grading.host import kernel
from engine.grading.host.environment import environment
from engine.grading.host.verdicts import UNKNOWN
from engine.grading.protocol import Device

COMMAND = (sys.executable, "-P", "-m", "engine.grading.child.fork_server_main")
# So long it may stand still while a child is asked for.
STILL_SECONDS = 5.0
_LOOK_SECONDS = 0.25
# So many looks it may take to tell of the death of a child that is seen to be dead.
_LOOKS = 8
_END_SECONDS = 10.0
_LONGEST = 65536


class NurseryError(Exception):  # never leaves the engine, so not of the tree of errors
    """No child can be forked; it has to be started by itself."""


class Forked:
    """A forked child, as `asyncio.subprocess.Process` is one that was started."""

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
        """Kill it, and nothing that it may have started."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def end(self, status: int) -> None:
        """It is gone; what is said first is true."""
        if self.returncode is None:
            self.returncode = status
            self._ended.set()


class _Unborn(NamedTuple):
    """A child that was asked for: our end of its channel, and who waits for it."""

    stdout: asyncio.StreamReader
    stdin: asyncio.StreamWriter
    child: "asyncio.Future[Forked]"


class _Mother(NamedTuple):
    """The nursery's process, our end of the socket to it, and what it printed."""

    process: asyncio.subprocess.Process
    control: socket.socket
    log: Path


class Nursery:
    """Forks children for any number of graders; its process starts with the first one."""

    def __init__(self, logs: Path, *, command: Sequence[str] = COMMAND) -> None:
        self._logs, self._command = logs, tuple(command)
        self._opening = asyncio.Lock()
        self._mother: _Mother | None = None
        self._unborn: deque[_Unborn] = deque()
        self._children: dict[int, Forked] = {}
        self._unfit = ""
        self._has_borne = False
        self._graders = 0

    @staticmethod
    def possible(device: Device) -> bool:
        """Whether forking is worth an attempt on this system."""
        return sys.platform == "linux" and device == "cpu"

    def join(self) -> None:
        """A grader begins to use it."""
        self._graders += 1

    async def leave(self) -> None:
        """A grader is done with it; the last one closes it."""
        self._graders -= 1
        if self._graders <= 0:
            await self.close()

    async def child(self, tray: Path, log: int, *, hurry: bool = False) -> Forked:
        """Fork a child with TensorFlow imported, its stderr to `log`.

        Raises `NurseryError` where it has to be started by itself.
        """
        async with self._opening:
            if self._unfit:
                raise NurseryError(self._unfit)
            mother = self._mother or await self._start()
        ours, theirs = socket.socketpair()
        with theirs:
            stdout, stdin = await asyncio.open_connection(sock=ours, limit=wire.LONGEST_LINE)
            unborn = _Unborn(stdout, stdin, asyncio.get_running_loop().create_future())
            try:
                asked = msgspec.json.encode(wire.Fork(str(tray), hurry))
                socket.send_fds(mother.control, [asked], [theirs.fileno(), log])
                self._unborn.append(unborn)
                return await self._birth(unborn, mother)
            except OSError as error:
                stdin.close()
                raise NurseryError(str(error)) from error
            except BaseException:
                unborn.child.cancel()  # should it be born all the same, it is killed then
                stdin.close()
                raise

    def give_up(self, why: str) -> None:
        """Kill the process, which does not act; the next child is forked from a new one."""
        self._lose(why)

    async def close(self) -> None:
        """Kill the process, and with it all its children; none can be had any more."""
        self._unfit = "the nursery is closed"
        async with self._opening:
            mother = self._mother
            self._lose(self._unfit)
        if mother is not None:
            mother.log.unlink(missing_ok=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(mother.process.wait(), _END_SECONDS)

    async def _birth(self, unborn: _Unborn, mother: _Mother) -> Forked:
        """Wait for a child that was asked for, but not for a process that was stopped."""
        still, step = 0.0, min(_LOOK_SECONDS, STILL_SECONDS)
        while not (await asyncio.wait([unborn.child], timeout=step))[0]:
            still = still + step if kernel.is_stopped(mother.process.pid) else 0.0
            if still >= STILL_SECONDS and self._mother is mother:
                self._lose("the nursery's process stands still")
        return unborn.child.result()

    async def _start(self) -> _Mother:
        """Start the process; raises `NurseryError`."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        try:
            with theirs:
                log, process = await self._spawn(theirs.fileno())
        except OSError as error:
            ours.close()
            raise NurseryError(str(error)) from error
        except BaseException:
            ours.close()
            raise
        self._mother = _Mother(process, ours, log)
        asyncio.get_running_loop().add_reader(ours, self._hear, ours)
        return self._mother

    async def _spawn(self, control: int) -> tuple[Path, asyncio.subprocess.Process]:
        self._logs.mkdir(parents=True, exist_ok=True)
        handle, log = tempfile.mkstemp(prefix="nursery-", suffix=".log", dir=self._logs)
        try:
            process = await asyncio.create_subprocess_exec(
                *(*self._command, str(control)),
                pass_fds=(control,),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=handle,
                stderr=handle,
                start_new_session=True,
                cwd=self._logs,
                env=environment(os.environ, "cpu"),
            )
        except BaseException:
            Path(log).unlink(missing_ok=True)  # noqa: ASYNC240 - one name on a local disk
            raise
        finally:
            os.close(handle)
        return Path(log), process

    def _hear(self, control: socket.socket) -> None:
        """Whatever the process has said since the last time."""
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    said = control.recv(_LONGEST)
                except ConnectionError:
                    said = b""
                if not said:
                    self._lose("the nursery's process ended")
                    return
                self._act_on(msgspec.json.decode(said, type=wire.NurseryNews))

    def _act_on(self, news: wire.NurseryNews) -> None:
        match news:
            case wire.Born():
                self._has_borne = True
                unborn = self._unborn.popleft()
                child = self._children[news.pid] = Forked(news.pid, unborn.stdout, unborn.stdin)
                if unborn.child.done():  # nobody waits for it any more
                    child.kill()
                else:
                    unborn.child.set_result(child)
            case wire.Died():
                if (dead := self._children.pop(news.pid, None)) is not None:
                    dead.end(news.status)
            case wire.Unfit():
                self._unfit = news.why
            case _:
                assert_never(news)

    def _lose(self, why: str) -> None:
        """The process is gone or has to go; its children die with it."""
        mother, self._mother = self._mother, None
        if mother is None:
            return
        if not self._has_borne:
            self._unfit = self._unfit or why
        asyncio.get_running_loop().remove_reader(mother.control)
        mother.control.close()
        with contextlib.suppress(ProcessLookupError):
            mother.process.kill()
        for unborn in self._unborn:
            if not unborn.child.done():
                unborn.child.set_exception(NurseryError(why))
        self._unborn.clear()
        for child in self._children.values():
            child.end(UNKNOWN)
        self._children.clear()
