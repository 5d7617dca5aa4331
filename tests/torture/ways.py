"""The ways in which a mymodel.h5 comes into a folder, each as a writer would do it.

A way is a function of a `Desk` that runs in a thread of its own and returns the complete
models it left, in their order: each must be graded once, and nothing else. Pauses are
divided by the desk's `haste`, as are the intake's own moments of quiet.
"""

import contextlib
import mmap
import os
import shutil
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.engine.sittings import model

KB = 1024


@dataclass(frozen=True)
class Desk:
    """One category folder, and what a way needs to know of the app that watches it."""

    folder: Path
    haste: float
    is_grading: Callable[[], bool]
    graded: Callable[[], int]

    @property
    def path(self) -> Path:
        return self.folder / "mymodel.h5"

    def beside(self, name: str) -> Path:
        """A file on the same disk, outside the watched folder."""
        return self.folder.parent / f"{self.folder.name}-{name}"

    def pause(self, seconds: float) -> None:
        time.sleep(seconds / self.haste)

    def settle(self) -> None:
        """Long enough for a complete file to be taken in and graded."""
        self.pause(8)

    def until_grading(self) -> None:
        self._until(self.is_grading)

    def until_graded(self, count: int) -> None:
        """Wait as a person does who looks at the screen before saving again."""
        self._until(lambda: self.graded() >= count)

    @staticmethod
    def _until(true: Callable[[], bool]) -> None:
        for _ in range(12_000):
            if true():
                return
            time.sleep(0.005)
        raise AssertionError("a minute was not enough for grading")


Way = Callable[[Desk], list[bytes]]
WAYS: dict[str, Way] = {}


def way(name: str) -> Callable[[Way], Way]:
    def keep(function: Way) -> Way:
        WAYS[name] = function
        return function

    return keep


@way("slow writer, 1 KB a second")
def _slow(desk: Desk) -> list[bytes]:
    content = model("slow", 12 * KB)
    with desk.path.open("wb", buffering=0) as file:
        for start in range(0, len(content), KB):
            file.write(content[start : start + KB])
            desk.pause(1)
    return [content]


@way("slow writer that opens the file for each piece")
def _reopening(desk: Desk) -> list[bytes]:
    content = model("pieces", 9 * KB)
    desk.path.write_bytes(content[: 3 * KB])
    for start in (3 * KB, 6 * KB):
        desk.pause(4)
        with desk.path.open("ab") as file:
            file.write(content[start : start + 3 * KB])
    return [content]


@way("writer that pauses for a minute")
def _pausing(desk: Desk) -> list[bytes]:
    content = model("pause", 40 * KB)
    with desk.path.open("wb", buffering=0) as file:
        file.write(content[: 30 * KB])
        desk.pause(60)
        file.write(content[30 * KB :])
    return [content]


@way("written in place")
def _in_place(desk: Desk) -> list[bytes]:
    desk.path.write_bytes(model("first", 50 * KB))
    desk.until_graded(1)
    desk.path.write_bytes(model("second", 45 * KB))
    return [model("first", 50 * KB), model("second", 45 * KB)]


@way("atomic rename")
def _rename(desk: Desk) -> list[bytes]:
    contents = [model(each, 50 * KB) for each in ("first", "second")]
    for count, content in enumerate(contents, start=1):
        part = desk.folder / "checkpoint.tmp"
        part.write_bytes(content)
        part.replace(desk.path)
        desk.until_graded(count)
    return contents


@way("scp: in place, 32 KB at a time, times set after")
def _scp(desk: Desk) -> list[bytes]:
    content = model("scp", 200 * KB)
    _write_in_pieces(desk, content, 32 * KB)
    os.utime(desk.path, (1_000_000_000, 1_000_000_000))
    return [content]


@way("rsync")
def _rsync(desk: Desk) -> list[bytes]:
    return _synced(desk, "rsync")


@way("rsync --inplace")
def _rsync_in_place(desk: Desk) -> list[bytes]:
    return _synced(desk, "rsync --inplace", "--inplace")


def _synced(desk: Desk, name: str, *options: str) -> list[bytes]:
    """Two versions through the real program, or its way of writing where it is missing."""
    contents = [model(f"{name} {number}", 200 * KB) for number in (1, 2)]
    for count, content in enumerate(contents, start=1):
        source = desk.beside("source.h5")
        source.write_bytes(content)
        if shutil.which("rsync"):
            # Checksums, because two versions within a second look alike to rsync.
            command = ["rsync", "--checksum", *options, str(source), str(desk.path)]
            subprocess.run(command, check=True)
        elif options:
            _write_in_pieces(desk, content, 32 * KB)
        else:
            hidden = desk.folder / ".mymodel.h5.Xy12Zz"
            hidden.write_bytes(content)
            hidden.replace(desk.path)
        desk.until_graded(count)
    return contents


@way("download: .part, then renamed")
def _download(desk: Desk) -> list[bytes]:
    content, part = model("download", 30 * KB), desk.folder / "mymodel.h5.part"
    with part.open("wb", buffering=0) as file:
        for start in range(0, len(content), 10 * KB):
            file.write(content[start : start + 10 * KB])
            desk.pause(3)
    part.rename(desk.path)
    return [content]


@way("made in full length, then filled")
def _allocated(desk: Desk) -> list[bytes]:
    content = model("allocated", 40 * KB)
    with desk.path.open("wb", buffering=0) as file:
        file.truncate(len(content))
        desk.pause(3)
        for start in range(0, len(content), 10 * KB):
            file.seek(start)
            file.write(content[start : start + 10 * KB])
            desk.pause(0.5)
    return [content]


@way("written through a memory map")
def _mapped(desk: Desk) -> list[bytes]:
    content = model("mapped", 40 * KB)
    with desk.path.open("w+b") as file:
        file.truncate(len(content))
        with mmap.mmap(file.fileno(), len(content)) as memory:
            memory[:] = content
            memory.flush()
    return [content]


@way("HDF5 library, many writes")
def _hdf5(desk: Desk) -> list[bytes]:
    code = (
        "import sys, time, h5py, numpy\n"
        "with h5py.File(sys.argv[1], 'w') as file:\n"
        "    for number in range(20):\n"
        "        file[f'weights/{number}'] = numpy.full((64, 64), number, 'float32')\n"
        "        file.flush()\n"
        "        time.sleep(0.02)\n"
    )
    subprocess.run([sys.executable, "-c", code, desk.path], check=True)
    return [desk.path.read_bytes()]


@way("same content saved again")
def _same(desk: Desk) -> list[bytes]:
    for _ in range(3):
        desk.path.write_bytes(model("same", 20 * KB))
        desk.settle()
    return [model("same", 20 * KB)]


@way("touched")
def _touched(desk: Desk) -> list[bytes]:
    desk.path.write_bytes(model("touched", 20 * KB))
    desk.until_graded(1)
    desk.path.touch()
    return [model("touched", 20 * KB)]


@way("two saves in quick succession")
def _quick(desk: Desk) -> list[bytes]:
    """The first is gone before anybody can read it: only the second is there to be taken."""
    desk.path.write_bytes(model("first", 20 * KB))
    desk.path.write_bytes(model("second", 20 * KB))
    return [model("second", 20 * KB)]


@way("saved while the last one is being graded")
def _during(desk: Desk) -> list[bytes]:
    desk.path.write_bytes(model("first", 20 * KB))
    desk.until_grading()
    desk.path.write_bytes(model("second", 20 * KB))
    return [model("first", 20 * KB), model("second", 20 * KB)]


@way("deleted while it is being graded")
def _deleted(desk: Desk) -> list[bytes]:
    desk.path.write_bytes(model("deleted", 20 * KB))
    desk.until_grading()
    desk.path.unlink()
    return [model("deleted", 20 * KB)]


@way("symbolic link")
def _symlink(desk: Desk) -> list[bytes]:
    desk.beside("run7.h5").write_bytes(model("linked", 20 * KB))
    desk.path.symlink_to(desk.beside("run7.h5"))
    return [model("linked", 20 * KB)]


@way("hard link")
def _hard_link(desk: Desk) -> list[bytes]:
    desk.beside("run8.h5").write_bytes(model("linked", 20 * KB))
    desk.path.hardlink_to(desk.beside("run8.h5"))
    return [model("linked", 20 * KB)]


@way("named pipe")
def _pipe(desk: Desk) -> list[bytes]:
    os.mkfifo(desk.path)
    return []


@way("folder of that name")
def _folder(desk: Desk) -> list[bytes]:
    desk.path.mkdir()
    return []


@way("190 MB, for a task that takes 200")
def _huge(desk: Desk) -> list[bytes]:
    """Sparse on disk, so that the table does not wear it out."""
    _sparse(desk, 190 * KB * KB)
    return [desk.path.read_bytes()]


@way("3 GB, for a task that takes 200 MB")
def _too_large(desk: Desk) -> list[bytes]:
    """Told by its size, and neither read nor copied."""
    _sparse(desk, 3_000 * KB * KB)
    return []


@way("name in other case")
def _other_case(desk: Desk) -> list[bytes]:
    (desk.folder / "MyModel.H5").write_bytes(model("case", 20 * KB))
    return []


@way("folder removed and made again")
def _made_again(desk: Desk) -> list[bytes]:
    desk.path.write_bytes(model("before", 20 * KB))
    desk.until_graded(1)
    shutil.rmtree(desk.folder)
    desk.pause(1)
    desk.folder.mkdir()
    desk.path.write_bytes(model("after", 20 * KB))
    return [model("before", 20 * KB), model("after", 20 * KB)]


@way("thousands of other changes at once")
def _overflow(desk: Desk) -> list[bytes]:
    """More than the kernel's queue of events may hold."""
    for number in range(3_000):
        other = desk.folder / f"mymodel-{number}.tmp"
        other.touch()
        with contextlib.suppress(FileNotFoundError):
            other.unlink()
    desk.path.write_bytes(model("overflow", 20 * KB))
    return [model("overflow", 20 * KB)]


def _sparse(desk: Desk, size: int) -> None:
    with desk.path.open("wb") as file:
        file.write(model("large", size=4 * KB))
        file.seek(40)
        file.write(struct.pack("<Q", size))
        file.truncate(size)


def _write_in_pieces(desk: Desk, content: bytes, size: int) -> None:
    with desk.path.open("wb", buffering=0) as file:
        for start in range(0, len(content), size):
            file.write(content[start : start + size])
            desk.pause(0.3)
