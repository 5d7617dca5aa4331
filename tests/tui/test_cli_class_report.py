"""`tfexam class report`: from a folder of results the report and the feedback."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.classroom.results import ResultsFolder
from tests.engine.class_results import RUN, results
from tests.html_pages import faults, parsed, text_of
from tui.cli import main


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder of results as `class grade` leaves it."""
    whole = results(6)
    with ResultsFolder.open(tmp_path / "results", RUN) as kept:
        kept.keep_roster(whole.roster)
        kept.append(whole.rows)
    return tmp_path / "results"


def call(out: Path, *args: str, lang: str = "en") -> Result:
    options = ["--home", str(out.parent / "home"), "--lang", lang]
    return CliRunner().invoke(main, [*options, "class", "report", str(out), *args])


def test_report_and_feedback_are_written_and_named(out: Path) -> None:
    done = call(out)
    assert done.exit_code == 0
    assert done.stdout.splitlines() == [str(out / "report.html"), str(out / "feedback")]
    html = (out / "report.html").read_text(encoding="utf-8")
    assert faults(html) == []
    assert "Blaise Gauss" in text_of(html)
    assert len(list((out / "feedback").iterdir())) == 13
    for each in (out / "feedback").glob("*.html"):
        assert faults(each.read_text(encoding="utf-8")) == []


def test_it_can_be_written_anew_in_another_language_and_without_feedback(out: Path) -> None:
    assert call(out, "--no-feedback", lang="zh").exit_code == 0
    html = (out / "report.html").read_text(encoding="utf-8")
    assert parsed(html).get("lang") == "zh-CN"
    assert "班级报告" in html
    assert not (out / "feedback").exists()


def test_chinese_pages_have_the_marks_of_chinese(out: Path) -> None:
    assert call(out, lang="zh").exit_code == 0
    pages = [*out.glob("*.html"), *(out / "feedback").glob("*.html")]
    texts = [text_of(each.read_text(encoding="utf-8")) for each in pages]
    texts += [each.read_text(encoding="utf-8") for each in (out / "feedback").glob("*.md")]
    # What the rows of this class say is English.
    assert [each for text in texts for each in re.findall("[一-鿿] ?[,;:(][^\n]{10}", text)] == []


def test_a_folder_without_results_is_named(tmp_path: Path) -> None:
    found = call(tmp_path)
    assert found.exit_code == 2
    assert "no results of a class" in found.stderr
    assert list(tmp_path.iterdir()) == []
