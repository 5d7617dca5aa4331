"""What a proctor reports to its front ends: a sum type, so that one `match` covers it all.

Each kind of fact has one type, from the place where it is found to the screen that shows it.
"""

import msgspec

from engine.errors import TfexamError
from engine.grading.diagnosis import Diagnoses
from engine.grading.protocol import Message, Progress
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import Sitting


class Happened(msgspec.Struct, frozen=True):
    """`event` is on disk; `sitting` is the state after it, as it may be shown.

    Whoever shows a grade takes it from `sitting`: the event holds it even in a blind sitting.
    """

    event: Event
    sitting: Sitting


class Tick(msgspec.Struct, frozen=True):
    """Exam seconds left; about once a second while the clock runs, and at each stop or start."""

    time_left: float


class GradingProgress(msgspec.Struct, frozen=True):
    """How far grading of submission `number` is, `seconds` after it began."""

    number: int
    task: str
    progress: Progress
    seconds: float


class ModelDiagnosed(msgspec.Struct, frozen=True):
    """What explains the score of submission `number`, if anything does."""

    number: int
    task: str
    diagnoses: Diagnoses


class StarterSaved(msgspec.Struct, frozen=True):
    """The candidate saved the `starter.py` of `task`."""

    task: str


class Note(msgspec.Struct, frozen=True):
    """Something the candidate should know about `task`; "" means the whole sitting.

    It holds while the file called `about` is in the folder, if it names one.
    """

    task: str
    message: Message
    about: str = ""


class StrayModel(msgspec.Struct, frozen=True):
    """A file called `name` in the folder of `task` that is no model by its name.

    `can_take` says that it can be taken in the model's place.
    """

    task: str
    name: str
    can_take: bool = False


class StrayModels(msgspec.Struct, frozen=True):
    """All of them that are there now."""

    strays: tuple[StrayModel, ...]


class Unsubmitted(msgspec.Struct, frozen=True):
    """The tasks whose folder holds a saved model that was not submitted."""

    tasks: frozenset[str]


class TimeLeft(msgspec.Struct, frozen=True):
    """One of the marks has passed: this many minutes are left. Each mark is reported once."""

    minutes: int


# What a `Trouble` is about that is over with the next `Happened`.
JOURNAL = "journal"


class Trouble(msgspec.Struct, frozen=True):
    """Something failed; the sitting continues, and what failed is tried again.

    `about` names what failed until it works again: then `TroubleOver` comes with the same name.
    """

    error: TfexamError
    about: str = ""


class TroubleOver(msgspec.Struct, frozen=True):
    """What a `Trouble` was about works again, or never failed."""

    about: str


TORN = Message(
    "The last line of the journal was cut off when tfexam last ended. It had not "
    "taken effect yet; nothing else is missing."
)
AGAIN = Message("The submission that was being graded when tfexam last ended is graded again.")

# What can be found in the category folders.
FolderNotice = StarterSaved | Note | StrayModels | Unsubmitted | Trouble | TroubleOver
Notice = Happened | Tick | GradingProgress | ModelDiagnosed | TimeLeft | FolderNotice
