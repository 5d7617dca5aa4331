import signal

import pytest

from engine.grading.endings import Death, millions, out_of_memory, timed_out, verdict
from engine.grading.protocol import (
    Crashed,
    Grade,
    GraderFailed,
    ModelFacts,
    OutOfMemory,
    Stage,
    TimedOut,
)

MODEL = ModelFacts(parameters=3_100_000)
GB = 10**9


def after(stage: Stage, status: int, most_memory: int = 0, log: str = "") -> Grade:
    death = Death(stage, status, most_memory, log)
    return verdict(death, MODEL, seconds=60, memory_mb=6000)


@pytest.mark.parametrize("stage", [Stage.WAITING, Stage.STARTING])
@pytest.mark.parametrize("status", [0, 1, -signal.SIGSEGV, -signal.SIGKILL])
def test_before_the_file_nothing_is_its_fault(stage: Stage, status: int) -> None:
    assert isinstance(after(stage, status), GraderFailed)


@pytest.mark.parametrize("stage", [Stage.INSPECTING, Stage.LOADING, Stage.PREDICTING])
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL"])
def test_what_a_file_can_do_to_a_process_is_its_fault(stage: Stage, name: str) -> None:
    grade = after(stage, -signal.Signals[name])
    assert isinstance(grade, Crashed)
    assert name in grade.message.text()
    assert stage.value in grade.message.text()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT"])
def test_what_others_do_to_a_process_is_not(name: str) -> None:
    assert isinstance(after(Stage.PREDICTING, -signal.Signals[name]), GraderFailed)


def test_a_large_child_that_was_killed_ran_out_of_memory() -> None:
    assert isinstance(after(Stage.LOADING, -signal.SIGKILL, 5 * GB), OutOfMemory)
    assert isinstance(after(Stage.LOADING, -signal.SIGTERM, 5 * GB), GraderFailed)


def test_the_log_tells_a_failed_allocation_from_a_crash() -> None:
    assert isinstance(after(Stage.LOADING, -signal.SIGABRT, log="std::bad_alloc"), OutOfMemory)
    assert isinstance(after(Stage.LOADING, -signal.SIGABRT, log="check failed"), Crashed)


def test_processor_time_used_up_is_a_time_out() -> None:
    assert isinstance(after(Stage.PREDICTING, -signal.SIGXCPU), TimedOut)


def test_unknown_signals_have_words_too() -> None:
    assert "signal 77" in after(Stage.PREDICTING, -77).message.text()


def test_advice_names_the_size_where_it_is_known() -> None:
    assert "3.1 M parameters" in timed_out(MODEL, 60).message.text()
    assert "3.1 M parameters" in out_of_memory(MODEL, 6000).message.text()
    assert "parameters" not in timed_out(ModelFacts(), 60).message.text()


@pytest.mark.parametrize(
    ("count", "words"), [(812, "812"), (48_000, "48 k"), (3_100_000, "3.1 M"), (48_000_000, "48 M")]
)
def test_numbers_of_parameters_for_people(count: int, words: str) -> None:
    assert millions(count) == words
