"""`tfexam report --format html` and `--certificate`, with sittings on disk."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.grading.diagnosis import Diagnoses, Diagnosis
from engine.sitting.state.sitting import Sitting
from engine.sitting.store import diagnoses
from engine.sitting.store.evidence_files import evidence_file
from engine.sitting.store.history import past
from tests.html_pages import faults, parsed, text_of
from tests.tui.report_scene import evidence
from tests.tui.sittings import keep, settings_in
from tui.cli import main

HOSTILE = '</title><script>x</script>"'


@pytest.fixture(autouse=True)
def in_own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("TFEXAM_CONFIG", str(tmp_path / "none.toml"))


def call(home: Path, *args: str, **environment: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args], env=environment)


def folder(home: Path, name: str) -> Path:
    return settings_in(home).sittings_folder / name


def with_evidence(home: Path, name: str) -> Sitting:
    """Evidence beside the best model of each task."""
    found = past(folder(home, name))
    for task in found.scores:
        best = found.winner(task)
        assert best is not None
        evidence("hands").write(evidence_file(folder(home, name), best.sha256, task))
    return found


def test_html_is_written_into_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    found = call(tmp_path, "report", "--format", "html")
    assert (found.exit_code, found.stdout) == (0, "tfexam-done.html\n")
    html = Path("tfexam-done.html").read_text(encoding="utf-8")
    assert faults(html) == []
    assert "PASSED" in text_of(html)
    assert os.name != "posix" or Path("tfexam-done.html").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in Path().iterdir()] == ["tfexam-done.html"]


def test_html_goes_to_stdout_or_where_it_is_told(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    shown = call(tmp_path, "report", "done", "--format", "html", "-o", "-").stdout
    assert shown.startswith("<!DOCTYPE html>")
    assert call(tmp_path, "report", "--format", "html", "-o", "a.html").exit_code == 0
    assert Path("a.html").read_text(encoding="utf-8")[:200] == shown[:200]
    assert call(tmp_path, "report", "--format", "json", "-o", "a.json").exit_code == 0
    assert Path("a.json").read_text(encoding="utf-8").startswith("{")
    failed = call(tmp_path, "report", "--format", "html", "-o", "no/such/a.html")
    assert failed.exit_code == 2
    assert "no/such" in failed.stderr


def test_the_page_is_in_the_language_of_the_settings(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    found = CliRunner().invoke(
        main, ["--home", str(tmp_path), "--lang", "zh", "report", "--format", "html", "-o", "-"]
    )
    assert parsed(found.stdout).get("lang") == "zh-CN"
    assert "考试报告" in found.stdout


def test_evidence_is_shown_after_the_end_and_never_before(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    keep(tmp_path, "open", score=3)
    # Even if it lay there: in faithful mode the report of an open exam must not read it.
    for name, shows in (("done", False), ("open", False)):
        with_evidence(tmp_path, name)
        html = call(tmp_path, "report", name, "--format", "html", "-o", "-").stdout
        assert ("Confusion matrix" in html) is shows, name
    (folder(tmp_path, "open") / "sitting.toml").unlink()
    html = call(tmp_path, "report", "done", "--format", "html", "-o", "-").stdout
    assert "Confusion matrix" in html


def test_damaged_evidence_is_named_and_left_out(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    found = with_evidence(tmp_path, "done")
    task = next(iter(found.scores))
    best = found.winner(task)
    assert best is not None
    evidence_file(folder(tmp_path, "done"), best.sha256, task).write_text("{}")
    said = call(tmp_path, "report", "--format", "html", "-o", "-")
    assert said.exit_code == 0
    assert best.sha256 in said.stderr
    assert "Confusion matrix" in said.stdout


def test_a_certificate_has_the_name_of_the_settings_as_text(tmp_path: Path) -> None:
    record = keep(tmp_path, "done", score=5, ended=True)
    found = call(tmp_path, "report", "--certificate", "-o", "-", TFEXAM_CANDIDATE_NAME=HOSTILE)
    assert faults(found.stdout) == []
    words = text_of(found.stdout)
    assert HOSTILE in words
    assert record.paper.code in words
    assert "mock exam" in words
    assert found.stderr == ""
    nameless = call(tmp_path, "report", "--certificate", "-o", "-")
    assert "TFEXAM_CANDIDATE_NAME" in nameless.stderr


@pytest.mark.parametrize(("score", "ended"), [(3, True), (5, False)])
def test_there_is_no_certificate_without_a_pass(tmp_path: Path, score: int, ended: bool) -> None:
    keep(tmp_path, "a", score=score, ended=ended)
    found = call(tmp_path, "report", "--certificate")
    assert found.exit_code == 2
    assert "no certificate" in found.stderr
    assert list(Path().iterdir()) == []
    assert "Certificate" not in call(tmp_path, "report", "--format", "html", "-o", "-").stdout


def test_a_certificate_is_html_only(tmp_path: Path) -> None:
    keep(tmp_path, "a", score=5, ended=True)
    assert call(tmp_path, "report", "--certificate", "--format", "json").exit_code == 2


def test_diagnoses_are_shown_as_sentences_with_what_to_do(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=3, ended=True)
    found = past(folder(tmp_path, "done"))
    task = next(iter(found.scores))
    best = found.winner(task)
    assert best is not None
    known = Diagnosis(id="inputs_times_255", would_score=5)
    later = Diagnosis(id="of_a_later_tfexam")
    diagnoses.keep(
        folder(tmp_path, "done"),
        Diagnoses(task=task, sha256=best.sha256, score=3, found=(later, known)),
    )
    words = text_of(call(tmp_path, "report", "--format", "html", "-o", "-").stdout)
    assert "With inputs times 255 this model would score 5/5" in words
    assert "Divide the training data by 255" in words
    assert "later" not in words


def test_proved_baselines_stand_on_the_ruler(tmp_path: Path) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    words = text_of(call(tmp_path, "report", "--format", "html", "-o", "-").stdout)
    assert "the straight line (" in words
    assert "always the " in words
