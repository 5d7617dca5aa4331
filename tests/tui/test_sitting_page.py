"""What an HTML report may tell, and when: nothing is explained in a faithful exam that goes on."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.report.page import SittingPage
from engine.report.sitting_report import sitting_html
from engine.report.words import Words
from engine.sitting.state.sitting import Sitting
from tests.html_pages import faults, text_of
from tests.tui.fakes import make_tasks
from tests.tui.report_scene import known, page, sitting, standing
from tui.text.sitting_page import page_of

EXPLAINS = (
    "the straight line (ridge)",
    "units of the baseline",
    "0.912",
    "Confusion",
    "draws",
    "times 255",
    "strength",
)


def told(whole: SittingPage) -> str:
    html = sitting_html(whole, Words())
    assert faults(html) == []
    return text_of(html)


def test_an_open_faithful_exam_tells_scores_and_rejections_only(tmp_path: Path) -> None:
    whole = page(tmp_path, sitting(ended=False))
    assert all(each.explained is None for each in whole.tasks)
    assert (whole.skills, whole.advice, whole.certificate, whole.code) == ((), (), None, "")
    words = told(whole)
    assert "Not ended yet" in words
    assert "5/5" in words
    assert "Your model takes (28, 28, 1)" in words
    assert not [each for each in EXPLAINS if each in words]
    assert "TFX-" not in words


def test_an_open_blind_exam_tells_no_score_at_all(tmp_path: Path) -> None:
    whole = page(tmp_path, sitting(mode="blind", ended=False))
    assert {each.score for each in whole.tasks} == {None}
    words = told(whole)
    assert "Scores are shown after the end." in words
    assert "Your model takes (28, 28, 1)" in words
    assert not [each for each in (*EXPLAINS, "5/5", "4/5", "3/5", "96 %", "0/5") if each in words]
    assert page(tmp_path / "b", sitting(mode="blind")).certificate is not None


def test_after_its_end_it_tells_all(tmp_path: Path) -> None:
    words = told(page(tmp_path, sitting()))
    assert [each for each in EXPLAINS if each in words] == list(EXPLAINS)


@pytest.mark.parametrize("kind", ["exam", "practice"])
def test_a_coach_explains_at_once(tmp_path: Path, kind: str) -> None:
    found = sitting(kind, "coach", ended=False)  # type: ignore[arg-type]
    words = told(page(tmp_path, found))
    assert [each for each in EXPLAINS if each in words] == list(EXPLAINS)
    assert "TFX-" not in words


def test_a_coach_shows_no_single_example_before_a_task_is_over(tmp_path: Path) -> None:
    single = ("One of the worst forecasts", "A usual forecast", "Outputs against targets")
    words = told(page(tmp_path / "a", sitting("exam", "coach", ended=False)))
    assert "Error by step ahead" in words
    assert not [each for each in single if each in words]
    words = told(page(tmp_path / "b", sitting("practice", "coach", ended=False)))
    assert [each for each in single if each in words] == list(single)  # full marks: it is over


def test_tasks_of_another_faithful_exam_stay_closed(tmp_path: Path) -> None:
    tasks, found = make_tasks(tmp_path), sitting()
    lies = known(tasks, found)
    closed = type(lies)(lies.tasks, frozenset({"hands"}), lies.curves, lies.evidence)
    whole = page_of(found, closed, standing(tasks, ManualClock()), "", ManualClock().now().utc())
    explained = {each.task: each.explained is not None for each in whole.tasks}
    assert explained == {each: each != "hands" for each in explained}
    (row,) = next(each.rows for each in whole.tasks if each.task == "hands")
    assert row.lines == ()


def test_only_a_passed_faithful_exam_has_a_certificate(tmp_path: Path) -> None:
    passed = page(tmp_path / "a").certificate
    assert passed is not None
    assert (passed.name, passed.percent, passed.code) == ("Ada Lovelace", 96, "TFX-7Q2M-0KXD-93YA")
    assert [score for _category, _title, score in passed.scores] == [5, 5, 4, 5, 5]
    failed = sitting(scores={"flats": 5, "garments": 5, "hands": 5, "reviews": 5})
    others = (failed, sitting("exam", "coach"), sitting("practice", "coach"), sitting(ended=False))
    for place, each in enumerate(others):
        assert page(tmp_path / str(place), each).certificate is None


def test_no_certificate_while_a_model_waits(tmp_path: Path) -> None:
    waits = sitting()
    last = replace(waits.submissions[-1], state="waiting", grade=None)
    open_one: Sitting = replace(waits, submissions=(*waits.submissions[:-1], last))
    whole = page(tmp_path, open_one)
    assert whole.certificate is None
    assert "1 grading is still to come" in told(whole)


def test_a_sitting_without_any_submission_has_a_page(tmp_path: Path) -> None:
    words = told(page(tmp_path, sitting(scores={})))
    assert "NOT PASSED" in words
    assert "No submissions." in words


def test_a_certificate_without_a_name_leaves_a_line(tmp_path: Path) -> None:
    html = sitting_html(page(tmp_path, name=""), Words())
    assert '<span class="blank">' in html
    assert faults(html) == []


def test_rows_tell_what_changed(tmp_path: Path) -> None:
    garments = next(each for each in page(tmp_path).tasks if each.task == "garments")
    assert [row.score for row in garments.rows] == [0, 3, 5]
    assert any(line.startswith("since #3") for line in garments.rows[2].lines)
