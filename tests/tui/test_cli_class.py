"""`tfexam class grade`: options, places of the results, statuses, and nobody's name in the log."""

import csv
import io
import json
import shutil
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.classroom import grading_engine
from engine.grading.host.batch import FileToGrade, GradedFile
from engine.grading.protocol import Grade, Graded, Message, Metric, Rejected, failed
from exam_bank.safe_files import sha256_of
from tests.chinese import english, faults
from tests.tui.sittings import drawn
from tui.cli import main

ROSTER = "id,name,group\ns1,Anna Weiss,A\ns2,Bert Braun,B\n"
GRADES: dict[str, Grade] = {
    "good": Graded(message=Message("ok"), metric=Metric("accuracy", 0.9, 10), score=5),
    "bad": Rejected(message=Message("no model"), reason="text_file"),
    "ours": failed("no memory"),
}


class FakePool:
    """Answers by the content of each file; a file that says "stop" is Ctrl-C."""

    def __init__(self, **options: object) -> None:
        self.options = options

    async def grade(self, files: Sequence[FileToGrade]) -> AsyncGenerator[GradedFile, None]:
        for each in files:
            content = each.path.read_text()
            if content == "stop":
                raise KeyboardInterrupt
            yield GradedFile(each, sha256_of(each.path), GRADES[content])


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a roster and a class, in which the command runs."""
    monkeypatch.setattr(grading_engine, "LocalPool", FakePool)
    monkeypatch.setenv("TFEXAM_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "roster.csv").write_text(ROSTER)
    return tmp_path


def hand_in(place: Path, **files: str) -> None:
    """Files by person and category: `s1_2="good"`."""
    for name, content in files.items():
        who, _, n = name.partition("_")
        path = place / "class" / who / f"Category{n}" / "mymodel.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


def grade(*options: str, code: str | None = None) -> Result:
    what = ("--code", code or drawn().code)
    given = ("class", "grade", "class", "--roster", "roster.csv", *what, "--out", "results")
    return CliRunner().invoke(main, [*given, *options])


def test_one_command_gives_all_files_and_names_nobody_on_stderr(place: Path) -> None:
    hand_in(place, s1_1="good", s1_2="good", s2_1="bad", x9_1="good")
    done = grade()
    assert done.exit_code == 3, done.output
    assert "2 people, 4 files" in done.stdout
    assert "unclaimed.csv" in done.stdout
    assert "Anna" not in done.stderr
    assert "4 of 4 files" in done.stderr
    rows = [json.loads(line) for line in Path("results/results.jsonl").read_text().splitlines()]
    assert [(each["person"], each["category"], each["verdict"]) for each in rows] == [
        *(("s1", n, "graded") for n in (1, 2)),
        *(("s1", n, "missing") for n in (3, 4, 5)),
        ("s2", 1, "rejected"),
        *(("s2", n, "missing") for n in (2, 3, 4, 5)),
        ("", 1, "unclaimed"),
    ]
    table = list(csv.DictReader(io.StringIO(Path("results/grades.csv").read_text("utf-8-sig"))))
    assert [(each["id"], each["category1"], each["attempts"]) for each in table] == [
        ("s1", "5", "2"),
        ("s2", "0", "1"),
    ]
    assert "x9" in Path("results/unclaimed.csv").read_text("utf-8-sig")


def test_json_is_the_rows_and_csv_the_grades(place: Path) -> None:
    hand_in(place, s1_1="good")
    rows = [json.loads(line) for line in grade("--format", "json").stdout.splitlines()]
    assert len(rows) == 10
    assert rows[0]["metric"] == {"name": "accuracy", "value": 0.9, "n": 10}
    printed = grade("--format", "csv", "--no-bom").stdout
    assert printed == Path("results/grades.csv").read_bytes().decode().replace("\r\n", "\n")
    assert printed.startswith("id,name,email,group,category1,")


def test_a_stop_says_how_to_go_on_and_the_same_command_does(place: Path) -> None:
    hand_in(place, s1_1="good", s1_2="stop", s2_1="bad")
    done = grade()
    assert done.exit_code == 130
    assert "stopped" in done.stderr
    assert "the same command goes on" in done.stderr
    kept = Path("results/results.jsonl").read_text()
    assert kept.count('"graded"') == 1
    hand_in(place, s1_2="good")
    done = grade()
    assert done.exit_code == 0, done.output
    assert Path("results/results.jsonl").read_text().count('"graded"') == 2


def test_results_that_lie_in_the_class_are_no_files_of_it(place: Path) -> None:
    hand_in(place, s1_1="good")
    shutil.make_archive("s2", "zip", "class", "s1")
    given = ["class", "grade", ".", "--code", drawn().code, "--out", "results"]
    for _ in range(2):
        done = CliRunner().invoke(main, given)
        assert "2 files" in done.stdout, done.output


def test_a_failure_of_ours_is_status_4(place: Path) -> None:
    hand_in(place, s1_1="ours")
    done = grade()
    assert done.exit_code == 4
    assert "The same command grades again" in done.stdout


def test_other_inputs_into_the_same_folder_are_refused(place: Path) -> None:
    hand_in(place, s1_1="good")
    assert grade().exit_code == 0
    done = grade("--limit-seconds", "5")
    assert done.exit_code == 2
    assert "the limit in seconds was nothing and is 5.0" in done.stderr
    given = ["class", "grade", "class", "--task", "wild-bees", "--out", "results"]
    done = CliRunner().invoke(main, given)
    assert f"the code was {drawn().code} and is nothing" in done.stderr
    assert "whether only .h5 files count was yes and is no" in done.stderr
    assert "the tasks" not in done.stderr


def test_in_chinese_all_is_said_in_chinese(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFEXAM_LANG", "zh")
    hand_in(place, s1_1="good", s1_2="ours", s2_1="bad", x9_1="good")
    done = grade()
    assert "2 人，4 个文件" in done.stdout
    for said in (done.stdout, done.stderr):
        assert not list(faults(said))
        assert not english(said)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "Use either --code, for a paper"),
        (("--task", "garments", "--code", "TFX-1"), "Use either --code, for a paper"),
        (("--code", "TFX-0000", "--seed", "1"), "leave out --seed"),
        (("--task", "nothing"), "There is no task 'nothing'"),
        (("--code", "TFX-0000"), "is not a paper code"),
    ],
)
def test_what_cannot_be_graded_by_is_a_usage_error(
    place: Path, options: tuple[str, ...], says: str
) -> None:
    hand_in(place, s1_1="good")
    done = CliRunner().invoke(main, ["class", "grade", "class", "--out", "o", *options])
    assert done.exit_code == 2
    assert says in done.stderr
    assert not Path("o").exists()


def test_a_class_without_any_file_is_told(place: Path) -> None:
    (place / "class").mkdir(exist_ok=True)
    done = grade()
    assert "No model file was found in class" in done.stderr


def test_a_faulty_roster_names_its_place_and_nobody(place: Path) -> None:
    hand_in(place, s1_1="good")
    (place / "roster.csv").write_text("id,name\ns1,Anna\ns1,Bert\n")
    done = grade()
    assert done.exit_code == 2
    assert "roster.csv, line 3, column id: this id is also that of line 2" in done.stderr
    assert "Bert" not in done.stderr


def test_a_folder_without_any_model_is_said(place: Path) -> None:
    (place / "class").mkdir()
    done = grade()
    assert done.exit_code == 0
    assert "No model file was found in class: everybody is missing." in done.stderr
    assert done.stdout.splitlines()[1].split() == ["10", "missing"]
    given = ["class", "grade", "class", "--code", drawn().code, "--out", "other"]
    alone = CliRunner().invoke(main, given)
    assert alone.exit_code == 2
    assert "No model file was found in class." in alone.stderr
    assert "one folder for each person" in alone.stderr


def test_a_run_that_had_no_row_stands_in_nobodys_way(place: Path) -> None:
    """Of a wrong folder or a wrong code nothing has to be thrown away."""
    (place / "class").mkdir()
    options = ["class", "grade", "class", "--out", "results"]
    assert CliRunner().invoke(main, [*options, "--task", "wild-bees"]).exit_code == 2
    hand_in(place, s1_2="good")
    assert grade().exit_code == 0


def test_a_single_task_without_a_roster(place: Path) -> None:
    hand_in(place, s1_2="good")
    given = ["class", "grade", "class", "--task", "garments", "--seed", "7", "--out", "results"]
    done = CliRunner().invoke(main, given)
    assert done.exit_code == 0, done.output
    assert "1 person, 1 file" in done.stdout
    record = json.loads(Path("results/class.json").read_text())
    assert [each["seed"] for each in record["run"]["tasks"]] == [7]
    assert [each["id"] for each in record["roster"]["people"]] == ["s1"]


def test_the_help_names_formats_and_statuses() -> None:
    said = CliRunner().invoke(main, ["class", "grade", "--help"]).stdout
    for word in ("Canvas", "Moodle", "Gradescope", "--roster", "Status: 0", "130 stopped"):
        assert word in said
    commands = " ".join(CliRunner().invoke(main, ["class", "--help"]).stdout.split())
    assert "grade Grade the files" in commands
