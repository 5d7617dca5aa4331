import signal

import pytest

from engine.grading.host import verdicts
from engine.grading.host.verdicts import Death, millions, out_of_memory, timed_out, verdict
from engine.grading.protocol import (
    Crashed,
    Grade,
    GraderFailed,
    ModelFacts,
    OutOfMemory,
    Stage,
    TimedOut,
)
from exam_bank.platform import kernel
from exam_bank.task import Limits

MODEL = ModelFacts(parameters=3_100_000)
SENT = sorted(
    each.name
    for each in signal.Signals
    if each.name not in {"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"}
)


@pytest.fixture(autouse=True)
def memory_is_refused_at_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "refuses_only_above", lambda _: True)


def after(stage: Stage, status: int, **told: object) -> Grade:
    death = Death(stage, status, **told)  # type: ignore[arg-type]
    return verdict(death, MODEL, Limits(seconds=60, memory_mb=6000))


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


@pytest.mark.parametrize("stage", [Stage.INSPECTING, Stage.PREDICTING])
@pytest.mark.parametrize("name", SENT)
def test_what_others_do_to_a_process_is_not(stage: Stage, name: str) -> None:
    assert isinstance(after(stage, -signal.Signals[name]), GraderFailed)


def test_a_child_that_left_by_itself_was_not_ended_from_outside() -> None:
    left, lost = after(Stage.LOADING, 127), after(Stage.LOADING, verdicts.UNKNOWN)

    assert "exited without an answer (exit status 127)" in left.message.text()
    assert "outside tfexam" in lost.message.text()


@pytest.mark.parametrize("status", [0, 1, 3, 127, verdicts.UNKNOWN])
def test_a_child_that_left_without_an_answer_says_nothing_about_the_file(status: int) -> None:
    assert isinstance(after(Stage.PREDICTING, status), GraderFailed)


def test_windows_tells_a_fault_by_its_status() -> None:
    grade = after(Stage.PREDICTING, 0xC0000005)
    assert isinstance(grade, Crashed)
    assert "0xC0000005" in grade.message.text()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGXCPU"])
@pytest.mark.parametrize("log", ["", "MemoryError", "std::bad_alloc"])
def test_no_word_in_the_log_makes_a_kill_the_files_fault(name: str, log: str) -> None:
    assert isinstance(after(Stage.LOADING, -signal.Signals[name], log_tail=log), GraderFailed)


def test_a_machine_that_ran_out_of_memory_is_named_and_costs_nothing() -> None:
    grade = after(Stage.LOADING, -signal.SIGKILL, oom_killed=True)
    assert isinstance(grade, GraderFailed)
    assert "memory" in grade.message.text()
    assert "memory" not in after(Stage.LOADING, -signal.SIGKILL).message.text()


@pytest.mark.parametrize("word", ["terminate … 'std::bad_alloc'", "OOM when allocating tensor"])
def test_the_log_tells_a_failed_allocation_from_a_crash(word: str) -> None:
    assert isinstance(after(Stage.LOADING, -signal.SIGABRT, log_tail=word), OutOfMemory)
    assert isinstance(after(Stage.LOADING, -signal.SIGABRT, log_tail="check failed"), Crashed)


def test_memory_that_the_machine_may_have_refused_is_not_the_files_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(kernel, "refuses_only_above", asked.append)
    grade = after(Stage.LOADING, -signal.SIGABRT, log_tail="std::bad_alloc")
    assert isinstance(grade, GraderFailed)
    assert asked[0] >= 6e9


@pytest.mark.parametrize("name", ["SIGXCPU", "SIGKILL"])
def test_processor_time_used_up_is_a_time_out_and_only_then(name: str) -> None:
    used_up = after(Stage.PREDICTING, -signal.Signals[name], processor=121.0)
    assert isinstance(used_up, TimedOut)
    early = after(Stage.PREDICTING, -signal.Signals[name], processor=120.9)
    assert isinstance(early, GraderFailed)


def test_unknown_signals_have_words_too() -> None:
    assert "signal 77" in after(Stage.PREDICTING, -77).message.text()
    assert "256" not in after(Stage.PREDICTING, verdicts.UNKNOWN).message.text()


def test_advice_names_the_size_where_it_is_known() -> None:
    assert "3.1 M parameters" in timed_out(MODEL, Limits(seconds=60)).message.text()
    assert "3.1 M parameters" in out_of_memory(MODEL, 6000).message.text()
    assert "parameters" not in timed_out(ModelFacts(), Limits(seconds=60)).message.text()


@pytest.mark.parametrize(
    ("count", "words"), [(812, "812"), (48_000, "48 k"), (3_100_000, "3.1 M"), (48_000_000, "48 M")]
)
def test_numbers_of_parameters_for_people(count: int, words: str) -> None:
    assert millions(count) == words
