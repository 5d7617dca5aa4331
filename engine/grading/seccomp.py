"""A seccomp filter by bare system calls: what a grading child may no longer ask the kernel.

Landlock says which files may be opened; this says that there are no sockets, no new
processes or programs, no signals to others and no changes to files at all, on kernels
without Landlock too. It is a deny-list: TensorFlow's needs differ by version, what an
attack needs does not. Refused calls fail with EPERM, so that a model that asks for one
gets an error in words and not a dead process.

The filter binds every thread at once (TSYNC) and cannot be taken off. Numbers: Linux's
`arch/x86/entry/syscalls/syscall_64.tbl` and `include/uapi/asm-generic/unistd.h`.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from typing import NamedTuple

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_SET_MODE_FILTER, _GET_ACTION_AVAIL = 1, 2
_TSYNC = 1
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_KILL_PROCESS = 0x80000000

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_AT_NUMBER, _AT_MACHINE, _AT_ARGUMENTS = 0, 4, 16
_FIRST_X32 = 0x40000000

_CLONE_THREAD = 0x00010000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class _Machine(NamedTuple):
    """One processor family: its audit number, its column in the tables, seccomp's number."""

    audit: int
    column: int
    seccomp: int


_MACHINES = {
    "x86_64": _Machine(0xC000003E, 0, 317),
    "aarch64": _Machine(0xC00000B7, 1, 277),
}

# name: (number on x86_64, number on aarch64); None where the machine has no such call.
_Numbers = dict[str, tuple[int | None, int | None]]
_NETWORK: _Numbers = {
    "socket": (41, 198),
    "connect": (42, 203),
    "accept": (43, 202),
    "sendto": (44, 206),
    "sendmsg": (46, 211),
    "bind": (49, 200),
    "listen": (50, 201),
    "socketpair": (53, 199),
    "accept4": (288, 242),
    "sendmmsg": (307, 269),
    "io_uring_setup": (425, 425),  # does all of this and more, unseen by filters
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
}
_PROCESSES: _Numbers = {
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
}
_FILES: _Numbers = {
    "truncate": (76, 45),
    "rename": (82, None),
    "mkdir": (83, None),
    "rmdir": (84, None),
    "creat": (85, None),
    "link": (86, None),
    "unlink": (87, None),
    "symlink": (88, None),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "utime": (132, None),
    "mknod": (133, None),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "utimes": (235, None),
    "mkdirat": (258, 34),
    "mknodat": (259, 33),
    "fchownat": (260, 54),
    "futimesat": (261, None),
    "unlinkat": (263, 35),
    "renameat": (264, 38),
    "linkat": (265, 37),
    "symlinkat": (266, 36),
    "fchmodat": (268, 53),
    "utimensat": (280, 88),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "renameat2": (316, 276),
    "fchmodat2": (452, 452),
}
_SHARED: _Numbers = {
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
}
_SYSTEM: _Numbers = {
    "pivot_root": (155, 41),
    "adjtimex": (159, 171),
    "chroot": (161, 51),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "quotactl": (179, 60),
    "clock_settime": (227, 112),
    "kexec_load": (246, 104),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "clock_adjtime": (305, 266),
    "setns": (308, 268),
    "finit_module": (313, 273),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
}
_DENIED: _Numbers = {**_NETWORK, **_PROCESSES, **_FILES, **_SHARED, **_SYSTEM}
# Their arguments lie behind a pointer, where no filter can look: the C library falls
# back to the older call when it is told that these do not exist.
_UNKNOWN: _Numbers = {"clone3": (435, 435), "openat2": (437, 437)}
# Allowed only when argument `index` has none of `bits`.
_WITHOUT_BITS: dict[str, tuple[tuple[int | None, int | None], int, int]] = {
    "open": ((2, None), 1, _WRITING),
    "openat": ((257, 56), 2, _WRITING),
}
_ONLY_OURSELVES: _Numbers = {"kill": (62, 129), "tgkill": (234, 131)}
_CLONE = (56, 220)
_PRLIMIT = (302, 261)


def available() -> bool:
    """Whether this kernel takes filters; changes nothing."""
    machine = _MACHINES.get(platform.machine())
    if machine is None or not sys.platform.startswith("linux"):
        return False
    action = ctypes.c_uint32(_ERRNO)
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.syscall(machine.seccomp, _GET_ACTION_AVAIL, 0, ctypes.byref(action)) == 0)


def install() -> bool:
    """Put the filter on every thread of this process; False where there is none to put.

    Needs `PR_SET_NO_NEW_PRIVS`. Raises `OSError` where the kernel refuses.
    """
    if not available():
        return False
    machine = _MACHINES[platform.machine()]
    program = _program(machine, os.getpid())
    code = ctypes.create_string_buffer(program, len(program))
    described = _Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(machine.seccomp, _SET_MODE_FILTER, _TSYNC, ctypes.byref(described)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"seccomp: {os.strerror(number)}")
    return True


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def _program(machine: _Machine, pid: int) -> bytes:
    """The filter as BPF code: the first rule that returns decides."""
    steps = [
        *(_step(_LOAD, _AT_MACHINE), _step(_EQUAL, machine.audit, 1, 0), _kill()),
        _step(_LOAD, _AT_NUMBER),
    ]
    if machine.column == 0:
        steps += [_step(_AT_LEAST, _FIRST_X32, 0, 1), _fail(errno.ENOSYS)]
    column = machine.column
    for numbers in _DENIED.values():
        steps += _when(numbers[column], [_fail(errno.EPERM)])
    for numbers in _UNKNOWN.values():
        steps += _when(numbers[column], [_fail(errno.ENOSYS)])
    for numbers, index, bits in _WITHOUT_BITS.values():
        steps += _when(numbers[column], _unless_bits(index, bits))
    for numbers in _ONLY_OURSELVES.values():
        steps += _when(numbers[column], _if_equal(0, pid))
    steps += _when(_CLONE[column], _if_bits(0, _CLONE_THREAD))
    steps += _when(_PRLIMIT[column], [*_if_equal(0, 0, pid)])
    return b"".join([*steps, _allow()])


def _when(number: int | None, then: list[bytes]) -> list[bytes]:
    """`then` for the system call `number`; `then` must end in a return."""
    if number is None:
        return []
    return [_step(_EQUAL, number, 0, len(then)), *then]


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


def _if_equal(index: int, *values: int) -> list[bytes]:
    tests = [step for value in values for step in (_step(_EQUAL, value, 0, 1), _allow())]
    return [_load_argument(index), *tests, _fail(errno.EPERM)]


def _load_argument(index: int) -> bytes:
    """Load the low half of an argument; both machines are little-endian."""
    return _step(_LOAD, _AT_ARGUMENTS + 8 * index)


def _allow() -> bytes:
    return _step(_RETURN, _ALLOW)


def _kill() -> bytes:
    return _step(_RETURN, _KILL_PROCESS)


def _fail(number: int) -> bytes:
    return _step(_RETURN, _ERRNO | number)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, if_true, if_false, value)
