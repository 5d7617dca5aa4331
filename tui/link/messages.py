"""What the bridge tells the screens: the engine's notices as Textual messages.

Named as facts. Bursty ones replace an older one that still waits, so that a slow terminal
never falls behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.errors import TfexamError
    from engine.grading import protocol
    from engine.machine.checks import Check
    from engine.machine.curves import CurveReading
    from engine.machine.gpu import Reading
    from engine.machine.usage import UsageSample
    from engine.sitting.state.events import Event
    from engine.sitting.state.sitting import Sitting
    from engine.sitting.views.folder_view import Listing
    from exam_bank.datasets.fetch import Progress
    from exam_bank.datasets.manual_add import Added
    from exam_bank.errors import DataError
    from exam_bank.paper import Paper
    from exam_bank.preparation import Step
    from tui.link.dataset_service import DataSetState


class Fact(Message, bubble=False):
    """Something the engine said; posted straight to the screens that listen."""


class _Latest(Fact, bubble=False):
    """A fact of which only the newest matters."""

    def can_replace(self, message: Message) -> bool:
        """Whether this fact makes a waiting one of its own kind needless."""
        return type(message) is type(self)


@dataclass
class SittingChanged(Fact, bubble=False):
    """An event was journalled, and the sitting is now as given."""

    event: Event
    sitting: Sitting


@dataclass
class ClockTicked(_Latest, bubble=False):
    """Exam seconds left."""

    time_left: float


@dataclass
class GradingMoved(_Latest, bubble=False):
    """How far the grading of a submission is, `seconds` after it began."""

    number: int
    task: str
    progress: protocol.Progress
    seconds: float


@dataclass
class StarterEdited(Fact, bubble=False):
    """The candidate saved the `starter.py` of a task."""

    task: str


@dataclass
class NoteReceived(Fact, bubble=False):
    """The engine has a hint about a task's folder."""

    task: str
    message: protocol.Message


@dataclass
class UnsubmittedChanged(Fact, bubble=False):
    """The tasks in whose folders lies a model that was saved and not taken in."""

    tasks: frozenset[str]


@dataclass
class TimeRanLow(Fact, bubble=False):
    """One of the marks has passed: so many minutes are left."""

    minutes: int


@dataclass
class TroubleHappened(Fact, bubble=False):
    """Something failed; it says what happened and what to do. The app goes on."""

    error: TfexamError


@dataclass
class CheckDone(Fact, bubble=False):
    """One environment check has its answer."""

    check: Check


class ChecksDone(Fact, bubble=False):
    """All environment checks have answered."""


@dataclass
class DataLookedAt(Fact, bubble=False):
    """The ids of the tasks whose data sets are not on this machine."""

    absent: frozenset[str]


@dataclass
class DataListed(Fact, bubble=False):
    """Every data set with what of it is here."""

    sets: list[DataSetState]


@dataclass
class FetchMoved(_Latest, bubble=False):
    """How far the fetching of a file is."""

    progress: Progress


@dataclass
class DataFetched(Fact, bubble=False):
    """All of a data set is here now."""

    name: str


@dataclass
class DataVerified(Fact, bubble=False):
    """Everything was hashed anew; what is damaged, each with what is wrong."""

    damaged: Mapping[Path, DataError]


@dataclass
class DataAdded(Fact, bubble=False):
    """Files were taken in."""

    added: list[Added]


@dataclass
class BackgroundJobFailed(Fact, bubble=False):
    """What a screen had done for it gave an error instead."""

    error: TfexamError


@dataclass
class CodeRead(Fact, bubble=False):
    """The paper that a code names, whose data are here."""

    paper: Paper


@dataclass
class CodeRefused(Fact, bubble=False):
    """A code names no paper that could be sat here."""

    error: TfexamError


@dataclass
class PreparationMoved(Fact, bubble=False):
    """How far the data of the paper are."""

    step: Step


@dataclass
class PaperReady(Fact, bubble=False):
    """The sitting is laid out in this folder."""

    folder: Path


@dataclass
class PreparationFailed(Fact, bubble=False):
    """The sitting could not be laid out."""

    error: TfexamError


@dataclass
class MachineSampled(_Latest, bubble=False):
    """The newest readings of the machine; None where it could not be read."""

    gpu: Reading | None
    usage: UsageSample | None


@dataclass
class FolderSampled(_Latest, bubble=False):
    """What the category folder of a task holds now."""

    task: str
    listing: Listing
    curve: CurveReading

    def says_the_same(self, other: FolderSampled) -> bool:
        """Whether nothing has changed; a curve is the same object while its file is the same."""
        return self.curve is other.curve and self.listing == other.listing
