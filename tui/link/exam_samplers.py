"""Samples the machine and the task's folder for the exam screen; the proctor reports neither.

It runs in its own daemon thread, because a probe that hangs in a driver or on a dead network
drive must not delay a key press, nor leaving the app (Textual #3966, #4889). Nobody awaits the
thread, so no exception of a probe or a message may end it; a probe that fails is tried again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from textual.message_pump import MessagePump

from tui.link import messages

if TYPE_CHECKING:
    from engine.machine.curves import CurveReader, CurveReading
    from engine.machine.gpu import GpuProbe, Reading
    from engine.machine.usage import UsageSample
    from tui.link.services import FolderLike, Services, UsageLike

_log = logging.getLogger(__name__)

SAMPLE_SECONDS = 1.0
_LEAVE_SECONDS = 0.5
# How many samples to wait before trying again to make a probe.
_TRY_AGAIN = 30

_T = TypeVar("_T")


class ExamSampler(threading.Thread):
    """Reads the probes, and the folder of the selected task, until stopped."""

    def __init__(self, node: MessagePump, services: Services, workspace: Path) -> None:
        super().__init__(name="exam-sampler", daemon=True)
        self._node = node
        self._services = services
        self._workspace = workspace
        self._stopped = False
        self._wake = threading.Event()
        # Only `turn_to` sets it and only the thread reads it, so it needs no lock.
        self._wanted: tuple[str, Path] | None = None
        self._shown: tuple[str, Path] | None = None
        self._folder: FolderLike | None = None
        self._told: messages.FolderSampled | None = None
        self._gpu: GpuProbe | None = None
        self._usage: UsageLike | None = None
        self._samples = 0
        self._epochs = _Epochs(workspace)

    def turn_to(self, task: str, folder: Path) -> None:
        """Sample the folder of `task` from now on, starting at once."""
        self._wanted = (task, folder)
        self._wake.set()

    def stop(self) -> None:
        """Ask the thread to end, and give it a moment."""
        self._stopped = True
        self._wake.set()
        if self.is_alive():
            self.join(timeout=_LEAVE_SECONDS)

    def run(self) -> None:
        """Sample, post, wait; repeat."""
        while not self._stopped:
            try:
                self._turn()
            except Exception as error:  # the next round makes up for it
                _log.warning("machine and folder were not sampled: %r", error)
                self._wake.wait(SAMPLE_SECONDS)
        if self._gpu:
            _try(self._gpu.close)

    def _turn(self) -> None:
        self._look_into_the_folder()
        self._make_probes()
        reading: Reading | None = _try(self._gpu.sample) if self._gpu else None
        sample: UsageSample | None = _try(self._usage.sample) if self._usage else None
        epochs = _try(partial(self._epochs.of, sample)) if sample else None
        self._node.post_message(messages.MachineSampled(reading, sample, epochs or {}))
        while self._wake.wait(SAMPLE_SECONDS) and not self._stopped:
            self._wake.clear()
            self._look_into_the_folder()

    def _make_probes(self) -> None:
        if self._samples % _TRY_AGAIN == 0:
            self._gpu = self._gpu or _try(self._services.gpu_probe)
            probe = partial(self._services.usage_probe, self._workspace)
            self._usage = self._usage or _try(probe)
        self._samples += 1

    def _look_into_the_folder(self) -> None:
        """Post what the folder holds, if that has changed."""
        wanted = self._wanted
        if wanted is None:
            return
        if wanted is not self._shown:
            self._shown, self._folder, self._told = wanted, None, None
        task, folder = wanted
        if self._folder is None:
            self._folder = _try(partial(self._services.folder_probe, folder))
        sample = _try(self._folder.sample) if self._folder else None
        if sample is not None:
            self._tell(messages.FolderSampled(task, sample.listing, sample.curve))

    def _tell(self, message: messages.FolderSampled) -> None:
        is_old = self._told is not None and message.says_the_same(self._told)
        # A screen that is not up yet takes no messages: post it again next time.
        if not is_old and self._node.post_message(message):
            self._told = message


class _Epochs:
    """How far the trainings are that run in the category folders, by their logs."""

    def __init__(self, workspace: Path) -> None:
        self._workspace = workspace
        self._readers: dict[int, tuple[CurveReader, CurveReading]] = {}

    def of(self, sample: UsageSample) -> dict[str, int]:
        """The epochs that each training has logged, by its folder."""
        from engine.machine.curves import Curve, CurveReader

        running = {each.pid: each.place for each in sample.training if each.place}
        self._readers = {pid: each for pid, each in self._readers.items() if pid in running}
        found = {}
        for pid, place in running.items():
            if pid not in self._readers:
                reader = CurveReader(self._workspace / place)
                self._readers[pid] = reader, reader.read()
            reader, before = self._readers[pid]
            now = reader.read()
            # What was there when the program was first seen is the log of an earlier training.
            if isinstance(now, Curve) and now is not before:
                found[place] = now.epochs[-1]
        return found


def _try(read: Callable[[], _T]) -> _T | None:
    """What `read` returns, or None: a broken probe only leaves a gap in a panel."""
    try:
        return read()
    except Exception:
        return None
