"""One grading child as the app holds it: started, fed, listened to, killed with its group.

All that can happen to a child arrives in one queue: what it says, that it ended, that
the candidate stopped it. Its stdout is drained from the first moment, because a full
pipe would outlive even a kill, and heard no longer than an honest child talks; its
stderr goes to a file, because nothing may write on the terminal.

A child shuts itself in before it knows its job, so what it may read has a folder of its own.
Model and hidden inputs are put there as copies: a hard link would be the candidate's own file,
with its locks and times, and would change while it is saved again. No target is ever there.
"""

import asyncio
import contextlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import msgspec

from engine.grading import wire
from engine.grading.host.environment import environment
from engine.grading.host.fork_server import ForkedProcess, ForkServer, ForkServerError
from engine.grading.protocol import Device, Job
from exam_bank.platform import disk, kernel, processes
from exam_bank.platform.processor_use import ProcessorUse
from exam_bank.printable import printable

COMMAND = (sys.executable, "-P", "-m", "engine.grading.child.worker")
_LOG_TAIL = 4096
_CHUNK = 65536
_LONGEST_REASON = 200
# A process that cannot even be killed (its disk hangs) is left to the system.
_END_SECONDS = 10.0
_PREFIX = "job-"
# The kernel lets an ordinary user lift a session once in a tenth of a second.
_LIFTS, _LIFT_SECONDS = 3, 0.12


class JobFiles:
    """One job folder; `remove` takes it away with all that lies on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def make(cls, below: Path) -> Self:
        """A new empty job folder; raises `OSError`."""
        below.mkdir(parents=True, exist_ok=True)
        return cls(Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=below)).resolve())

    @property
    def model(self) -> Path:
        """Where the child finds its model."""
        return self.folder / wire.MODEL

    @property
    def inputs(self) -> Path:
        """Where the child finds the hidden inputs, as one `.npy` file."""
        return self.folder / wire.INPUTS

    @property
    def predictions(self) -> Path:
        """Where the child puts its predictions."""
        return self.folder / wire.PREDICTIONS

    def copy_in(self, model: Path) -> None:
        """Copy the model here. Raises `OSError`."""
        source = model.resolve()  # a link to a link would lead out of the job folder
        if not stat.S_ISREG(source.stat().st_mode):
            raise OSError(f"{source} is not a file")
        shutil.copyfile(source, self.model)

    def remove(self) -> None:
        """Take it away; what cannot be removed stays for `sweep`."""
        shutil.rmtree(self.folder, ignore_errors=True)


class ChildGone(msgspec.Struct, frozen=True):
    """The child is gone; `status` is what `Popen.returncode` means by it."""

    status: int


class StopAsked(msgspec.Struct, frozen=True):
    """The candidate, or the end of the app, stops this grading."""


class Garbled(msgspec.Struct, frozen=True):
    """The child said something that is no answer."""

    why: str


Happening = wire.News | ChildGone | StopAsked | Garbled
Process = asyncio.subprocess.Process | ForkedProcess


class Child:
    """A grading child; made by `start`."""

    def __init__(self, process: Process, job_files: JobFiles, log: Path) -> None:
        self._process = process
        self.job_files = job_files
        self.log = log
        self._inbox: asyncio.Queue[Happening] = asyncio.Queue()
        self._listening = asyncio.create_task(self._listen(), name="grading child")

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        logs: Path,
        device: Device,
        *,
        priority: wire.Priority = "low",
        fork_server: ForkServer | None = None,
        hurry: bool = False,
    ) -> Self:
        """Start a child in its own process group; raises `OSError`.

        It is forked in the `fork_server` where one is given and can do that; in a `hurry` it
        need not have all imports.
        """
        job_files = JobFiles.make(logs)
        handle, log = new_log(logs)
        try:
            process: Process | None = None
            if fork_server is not None:
                with contextlib.suppress(ForkServerError):
                    process = await fork_server.child(job_files.folder, handle, hurry=hurry)
            if process is None:
                line = (*command, str(job_files.folder), device)
                env = environment(os.environ, device, priority=priority)
                process = await _started(line, handle, job_files, env)
        except BaseException:
            job_files.remove()
            _remove(log)
            raise
        finally:
            os.close(handle)
        return cls(process, job_files, log)

    @property
    def pid(self) -> int:
        """Its process number, which is its group's too."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.returncode is None

    async def next(self, seconds: float) -> Happening | None:
        """What happens next, or None when nothing does within `seconds`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, seconds)):
                return await self._inbox.get()
        return None

    def next_now(self) -> Happening | None:
        """What has happened already, or None."""
        with contextlib.suppress(asyncio.QueueEmpty):
            return self._inbox.get_nowait()
        return None

    async def hand_over(self, job: Job, input_scale: float) -> None:
        """Give it its job; model and hidden inputs lie in its folder already."""
        files = self.job_files
        told = wire.ChildJob.of(
            job, model=files.model, inputs=files.inputs, input_scale=input_scale
        )
        stdin = self._process.stdin
        if stdin is not None:
            with contextlib.suppress(ConnectionError):  # it died: `ChildGone` will say so
                stdin.write(wire.write(told))
                await stdin.drain()

    def stop(self) -> None:
        """Let `next` say `StopAsked`."""
        self._inbox.put_nowait(StopAsked())

    def memory(self) -> int:
        """Bytes of memory it holds now, with what it shares; 0 when it is gone."""
        return kernel.held(self.pid)

    def shared_memory(self) -> int:
        """How many of them are others' share."""
        return kernel.shared(self.pid)

    def holds_more_than(self, size: float) -> bool:
        """Whether it holds more than `size` bytes by itself."""
        return kernel.holds_more_than(self.pid, size)

    def processor_use(self) -> ProcessorUse:
        """What it spends of the machine's processors from now on."""
        return ProcessorUse(self.pid)

    def is_stopped(self) -> bool:
        """Whether it stands still because somebody stopped it."""
        return self.alive and kernel.is_stopped(self.pid)

    def processor_seconds(self) -> float:
        """Seconds of processor time it has used; 0 when it is gone."""
        return kernel.processor_seconds(self.pid) if self.alive else 0.0

    async def lift_session(self) -> None:
        """Let its session have as much of the processor as a training's, while it has a job."""
        for _ in range(_LIFTS):
            if processes.lift_session(self.pid):
                return
            await asyncio.sleep(_LIFT_SECONDS)

    def lower_session(self) -> None:
        """Take that back: what is left to do there waits for nobody."""
        processes.lower_session(self.pid)

    def log_tail(self) -> str:
        """The end of what it printed."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - _LOG_TAIL))
            return log.read().decode(errors="replace")
        return ""

    async def end(self, *, keep_log: bool = False) -> None:
        """Kill it and its group, wait until it is gone, and take its job folder away."""
        self.kill()
        await asyncio.wait([self._listening], timeout=_END_SECONDS)
        self._listening.cancel()
        self.job_files.remove()
        if not keep_log:
            _remove(self.log)

    def kill(self) -> None:
        """Kill it and all it may have started, at once."""
        if self.alive:
            processes.kill_group(self._process)

    async def _listen(self) -> None:
        stdout = self._process.stdout
        if stdout is not None:
            with contextlib.suppress(ConnectionError):  # it died with a job unread
                await self._hear(stdout)
                # To the end, unheard: a full pipe keeps `wait` from returning even after a kill.
                while await stdout.read(_CHUNK):
                    pass
        status = await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        # Last: what it said comes before its end.
        self._inbox.put_nowait(ChildGone(status))

    async def _hear(self, stdout: asyncio.StreamReader) -> None:
        """Take in what it says, until it says no more or too much."""
        left = wire.MOST_SAID
        while left > 0:
            try:
                line = await stdout.readline()
                if not line:
                    return
                left -= len(line)
                self._inbox.put_nowait(wire.read(line))
            except (ValueError, wire.UnreadableError) as error:
                self._inbox.put_nowait(Garbled(printable(str(error), _LONGEST_REASON)))
                return
        self._inbox.put_nowait(Garbled("more than any answer"))


async def _started(
    command: Sequence[str], log: int, job_files: JobFiles, env: Mapping[str, str]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
        limit=wire.LONGEST_LINE,  # asyncio's own is 64 KiB, which a model of many layers passes
        start_new_session=True,
        creationflags=processes.OWN_GROUP,
        cwd=job_files.folder,
        env=env,
    )


def _remove(log: Path) -> None:
    with contextlib.suppress(OSError):
        log.unlink(missing_ok=True)


def new_log(below: Path) -> tuple[int, Path]:
    """A file that can only grow, for what a child prints; its descriptor and its path.

    Nobody who holds the descriptor can read the file, go back in it or map it into memory.
    Raises `OSError`.
    """
    made, name = tempfile.mkstemp(prefix="grading-", suffix=".log", dir=below)
    os.close(made)  # mkstemp opens for reading and writing, and fcntl(2) cannot take that back
    return disk.open_only_to_append(Path(name)), Path(name)


def sweep(below: Path) -> None:
    """Remove the job folders that a tfexam which was killed left behind."""
    for folder in below.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not _is_running(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_running(pid: int) -> bool:
    import psutil

    try:
        # One that ended without being asked how stays a zombie, in a container for ever.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return psutil.pid_exists(pid)
