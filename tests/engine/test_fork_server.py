import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import psutil
import pytest

from engine.grading.host import fork_server, marking_process
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Cancelled, Crashed, Graded, GraderFailed, Job, Progress, Stage
from tests.engine import fake_child, fake_fork_server
from tests.engine.fake_child import a_job, noted, whole_hdf5
from tests.engine.hidden_sets import write_hidden
from tests.processes import lives

pytestmark = pytest.mark.skipif(not ForkServer.possible("cpu"), reason="nothing is forked here")

MakeGraders = Callable[..., list[Grader]]
Descendants = Callable[[], set[psutil.Process]]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return a_job(whole_hdf5(tmp_path / "mymodel.h5"), write_hidden(tmp_path / "hidden"))


@pytest.fixture
def descendants() -> Descendants:
    """Looks for processes that were not there before: what others left is not this test's."""
    own = psutil.Process()
    before = set(own.children(recursive=True))
    return lambda: (
        {each for each in own.children(recursive=True) if lives(each) and not is_marking(each)}
        - before
    )


def is_marking(process: psutil.Process) -> bool:
    """Whether it is the marking process, which every grader has beside its children."""
    with contextlib.suppress(psutil.Error):
        return process.cmdline()[-1:] == [marking_process.COMMAND[-1]]
    return False


@pytest.fixture
async def graders_that(logs: Path, descendants: Descendants) -> AsyncIterator[MakeGraders]:
    made: list[Grader] = []

    def make(how: str, count: int = 1, *, prewarm: bool = False) -> list[Grader]:
        fork_server = ForkServer(logs, command=fake_fork_server.command(how))
        made.extend(
            Grader(
                logs=logs,
                prewarm=prewarm,
                command=fake_child.command("grades"),
                fork_server=fork_server,
            )
            for _ in range(count)
        )
        return made

    yield make
    for grader in made:
        await grader.close()
    assert not descendants()
    assert not [each for each in psutil.Process().children() if is_marking(each)]
    assert not [name for name in os.listdir(logs) if name.startswith("job-")]  # noqa: PTH208


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110 - other processes set no events
            await asyncio.sleep(0.01)


async def test_a_forked_child_grades_in_its_folder_and_group_with_its_channel_alone(
    graders_that: MakeGraders, job: Job
) -> None:
    (grader,) = graders_that("grades")
    heard: list[Progress] = []
    first = await grader.grade(job, heard.append)
    second = await grader.grade(job)
    assert isinstance(first, Graded)
    fork_server, *facts = noted(first).split()
    assert facts == ["True", "True", "1"]
    assert [each.stage for each in heard[-2:]] == [Stage.INSPECTING, Stage.MARKING]
    assert noted(second).split()[0] == fork_server


async def test_graders_share_a_fork_server_that_the_last_one_closes(
    graders_that: MakeGraders, job: Job
) -> None:
    one, other = graders_that("grades", 2)
    grades = await asyncio.gather(one.grade(job), other.grade(job))
    (fork_server,) = {noted(grade).split()[0] for grade in grades}
    await one.close()
    await one.close()
    assert psutil.pid_exists(int(fork_server))
    assert isinstance(await other.grade(job), Graded)
    await other.close()
    assert not psutil.pid_exists(int(fork_server))


async def test_the_way_a_child_died_is_told(graders_that: MakeGraders, job: Job) -> None:
    (grader,) = graders_that("segfault")
    grade = await grader.grade(job)
    assert isinstance(grade, Crashed)
    assert "SIGSEGV" in grade.message.text()


async def test_what_a_child_prints_goes_to_its_own_log(
    graders_that: MakeGraders, job: Job, logs: Path, descendants: Descendants
) -> None:
    (grader,) = graders_that("hangs")
    heard: list[Progress] = []
    grading = asyncio.create_task(grader.grade(job, heard.append))
    # Until it has the job: a cancel before that leaves it waiting for the next one.
    await until(lambda: any(each.stage is Stage.INSPECTING for each in heard))
    await until(lambda: any("the log" in log.read_text() for log in logs.glob("grading-*.log")))
    grader.cancel()
    assert isinstance(await grading, Cancelled)
    await until(lambda: len(descendants()) == 1)  # the fork server's process


@pytest.mark.parametrize("how", ["starts_threads", "without_tensorflow", "dies"])
async def test_where_nothing_can_be_forked_children_are_started(
    graders_that: MakeGraders, job: Job, how: str, descendants: Descendants
) -> None:
    (grader,) = graders_that(how)
    for _ in range(2):
        grade = await grader.grade(job)
        assert isinstance(grade, Graded)
        assert noted(grade) == "well done"
    await until(lambda: not descendants())


async def test_a_fork_server_that_is_killed_costs_no_points(
    graders_that: MakeGraders, job: Job
) -> None:
    (grader,) = graders_that("fork_server_killed_once")
    grade = await grader.grade(job)
    assert isinstance(grade, Graded)
    assert noted(grade).split()[1:] == ["True", "True", "1"]


@pytest.mark.parametrize("how", ["fork_server_killed", "large_fork_server_killed"])
async def test_one_that_is_killed_each_time_costs_none_either(
    graders_that: MakeGraders, job: Job, how: str
) -> None:
    (grader,) = graders_that(how)
    limits = msgspec.structs.replace(job.limits, memory_mb=150)
    grade = await grader.grade(msgspec.structs.replace(job, limits=limits))
    assert isinstance(grade, GraderFailed)
    assert "fork server" in grade.message.text()


async def stopped_server(descendants: Descendants) -> psutil.Process:
    """The fork server's process, once it stands still."""
    (server,) = (each for each in descendants() if each.ppid() == os.getpid())
    server.suspend()
    await until(lambda: server.status() == psutil.STATUS_STOPPED)
    return server


async def test_a_child_answers_while_its_fork_server_stands_still(
    graders_that: MakeGraders, job: Job
) -> None:
    (grader,) = graders_that("fork_server_stopped")
    assert isinstance(await grader.grade(job), Graded)
    async with asyncio.timeout(30):
        await grader.close()


async def test_a_child_that_is_killed_while_its_fork_server_stands_still_costs_no_points(
    graders_that: MakeGraders, job: Job
) -> None:
    (grader,) = graders_that("child_killed_after")
    async with asyncio.timeout(60):
        grade = await grader.grade(job)
    assert isinstance(grade, Graded)  # a second child was started by itself
    assert noted(grade) == "well done"


@pytest.mark.parametrize("count", [1, 2])
async def test_close_returns_though_the_fork_server_stands_still(
    graders_that: MakeGraders, job: Job, descendants: Descendants, count: int
) -> None:
    graders = graders_that("hangs", count)
    heard: list[Progress] = []
    grading = asyncio.create_task(graders[0].grade(job, heard.append))
    await until(lambda: any(each.stage is Stage.INSPECTING for each in heard))
    await stopped_server(descendants)
    for grader in graders:
        async with asyncio.timeout(30):
            await grader.close()
    assert isinstance(await grading, Cancelled)
    assert not descendants()


@pytest.mark.parametrize("how", ["never_ready", "grades"])
async def test_close_returns_though_the_fork_server_stands_still_while_a_child_waits(
    graders_that: MakeGraders, descendants: Descendants, how: str
) -> None:
    (grader,) = graders_that(how, prewarm=True)
    await grader.start()
    await until(lambda: len(descendants()) == (1 if how == "never_ready" else 2))
    await stopped_server(descendants)
    async with asyncio.timeout(30):
        await grader.close()
    assert not descendants()


async def test_a_fork_server_that_stands_still_is_done_without(
    graders_that: MakeGraders, job: Job, descendants: Descendants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_server, "STILL_SECONDS", 0.3)
    (grader,) = graders_that("grades")
    assert isinstance(await grader.grade(job), Graded)
    server = await stopped_server(descendants)
    async with asyncio.timeout(30):
        grade = await grader.grade(job)
    assert isinstance(grade, Graded)
    assert noted(grade) == "well done"
    await until(lambda: not lives(server))


async def test_one_that_stands_still_before_its_first_child_is_done_without(
    graders_that: MakeGraders, job: Job, descendants: Descendants, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fork_server, "STILL_SECONDS", 0.3)
    (grader,) = graders_that("never_ready")
    grading = asyncio.create_task(grader.grade(job))
    await until(descendants)
    server = await stopped_server(descendants)
    assert noted(await grading) == "well done"
    await until(lambda: not lives(server))


async def test_a_fork_server_that_stands_still_for_a_moment_forks_then(
    graders_that: MakeGraders, job: Job, descendants: Descendants
) -> None:
    (grader,) = graders_that("grades")
    first = await grader.grade(job)
    server = await stopped_server(descendants)
    grading = asyncio.create_task(grader.grade(job))
    await asyncio.sleep(0.3)
    server.resume()
    assert noted(await grading).split()[0] == noted(first).split()[0]


@pytest.mark.parametrize("prewarm", [False, True])
async def test_cancel_and_close_do_not_wait_for_the_imports(
    graders_that: MakeGraders, job: Job, prewarm: bool, descendants: Descendants
) -> None:
    (grader,) = graders_that("never_ready", prewarm=prewarm)
    await grader.start()
    grading = asyncio.create_task(grader.grade(job))
    await until(descendants)
    grader.cancel()
    assert isinstance(await grading, Cancelled)


async def test_imports_that_never_end_are_our_fault(logs: Path, job: Job) -> None:
    fork_server = ForkServer(logs, command=fake_fork_server.command("never_ready"))
    grader = Grader(
        logs=logs,
        prewarm=False,
        start_seconds=0.3,
        fork_server=fork_server,
        command=fake_child.command("never_ready"),
    )
    grade = await grader.grade(job)
    await grader.close()
    assert isinstance(grade, GraderFailed)
    assert "ready" in grade.message.text()


async def test_imports_that_never_end_do_not_end_the_second_try(logs: Path, job: Job) -> None:
    fork_server = ForkServer(logs, command=fake_fork_server.command("never_ready"))
    grader = Grader(
        logs=logs,
        prewarm=False,
        start_seconds=3,
        fork_server=fork_server,
        command=fake_child.command("grades"),
    )
    grade = await grader.grade(job)
    await grader.close()
    assert isinstance(grade, Graded)


async def test_nothing_outlives_an_app_that_is_killed(job: Job, logs: Path) -> None:
    code = (
        "import asyncio, msgspec, sys\n"
        "from pathlib import Path\n"
        "from engine.grading.host.grader import Grader\n"
        "from engine.grading.host.fork_server import ForkServer\n"
        "from engine.grading.protocol import Job\n"
        "from tests.engine import fake_fork_server\n"
        "async def main(logs):\n"
        "    fork_server = ForkServer(logs, command=fake_fork_server.command('hangs'))\n"
        "    grader = Grader(logs=logs, fork_server=fork_server)\n"
        "    job = msgspec.json.decode(sys.argv[2], type=Job)\n"
        "    await grader.grade(job, lambda p: print(p.stage.value, flush=True))\n"
        "asyncio.run(main(Path(sys.argv[1])))\n"
    )
    app = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code, logs, msgspec.json.encode(job)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert app.stdout is not None
    async for line in app.stdout:
        if line.strip() == b"inspecting":
            break
    children = psutil.Process(app.pid).children(recursive=True)
    assert len(children) >= 2
    app.kill()
    await app.wait()
    await until(lambda: not any(lives(each) for each in children))
