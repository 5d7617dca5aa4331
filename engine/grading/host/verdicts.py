"""Works out what a child died of when it did not answer, and whether its file is to blame.

A dead process leaves little evidence: a signal, a status, the end of its log. Only what
a file alone can cause counts against it: a processor fault, an abort, or a limit that we
saw it reach. Everything else, including every unclear case, is our fault.
"""

import signal
from typing import NamedTuple

from engine.grading.protocol import (
    Crashed,
    Fact,
    Grade,
    GraderFailed,
    Message,
    ModelFacts,
    OutOfMemory,
    Stage,
    TimedOut,
    failed,
)
from exam_bank.phrase import phrase
from exam_bank.platform import kernel
from exam_bank.task import Limits

# The status of a child when its fork server cannot say how it ended; no process has it.
UNKNOWN = 256

_TOUCHING = (Stage.INSPECTING, Stage.LOADING, Stage.PREDICTING, Stage.MARKING)
_MEMORY_WORDS = ("bad_alloc", "OOM when allocating", "Cannot allocate memory", "MemoryError")
# Signals that a process causes itself; every other signal may come from anybody.
_OWN_FAULTS = {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"}
_WINDOWS_FAULTS = 0xC0000000
# The kernel ends with these a process out of processor time; anybody can send them.
_LIMIT_SIGNALS = {"SIGXCPU", "SIGKILL"}
# `sandbox` adds 5 s; the last look is up to a second old.
_OVERTIME = 1.0
# Memory that a child may map beyond its limit and never touch (`sandbox`).
_UNTOUCHED = 2 * 1024**3


class Death(NamedTuple):
    """How a child ended: its last stage, its status, and what we saw of it until then.

    `processor` is the processor time in seconds at the last look, `oom_killed` whether the
    kernel killed any process for lack of memory meanwhile.
    """

    stage: Stage
    status: int
    log_tail: str = ""
    processor: float = 0.0
    oom_killed: bool = False


def verdict(death: Death, model: ModelFacts, limits: Limits) -> Grade:
    """The grade that follows from a child's death."""
    if death.stage not in _TOUCHING:
        how = in_words(death.status)
        return failed(
            phrase("The grading process ended before it looked at the file ({how}).", how=how)
        )
    return _fault_of_the_file(death, model, limits) or _our_fault(death)


def _fault_of_the_file(death: Death, model: ModelFacts, limits: Limits) -> Grade | None:
    name = _signal(death.status)
    if name in _OWN_FAULTS or death.status >= _WINDOWS_FAULTS:
        memory = name == "SIGABRT" and _tells_of_memory(death.log_tail)
        return allocation_failed(model, limits) if memory else _crashed(death, model)
    if name in _LIMIT_SIGNALS and death.processor >= limits.processor_seconds + _OVERTIME:
        return timed_out(model, limits)
    return None


def _tells_of_memory(log: str) -> bool:
    """Whether the log mentions memory; ask only after an abort: layer names are in it too."""
    return any(word in log for word in _MEMORY_WORDS)


def _our_fault(death: Death) -> GraderFailed:
    """The verdict on a death that a file alone cannot have caused."""
    how = in_words(death.status)
    if death.oom_killed and _signal(death.status) == "SIGKILL":
        return failed(
            phrase(
                "The machine ran out of memory and ended the grading process, which had kept "
                "to its limit: close other programs."
            )
        )
    if 0 <= death.status < UNKNOWN:
        return failed(
            phrase(
                "The grading process exited without an answer ({how}), as it does when a "
                "memory limit (ulimit -v) is too low.",
                how=how,
            )
        )
    return failed(phrase("Something outside tfexam ended the grading process ({how}).", how=how))


def allocation_failed(model: ModelFacts, limits: Limits) -> OutOfMemory | GraderFailed:
    """The verdict on a child that was refused memory, by its limit or by the machine."""
    if kernel.refuses_only_above(limits.memory_mb * 1e6 + _UNTOUCHED):
        return out_of_memory(model, limits.memory_mb)
    return failed(
        phrase("The machine may have had too little memory for this grading: close other programs.")
    )


def _crashed(death: Death, model: ModelFacts) -> Crashed:
    return Crashed(
        model=model,
        message=Message(
            "The model crashed the grading process while {stage} ({how}): build it from "
            "Keras' own layers and save it again.",
            {"stage": death.stage.value, "how": in_words(death.status)},
        ),
    )


def timed_out(model: ModelFacts, limits: Limits) -> TimedOut:
    """The verdict on a model that is too slow."""
    allowed: dict[str, Fact] = {"seconds": f"{limits.processor_seconds:g}"}
    says = Message(
        "Grading needed more than the {seconds} s of processor time that this task allows: use "
        "a smaller model.",
        allowed,
    )
    if model.parameters:
        says = Message(
            "Grading needed more than the {seconds} s of processor time that this task allows: a "
            "model of {parameters} parameters is too large or too slow; use a smaller one.",
            {**allowed, "parameters": millions(model.parameters)},
        )
    return TimedOut(model=model, message=says)


def out_of_memory(model: ModelFacts, memory_mb: float) -> OutOfMemory:
    """The verdict on a model that is too large."""
    allowed: dict[str, Fact] = {"memory": f"{memory_mb:g}"}
    says = Message(
        "Grading needed more than the {memory} MB of this task: use a smaller model.", allowed
    )
    if model.parameters:
        says = Message(
            "Grading needed more than the {memory} MB of this task: a model of {parameters} "
            "parameters is too large, or its layers are; use smaller ones.",
            {**allowed, "parameters": millions(model.parameters)},
        )
    return OutOfMemory(model=model, message=says)


def millions(count: int) -> str:
    """A number of parameters for people: 812, 48 k, 3.1 M."""
    if count >= 1_000_000:
        return f"{count / 1e6:.3g} M"
    return f"{count / 1e3:.3g} k" if count >= 1_000 else str(count)


def in_words(status: int) -> str:
    """An exit status for people."""
    if status == UNKNOWN:
        return "its fork server was stopped or killed"
    number = hex(status).upper().replace("X", "x") if status >= _WINDOWS_FAULTS else status
    return _signal(status) or f"exit status {number}"


def _signal(status: int) -> str:
    try:
        return signal.Signals(-status).name if status < 0 else ""
    except ValueError:
        return f"signal {-status}"
