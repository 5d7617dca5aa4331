"""What a proctor tells its front ends: a sum type, so that one `match` covers it all.

Each fact has one type: what is found in a folder is such a notice from where it is found
to the screen that shows it.
"""

import msgspec

from engine.errors import TfexamError
from engine.grading.protocol import Message, Progress
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import Sitting


class Happened(msgspec.Struct, frozen=True):
    """`event` is on disk; `sitting` is the state after it."""

    event: Event
    sitting: Sitting


class Tick(msgspec.Struct, frozen=True):
    """Exam seconds left: about once a second while the clock runs, and when it stops or starts."""

    time_left: float


class GradingProgress(msgspec.Struct, frozen=True):
    """How far submission `number` is, `seconds` after its grading began."""

    number: int
    task: str
    progress: Progress
    seconds: float


class StarterSaved(msgspec.Struct, frozen=True):
    """The candidate saved the `starter.py` of `task`."""

    task: str


class Note(msgspec.Struct, frozen=True):
    """Something the candidate should know about `task`; "" is the whole sitting."""

    task: str
    message: Message


class Unsubmitted(msgspec.Struct, frozen=True):
    """The tasks in whose folders lies a model that was saved and not taken in."""

    tasks: frozenset[str]


class TimeLeft(msgspec.Struct, frozen=True):
    """One of the marks has passed: so many minutes are left. Each is told once."""

    minutes: int


class Trouble(msgspec.Struct, frozen=True):
    """Something did not work; the sitting goes on, and what failed is tried again."""

    error: TfexamError


# What is found in the category folders.
FolderNotice = StarterSaved | Note | Unsubmitted | Trouble
Notice = Happened | Tick | GradingProgress | TimeLeft | FolderNotice
