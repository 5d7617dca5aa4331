"""Every fact a journal can hold: frozen, in the past tense, each with its moment.

The journal holds these and nothing else; the state of a sitting is a fold over them
(`sitting.py`). Programs that read a journal can rely on the `event` tag of each line.

The types are as narrow as the facts: reading a journal reports a line outside them as
damage, so that no reader of a sitting meets a value it cannot show.
"""

from typing import Annotated, Literal

import msgspec

from engine.clock import Instant
from engine.grading.protocol import Count, Grade

EndReason = Literal["candidate", "time"]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
# Part of a file name: only hex digits, so that it cannot lead elsewhere.
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _Event(msgspec.Struct, frozen=True, tag_field="event", kw_only=True):
    """A fact, and the moment it became known."""

    at: Instant


class Started(_Event, frozen=True, tag="started"):
    """The candidate started the clock."""


class Submitted(_Event, frozen=True, tag="submitted"):
    """A complete model was seen at `at` and frozen; `number` counts all submissions from 1."""

    number: Number
    task: str
    sha256: Sha256
    size: Count
    by_hand: bool = False


class GradingStarted(_Event, frozen=True, tag="grading_started"):
    """The grader received submission `number`."""

    number: Number


class GradingEnded(_Event, frozen=True, tag="graded"):
    """Grading of submission `number` ended with `grade`, whatever its verdict."""

    number: Number
    grade: Grade


class Superseded(_Event, frozen=True, tag="superseded"):
    """A newer model of its task was saved while submission `number` was still waiting."""

    number: Number
    by: Number


class Paused(_Event, frozen=True, tag="paused"):
    """The clock of a practice session was stopped."""


class Resumed(_Event, frozen=True, tag="resumed"):
    """The clock of a practice session was resumed."""


class Turned(_Event, frozen=True, tag="turned"):
    """The candidate turned to `task`; time counts towards it until the next such event."""

    task: str


class Warned(_Event, frozen=True, tag="warned"):
    """The candidate was told that `minutes` are left."""

    minutes: Count


class PutBack(_Event, frozen=True, tag="put_back"):
    """The candidate asked to put the model of submission `number` back into its folder."""

    number: Number


class HintSeen(_Event, frozen=True, tag="hint_seen"):
    """The candidate asked for the next hint of `task`; it was its `number`-th, from 1."""

    task: str
    number: Number


class TaskGivenUp(_Event, frozen=True, tag="given_up"):
    """The candidate gave up `task` in practice, and may see its solutions."""

    task: str


class Ended(_Event, frozen=True, tag="ended"):
    """The sitting ended; earlier submissions are still graded."""

    reason: EndReason


Event = (
    Started
    | Submitted
    | GradingStarted
    | GradingEnded
    | Superseded
    | Paused
    | Resumed
    | Turned
    | Warned
    | PutBack
    | HintSeen
    | TaskGivenUp
    | Ended
)
