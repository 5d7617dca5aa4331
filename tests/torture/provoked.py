"""The faults of disk and machine that are provoked, and what must be kept through each.

Every fault is a function of an empty folder that brings it about for real, reads what a
person is shown, puts the machine right again and says what was kept. It raises
`AssertionError` when something was lost, `NotHere` where it cannot be provoked.
"""

import contextlib
import errno
import json
import os
import resource
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest import mock

from engine.clock import ManualClock
from engine.errors import TfexamError
from engine.grading.host import supervision
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Grade, GraderFailed, score_of, verdict_of
from engine.sitting.state import report
from engine.sitting.state.sitting import Phase
from engine.sitting.store import history
from exam_bank.task import Limits
from tests.engine import fake_fork_server
from tests.engine.fake_child import a_job, command, whole_hdf5
from tests.engine.hidden_sets import write_hidden
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, make_settings, make_sitting, until
from tests.torture.disks import Disk, NotHere, mounted

_PAGE = 4096
_SHORTEST_LINE = 80

Shown = tuple[str, str]
Fault = Callable[[Path], Awaitable[Shown]]
FAULTS: dict[str, Fault] = {}


def fault(name: str) -> Callable[[Fault], Fault]:
    def keep(function: Fault) -> Fault:
        FAULTS[name] = function
        return function

    return keep


# -- the disk ----------------------------------------------------------------------------


@fault("disk full while a model is taken in")
async def _full_at_freezing(folder: Path) -> Shown:
    with mounted(folder / "disk") as disk:
        async with running(folder, home=disk.folder / "home") as scene:
            disk.fill()
            scene.save("a")
            message = await trouble(scene)
            disk.empty()
            await scene.until_graded(1)
            return message, "taken in once there was room, with its time of saving"


@fault("disk full while an event is written")
async def _full_at_journal(folder: Path) -> Shown:
    with mounted(folder / "disk") as disk:
        async with running(folder, home=disk.folder / "home") as scene:
            await _fill_to_the_brim(disk, scene)
            lines, phase = (scene.folder / "journal.jsonl").read_bytes(), scene.sitting.phase
            (scene.proctor.pause if phase is Phase.RUNNING else scene.proctor.resume)()
            message = await trouble(scene)
            assert (scene.folder / "journal.jsonl").read_bytes() == lines
            assert scene.sitting.phase is phase
            disk.empty()
            (scene.proctor.pause if phase is Phase.RUNNING else scene.proctor.resume)()
            await until(lambda: scene.sitting.phase is not phase)
            return message, "the journal as it was; the same works once there is room"


@fault("disk full while a grade is written")
async def _full_at_grade(folder: Path) -> Shown:
    with mounted(folder / "disk") as disk:
        async with running(folder, home=disk.folder / "home") as scene:
            scene.grader.scores.clear()
            scene.save("a")
            await scene.until_after(lambda: scene.grader.busy)
            await _fill_to_the_brim(disk, scene)
            scene.grader.cancel()
            message = await trouble(scene)
            disk.empty()
            await scene.until_graded(1)
            return message, "the grade was written once there was room"


@fault("disk full when the sitting ends")
async def _full_at_end(folder: Path) -> Shown:
    with mounted(folder / "disk") as disk:
        async with running(folder, home=disk.folder / "home") as scene:
            scene.save("a")
            await scene.until_graded(1)
            await _fill_to_the_brim(disk, scene)
            scene.proctor.end()
            message = await trouble(scene)
            disk.empty()
            await scene.until_after((scene.folder / report.FILE_NAME).exists)
            assert report.read(scene.folder).tasks[0].score == 4
            return message, "it ended by itself once there was room; result written"


@fault("disk full while a sitting is laid out")
async def _full_at_lay_out(folder: Path) -> Shown:
    with mounted(folder / "disk") as disk:
        home = disk.folder / "home"
        disk.fill()
        message = await refusal(make_sitting(folder, ManualClock(), settings=_at(folder, home)))
        assert history.sittings(_at(folder, home), ManualClock()) == []
        assert not (folder / "work").exists() or not any((folder / "work").iterdir())
        return message, "nothing half made is left"


@fault("home is read-only when a sitting is opened")
async def _home_read_only(folder: Path) -> Shown:
    with mounted(folder / "disk") as disk:
        home = disk.folder / "home"
        async with running(folder, home=home) as scene:
            scene.save("a")
            await scene.until_graded(1)
        disk.read_only(True)
        message = await refusal(_opened(scene))
        disk.read_only(False)
        scene.open()
        assert scene.sitting.best(FIRST) == 4
        await scene.close()
        return message, "every event; it opens once the disk can be written"


@fault("workspace is read-only when a sitting is laid out")
async def _workspace_read_only(folder: Path) -> Shown:
    with mounted(folder / "work") as disk:
        disk.read_only(True)
        settings = make_settings(folder)
        message = await refusal(make_sitting(folder, ManualClock(), settings=settings))
        disk.read_only(False)
        assert history.sittings(settings, ManualClock()) == []
        return message, "nothing half made is left"


@fault("a category folder is deleted")
async def _folder_deleted(folder: Path) -> Shown:
    async with running(folder) as scene:
        scene.save("a")
        await scene.until_graded(1)
        shutil.rmtree(scene.file().parent)
        message = await trouble(scene)
        scene.file().parent.mkdir()
        scene.save("b")
        await scene.until_graded(2)
        return message, "score and frozen model; saving works once it is made again"


@fault("the journal is deleted while it is open")
async def _journal_deleted(folder: Path) -> Shown:
    async with running(folder) as scene:
        scene.save("a")
        await scene.until_graded(1)
        (scene.folder / "journal.jsonl").unlink()
        scene.save("b")
        await scene.until_graded(2)
        before = scene.sitting
        await scene.close()
        scene.open()
        assert scene.sitting == before
        return "(nothing)", "everything: the journal is written anew from what is still open"


@fault("another file takes the journal's place while it is open")
async def _journal_replaced(folder: Path) -> Shown:
    async with running(folder) as scene:
        journal = scene.folder / "journal.jsonl"
        kept = journal.read_bytes()
        journal.unlink()
        journal.write_bytes(kept)
        scene.proctor.pause()
        message = await trouble(scene)
        assert scene.sitting.phase is Phase.RUNNING
        assert journal.read_bytes() == kept
        return message, "both files: neither is written over"


@fault("the folder of frozen models is deleted")
async def _submissions_deleted(folder: Path) -> Shown:
    async with running(folder) as scene:
        shutil.rmtree(scene.folder / "submissions")
        scene.save("a")
        message = await trouble(scene)
        (scene.folder / "submissions").mkdir()
        await scene.until_graded(1)
        return message, "taken in once the folder is there again"


# -- the machine -------------------------------------------------------------------------


@fault("no file events are to be had (inotify)")
async def _no_inotify(folder: Path) -> Shown:
    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "inotify watch limit reached")

    with mock.patch("watchdog.observers.inotify.InotifyObserver.schedule", none_left):
        async with running(folder) as scene:
            scene.save("a")
            await scene.until_graded(1)
            assert not scene.troubles
            return "(nothing: folders are looked at every two seconds)", "taken in and graded"


@fault("no file descriptors are left")
async def _no_descriptors(folder: Path) -> Shown:
    async with running(folder) as scene:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        scene.save("a")
        with contextlib.ExitStack() as taken:
            resource.setrlimit(resource.RLIMIT_NOFILE, (_highest_descriptor() + 1, hard))
            _take_all_descriptors(taken)
            message = await trouble(scene)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        await scene.until_graded(1)
        return message, "taken in once there were some again"


@fault("TensorFlow is missing")
async def _no_tensorflow(folder: Path) -> Shown:
    return await _with_tensorflow(folder, "raise ImportError(\"No module named 'tensorflow'\")")


@fault("TensorFlow is broken: it ends the process")
async def _broken_tensorflow(folder: Path) -> Shown:
    return await _with_tensorflow(folder, "import os; os.abort()")


@fault("the grader runs out of memory")
async def _out_of_memory(folder: Path) -> Shown:
    return await _graded_by(folder, "grows", Limits(memory_mb=60))


@fault("the grader is killed from outside, twice")
async def _killed(folder: Path) -> Shown:
    return await _graded_by(folder, "killed", Limits())


@fault("a large grader is killed from outside, twice")
async def _large_and_killed(folder: Path) -> Shown:
    return await _graded_by(folder, "large_and_killed", Limits(memory_mb=110))


@fault("the grader is stopped and does not go on, twice")
async def _stopped(folder: Path) -> Shown:
    with mock.patch.object(supervision, "MOST_STOPPED", 1.0):
        return await _graded_by(folder, "stops", Limits())


@fault("the grader is stopped for longer than the time limit, then goes on")
async def _stopped_a_while(folder: Path) -> Shown:
    return await _graded_by(folder, "stopped_a_while", Limits(seconds=0.7))


@fault("the grader says 5 of 5")
async def _lies(folder: Path) -> Shown:
    metric = {"name": "accuracy", "value": 1.0, "n": 20}
    lie = {"verdict": "graded", "message": {"template": "5 of 5"}, "score": 5, "metric": metric}
    return await _graded_by(folder, f"lies:{json.dumps(lie)}", Limits())


@fault("the fork server is killed while a large child grades, twice")
async def _fork_server_killed(folder: Path) -> Shown:
    return await _graded_by_fork(folder, "large_fork_server_killed", Limits(memory_mb=150))


@fault("the fork server is stopped while a child grades, and the child killed")
async def _fork_server_stopped(folder: Path) -> Shown:
    return await _graded_by_fork(folder, "child_killed_after", Limits())


@fault("the folder of logs is deleted")
async def _no_logs(folder: Path) -> Shown:
    def delete(logs: Path) -> None:
        shutil.rmtree(logs)

    return await _graded_by(folder, "grades", Limits(), before=delete)


@fault("the hidden set is gone")
async def _no_hidden_set(folder: Path) -> Shown:
    return await _graded_by(folder, "grades", Limits(), before=lambda _: None, hidden=False)


# -- how -----------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def running(folder: Path, home: Path | None = None) -> AsyncIterator[Scene]:
    """A sitting whose clock runs, with a grader that gives 4 of 5."""
    clock, settings = ManualClock(), _at(folder, home or folder / "home")
    scene = Scene(await make_sitting(folder, clock, settings=settings), settings, clock)
    await scene.started(*[4] * 20)
    try:
        yield scene
    finally:
        await scene.close()


def _at(folder: Path, home: Path) -> Any:
    return make_settings(folder, home=home, poll_seconds=0.05)


async def trouble(scene: Scene) -> str:
    """What the screen shows of the fault."""
    await scene.until_after(lambda: scene.troubles)
    return _words(scene.troubles[-1])


async def refusal(call: Awaitable[object]) -> str:
    """What is said instead of doing `call`."""
    try:
        await call
    except TfexamError as error:
        return _words(error)
    raise AssertionError("nothing was said")


def _words(error: BaseException) -> str:
    assert isinstance(error, TfexamError), f"no error for people: {error!r}"
    assert error.fix, f"does not say what to do: {error}"
    return str(error)


async def _opened(scene: Scene) -> None:
    scene.open()
    await scene.close()


async def _fill_to_the_brim(disk: Disk, scene: Scene) -> None:
    """Leave no room for one more line: neither on the disk nor in the journal's last page."""
    journal = scene.folder / "journal.jsonl"
    while True:
        size = journal.stat().st_size
        if _PAGE - size % _PAGE < _SHORTEST_LINE:
            break
        (scene.proctor.resume if scene.sitting.phase is Phase.PAUSED else scene.proctor.pause)()
        await until(lambda size=size: journal.stat().st_size > size)  # type: ignore[misc]
    disk.fill()


def _highest_descriptor() -> int:
    return max(int(each) for each in os.listdir("/proc/self/fd"))  # noqa: PTH208


def _take_all_descriptors(taken: contextlib.ExitStack) -> None:
    with contextlib.suppress(OSError):
        while True:
            taken.enter_context(open(os.devnull))  # noqa: PTH123, SIM115


async def _with_tensorflow(folder: Path, code: str) -> Shown:
    """The true grading child, in an installation whose TensorFlow does `code`."""
    stub = folder / "stub"
    stub.mkdir()
    (stub / "tensorflow.py").write_text(code + "\n")
    path = os.pathsep.join([str(stub), *filter(None, [os.environ.get("PYTHONPATH")])])
    with mock.patch.dict(os.environ, {"PYTHONPATH": path}):
        grader = Grader(logs=folder / "logs", prewarm=False)
        return await _verdict(grader, folder, Limits(), hidden=True)


async def _graded_by(
    folder: Path,
    how: str,
    limits: Limits,
    *,
    before: Callable[[Path], None] = lambda _: None,
    hidden: bool = True,
) -> Shown:
    """The true grader with a child that does `how`."""
    logs = folder / "logs"
    grader = Grader(logs=logs, prewarm=False, command=command(how))
    await grader.start()
    if logs.exists():
        before(logs)
    return await _verdict(grader, folder, limits, hidden=hidden)


async def _graded_by_fork(folder: Path, how: str, limits: Limits) -> Shown:
    """The true grader and fork server, whose children do `how`."""
    logs = folder / "logs"
    if not ForkServer.possible("cpu"):
        raise NotHere("nothing is forked on this system")
    fork_server = ForkServer(logs, command=fake_fork_server.command(how))
    grader = Grader(logs=logs, prewarm=False, command=command("grades"), fork_server=fork_server)
    return await _verdict(grader, folder, limits, hidden=True)


async def _verdict(grader: Grader, folder: Path, limits: Limits, *, hidden: bool) -> Shown:
    kept = folder / "hidden"
    if hidden:
        write_hidden(kept)
    model = whole_hdf5(folder / "mymodel.h5")
    grade = await grader.grade(a_job(model, kept, limits))
    await grader.close()
    return grade.message.text(), _cost(grade)


def _cost(grade: Grade) -> str:
    verdict, score = verdict_of(grade), score_of(grade)
    if isinstance(grade, GraderFailed):
        assert score is None, "a fault of ours costs points"
        return f"{verdict}: costs no points, graded again at the next opening"
    return f"{verdict}: {score}/5"
