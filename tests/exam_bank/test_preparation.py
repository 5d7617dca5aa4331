"""The making of data: whole or not at all, with a reason, and never outliving its caller."""

# ruff: noqa: ASYNC110, ASYNC220, ASYNC240
# These tests look at files and processes between two awaits.

import asyncio
import contextlib
import importlib.util
import os
import py_compile
import signal
import stat
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from exam_bank.datasets import LocalDataset
from exam_bank.errors import DataError
from exam_bank.material import HiddenSet
from exam_bank.phrase import Phrase
from exam_bank.preparation import Order, Step, make_material, prepare

GOOD = """
import numpy as np
from exam_bank.material import HiddenSet, Material

def make(seed):
    values = np.full((4, 2), seed % 100, dtype=np.float32)
    print("a task may print")
    return Material(
        files={"data/train.csv": b"x,y\\n%d,2\\n" % seed},
        hidden=HiddenSet(inputs=values, targets=values[:, 0]),
        trivial={"mean": values[:, :1]},
    )
"""


def order(tmp_path: Path, code: str = GOOD, *, task: str = "fake", seed: int = 7) -> Order:
    folder = tmp_path / "bank" / task
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.py").write_text(code)
    return Order(
        task=task,
        folder=str(folder),
        seed=seed,
        hidden=str(tmp_path / "sitting" / "hidden" / task),
        files=str(tmp_path / "work" / task),
    )


def everything(tmp_path: Path) -> set[str]:
    """What lies in the sitting and the workspace, staging folders too."""
    roots = (tmp_path / "sitting", tmp_path / "work")
    return {
        path.relative_to(tmp_path).as_posix()
        for root in roots
        for path in root.rglob("*")
        if path.is_file()
    }


async def fault_of(wanted: Order) -> DataError:
    with pytest.raises(DataError) as caught:
        await prepare([wanted])
    return caught.value


async def test_files_and_hidden_set_are_written_and_steps_told(tmp_path: Path) -> None:
    orders = [order(tmp_path, task="one", seed=11), order(tmp_path, task="two", seed=22)]
    steps: list[Step] = []
    await prepare(orders, steps.append)
    assert (tmp_path / "work/one/data/train.csv").read_bytes() == b"x,y\n11,2\n"
    assert HiddenSet.read(tmp_path / "sitting/hidden/two").inputs[0, 0] == 22
    assert steps[0] == Step("one", 0, 2)
    assert [(each.done, each.total) for each in steps] == [(0, 2), (1, 2), (2, 2)]
    assert {each.task for each in steps[1:]} == {"one", "two"}
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["one", "two"]


async def test_no_orders_make_no_steps() -> None:
    steps: list[Step] = []
    await prepare([], steps.append)
    assert steps == []


async def test_the_hidden_set_is_for_its_owner_only(tmp_path: Path) -> None:
    wanted = order(tmp_path)
    await prepare([wanted])
    hidden = Path(wanted.hidden)
    assert stat.S_IMODE(hidden.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in hidden.iterdir()} == {0o600}


async def test_without_a_category_folder_only_the_hidden_set_is_made(tmp_path: Path) -> None:
    await prepare([msgspec.structs.replace(order(tmp_path), files=None)])
    assert not (tmp_path / "work").exists()
    assert HiddenSet.read(tmp_path / "sitting/hidden/fake").targets.shape == (4,)


async def test_a_category_folder_with_other_files_keeps_them(tmp_path: Path) -> None:
    wanted = order(tmp_path)
    starter = tmp_path / "work/fake/starter.py"
    starter.parent.mkdir(parents=True)
    starter.write_text("# mine")
    await prepare([wanted])
    assert starter.read_text() == "# mine"
    assert (tmp_path / "work/fake/data/train.csv").is_file()


async def test_making_the_same_again_is_no_fault(tmp_path: Path) -> None:
    await prepare([order(tmp_path)])
    before = everything(tmp_path)
    await prepare([order(tmp_path)])
    assert everything(tmp_path) == before


async def test_only_the_source_is_run_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """A compiled file, which nobody reads, would run in place of `data.py` unasked."""
    beside = "import sys; sys.path.insert(0, __file__.rpartition('/')[0]); import words\n"
    wanted = order(tmp_path, beside + GOOD)
    folder = Path(wanted.folder)
    (folder / "words.py").write_text("")
    await prepare([wanted])
    assert sorted(path.name for path in folder.iterdir()) == ["data.py", "words.py"]
    (folder / "other.py").write_text("raise SystemExit('not what was read')")
    planted = importlib.util.cache_from_source(str(folder / "data.py"))
    unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
    py_compile.compile(str(folder / "other.py"), planted, invalidation_mode=unchecked)
    await prepare([wanted])


async def test_an_old_hidden_set_is_replaced(tmp_path: Path) -> None:
    await prepare([order(tmp_path, seed=1)])
    wanted = msgspec.structs.replace(order(tmp_path, seed=2), files=None)
    (Path(wanted.hidden) / "left_over.npy").write_bytes(b"old")
    await prepare([wanted])
    assert HiddenSet.read(Path(wanted.hidden)).inputs[0, 0] == 2
    assert "sitting/hidden/fake/left_over.npy" not in everything(tmp_path)
    assert [path.name for path in (tmp_path / "sitting/hidden").iterdir()] == ["fake"]


async def test_a_very_long_reason_is_cut(tmp_path: Path) -> None:
    error = await fault_of(order(tmp_path, "raise ValueError('far too long ' * 100_000)\n"))
    assert "ValueError: far too long" in error.message
    assert len(error.message) < 2_000


async def test_a_file_in_the_way_is_not_overwritten(tmp_path: Path) -> None:
    mine = tmp_path / "work/fake/data/train.csv"
    mine.parent.mkdir(parents=True)
    mine.write_text("my own")
    error = await fault_of(order(tmp_path))
    assert "in the way" in error.message
    assert everything(tmp_path) == {"work/fake/data/train.csv"}
    assert mine.read_text() == "my own"


async def test_a_link_in_the_category_folder_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    folder = tmp_path / "work/fake"
    folder.mkdir(parents=True)
    (folder / "data").symlink_to(elsewhere)
    error = await fault_of(order(tmp_path))
    assert "in the way" in error.message
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize("name", ["../stolen.txt", "data/../../stolen.txt", "{}/stolen.txt"])
async def test_a_task_cannot_write_outside_its_folder(tmp_path: Path, name: str) -> None:
    name = name.format(tmp_path)
    error = await fault_of(order(tmp_path, GOOD.replace("data/train.csv", name)))
    assert name in error.message
    assert everything(tmp_path) == set()
    assert not list(tmp_path.rglob("stolen.txt"))


async def test_a_failing_task_is_named_with_its_reason_and_line(tmp_path: Path) -> None:
    error = await fault_of(order(tmp_path, "def make(seed):\n    return {}['rooms']\n"))
    assert "fake" in error.message
    assert "KeyError: 'rooms'" in error.message
    assert "data.py, line 2" in error.message
    assert error.fix


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("", "no function make"),
        ("def make(seed):\n    return 5\n", "does not return a Material"),
        ("def make(seed)\n", "SyntaxError"),
        ("import no_such_module\n", "no_such_module"),
        ("import sys\nsys.exit('enough')\n", "SystemExit: enough"),
        ("def make(seed):\n    raise MemoryError\n", "not enough memory"),
        ("def make(seed):\n    raise OSError(28, 'No space left on device')\n", "disk is full"),
        ("import os\nos.write(2, b'last words')\nos._exit(9)\n", "status 9. last words"),
        ("import os\nos.kill(os.getpid(), 9)\n", "status -9"),
    ],
)
async def test_each_fault_has_its_reason(tmp_path: Path, code: str, says: str) -> None:
    error = await fault_of(order(tmp_path, code))
    assert says in error.message
    assert error.fix or "Material" in says
    assert everything(tmp_path) == set()


async def test_a_missing_data_py_is_named(tmp_path: Path) -> None:
    wanted = order(tmp_path)
    (Path(wanted.folder) / "data.py").unlink()
    assert "data.py is missing" in (await fault_of(wanted)).message


async def test_what_the_child_says_stays_a_phrase_on_its_way(tmp_path: Path) -> None:
    wanted = order(tmp_path)
    (Path(wanted.folder) / "data.py").unlink()
    error = await fault_of(wanted)
    assert isinstance(error.message, Phrase)
    fault = error.message.facts["fault"]
    assert isinstance(fault, Phrase)
    assert fault.template == "{path} is missing."
    assert isinstance(error.fix, Phrase)


async def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "sitting").write_text("a file where a folder should be")
    error = await fault_of(order(tmp_path))
    assert str(tmp_path / "sitting") in error.message


async def test_one_failure_stops_the_others(tmp_path: Path) -> None:
    hangs = order(tmp_path, "import time\ntime.sleep(3600)\n", task="hangs")
    fails = order(tmp_path, "raise RuntimeError('no')\n", task="fails")
    with pytest.raises(DataError, match="fails"):
        await prepare([hangs, fails])


HANG = """
import os, pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"])
pathlib.Path({note!r}).write_text(f"{{os.getpid()}} {{child.pid}}\\n")
time.sleep(3600)
"""


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie that waits for its reaper does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def pids_in(note: Path) -> list[int]:
    while not (note.exists() and note.read_text().endswith("\n")):
        await asyncio.sleep(0.02)
    return [int(pid) for pid in note.read_text().split()]


async def gone(pids: list[int]) -> None:
    while any(alive(pid) for pid in pids):
        await asyncio.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
async def test_cancelling_kills_the_maker_and_what_it_started(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    making = asyncio.create_task(prepare([order(tmp_path, HANG.format(note=str(note)))]))
    pids = await pids_in(note)
    assert all(alive(pid) for pid in pids)
    making.cancel()
    with pytest.raises(asyncio.CancelledError):
        await making
    await asyncio.wait_for(gone(pids), 20)
    assert everything(tmp_path) == set()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads /proc")
async def test_the_maker_dies_with_its_parent(tmp_path: Path) -> None:
    note = tmp_path / "pids"
    wanted = order(tmp_path, HANG.format(note=str(note)))
    code = (
        "import asyncio, msgspec, sys\n"
        "from exam_bank.preparation import Order, prepare\n"
        "order = msgspec.json.decode(sys.argv[1], type=Order)\n"
        "asyncio.run(prepare([order]))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, msgspec.json.encode(wanted).decode()])
    pids = await pids_in(note)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    try:
        await asyncio.wait_for(gone(pids), 20)
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


async def test_the_working_directory_cannot_replace_our_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "numpy.py").write_text("raise RuntimeError('not the real numpy')")
    monkeypatch.chdir(tmp_path)
    await prepare([order(tmp_path)])
    assert HiddenSet.read(tmp_path / "sitting/hidden/fake").inputs.shape == (4, 2)


def test_make_material_works_in_this_process(tmp_path: Path) -> None:
    material = make_material(Path(order(tmp_path).folder), 5)
    assert set(material.files) == {"data/train.csv"}
    assert material.hidden.inputs[0, 0] == 5


OF_A_SET = GOOD.replace("make(seed)", "make(seed, dataset)").replace(
    'b"x,y\\n%d,2\\n" % seed', 'dataset.payload("numbers.txt")'
)


async def test_a_task_of_a_data_set_is_given_its_files(tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "numbers.txt").write_bytes(b"1 2 3")
    wanted = order(tmp_path, OF_A_SET)
    dataset = LocalDataset.unverified(tmp_path / "set")
    await prepare([msgspec.structs.replace(wanted, dataset=dataset)])
    assert (tmp_path / "work/fake/data/train.csv").read_bytes() == b"1 2 3"
    (tmp_path / "set" / "numbers.txt").write_bytes(b"other")
    fault = await fault_of(msgspec.structs.replace(wanted, dataset=dataset))
    assert "numbers.txt changed" in fault.message
    assert "tfexam data verify" in fault.fix
