"""The bridge's messages to the screens; the engine's notices are passed on as they are.

Each is named after a fact. Frequent ones replace an older one that is still waiting, so that a
slow terminal never falls behind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from engine.coaching.explanation import ExplanationProgress
    from engine.coaching.standing import Standing
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
    """Something from the engine; posted straight to the subscribed screens."""


class _Latest(Fact, bubble=False):
    """A fact of which only the newest matters."""

    def can_replace(self, message: Message) -> bool:
        """Whether `message`, which comes next, is of this kind and so makes this one obsolete."""
        return type(message) is type(self)


@dataclass
class EngineNotice(Fact, bubble=False):
    """A notice from the proctor, or from the bridge in its place (some troubles).

    A newer clock or progress notice replaces the one waiting just before it. Only adjacent
    messages do so (Textual's `_process_messages_loop`), so no notice overtakes another.
    """

    notice: Notice

    def can_replace(self, message: Message) -> bool:
        """Whether `message`, which comes next, makes this one obsolete."""
        from engine.sitting.notices import GradingProgress, Tick

        return (
            isinstance(self.notice, Tick | GradingProgress)
            and isinstance(message, EngineNotice)
            and type(message.notice) is type(self.notice)
        )


@dataclass
class CheckDone(Fact, bubble=False):
    """One environment check has finished."""

    check: Check


class ChecksDone(Fact, bubble=False):
    """All environment checks have finished."""


@dataclass
class StandingRead(Fact, bubble=False):
    """Where the candidate stands by all sittings."""

    standing: Standing


@dataclass
class DataLookedAt(Fact, bubble=False):
    """The ids of the tasks whose data sets are not on this machine."""

    absent: frozenset[str]


@dataclass
class DataListed(Fact, bubble=False):
    """Every data set, with its files that are here."""

    sets: list[DataSetState]


@dataclass
class FetchMoved(Fact, bubble=False):
    """How much of a file has been fetched; several data sets may be fetched at once."""

    progress: FetchProgress

    def can_replace(self, message: Message) -> bool:
        """Whether `message`, which comes next, makes this one obsolete."""
        return isinstance(message, FetchMoved) and message.progress.dataset == self.progress.dataset


@dataclass
class DataFetched(Fact, bubble=False):
    """A data set is complete now."""

    name: str


@dataclass
class FetchFailed(Fact, bubble=False):
    """A data set could not be fetched; the others go on."""

    name: str
    error: TfexamError


class FetchesDone(Fact, bubble=False):
    """Every data set that was asked for is here, has failed, or was stopped."""


@dataclass
class DataVerified(Fact, bubble=False):
    """Every file was checked; the damaged ones, each with what is wrong."""

    damaged: Mapping[Path, DataError]


@dataclass
class DataAdded(Fact, bubble=False):
    """Files were added."""

    added: list[Added]


@dataclass
class BackgroundJobFailed(Fact, bubble=False):
    """A background job failed."""

    error: TfexamError


@dataclass
class CodeRead(Fact, bubble=False):
    """The paper that a code names; its data are here."""

    paper: Paper


@dataclass
class CodeRefused(Fact, bubble=False):
    """A code names no paper that can be sat here."""

    error: TfexamError


@dataclass
class PreparationMoved(Fact, bubble=False):
    """How far the paper's data are."""

    step: Step


@dataclass
class PaperReady(Fact, bubble=False):
    """The sitting is ready in this folder."""

    folder: Path


@dataclass
class PreparationFailed(Fact, bubble=False):
    """The sitting could not be prepared."""

    error: TfexamError


@dataclass
class ExplanationMoved(_Latest, bubble=False):
    """How far the explanation of an ended sitting's grades is."""

    progress: ExplanationProgress


@dataclass
class MachineSampled(_Latest, bubble=False):
    """The newest readings of the machine; None if it could not be read.

    `epochs` maps each category folder whose training has finished some to their number.
    """

    gpu: Reading | None
    usage: UsageSample | None
    epochs: Mapping[str, int] = field(default_factory=dict)


@dataclass
class FolderSampled(_Latest, bubble=False):
    """What a task's category folder holds now."""

    task: str
    listing: Listing
    curve: CurveReading

    def says_the_same(self, other: FolderSampled) -> bool:
        """Whether nothing has changed; a curve is the same object while its file is unchanged."""
        return self.curve is other.curve and self.listing == other.listing


@dataclass
class DownloadArrived(Fact, bubble=False):
    """A model arrived among the downloads; it fits the contracts of `tasks`."""

    path: Path
    tasks: tuple[str, ...]
