"""No hostile or broken file passes inspection, and none makes it hang or touch anything."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from engine.errors import SubmissionRejected
from engine.grading.child.written_anew import written_anew
from engine.grading.inspection.model_file import look
from engine.grading.protocol import Message
from tests.engine.test_inspection_work import by_hdf5
from tests.hostile import advisories
from tests.hostile.archives import line_archive
from tests.hostile.makers import BROKEN, HARMLESS, HOSTILE, REASONS, RUNS_CODE, canary
from tests.hostile.models import line_model

FILES = HOSTILE | BROKEN


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", FILES)
def test_inspection_refuses_it_with_a_reason_and_a_sentence(name: str, tmp_path: Path) -> None:
    path = FILES[name](tmp_path)
    before = sorted(tmp_path.iterdir())

    with pytest.raises(SubmissionRejected) as refusal:
        look(path)

    assert refusal.value.reason == REASONS[name]
    sentence = refusal.value.says.text()
    assert sentence.endswith(".")
    assert sentence.isprintable()
    assert len(sentence) < 400
    assert msgspec.json.decode(msgspec.json.encode(refusal.value.says), type=Message)
    assert sorted(tmp_path.iterdir()) == before
    assert not canary(tmp_path).exists()


def _below(folder: Path) -> Path:
    (folder / "plain").mkdir()
    return folder / "plain"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HARMLESS)
def test_what_only_breaks_hdf5_is_written_anew_and_graded(name: str, tmp_path: Path) -> None:
    path = HARMLESS[name](tmp_path)

    found = look(path).structure

    plain = line_archive(_below(tmp_path)) if found.is_archive else line_model(tmp_path / "a.h5")
    expected = look(plain).structure
    with written_anew(path, found, found.texts["model_config"]) as file:
        copy = by_hdf5(file)
    with written_anew(plain, expected, expected.texts["model_config"]) as file:
        assert copy == by_hdf5(file)


def test_every_advisory_is_refused_in_both_forms_and_touches_nothing() -> None:
    rows = list(advisories.rows())

    assert [row for row in rows if row.touched or not row.reason] == []
    assert len({row.id for row in rows if row.form == ".h5"}) >= 18
    assert len({row.id for row in rows if row.form == ".keras"}) >= 19


def test_there_are_enough_of_them() -> None:
    assert len(HOSTILE) >= 80
    assert len(RUNS_CODE) >= 10


LOADS = """
import sys, tf_keras
for path in sys.argv[1:]:
    try:
        tf_keras.models.load_model(path, compile=False)
    except Exception as error:
        print(path, type(error).__name__)
"""


@pytest.mark.slow
def test_the_code_running_ones_do_run_code_where_nobody_refuses_them(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in sorted(RUNS_CODE)}
    for folder in folders.values():
        folder.mkdir()
    paths = [str(HOSTILE[name](folder)) for name, folder in folders.items()]

    subprocess.run([sys.executable, "-c", LOADS, *paths], check=True, timeout=300)

    missed = [name for name, folder in folders.items() if not os.path.lexists(canary(folder))]
    assert missed == []
