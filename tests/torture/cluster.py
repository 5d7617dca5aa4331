"""A cluster whose workers and scheduler fail while it grades: nothing lost, nothing doubled.

Starts a scheduler and three workers as processes of their own, over TLS on loopback, and grades
a class of small models there: 1 % hang, 1 % want too much memory, 1 % are hostile, the others
are honest or refused. Meanwhile a worker is killed, another one is stopped, and the scheduler is
started anew with new workers. Then every file must have exactly one answer, equal to that of
a run without a cluster (but for gradings that failed through us, which are counted). Run with
`python -m tests.torture.cluster [--files N] [--quiet]`; with --quiet nothing is made to fail.
"""

import argparse
import asyncio
import contextlib
import datetime
import ipaddress
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec.structs import replace

from engine.classroom.cluster import fitness
from engine.classroom.cluster.dask_engine import Certificates, DaskCluster
from engine.grading.host.batch import FileToGrade, GradedFile, grade_files
from engine.grading.protocol import score_of, verdict_of
from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Store
from exam_bank.paper import PaperTask, from_code
from exam_bank.safe_files import sha256_of
from tests.torture import make_class

WORKERS = 3
# A stopped worker is noticed sooner than on a real network.
SILENT_SECONDS = 8.0
LIMIT_SECONDS, LIMIT_MB = 10.0, 1500.0
SPECIAL = ("hostile code", "hostile file", "hangs", "eats memory")


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
                *("--local-directory", str(home)),
            )
        )

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
    cluster: OwnCluster, files: Sequence[FileToGrade], *, trouble: bool
) -> list[GradedFile]:
    """All answers of the cluster, in the order they came; with `trouble` it fails meanwhile."""
    bank = Catalog.find()
    engine = DaskCluster(
        address=cluster.address,
        registry=bank.registry,
        certificates=cluster.certificates,
        on_trouble=lambda sentence: print(f"  {sentence}", flush=True),
    )
    steps = _steps(cluster) if trouble else iter(())
    each = max(1, len(files) // 5)
    answers: list[GradedFile] = []
    async for graded in engine.grade(files):
        answers.append(graded)
        if len(answers) % each == 0:
            next(steps, None)
    return answers


def _steps(cluster: OwnCluster) -> Iterator[None]:
    print("  a worker is killed", flush=True)
    cluster.workers[0].kill()
    cluster.start_worker()
    yield
    print("  a worker is stopped", flush=True)
    cluster.workers[1].send_signal(signal.SIGSTOP)
    yield
    print("  the scheduler is killed and started anew, with new workers", flush=True)
    assert cluster.scheduler is not None
    cluster.scheduler.kill()
    cluster.scheduler.wait()
    for each in cluster.workers[2:]:
        each.kill()
    cluster.start_scheduler()
    for _ in range(WORKERS):
        cluster.start_worker()
    yield


async def grade_here(files: Sequence[FileToGrade], folder: Path) -> list[GradedFile]:
    """All answers without a cluster."""
    cache, logs = folder / "cache", folder / "logs"
    graded = grade_files(files, cache=cache, logs=logs, store=Store(cache / "datasets"))
    return [each async for each in graded]


def differences(here: Sequence[GradedFile], there: Sequence[GradedFile]) -> list[str]:
    """A line for each file whose answers differ, is missing or has several."""
    counts = Counter(str(each.file.path) for each in there)
    found = [f"{path}: {n} answers" for path, n in counts.items() if n != 1]
    answers = {str(each.file.path): each for each in there}
    for each in here:
        other = answers.get(str(each.file.path))
        if other is None:
            found.append(f"{each.file.path}: no answer")
        elif _told(each) != _told(other):
            found.append(f"{each.file.path}: {_told(each)} here, {_told(other)} there")
    return found


def _told(graded: GradedFile) -> tuple[str, int | None]:
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
    parser = argparse.ArgumentParser()
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--quiet", action="store_true")
    asked = parser.parse_args(arguments)
    fitness.SILENT_SECONDS = SILENT_SECONDS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = orders(make_class.make(folder / "class", asked.files // 4 + 10), asked.files)
        here = asyncio.run(grade_here(files, folder))
        print(f"here: {Counter(_told(each) for each in here)}", flush=True)
        with own_cluster(folder) as cluster:
            there = asyncio.run(grade_on(cluster, files, trouble=not asked.quiet))
        found = differences(here, there)
        left = left_behind(cluster)
    print(f"there: {Counter(_told(each) for each in there)}")
    for line in found:
        print(f"  {line}")
    print(f"{len(files)} files, {len(there)} answers, {len(found)} differ, {len(left)} left behind")
    return 1 if found or left else 0


def orders(made: make_class.MadeClass, count: int) -> list[FileToGrade]:
    """A request for each of `count` files of the class; of the troubling kinds 1 % each."""
    bank = Catalog.find()
    tasks = {each.category: each for each in from_code(bank, made.code).tasks}
    special = [each for each in made.files if each.kind in SPECIAL]
    usual = [each for each in made.files if each.kind not in SPECIAL]
    chosen = [each for each in special for _ in range(max(1, count // 100))]
    chosen += list(itertools.islice(itertools.cycle(usual), count - len(chosen)))
    random.Random(1).shuffle(chosen)
    return [
        _order(made, each, number, tasks[each.category], bank) for number, each in enumerate(chosen)
    ]


def _order(
    made: make_class.MadeClass,
    file: make_class.MadeFile,
    number: int,
    drawn: PaperTask,
    bank: Catalog,
) -> FileToGrade:
    """With a path of its own, by which its answer is known, and with narrow limits."""
    path = made.folder / "cluster" / f"{number:05}" / "mymodel.h5"
    path.parent.mkdir(parents=True)
    os.link(made.folder / file.path, path)
    task = bank.task(drawn.task)
    limits = replace(task.says.limits, seconds=LIMIT_SECONDS, memory_mb=LIMIT_MB)
    narrow = replace(task, says=replace(task.says, limits=limits))
    return FileToGrade(path, narrow, drawn.seed, "classic", sha256_of(path))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
