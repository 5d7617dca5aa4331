"""A cluster whose workers and scheduler fail while it grades: nothing lost, nothing doubled.

    python -m tests.torture.cluster --files 1000

Starts a scheduler and three workers as processes of their own, over TLS on loopback, and grades
a class of small models there: 1 % hang, 1 % want too much memory, 1 % are hostile, the others
are honest or refused; no two have the same bytes. Meanwhile a worker is killed, another one is
stopped, and the scheduler is started anew with new workers. One file is poison: whichever worker
has it is killed. Then every file must have exactly one answer: what its model gets without
a cluster, and for the poison that the grader failed. With --quiet nothing is made to fail.
"""

import argparse
import asyncio
import contextlib
import datetime
import ipaddress
import itertools
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py
import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from distributed import Client
from msgspec.structs import replace

from engine.classroom.cluster import fitness
from engine.classroom.cluster.dask_engine import Certificates, DaskCluster, _security
from engine.grading.host.batch import FileToGrade, GradedFile, grade_files
from engine.grading.protocol import score_of, verdict_of
from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Store
from exam_bank.paper import from_code
from exam_bank.safe_files import sha256_of
from tests.torture import make_class

WORKERS = 3
# A stopped worker is noticed sooner than on a real network.
SILENT_SECONDS = 8.0
LIMIT_SECONDS, LIMIT_MB = 4.0, 1500.0
# For a few files a few tasks are enough: those of the troubling kinds.
MANY, FEW_CATEGORIES = 100, (2, 4, 5)
# Enough that each kind of file is there.
PEOPLE, SEED = 6, 3
SPECIAL = ("hostile code", "hostile file", "hangs", "eats memory")

Answer = tuple[str, int | None]
"""A verdict and a score."""


def certificates(folder: Path) -> Certificates:
    """An authority that signs itself, one certificate for both ends, and its key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tfexam test")])
    now = datetime.datetime.now(datetime.UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    (folder / "key.pem").write_bytes(secret)
    return Certificates(folder / "cert.pem", folder / "cert.pem", folder / "key.pem")


class OwnCluster:
    """A scheduler and workers as processes, all on loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificates = certificates(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"tls://127.0.0.1:{self.port}"
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []
        self._number = 0

    def start_scheduler(self) -> None:
        self.scheduler = self._started(
            "distributed.cli.dask_scheduler",
            *("--host", "127.0.0.1", "--port", str(self.port), "--protocol", "tls"),
            "--no-dashboard",
        )

    def start_worker(self) -> None:
        self._number += 1
        home = self.folder / f"worker-{self._number}"
        self.workers.append(
            self._started(
                "distributed.cli.dask_worker",
                *(self.address, "--host", "127.0.0.1", "--protocol", "tls", "--nthreads", "1"),
                *("--no-nanny", "--no-dashboard", "--death-timeout", "60"),
                *("--local-directory", str(home), "--name", str(self._number)),
            )
        )

    def kill_worker(self, name: str) -> None:
        """Kill the worker of that number, and start another one."""
        self.workers[int(name) - 1].kill()
        self.start_worker()

    def _started(self, module: str, *options: str) -> "subprocess.Popen[bytes]":
        named = self.certificates
        tls = ("--tls-ca-file", named.authority, "--tls-cert", named.certificate)
        command = [sys.executable, "-m", module, *options, *tls, "--tls-key", named.key]
        settings = {
            "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
            "DASK_DISTRIBUTED__SCHEDULER__WORKER_SATURATION": "1.0",
            "TFEXAM_HOME": str(self.folder / "home"),
        }
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                list(map(str, command)), env={**os.environ, **settings}, stdout=log, stderr=log
            )

    def close(self) -> None:
        for process in (self.scheduler, *self.workers):
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                process.wait()


@contextlib.contextmanager
def own_cluster(folder: Path, workers: int = WORKERS) -> Iterator[OwnCluster]:
    """A cluster with that many workers; ends all its processes."""
    cluster = OwnCluster(folder)
    try:
        cluster.start_scheduler()
        for _ in range(workers):
            cluster.start_worker()
        yield cluster
    finally:
        cluster.close()


async def grade_on(
    cluster: OwnCluster, files: Sequence[FileToGrade], *, poison: str = "", trouble: bool = False
) -> list[GradedFile]:
    """All answers of the cluster, in the order they came; with `trouble` it fails meanwhile.

    Whichever worker has the file whose SHA-256 is `poison` is killed.
    """
    bank = Catalog.find()
    engine = DaskCluster(
        address=cluster.address,
        registry=bank.registry,
        certificates=cluster.certificates,
        on_trouble=lambda sentence: print(f"  {sentence}", flush=True),
    )
    steps = iter(_steps(cluster, few=len(files) < MANY) if trouble else ())
    killer = asyncio.create_task(_kill_who_has(poison, cluster)) if poison else None
    each = max(1, len(files) // 5)
    answers: list[GradedFile] = []
    try:
        async for graded in engine.grade(files):
            answers.append(graded)
            if len(answers) % each == 0:
                next(steps, None)
    finally:
        if killer is not None:
            killer.cancel()
    return answers


def _steps(cluster: OwnCluster, *, few: bool) -> Iterator[None]:
    if not few:  # the poison kills some anyway
        print("  a worker is killed", flush=True)
        next(_alive(cluster)).kill()
        cluster.start_worker()
        yield
    print("  a worker is stopped", flush=True)
    next(_alive(cluster)).send_signal(signal.SIGSTOP)
    yield
    print("  the scheduler is killed and started anew, with new workers", flush=True)
    assert cluster.scheduler is not None
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    others = list(_alive(cluster))
    for each in others[1:]:  # the first one is the one that was stopped
        each.kill()
    cluster.start_scheduler()
    for _ in others:
        cluster.start_worker()
    yield


def _alive(cluster: OwnCluster) -> "Iterator[subprocess.Popen[bytes]]":
    return (each for each in cluster.workers if each.poll() is None)


async def _kill_who_has(poison: str, cluster: OwnCluster) -> None:
    """Kill every worker that the scheduler has given the file with that SHA-256."""
    while True:
        with contextlib.suppress(OSError, TimeoutError):  # the scheduler is started anew
            connect: Any = Client
            security = _security(cluster.certificates)
            async with connect(
                cluster.address,
                asynchronous=True,
                security=security,
                set_as_default=False,
                timeout="5s",
            ) as client:
                while client.status == "running":
                    await asyncio.wait_for(_kill_once(poison, cluster, client), 5)
                    await asyncio.sleep(0.1)
        await asyncio.sleep(0.5)


async def _kill_once(poison: str, cluster: OwnCluster, client: Any) -> None:
    for address, keys in (await client.processing()).items():
        if any(poison in str(key) for key in keys):
            known = (await client.scheduler.identity())["workers"].get(address)
            if known is not None and cluster.workers[int(known["name"]) - 1].poll() is None:
                print("  the worker with the poison is killed", flush=True)
                cluster.kill_worker(known["name"])


async def grade_here(files: Sequence[FileToGrade], folder: Path) -> list[GradedFile]:
    """All answers without a cluster."""
    cache, logs = folder / "cache", folder / "logs"
    graded = grade_files(files, cache=cache, logs=logs, store=Store(cache / "datasets"))
    return [each async for each in graded]


def differences(wanted: Mapping[Path, Answer], there: Sequence[GradedFile]) -> list[str]:
    """A line for each file whose answers differ, is missing or has several."""
    counts = Counter(each.file.path for each in there)
    found = [f"{path}: {n} answers" for path, n in counts.items() if n != 1]
    answers = {each.file.path: _told(each) for each in there}
    for path, answer in wanted.items():
        if path not in answers:
            found.append(f"{path}: no answer")
        elif answers[path] != answer:
            found.append(f"{path}: {answer} wanted, {answers[path]} there")
    return found


def _told(graded: GradedFile) -> Answer:
    return verdict_of(graded.grade), score_of(graded.grade)


def left_behind(cluster: OwnCluster) -> list[str]:
    """The processes of gradings that outlived the workers."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        own = (process.info["environ"] or {}).get("TFEXAM_HOME") == str(cluster.folder / "home")
        if own and process.pid != os.getpid():
            found.append(" ".join(process.info["cmdline"] or ())[-100:])
    return found


def main(arguments: list[str]) -> int:
    """Make, grade here and there, compare, tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--quiet", action="store_true")
    asked = parser.parse_args(arguments)
    fitness.SILENT_SECONDS = SILENT_SECONDS
    with tempfile.TemporaryDirectory(prefix="tfexam-cluster-") as name:
        folder = Path(name)
        categories = range(1, 6) if asked.files >= MANY else FEW_CATEGORIES
        made = make_class.make(folder / "class", PEOPLE, SEED, 1, categories)
        copies = Copies(made, folder / "cluster")
        here = asyncio.run(grade_here(copies.models(asked.files), folder))
        answers = {each.sha256: _told(each) for each in here}
        print(f"here: {Counter(answers.values())}", flush=True)
        files, wanted = copies.of(asked.files, answers)
        poison = "" if asked.quiet else _poison(files, wanted)
        start = time.monotonic()
        with own_cluster(folder, asked.workers) as cluster:
            grading = grade_on(cluster, files, poison=poison, trouble=not asked.quiet)
            there = asyncio.run(grading)
        seconds = time.monotonic() - start
        found = differences(wanted, there)
        left = left_behind(cluster)
    print(f"there: {Counter(_told(each) for each in there)}")
    for line in found:
        print(f"  {line}")
    print(f"{len(files)} files, {len(there)} answers in {seconds:.0f} s")
    print(f"{len(found)} differ, {len(left)} left behind")
    return 1 if found or left else 0


def _poison(files: Sequence[FileToGrade], wanted: dict[Path, Answer]) -> str:
    """The SHA-256 of the first file that hangs, long enough to be met on its worker."""
    poison = next(each for each in files if wanted[each.path][0] == "timed_out")
    wanted[poison.path] = ("grader_failed", None)
    return poison.sha256


class Copies:
    """Copies of a class's different files, each with a note of its own and so with other bytes.

    A note is an attribute of the file that no reader looks for: a copy is worth what the model
    is, and only the models need to be graded without the cluster.
    """

    def __init__(self, made: make_class.MadeClass, folder: Path) -> None:
        self._bank, self._folder, self._made = Catalog.find(), folder, made
        self._drawn = {each.category: each for each in from_code(self._bank, made.code).tasks}
        contents = {
            (each.category, sha256_of(made.folder / each.path)): each for each in made.files
        }
        self._special = [each for each in contents.values() if each.kind in SPECIAL]
        self._usual = [each for each in contents.values() if each.kind not in SPECIAL]

    def models(self, most: int) -> list[FileToGrade]:
        """The different files themselves, or the first of them."""
        found = [*self._special, *self._usual][:most]
        return [self._order(each, self._made.folder / each.path) for each in found]

    def of(
        self, count: int, answers: Mapping[str, Answer]
    ) -> tuple[list[FileToGrade], dict[Path, Answer]]:
        """That many copies, of the troubling kinds 1 % each, and what each must be worth.

        `answers` are those of the models, by SHA-256.
        """
        chosen = [each for each in self._special for _ in range(max(1, count // 100))]
        chosen += itertools.islice(itertools.cycle(self._usual), count - len(chosen))
        random.Random(1).shuffle(chosen)
        files, wanted = [], {}
        for number, each in enumerate(chosen):
            source = self._made.folder / each.path
            path = self._folder / f"{number:05}" / "mymodel.h5"
            _noted(source, path, number)
            files.append(self._order(each, path))
            wanted[path] = answers[sha256_of(source)]
        return files, wanted

    def _order(self, file: make_class.MadeFile, path: Path) -> FileToGrade:
        """With narrow limits."""
        drawn = self._drawn[file.category]
        task = self._bank.task(drawn.task)
        limits = replace(task.says.limits, seconds=LIMIT_SECONDS, memory_mb=LIMIT_MB)
        narrow = replace(task, says=replace(task.says, limits=limits))
        return FileToGrade(path, narrow, drawn.seed, "classic", sha256_of(path))


def _noted(source: Path, target: Path, number: int) -> None:
    target.parent.mkdir(parents=True)
    shutil.copyfile(source, target)
    try:
        with h5py.File(target, "r+") as file:
            file.attrs["note"] = number
    except OSError:  # a torn or hostile file
        with target.open("ab") as torn:
            torn.write(b"%d" % number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
