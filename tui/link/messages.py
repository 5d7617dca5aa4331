"""What the bridge tells the screens, as Textual messages; the engine's notices as they are.

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
    from engine.machine.checks import Check
    from engine.machine.curves import CurveReading
    from engine.machine.gpu import Reading
    from engine.machine.usage import UsageSample
    from engine.sitting.notices import Notice
    from engine.sitting.views.folder_view import Listing
    from exam_bank.datasets.fetch import FetchProgress
    from exam_bank.datasets.manual_add import Added
    from exam_bank.errors import DataError
    from exam_bank.paper import Paper
    from exam_bank.preparation import Step
    from tui.link.dataset_service import DataSetState


class Fact(Message, bubble=False):
    """Something the engine said; posted straight to the screens that subscribed."""


class _Latest(Fact, bubble=False):
    """A fact of which only the newest matters."""

    def can_replace(self, message: Message) -> bool:
        """Whether this fact makes a waiting one of its own kind needless."""
        return type(message) is type(self)


@dataclass
class EngineNotice(Fact, bubble=False):
    """What the proctor tells, or the bridge for it: trouble, for instance.

    A newer clock or a further progress replaces the one that still waits before it. Only
    messages that follow each other at once do so (Textual's `_process_messages_loop`),
    so no notice overtakes another.
    """

    notice: Notice

    def can_replace(self, message: Message) -> bool:
        """Whether `message`, the next one, makes this one needless."""
        from engine.sitting.notices import GradingProgress, Tick

        return (
            isinstance(self.notice, Tick | GradingProgress)
            and isinstance(message, EngineNotice)
            and type(message.notice) is type(self.notice)
        )


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

    progress: FetchProgress


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
