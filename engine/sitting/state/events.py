"""Every fact that can be journalled: frozen, in the past tense, each with its moment.

The journal holds these and nothing else; the state of a sitting is a fold over them
(`sitting.py`). Programs that read a journal can rely on the `event` tag of each line.

The types are as narrow as the facts: a line outside of them is damage, named as such when
the journal is read, so that no reader of a sitting meets a value it cannot show.
"""

from typing import Annotated, Literal

import msgspec

from engine.clock import Instant
from engine.grading.protocol import Count, Grade

EndReason = Literal["candidate", "time"]
Number = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
# It names a file: nothing but digits, so that it names none elsewhere.
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _Event(msgspec.Struct, frozen=True, tag_field="event", kw_only=True):
    """A fact, and the moment at which it was known."""

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
    """The grader took submission `number`."""

    number: Number


class GradingEnded(_Event, frozen=True, tag="graded"):
    """Grading of submission `number` ended with `grade`, whatever its verdict."""

    number: Number
    grade: Grade


class Superseded(_Event, frozen=True, tag="superseded"):
    """Submission `number` was still waiting when a newer save of its task came."""

    number: Number
    by: Number


class Paused(_Event, frozen=True, tag="paused"):
    """The clock of a practice session was stopped."""


class Resumed(_Event, frozen=True, tag="resumed"):
    """The clock of a practice session goes on."""


class Turned(_Event, frozen=True, tag="turned"):
    """The candidate turned to `task`; until the next one the time is spent on it."""

    task: str


class Warned(_Event, frozen=True, tag="warned"):
    """The candidate was told that `minutes` are left."""

    minutes: Count


class PutBack(_Event, frozen=True, tag="put_back"):
    """The candidate asked for the model of submission `number` back in its category folder."""

    number: Number


class Ended(_Event, frozen=True, tag="ended"):
    """The sitting ended; what was submitted before is still graded."""

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
    | Ended
)
