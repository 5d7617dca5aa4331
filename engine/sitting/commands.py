"""What can come into a proctor's queue: what a candidate asks for, what was found meanwhile."""

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


Item = Command | Submit | TurnTo | PutModelBack | GradingProgress | FolderNotice
