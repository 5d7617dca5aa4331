"""`tfexam lint` on files that are not models; real models are in tests/e2e."""

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.errors import GraderError
from engine.grading.host.answer_check import UnfitAnswerError
from engine.grading.inspection.model_file import Inspection
from engine.grading.protocol import Message, ModelFacts
from tests.hostile.archives import line_archive
from tests.hostile.models import line_model
from tui.cli import main
from tui.commands import lint
from tui.commands.lint import Refusal, read_apart


def call(*args: str) -> Result:
    return CliRunner().invoke(main, ["lint", *args])


def test_a_file_that_is_no_model_is_refused_with_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "mymodel.h5"
    file.write_text("This is no model.")
    found = call(str(file), "--format", "json")
    row = json.loads(found.stdout)
    assert found.exit_code == 3
    assert (row["file"], row["verdict"], row["reason"]) == (str(file), "rejected", "text_file")
    assert row["message"] in call(str(file)).stdout


def test_a_missing_file_is_refused_and_an_unknown_task_is_usage(tmp_path: Path) -> None:
    missing = str(tmp_path / "mymodel.h5")
    assert call(missing).exit_code == 3
    assert call(missing, "--task", "nosuch").exit_code == 2


@pytest.mark.parametrize(("setting", "status"), [("practice", 0), ("never", 3)])
def test_the_setting_for_keras_files_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, setting: str, status: int
) -> None:
    monkeypatch.setenv("TFEXAM_KERAS_FILES", setting)
    found = call(str(line_archive(tmp_path)), "--format", "json")
    assert found.exit_code == status
    assert json.loads(found.stdout)["reason"] == (None if status == 0 else "keras_zip")


def test_a_name_that_is_no_utf8_is_still_a_row(tmp_path: Path) -> None:
    file = os.fsdecode(bytes(tmp_path) + b"/\xff.h5")
    found = call(file, "--format", "json")
    assert found.exit_code == 3
    assert json.loads(found.stdout)["file"] == f"{tmp_path}/?.h5"


def _hang(*_: object) -> None:
    time.sleep(3600)


def test_a_file_that_hangs_its_reader_is_refused_and_the_reader_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "_inspect", _hang)
    monkeypatch.setattr(lint, "READING_SECONDS", 0.2)
    before = set(multiprocessing.active_children())
    found = call(str(tmp_path / "mymodel.h5"), "--format", "json")
    assert found.exit_code == 3
    assert "took too long" in json.loads(found.stdout)["message"]
    assert not set(multiprocessing.active_children()) - before


def _fail(*_: object) -> None:
    raise GraderError("The child cannot shut itself in.", fix="Ask the doctor.")


def test_walls_that_cannot_be_put_up_are_our_fault_and_not_the_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "_inspect", _fail)
    with pytest.raises(GraderError, match="cannot shut itself in") as failed:
        read_apart(tmp_path / "mymodel.h5", None)
    assert failed.value.fix == "Ask the doctor."


def _stumble(*_: object) -> None:
    raise TypeError("unhashable type: 'list'\x1b[2J")


def test_a_fault_of_ours_is_a_sentence_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(lint, "_inspect", _stumble)
    with pytest.raises(GraderError, match="fault of tfexam: TypeError: unhashable") as failed:
        read_apart(tmp_path / "mymodel.h5", None)
    assert failed.value.message.isprintable()
    assert "Traceback" not in capfd.readouterr().err


ESCAPE = "\x1b[2J"


def _lacks_a_fact(*_: object) -> Refusal:
    return Refusal("text_file", Message("{lacks} a fact"))


def _odd_reason(*_: object) -> Refusal:
    return Refusal(ESCAPE, Message("Save it again."))


def _odd_warning(*_: object) -> Inspection:
    return Inspection(ModelFacts(), "keras3", None, None, (Message(ESCAPE),))


def _odd_shape(*_: object) -> Inspection:
    return Inspection(ModelFacts(), "keras3", (None, -1), None)


def _odd_count(*_: object) -> Inspection:
    return Inspection(ModelFacts(parameters=-1), "keras3", None, None)


@pytest.mark.parametrize(
    "lie",
    [_lacks_a_fact, _odd_reason, _odd_warning, _odd_shape, _odd_count],
    ids=lambda lie: lie.__name__,
)
def test_a_reader_that_makes_up_its_answer_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: Callable[..., object]
) -> None:
    monkeypatch.setattr(lint, "_inspect", lie)
    found = read_apart(tmp_path / "mymodel.h5", None)
    assert isinstance(found, Refusal)
    assert (found.reason, found.says.text()[:11]) == ("unreadable", "The process")


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"\xff", b"[" * 1_000_000, b'["found",{"x":' + b"[" * 1_000_000, b'["found",{}]'),
        b'["refused",["x",{"template":"{n:>999999999}","facts":{"n":1}}]]',
    ],
)
def test_bytes_that_are_no_answer_are_refused(answer: bytes) -> None:
    with pytest.raises(UnfitAnswerError):
        lint._understood(answer)


def _named(*_: object) -> Refusal:
    return Refusal("x", Message("The layer {name} is unknown.", {"name": ESCAPE}))


def test_a_name_in_a_refusal_does_nothing_to_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "_inspect", _named)
    found = read_apart(tmp_path / "mymodel.h5", None)
    assert isinstance(found, Refusal)
    assert found.says.text() == "The layer �[2J is unknown."


def test_a_model_is_found_with_its_shapes(tmp_path: Path) -> None:
    found = read_apart(line_model(tmp_path / "mymodel.h5"), None)
    assert isinstance(found, Inspection)
    assert (found.input_shape, found.output_shape) == ((None, 1), (None, 1))


def _die(*_: object) -> None:
    os.abort()


def test_a_file_that_ends_its_reader_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "_inspect", _die)
    found = read_apart(tmp_path / "mymodel.h5", None)
    assert isinstance(found, Refusal)
    assert found.reason == "unreadable"
