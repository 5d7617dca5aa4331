"""Landlock by bare system calls: restricts which files a process may open.

Landlock needs no root and no package, but glibc has no wrappers for it. A ruleset binds the
calling thread and the threads it starts later, but *not* those that already run (up to ABI 7).
So it must be entered while the process has a single thread: before TensorFlow runs its first
operation.

Numbers and structures: Linux's `include/uapi/linux/landlock.h`.
"""

import contextlib
import ctypes
import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every machine
_ASK_VERSION = 1
_PATH_BENEATH = 1

_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_NET_BIND_TCP, _NET_CONNECT_TCP = 1 << 0, 1 << 1
_SCOPE_ABSTRACT_SOCKETS, _SCOPE_SIGNALS = 1 << 0, 1 << 1
# How many access rights to files each ABI knows, oldest first.
_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NEWEST_KNOWN = 5
# Python opens with O_CLOEXEC (PEP 446); O_PATH exists, and is used, only on Linux.
_O_PATH = getattr(os, "O_PATH", 0)


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    # Packed in the kernel's header; from Python 3.14 on `_pack_` also needs the layout.
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The Landlock ABI of this kernel; 0 if it has none."""
    if sys.platform != "linux":
        return 0
    with contextlib.suppress(OSError):
        return _call(_CREATE_RULESET, None, 0, _ASK_VERSION)
    return 0


def restrict(readable: Iterable[Path], listed: Iterable[Path] = ()) -> int:
    """Allow this thread, and those it starts, to read only what is below `readable`.

    Below `listed` it may read file names. It can open nothing else in the file system and write
    only to `/dev/null`; from ABI 4 and 6 on it can reach no TCP port and no process outside.
    Missing paths are skipped. Needs `PR_SET_NO_NEW_PRIVS`. Returns the ABI. Raises `OSError`
    where the kernel refuses.
    """
    version = abi()
    if version == 0:
        return 0
    ruleset = _new_ruleset(version)
    try:
        for path in readable:
            _allow(ruleset, path, _READ_FILE | _READ_DIR)
        for path in listed:
            _allow(ruleset, path, _READ_DIR)
        writing = _WRITE_FILE | (_TRUNCATE if version >= 3 else 0)
        _allow(ruleset, Path(os.devnull), _READ_FILE | writing)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return version


def _new_ruleset(version: int) -> int:
    asked = _Ruleset(
        files=(1 << _RIGHTS[min(version, _NEWEST_KNOWN)]) - 1,
        network=_NET_BIND_TCP | _NET_CONNECT_TCP if version >= 4 else 0,
        scoped=_SCOPE_ABSTRACT_SOCKETS | _SCOPE_SIGNALS if version >= 6 else 0,
    )
    # An older kernel refuses a structure that is longer than its own.
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    return _call(_CREATE_RULESET, ctypes.byref(asked), size, 0)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        parent = os.open(path, _O_PATH)
    except OSError:
        return
    try:
        # The kernel refuses a rule that gives a file the rights of a folder (EINVAL).
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= ~_READ_DIR
        rule = _PathBeneath(allowed=rights, parent=parent)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    """A system call; raises `OSError`."""
    libc = ctypes.CDLL(None, use_errno=True)
    # syscall(2) takes any number of words: a 32-bit int would leave half of one undefined.
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    answer = int(libc.syscall(ctypes.c_long(number), *wide))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer
