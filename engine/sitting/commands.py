"""What can come into a proctor's queue, and the half of it that a front end talks to.

Every request returns at once and may be made before the proctor runs; what came of it is
told to the subscribers, a refusal as `Trouble`.
"""

import asyncio
from enum import Enum, auto

import msgspec

from engine.sitting.notices import FolderNotice, GradingProgress


class Command(Enum):
    """A request that needs no more than its name."""

    START = auto()
    CANCEL = auto()
    PAUSE = auto()
    RESUME = auto()
    END = auto()
    LOOK = auto()


class Submit(msgspec.Struct, frozen=True):
    """Take the present model of `task` in by hand."""

    task: str


class TurnTo(msgspec.Struct, frozen=True):
    """The time is spent on `task` from now on."""

    task: str


class PutModelBack(msgspec.Struct, frozen=True):
    """The model of submission `number` is wanted back in its folder."""

    number: int


Request = Command | Submit | TurnTo | PutModelBack
Item = Request | GradingProgress | FolderNotice


class Requests:
    """Puts what a front end asks for into the queue."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Item] = asyncio.Queue()

    def start(self) -> None:
        """Start the clock."""
        self._put(Command.START)

    def submit(self, task: str) -> None:
        """Submit the present mymodel.h5 of `task`, even if it was submitted before."""
        self._put(Submit(task))

    def turn_to(self, task: str) -> None:
        """From now on the time is spent on `task`."""
        self._put(TurnTo(task))

    def put_back(self, number: int) -> None:
        """Put the model of a submission back into its category folder; it is not graded anew."""
        self._put(PutModelBack(number))

    def cancel(self) -> None:
        """Stop the grading that goes on, if one does; it gives no score."""
        self._put(Command.CANCEL)

    def pause(self) -> None:
        """Stop the clock of a practice session."""
        self._put(Command.PAUSE)

    def resume(self) -> None:
        """Let the clock of a practice session go on."""
        self._put(Command.RESUME)

    def end(self) -> None:
        """End the sitting; complete models that are there now are still submitted."""
        self._put(Command.END)

    def _put(self, item: Item) -> None:
        self._queue.put_nowait(item)
