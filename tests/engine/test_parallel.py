"""Batches side by side: their number, their order, and what becomes of a fault."""

import os
import sys
import threading

import pytest

from engine.grading import parallel, wire
from engine.grading.host.environment import environment


@pytest.mark.parametrize(
    ("cores", "count", "threads"), [(1, 1, 1), (2, 3, 1), (4, 5, 1), (8, 5, 2), (16, 5, 4)]
)
def test_no_core_waits_and_none_is_asked_for_twice(
    cores: int, count: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: cores)
    assert (parallel.batches_at_once(), parallel.threads_of_an_operation()) == (count, threads)


def test_where_nothing_tells_which_processors_are_ours_all_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert parallel.cores() == 6


def test_threads_set_for_training_are_not_those_of_grading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: 8)
    training = {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
    assert environment(training, "cpu")["TF_NUM_INTRAOP_THREADS"] == "2"
    assert not training.keys() & environment(training, "gpu").keys()


@pytest.mark.parametrize(("cores", "given"), [(1, "1"), (2, "1"), (3, "1"), (8, "4")])
def test_who_has_the_priority_of_a_training_gets_half_of_the_cores(
    cores: int, given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "cores", lambda: cores)
    told = environment({}, "cpu", priority="normal")
    assert told[wire.CORES] == given
    monkeypatch.setenv(wire.CORES, given)
    assert parallel.usable_cores() == int(given)
    assert int(told["TF_NUM_INTRAOP_THREADS"]) == parallel.threads_of_an_operation()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_answers_come_in_order(count: int) -> None:
    assert list(parallel.in_order(str, range(50), count)) == [str(number) for number in range(50)]
    assert not list(parallel.in_order(str, [], count))


def test_calls_run_at_once() -> None:
    meeting = threading.Barrier(3, timeout=30)
    assert len(list(parallel.in_order(lambda _: meeting.wait(), range(3), 3))) == 3


@pytest.mark.parametrize("count", [1, 3])
def test_a_fault_comes_in_its_turn_and_ends_the_rest(count: int) -> None:
    begun = []

    def call(number: int) -> int:
        begun.append(number)
        if number == 5:
            raise ValueError("the sixth")
        return number

    answers = parallel.in_order(call, range(1000), count)
    assert [next(answers) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(ValueError, match="the sixth"):
        next(answers)
    assert len(begun) < 20


def test_nothing_runs_on_when_nobody_wants_the_rest() -> None:
    before = set(threading.enumerate())
    answers = parallel.in_order(str, range(1000), 3)
    assert next(answers) == "0"
    answers.close()
    assert not set(threading.enumerate()) - before
