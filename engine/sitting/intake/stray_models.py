"""Notices models saved under another name, so that nobody waits for a grade in vain.

Only `mymodel.h5` is graded, in some sittings `mymodel.keras` as well. Each other file or folder
with a likely name gets one note that says what to do. The newest file among them can be taken in
its place (`mymodel (1).h5` from a browser), but only the candidate decides that.
"""

import contextlib
import os
import re
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from engine.grading.protocol import Message
from engine.sitting.notices import StrayModel

_KERAS_MODEL = "mymodel.keras"
# Beyond these, more would be noise: a ModelCheckpoint may keep a file for each epoch.
MOST_NOTES = 8
_LIKELY = re.compile(r"mymodel([.\s_-].*)?|.*\.(h5|hdf5|keras)|.*model.*\.zip|.*\.(h5|keras)\..*")
# Of those the ones that are meant to be the model; a checkpoint called best.h5 may not be.
_H5 = re.compile(r"(my)?[\s_-]?model.*\.(h5|hdf5)( ?\(\d+\))?")
_KERAS = re.compile(r"(my)?[\s_-]?model.*\.keras( ?\(\d+\))?")
# What browsers, copies and editors leave there for a while, and what was put aside.
_PASSING = re.compile(r".*(\.part|\.crdownload|\.tmp|\.swp|~|\.replaced(-\d+)?)")
_NEW_FORMAT = Message(
    "{name} is in the new Keras format, which is not graded: use model.save('mymodel.h5')."
)
_FOLDER = Message(
    "{name} is a SavedModel folder, which is not graded: use model.save('mymodel.h5')."
)
_OTHER_NAME = Message("{name} is not graded: save the model as mymodel.h5.")


def is_likely(name: str) -> bool:
    """Whether a file called `name` is probably a model."""
    name = name.casefold()
    return bool(_LIKELY.fullmatch(name)) and not _PASSING.fullmatch(name)


def name_for(name: str, names: Collection[str]) -> str | None:
    """The name among those graded, `names`, under which a file called `name` may be taken."""
    name = name.casefold()
    if not is_likely(name):
        return None
    taken_as = next((each for each in names if _kind(each).fullmatch(name)), None)
    return None if name in names else taken_as


def _kind(graded: str) -> re.Pattern[str]:
    return _KERAS if graded == _KERAS_MODEL else _H5


class Neighbours:
    """The other entries of one category folder; each name is reported once.

    `present` are the names of those that are there now and are worth a note.
    """

    def __init__(self, folder: Path, names: tuple[str, ...] = ("mymodel.h5",)) -> None:
        self._folder, self._names = folder, names
        self._stamp = 0
        self._said: set[str] = set()
        self.present: tuple[str, ...] = ()

    def notes(self) -> Iterator[Message]:
        """What is new since the last call; raises `OSError` if the folder is unreadable."""
        stamp = self._folder.stat().st_mtime_ns
        if stamp == self._stamp:
            return
        with os.scandir(self._folder) as entries:
            judged = {each.name: self._judge(each) for each in entries}
        said = {name: judged[name] for name in sorted(judged)}
        self.present = tuple(name for name, message in said.items() if message)
        self._stamp = stamp
        for name, message in said.items():
            if message is None or name in self._said or len(self._said) >= MOST_NOTES:
                continue
            self._said.add(name)
            yield Message(message.template, {"name": name})

    def strays(self, task: str) -> tuple[StrayModel, ...]:
        """Those present, in the folder of `task`, that a note was about or that can be taken."""
        takeable = self.takeable()
        shown = (each for each in self.present if each in self._said or each == takeable)
        return tuple(StrayModel(task, each, can_take=each == takeable) for each in shown)

    def takeable(self) -> str:
        """The newest of those present that can be taken; "" if it is older than the model."""
        found = [(_modified(self._folder / each), each) for each in self.present]
        found = [each for each in found if name_for(each[1], self._names)]
        newest, name = max(found, default=(0, ""))
        model = max((_modified(self._folder / each) for each in self._names), default=0)
        return name if newest > model else ""

    def _judge(self, entry: os.DirEntry[str]) -> Message | None:
        name = entry.name.casefold()
        if entry.name in self._names or name.startswith(".") or _PASSING.fullmatch(name):
            return None
        if _is_folder(entry):
            return _FOLDER if _is_saved_model(Path(entry.path)) else None
        if name.endswith(".keras") and _KERAS_MODEL not in self._names:
            return _NEW_FORMAT
        if is_likely(name) and not self._is_the_model(entry):
            return _OTHER_NAME
        return None

    def _is_the_model(self, entry: os.DirEntry[str]) -> bool:
        """On a file system that ignores case, MyModel.h5 is mymodel.h5."""
        for name in self._names:
            with contextlib.suppress(OSError):
                if Path(entry.path).samefile(self._folder / name):
                    return True
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself, or into what we may not read
        return False


def _is_saved_model(folder: Path) -> bool:
    try:
        return (folder / "saved_model.pb").exists()
    except OSError:  # a folder that we may not read
        return False


def _modified(path: Path) -> int:
    """When a regular file was changed; 0 if there is none."""
    try:
        about = path.stat()
    except OSError:
        return 0
    return about.st_mtime_ns if stat.S_ISREG(about.st_mode) else 0
