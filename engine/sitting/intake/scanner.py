"""Takes complete models in: looks at the category folders and freezes what is new.

A look is one pass over the folders, of blocking calls only; `watcher.py` decides when
to look and keeps looks off the event loop. Events of the file system are mere hints, so
whatever they miss the next look finds. A file is taken when its bytes say that it is
whole and it has been quiet since the last look; one that never gets whole is taken in
the end, so that grading can say what is wrong with it. Quiet is measured by the Clock.

A whole file that its writer was seen to close needs less of it: what may still come is a
writer that opens it again at once. One that is taken too early all the same costs a
submission that the finished file follows, never a half copy (`frozen.py`).
"""

import errno
import math
import stat
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec

from engine.clock import Clock, Instant
from engine.grading.protocol import Message
from engine.sitting.intake import sentences
from engine.sitting.intake.frozen import (
    Completeness,
    GivenUp,
    completeness,
    digest,
    freeze,
    open_regular,
    sweep,
)
from engine.sitting.intake.open_writers import has_writer
from engine.sitting.intake.put_back import put_back
from engine.sitting.intake.stray_models import Neighbours
from engine.sitting.notices import FolderNotice, Note, StarterSaved, Trouble
from engine.supervisor import reason

MODEL = "mymodel.h5"
STARTER = "starter.py"

# Seconds without a change before a file is taken.
QUIET = {Completeness.WHOLE: 0.2, Completeness.FOREIGN: 2.0, Completeness.PARTIAL: 10.0}
# The same for a whole file that was closed.
QUIET_CLOSED = 0.03
# The same while a process is seen to have it open for writing.
PATIENCE = {Completeness.WHOLE: 10.0, Completeness.FOREIGN: 120.0, Completeness.PARTIAL: 600.0}
WRITER_PAUSE = 1.0
RETRY_PAUSE = 1.0
LAST_CALL_QUIET = 0.2
# A model that has not been taken in for so long is said to be unsubmitted.
LATE = 2.0


class Seen(msgspec.Struct, frozen=True):
    """A complete model of `task`, frozen under `sha256`; `at` is when it was seen first."""

    task: str
    sha256: str
    size: int
    at: Instant
    by_hand: bool = False


class LookResult(msgspec.Struct, frozen=True):
    """What one look found.

    `again` is in how many seconds the next look is due, if it is known; `waiting` counts
    the models that were seen and may be taken by a next look, `stuck` those of them that a
    fault of ours holds up. `unsubmitted` are the tasks whose model has been there for
    seconds and was not taken in.
    """

    findings: tuple[Seen | FolderNotice, ...]
    again: float | None
    waiting: int = 0
    unsubmitted: frozenset[str] = frozenset()
    stuck: int = 0


class Signature(NamedTuple):
    """What tells one state of a file from another without reading it.

    The inode, because a save may replace the file; its times in nanoseconds, because two
    saves may come within a second; `changed` too (inode(7): st_ctim), because a copy that
    keeps times (`cp -p`, an archive) sets `modified` and cannot set this.
    """

    device: int
    inode: int
    size: int
    modified: int
    changed: int


@dataclass
class _Folder:
    """What is known of one category folder.

    `pending` is how its model was found last, and `since` when that was first; `taken`,
    `compared` and `measured` are how it was when it was submitted, was compared with the
    last submission, and was found to be too large.
    """

    task: str
    path: Path
    neighbours: Neighbours
    there: bool = True
    closed: bool = False
    pending: Signature | None = None
    since: Instant | None = None
    taken: Signature | None = None
    last_hash: str = ""
    insisted: bool = False
    compared: Signature | None = None
    starter: tuple[int, int] | None = None
    noted: set[str] = field(default_factory=set)
    measured: Signature | None = None
    is_due: bool = False
    trouble: str = ""

    @property
    def model(self) -> Path:
        return self.path / MODEL

    @property
    def size(self) -> int:
        """Of the pending model, in bytes."""
        return 0 if self.pending is None else self.pending.size

    def quiet_for(self, now: Instant) -> float:
        """Seconds for which the pending model has not changed."""
        return 0.0 if self.since is None else now.since(self.since)

    def was_there(self, deadline: Instant) -> bool:
        """Whether the pending model was complete by `deadline`.

        A file that was saved while the app was closed was not seen in time; then the times in
        its attributes speak for the candidate. Among them is that of the last change of the
        attributes themselves, which no program can set.
        """
        if self.since is None or self.pending is None:
            return False
        latest = max(self.pending.modified, self.pending.changed)
        return self.since.is_by(deadline) or latest / 1e9 <= deadline.wall

    def forget_file(self) -> None:
        self.pending = self.since = self.taken = None


class Scanner:
    """Looks at the category folders of one sitting; not safe for two threads at once."""

    def __init__(
        self,
        folders: Mapping[str, Path],
        submissions: Path,
        clock: Clock,
        *,
        last_hashes: Mapping[str, str] | None = None,
        limits_mb: Mapping[str, float] | None = None,
        automatic: bool = True,
    ) -> None:
        """Look at `folders` (by task) and freeze into `submissions`.

        `last_hashes` names the newest submission of each task, which is not taken again
        unless by hand. A model larger than its task's `limits_mb` is not even read.
        `automatic` False takes only what is insisted on.
        """
        known = last_hashes or {}
        self._limits_mb = limits_mb or {}
        self._found: list[Seen | FolderNotice] = []
        self._submissions, self._clock, self._automatic = submissions, clock, automatic
        self._stop = threading.Event()
        self._folders = [
            _Folder(task, path, Neighbours(path), last_hash=known.get(task, ""))
            for task, path in folders.items()
        ]
        sweep(submissions)
        for each in self._folders:
            each.starter = _starter_signature(each.path)

    # -- what the watcher asks ----------------------------------------------------------

    def insist(self, task: str) -> None:
        """Take the model of `task` with the next looks even if it was taken before."""
        self._folder(task).insisted = True

    def put_back(self, task: str, sha256: str) -> Note | Trouble | None:
        """Put a frozen model back into the folder of `task`, and take it for known there."""
        folder = self._folder(task)
        try:
            aside = put_back(sha256, self._submissions, folder.model, self._stop)
            folder.last_hash = sha256
            folder.taken = _signature_of(folder.model)
        except GivenUp:
            return None
        except OSError as error:
            return Trouble(sentences.not_put_back(folder.model, error))
        return None if aside is None else Note(task, sentences.set_aside(aside))

    def stop(self) -> None:
        """Give up a look that goes on in another thread, soon; no look finds anything after."""
        self._stop.set()

    def look(
        self, deadline: Instant | None = None, closed: Collection[Path] = frozenset()
    ) -> LookResult:
        """Look at every folder once; `closed` are files that no writer has open any more.

        With a `deadline`, only files that were there by then and are whole are waited
        for: `waiting` counts them, and the last look is the one where it is 0. A fault in
        one folder keeps nothing of the others, and what was found before a look failed is
        told by the next.
        """
        delays: list[float] = []
        stuck = 0
        for folder in self._folders:
            folder.closed = folder.model in closed
            try:
                delay = self._look_at(folder, deadline)
                folder.trouble, folder.is_due = "", delay is not None
            except GivenUp:
                return LookResult((), None)
            except Exception as error:  # a fault of ours must cost no other folder its turn
                delay = RETRY_PAUSE
                stuck += self._tell_of(folder, error)
            if delay is not None:
                delays.append(delay)
        late = frozenset(each.task for each in self._folders if self._is_unsubmitted(each))
        found = tuple(self._found)
        look = LookResult(found, min(delays, default=None), len(delays), late, stuck)
        # Only now: what raised above (memory) has lost nothing, the next look brings it.
        self._found.clear()
        return look

    def left(self, deadline: Instant | None) -> Iterator[Trouble]:
        """Each model that lies there at the end and was not taken in, and why not.

        What only the hand submits is not among them, nor what was said to be too large.
        """
        for each in self._folders:
            if each.trouble:
                yield Trouble(sentences.not_taken(each.model))
            elif self._automatic or each.insisted:
                yield from self._left_in(each, deadline)

    def _left_in(self, folder: _Folder, deadline: Instant | None) -> Iterator[Trouble]:
        changed_while_copied = folder.pending is None
        in_time = deadline is not None and folder.was_there(deadline)
        if folder.is_due and (changed_while_copied or in_time):
            yield Trouble(sentences.not_taken(folder.model))
        elif folder.pending not in (None, folder.taken, folder.measured):
            yield Trouble(sentences.not_complete(folder.model))

    def _folder(self, task: str) -> _Folder:
        return next(each for each in self._folders if each.task == task)

    # -- one folder ---------------------------------------------------------------------

    def _look_at(self, folder: _Folder, deadline: Instant | None) -> float | None:
        """Look at one folder; the seconds after which its model may be ready, if one is due."""
        if not self._is_there(folder):
            return None
        self._look_at_starter(folder)
        self._found += (Note(folder.task, each) for each in folder.neighbours.notes())
        if not self._has_new_model(folder):
            return None
        if folder.size > self._limits_mb.get(folder.task, math.inf) * 1e6:
            measure = self._measure if deadline is None else self._measure_last
            return measure(folder)
        if not self._automatic and not folder.insisted:
            return None if deadline is not None else self._compare(folder)
        return self._take_when_quiet(folder, deadline)

    def _is_there(self, folder: _Folder) -> bool:
        there = folder.path.is_dir()
        if not there and folder.there:
            self._found.append(Trouble(sentences.gone(folder.path)))
            folder.forget_file()
        folder.there = there
        return there

    def _look_at_starter(self, folder: _Folder) -> None:
        signature = _starter_signature(folder.path)
        if signature not in (None, folder.starter):
            self._found.append(StarterSaved(folder.task))
        folder.starter = signature

    def _has_new_model(self, folder: _Folder) -> bool:
        """Whether there is a model to take in; it is noted since when it is as it is."""
        signature = self._model_in(folder)
        if signature is None:
            folder.forget_file()
            return False
        if signature == folder.taken and not folder.insisted:
            folder.pending = signature  # nothing else is waited for any more
            return False
        if signature != folder.pending:
            folder.pending, folder.since = signature, self._clock.now()
        return True

    def _model_in(self, folder: _Folder) -> Signature | None:
        """The state of the model file; None where there is none, or none that could be taken."""
        try:
            signature = _signature_of(folder.model)
        except FileNotFoundError:
            if folder.insisted:
                folder.insisted = False
                self._found.append(Note(folder.task, sentences.nothing_there(folder.path)))
            return None
        if signature is not None:
            return signature
        if folder.insisted:
            folder.insisted = False
            folder.noted.clear()  # whoever asks by hand gets an answer each time
        self._note_once(folder, sentences.NOT_A_FILE)
        return None

    def _take_when_quiet(self, folder: _Folder, deadline: Instant | None) -> float | None:
        with open_regular(folder.model) as file:
            state = completeness(file, folder.size)
        if deadline is not None:
            return self._take_last(folder, state, deadline)
        if folder.insisted and state is Completeness.PARTIAL:
            self._note_once(folder, sentences.UNFINISHED)
        is_closed = folder.closed and state is Completeness.WHOLE
        quiet = QUIET_CLOSED if is_closed else QUIET[state]
        age = folder.quiet_for(self._clock.now())
        if age < quiet:
            return quiet - age
        if not folder.insisted and age < PATIENCE[state] and has_writer(folder.model):
            return WRITER_PAUSE
        return self._take(folder, None)

    def _take_last(self, folder: _Folder, state: Completeness, deadline: Instant) -> float | None:
        """The same in the last call, which waits for no writer: what was whole in time."""
        if state is Completeness.PARTIAL or not folder.was_there(deadline):
            return None
        age = folder.quiet_for(self._clock.now())
        return self._take(folder, deadline) if age >= LAST_CALL_QUIET else LAST_CALL_QUIET - age

    def _take(self, folder: _Folder, deadline: Instant | None) -> float | None:
        frozen = freeze(folder.model, self._submissions, self._stop, folder.size)
        if frozen is None or _signature_of(folder.model) != folder.pending:
            folder.pending = None  # It changed while it was read: start anew.
            return LAST_CALL_QUIET
        by_hand = folder.insisted
        if by_hand or frozen.sha256 != folder.last_hash:
            at = self._moment_of(folder, deadline)
            self._found.append(Seen(folder.task, frozen.sha256, frozen.size, at, by_hand))
        # Only now, when nothing can fail any more: a model must not be known and not told.
        folder.taken, folder.insisted, folder.last_hash = folder.pending, False, frozen.sha256
        return None

    def _moment_of(self, folder: _Folder, deadline: Instant | None) -> Instant:
        """When the model came: as it was seen first, or was asked for by hand; by `deadline`."""
        now = self._clock.now()
        at = now if folder.insisted or folder.since is None else folder.since
        return deadline if deadline is not None and not at.is_by(deadline) else at

    # -- what is not taken --------------------------------------------------------------

    def _compare(self, folder: _Folder) -> float | None:
        """Where only the hand submits: find out whether the model there is the last submission."""
        age = folder.quiet_for(self._clock.now())
        if age < LATE:
            return LATE - age
        if folder.compared != folder.pending:
            folder.compared = folder.pending
            if digest(folder.model, self._stop, folder.size) == folder.last_hash:
                folder.taken = folder.pending
        return None

    def _is_unsubmitted(self, folder: _Folder) -> bool:
        if folder.since is None or folder.pending in (None, folder.taken):
            return False
        judged = folder.pending in (folder.compared, folder.measured)
        is_sure = self._automatic or folder.insisted or judged
        return is_sure and folder.quiet_for(self._clock.now()) >= LATE

    def _measure(self, folder: _Folder) -> float | None:
        """Say of a model that is too large that it is, once it is quiet; it is not read."""
        age = folder.quiet_for(self._clock.now())
        if not folder.insisted:
            if age < QUIET[Completeness.FOREIGN]:
                return QUIET[Completeness.FOREIGN] - age
            if age < PATIENCE[Completeness.PARTIAL] and has_writer(folder.model):
                return WRITER_PAUSE
        if folder.insisted or folder.measured != folder.pending:
            self._found.append(Note(folder.task, self._too_large(folder)))
        folder.measured, folder.insisted = folder.pending, False
        return None

    def _measure_last(self, folder: _Folder) -> None:
        """The same in the last call, which does not wait for quiet."""
        if folder.measured != folder.pending:
            self._note_once(folder, self._too_large(folder))
        folder.measured = folder.pending

    def _too_large(self, folder: _Folder) -> Message:
        return sentences.too_large(folder.model, folder.size, self._limits_mb[folder.task])

    def _note_once(self, folder: _Folder, message: Message) -> None:
        if message.template not in folder.noted:
            facts = {**message.facts, "file": str(folder.model)}
            self._found.append(Note(folder.task, Message(message.template, facts)))
            folder.noted.add(message.template)

    def _tell_of(self, folder: _Folder, error: Exception) -> bool:
        """Tell the first of a row of like faults; False where the folder is just gone."""
        if isinstance(error, OSError) and not self._is_there(folder):
            return False  # it went while it was looked at
        # The place is no part of what is alike: a try may fail at one file, the next at another.
        why = f"{type(error).__name__}: {reason(error)}"
        if folder.trouble != why:
            self._found.append(Trouble(sentences.not_taken_yet(folder.model, error)))
            folder.trouble = why
        return True


def _signature_of(path: Path) -> Signature | None:
    """Of a regular file, links followed; None for anything else of that name."""
    try:
        found = path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:  # a link to itself: the candidate's, no fault of a disk
            return None
        raise
    if not stat.S_ISREG(found.st_mode):
        return None
    return Signature(
        found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    )


def _starter_signature(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / STARTER).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns
