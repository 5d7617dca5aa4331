"""Every hostile and broken file on the whole way of a submission, and past inspection too.

A file takes the app's own look first and then, if that has nothing against it, a sandboxed
child; one child for all of them, and a sample through the real grader, which starts a
child for each. Whatever a file wants to touch is watched: files made beside it, files
opened, connections to a port that it may know, processes started.
"""

import os
import random
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.errors import SubmissionRejected
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.inspection.file_format import check_file
from engine.grading.protocol import Grade, Graded, Job, Rejected, verdict_of
from engine.grading.sandbox import landlock, seccomp
from tests.hostile import honest
from tests.hostile.long_child import LongChild
from tests.hostile.makers import BROKEN, HOSTILE, REASONS, RUNS_CODE, Maker

FILES = HOSTILE | BROKEN
SAMPLE = random.Random(3).sample(sorted(FILES), 12)
# A shell that cannot be started is a status to os.system, not an error.
SILENT = {"lambda_starts_a_shell"}
# A refusal takes a fraction of a second; this only ends a hang.
HANG_SECONDS = 60.0

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
loop = pytest.mark.asyncio(loop_scope="module")
walls = pytest.mark.skipif(
    not (landlock.abi() and seccomp.available()), reason="this kernel has no such walls"
)


@pytest.fixture(scope="module")
def job_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("job_files")


@pytest.fixture(scope="module")
def listening(job_files: Path) -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        (job_files / "port").write_text(str(server.getsockname()[1]))
        yield server


@pytest.fixture(autouse=True)
def no_call_comes(listening: socket.socket) -> Iterator[None]:
    yield
    with pytest.raises(BlockingIOError):
        listening.accept()


@pytest.fixture(scope="module")
def good(job_files: Path) -> Job:
    return next(iter(honest.make_in_subprocess(job_files).values()))


@pytest.fixture(scope="module")
def child(job_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LongChild]:
    with LongChild(job_files, tmp_path_factory.mktemp("log") / "child.log") as child:
        yield child


@pytest.fixture(scope="module")
async def grader(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Grader]:
    logs = tmp_path_factory.mktemp("logs")
    grader = Grader(logs=logs, fork_server=ForkServer(logs) if ForkServer.possible("cpu") else None)
    await grader.start()
    yield grader
    await grader.close()


class Watched:
    """One file in a folder of its own, and all that is in that folder before it is graded."""

    def __init__(self, folder: Path, make: Maker) -> None:
        folder.mkdir()
        self.folder = folder
        here = Path.cwd()
        self.path = make(folder)
        assert Path.cwd() == here
        self._before = self._state()

    def touched(self) -> list[str]:
        """What is there now, or is another, since the file was made."""
        now = self._state()
        changed = [name for name in now if self._before.get(name) != now[name]]
        return changed + [name for name in self._before if name not in now]

    def _state(self) -> dict[str, tuple[int, int, int]]:
        found = {}
        for folder, folders, files in os.walk(self.folder):
            for name in (*folders, *files):
                path = os.path.join(folder, name)  # noqa: PTH118 - a Path would resolve too much
                stat = os.lstat(path)
                found[path] = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        return found


def by_app_and_child(child: LongChild, job: Job) -> Grade:
    try:
        check_file(Path(job.model), job.limits.model_mb)
    except SubmissionRejected as refused:
        return Rejected(message=refused.says, reason=refused.reason)
    return child.grade(job, HANG_SECONDS)


def expect_rejected(grade: Grade, name: str) -> None:
    assert isinstance(grade, Rejected), f"{verdict_of(grade)}: {grade.message.text()}"
    assert grade.reason == REASONS[name]
    assert grade.message.text().endswith(".")
    assert grade.message.text().isprintable()


@pytest.mark.parametrize("name", FILES)
def test_it_is_rejected_and_touches_nothing(
    name: str, child: LongChild, good: Job, job_files: Path
) -> None:
    file = Watched(job_files / name, FILES[name])
    deaths = child.deaths

    grade = by_app_and_child(child, replace(good, model=str(file.path)))

    expect_rejected(grade, name)
    assert child.deaths == deaths
    assert not file.touched()


def test_after_all_of_them_an_honest_file_is_graded(child: LongChild, good: Job) -> None:
    assert isinstance(child.grade(good, HANG_SECONDS), Graded)
    assert not child.deaths
    assert not child.started_processes()


@loop
@pytest.mark.parametrize("name", SAMPLE)
async def test_the_real_grader_rejects_it(
    name: str, grader: Grader, good: Job, tmp_path: Path
) -> None:
    file = Watched(tmp_path / name, FILES[name])

    expect_rejected(await grader.grade(replace(good, model=str(file.path))), name)

    assert not file.touched()


@loop
async def test_after_them_the_real_grader_grades_an_honest_file(grader: Grader, good: Job) -> None:
    assert isinstance(await grader.grade(good), Graded)


@walls
@pytest.mark.parametrize("name", sorted(RUNS_CODE))
def test_past_inspection_the_sandbox_alone_holds(
    name: str, past_inspection: LongChild, good: Job, job_files: Path
) -> None:
    file = Watched(job_files / f"{name}-past", HOSTILE[name])

    grade = past_inspection.grade(replace(good, model=str(file.path)), HANG_SECONDS)

    assert verdict_of(grade) in ("rejected", "graded", "crashed"), grade.message.text()
    assert ("Permission" in grade.message.text()) == (name not in SILENT), "it did not even try"
    assert not file.touched()
    assert not past_inspection.started_processes()


@pytest.fixture(scope="module")
def past_inspection(
    job_files: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LongChild]:
    log = tmp_path_factory.mktemp("past") / "child.log"
    with LongChild(job_files, log, inspected=False) as child:
        yield child
