"""What the app and its grading processes say to each other.

A child receives a `ChildJob`, which names no target, and sends lines: `Progress`, what it read
of the model, and at last `Predicted` (`Tried` for a diagnosis) or a `Grade` that needs no
targets. They are decoded by
hand where a single union is not enough: verdicts and news carry their tags in different
fields. With `Progress(STARTING, 1.0)` a child says that it is ready. The fork server, which
forks children, receives `Fork` and sends `ForkServerNews`. The marking process, which alone
reads targets, answers each `LayOut` with `LaidOut`, each `Measure` with a `Grade` and each
`MeasureTrials` with `Diagnosed`.
"""

from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from engine.grading.diagnosis import MOST_FOUND, Diagnosis, Trial, WeightFacts
from engine.grading.protocol import (
    Count,
    Draw,
    Grade,
    Job,
    Message,
    ModelFacts,
    Progress,
    Runtime,
    Stage,
)
from exam_bank.task import Contract, Limits, MarkScheme

# Of a grading process. "low": everything else comes first. "normal": only what it does before a
# job comes is at low priority. "hurried": somebody waits already, so nothing is.
Priority = Literal["low", "normal", "hurried"]
# The variables that tell a grading process its priority, and how many cores it may use.
PRIORITY, CORES = "TFEXAM_GRADING_PRIORITY", "TFEXAM_GRADING_CORES"
LONGEST_LINE = 1024 * 1024
# A child reports ten times a second in lines of 60 bytes; no honest one says this much.
MOST_SAID = 4 * LONGEST_LINE
READY = Progress(Stage.STARTING, 1.0)


class Inspected(msgspec.Struct, frozen=True, tag="inspected"):
    """What inspection read of the model; kept for verdicts that the child cannot give."""

    model: ModelFacts
    runtime: Runtime


class ChildJob(msgspec.Struct, frozen=True, kw_only=True):
    """What a child is told of a `Job`: its model, the hidden inputs, and how to predict.

    Inputs stored as uint8 are multiplied by `input_scale`. With `diagnose` it tries common
    mistakes on the model and answers `Tried`.
    """

    model: str
    inputs: str
    input_scale: float
    contract: Contract
    mark_scheme: MarkScheme
    limits: Limits
    memory_mb: float
    h5_only: bool
    diagnose: bool = False

    @classmethod
    def of(cls, job: Job, *, model: Path, inputs: Path, input_scale: float) -> Self:
        """What a child is told of `job`, whose files lie where it can read them."""
        return cls(
            model=str(model),
            inputs=str(inputs),
            input_scale=input_scale,
            contract=job.contract,
            mark_scheme=job.mark_scheme,
            limits=job.limits,
            memory_mb=job.memory_mb,
            h5_only=job.h5_only,
            diagnose=job.diagnose,
        )


class Predicted(msgspec.Struct, frozen=True, tag="predicted"):
    """The child has written its predictions, each of this `shape`, into its file.

    `notes` are warnings for the grade.
    """

    shape: Annotated[tuple[Count, ...], msgspec.Meta(max_length=8)]
    notes: Annotated[tuple[Message, ...], msgspec.Meta(max_length=100)] = ()


class Tried(msgspec.Struct, frozen=True, tag="tried", kw_only=True):
    """The child has written the predictions of all `trials`, one after the other.

    They are those to each `every`-th hidden example, each of this `shape`. `complete` says
    whether there was time for all trials.
    """

    trials: Annotated[tuple[Trial, ...], msgspec.Meta(min_length=1, max_length=32)]
    shape: Annotated[tuple[Count, ...], msgspec.Meta(max_length=8)]
    every: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    facts: WeightFacts = WeightFacts()
    complete: bool = True


class LayOut(msgspec.Struct, frozen=True, tag="lay_out", kw_only=True):
    """Put the inputs of the set in the folder `hidden`, or of a `draw` from it, into `inputs`."""

    hidden: str
    draw: Draw | None
    mark_scheme: MarkScheme
    inputs: str


class LaidOut(msgspec.Struct, frozen=True, tag="laid_out"):
    """The inputs are there; those stored as uint8 are multiplied by `input_scale`."""

    input_scale: float


class Measure(msgspec.Struct, frozen=True, tag="measure", kw_only=True):
    """Measure the predictions in the file `predictions`, each of this `shape`.

    They are those to the set in the folder `hidden`, or to a `draw` from it. With `bootstrap`
    the metric also gets its error; examples of a `series` overlap. What the grade of `task` is
    made of goes into the file `evidence`, if that is given.
    """

    hidden: str
    draw: Draw | None
    predictions: str
    shape: tuple[int, ...]
    contract: Contract
    mark_scheme: MarkScheme
    bootstrap: bool = False
    series: bool = False
    task: str = ""
    evidence: str | None = None


class MeasureTrials(msgspec.Struct, frozen=True, tag="measure_trials", kw_only=True):
    """Find out which of the `tried` mistakes explain the model's score, and which others do."""

    hidden: str
    draw: Draw | None
    predictions: str
    tried: Tried
    contract: Contract
    mark_scheme: MarkScheme


class Diagnosed(msgspec.Struct, frozen=True, tag="diagnosed"):
    """What was found, in any order, and what the child says of the model."""

    found: Annotated[tuple[Diagnosis, ...], msgspec.Meta(max_length=4 * MOST_FOUND)] = ()
    facts: WeightFacts = WeightFacts()
    complete: bool = True


class FitTask(msgspec.Struct, frozen=True):
    """A task whose contract a model may fit."""

    task: str
    contract: Contract
    limits: Limits


class FitQuestion(msgspec.Struct, frozen=True):
    """Which contracts of these `tasks` the file `model` fits."""

    model: str
    tasks: tuple[FitTask, ...]
    h5_only: bool


class FitAnswer(msgspec.Struct, frozen=True):
    """The names of the tasks it fits."""

    tasks: Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]


class Fork(msgspec.Struct, frozen=True):
    """Asks the fork server for a child with this job folder.

    In a `hurry` it does not wait for the import of tf_keras.
    """

    job_files: str
    hurry: bool


class ChildForked(msgspec.Struct, frozen=True, tag="forked"):
    """The child requested first, among those still missing, has been forked."""

    pid: int


class ChildEnded(msgspec.Struct, frozen=True, tag="ended"):
    """A child ended; `status` has the meaning of `Popen.returncode`."""

    pid: int
    status: int


class CannotFork(msgspec.Struct, frozen=True, tag="cannot_fork"):
    """Nothing can be forked here."""

    why: str


News = Progress | Inspected | Predicted | Tried | Grade
ForkServerNews = ChildForked | ChildEnded | CannotFork

# The files of a job, in its job folder. Predictions are float32 in the order of the hidden set.
MODEL, INPUTS, PREDICTIONS = "model.h5", "inputs.npy", "predictions"

_news = msgspec.json.Decoder(Progress | Inspected | Predicted | Tried)
_grade = msgspec.json.Decoder(Grade)
_marking = msgspec.json.Decoder(LaidOut | Diagnosed)


class UnreadableError(Exception):
    """A line is not a known message."""


def read(line: bytes) -> News:
    """What a line says; raises `UnreadableError` for an unknown one.

    It may still be a lie: see `answer_check.py`.
    """
    try:
        # Quotes inside texts are escaped, so no layer name can look like this.
        news: News = _grade.decode(line) if b'"verdict":' in line else _news.decode(line)
    # Hostile bytes cause RecursionError and UnicodeDecodeError as well as msgspec's errors.
    except Exception as error:
        raise UnreadableError(str(error)) from error
    return news


def read_marking(line: bytes) -> LaidOut | Diagnosed | Grade:
    """What a line of the marking process says; raises `msgspec.MsgspecError`."""
    said: LaidOut | Diagnosed | Grade
    said = _grade.decode(line) if b'"verdict":' in line else _marking.decode(line)
    return said


def write(message: msgspec.Struct) -> bytes:
    """The message as a line, with its line end."""
    return msgspec.json.encode(message) + b"\n"
