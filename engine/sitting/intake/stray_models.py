"""Notices models saved under another name, so that nobody waits for a grade in vain.

Only `mymodel.h5` is graded, in some sittings `mymodel.keras` as well. Each other file or folder
with a likely name gets one note that says what to do.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path

from engine.grading.protocol import Message

_KERAS_MODEL = "mymodel.keras"
# Beyond these, more would be noise: a ModelCheckpoint may keep a file for each epoch.
MOST_NOTES = 8
_LIKELY = re.compile(r"mymodel([.\s_-].*)?|.*\.(h5|hdf5|keras)|.*model.*\.zip|.*\.(h5|keras)\..*")
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


class Neighbours:
    """The other entries of one category folder; each name is reported once."""

    def __init__(self, folder: Path, names: tuple[str, ...] = ("mymodel.h5",)) -> None:
        self._folder, self._names = folder, names
        self._stamp = 0
        self._said: set[str] = set()

    def notes(self) -> Iterator[Message]:
        """What is new since the last call; raises `OSError` if the folder is unreadable."""
        stamp = self._folder.stat().st_mtime_ns
        if stamp == self._stamp:
            return
        self._stamp = stamp
        with os.scandir(self._folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                message = self._judge(entry)
                if message is None or entry.name in self._said or len(self._said) >= MOST_NOTES:
                    continue
                self._said.add(entry.name)
                yield Message(message.template, {"name": entry.name})

    def _judge(self, entry: os.DirEntry[str]) -> Message | None:
        name = entry.name.casefold()
        if entry.name in self._names or name.startswith(".") or _PASSING.fullmatch(name):
            return None
        if entry.is_dir():
            saved = Path(entry.path, "saved_model.pb").exists()
            return _FOLDER if saved else None
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
