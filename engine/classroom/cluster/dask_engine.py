"""Grades a class on a Dask cluster: workers of this machine, or those of a scheduler.

Nothing is lost and nothing doubled, whatever happens to workers or the scheduler: a file is
submitted again, under a new key, when its worker dies or is silent, and all that are out are when
the scheduler was lost; of two answers for one file the first counts. Dask's own retries and
limits are off or wide, because deadlines and memory are the grader's business (on a scheduler of
one's own: `allowed-failures: 0`, `worker-saturation: 1.0`).

A cluster is somebody's network: off this machine only TLS is spoken, for a scheduler runs what
it is sent.
"""

import asyncio
import contextlib
import ipaddress
import logging
from collections import Counter, deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from engine.classroom.cluster.fitness import Fitness
from engine.classroom.cluster.messages import (
    Answered,
    BytesNeeded,
    FileGraded,
    FileRequest,
    OtherBank,
    WorkerBank,
    read_answer,
)
from engine.errors import ClassError
from engine.grading.host.file_grader import FileToGrade, GradedFile
from engine.grading.protocol import Device, failed
from exam_bank.datasets.registry import Registry
from exam_bank.phrase import Phrase, phrase

if TYPE_CHECKING:
    from distributed import Client, Future, Security

LOCAL = "local:"
# Without a scheduler, or without one worker that may grade, a run ends after so long.
PATIENCE_SECONDS = 120.0
TELL_SECONDS = 15.0
LOOK_SECONDS = 1.0
TRIES = 3
# One that is graded and one that waits: no worker is idle while an answer travels.
EACH = 2
# Dask's own limit guards the worker, which holds one file and one answer.
_WORKER_MEMORY = "2GB"
_SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.no-workers-timeout": "60s",
    "distributed.comm.retry.count": 0,
    "distributed.admin.large-graph-warning-threshold": "1GB",
}


class Certificates(msgspec.Struct, frozen=True):
    """The files of one's own end of TLS, in PEM: the authority, a certificate and its key."""

    authority: Path
    certificate: Path
    key: Path


class DaskCluster(msgspec.Struct, frozen=True, kw_only=True):
    """Grades on the workers of `address`: `local:N`, or a scheduler's `tls://host:port`.

    `registry` describes the data sets, of which each worker needs its own copies. `on_trouble`
    is told, in a sentence, of each worker that is left out and of each time of waiting.
    """

    address: str
    registry: Registry
    certificates: Certificates | None = None
    device: Device = "cpu"
    h5_only: bool = False
    on_trouble: Callable[[Phrase], None] = lambda _: None

    async def grade(self, files: Sequence[FileToGrade]) -> AsyncGenerator[GradedFile, None]:
        """As `GradingEngine` says; raises `ClassError` when the cluster cannot be had."""
        if not files:
            return
        import dask
        import distributed  # noqa: F401  (its defaults must be there before ours, or go with them)

        with dask.config.set(_SETTINGS), _silent_logs():
            async with self._scheduler() as (address, security):
                run = _ClusterRun(self, files, address, security)
                try:
                    async for graded in run.answers():
                        yield graded
                finally:
                    await run.close()

    @contextlib.asynccontextmanager
    async def _scheduler(self) -> "AsyncIterator[tuple[str, Security | None]]":
        """The scheduler's address: somebody's, or one of our own for as long as this is open."""
        if not self.address.startswith(LOCAL):
            yield self.address, _security(self.certificates)
            return
        from distributed import LocalCluster

        async with LocalCluster(
            n_workers=workers_of(self.address),
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
            # Without one it still serves its health, on a port that another may have.
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            memory_limit=_WORKER_MEMORY,
            asynchronous=True,
            silence_logs=50,
        ) as cluster:
            yield cluster.scheduler_address, None


@contextlib.contextmanager
def _silent_logs() -> Iterator[None]:
    """Without Dask's own log: it tells of a lost scheduler in tracebacks, and we in a sentence."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels, strict=True):
            each.setLevel(level)


def workers_of(address: str) -> int:
    """The N of `local:N`; raises `ClassError` for anything else than a number from 1 to 256."""
    number = address.removeprefix(LOCAL)
    if number.isascii() and number.isdecimal() and 1 <= int(number) <= 256:
        return int(number)
    raise ClassError(
        phrase("{address} is no cluster.", address=address),
        fix=phrase("Write local:4 for four workers on this machine, or tls://HOST:PORT."),
    )


def check_address(address: str, certificates: Certificates | None) -> None:
    """Refuse an address that is none, or one off this machine without TLS; raises `ClassError`."""
    if address.startswith(LOCAL) or not _is_url(address):
        workers_of(address)  # raises for what is neither
        return
    parts = urlsplit(address)
    if parts.scheme == "tcp" and not _is_loopback(parts.hostname or ""):
        raise ClassError(
            phrase("{address} is another machine and not encrypted.", address=address),
            fix=phrase("Start the scheduler and its workers with TLS, and write tls://…"),
        )
    if parts.scheme == "tls" and certificates is None:
        raise ClassError(
            phrase("{address} needs certificates.", address=address),
            fix=phrase("Name them with --tls-ca-file, --tls-cert and --tls-key."),
        )


def _is_url(address: str) -> bool:
    parts = urlsplit(address)
    try:
        return parts.scheme in ("tls", "tcp") and bool(parts.hostname and parts.port)
    except ValueError:  # a port that is no number
        return False


def need_dask() -> None:
    """Raise `ClassError` where Dask is not installed."""
    from importlib.util import find_spec

    if find_spec("distributed") is None:
        raise ClassError(
            phrase("--cluster needs Dask, which is not installed."),
            fix=phrase("pip install 'tfexam[cluster]'"),
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _security(certificates: Certificates | None) -> "Security | None":
    from distributed import Security

    if certificates is None:
        return None
    return Security(
        require_encryption=True,
        tls_ca_file=str(certificates.authority),
        tls_client_cert=str(certificates.certificate),
        tls_client_key=str(certificates.key),
    )


class _Unanswered(msgspec.Struct):
    """A file without an answer: how often it was lost, and whether its bytes must be sent.

    `alone_on` is the worker that has nothing else; empty if it shares one.
    """

    file: FileToGrade
    request: FileRequest
    losses: int = 0
    send: bool = False
    submitted: int = 0
    alone_on: str = ""


class _ClusterRun:
    """The files of one call: those that wait, and those that are out on workers."""

    def __init__(
        self,
        cluster: DaskCluster,
        files: Sequence[FileToGrade],
        address: str,
        security: "Security | None",
    ) -> None:
        self._cluster, self._address, self._security = cluster, address, security
        origins = {
            task.id: WorkerBank.of(task, cluster.registry)
            for task in {each.task.id: each.task for each in files}.values()
        }
        self._fitness = Fitness(origins, cluster.on_trouble)
        self._waiting = deque(self._wrapped(each, origins[each.task.id]) for each in files)
        self._suspects: deque[_Unanswered] = deque()
        self._out: dict[asyncio.Task[bytes], tuple[_Unanswered, Future]] = {}
        self._left = len(self._waiting)
        self._client: Client | None = None
        self._alone_since: float | None = None
        self._is_told = False

    def _wrapped(self, file: FileToGrade, origin: WorkerBank) -> _Unanswered:
        made = self._cluster
        request = FileRequest.of(file, origin, h5_only=made.h5_only, device=made.device)
        return _Unanswered(file, request)

    async def answers(self) -> AsyncGenerator[GradedFile, None]:
        """Each file with its grade, once."""
        await self._connect()
        while self._left:
            workers = await self._fit_workers()
            self._submit(workers)
            for task in await self._done():
                waiting, _ = self._out.pop(task)
                graded = await self._judge(waiting, task)
                if graded is not None:
                    self._left -= 1
                    yield graded

    async def close(self) -> None:
        """Leave the cluster; what is still out there is of no more use."""
        for task in self._out:
            task.cancel()
        self._fitness.forget()
        client, self._client = self._client, None
        if client is None:
            return
        from engine.classroom.cluster import worker

        with contextlib.suppress(Exception):  # whoever is gone needs no closing
            await asyncio.wait_for(client.run(worker.close, on_error="ignore"), timeout=10)
        with contextlib.suppress(Exception):
            await client.close(timeout=5)

    async def _connect(self) -> None:
        """Reach the scheduler, again and again while there is patience."""
        from distributed import Client

        began = _now()
        while self._client is None:
            try:
                self._client = await Client(
                    self._address,
                    asynchronous=True,
                    security=self._security,
                    set_as_default=False,
                    timeout="10s",
                )
            except (OSError, TimeoutError) as error:
                if _now() - began > PATIENCE_SECONDS:
                    raise _unreachable(self._address, error) from error
                self._tell(
                    phrase("The scheduler {address} does not answer.", address=self._address)
                )
                await asyncio.sleep(LOOK_SECONDS)

    async def _reconnect(self) -> None:
        """After the scheduler was lost: everything that was out waits again."""
        client, self._client = self._client, None
        for task, (waiting, _) in self._out.items():
            task.cancel()
            self._wait_again(waiting)
        self._out.clear()
        self._fitness.forget()
        if client is not None:
            with contextlib.suppress(Exception):
                await client.close(timeout=1)
        await self._connect()

    async def _fit_workers(self) -> list[str]:
        """The addresses of the workers that may grade now."""
        if self._client is None or self._client.status != "running":
            self._tell(phrase("The scheduler was lost; what was out is submitted again."))
            await self._reconnect()
        assert self._client is not None
        try:
            scheduler: Any = self._client.scheduler
            info = await scheduler.identity()
        except OSError:
            return []
        heard = self._fitness.heard_of(info["workers"])
        await self._give_up_on_others(heard)
        fit = self._fitness.fit(self._client, heard)
        self._check_patience(fit)
        return fit

    async def _give_up_on_others(self, heard: set[str]) -> None:
        """Take back what silent workers were to grade; their answers may still come, unheard."""
        assert self._client is not None
        keys = {future.key: task for task, (_, future) in self._out.items()}
        with contextlib.suppress(OSError):
            processing = await self._client.processing()
            for address, theirs in processing.items():
                if address in heard:
                    continue
                for key in theirs:
                    if (task := keys.get(key)) is not None:
                        waiting, _ = self._out.pop(task)
                        task.cancel()
                        self._lost(waiting)

    def _check_patience(self, fit: list[str]) -> None:
        now = _now()
        if fit or self._alone_since is None:
            self._alone_since, self._is_told = now, False
            return
        alone = now - self._alone_since
        if alone > TELL_SECONDS:
            self._tell_once()
        if alone > PATIENCE_SECONDS:
            raise ClassError(
                phrase("No worker of {address} can grade.", address=self._address),
                fix=phrase("Start workers that have this tfexam and this bank, then run it again."),
            )

    def _tell_once(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._tell(phrase("No worker of {address} can grade now.", address=self._address))

    def _submit(self, workers: list[str]) -> None:
        """Hand out what waits, as much as keeps the workers busy."""
        hosts = Counter(urlsplit(each).hostname for each in workers)
        share = max(hosts.values(), default=1)
        while self._waiting and len(self._out) < EACH * len(workers):
            self._send(self._waiting.popleft(), workers, share)
        self._submit_suspects(workers, share)

    def _submit_suspects(self, workers: list[str], share: int) -> None:
        """Hand out what was lost once, in the end and each to a worker of its own.

        A worker that dies takes with it what waits there: beside a file that ends workers, a
        good one would be lost as often.
        """
        if self._waiting or any(not waiting.alone_on for waiting, _ in self._out.values()):
            return
        taken = {waiting.alone_on for waiting, _ in self._out.values()}
        for each in workers:
            if self._suspects and each not in taken:
                suspect = self._suspects.popleft()
                suspect.alone_on = each
                self._send(suspect, [each], share)

    def _send(self, waiting: _Unanswered, workers: list[str], share: int) -> None:
        """Submit `waiting` to one of `workers`, of which `share` share a machine."""
        from engine.classroom.cluster import worker

        assert self._client is not None
        try:
            content = waiting.file.path.read_bytes() if waiting.send else None
        except OSError:
            content = b""  # whatever is wrong with it, this machine's own grader says
        asked = msgspec.structs.replace(waiting.request, share=share)
        waiting.submitted += 1
        future = self._client.submit(
            worker.grade,
            msgspec.json.encode(asked),
            content,
            key=f"{asked.key}-{waiting.submitted}",
            workers=workers,
            retries=0,
            pure=False,
        )
        self._out[asyncio.ensure_future(_result(future))] = waiting, future

    async def _done(self) -> set["asyncio.Task[bytes]"]:
        if not self._out:
            await asyncio.sleep(LOOK_SECONDS)
            return set()
        done, _ = await asyncio.wait(
            self._out, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        return done

    async def _judge(self, waiting: _Unanswered, task: "asyncio.Task[bytes]") -> GradedFile | None:
        """The grade that `task` brought; None if the file has to go out again."""
        try:
            answer: Answered = read_answer(task.result())
        except (Exception, asyncio.CancelledError) as error:  # a worker died, or lacks tfexam
            return self._after_loss(waiting, error)
        match answer:
            case FileGraded(sha256=sha256, grade=grade):
                return GradedFile(waiting.file, sha256, grade)
            case BytesNeeded():
                waiting.send = True
                self._wait_again(waiting)
            case OtherBank():
                return self._after_loss(waiting, RuntimeError("another bank"))
        return None

    def _after_loss(self, waiting: _Unanswered, error: BaseException) -> GradedFile | None:
        if isinstance(error, asyncio.CancelledError):  # with the scheduler, not with the worker
            self._wait_again(waiting)
            return None
        if waiting.losses + 1 < TRIES:
            self._lost(waiting)
            return None
        said = phrase(
            "The worker that should have graded this file ended, {n} times over ({error}).",
            n=TRIES,
            error=type(error).__name__,
        )
        return GradedFile(waiting.file, "", failed(said))

    def _wait_again(self, waiting: _Unanswered) -> None:
        """It was not graded, and nobody suspects it of having ended its worker."""
        waiting.alone_on = ""
        (self._suspects if waiting.losses else self._waiting).appendleft(waiting)

    def _lost(self, waiting: _Unanswered) -> None:
        waiting.losses += 1
        waiting.alone_on = ""
        self._suspects.append(waiting)

    def _tell(self, sentence: Phrase) -> None:
        self._cluster.on_trouble(sentence)


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _result(future: "Future") -> bytes:
    found: Any = await future
    return bytes(found)


def _unreachable(address: str, error: Exception) -> ClassError:
    return ClassError(
        phrase("The scheduler {address} cannot be reached: {error}.", address=address, error=error),
        fix=phrase("Start it, or look at the address and the certificates; then run it again."),
    )
