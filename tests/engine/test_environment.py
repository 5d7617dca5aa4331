"""What a grading process is told by its environment."""

import pytest

from engine.grading.host.environment import environment
from engine.grading.protocol import Device

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
