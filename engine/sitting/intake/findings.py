"""What looking at the category folders can find, beside what is told as it is."""

import msgspec

from engine.clock import Instant
from engine.sitting.notices import Note, StarterSaved, Trouble


class Seen(msgspec.Struct, frozen=True):
    """A complete model of `task`, frozen under `sha256`; `at` is when it was seen first."""

    task: str
    sha256: str
    size: int
    at: Instant
    by_hand: bool = False


Finding = Seen | StarterSaved | Note | Trouble


class LookResult(msgspec.Struct, frozen=True):
    """What one look found.

    `again` is in how many seconds the next look is due, if it is known; `waiting` counts
    the models that were seen and may be taken by a next look, `stuck` those of them that a
    fault of ours holds up. `unsubmitted` are the tasks whose model has been there for
    seconds and was not taken in.
    """

    findings: tuple[Finding, ...]
    again: float | None
    waiting: int = 0
    unsubmitted: frozenset[str] = frozenset()
    stuck: int = 0


class LastCallOver(msgspec.Struct, frozen=True):
    """Everything that was in the folders by the deadline has been reported."""
