"""Notices models saved under another name, so that nobody waits for a grade in vain.

Only `mymodel.h5` is graded. Each other file or folder with a likely name gets one note
that says what to do.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from engine.grading.protocol import Message

_MODEL = "mymodel.h5"
_NEW_FORMAT = Message(
    "{name} is in the new Keras format, which is not graded: use model.save('mymodel.h5')."
)
_FOLDER = Message(
    "{name} is a SavedModel folder, which is not graded: use model.save('mymodel.h5')."
)
_OTHER_NAME = Message("{name} is not graded: save the model as mymodel.h5.")


class Neighbours:
    """The other entries of one category folder; each kind is reported once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
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
                if message is not None and message.template not in self._said:
                    self._said.add(message.template)
                    yield Message(message.template, {"name": entry.name})

    def _judge(self, entry: os.DirEntry[str]) -> Message | None:
        name = entry.name.casefold()
        if entry.name == _MODEL or name.startswith("."):
            return None
        if name.endswith(".keras"):
            return _NEW_FORMAT
        if entry.is_dir():
            saved = Path(entry.path, "saved_model.pb").exists()
            return _FOLDER if saved else None
        if name.endswith((".h5", ".hdf5")) and not self._is_the_model(entry):
            return _OTHER_NAME
        return None

    def _is_the_model(self, entry: os.DirEntry[str]) -> bool:
        """On a file system that ignores case, MyModel.h5 is mymodel.h5."""
        try:
            return Path(entry.path).samefile(self._folder / _MODEL)
        except OSError:
            return False
