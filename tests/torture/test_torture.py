"""Small helpings of each torture, as the command line gives them; each in its own process."""

import subprocess
import sys

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def run(torture: str, *options: str) -> str:
    """What `python -m tests.torture.<torture>` prints; it must find nothing wrong."""
    command = [sys.executable, "-m", f"tests.torture.{torture}", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("seed", ["1", "2"])
def test_a_sitting_killed_again_and_again_loses_and_doubles_nothing(seed: str) -> None:
    told = run("kills", "--runs", "25", "--seed", seed)
    assert "events lost                        0" in told


def test_a_class_killed_again_and_again_keeps_every_row() -> None:
    told = run("class_kills", "--kills", "6", "--files", "20")
    assert told.startswith("6 kills in ")
    assert ", 0 faults" in told


@pytest.mark.timeout(900)
def test_a_cluster_that_fails_loses_and_doubles_nothing() -> None:
    told = run("cluster", "--files", "10", "--workers", "2")
    assert "10 files, 10 answers" in told
    assert "0 differ, 0 left behind" in told
    for trouble in ("with the poison is killed", "is stopped", "started anew"):
        assert trouble in told


def test_every_way_of_saving_is_graded_exactly_once() -> None:
    assert "26 ways, 0 faults" in run("files", "--haste", "4")


def test_inspection_reads_as_hdf5_does_and_is_not_broken_by_what_breaks_hdf5() -> None:
    told = run("readers", "--runs", "200")
    assert "both accept, different                0" in told


def test_no_clock_gains_or_loses_anybody_a_second() -> None:
    assert "✗" not in run("clocks")


def test_what_is_refused_is_said_once_and_costs_no_model() -> None:
    told = run("refusals", "--runs", "25", "--seed", "3")
    assert "faults                             0" in told


def test_every_fault_is_said_and_borne() -> None:
    assert ", 0 not borne" in run("faults")


def test_any_order_of_events_is_told_after_a_crash_at_any_byte() -> None:
    assert "every state as it must be" in run("states", "--examples", "60")


def test_a_long_sitting_grows_nothing_and_drifts_nowhere() -> None:
    assert "40 of 40" in run("soak", "--hours", "0.5", "--rate", "200", "--submissions", "40")


def test_a_busy_machine_changes_no_verdict() -> None:
    told = run("load", "--made", "--units", "16", "--examples", "200")
    assert "1 models beside 3 busy loops, 0 verdicts differ" in told
