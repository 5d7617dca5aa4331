"""Solutions as forks of a warm process: the same life as in a Python of their own."""

# ruff: noqa: ASYNC240
# These tests look at files and processes between two awaits.

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from exam_bank.errors import BankError
from exam_bank.proof.solution_fork import PreloadedPython, can_fork
from exam_bank.proof.solution_run import Ran, Run, run_solution
from tests.exam_bank.test_preparation import alive, gone, pids_in

pytestmark = pytest.mark.skipif(not can_fork(), reason="this system cannot fork safely")


@asynccontextmanager
async def warm(*modules: str) -> AsyncIterator[PreloadedPython]:
    async with PreloadedPython(modules, os.environ) as python:
        yield python


async def forked(code: str, room: Path, limit: float = 60, modules: tuple[str, ...] = ()) -> Ran:
    async with warm(*modules) as python:
        return await solve(python.run_solution, code, room, limit)


async def solve(run: Run, code: str, room: Path, limit: float = 60) -> Ran:
    room.mkdir(exist_ok=True)
    script = room.parent / f"{room.name}.py"
    script.write_text(code)
    return await run(script, room, limit=limit)


LOOKS = """
import os, sys, pathlib
import beside
print(__name__, __file__, sys.argv, os.getcwd(), sys.path[0])
print(sys.modules["__main__"].__file__, os.getpgid(0) == os.getpid() == os.getsid(0))
print(sys.stdin.read() == "", pathlib.Path(__file__).parent, beside.HERE)
"""


async def test_a_fork_sees_what_a_new_python_sees(tmp_path: Path) -> None:
    said = []
    async with warm() as python:
        for run in (run_solution, python.run_solution):
            (tmp_path / "Category1").mkdir(exist_ok=True)
            (tmp_path / "Category1/beside.py").write_text("HERE = 1\n")
            ran = await solve(run, LOOKS, tmp_path / "Category1")
            assert ran.status == 0, ran
            said.append(ran.log.replace("['starter.py']", f"['{tmp_path}/Category1/starter.py']"))
    assert said[0] == said[1]


@pytest.mark.parametrize(
    ("code", "status", "last"),
    [
        ("print('done')", 0, "done"),
        ("raise SystemExit", 0, ""),
        ("raise SystemExit(3)", 3, ""),
        ("raise SystemExit('no data')", 1, "no data"),
        ("raise NotImplementedError('TODO 1: x')", 1, "NotImplementedError: TODO 1: x"),
        ("def f(:", 1, "SyntaxError: invalid syntax"),
        ("import os; os.kill(os.getpid(), 9)", -9, ""),
        ("import atexit; atexit.register(print, 'last words')", 0, "last words"),
        (
            "import threading, time\n"
            "threading.Thread(target=lambda: (time.sleep(.2), print('late'))).start()",
            0,
            "late",
        ),
    ],
)
async def test_how_a_program_ends(tmp_path: Path, code: str, status: int, last: str) -> None:
    ran = await forked(code, tmp_path / "room")
    assert (ran.status, ran.last_line, ran.timed_out) == (status, last, False)
    same = await solve(run_solution, code, tmp_path / "other")
    assert (same.status, same.last_line) == (status, last)


async def test_forks_share_imports_and_nothing_else(tmp_path: Path) -> None:
    code = "import sys, wave\nprint('wave' in sys.modules, hasattr(wave, 'mine'))\nwave.mine = 1\n"
    async with warm("wave") as python:
        ran = [await solve(python.run_solution, code, tmp_path / name) for name in "ab"]
    assert [each.last_line for each in ran] == ["True False"] * 2


async def test_unseeded_draws_differ_between_forks(tmp_path: Path) -> None:
    code = "import numpy, random\nprint(numpy.random.rand(), random.random())\n"
    async with warm("numpy") as python:
        ran = [await solve(python.run_solution, code, tmp_path / name) for name in "ab"]
    for one, other in zip(*(each.last_line.split() for each in ran), strict=True):
        assert one != other


async def test_a_fork_is_charged_its_own_time_and_the_import(tmp_path: Path) -> None:
    (tmp_path / "dear.py").write_text("import time\nwhile time.process_time() < 0.5: pass\n")
    burns = "import time\nend = time.process_time() + 0.5\nwhile time.process_time() < end: pass\n"
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    async with PreloadedPython(["dear"], environment) as python:
        idle = await solve(python.run_solution, "", tmp_path / "idle")
        busy = await solve(python.run_solution, burns, tmp_path / "busy")
    assert idle.cpu_seconds >= 0.5
    assert busy.cpu_seconds >= idle.cpu_seconds + 0.4


HANGS = (
    "import os, pathlib, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(3600)'])\n"
    "pathlib.Path('pids').write_text(f'{os.getpid()} {child.pid}\\n')\n"
)


async def test_what_outlives_its_program_is_killed(tmp_path: Path) -> None:
    ran = await forked(HANGS, tmp_path / "room")
    assert ran.status == 0
    await asyncio.wait_for(gone(await pids_in(tmp_path / "room/pids")), 20)


async def test_a_program_that_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    ran = await forked(HANGS + "time.sleep(3600)\n", tmp_path / "room", limit=3)
    assert (ran.timed_out, ran.status) == (True, -9)
    await asyncio.wait_for(gone(await pids_in(tmp_path / "room/pids")), 20)


async def test_cancelling_kills_what_runs_and_leaves_the_warm_process(tmp_path: Path) -> None:
    async with warm() as python:
        running = asyncio.create_task(
            solve(python.run_solution, HANGS + "time.sleep(3600)\n", tmp_path / "room")
        )
        pids = await pids_in(tmp_path / "room/pids")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        await asyncio.wait_for(gone(pids), 20)
        assert (await solve(python.run_solution, "print(1)", tmp_path / "next")).last_line == "1"


async def test_several_run_at_once(tmp_path: Path) -> None:
    meets = (
        "import pathlib, sys, time\nhere = pathlib.Path.cwd()\n"
        "(here.parent / f'{here.name}.note').touch()\n"
        "while len(list(here.parent.glob('*.note'))) < 2: time.sleep(.01)\n"
    )
    async with warm() as python:
        ran = await asyncio.gather(
            *(solve(python.run_solution, meets, tmp_path / name) for name in "ab")
        )
    assert [each.status for each in ran] == [0, 0]


async def test_nothing_outlives_whoever_asked(tmp_path: Path) -> None:
    asks = (
        "import asyncio, os, pathlib\n"
        "from exam_bank.proof.solution_fork import PreloadedPython\n"
        "async def main():\n"
        "    async with PreloadedPython([], os.environ) as python:\n"
        f"        room = pathlib.Path({str(tmp_path)!r})\n"
        "        await python.run_solution(room / 'hangs.py', room, limit=600)\n"
        "asyncio.run(main())\n"
    )
    (tmp_path / "hangs.py").write_text(HANGS + "time.sleep(3600)\n")
    asker = await asyncio.create_subprocess_exec(sys.executable, "-c", asks)
    pids = await pids_in(tmp_path / "pids")
    assert alive(pids[0])
    asker.kill()
    await asker.wait()
    await asyncio.wait_for(gone(pids), 20)


async def test_a_module_that_cannot_be_imported_is_an_error_with_its_reason(tmp_path: Path) -> None:
    with pytest.raises(BankError, match="no_such_module"):
        await forked("", tmp_path / "room", modules=("no_such_module",))


async def test_the_death_of_the_warm_process_is_an_error(tmp_path: Path) -> None:
    async with warm() as python:
        code = "import os\nos.kill(os.getppid(), 9)\nimport time\ntime.sleep(3600)\n"
        with pytest.raises(BankError, match="ended with status -9"):
            await solve(python.run_solution, code, tmp_path / "room")
