"""Takes complete models: looks at the category folders and freezes what is new.

A look is one pass over the folders, made of blocking calls only; `watcher.py` decides when
to look and keeps looks off the event loop. File system events are mere hints: whatever they
miss, the next look finds. A file is taken when its bytes say that it is complete and it has
not changed since the last look. One that never becomes complete is taken in the end, so
that grading can say what is wrong with it. Quiet is measured by the Clock.

A complete file whose writer was seen to close it needs less quiet: only a writer that
reopens it at once can still change it. If a file is taken too early after all, that costs
a submission, followed by the finished file, and never yields half a copy (`frozen.py`).
"""

import math
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
    is_archive,
    open_regular,
    sweep,
)
from engine.sitting.intake.put_back import put_back, take_file
from engine.sitting.intake.signature import Signature, signature_of, starter_signature
from engine.sitting.intake.stray_models import Neighbours, name_for
from engine.sitting.notices import (
    FolderNotice,
    Note,
    StarterSaved,
    StrayModel,
    Trouble,
    TroubleOver,
)
from engine.supervisor import reason
from exam_bank.platform.open_writers import has_writer

MODEL = "mymodel.h5"
KERAS_MODEL = "mymodel.keras"
STARTER = "starter.py"

# Seconds without a change before a file is taken.
QUIET = {Completeness.WHOLE: 0.2, Completeness.FOREIGN: 2.0, Completeness.PARTIAL: 10.0}
# The same for a complete file that was closed.
QUIET_CLOSED = 0.03
# The same while some process has it open for writing.
PATIENCE = {Completeness.WHOLE: 10.0, Completeness.FOREIGN: 120.0, Completeness.PARTIAL: 600.0}
WRITER_PAUSE = 1.0
RETRY_PAUSE = 1.0
LAST_CALL_QUIET = 0.2
# A model not taken for this long is reported as unsubmitted.
LATE = 2.0


class Seen(msgspec.Struct, frozen=True):
    """A complete model of `task`, frozen under `sha256`; `at` is when it was first seen."""

    task: str
    sha256: str
    size: int
    at: Instant
    by_hand: bool = False


class LookResult(msgspec.Struct, frozen=True):
    """What one look found.

    `again` is the number of seconds to the next look, if known; `waiting` counts models that
    were seen and may be taken by the next look, `stuck` those of them that an error of ours
    holds up. `unsubmitted` lists the tasks whose model has been there for seconds and was not
    taken.
    """

    findings: tuple[Seen | FolderNotice, ...]
    again: float | None
    waiting: int = 0
    unsubmitted: frozenset[str] = frozenset()
    stuck: int = 0
    strays: tuple[StrayModel, ...] = ()


@dataclass
class _Folder:
    """What we know about one category folder.

    `pending` is how its model was last found, and `since` when that was first; `taken`,
    `compared` and `measured` are its state when it was submitted, compared with the last
    submission, and found to be too large.
    """

    task: str
    path: Path
    neighbours: Neighbours
    names: tuple[str, ...] = (MODEL,)
    model: Path = field(init=False)
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

    def __post_init__(self) -> None:
        self.model = self.path / MODEL

    def choose(self, last: bool) -> None:
        """Choose the newest of the models; in the `last` call, the newest complete one."""
        if len(self.names) > 1:
            there = [each for name in self.names if (each := _age(self.path / name))]
            there.sort(key=lambda each: (last and each.is_whole, each.modified), reverse=True)
            self.model = there[0].path if there else self.path / MODEL

    @property
    def size(self) -> int:
        """Bytes of the pending model."""
        return 0 if self.pending is None else self.pending.size

    def quiet_for(self, now: Instant) -> float:
        """Seconds since the pending model last changed."""
        return 0.0 if self.since is None else now.since(self.since)

    def was_there(self, deadline: Instant) -> bool:
        """Whether the pending model was as it is by `deadline`.

        A file saved while the app was closed was not seen in time; then its timestamps speak for
        the candidate. They include the time of the last attribute change, which no program can set.
        """
        if self.since is None or self.pending is None:
            return False
        latest = max(self.pending.modified, self.pending.changed)
        return self.since.is_by(deadline) or latest / 1e9 <= deadline.wall

    def forget_file(self) -> None:
        self.pending = self.since = self.taken = None


class _Candidate(NamedTuple):
    """A model that is there: when it was changed, and whether its bytes say that it is complete."""

    path: Path
    modified: int
    is_whole: bool


def _age(path: Path) -> _Candidate | None:
    """What there is at `path`; None for nothing that could be taken."""
    try:
        about = path.stat()
        with open_regular(path) as file:
            whole = completeness(file, about.st_size) is Completeness.WHOLE
    except OSError:
        return None
    return _Candidate(path, about.st_mtime_ns, whole)


class Scanner:
    """Looks at the category folders of one sitting; not thread-safe."""

    def __init__(
        self,
        folders: Mapping[str, Path],
        submissions: Path,
        clock: Clock,
        *,
        last_hashes: Mapping[str, str] | None = None,
        limits_mb: Mapping[str, float] | None = None,
        automatic: bool = True,
        h5_only: bool = True,
    ) -> None:
        """Look at `folders` (by task) and freeze into `submissions`.

        `last_hashes` names the latest submission of each task, which is not taken again except
        by hand. A model larger than its task's `limits_mb` is not even read. If `automatic` is
        False, only models submitted by hand are taken. Unless `h5_only`, mymodel.keras counts, too.
        """
        known = last_hashes or {}
        names = (MODEL,) if h5_only else (MODEL, KERAS_MODEL)
        self._limits_mb = limits_mb or {}
        self._found: list[Seen | FolderNotice] = []
        self._submissions, self._clock, self._automatic = submissions, clock, automatic
        self._stop = threading.Event()
        self._folders = [
            _Folder(task, path, Neighbours(path, names), names, last_hash=known.get(task, ""))
            for task, path in folders.items()
        ]
        sweep(submissions)
        for each in self._folders:
            each.starter = starter_signature(each.path / STARTER)

    # -- for the watcher ----------------------------------------------------------------

    def insist(self, task: str) -> None:
        """Take the model of `task` in the next looks even if it was taken before."""
        self._folder(task).insisted = True

    def put_back(self, task: str, sha256: str) -> Note | Trouble | None:
        """Put a frozen model back into the folder of `task`, and count it as submitted there."""
        folder = self._folder(task)
        try:
            with open_regular(self._submissions / f"{sha256}.h5") as kept:
                name = KERAS_MODEL if is_archive(kept) else MODEL
            folder.model = folder.path / (name if name in folder.names else MODEL)
            aside = put_back(sha256, self._submissions, folder.model, self._stop)
            folder.last_hash = sha256
            folder.taken = signature_of(folder.model)
        except GivenUp:
            return None
        except OSError as error:
            return Trouble(sentences.not_put_back(folder.model, error))
        return None if aside is None else Note(task, sentences.set_aside(aside))

    def take_file(self, task: str, source: Path) -> Note | Trouble | None:
        """Make the file `source` the model of `task`, and submit it in the next looks."""
        folder = self._folder(task)
        name = name_for(source.name, folder.names) or MODEL
        try:
            folder.model = folder.path / name
            aside = take_file(source, self._submissions, folder.model, self._stop)
            folder.insisted = True
        except GivenUp:
            return None
        except OSError as error:
            return Trouble(sentences.not_taken_over(source, error))
        return None if aside is None else Note(task, sentences.set_aside(aside))

    def stop(self) -> None:
        """Give up a look running in another thread, soon; later looks find nothing."""
        self._stop.set()

    def look(
        self, deadline: Instant | None = None, closed: Collection[Path] = frozenset()
    ) -> LookResult:
        """Look at every folder once; `closed` are files that no writer has open any more.

        With a `deadline`, wait only for complete files that were there by then: `waiting` counts
        them, and the look where it is 0 is the last. An error in one folder does not affect the
        others, and what was found before a look failed is reported by the next.
        """
        delays: list[float] = []
        stuck = 0
        for folder in self._folders:
            try:
                folder.choose(last=deadline is not None)
                folder.closed = folder.model in closed
                delay = self._look_at(folder, deadline)
                if folder.trouble:
                    self._found.append(TroubleOver(folder.task))
                folder.trouble, folder.is_due = "", delay is not None
            except GivenUp:
                return LookResult((), None)
            except Exception as error:  # an error of ours must not cost another folder its turn
                delay = RETRY_PAUSE
                stuck += self._tell_of(folder, error)
            if delay is not None:
                delays.append(delay)
        late = frozenset(each.task for each in self._folders if self._is_unsubmitted(each))
        found = tuple(self._found)
        again = min(delays, default=None)
        strays = tuple(one for each in self._folders for one in each.neighbours.strays(each.task))
        look = LookResult(found, again, len(delays), late, stuck, strays)
        # Only now: if something above raised (memory), the next look still reports it.
        self._found.clear()
        return look

    def left(self, deadline: Instant | None) -> Iterator[Trouble]:
        """Each model still there at the end that was not taken, and why.

        Leaves out models submitted only by hand, and those already reported as too large.
        """
        for each in self._folders:
            if each.trouble:
                yield Trouble(sentences.not_taken(each.model))
            elif self._automatic or each.insisted:
                yield from self._left_in(each, deadline)

    def too_large(self) -> Iterator[Message]:
        """A sentence about each model still there that is too large."""
        for each in self._folders:
            if each.pending is not None and each.pending == each.measured:
                yield self._too_large(each)

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
        """Look at one folder; return the seconds until its model may be ready, if known."""
        if not self._is_there(folder):
            return None
        self._look_at_starter(folder)
        notes = folder.neighbours.notes()
        self._found += (Note(folder.task, each, str(each.facts["name"])) for each in notes)
        if not self._has_new_model(folder):
            return None
        if folder.size > self._limits_mb.get(folder.task, math.inf) * 1e6:
            return (self._measure if deadline is None else self._measure_last)(folder)
        if not self._automatic and not folder.insisted:
            return None if deadline is not None else self._compare(folder)
        return self._take_when_quiet(folder, deadline)

    def _is_there(self, folder: _Folder) -> bool:
        there = folder.path.is_dir()
        if there != folder.there:
            gone = Trouble(sentences.gone(folder.path), folder.task)
            self._found.append(TroubleOver(folder.task) if there else gone)
            folder.forget_file()
            folder.trouble = ""
        folder.there = there
        return there

    def _look_at_starter(self, folder: _Folder) -> None:
        signature = starter_signature(folder.path / STARTER)
        if signature not in (None, folder.starter):
            self._found.append(StarterSaved(folder.task))
        folder.starter = signature

    def _has_new_model(self, folder: _Folder) -> bool:
        """Whether there is a model to take; notes since when it is unchanged."""
        signature = self._model_in(folder)
        if signature is None:
            folder.forget_file()
            return False
        if signature == folder.taken and not folder.insisted:
            folder.pending = signature  # nothing else to wait for
            return False
        if signature != folder.pending:
            folder.pending, folder.since = signature, self._clock.now()
        return True

    def _model_in(self, folder: _Folder) -> Signature | None:
        """The state of the model file; None if there is none that could be taken."""
        try:
            signature = signature_of(folder.model)
        except FileNotFoundError:
            if folder.insisted:
                folder.insisted = False
                self._found.append(Note(folder.task, sentences.nothing_there(folder.path)))
            return None
        if signature is not None:
            return signature
        if folder.insisted:
            folder.insisted = False
            folder.noted.clear()  # a request by hand gets an answer each time
        self._note_once(folder, sentences.NOT_A_FILE)
        return None

    def _take_when_quiet(self, folder: _Folder, deadline: Instant | None) -> float | None:
        with open_regular(folder.model) as file:
            state = completeness(file, folder.size)
        if deadline is not None:
            return self._take_last(folder, state, deadline)
        age = folder.quiet_for(self._clock.now())
        if state is Completeness.PARTIAL and (folder.insisted or age >= LATE):
            self._note_once(folder, sentences.UNFINISHED)
        if (rest := _rest_of_quiet(folder, state, age)) > 0:
            return rest
        if not folder.insisted and age < PATIENCE[state] and has_writer(folder.model):
            return WRITER_PAUSE
        return self._take(folder, None)

    def _take_last(self, folder: _Folder, state: Completeness, deadline: Instant) -> float | None:
        """The same in the last call, which waits for no writer: what was there in time.

        What is incomplete and has no writer will stay so: grading says what is wrong with it.
        """
        if not folder.was_there(deadline):
            return None
        if state is Completeness.PARTIAL and has_writer(folder.model):
            return None
        age = folder.quiet_for(self._clock.now())
        return self._take(folder, deadline) if age >= LAST_CALL_QUIET else LAST_CALL_QUIET - age

    def _take(self, folder: _Folder, deadline: Instant | None) -> float | None:
        frozen = freeze(folder.model, self._submissions, self._stop, folder.size)
        if frozen is None or signature_of(folder.model) != folder.pending:
            folder.pending = None  # It changed while we read it: start again.
            return LAST_CALL_QUIET
        by_hand = folder.insisted
        if by_hand or frozen.sha256 != folder.last_hash:
            at = self._moment_of(folder, deadline)
            self._found.append(Seen(folder.task, frozen.sha256, frozen.size, at, by_hand))
        folder.noted.clear()  # the next model may have the same fault
        # Only now, when nothing can fail any more: a model counted as taken must be reported.
        folder.taken, folder.insisted, folder.last_hash = folder.pending, False, frozen.sha256
        return None

    def _moment_of(self, folder: _Folder, deadline: Instant | None) -> Instant:
        """When the model arrived: first seen, or asked for by hand; at the latest `deadline`."""
        now = self._clock.now()
        at = now if folder.insisted or folder.since is None else folder.since
        return deadline if deadline is not None and not at.is_by(deadline) else at

    # -- what is not taken --------------------------------------------------------------

    def _compare(self, folder: _Folder) -> float | None:
        """When submitting by hand: find out whether the model there is the last submission."""
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
        """Report a model that is too large once it is quiet; it is not read."""
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
        """Report the first of a run of similar errors; False if the folder is just gone."""
        if isinstance(error, OSError) and not self._is_there(folder):
            return False  # it vanished during the look
        # Ignore the place when comparing: one try may fail at one file, the next at another.
        why = f"{type(error).__name__}: {reason(error)}"
        if folder.trouble != why:
            self._found.append(Trouble(sentences.not_taken_yet(folder.model, error), folder.task))
            folder.trouble = why
        return True


def _rest_of_quiet(folder: _Folder, state: Completeness, age: float) -> float:
    """How long to wait for quiet, `age` seconds after the last change; once late, that is told."""
    is_closed = folder.closed and state is Completeness.WHOLE
    quiet = QUIET_CLOSED if is_closed else QUIET[state]
    return (quiet if age >= LATE else min(quiet, LATE)) - age
