"""Sitting: the state of one candidate's work on one paper, folded from events. Pure.

A live sitting applies one more event; resuming after a crash, history and repair `replay`
all of them through the same `apply`. Illegal transitions raise, so a journal that replays
is one that could have happened.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, assert_never

import msgspec
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from engine.clock import Instant, Wall, local_time
from engine.errors import TransitionError
from engine.grading.protocol import Grade, Graded, GraderFailed, score_of
from engine.grading.sampling import Sampling
from engine.marking import MAX_SCORE, passes, total_percent
from engine.sitting.state import events
from engine.sitting.state.events import EndReason, Event
from exam_bank.paper import Paper, Part
from exam_bank.phrase import Phrase, phrase

Kind = Literal["exam", "practice"]
Mode = Literal["faithful", "coach", "blind"]
# It comes from a file: rule out what cannot be a path.
_Text = Annotated[str, msgspec.Meta(pattern=r"^[^\0]*\Z", max_length=4096)]
Minutes = Annotated[float, msgspec.Meta(gt=0, lt=1e6)]
# How many times the usual time a candidate has.
ExtraTime = Annotated[float, msgspec.Meta(ge=1, le=4)]

# When mymodel.keras is graded.
KerasFiles = Literal["practice", "always", "never"]
# How models are submitted: as in the settings, or as chosen for this sitting.
Submitting = Literal["as_set", "automatic", "by_hand"]


class SittingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The contents of `sitting.toml`, written once when the sitting is prepared.

    `minutes` is the usual length, which `extra_time` multiplies. A sitting with a class paper
    `closes` at a wall time in seconds since 1970, extra time included: its clock cannot be
    started after that, and runs no longer. `part` says which hidden set measures its models.
    """

    format_version: Literal[1] = 1
    id: _Text
    kind: Kind
    mode: Mode
    minutes: Minutes
    paper: Paper
    workspace: _Text
    created: Instant
    tfexam_version: _Text
    sampling: Sampling = "whole"
    submitting: Submitting = "as_set"
    keras_files: KerasFiles | Literal["as_set"] = "as_set"
    language: Annotated[str, msgspec.Meta(max_length=8)] = ""  # of briefs; "" in earlier ones
    extra_time: ExtraTime = 1.0
    closes: Wall | UnsetType = UNSET
    part: Part = "whole"

    @property
    def whole_minutes(self) -> float:
        """Its length with the extra time."""
        return self.minutes * self.extra_time

    def is_automatic(self, settings_say: bool) -> bool:
        """Whether a model is submitted as soon as its file is complete."""
        return settings_say if self.submitting == "as_set" else self.submitting == "automatic"

    def takes_keras_files(self, settings_say: KerasFiles) -> bool:
        """Whether mymodel.keras is graded; the real exam takes only mymodel.h5."""
        when = settings_say if self.keras_files == "as_set" else self.keras_files
        return when == "always" or (when == "practice" and self.kind == "practice")


class Phase(StrEnum):
    """The phase a sitting is in."""

    PREPARED = "prepared"
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


_WORDS = {
    Phase.PREPARED: phrase("prepared"),
    Phase.RUNNING: phrase("running"),
    Phase.PAUSED: phrase("paused"),
    Phase.ENDED: phrase("ended"),
}


def not_while(phase: Phase) -> TransitionError:
    """The error for something that cannot happen in `phase`."""
    return TransitionError(phrase("This sitting is {phase}.", phase=_WORDS[phase]))


class SubmissionState(StrEnum):
    """The state a submission is in."""

    WAITING = "waiting"
    GRADING = "grading"
    GRADED = "graded"
    RECEIVED = "received"
    SUPERSEDED = "superseded"


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen model file; `elapsed` is the exam time in seconds at which it was submitted.

    In a sitting `as_shown` that is blind, graded ones are only `received`, and none has a score.
    """

    number: int
    task: str
    sha256: str
    size: int
    at: Instant
    elapsed: float
    by_hand: bool = False
    state: SubmissionState = SubmissionState.WAITING
    grade: Grade | None = None
    withheld: bool = False

    @property
    def score(self) -> int | None:
        """Its points, or None if it is not graded or the grade says nothing about the file."""
        return None if self.grade is None or self.withheld else score_of(self.grade)

    @property
    def failed(self) -> bool:
        """Whether our grader failed on it, so that it may be graded again."""
        return isinstance(self.grade, GraderFailed)

    def without_score(self) -> "Submission":
        """What may be told of it while scores are withheld: a faulty file, but no measurement."""
        if not isinstance(self.grade, Graded):
            return replace(self, withheld=True)
        return replace(self, state=SubmissionState.RECEIVED, grade=None, withheld=True)


class Sitting(msgspec.Struct, frozen=True, kw_only=True):
    """A sitting at one moment; `apply` gives the next one.

    `elapsed` is the exam time in seconds used up to `last`, the last event's moment.
    `task` is the one the candidate turned to last, `spent` the seconds on each up to `last`;
    `warned` is the fewest minutes left that the candidate was warned about. `present` maps each
    task to the hash of the model in its folder, as far as we know. `hints` counts the hints seen
    of each task; `given_up` maps each task that was given up to the submissions before that.
    With `withheld` it is what a blind sitting may show: no submission has a score.
    """

    record: SittingRecord
    phase: Phase = Phase.PREPARED
    started: Instant | None = None
    elapsed: float = 0.0
    last: Instant | None = None
    submissions: tuple[Submission, ...] = ()
    end_reason: EndReason | None = None
    task: str = ""
    spent: dict[str, float] = {}
    warned: int | None = None
    present: dict[str, str] = {}
    hints: dict[str, int] = {}
    given_up: dict[str, int] = {}
    withheld: bool = False

    # -- time -------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """The full length of the sitting: less if its paper closes earlier."""
        whole, closes = self.record.whole_minutes * 60.0, self.record.closes
        if closes is UNSET or self.started is None:
            return whole
        return max(0.0, min(whole, closes - self.started.wall))

    def elapsed_at(self, now: Instant) -> float:
        """Exam seconds used at `now`, at most the sitting's length."""
        used = self.elapsed
        if self.phase is Phase.RUNNING and self.last is not None:
            used += now.since(self.last)
        return min(used, self.seconds)

    def time_left(self, now: Instant) -> float:
        """Exam seconds left at `now`; never negative."""
        return self.seconds - self.elapsed_at(now)

    def spent_on(self, task: str, now: Instant) -> float:
        """Exam seconds the candidate has spent on `task` so far."""
        running = self.elapsed_at(now) - self.elapsed if task == self.task else 0.0
        return self.spent.get(task, 0.0) + running

    @property
    def deadline(self) -> Instant | None:
        """The moment a running sitting ends; None while its clock is stopped."""
        if self.phase is not Phase.RUNNING or self.last is None:
            return None
        return self.last.later(self.seconds - self.elapsed)

    # -- scores -----------------------------------------------------------------------

    def of(self, task: str) -> tuple[Submission, ...]:
        """The submissions of one task, oldest first."""
        return tuple(each for each in self.submissions if each.task == task)

    def attempt(self, number: int) -> int:
        """Which model of its task submission `number` is, from 1; the same file counts once.

        Raises `TransitionError` if there is no such submission.
        """
        submission = self.submission(number)
        return self._models(submission.task).index(submission.sha256) + 1

    def attempts(self, task: str) -> int:
        """How many different models were submitted for a task."""
        return len(self._models(task))

    def _models(self, task: str) -> list[str]:
        return list(dict.fromkeys(each.sha256 for each in self.of(task)))

    def best(self, task: str) -> int | None:
        """The best score of a task, or None if it has no graded submission."""
        scores = [each.score for each in self.of(task) if each.score is not None]
        return max(scores, default=None)

    def winner(self, task: str) -> Submission | None:
        """The first submission that reached the best score of a task."""
        scored = [each for each in self.of(task) if each.score is not None]
        return max(scored, key=lambda each: each.score or 0, default=None)

    def latest(self, task: str) -> int | None:
        """The score of a task's latest graded submission."""
        scores = [each.score for each in self.of(task) if each.score is not None]
        return scores[-1] if scores else None

    @property
    def scores(self) -> dict[str, int]:
        """The best score of each task of the paper; 0 if there is none."""
        return {each.task: self.best(each.task) or 0 for each in self.record.paper.tasks}

    @property
    def percent(self) -> float:
        """The total, 0 to 100, by the tasks' weights."""
        return total_percent(self.scores, self.record.paper.weights)

    @property
    def passed(self) -> bool:
        """Whether the total passes."""
        return passes(self.percent)

    @property
    def complete(self) -> bool:
        """Whether every task is at 5/5, so that nothing is lost by ending early."""
        return all(score == MAX_SCORE for score in self.scores.values())

    @property
    def unfinished(self) -> tuple[Submission, ...]:
        """Submissions that still wait for a grade, including those a crash interrupted."""
        open_states = (SubmissionState.WAITING, SubmissionState.GRADING)
        return tuple(each for each in self.submissions if each.state in open_states)

    @property
    def failed(self) -> tuple[Submission, ...]:
        """Submissions on which our grader failed and which could still earn points."""
        return tuple(
            each for each in self.submissions if each.failed and self.best(each.task) != MAX_SCORE
        )

    @property
    def is_blind(self) -> bool:
        """Whether scores may not be told yet."""
        return self.record.mode == "blind" and self.phase is not Phase.ENDED

    def as_shown(self) -> "Sitting":
        """The sitting with all that may be told of it now; itself unless it is blind."""
        if not self.is_blind:
            return self
        shown = tuple(each.without_score() for each in self.submissions)
        return replace(self, submissions=shown, withheld=True)

    # -- help ---------------------------------------------------------------------------

    @property
    def explains(self) -> bool:
        """Whether it may explain grades and give hints before its end."""
        return self.record.mode == "coach"

    def is_reviewable(self, task: str) -> bool:
        """Whether the candidate may see the solutions of `task` now.

        After the end; in practice also once it has full marks or was given up, but never
        earlier in faithful mode.
        """
        if self.phase is Phase.ENDED:
            return True
        is_over = task in self.given_up or self.best(task) == MAX_SCORE
        return is_over and self.explains and self.record.kind == "practice"

    def is_explained(self, task: str) -> bool:
        """Whether the candidate may see what the grade of `task` is made of now.

        Where solutions may be seen; in coach mode also as soon as a model is graded.
        """
        return self.is_reviewable(task) or (self.explains and self.winner(task) is not None)

    # -- transitions ------------------------------------------------------------------

    def apply(self, event: Event) -> "Sitting":
        """The sitting after `event`.

        Raises `TransitionError` if the event cannot happen now.
        """
        moved = self._moved(event.at)
        match event:
            case events.Submitted() | events.GradingStarted() | events.GradingEnded():
                return moved._with_submission(event)
            case events.Superseded() | events.PutBack():
                return moved._with_submission(event)
            case events.Turned() | events.HintSeen() | events.TaskGivenUp():
                return moved._with_task(event)
            case events.Warned():
                self._need(Phase.RUNNING)
                return replace(moved, warned=event.minutes)
            case _:
                return moved._in_phase(event)

    def _in_phase(
        self, event: events.Started | events.Paused | events.Resumed | events.Ended
    ) -> "Sitting":
        match event:
            case events.Started():
                self._need(Phase.PREPARED)
                self._need_open(event.at)
                return replace(self, phase=Phase.RUNNING, started=event.at, elapsed=0.0)
            case events.Paused():
                self._need(Phase.RUNNING)
                if self.record.kind == "exam":
                    raise TransitionError(phrase("An exam cannot be paused."))
                return replace(self, phase=Phase.PAUSED)
            case events.Resumed():
                self._need(Phase.PAUSED)
                return replace(self, phase=Phase.RUNNING)
            case events.Ended():
                self._need(Phase.RUNNING, Phase.PAUSED)
                return replace(self, phase=Phase.ENDED, end_reason=event.reason)
            case _:
                assert_never(event)

    def _with_submission(
        self,
        event: events.Submitted
        | events.GradingStarted
        | events.GradingEnded
        | events.Superseded
        | events.PutBack,
    ) -> "Sitting":
        match event:
            case events.Submitted():
                return self._submitted(event)
            case events.GradingStarted():
                return self._change(event.number, state=SubmissionState.GRADING)
            case events.GradingEnded():
                return self._graded(event)
            case events.Superseded():
                return self._change(event.number, state=SubmissionState.SUPERSEDED)
            case events.PutBack():
                self._need(Phase.RUNNING, Phase.PAUSED)
                was = self.submission(event.number)
                return replace(self, present={**self.present, was.task: was.sha256})
            case _:
                assert_never(event)

    def _with_task(self, event: events.Turned | events.HintSeen | events.TaskGivenUp) -> "Sitting":
        self._need(Phase.RUNNING, Phase.PAUSED)
        self._need_task(event.task)
        match event:
            case events.Turned():
                return replace(self, task=event.task)
            case events.HintSeen():
                return self._with_hint(event)
            case events.TaskGivenUp():
                if self.record.kind != "practice" or not self.explains:
                    raise TransitionError(phrase("Only practice tasks can be given up."))
                before = self.given_up.get(event.task, len(self.submissions))
                return replace(self, given_up={**self.given_up, event.task: before})
            case _:
                assert_never(event)

    def _with_hint(self, event: events.HintSeen) -> "Sitting":
        if not self.explains:
            raise TransitionError(phrase("Only coach mode has hints."))
        if event.number != self.hints.get(event.task, 0) + 1:
            raise TransitionError(phrase("Hint {number} is out of order.", number=event.number))
        return replace(self, hints={**self.hints, event.task: event.number})

    def _need_open(self, at: Instant) -> None:
        closes = self.record.closes
        if closes is not UNSET and at.wall >= closes:
            raise TransitionError(
                phrase("The class paper closed at {time}.", time=local_time(closes))
            )

    def _need(self, *phases: Phase) -> None:
        if self.phase not in phases:
            raise not_while(self.phase)

    def _moved(self, at: Instant) -> "Sitting":
        """The sitting at the moment `at`: the time since `last` is used, and spent on a task."""
        elapsed, spent = self.elapsed_at(at), self.spent
        if self.task and elapsed > self.elapsed:
            spent = {**spent, self.task: spent.get(self.task, 0.0) + elapsed - self.elapsed}
        return replace(self, elapsed=elapsed, last=_latest(self.last, at), spent=spent)

    def _need_task(self, task: str) -> None:
        if task not in self.record.paper.weights:
            raise TransitionError(phrase("The task {task} is not in this paper.", task=task))

    def submission(self, number: int) -> Submission:
        """The submission of that number; raises `TransitionError` if there is none."""
        if not 1 <= number <= len(self.submissions):
            raise TransitionError(phrase("There is no submission {number}.", number=number))
        return self.submissions[number - 1]

    def _submitted(self, event: events.Submitted) -> "Sitting":
        self._need(Phase.RUNNING, Phase.PAUSED)
        self._need_task(event.task)
        if event.number != len(self.submissions) + 1:
            raise TransitionError(
                phrase("Submission {number} is out of order.", number=event.number)
            )
        new = Submission(
            number=event.number,
            task=event.task,
            sha256=event.sha256,
            size=event.size,
            at=event.at,
            elapsed=self._elapsed_when(event.at),
            by_hand=event.by_hand,
        )
        present = {**self.present, new.task: new.sha256}
        return replace(self, submissions=(*self.submissions, new), present=present)

    def _elapsed_when(self, at: Instant) -> float:
        """Exam seconds used at `at`, which may be slightly before the last event."""
        back = self.last.since(at) if self.phase is Phase.RUNNING and self.last else 0.0
        return max(0.0, self.elapsed - back)

    def _graded(self, event: events.GradingEnded) -> "Sitting":
        return self._change(event.number, state=SubmissionState.GRADED, grade=event.grade)

    def _change(
        self, number: int, *, state: SubmissionState, grade: Grade | None = None
    ) -> "Sitting":
        self._need(Phase.RUNNING, Phase.PAUSED, Phase.ENDED)
        was = self.submission(number)
        again = was.failed and state is SubmissionState.GRADING
        if was not in self.unfinished and not again:
            raise TransitionError(
                phrase(
                    "Submission {number} is already {state}.",
                    number=number,
                    state=Phrase(was.state, {}),
                )
            )
        changed = replace(was, state=state, grade=grade)
        return replace(
            self,
            submissions=(*self.submissions[: number - 1], changed, *self.submissions[number:]),
        )


def _latest(last: Instant | None, at: Instant) -> Instant:
    """The moment up to which time is counted.

    A submission's moment is when its file was first seen, and other events may have been
    journalled since: going back to it would count that stretch of time twice.
    """
    if last is not None and last.boot_id == at.boot_id and last.boot > at.boot:
        return last
    return at


def replay(record: SittingRecord, happened: Iterable[Event]) -> Sitting:
    """The sitting that results from `happened`.

    Raises `TransitionError` if that cannot have happened; its `at_event` counts from 1.
    """
    sitting = Sitting(record=record)
    for number, event in enumerate(happened, start=1):
        try:
            sitting = sitting.apply(event)
        except TransitionError as error:
            error.at_event = number
            raise
    return sitting
