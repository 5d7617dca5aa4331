"""A seccomp filter by bare system calls: limits what a grading child may ask of the kernel.

Landlock says which files may be opened; this covers the rest: memory, threads, clocks, reading,
and writing to what is already open. It is an allow-list, measured on all public models with room
for other versions of TensorFlow, Keras and the C library. All allowed calls concern the process
itself, so whatever a kernel learns to do in future is refused without being named. Refused calls
fail with EPERM, so a model that needs one gets a readable error and not a dead process; calls
newer than 2019 "do not exist", so libraries fall back to older ones.

The filter binds every thread at once (TSYNC) and cannot be removed. Numbers: Linux's
`arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterable
from typing import NamedTuple

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_TSYNC = 1
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_KILL_PROCESS = 0x80000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_MACHINE, _AT_ARGUMENTS = 0, 4, 16
# From here on numbers are the same everywhere. Among them: clone3 and openat2, whose arguments are
# behind a pointer where no filter can look, io_uring, and the x32 calls of x86_64.
_FIRST_UNKNOWN = 424


class _Machine(NamedTuple):
    """A processor family: its audit number, its column in the tables, seccomp's number."""

    audit: int
    column: int
    seccomp: int


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 0, 317),
    "aarch64": _Machine(0xC00000B7, 1, 277),
}

_Numbers = dict[str, tuple[int | None, int | None]]


def _table(text: str) -> _Numbers:
    """Calls as "name number-on-x86_64 number-on-aarch64"; "-" where there is no such call."""
    rows = (row.split() for row in text.split(","))
    return {
        name: (None if x86 == "-" else int(x86), None if arm == "-" else int(arm))
        for name, x86, arm in rows
    }


_MEMORY = _table(
    """
    madvise 28 233, munmap 11 215, mprotect 10 226, brk 12 214, mremap 25 216, msync 26 227,
    mincore 27 232, get_mempolicy 239 236, membarrier 324 283
    """
)
_THREADS = _table(
    """
    futex 202 98, gettid 186 178, sched_yield 24 124, set_robust_list 273 99, rseq 334 293,
    set_tid_address 218 96, arch_prctl 158 -, exit 60 93, exit_group 231 94,
    rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
    rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132,
    restart_syscall 219 128
    """
)
_CLOCKS = _table(
    """
    clock_gettime 228 113, gettimeofday 96 169, time 201 -, clock_getres 229 114,
    clock_nanosleep 230 115, nanosleep 35 101, times 100 153
    """
)
# What the process and the machine are; these calls change nothing.
_QUESTIONS = _table(
    """
    uname 63 160, sysinfo 99 179, getrandom 318 278, getcpu 309 168, getrusage 98 165,
    getrlimit 97 163, sched_getaffinity 204 123, sched_getscheduler 145 120,
    sched_getparam 143 121, sched_get_priority_max 146 125, sched_get_priority_min 147 126,
    getpid 39 172, getppid 110 173, getuid 102 174, geteuid 107 175, getgid 104 176,
    getegid 108 177
    """
)
# No filter can read a path: a child can ask whether a file exists, its size and times.
_FILES = _table(
    """
    read 0 63, pread64 17 67, readv 19 65, preadv 295 69, write 1 64, writev 20 66,
    lseek 8 62, close 3 57, stat 4 -, fstat 5 80, lstat 6 -, newfstatat 262 79,
    statx 332 291, access 21 -, faccessat 269 48, readlink 89 -, readlinkat 267 78,
    getdents64 217 61, getcwd 79 17, dup 32 23, dup2 33 -, dup3 292 24
    """
)
_WAITING = _table(
    """
    poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72
    """
)
_ALLOWED: _Numbers = {**_MEMORY, **_THREADS, **_CLOCKS, **_QUESTIONS, **_FILES, **_WAITING}

# For a GPU's driver to talk to its devices, and for its memory.
_FOR_A_GPU = _table(
    """
    mmap 9 222, ioctl 16 29, fcntl 72 25, mlock 149 228, munlock 150 229,
    memfd_create 319 279, pipe2 293 59, sched_setaffinity 203 122, set_mempolicy 238 237,
    mbind 237 235, eventfd2 290 19, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -,
    epoll_pwait 281 22
    """
)

_CLONE, _CLONE_THREAD = (56, 220), 0x00010000
_OPEN, _OPENAT = (2, None), (257, 56)
# O_PATH would let stat and its relatives look where Landlock forbids opening.
_NOT_TO_READ = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_PATH", 0)
_MMAP = (9, 222)
_MAP_SHARED, _MAP_ANONYMOUS, _MAP_HUGETLB, _PROT_WRITE = 0x01, 0x20, 0x40000, 0x2
# Allowed only with these values of argument `index`.
_ONLY: dict[str, tuple[tuple[int | None, int | None], int, tuple[int, ...]]] = {
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_DUPFD_CLOEXEC: no locks, leases, sizes of pipes,
    # signals, and no taking O_APPEND off the log.
    "fcntl": ((72, 25), 1, (0, 1, 2, 3, 1030)),
    # TCGETS, TIOCGWINSZ, FIONCLEX, FIOCLEX: is it a terminal, how wide, close it with exec.
    "ioctl": ((16, 29), 1, (0x5401, 0x5413, 0x5450, 0x5451)),
    # PR_SET_NAME, PR_GET_NAME, PR_SET_VMA (names for memory): no way to outlive its parent.
    "prctl": ((157, 167), 0, (15, 16, 0x53564D41)),
}
# Not allowed: HDF5 reads on when told that there are no locks here.
_FLOCK = (73, 32)
# Allowed only on this process.
_ONLY_OURSELVES: _Numbers = {"kill": (62, 129), "tgkill": (234, 131)}
_PRLIMIT = (302, 261)
# A thread may step back; PRIO_USER would lower all that the candidate runs.
_SETPRIORITY, _PRIO_PROCESS = (141, 140), 0


def available() -> bool:
    """Whether this kernel accepts filters; changes nothing."""
    machine = _MACHINES.get(platform.machine())
    if machine is None or sys.platform != "linux":
        return False
    action = ctypes.c_uint32(_ERRNO)
    libc = ctypes.CDLL(None, use_errno=True)
    # Asks about an action (since Linux 4.14) rather than trying a filter, which would stay.
    return bool(libc.syscall(machine.seccomp, _GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


def install(*, gpu: bool = False) -> bool:
    """Set the filter on every thread of this process; False where the kernel has no filters.

    With `gpu` the calls stay open that drivers of graphics cards need. Needs
    `PR_SET_NO_NEW_PRIVS`. Raises `OSError` where the kernel refuses.
    """
    if not available():
        return False
    machine = _MACHINES[platform.machine()]
    program = _program(machine, os.getpid(), gpu=gpu)
    # Keeps a reference: the pointer in `described` does not.
    code = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(machine.seccomp, _SET_MODE_FILTER, _TSYNC, ctypes.byref(described)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
    return True


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _program(machine: _Machine, pid: int, *, gpu: bool) -> bytes:
    """The filter as BPF code: the first rule that returns decides."""
    steps = [
        *(_step(_LOAD, _AT_MACHINE), _step(_EQUAL, machine.audit, 1, 0), _kill()),
        _step(_LOAD, _AT_NUMBER),
        *(_step(_AT_LEAST, _FIRST_UNKNOWN, 0, 1), _fail(errno.ENOSYS)),
    ]
    # The machine is checked first: the same number is another call in another table.
    column = machine.column
    for numbers in (_ALLOWED | _FOR_A_GPU if gpu else _ALLOWED).values():
        steps += _when(numbers[column], [_allow()])
    steps += _when(_MMAP[column], _private_or_unwritable())
    steps += _when(_OPEN[column], _unless_bits(1, _NOT_TO_READ))
    steps += _when(_OPENAT[column], _unless_bits(2, _NOT_TO_READ))
    steps += _when(_CLONE[column], _if_bits(0, _CLONE_THREAD))
    for numbers, index, values in _ONLY.values():
        steps += _when(numbers[column], _if_equal(index, values))
    for numbers in _ONLY_OURSELVES.values():
        steps += _when(numbers[column], _if_equal(0, (pid,)))
    steps += _when(_PRLIMIT[column], _if_equal(0, (0, pid)))
    steps += _when(_SETPRIORITY[column], _of_this_thread())
    steps += _when(_FLOCK[column], [_fail(errno.ENOSYS)])
    return b"".join([*steps, _fail(errno.EPERM)])


def _when(number: int | None, then: list[bytes]) -> list[bytes]:
    """Apply `then` to the system call `number`; `then` must end in a return."""
    if number is None:
        return []
    return [_step(_EQUAL, number, 0, len(then)), *then]


def _private_or_unwritable() -> list[bytes]:
    """For mmap: refuse memory that outlives its mapping, because it is then counted nowhere."""
    return [
        *(_load_argument(3), _step(_ANY_BIT, _MAP_HUGETLB, 0, 1), _fail(errno.EPERM)),
        *(_step(_ANY_BIT, _MAP_SHARED, 1, 0), _allow()),
        *(_step(_ANY_BIT, _MAP_ANONYMOUS, 0, 1), _fail(errno.EPERM)),
        *_unless_bits(2, _PROT_WRITE),
    ]


def _unless_bits(index: int, bits: int) -> list[bytes]:
    return [
        *(_load_argument(index), _step(_ANY_BIT, bits, 1, 0)),
        *(_allow(), _fail(errno.EPERM)),
    ]


def _if_bits(index: int, bits: int) -> list[bytes]:
    return [
        *(_load_argument(index), _step(_ANY_BIT, bits, 0, 1)),
        *(_allow(), _fail(errno.EPERM)),
    ]


def _if_equal(index: int, values: Iterable[int]) -> list[bytes]:
    tests = [step for value in values for step in (_step(_EQUAL, value, 0, 1), _allow())]
    return [_load_argument(index), *tests, _fail(errno.EPERM)]


def _of_this_thread() -> list[bytes]:
    """For setpriority: only the thread that calls."""
    return [
        *(_load_argument(0), _step(_EQUAL, _PRIO_PROCESS, 1, 0), _fail(errno.EPERM)),
        *_if_equal(1, (0,)),
    ]


def _load_argument(index: int) -> bytes:
    """Load the low half of an argument; both machines are little-endian.

    BPF has 32-bit words. Where the kernel cuts to an int itself, the other half cannot matter.
    """
    return _step(_LOAD, _AT_ARGUMENTS + 8 * index)


def _allow() -> bytes:
    return _step(_RETURN, _ALLOW)


def _kill() -> bytes:
    return _step(_RETURN, _KILL_PROCESS)


def _fail(number: int) -> bytes:
    return _step(_RETURN, _ERRNO | number)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
