"""Takes complete models in: looks at the category folders and freezes what is new.

A look is one pass over the folders, of blocking calls only; `watcher.py` decides when
to look and keeps looks off the event loop. Events of the file system are mere hints, so
whatever they miss the next look finds. A file is taken when its bytes say that it is
whole and it has been quiet since the last look; one that never gets whole is taken in
the end, so that grading can say what is wrong with it. Quiet is measured by the Clock.

A whole file that its writer was seen to close needs less of it: what may still come is a
writer that opens it again at once. One that is taken too early all the same costs a
submission that the finished file follows, never a half copy (`freezing`).
"""

import errno
import math
import os
import stat
import threading
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.clock import Clock, Instant
from engine.errors import WorkspaceError
from engine.files import said
from engine.grading.inspection.rejecting import megabytes
from engine.grading.protocol import Message
from engine.sitting.intake.findings import Finding, LookResult, Seen
from engine.sitting.intake.frozen import PART, Stopped, digest, freeze, open_regular, sweep
from engine.sitting.intake.open_writers import has_writer
from engine.sitting.intake.put_back import put_back
from engine.sitting.intake.stability import Completeness, completeness
from engine.sitting.intake.stray_models import Neighbours
from engine.sitting.notices import Note, StarterSaved, Trouble
from engine.supervisor import reason, remedy
from exam_bank.phrase import phrase

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

Signature = tuple[int, int, int, int, int]


@dataclass
class _Folder:
    """What is known of one category folder."""

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
    remarked: set[str] = field(default_factory=set)
    measured: Signature | None = None
    is_due: bool = False
    trouble: str = ""

    @property
    def model(self) -> Path:
        return self.path / MODEL

    def forget_file(self) -> None:
        self.pending = self.since = self.taken = None


class Intake:
    """Watches over the category folders of one sitting; not safe for two threads at once."""

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
        """Watch `folders` (by task) and freeze into `submissions`.

        `last_hashes` names the newest submission of each task, which is not taken again
        unless by hand. A model larger than its task's `limits_mb` is not even read.
        `automatic` False takes only what is insisted on.
        """
        known = last_hashes or {}
        self._limits_mb = limits_mb or {}
        self._found: list[Finding] = []
        self._submissions, self._clock, self._automatic = submissions, clock, automatic
        self._stop = threading.Event()
        self._folders = [
            _Folder(task, path, Neighbours(path), last_hash=known.get(task, ""))
            for task, path in folders.items()
        ]
        sweep(submissions)
        for each in self._folders:
            each.starter = _starter_signature(each.path)

    def insist(self, task: str) -> None:
        """Take the model of `task` with the next looks even if it was taken before."""
        self._folder(task).insisted = True

    def put_back(self, task: str, sha256: str) -> Finding | None:
        """Put a frozen model back into the folder of `task`, and take it for known there."""
        folder = self._folder(task)
        try:
            aside = put_back(sha256, self._submissions, folder.model, self._stop)
            folder.last_hash = sha256
            folder.taken = _signature_of(folder.model)
        except Stopped:
            return None
        except OSError as error:
            return Trouble(_not_put_back(folder.model, error))
        return None if aside is None else Note(task, _set_aside(aside))

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
                delay = self._look_at(folder, self._found, deadline)
                folder.trouble, folder.is_due = "", delay is not None
            except Stopped:
                return LookResult((), None)
            except Exception as error:  # a fault of ours must cost no other folder its turn
                delay = RETRY_PAUSE
                stuck += self._tell_of(folder, error)
            if delay is not None:
                delays.append(delay)
        late = frozenset(each.task for each in self._folders if self._is_unsubmitted(each))
        found = tuple(self._found)
        look = LookResult(found, min(delays, default=None), len(delays), late, stuck)
        self._found.clear()
        return look

    def left(self, deadline: Instant | None) -> Iterator[Trouble]:
        """Each model that lies there at the end and was not taken in, and why not.

        What only the hand submits is not among them, nor what was said to be too large.
        """
        for each in self._folders:
            if each.trouble:
                yield Trouble(_not_taken(each.model))
            elif self._automatic or each.insisted:
                yield from self._left_in(each, deadline)

    def _left_in(self, folder: _Folder, deadline: Instant | None) -> Iterator[Trouble]:
        if folder.is_due and (
            folder.pending is None  # it changed while it was copied
            or (deadline is not None and _was_there(folder, deadline))
        ):
            yield Trouble(_not_taken(folder.model))
        elif folder.pending not in (None, folder.taken, folder.measured):
            yield Trouble(_not_complete(folder.model))

    def _tell_of(self, folder: _Folder, error: Exception) -> bool:
        """Tell the first of a row of like faults; False where the folder is just gone."""
        if isinstance(error, OSError) and not self._is_there(folder, self._found):
            return False  # it went while it was looked at
        # The place is no part of what is alike: a try may fail at one file, the next at another.
        why = f"{type(error).__name__}: {reason(error)}"
        if folder.trouble != why:
            self._found.append(_fault(folder, error))
            folder.trouble = why
        return True

    def _folder(self, task: str) -> _Folder:
        return next(each for each in self._folders if each.task == task)

    def _look_at(
        self, folder: _Folder, findings: list[Finding], deadline: Instant | None
    ) -> float | None:
        """Look at one folder; the seconds after which its model may be ready, if one is due."""
        if not self._is_there(folder, findings):
            return None
        findings += _edits(folder)
        findings += (Note(folder.task, each) for each in folder.neighbours.remarks())
        signature = self._signature(folder, findings)
        if signature is None:
            folder.forget_file()
            return None
        if signature == folder.taken and not folder.insisted:
            folder.pending = signature  # nothing else is waited for any more
            return None
        if signature != folder.pending:
            folder.pending, folder.since = signature, self._clock.now()
        if self._is_too_large(folder):
            measure = self._measure if deadline is None else self._measure_last
            return measure(folder, findings)
        if not self._automatic and not folder.insisted:
            return None if deadline is not None else self._compare(folder)
        return self._take_when_quiet(folder, findings, deadline)

    def _compare(self, folder: _Folder) -> float | None:
        """Where only the hand submits: look whether the model that lies there is known."""
        assert folder.pending is not None
        assert folder.since is not None
        age = self._clock.now().since(folder.since)
        if age < LATE:
            return LATE - age
        if folder.compared != folder.pending:
            folder.compared = folder.pending
            size = folder.pending[2]
            if digest(folder.model, self._stop, size) == folder.last_hash:
                folder.taken = folder.pending
        return None

    def _is_unsubmitted(self, folder: _Folder) -> bool:
        if folder.since is None or folder.pending in (None, folder.taken):
            return False
        sure = self._automatic or folder.insisted or folder.compared == folder.pending
        sure = sure or folder.measured == folder.pending
        return sure and self._clock.now().since(folder.since) >= LATE

    def _take_when_quiet(
        self, folder: _Folder, findings: list[Finding], deadline: Instant | None
    ) -> float | None:
        assert folder.since is not None
        assert folder.pending is not None
        with open_regular(folder.model) as file:
            state = completeness(file, folder.pending[2])
        surely = folder.closed and state is Completeness.WHOLE
        quiet = QUIET_CLOSED if surely else QUIET[state]
        if deadline is not None:
            if state is Completeness.PARTIAL or not _was_there(folder, deadline):
                return None
            quiet = LAST_CALL_QUIET
        if folder.insisted and state is Completeness.PARTIAL:
            findings += _remark_once(folder, _UNFINISHED)
        age = self._clock.now().since(folder.since)
        if age < quiet:
            return quiet - age
        waits = deadline is None and not folder.insisted and age < PATIENCE[state]
        if waits and has_writer(folder.model):
            return WRITER_PAUSE
        return self._take(folder, findings, deadline)

    def _take(
        self, folder: _Folder, findings: list[Finding], deadline: Instant | None
    ) -> float | None:
        assert folder.pending is not None
        assert folder.since is not None
        size = folder.pending[2]
        frozen = freeze(folder.model, self._submissions, self._stop, size)
        if frozen is None or _signature_of(folder.model) != folder.pending:
            folder.pending = None  # It changed while it was read: start anew.
            return LAST_CALL_QUIET
        by_hand = folder.insisted
        if by_hand or frozen.sha256 != folder.last_hash:
            # By hand the same file counts anew, from when it was asked for.
            at = self._clock.now() if by_hand else folder.since
            if deadline is not None and not at.is_by(deadline):
                at = deadline
            findings.append(Seen(folder.task, frozen.sha256, frozen.size, at, by_hand))
        # Only now, when nothing can fail any more: a model must not be known and not told.
        folder.taken, folder.insisted, folder.last_hash = folder.pending, False, frozen.sha256
        return None

    def _is_there(self, folder: _Folder, findings: list[Finding]) -> bool:
        there = folder.path.is_dir()
        if not there and folder.there:
            findings.append(Trouble(_gone(folder.path)))
            folder.forget_file()
        folder.there = there
        return there

    def _signature(self, folder: _Folder, findings: list[Finding]) -> Signature | None:
        """What tells one state of the model file from another; None where none can be taken."""
        try:
            signature = _signature_of(folder.model)
        except FileNotFoundError:
            if folder.insisted:
                folder.insisted = False
                findings.append(Note(folder.task, _nothing_there(folder.path)))
            return None
        if signature is not None:
            return signature
        if folder.insisted:
            folder.insisted = False
            folder.remarked.clear()  # whoever asks by hand gets an answer each time
        findings += _remark_once(folder, _NOT_A_FILE)
        return None

    def _is_too_large(self, folder: _Folder) -> bool:
        limit = self._limits_mb.get(folder.task, math.inf)
        return folder.pending is not None and folder.pending[2] > limit * 1e6

    def _measure(self, folder: _Folder, findings: list[Finding]) -> float | None:
        """Say of a model that is too large that it is, once it is quiet; it is not read."""
        assert folder.pending is not None
        assert folder.since is not None
        age = self._clock.now().since(folder.since)
        if not folder.insisted:
            if age < QUIET[Completeness.FOREIGN]:
                return QUIET[Completeness.FOREIGN] - age
            if age < PATIENCE[Completeness.PARTIAL] and has_writer(folder.model):
                return WRITER_PAUSE
        if folder.insisted or folder.measured != folder.pending:
            says = _too_large(folder.model, folder.pending[2], self._limits_mb[folder.task])
            findings.append(Note(folder.task, says))
        folder.measured, folder.insisted = folder.pending, False
        return None

    def _measure_last(self, folder: _Folder, findings: list[Finding]) -> None:
        """The same in the last call, which does not wait for quiet."""
        assert folder.pending is not None
        if folder.measured != folder.pending:
            says = _too_large(folder.model, folder.pending[2], self._limits_mb[folder.task])
            findings += _remark_once(folder, says)
        folder.measured = folder.pending


_UNFINISHED = Message("{file} is not complete yet. It is submitted as soon as it is.")
_NOT_A_FILE = Message("{file} is not a file: a model is saved as one file, mymodel.h5.")


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
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _was_there(folder: _Folder, deadline: Instant) -> bool:
    """Whether the pending file was complete by `deadline`.

    A file that was saved while the app was closed was not seen in time; then the times in
    its attributes speak for the candidate. Among them is that of the last change of the
    attributes themselves, which no program can set.
    """
    assert folder.since is not None
    assert folder.pending is not None
    changed = max(folder.pending[3:])
    return folder.since.is_by(deadline) or changed / 1e9 <= deadline.wall


def _starter_signature(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / STARTER).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _edits(folder: _Folder) -> Iterator[Finding]:
    signature = _starter_signature(folder.path)
    if signature != folder.starter:
        folder.starter = signature
        if signature is not None:
            yield StarterSaved(folder.task)


def _remark_once(folder: _Folder, message: Message) -> Collection[Finding]:
    if message.template in folder.remarked:
        return ()
    folder.remarked.add(message.template)
    facts = {**message.facts, "file": str(folder.model)}
    return (Note(folder.task, Message(message.template, dict(facts))),)


def _set_aside(name: str) -> Message:
    return Message(
        "The mymodel.h5 that was there had never been submitted: it is kept as {name}.",
        {"name": name},
    )


def _not_put_back(model: Path, error: OSError) -> WorkspaceError:
    return WorkspaceError(
        phrase("{model} could not be put back: {error}.", model=model, error=said(error)),
        fix=phrase("Make room on the disk, check the permissions, and ask for it again."),
    )


def _too_large(model: Path, size: int, limit: float) -> Message:
    return Message(
        "{file} has {size} MB, more than the {limit} MB this task takes, and is not submitted: "
        "use a smaller model, or save it with include_optimizer=False.",
        {"file": str(model), "size": megabytes(size), "limit": limit},
    )


def _not_taken(model: Path) -> WorkspaceError:
    return WorkspaceError(
        phrase("{model} could not be taken in before the end; it does not count.", model=model),
        fix=phrase("It stays where it is."),
    )


def _not_complete(model: Path) -> WorkspaceError:
    return WorkspaceError(
        phrase("{model} was not complete in time; it does not count.", model=model),
        fix=phrase("It stays where it is."),
    )


def _nothing_there(path: Path) -> Message:
    return Message("There is no mymodel.h5 in {folder}.", {"folder": str(path)})


def _gone(path: Path) -> WorkspaceError:
    return WorkspaceError(
        phrase("{path} is gone. The sitting goes on, and what was submitted is kept.", path=path),
        fix=phrase("Make the folder again; a mymodel.h5 saved there is taken as before."),
    )


def _fault(folder: _Folder, error: Exception) -> Trouble:
    file = error.filename if isinstance(error, OSError) else None
    path = os.fspath(file) if file else str(folder.model)
    if path.endswith(PART):  # a copy, of another name with each try: its folder says more
        path = str(Path(path).parent)
    where = "" if path == str(folder.model) else f"{path}: "
    return Trouble(
        WorkspaceError(
            phrase(
                "{model} could not be taken in: {where}{error}. It will be tried again.",
                model=folder.model,
                where=where,
                error=reason(error),
            ),
            fix=remedy(error),
        )
    )
