"""Samples what the exam screen shows and the proctor does not tell: machine and folder.

A daemon thread of its own, because a probe that hangs in a driver or a dead network drive
must not hold up the way out (Textual #3966, #4889), nor a key press.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.message_pump import MessagePump

from tui import messages

if TYPE_CHECKING:
    from engine.machine.gpu import Reading
    from engine.machine.usage import UsageSample
    from tui.services import FolderLike, Services

SAMPLE_SECONDS = 1.0
_LEAVE_SECONDS = 0.5

_T = TypeVar("_T")


class RoomWatch(threading.Thread):
    """Reads the probes until stopped, and the folder of the task it was turned to."""

    def __init__(self, node: MessagePump, services: Services, workspace: Path) -> None:
        super().__init__(name="room-watch", daemon=True)
        self._node = node
        self._services = services
        self._workspace = workspace
        self._stopped = False
        self._wake = threading.Event()
        self._wanted: tuple[str, Path] | None = None
        self._task = ""
        self._folder: FolderLike | None = None
        self._told: messages.FolderSampled | None = None

    def turn_to(self, task: str, folder: Path) -> None:
        """Look into the folder of `task` from now on, and at once."""
        self._wanted = (task, folder)
        self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end, and give it a moment."""
        self._stopped = True
        self._wake.set()
        self.join(timeout=_LEAVE_SECONDS)

    def run(self) -> None:
        """Sample, tell, wait."""
        gpu = _try(self._services.gpu_probe)
        usage = _try(partial(self._services.usage_probe, self._workspace))
        while not self._stopped:
            self._look_into_the_folder()
            reading: Reading | None = _try(gpu.sample) if gpu else None
            sample: UsageSample | None = _try(usage.sample) if usage else None
            self._node.post_message(messages.MachineSampled(reading, sample))
            while self._wake.wait(SAMPLE_SECONDS) and not self._stopped:
                self._wake.clear()
                self._look_into_the_folder()
        if gpu:
            _try(gpu.close)

    def _look_into_the_folder(self) -> None:
        """Tell what the folder holds, where that is something new."""
        if (wanted := self._wanted) is not None:
            self._wanted = None
            self._task, self._told = wanted[0], None
            self._folder = _try(partial(self._services.folder_probe, wanted[1]))
        if self._folder is None:
            return
        sample = _try(self._folder.sample)
        if sample is not None:
            message = messages.FolderSampled(self._task, sample.listing, sample.curve)
            if self._told is None or not message.says_the_same(self._told):
                self._told = message
                self._node.post_message(message)


def _try(read: Callable[[], _T]) -> _T | None:
    """What `read` gives, or None: a broken probe leaves a gap in a panel and no more."""
    try:
        return read()
    except Exception:
        return None
