"""What can enter a proctor's queue: the candidate's requests, and what was found meanwhile."""

from enum import Enum, auto

import msgspec

from engine.sitting.notices import FolderNotice, GradingProgress, ModelDiagnosed


class Command(Enum):
    """A request that needs nothing but its name."""

    START = auto()
    CANCEL = auto()
    PAUSE = auto()
    RESUME = auto()
    END = auto()
    LOOK = auto()


class Submit(msgspec.Struct, frozen=True):
    """Submit the current model of `task` by hand."""

    task: str


class TurnTo(msgspec.Struct, frozen=True):
    """From now on, count time towards `task`."""

    task: str


class PutModelBack(msgspec.Struct, frozen=True):
    """Put the model of submission `number` back into its folder."""

    number: int


class TakeFile(msgspec.Struct, frozen=True):
    """Take the file at `path` as the model of `task`, and submit it."""

    task: str
    path: str


class SeeHint(msgspec.Struct, frozen=True):
    """Show the next hint of `task`."""

    task: str


class GiveUp(msgspec.Struct, frozen=True):
    """Give `task` up, to see its solutions."""

    task: str


Item = (
    Command
    | Submit
    | TurnTo
    | PutModelBack
    | TakeFile
    | SeeHint
    | GiveUp
    | GradingProgress
    | ModelDiagnosed
    | FolderNotice
)
