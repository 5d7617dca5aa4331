"""What the app and a grading child exchange: a `Job` in, `Progress` and one `Grade` out.

Plain data as JSON lines, so that reading an answer needs nothing of the child's world (numpy,
TensorFlow). A `Grade` is a sum type: each verdict is its own type, and only `Graded`,
`Rejected`, `TimedOut`, `OutOfMemory` and `Crashed` are about the candidate's file. `Cancelled`
and `GraderFailed` give no score at all.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec

from engine.marking import MAX_SCORE
from exam_bank.phrase import Phrase
from exam_bank.task import Contract, Level, Limits, MarkScheme, Task

Runtime = Literal["keras3", "tf_keras"]
Device = Literal["cpu", "gpu"]
Fact = str | int | float
# Grades come from journals, and from children that a file may have taken over: whatever is
# outside these bounds is no grade, so code that shows one need not check.
Score = Annotated[int, msgspec.Meta(ge=0, le=MAX_SCORE)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e9)]
# Inspection names far fewer; comparing two models compares every pair of their layers.
_Layers = Annotated[tuple[str, ...], msgspec.Meta(max_length=2_000)]


class Message(msgspec.Struct, frozen=True):
    """A sentence for people, kept as a template and facts so that it can be translated.

    `facts` fills the `{name}` fields of `template`.
    """

    template: str
    facts: dict[str, Fact] = {}

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The sentence; `translate` is applied to its template first."""
        return Phrase(self.template, self.facts).said(translate)


class Stage(StrEnum):
    """Where a grading stands, in this order."""

    WAITING = "waiting"
    STARTING = "starting"
    INSPECTING = "inspecting"
    LOADING = "loading"
    PREDICTING = "predicting"
    MARKING = "marking"


class Draw(msgspec.Struct, frozen=True):
    """The part of the hidden set to measure on (`sampling.py` says how much of it)."""

    seed: int


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One grading: which frozen file, against which hidden set, by which rules.

    `model` and `hidden` are absolute paths; without a `draw` the whole hidden set is used.
    With `bootstrap` the metric also gets its error. `limits` are the task's; `machine_mb` is
    what the machine can give, if known; with `h5_only` .keras files are refused. `evidence` is
    the absolute path of a file for what the grade is made of (`evidence.py`): asked for only
    where the candidate may see it. With `diagnose` it is no grading: common mistakes are tried
    on the model.
    """

    submission: str
    task: str
    category: int
    model: str
    hidden: str
    contract: Contract
    mark_scheme: MarkScheme
    limits: Limits
    draw: Draw | None = None
    bootstrap: bool = False
    device: Device = "cpu"
    machine_mb: float | None = None
    h5_only: bool = False
    evidence: str | None = None
    diagnose: bool = False

    @classmethod
    def of(
        cls,
        task: Task,
        model: Path,
        hidden: Path,
        *,
        submission: str,
        level: Level | None = None,
        draw: Draw | None = None,
        device: Device = "cpu",
        h5_only: bool = False,
        evidence: Path | None = None,
    ) -> Self:
        """Grade the file `model` against the folder `hidden`, by the rules of `task`.

        Without a `level` it is the hardest that the task serves.
        """
        says = task.says
        return cls(
            submission=submission,
            task=says.id,
            category=says.category,
            model=str(model.absolute()),
            hidden=str(hidden.absolute()),
            contract=says.contract,
            mark_scheme=task.marks(level) if level else says.mark_scheme.hardest,
            limits=says.limits,
            draw=draw,
            device=device,
            h5_only=h5_only,
            evidence=None if evidence is None else str(evidence.absolute()),
        )

    @property
    def memory_mb(self) -> float:
        """The memory that this grading may use."""
        own = self.limits.memory_mb
        return own if self.machine_mb is None else min(own, self.machine_mb)

    def on_machine(self, megabytes: float) -> "Job":
        """The same job on a machine that can give it this much memory."""
        return msgspec.structs.replace(self, machine_mb=megabytes)


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """How far a grading is: the stage, and how much of it is done, from 0 to 1."""

    stage: Stage
    done: float = 0.0


class Metric(msgspec.Struct, frozen=True, omit_defaults=True):
    """The measurement over `n` hidden examples; `value` is None when it was not finite.

    It is over no example where it was left out (`Graded.without_metric`).
    `error` is its standard error over hidden sets of this size, if the job asked for it.
    """

    name: str
    value: float | None
    n: Count
    error: float | None = None


class ModelFacts(msgspec.Struct, frozen=True):
    """What a model is made of, for the list of submissions; inspection reads it."""

    layers: _Layers = ()
    parameters: Count | None = None
    keras_version: str | None = None


class _Verdict(msgspec.Struct, frozen=True, tag_field="verdict", kw_only=True):
    """What every verdict has: a sentence, how long it took, what loaded the file."""

    message: Message
    seconds: Seconds = 0.0
    runtime: Runtime | None = None
    model: ModelFacts = ModelFacts()


class Graded(_Verdict, frozen=True, tag="graded"):
    """The model was measured. Predictions that are not finite score 0.

    `notes` are warnings from inspection: the score counts, but may surprise.
    """

    metric: Metric
    score: Score
    notes: Annotated[tuple[Message, ...], msgspec.Meta(max_length=100)] = ()

    @property
    def is_score_only(self) -> bool:
        """Whether its metric was left out."""
        return self.metric.value is None and not self.metric.n

    def without_metric(self) -> Self:
        """Only the score, as long as the candidate may see nothing else.

        Predictions that are not finite have no metric, and are explained at once.
        """
        if self.metric.value is None:
            return self
        bare = Metric(self.metric.name, None, 0)
        return msgspec.structs.replace(self, message=Message(template=""), metric=bare)


class Rejected(_Verdict, frozen=True, tag="rejected"):
    """The file's fault; scores 0. `reason` is a stable word for programs."""

    reason: str = ""


class TimedOut(_Verdict, frozen=True, tag="timed_out"):
    """Grading took longer than the task's limit; scores 0."""


class OutOfMemory(_Verdict, frozen=True, tag="out_of_memory"):
    """Grading needed more memory than the task's limit; scores 0."""


class Crashed(_Verdict, frozen=True, tag="crashed"):
    """The file took the grading child down; scores 0."""


class Cancelled(_Verdict, frozen=True, tag="cancelled"):
    """The candidate stopped it; no score."""


class GraderFailed(_Verdict, frozen=True, tag="grader_failed"):
    """Our fault; no score and no points lost. `log` is the child's log file."""

    log: str = ""


Grade = Graded | Rejected | TimedOut | OutOfMemory | Crashed | Cancelled | GraderFailed
Answer = Progress | Grade


def failed(why: str) -> GraderFailed:
    """The verdict on a fault of ours; a phrase stays translatable."""
    if isinstance(why, Phrase):
        plain = {n: str(fact) if isinstance(fact, str) else fact for n, fact in why.facts.items()}
        return GraderFailed(message=Message(why.template, plain))
    return GraderFailed(message=Message("{why}", {"why": why}))


def score_of(grade: Grade) -> int | None:
    """The points that a grade is worth; None when it says nothing about the file."""
    match grade:
        case Graded():
            return grade.score
        case Rejected() | TimedOut() | OutOfMemory() | Crashed():
            return 0
        case Cancelled() | GraderFailed():
            return None


def verdict_of(grade: Grade) -> str:
    """The stable word for a verdict, as in its JSON: "graded", "rejected", …."""
    return str(type(grade).__struct_config__.tag)


def sentences(grade: Grade) -> tuple[Message, ...]:
    """All that a grade tells people: its message, and the notes of a graded model."""
    notes = grade.notes if isinstance(grade, Graded) else ()
    return tuple(each for each in (grade.message, *notes) if each.template)
