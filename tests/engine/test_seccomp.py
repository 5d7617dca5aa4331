"""The filter's program, run here on calls of both processor families without a kernel."""

import errno
import struct
from collections.abc import Sequence

import pytest

from engine.grading.sandbox import seccomp

MACHINES = seccomp._MACHINES
PID = 4711
# The most calls that any of the two tables has.
NUMBERS = range(470)
ALLOW, EPERM, ENOSYS = 0x7FFF0000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
KILL = 0x80000000

each_machine = pytest.mark.parametrize("machine", MACHINES)


def answer(
    machine: str, number: int, *arguments: int, gpu: bool = False, audit: int | None = None
) -> int:
    """What the filter says to a system call."""
    said = MACHINES[machine]
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("<IIQ6Q", number, audit or said.audit, 0, *padded)
    program = seccomp._program(said, PID, gpu=gpu)
    return run(list(struct.iter_unpack("=HBBI", program)), data)


def run(program: Sequence[tuple[int, ...]], data: bytes) -> int:
    at = loaded = 0
    while True:
        operation, if_true, if_false, value = program[at]
        at += 1
        match operation:
            case seccomp._LOAD:
                (loaded,) = struct.unpack_from("<I", data, value)
            case seccomp._RETURN:
                return value
            case seccomp._EQUAL:
                at += if_true if loaded == value else if_false
            case seccomp._AT_LEAST:
                at += if_true if loaded >= value else if_false
            case seccomp._ANY_BIT:
                at += if_true if loaded & value else if_false
            case _:
                raise AssertionError(operation)


def number(machine: str, name: str) -> int:
    tables = (
        *(seccomp._ALLOWED, seccomp._FOR_A_GPU, seccomp._ONLY_OURSELVES),
        {each: numbers for each, (numbers, _, _) in seccomp._ONLY.items()},
        {"open": seccomp._OPEN, "openat": seccomp._OPENAT, "mmap": seccomp._MMAP},
        {"clone": seccomp._CLONE, "prlimit64": seccomp._PRLIMIT},
        {"setpriority": seccomp._SETPRIORITY},
    )
    found = next(table[name] for table in tables if name in table)
    here = found[MACHINES[machine].column]
    assert here is not None
    return here


@each_machine
def test_what_is_on_no_list_is_refused(machine: str) -> None:
    column = MACHINES[machine].column
    listed = {numbers[column] for numbers in seccomp._ALLOWED.values()}
    said = {number: answer(machine, number) for number in NUMBERS}
    # With arguments of nothing but zeros: private memory, a limit of its own, …
    judged = {
        number(machine, name) for name in ("mmap", "openat", "fcntl", "prlimit64", "setpriority")
    }
    if machine == "x86_64":
        judged.add(number(machine, "open"))
    assert {each for each in NUMBERS if said[each] == ALLOW} == (listed - {None}) | judged
    assert all(said[each] == ENOSYS for each in NUMBERS if each >= 424)
    flock = seccomp._FLOCK[column]
    assert said[flock] == ENOSYS
    assert {said[each] for each in NUMBERS if each < 424 and each != flock} == {ALLOW, EPERM}


@pytest.mark.parametrize(("machine", "number"), [("x86_64", 0x40000000), ("x86_64", 0x40000029)])
def test_the_other_way_of_calling_does_not_exist(machine: str, number: int) -> None:
    assert answer(machine, number) == ENOSYS


@each_machine
def test_another_machines_calls_end_the_process(machine: str) -> None:
    assert answer(machine, 0, audit=0x40000003) == KILL


# name, arguments, allowed
CASES = [
    ("openat", (0, 0, 0o2000000), True),  # O_CLOEXEC
    ("openat", (0, 0, 0o1), False),
    ("openat", (0, 0, 0o2), False),
    ("openat", (0, 0, 0o100), False),
    ("openat", (0, 0, 0o1000), False),
    ("openat", (0, 0, 0o10000000), False),  # O_PATH
    ("openat", (0, 0, 0o2 | 0o20200000), False),  # O_TMPFILE
    ("clone", (0x3D0F00,), True),  # what the C library starts a thread with
    ("clone", (17,), False),  # fork
    ("clone", (0x4111,), False),  # vfork
    ("mmap", (0, 4096, 3, 0x22), True),
    ("mmap", (0, 4096, 1, 0x01, 5), True),  # a file that is read
    ("mmap", (0, 4096, 3, 0x01, 5), False),
    ("mmap", (0, 4096, 3, 0x03, 5), False),  # MAP_SHARED_VALIDATE
    ("mmap", (0, 4096, 1, 0x21), False),
    ("mmap", (0, 4096, 3, 0x40022), False),
    ("kill", (PID, 6), True),
    ("kill", (1, 0), False),
    ("kill", (0, 0), False),
    ("kill", (2**32 - 1, 0), False),
    ("tgkill", (PID, PID + 3, 6), True),
    ("tgkill", (PID + 1, PID + 1, 6), False),
    ("prlimit64", (0, 7), True),
    ("prlimit64", (PID, 7), True),
    ("prlimit64", (PID + 1, 7), False),
    ("setpriority", (0, 0, 10), True),  # a thread of its own
    ("setpriority", (0, PID + 1, 10), False),
    ("setpriority", (1, 0, 10), False),  # its group
    ("setpriority", (2, 0, 10), False),  # all that the candidate runs
    ("prctl", (15,), True),
    ("prctl", (1,), False),
    ("prctl", (22,), False),
    ("fcntl", (2, 1030), True),
    ("fcntl", (2, 4), False),  # F_SETFL
    ("fcntl", (2, 6), False),  # F_SETLK
    ("fcntl", (2, 1024), False),  # F_SETLEASE
    ("ioctl", (1, 0x5401), True),
    ("ioctl", (1, 0x5412), False),  # TIOCSTI
]


@each_machine
@pytest.mark.parametrize(("name", "arguments", "allowed"), CASES)
def test_some_are_allowed_by_their_arguments(
    machine: str, name: str, arguments: tuple[int, ...], allowed: bool
) -> None:
    assert answer(machine, number(machine, name), *arguments) == (ALLOW if allowed else EPERM)


@each_machine
def test_a_gpu_needs_more_but_no_network_and_no_processes(machine: str) -> None:
    for numbers in seccomp._FOR_A_GPU.values():
        if (here := numbers[MACHINES[machine].column]) is not None:
            assert answer(machine, here, 0, 0, 3, 0x21, gpu=True) == ALLOW
    unnamed = {"x86_64": (41, 57, 59, 101, 142), "aarch64": (198, 221, 117, 118)}[machine]
    for refused in unnamed:
        assert answer(machine, refused, gpu=True) == EPERM
