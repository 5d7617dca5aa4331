"""The results of sittings and of headless grading, read back as other programs would."""

import csv
import io
import json
import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from engine.clock import ManualClock
from engine.errors import SittingError
from engine.grading import answers, protocol
from engine.grading.answers import Answer, answer
from engine.grading.protocol import Grade, Message, Metric
from engine.sitting.state import events, report
from engine.sitting.state.sitting import Sitting, SittingRecord, replay
from exam_bank.catalog import Catalog
from exam_bank.paper import Paper, PaperTask
from exam_bank.task import LEVELS, Level
from tui.commands.report_text import text

NAN = Metric("mae", None, 100)


def graded(score: int, metric: Metric | None = None) -> protocol.Graded:
    said = Message("{score} of 5.", {"score": score})
    return protocol.Graded(message=said, metric=metric or Metric("mae", 0.5, 100), score=score)


def rejected() -> protocol.Rejected:
    return protocol.Rejected(message=Message("The file is empty."), reason="empty", seconds=0.25)


def failed() -> protocol.GraderFailed:
    return protocol.GraderFailed(message=Message("The grader died."))


def record(clock: ManualClock, level: Level | UnsetType = UNSET) -> SittingRecord:
    tasks = (PaperTask(1, "line", 7, 10), PaperTask(2, "pictures", 8, 30))
    return SittingRecord(
        id="exam-1",
        kind="exam",
        mode="faithful",
        minutes=60,
        paper=Paper("TFX-0000-0000-0000", tasks, level),
        workspace="/work",
        created=clock.now(),
        tfexam_version="0.1.0",
    )


def sitting_with(*grades: tuple[str, Grade]) -> Sitting:
    """An ended sitting in which each grade came a minute after the previous one."""
    clock = ManualClock()
    kept = record(clock)
    happened: list[events.Event] = [events.Started(at=clock.now())]
    for number, (task, grade) in enumerate(grades, start=1):
        clock.advance(60)
        happened += [
            events.Submitted(at=clock.now(), number=number, task=task, sha256=f"s{number}", size=9),
            events.GradingEnded(at=clock.now(), number=number, grade=grade),
        ]
    clock.advance(60)
    happened.append(events.Ended(at=clock.now(), reason="candidate"))
    return replay(kept, happened)


def test_a_report_says_what_a_sitting_came_to() -> None:
    sitting = sitting_with(
        ("line", graded(3)), ("line", graded(5)), ("line", graded(5)), ("line", rejected())
    )
    found = report.result(sitting)
    line, pictures = found.tasks
    assert (line.score, line.attempts) == (5, 4)
    assert line.verdicts == {"graded": 3, "rejected": 1}
    assert (pictures.score, pictures.attempts, pictures.sha256) == (0, 0, None)
    assert (found.percent, found.passed, found.ended_by) == (25.0, False, "candidate")
    assert found.used_seconds == 300


def test_the_best_submission_is_the_first_with_the_best_score() -> None:
    sitting = sitting_with(("line", graded(3)), ("line", graded(5)), ("line", graded(5)))
    line = report.result(sitting).tasks[0]
    assert (line.sha256, line.best_seconds) == ("s2", 120)


def test_the_time_spent_on_each_task_is_told() -> None:
    clock = ManualClock()
    happened: list[events.Event] = [events.Started(at=clock.now())]
    for task in ("line", "pictures", "line"):
        happened.append(events.Turned(at=clock.now(), task=task))
        clock.advance(60)
    happened.append(events.Ended(at=clock.now(), reason="time"))
    found = report.result(replay(record(clock), happened))
    assert [each.spent_seconds for each in found.tasks] == [120, 60]
    assert "0:02:00" in text(found)


def test_what_says_nothing_of_the_file_is_no_best() -> None:
    line = report.result(sitting_with(("line", failed()))).tasks[0]
    assert (line.sha256, line.score, line.verdicts) == (None, 0, {"grader_failed": 1})


def test_result_toml_is_plain_toml_and_reads_back(tmp_path: Path) -> None:
    found = report.result(sitting_with(("line", graded(5))))
    path = report.write(tmp_path, found)
    plain = tomllib.loads(path.read_text(encoding="utf-8"))
    assert (plain["passed"], plain["tasks"][0]["score"]) == (False, 5)
    assert plain["created"].tzinfo is not None
    assert report.read(tmp_path) == found
    assert [each.name for each in tmp_path.iterdir()] == ["result.toml"]


def test_a_result_that_cannot_be_written_names_the_file_and_leaves_nothing_half(
    tmp_path: Path,
) -> None:
    found = report.result(sitting_with())
    (tmp_path / "result.toml").mkdir()
    with pytest.raises(SittingError, match=r"result\.toml"):
        report.write(tmp_path, found)
    assert [each.name for each in tmp_path.iterdir()] == ["result.toml"]


def test_a_damaged_result_is_named(tmp_path: Path) -> None:
    (tmp_path / "result.toml").write_text("passed = true\n")
    with pytest.raises(SittingError, match="damaged"):
        report.read(tmp_path)


def test_a_report_says_the_level_if_the_sitting_has_one(tmp_path: Path) -> None:
    for level in LEVELS:
        found = report.result(Sitting(record=record(ManualClock(), level)))
        assert json.loads(report.to_json(found))["level"] == level
        assert f"Level {level}" in text(found).splitlines()
        report.write(tmp_path, found)
        assert report.read(tmp_path) == found
    before = report.result(Sitting(record=record(ManualClock())))
    assert "level" not in json.loads(report.to_json(before))
    assert "level" not in report.to_toml(before)
    assert "Level" not in text(before)


def test_the_text_says_pass_or_fail_and_each_score_in_80_columns() -> None:
    lines = text(
        report.result(sitting_with(("line", graded(5)), ("pictures", graded(5))))
    ).splitlines()
    assert lines[-1] == "PASS: 100 % (90 % passes)"
    assert any("1 line" in line and "5/5" in line and "0:01:00" in line for line in lines)
    assert max(map(len, lines)) <= 80
    assert (
        text(report.result(sitting_with(("line", graded(5))))).splitlines()[-1].startswith("FAIL")
    )


KEYS = [
    *("file", "sha256", "task", "category", "verdict", "score", "max_score"),
    *("metric", "message", "runtime", "seconds", "level"),
]


def given(grade: Grade, file: str = "a/mymodel.h5") -> Answer:
    return answer(file, "ab12", Catalog.find().task("straight-line"), grade)


@pytest.mark.parametrize("grade", [graded(4), graded(0, NAN), rejected(), failed()])
def test_every_json_line_has_every_key(grade: Grade) -> None:
    line = answers.json_line(given(grade))
    assert "\n" not in line
    assert list(json.loads(line)) == KEYS


def test_a_graded_line_holds_score_and_metric() -> None:
    line = json.loads(answers.json_line(given(graded(4))))
    assert (line["score"], line["max_score"], line["verdict"]) == (4, 5, "graded")
    assert line["metric"] == {"name": "mae", "value": 0.5, "n": 100}


@pytest.mark.parametrize(("grade", "score"), [(rejected(), 0), (failed(), None)])
def test_only_a_fault_of_the_file_costs_points(grade: Grade, score: int | None) -> None:
    line = json.loads(answers.json_line(given(grade)))
    assert (line["score"], line["metric"]) == (score, None)


def test_notes_on_a_graded_model_follow_its_message() -> None:
    grade = graded(4)
    noted = given(replace(grade, notes=(Message("It ends in {ending}.", {"ending": "tanh"}),)))
    assert noted.message == f"{grade.message.text()} It ends in tanh."
    assert "It ends in tanh." in answers.text_line(noted)


def test_people_read_the_sentence_in_their_language() -> None:
    task = Catalog.find().task("straight-line")
    told = answer("a", "", task, rejected(), {"The file is empty.": "文件是空的。"}.__getitem__)
    assert told.message == "文件是空的。"
    assert told.sha256 is None


def test_csv_reads_back_with_its_commas_and_quotes() -> None:
    awkward = 'a, "b"\nc/mymodel.h5'
    written = answers.csv_text([given(graded(4), awkward), given(failed())])
    first, second = csv.DictReader(io.StringIO(written))
    assert first["file"] == awkward
    assert (first["score"], first["metric"], first["value"], first["n"]) == (
        "4",
        "mae",
        "0.5",
        "100",
    )
    assert (second["score"], second["value"]) == ("", "")


def test_junit_parts_failures_of_files_from_errors_of_the_grader() -> None:
    told = [given(graded(4)), given(graded(2)), given(rejected()), given(failed())]
    (suite,) = ET.fromstring(answers.junit_text(told, min_score=3))
    assert dict(suite.attrib) | {"tests": "4", "failures": "2", "errors": "1"} == suite.attrib
    kinds = [[child.tag for child in case if child.tag != "system-out"] for case in suite]
    assert kinds == [[], ["failure"], ["failure"], ["error"]]


def test_junit_holds_any_file_name() -> None:
    written = answers.junit_text([given(rejected(), 'x\x01<&">/mymodel.h5')])
    (suite,) = ET.fromstring(written)
    assert suite[0].get("name") == 'x�<&">/mymodel.h5'


def test_text_sends_no_terminal_what_a_file_name_hides() -> None:
    assert "\x1b" not in answers.text_line(given(rejected(), "\x1b[2Jm.h5"))


def test_a_name_that_is_no_utf_8_can_be_written_in_every_notation() -> None:
    says = Message("There is no file {name}.", {"name": "caf\udce9.h5"})
    each = given(protocol.Rejected(message=says, reason="no_file"), "caf\udce9/mymodel.h5")
    for written in (answers.json_line(each), answers.csv_text([each]), answers.junit_text([each])):
        assert "caf?/mymodel.h5" in written.encode().decode()


def test_a_report_is_json_too() -> None:
    found = msgspec.json.decode(msgspec.json.encode(report.result(sitting_with())))
    assert found["tasks"][0]["sha256"] is None
