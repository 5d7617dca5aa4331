"""The ways out of a grading child, as a program that is one: it shuts itself in and tries them.

Started by `sandbox_probe.py`, which says what it may aim at: all of it the test's own. It
says of each way, in one line of JSON, whether it held.
"""

# It names system calls as they are.
# ruff: noqa: PTH208

import ctypes
import fcntl
import json
import mmap
import os
import platform
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from engine.grading import sandbox

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "exam_bank" / "tasks" / "straight_line" / "reference" / "solution.py"
SECRET = "TFEXAM_CANARY"
HELD, OPEN = "held", "open"

_COLUMN = {"x86_64": 0, "aarch64": 1}

# Without arguments that would do anything: each reaches its canary or nothing.
NUMBERS: dict[str, tuple[int, int]] = {
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "ptrace": (101, 117),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "rt_sigqueueinfo": (129, 138),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "perf_event_open": (298, 241),
    "get_robust_list": (274, 100),
    "ioprio_set": (251, 30),
    "ioprio_get": (252, 31),
    "sched_setattr": (314, 274),
    "clone3": (435, 435),
    "execveat": (322, 281),
    "io_uring_setup": (425, 425),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "userfaultfd": (323, 282),
    "remap_file_pages": (216, 234),
    "mlock": (149, 228),
    "mlockall": (151, 230),
    "vmsplice": (278, 75),
    "timer_create": (222, 107),
    "timerfd_create": (283, 85),
    "signalfd4": (289, 74),
    "eventfd2": (290, 19),
    "epoll_create1": (291, 20),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "openat2": (437, 437),
    "statfs": (137, 43),
    "quotactl": (179, 60),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "setns": (308, 268),
    "unshare": (272, 97),
    "bpf": (321, 280),
    "syslog": (103, 116),
    "personality": (135, 92),
    "seccomp": (317, 277),
    "landlock_create_ruleset": (444, 444),
    "capset": (126, 91),
    "setuid": (105, 146),
    "setpgid": (109, 154),
    "setsid": (112, 157),
    "sync": (162, 81),
    "ftruncate": (77, 46),
    "fallocate": (285, 47),
    "pwritev2": (328, 287),
    "copy_file_range": (326, 285),
}


# Prefix of a name → why what it names stays open. Anything else must hold.
class Given(NamedTuple):
    """What the child may aim at."""

    job_files: Path
    outside: Path
    other: int
    port: int


def call(name: str, *arguments: Any) -> int:
    """A system call; raises `OSError`."""
    number = NUMBERS[name][_COLUMN[platform.machine()]]
    libc = ctypes.CDLL(None, use_errno=True)
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    answer = int(libc.syscall(ctypes.c_long(number), *wide))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer


def libc(name: str, *arguments: Any) -> int:
    """A function of the C library; raises `OSError`."""
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    answer = int(function(*arguments))
    if answer < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return answer


Tries = dict[str, Callable[[], Any]]


def processes(given: Given) -> Tries:
    """Other processes of the same user."""
    other, parent = given.other, os.getppid()
    space = ctypes.create_string_buffer(256)
    nice = ctypes.create_string_buffer(48)
    ctypes.memmove(nice, (48).to_bytes(4, "little"), 4)
    return {
        "lower another's priority": lambda: os.setpriority(os.PRIO_PROCESS, other, 19),
        "lower everybody's priority": lambda: os.setpriority(os.PRIO_USER, 0, 19),
        "tie another to a processor": lambda: os.sched_setaffinity(other, {0}),
        "change another's scheduler": lambda: os.sched_setscheduler(
            other, os.SCHED_BATCH, os.sched_param(0)
        ),
        "change another's scheduling": lambda: os.sched_setparam(other, os.sched_param(0)),
        "change another's scheduling by attributes": lambda: call("sched_setattr", other, nice, 0),
        "lower another's disk priority": lambda: call("ioprio_set", 1, other, 3 << 13),
        "change another's limits": lambda: __import__("resource").prlimit(other, 4, (0, 0)),
        "ask another's limits": lambda: __import__("resource").prlimit(other, 7),
        "signal another": lambda: os.kill(other, 0),
        "signal the parent": lambda: os.kill(parent, 0),
        "signal the group": lambda: os.killpg(0, 0),
        "signal everybody": lambda: os.kill(-1, 0),
        "signal another's thread": lambda: call("tgkill", other, other, 0),
        "signal another's thread, the old way": lambda: call("tkill", other, 0),
        "queue a signal": lambda: call("rt_sigqueueinfo", other, 0, space),
        "hold another by a descriptor": lambda: call("pidfd_open", other, 0),
        "signal by a descriptor": lambda: call("pidfd_send_signal", 0, 0, 0, 0),
        "take another's descriptor": lambda: call("pidfd_getfd", 0, 0, 0),
        "read another's memory": lambda: call("process_vm_readv", other, space, 0, space, 0, 0),
        "write another's memory": lambda: call("process_vm_writev", other, space, 0, space, 0, 0),
        "advise on another's memory": lambda: call("process_madvise", 0, space, 0, 0, 0),
        "trace another": lambda: call("ptrace", 0x4206, other, 0, 0),
        "compare with another": lambda: call("kcmp", other, other, 0, 0, 0),
        "move another's pages": lambda: call("move_pages", other, 0, 0, 0, 0, 0),
        "migrate another": lambda: call("migrate_pages", other, 0, 0, 0),
        "measure another": lambda: call("perf_event_open", space, other, -1, -1, 0),
        "find another's locks": lambda: call("get_robust_list", other, space, space),
        "ask another's disk priority": lambda: call("ioprio_get", 1, other),
        "ask another's priority": lambda: os.getpriority(os.PRIO_PROCESS, other),
        "ask another's group": lambda: os.getpgid(other),
        "ask of other processes, their processors": lambda: os.sched_getaffinity(other),
        "ask of other processes, their scheduler": lambda: os.sched_getscheduler(other),
    }


def itself(given: Given) -> Tries:
    """What would outlive it, or free it."""
    del given
    empty = ctypes.create_string_buffer(64)
    return {
        "fork": lambda: libc("fork") or os._exit(0),
        "vfork by Python": lambda: subprocess.run(["true"], check=True),
        "spawn": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "clone by a structure": lambda: call("clone3", empty, 64),
        "replace the program": lambda: os.execv("/bin/true", ["true"]),
        "replace it by a descriptor": lambda: call("execveat", -100, empty, 0, 0, 0),
        "leave the group": lambda: call("setpgid", 0, os.getppid()),
        "leave the session": lambda: call("setsid"),
        "outlive the parent": lambda: libc("prctl", 1, 0, 0, 0, 0),
        "adopt orphans": lambda: libc("prctl", 36, 1, 0, 0, 0),
        "let others trace it": lambda: libc("prctl", 0x59616D61, -1, 0, 0, 0),
        "keep its powers": lambda: libc("prctl", 8, 0, 0, 0, 0),
        "raise its powers": lambda: libc("prctl", 47, 2, 0, 0, 0),
        "let timers be slack": lambda: libc("prctl", 29, 50000, 0, 0, 0),
        "set capabilities": lambda: call("capset", empty, empty),
        "become another user": lambda: call("setuid", os.getuid()),
        "change its personality": lambda: call("personality", 0xFFFFFFFF),
        "put up a filter of its own": lambda: call("seccomp", 2, 0, 0),
        "put up walls of its own": lambda: call("landlock_create_ruleset", 0, 0, 1),
        "raise a limit": lambda: __import__("resource").setrlimit(7, (4096, 4096)),
        "new namespaces of a user": lambda: call("unshare", 0x10000000),
        "new namespaces of mounts": lambda: call("unshare", 0x00020000),
        "new namespaces of the network": lambda: call("unshare", 0x40000000),
        "join a namespace": lambda: call("setns", 0, 0),
        "a timer that signals": lambda: call("timer_create", 1, 0, empty),
        "a timer to wait for": lambda: call("timerfd_create", 1, 0),
        "signals to read": lambda: call("signalfd4", -1, empty, 8, 0),
        "a program in the kernel": lambda: call("bpf", 0, empty, 64),
        "start threads": start_threads,
    }


def start_threads() -> None:
    """A few, and end them."""
    done = threading.Event()
    threads = [threading.Thread(target=done.wait) for _ in range(20)]
    for thread in threads:
        thread.start()
    done.set()
    for thread in threads:
        thread.join()


def network(given: Given) -> Tries:
    """Anybody to call."""
    families = {"Unix": 1, "IPv4": 2, "IPv6": 10, "netlink": 16, "packet": 17, "vsock": 40}
    ends = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, (2).to_bytes(4, "little"))]  # stderr
    opened: Tries = {
        f"a socket, {name}": partial(socket.socket, family, socket.SOCK_DGRAM)
        for name, family in families.items()
    }
    return opened | {
        "connect": lambda: socket.create_connection(("127.0.0.1", given.port), timeout=2),
        "a pair of sockets": socket.socketpair,
        "hand on a descriptor": lambda: channel().sendmsg([b"x"], ends),
        "take a descriptor": lambda: channel().recvmsg(1, 64, socket.MSG_DONTWAIT),
        "grow the channel": lambda: channel().setsockopt(1, 7, 1 << 20),
        "ask who listens": lambda: channel().getpeername(),
        "calls past the filter": lambda: call(
            "io_uring_setup", 1, ctypes.create_string_buffer(128)
        ),
    }


def channel() -> socket.socket:
    """What the child answers on."""
    return CHANNEL


def memories(given: Given) -> Tries:
    """Memory that nobody counts, or that others can see."""
    space = ctypes.create_string_buffer(128)
    shared = mmap.MAP_SHARED | mmap.MAP_ANONYMOUS

    def shared_unmapped() -> None:
        with mmap.mmap(-1, 1 << 20, flags=shared) as held:
            held[:] = b"x" * (1 << 20)
            held.madvise(mmap.MADV_DONTNEED)  # it stays, and is resident no more

    def shared_unwritable() -> None:
        mmap.mmap(-1, 1 << 20, flags=shared, prot=mmap.PROT_READ)

    def huge() -> None:
        mmap.mmap(-1, 2 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000)

    def write_model() -> None:
        with (given.job_files / "model.h5").open("rb") as file:
            mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_SHARED, prot=3)

    return {
        "a file in memory": lambda: call("memfd_create", space, 0),
        "a secret file in memory": lambda: call("memfd_secret", 0),
        "shared memory, named": lambda: call("shmget", 0, 4096, 0o1600),
        "shared memory that is counted nowhere": shared_unmapped,
        "shared memory, not written yet": shared_unwritable,
        "huge pages": huge,
        "write the model through a map": write_model,
        "semaphores": lambda: call("semget", 0, 1, 0o1600),
        "a queue of messages": lambda: call("msgget", 0, 0o1600),
        "a queue by name": lambda: call("mq_open", space, 0o102, 0o600, 0),
        "a key": lambda: call("add_key", b"user", b"canary", b"x", 1, -2),
        "a ring of keys": lambda: call("keyctl", 0, -3, 1),
        "handle another's page faults": lambda: call("userfaultfd", 1),
        "remap pages": lambda: call("remap_file_pages", 0, 0, 0, 0, 0),
        "lock memory": lambda: call("mlock", space, 128),
        "lock all memory": lambda: call("mlockall", 1),
        "a pipe": os.pipe,
        "pages in a pipe": lambda: call("vmsplice", 0, space, 0, 0),
        "a larger pipe": lambda: fcntl.fcntl(0, 1031, 1 << 20),
        "a counter": lambda: call("eventfd2", 0, 0),
        "a set of descriptors": lambda: call("epoll_create1", 0),
        "memory without end": lambda: bytearray(4_000_000_000),
        "take memory within its limit": lambda: bytearray(50_000_000),
    }


def files(given: Given) -> Tries:
    """Files that are not its own, and changes to those that are."""
    job_files, outside, model = given.job_files, given.outside, given.job_files / "model.h5"
    secret = outside / "secret"
    space = ctypes.create_string_buffer(256)
    path = str(secret).encode()
    lock = fcntl.F_WRLCK.to_bytes(2, "little") + bytes(62)
    fd = os.open(model, os.O_RDONLY)
    changes: Tries = {
        "create outside": lambda: (outside / "created").touch(),
        "create on the job folder": lambda: (job_files / "created").touch(),
        "create without a name": lambda: os.open(job_files, os.O_TMPFILE | os.O_RDWR),
        "change the model": lambda: model.open("r+b"),
        "append to the model": lambda: model.open("ab"),
        "truncate": lambda: os.truncate(model, 0),
        "truncate by opening": lambda: os.open(model, os.O_RDONLY | os.O_TRUNC),
        "remove": model.unlink,
        "rename": lambda: model.rename(job_files / "other.h5"),
        "link": lambda: os.link(model, job_files / "other.h5"),
        "symlink": lambda: (job_files / "root").symlink_to("/"),
        "make a folder": lambda: (job_files / "folder").mkdir(),
        "make a named pipe": lambda: os.mkfifo(job_files / "pipe"),
        "change a mode": lambda: model.chmod(0o777),
        "change an owner": lambda: os.chown(model, os.getuid(), os.getgid()),
        "change a time": lambda: os.utime(model),
        "set an attribute": lambda: os.setxattr(model, "user.canary", b"x"),
        "set flags": lambda: fcntl.ioctl(fd, 0x40086602, space),
        "share extents": lambda: fcntl.ioctl(2, 0x40049409, fd),
        "flock the model": lambda: fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB),
        "lock the model": lambda: fcntl.fcntl(fd, fcntl.F_SETLK, lock),
        "lock the model, by file": lambda: fcntl.fcntl(fd, 37, lock),
        "lease the model": lambda: fcntl.fcntl(fd, 1024, fcntl.F_RDLCK),
        "be told of changes": lambda: fcntl.fcntl(os.open(job_files, os.O_RDONLY), 1026, 2),
        "be signalled": lambda: fcntl.fcntl(fd, 10, signal.SIGIO),
        "let others be signalled": lambda: fcntl.fcntl(fd, 8, given.other),
        "write all disks": lambda: call("sync"),
    }
    looks: Tries = {
        "read outside": secret.read_text,
        "list outside": lambda: os.listdir(outside),
        "hold a path outside": lambda: os.open(secret, os.O_PATH),
        "hold a path of the job folder": lambda: os.open(model, os.O_PATH),
        "open by a structure": lambda: call("openat2", -100, path, space, 24),
        "a handle to a file": lambda: call("name_to_handle_at", -100, path, space, space, 0),
        "open by a handle": lambda: call("open_by_handle_at", -100, space, 0),
        "watch a folder": lambda: call("inotify_init1", 0),
        "watch the disk": lambda: call("fanotify_init", 0, 0),
        "ask of a disk": lambda: call("statfs", path, space),
        "ask an attribute": lambda: os.listxattr(secret),
        "ask whether a file is there": secret.stat,
        "ask whether a file is there, by access": lambda: os.access(secret, os.F_OK) or fail(),
        "ask whether a file is there, and where a link leads": (outside / "link").readlink,
        "change the root": lambda: os.chroot(job_files),
        "mount": lambda: call("mount", b"none", str(job_files).encode(), b"tmpfs", 0, 0),
        "unmount": lambda: call("umount2", str(job_files).encode(), 0),
        "turn the root": lambda: call("pivot_root", b".", b"."),
        "clone a mount": lambda: call("open_tree", -100, b"/", 1),
        "a new file system": lambda: call("fsopen", b"tmpfs", 0),
        "ask quotas": lambda: call("quotactl", 0x80000100, 0, 0, 0),
        "read the kernel's log": lambda: call("syslog", 3, space, 256),
        "read its own model": lambda: model.read_bytes() and os.listdir(job_files),
        "read its own libraries": lambda: Path(ctypes.__file__).read_bytes(),
    }
    return looks | changes


def fail() -> bool:
    """What `os.access` does not do."""
    raise PermissionError("not there")


def names(given: Given) -> Tries:
    """What tells of the person, the machine or the exam."""
    own = {
        f"read {path}": lambda path=path: Path(path).read_bytes()
        for path in (
            *("/proc/self/environ", "/proc/self/mounts", "/proc/self/mountinfo"),
            *("/proc/self/net/dev", "/proc/self/mem", "/proc/self/status", "/proc/self/cgroup"),
            *("/proc/self/task/self/environ", f"/proc/{os.getpid()}/environ"),
            *("/proc/net/tcp", "/proc/mounts", "/proc/stat", "/proc/sys/kernel/hostname"),
            *("/etc/passwd", "/etc/hosts", "/etc/hostname", "/sys/class/net/lo/address"),
        )
    }
    others = {
        f"read {name} of another": lambda name=name: Path(
            f"/proc/{given.other}/{name}"
        ).read_bytes()
        for name in ("cmdline", "environ", "status", "net/tcp", "mounts", "maps")
    }
    listed = {
        f"list {path}": lambda path=path: os.listdir(path)
        for path in ("/proc", "/proc/self/fd", "/", "/tmp", "/dev/shm", "/home", "/etc")
    }
    checkout = {
        f"read the checkout's {path}": (ROOT / path).read_bytes
        for path in ("README.md", ".git", ".git/HEAD", "tests/engine/test_sandbox.py")
        if (ROOT / path).is_file()
    }
    return {
        **(own | others | listed | checkout),
        "find a secret in the environment": lambda: os.environ[SECRET],
        "read a reference solution": REFERENCE.read_bytes,
        "ask of the machine": lambda: (os.uname(), os.cpu_count(), os.sched_getaffinity(0)),
        "ask of the machine, its processors": lambda: Path("/proc/cpuinfo").read_bytes(),
    }


def log(given: Given) -> Tries:
    """The log that is its stderr; `Probe` looks at what came of it."""
    space = ctypes.create_string_buffer(64)

    def overwrite() -> None:
        os.lseek(2, 0, os.SEEK_SET)
        before = os.fstat(2).st_size
        os.write(2, b"another beginning")
        if os.fstat(2).st_size > before:
            raise PermissionError("it went to the end")

    def without_append() -> None:
        flags = fcntl.fcntl(2, fcntl.F_GETFL)
        fcntl.fcntl(2, fcntl.F_SETFL, flags & ~os.O_APPEND)

    def grow() -> None:
        for _ in range(80):
            os.write(2, bytes(1 << 20))

    return {
        "cut the log": lambda: call("ftruncate", 2, 0),
        "grow the log by its size": lambda: call("ftruncate", 2, 1 << 40),
        "grow the log by reserving": lambda: call("fallocate", 2, 0, 0, 1 << 20),
        "write elsewhere in the log": lambda: os.pwrite(2, b"x", 1 << 30),
        "write elsewhere, the new way": lambda: call("pwritev2", 2, space, 0, 0, 0, 0x20),
        "copy into the log": lambda: call("copy_file_range", 0, 0, 2, 0, 1, 0),
        "write over the log": overwrite,
        "read the log": lambda: os.pread(2, 16, 0),
        "write over the log from now on": without_append,
        "map the log": lambda: mmap.mmap(2, 1 << 12),
        "open the log anew": lambda: os.open("/proc/self/fd/2", os.O_RDWR),
        "write on the log": lambda: os.write(2, b"heard\n"),
        "type on a terminal": lambda: fcntl.ioctl(2, termios.TIOCSTI, b"x"),
        "fill the disk with the log": grow,
    }


GROUPS = (processes, itself, network, memories, files, names, log)
CHANNEL: socket.socket


def tried(attack: Callable[[], Any]) -> tuple[str, str]:
    """Whether it held, and how."""
    try:
        attack()
    except OSError as error:
        return HELD, error.strerror or str(error)
    except (MemoryError, KeyError, ValueError, subprocess.SubprocessError) as error:
        return HELD, type(error).__name__
    return OPEN, ""


def become(user: int) -> None:
    """Be an ordinary user, as one who was never root: without that, /proc would be root's."""
    if user != os.getuid():
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)


def child(given: Given, user: int) -> None:
    """Shut in, try all, say."""
    global CHANNEL
    CHANNEL = socket.socket(fileno=os.dup(0))
    become(user)
    level = sandbox.enter([given.job_files])
    sandbox.limit(60, 1000)
    said: dict[str, Any] = {"level": level.name}
    for group in GROUPS:
        for name, attack in group(given).items():
            said[name] = tried(attack)
    os.write(1, json.dumps(said).encode())


def main(arguments: list[str]) -> None:
    """The child."""
    job_files, outside, other, port, user, imports = arguments
    # An ordinary user may not be allowed to read root's Python later.
    for name in ("resource", "encodings.idna", *filter(None, imports.split(","))):
        __import__(name)
    child(Given(Path(job_files), Path(outside), int(other), int(port)), int(user))


if __name__ == "__main__":
    main(sys.argv[1:])
