"""What a child that did not answer died of, and whose fault that is.

A process has few words for its death: a signal, a status, the end of its log. Only what
a file can bring about counts against it; a child that somebody killed says nothing
about the file.
"""

import signal
from typing import NamedTuple

from engine.grading.protocol import (
    Crashed,
    Grade,
    GraderFailed,
    Message,
    ModelFacts,
    OutOfMemory,
    Stage,
    TimedOut,
)

_TOUCHING = (Stage.INSPECTING, Stage.LOADING, Stage.PREDICTING, Stage.MARKING)
_MEMORY_WORDS = ("bad_alloc", "OOM when allocating", "Cannot allocate memory", "MemoryError")
# What others do to a process; a file's own faults are SIGSEGV, SIGABRT and their like.
_FROM_OUTSIDE = {"SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT", "SIGKILL", "SIGPIPE"}
# The kernel kills with SIGKILL too when memory runs out; then the child was large.
_LARGE = 0.5


class Death(NamedTuple):
    """How a child ended: its last stage, status, most bytes held, and the end of its log."""

    stage: Stage
    status: int
    most_memory: int
    log_tail: str


def verdict(death: Death, model: ModelFacts, *, seconds: float, memory_mb: float) -> Grade:
    """The grade that a child's death amounts to."""
    if death.stage not in _TOUCHING:
        return GraderFailed(
            message=Message(
                "The grading process ended before it looked at the file ({how}).",
                {"how": in_words(death.status)},
            )
        )
    name = _signal(death.status)
    large = death.most_memory > _LARGE * memory_mb * 1e6
    if any(word in death.log_tail for word in _MEMORY_WORDS) or (name == "SIGKILL" and large):
        return out_of_memory(model, memory_mb)
    if name == "SIGXCPU":
        return timed_out(model, seconds)
    if name in _FROM_OUTSIDE:
        return GraderFailed(
            message=Message(
                "The grading process was ended from outside ({how}).",
                {"how": in_words(death.status)},
            )
        )
    return Crashed(
        model=model,
        message=Message(
            "The model took the grading process down while {stage} ({how}): build it from "
            "Keras' own layers and save it again.",
            {"stage": death.stage.value, "how": in_words(death.status)},
        ),
    )


def timed_out(model: ModelFacts, seconds: float) -> TimedOut:
    """The verdict on a model that is too slow."""
    facts: dict[str, str | int | float] = {"seconds": f"{seconds:g}"}
    if not model.parameters:
        says = "Grading took longer than the {seconds} s of this task: use a smaller model."
        return TimedOut(model=model, message=Message(says, facts))
    facts["parameters"] = millions(model.parameters)
    says = (
        "Grading took longer than the {seconds} s of this task: a model of {parameters} "
        "parameters is too large or too slow; use a smaller one."
    )
    return TimedOut(model=model, message=Message(says, facts))


def out_of_memory(model: ModelFacts, memory_mb: float) -> OutOfMemory:
    """The verdict on a model that is too large."""
    facts: dict[str, str | int | float] = {"memory": f"{memory_mb:g}"}
    if not model.parameters:
        says = "Grading needed more than the {memory} MB of this task: use a smaller model."
        return OutOfMemory(model=model, message=Message(says, facts))
    facts["parameters"] = millions(model.parameters)
    says = (
        "Grading needed more than the {memory} MB of this task: a model of {parameters} "
        "parameters is too large, or its layers are; use smaller ones."
    )
    return OutOfMemory(model=model, message=Message(says, facts))


def millions(count: int) -> str:
    """A number of parameters for people: 812, 48 k, 3.1 M."""
    if count >= 1_000_000:
        return f"{count / 1e6:.3g} M"
    return f"{count / 1e3:.3g} k" if count >= 1_000 else str(count)


def in_words(status: int) -> str:
    """An exit status for people."""
    return _signal(status) or f"exit status {status}"


def _signal(status: int) -> str:
    try:
        return signal.Signals(-status).name if status < 0 else ""
    except ValueError:
        return f"signal {-status}"
