"""Checks a child's answer before the app uses it.

A file that inspection did not stop can run code in its child and choose what the child says.
A child cannot mark: it gets no targets, and says only that it has written predictions, which the
marking process measures. So the app accepts no score from it, only verdicts that it can give, and
bounds numbers and texts. An answer that fails a check is no answer: the grader failed, which
neither costs nor earns points. The app still has to take the child's word for the reason a file
is rejected, and for what the model is made of.
"""

import math
import re
import string
from collections.abc import Iterable
from typing import assert_never

from msgspec.structs import replace

from engine.grading import wire
from engine.grading.diagnosis import AS_IT_IS, TRIED
from engine.grading.host import verdicts
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Fact,
    Grade,
    Graded,
    GraderFailed,
    Job,
    Message,
    ModelFacts,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    TimedOut,
)
from exam_bank.printable import printable

MOST_TEXT = 600
MOST_FACTS = MOST_NOTES = 20
MOST_LAYERS = 500
_LONGEST_NAME = 100
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_COUNT = 2**53
_REASON = re.compile(r"[a-z0-9_]{1,60}")
_BEFORE_THE_JOB = (Stage.WAITING, Stage.STARTING)


class UnfitAnswerError(Exception):  # never leaves the engine, so not in the error tree
    """A child said something that our children never say; the text is our own."""


def checked_progress(news: Progress) -> Progress:
    """Check the progress of a child that has its job; raises `UnfitAnswerError`."""
    if news.stage in _BEFORE_THE_JOB:
        raise UnfitAnswerError("it was about to begin again")
    if not 0 <= news.done <= 1:
        raise UnfitAnswerError("a part done below 0 or above 1")
    return news


def checked_inspected(news: wire.Inspected) -> wire.Inspected:
    """What a child read of the model, with texts safe to show; raises `UnfitAnswerError`."""
    return replace(news, model=checked_facts(news.model))


def checked_grade(grade: Grade, job: Job) -> Grade:
    """The grade that a child's answer to `job` is worth; raises `UnfitAnswerError`.

    It has no `seconds` and no `log`; the host adds them.
    """
    grade = replace(grade, seconds=0.0, model=checked_facts(grade.model))
    match grade:
        case Rejected():
            checked_reason(grade.reason)
            return replace(grade, message=checked_message(grade.message))
        case OutOfMemory():
            return verdicts.allocation_failed(grade.model, job.limits)
        case GraderFailed():
            return replace(grade, message=checked_message(grade.message), log="")
        case Graded() | TimedOut() | Crashed() | Cancelled():
            raise UnfitAnswerError("a verdict that no child gives")
        case _:
            assert_never(grade)


def checked_predicted(news: wire.Predicted) -> wire.Predicted:
    """What a child says of its predictions, with notes safe to show; raises `UnfitAnswerError`."""
    if len(news.notes) > MOST_NOTES:
        raise UnfitAnswerError("more notes than there are")
    return replace(news, notes=tuple(checked_message(note) for note in news.notes))


def checked_tried(news: wire.Tried) -> wire.Tried:
    """What a child says it tried on the model; raises `UnfitAnswerError`.

    Its facts are bounded numbers by their types; they name mistakes and count for nothing.
    """
    first, *others = news.trials
    if first != AS_IT_IS or any(each.id not in TRIED for each in others):
        raise UnfitAnswerError("trials of mistakes that there are not")
    return news


def checked_failure(answer: Grade | wire.Predicted | wire.Tried) -> GraderFailed:
    """Check the failure of a child that has no job yet; raises `UnfitAnswerError`."""
    if not isinstance(answer, GraderFailed):
        raise UnfitAnswerError("a grade before it had the file")
    return GraderFailed(message=checked_message(answer.message))


def checked_facts(model: ModelFacts) -> ModelFacts:
    """What a model is made of, safe to show; raises `UnfitAnswerError`."""
    if len(model.layers) > MOST_LAYERS:
        raise UnfitAnswerError("more layers than are told")
    if model.parameters is not None and not 0 <= model.parameters <= _LARGEST_COUNT:
        raise UnfitAnswerError("a number of parameters that cannot be")
    version = model.keras_version
    return ModelFacts(
        layers=tuple(printable(layer, _LONGEST_NAME) for layer in model.layers),
        parameters=model.parameters,
        keras_version=None if version is None else printable(version, _LONGEST_NAME),
    )


def checked_message(message: Message) -> Message:
    """The sentence with the facts it names, safe to show; raises `UnfitAnswerError`."""
    names = set(_fields(message.template))
    if not message.template.strip() or printable(message.template, MOST_TEXT) != message.template:
        raise UnfitAnswerError("a sentence that cannot be shown")
    if len(names) > MOST_FACTS or not names <= message.facts.keys():
        raise UnfitAnswerError("a sentence that lacks a fact")
    return Message(message.template, {name: _fact(message.facts[name]) for name in sorted(names)})


def checked_reason(reason: str) -> str:
    """The reason word of a rejection; raises `UnfitAnswerError`."""
    if not _REASON.fullmatch(reason):
        raise UnfitAnswerError("a reason that is none")
    return reason


def _fields(template: str) -> Iterable[str]:
    """The fields of a template; only bare names, because a width could ask for gigabytes."""
    try:
        for _text, name, spec, conversion in string.Formatter().parse(template):
            if name is not None:
                if spec or conversion or not name.isidentifier():
                    raise UnfitAnswerError("a sentence that is none of ours")
                yield name
    except ValueError as error:  # an unclosed brace
        raise UnfitAnswerError("a sentence that is none of ours") from error


def _fact(fact: Fact) -> Fact:
    if isinstance(fact, str):
        return printable(fact, MOST_TEXT)
    if not math.isfinite(fact) or abs(fact) > _LARGEST_INTEGER:
        raise UnfitAnswerError("a number that cannot be")
    return fact
