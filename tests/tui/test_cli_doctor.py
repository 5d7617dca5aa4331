"""`tfexam doctor`: its output and its exit status."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.grading.protocol import Message
from engine.machine import checks
from engine.machine.checks import Check, State
from engine.settings import Settings
from exam_bank.task import Task
from tui.cli import main
from tui.commands import doctor_train


def check(state: State, fix: str | None = None) -> Check:
    return Check(
        name=Message("Disk"),
        state=state,
        detail=Message("{free} GB free", {"free": 3}),
        fix=Message(fix) if fix else None,
    )


def call(monkeypatch: pytest.MonkeyPatch, found: Check, *args: str) -> Result:
    async def run_checks(_: Settings) -> AsyncIterator[Check]:
        yield found

    monkeypatch.setattr(checks, "run_checks", run_checks)
    return CliRunner().invoke(main, ["doctor", *args])


def test_a_machine_that_is_fit_has_status_0(monkeypatch: pytest.MonkeyPatch) -> None:
    found = call(monkeypatch, check("ok"))
    assert (found.exit_code, found.stdout) == (0, "✓ Disk: 3 GB free\n")


def test_a_warning_says_what_to_do_and_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    found = call(monkeypatch, check("warning", "Buy one."))
    assert (found.exit_code, found.stdout) == (0, "! Disk: 3 GB free\n    Buy one.\n")


def test_a_failed_check_has_status_1(monkeypatch: pytest.MonkeyPatch) -> None:
    found = call(monkeypatch, check("failed", "Free some."), "--format", "json")
    assert found.exit_code == 1
    wanted = {"name": "Disk", "state": "failed", "detail": "3 GB free", "fix": "Free some."}
    assert json.loads(found.stdout) == wanted


@pytest.mark.parametrize(
    ("state", "trained", "status", "lines"),
    [("ok", "ok", 0, 2), ("ok", "failed", 1, 2), ("failed", "ok", 1, 1)],
)
def test_training_is_tried_on_a_machine_that_is_fit(
    state: State, trained: State, status: int, lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def try_training(_: Settings) -> Check:
        return check(trained)

    monkeypatch.setattr(doctor_train, "try_training", try_training)
    found = call(monkeypatch, check(state), "--train")
    assert (found.exit_code, len(found.stdout.splitlines())) == (status, lines)


async def test_a_training_that_fails_says_what_the_program_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "reference.py"
    program.write_text("raise SystemExit('no TensorFlow here')")
    monkeypatch.setattr(Task, "references", lambda _: [program])
    found = await doctor_train.try_training(Settings.load({"home": tmp_path}))
    assert found.state == "failed"
    assert "no TensorFlow here" in found.detail.text()
