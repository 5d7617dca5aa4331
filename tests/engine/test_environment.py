"""What a grading process is told by its environment."""

from pathlib import Path

import pytest

from engine.grading import wire
from engine.grading.child import worker
from engine.grading.host.environment import environment
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Device
from engine.settings import Settings
from engine.sitting.grading_queue import grader_of
from exam_bank.platform import processes

SECRETS = {
    "AWS_SECRET_ACCESS_KEY": "canary",
    "HF_TOKEN": "canary",
    "SSH_AUTH_SOCK": "/run/canary",
    "TF_XLA_FLAGS": "--canary",
    "TFEXAM_HOME": "/canary",
    "LD_PRELOAD": "/canary.so",
    "PYTHONSTARTUP": "/canary.py",
    "PYTHONBREAKPOINT": "canary",
}
NEEDED = {
    "PATH": "/usr/bin",
    "HOME": "/home/canary",
    "LANG": "zh_CN.UTF-8",
    "PYTHONPATH": "/opt/libraries",
    "LD_LIBRARY_PATH": "/opt/lib",
    "SystemRoot": r"C:\Windows",
}


@pytest.mark.parametrize("device", ["cpu", "gpu"])
def test_a_few_names_pass_and_nothing_else(device: Device) -> None:
    given = environment(SECRETS | NEEDED, device)
    assert NEEDED.items() <= given.items()
    assert not SECRETS.keys() & given.keys()


def test_a_card_is_named_to_a_child_on_the_gpu_only() -> None:
    named = {"CUDA_VISIBLE_DEVICES": "1", "CUDA_HOME": "/opt/cuda"}
    assert named.items() <= environment(named, "gpu").items()
    assert "CUDA_HOME" not in environment(named, "cpu")


def test_a_banks_own_solutions_keep_what_does_not_change_them() -> None:
    inherited = {"HTTPS_PROXY": "http://canary", "TF_USE_LEGACY_KERAS": "1", "KERAS_HOME": "/x"}
    given = environment(inherited, "cpu", trusted=True)
    assert given["HTTPS_PROXY"] == "http://canary"
    assert "TF_USE_LEGACY_KERAS" not in given
    assert given["KERAS_HOME"] != "/x"


@pytest.mark.parametrize("forks", [True, False])
def test_a_submission_of_the_open_sitting_has_the_priority_of_a_training(
    forks: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ForkServer, "possible", lambda _: forks)
    grader = grader_of(tmp_path, Settings.load({"home": str(tmp_path)}))
    assert isinstance(grader, Grader)
    server = grader._fork_server
    assert (grader._priority, server and server._priority) == (
        "normal",
        "normal" if forks else None,
    )


@pytest.mark.parametrize(
    ("priority", "steps", "pace"),
    [
        ("low", ["step_back"], worker.at_once),
        ("normal", ["lower_own_session"], processes.at_low_priority),
        ("hurried", [], worker.at_once),
    ],
)
def test_what_waits_for_nobody_steps_back_whatever_the_priority_of_a_job(
    priority: str, steps: list[str], pace: worker.Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setenv(wire.PRIORITY, priority)
    for name in ("step_back", "lower_own_session"):
        monkeypatch.setattr(processes, name, lambda name=name: done.append(name))
    assert worker.idle_pace() is pace
    assert done == steps
