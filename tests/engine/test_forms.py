"""Answers in the forms of other systems, read back as those systems read them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import junitparser
import pytest
from click.testing import CliRunner
from hypothesis import given, strategies
from msgspec import structs

from engine.errors import FormError
from engine.grading import protocol
from engine.grading.answers import Answer, answer, junit_text
from engine.grading.forms.classroom50 import classroom50_text
from engine.grading.forms.github import annotations, summary
from engine.grading.forms.gradescope import gradescope_text
from engine.grading.forms.one_of_each import one_of_each
from engine.grading.protocol import Message, Metric
from exam_bank.catalog import Catalog
from tui.commands import grade_forms

GARMENTS = Catalog.find().task("garments")
NOW = datetime(2026, 12, 5, 9, 30, tzinfo=UTC)
RUNNER = {
    "CLASSROOM": "tf",
    "ASSIGNMENT": "mock",
    "ASSIGNMENT_TYPE": "individual",
    "OWNER": "alice",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://x/commit/1",
    "RELEASE_URL": "https://x/releases/1",
}


def told(grade: protocol.Grade, file: str = "Category2/mymodel.h5") -> Answer:
    return answer(file, "ab" * 32, GARMENTS, grade)


GOOD = told(
    protocol.Graded(message=Message("Good."), metric=Metric("accuracy", 0.8, 9), score=4, seconds=2)
)
REJECTED = told(protocol.Rejected(message=Message("The file is empty."), reason="empty"))
FAILED = told(protocol.GraderFailed(message=Message("The grader died.")))

# The keys and types that Gradescope's specifications name; it refuses others' types.
_TEST_KEYS: dict[str, Any] = {
    "score": (int, float),
    "max_score": (int, float),
    "status": str,
    "name": str,
    "name_format": str,
    "number": str,
    "output": str,
    "output_format": str,
    "tags": list,
    "visibility": str,
    "extra_data": dict,
}
_WHOLE_KEYS: dict[str, Any] = {
    "score": (int, float),
    "execution_time": (int, float),
    "output": str,
    "output_format": str,
    "test_output_format": str,
    "test_name_format": str,
    "visibility": str,
    "stdout_visibility": str,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
_VISIBLE = {"hidden", "after_due_date", "after_published", "visible"}


def checked(text: str) -> dict[str, Any]:
    """A `results.json` that holds to the specifications."""
    whole: dict[str, Any] = json.loads(text)
    for found, keys in [(whole, _WHOLE_KEYS), *((each, _TEST_KEYS) for each in whole["tests"])]:
        for key, value in found.items():
            assert isinstance(value, keys[key]), key
        assert found.get("visibility", "visible") in _VISIBLE
        assert found.get("output_format", "text") in {"text", "html", "simple_format", "md", "ansi"}
        assert found.get("status", "passed") in {"passed", "failed"}
    assert whole.get("stdout_visibility", "visible") in _VISIBLE
    return whole


def test_gradescope_adds_up_the_tests() -> None:
    whole = checked(gradescope_text([GOOD, REJECTED]))
    assert [each["score"] for each in whole["tests"]] == [4, 0]
    assert [each["max_score"] for each in whole["tests"]] == [5, 5]
    assert "status" not in whole["tests"][0]
    assert whole["tests"][1]["status"] == "failed"
    assert "The file is empty." in whole["tests"][1]["output"]
    assert whole["output"] == "4 of 10 points."


def test_copies_of_one_model_count_once_and_a_task_without_a_file_is_a_zero() -> None:
    bank = Catalog.find()
    tasks = [bank.task(each) for each in ("flats", "garments")]
    better = structs.replace(GOOD, file="b/mymodel.h5", score=5)
    flats, garments = one_of_each([GOOD, better, REJECTED], tasks, "hard")
    assert (garments.file, garments.score) == ("b/mymodel.h5", 5)
    assert "Of 3 files" in garments.message
    assert (flats.score, flats.verdict, flats.level) == (0, "missing", "hard")
    whole = checked(gradescope_text([flats, garments]))
    assert whole["output"] == "5 of 10 points."
    assert [each["name"] for each in whole["tests"]] == [
        "Category 1: flats",
        "Category 2: garments",
    ]


def test_a_fault_of_ours_counts_unless_it_could_not_raise_the_score() -> None:
    assert one_of_each([GOOD, FAILED])[0].score is None
    full = structs.replace(GOOD, score=5)
    assert one_of_each([full, FAILED])[0].score == 5


def test_gradescope_marks_what_is_below_the_least_score() -> None:
    (first,) = checked(gradescope_text([GOOD], min_score=5))["tests"]
    assert first["status"] == "failed"
    (first,) = checked(gradescope_text([GOOD], min_score=4))["tests"]
    assert first["status"] == "passed"


def test_gradescope_gets_no_score_for_a_fault_of_ours() -> None:
    whole = checked(gradescope_text([GOOD, FAILED]))
    assert "score" not in whole["tests"][1]
    assert "The grader died." in whole["output"]


def test_github_names_files_and_kinds() -> None:
    good, bad, ours = annotations([GOOD, REJECTED, FAILED]).splitlines()
    assert good == "::notice file=Category2/mymodel.h5,title=garments%3A 4/5::Good."
    assert bad.startswith("::error file=Category2/mymodel.h5,title=garments%3A 0/5::The file")
    assert ours.startswith("::error ")
    assert annotations([GOOD], min_score=5).startswith("::error ")


@given(strategies.text(max_size=40), strategies.text(max_size=40))
def test_no_name_or_message_ends_or_divides_a_workflow_command(name: str, message: str) -> None:
    grade = protocol.Rejected(message=Message(message), reason="empty")
    line = annotations([told(grade, name)])
    assert line.count("\n") == 1
    properties, _, text = line.removeprefix("::error ").partition("::")
    assert len(properties.split(",")) == 2
    assert properties.count(":") == 0
    assert "\r" not in text


@given(strategies.text(max_size=40))
def test_no_name_breaks_the_table(name: str) -> None:
    refused = protocol.Rejected(message=Message("No."), reason="x")
    *_, row, end = summary([told(refused, name)]).split("\n")[:-1]
    assert end == ""
    assert row.replace("\\\\", "").replace("\\|", "").count("|") == 6
    assert "<" not in row.replace("\\<", "")


def test_classroom50_gets_whole_points_and_whose_they_are() -> None:
    whole = json.loads(classroom50_text([GOOD, REJECTED], RUNNER, NOW))
    assert whole["schema"] == "classroom50/result/v1"
    assert (whole["score"], whole["max-score"]) == (4, 10)
    assert whole["datetime"] == "2026-12-05T09:30:00Z"
    assert whole["owner"] == "alice"
    assert whole["review"] == RUNNER["COMMIT_URL"]
    assert [each["passed"] for each in whole["tests"]] == [False, False]
    (test,) = json.loads(classroom50_text([GOOD], RUNNER, NOW, min_score=4))["tests"]
    assert test["passed"]
    assert {"test-name", "passed", "score", "max-score"} <= set(test)


def test_classroom50_needs_its_runner_and_takes_no_fault_of_ours() -> None:
    with pytest.raises(FormError, match="CLASSROOM"):
        classroom50_text([GOOD], {}, NOW)
    with pytest.raises(FormError, match="could not be graded"):
        classroom50_text([FAILED], RUNNER, NOW)


def test_a_public_reader_reads_the_junit_form() -> None:
    text = junit_text([GOOD, REJECTED, FAILED], min_score=3)
    suites = junitparser.JUnitXml.fromstring(text.encode())
    (suite,) = suites
    assert (suite.tests, suite.failures, suite.errors) == (3, 1, 1)
    assert [each.classname for each in suite] == ["garments"] * 3


def test_the_summary_goes_where_github_wants_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import click

    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))

    @click.command()
    def write() -> None:
        grade_forms.write_form([GOOD], "github", 0)

    done = CliRunner().invoke(write)
    assert done.output.startswith("::notice ")
    assert page.read_text().startswith("before\n## tfexam\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "no" / "folder"))
    assert isinstance(CliRunner().invoke(write).exception, FormError)
