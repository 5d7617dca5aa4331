"""What a child holds is counted whole."""

import os
import subprocess
import sys

import pytest

from exam_bank.platform.kernel import counted, held

KB = 1024


def test_swap_page_tables_and_threads_count_too() -> None:
    status = (
        "Name:\tpython\nVmPeak:\t  900000 kB\nVmRSS:\t   20000 kB\nVmPTE:\t     300 kB\n"
        "VmSwap:\t    4000 kB\nThreads:\t10\n"
    )
    assert counted(status) == (20_000 + 300 + 4_000 + 10 * 32) * KB


@pytest.mark.parametrize(
    "status",
    ["", "Name:\tpython\nState:\tZ (zombie)\nThreads:\t1\n", "VmRSS:\n"],
    ids=["nothing", "a zombie", "torn"],
)
def test_who_has_no_memory_holds_none(status: str) -> None:
    assert counted(status) == 0


def test_this_process_holds_something_and_one_that_is_gone_nothing() -> None:
    assert held(os.getpid()) > 5_000_000
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert held(gone.pid) == 0


TOUCH = """
import mmap, sys
memory = mmap.mmap(-1, 512 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=mmap.PROT_READ)
memory.madvise(15)  # no huge pages, whatever the machine is set to
print("ready", flush=True)
for at in range(0, len(memory), 4096):
    memory[at]
print("done", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells of page tables")
def test_addresses_that_are_only_read_count_for_their_page_tables() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TOUCH], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        before = held(reader.pid)
        reader.stdout.readline()
        grown = held(reader.pid) - before
        reader.kill()
    assert grown >= 900 * KB  # 8 bytes for each of 131,072 pages
