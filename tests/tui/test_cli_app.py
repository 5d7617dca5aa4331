"""The screens that `tfexam`, `tfexam exam` and `tfexam practice` open first."""

import gc
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.clock import ManualClock, SystemClock
from engine.settings import Settings
from exam_bank.catalog import Catalog
from exam_bank.datasets.store import Store
from exam_bank.paper import draw
from exam_bank.task_choice import candidates
from tests.exam_bank.test_catalog import SETS
from tests.exam_bank.test_task import WHOLE, write
from tests.tui.sittings import drawn, keep
from tui.cli import main
from tui.commands import exam, open_app, practice
from tui.start import Home, NewExam, NewPractice, Resume, Start


class Opened:
    """The arguments that the app was started with."""

    settings: Settings
    start: Start | None = None


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Opened:
    """Replaces the app and the terminal that it needs."""
    seen = Opened()

    def run_app(settings: Settings, start: Start) -> None:
        seen.settings, seen.start = settings, start

    for module in (open_app, exam, practice):
        monkeypatch.setattr(module, "need_terminal", lambda: None)
        monkeypatch.setattr(module, "run_app", run_app)
    return seen


def call(home: Path, *args: str) -> Result:
    return CliRunner().invoke(main, ["--home", str(home), *args])


def test_without_a_sitting_the_app_opens_at_home(tmp_path: Path, opened: Opened) -> None:
    assert call(tmp_path).exit_code == 0
    assert opened.start == Home()


@pytest.mark.parametrize("args", [(), ("exam",), ("exam", "--new"), ("practice", "--new", "1")])
def test_the_app_does_not_open_where_nothing_can_be_kept(
    tmp_path: Path, opened: Opened, args: tuple[str, ...]
) -> None:
    (tmp_path / "sittings").touch()
    found = call(tmp_path, *args)
    assert found.exit_code == 2
    assert "is not a folder, so no sittings can be kept there." in found.stderr
    assert opened.start is None


def test_the_app_goes_on_with_the_open_sitting(tmp_path: Path, opened: Opened) -> None:
    keep(tmp_path, "open")
    call(tmp_path)
    assert opened.start == Resume(tmp_path / "sittings" / "open")


def test_an_ended_sitting_is_not_gone_on_with(tmp_path: Path, opened: Opened) -> None:
    keep(tmp_path, "done", score=5, ended=True)
    call(tmp_path)
    assert opened.start == Home()


def test_an_exam_takes_its_defaults_from_the_settings(tmp_path: Path, opened: Opened) -> None:
    call(tmp_path, "exam")
    assert opened.start == NewExam(None, 300, "faithful", None, level="classic")


def test_the_options_of_an_exam_arrive(tmp_path: Path, opened: Opened) -> None:
    options = ("--minutes", "90", "--mode", "coach", "--dir", str(tmp_path / "here"))
    call(tmp_path, "--lang", "zh", "exam", "--code", drawn().code, *options)
    here = tmp_path / "here"
    assert opened.start == NewExam(drawn(), 90, "coach", here, level="classic")
    assert opened.settings.language == "zh"


@pytest.mark.parametrize("command", ["exam", "practice"])
def test_the_level_is_as_asked_for_or_as_set(
    command: str, tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    def level(*options: str) -> str | None:
        assert call(tmp_path, command, *options).exit_code == 0
        assert isinstance(opened.start, NewExam | NewPractice)
        return opened.start.level

    assert level() == "classic"
    assert level("--level", "hard") == "hard"
    monkeypatch.setenv("TFEXAM_LEVEL", "hard")
    assert level() == "hard"
    assert level("--level", "classic") == "classic"
    assert call(tmp_path, command, "--level", "easy").exit_code == 2


def test_a_code_brings_its_level_and_cannot_be_sat_on_another(
    tmp_path: Path, opened: Opened
) -> None:
    code = drawn(level="hard").code
    call(tmp_path, "exam", "--code", code)
    assert isinstance(opened.start, NewExam)
    assert opened.start.level == "hard"
    opened.start = None
    found = call(tmp_path, "exam", "--code", code, "--level", "classic")
    assert (found.exit_code, opened.start) == (2, None)
    said = " ".join(found.stderr.split())
    assert f"The paper {code} is on the level hard, not classic: leave out --level." in said


def test_practice_on_a_level_has_only_tasks_that_serve_it(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    hard = "[mark_scheme.hard]\nthresholds = [5, 4, 3, 2, 1]\n"
    write(tmp_path / "pack" / "ant", WHOLE.replace("thresholds = [5, 4, 3, 2, 1]\n", hard))
    monkeypatch.setenv("TFEXAM_BANK", str(tmp_path / "pack"))
    for level, is_there in (("classic", False), ("hard", True)):
        call(tmp_path, "practice", "1", "--level", level)
        assert isinstance(opened.start, NewPractice)
        assert ("line" in opened.start.tasks) is is_there
    found = call(tmp_path, "practice", "line")
    assert found.exit_code == 2
    assert "line is not asked on the level classic, only on hard." in found.stderr


def test_a_mistyped_code_opens_nothing(tmp_path: Path, opened: Opened) -> None:
    found = call(tmp_path, "exam", "--code", "TFX-1")
    assert (found.exit_code, opened.start) == (2, None)
    assert "TFX-1" in found.stderr


@pytest.mark.parametrize("minutes", ["0", "-3", "soon"])
def test_a_length_that_cannot_be_is_refused(minutes: str, tmp_path: Path, opened: Opened) -> None:
    assert call(tmp_path, "exam", "--minutes", minutes).exit_code == 2
    assert opened.start is None


def test_practice_takes_ids_and_categories_each_task_once(tmp_path: Path, opened: Opened) -> None:
    call(tmp_path, "practice", "garments", "1", "flats", "--minutes", "20")
    assert isinstance(opened.start, NewPractice)
    assert opened.start.tasks[0] == "garments"
    assert {"flats", "straight-line"} <= set(opened.start.tasks)
    assert len(set(opened.start.tasks)) == len(opened.start.tasks)
    assert opened.start.minutes == 20


def test_practice_takes_skills(tmp_path: Path, opened: Opened) -> None:
    call(tmp_path, "practice", "lstm", "help-desk", "lstm")
    assert isinstance(opened.start, NewPractice)
    assert "appointments" not in opened.start.tasks  # which is on hard only
    assert opened.start.tasks[-1] == "help-desk"
    assert len(set(opened.start.tasks)) == len(opened.start.tasks)


def test_a_skill_that_no_task_tests_says_so(tmp_path: Path, opened: Opened) -> None:
    found = call(tmp_path, "practice", "generating-text")
    assert found.exit_code == 2
    assert "No task tests the skill generating-text" in found.stderr
    assert opened.start is None


def test_a_skill_whose_tasks_all_lack_their_data_says_what_to_fetch(
    tmp_path: Path, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TFEXAM_DATA", "")
    found = call(tmp_path, "practice", "transfer-learning")
    assert found.exit_code == 2
    assert "tfexam data fetch" in found.stderr
    assert opened.start is None


def test_practice_of_nothing_named_is_of_everything(tmp_path: Path, opened: Opened) -> None:
    call(tmp_path, "practice")
    assert isinstance(opened.start, NewPractice)
    here = Store(tmp_path / "none").look()
    bank = (task for task in Catalog.find().tasks if "classic" in task.levels)
    tasks = (task for task in bank if here.is_here(task.says.source))
    assert opened.start.tasks == tuple(task.id for task in tasks)


@pytest.mark.parametrize("name", ["nosuch", "9", "²"])
def test_practice_of_what_is_not_there_is_refused(
    name: str, tmp_path: Path, opened: Opened
) -> None:
    found = call(tmp_path, "practice", name)
    assert (found.exit_code, opened.start) == (2, None)
    assert name in found.stderr


@pytest.mark.parametrize("command", ["exam", "practice"])
def test_nothing_is_started_beside_a_running_clock_unless_told_to(
    command: str, tmp_path: Path, opened: Opened
) -> None:
    keep(tmp_path, "first")
    found = call(tmp_path, command)
    assert (found.exit_code, opened.start) == (2, None)
    said = " ".join(found.stderr.split())
    assert "The exam first is running, 0:59:" in said
    assert call(tmp_path, command, "--new").exit_code == 0
    assert isinstance(opened.start, NewExam | NewPractice)


def test_a_clock_that_ran_out_is_in_nobodys_way(tmp_path: Path, opened: Opened) -> None:
    long_ago = ManualClock(wall=SystemClock().now().wall - 7200)
    keep(tmp_path, "over", clock=long_ago)
    assert call(tmp_path, "exam").exit_code == 0


@pytest.mark.parametrize("command", ["exam", "practice"])
def test_a_workspace_of_somebody_who_is_not_there_is_a_usage_error(
    command: str, tmp_path: Path, opened: Opened
) -> None:
    found = call(tmp_path, command, "--dir", "~nosuchone/x")
    assert (found.exit_code, opened.start) == (2, None)
    assert "~nosuchone/x" in found.stderr


def test_an_app_that_failed_gives_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(open_app, "need_terminal", lambda: None)
    monkeypatch.setattr("tui.app.run", lambda *_: 1)
    assert call(tmp_path).exit_code == 1


@pytest.fixture
def _absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bank with one more task, whose data set is nowhere."""
    folder = write(tmp_path / "pack" / "ant", WHOLE.replace('"synthetic"', '"mine"'))
    (folder.parent / "datasets.toml").write_text(SETS)
    monkeypatch.setenv("TFEXAM_BANK", str(folder.parent))


def paper_with(task: str, home: Path) -> str:
    """The code of a paper from the current bank that has `task`."""
    catalog = Catalog.find(Settings.load({"home": home}).packs)
    papers = (draw(catalog, number=number) for number in range(10_000))
    return next(each.code for each in papers if task in each.weights)


@pytest.mark.usefixtures("_absent")
def test_a_code_whose_data_are_not_here_says_what_to_fetch(tmp_path: Path, opened: Opened) -> None:
    found = call(tmp_path, "exam", "--code", paper_with("line", tmp_path))
    assert (found.exit_code, opened.start) == (2, None)
    assert "mine (a)" in found.stderr
    assert "tfexam data fetch" in found.stderr


@pytest.mark.usefixtures("_absent")
def test_an_exam_says_from_what_it_is_drawn(tmp_path: Path, opened: Opened) -> None:
    found = call(tmp_path, "exam")
    assert isinstance(opened.start, NewExam)
    tasks = len(candidates(Catalog.find(opened.settings.packs), "classic"))
    assert f"of {tasks} tasks" in found.stderr
    assert "line" in found.stderr


@pytest.mark.usefixtures("_absent")
def test_practice_leaves_out_what_has_no_data_unless_it_is_named(
    tmp_path: Path, opened: Opened
) -> None:
    found = call(tmp_path, "practice", "1")
    assert isinstance(opened.start, NewPractice)
    assert "line" not in opened.start.tasks
    assert "straight-line" in opened.start.tasks
    left_out = found.stderr.partition("Left out, because their data are not here: ")[2]
    assert "line" in left_out.rstrip(".\n").split(", ")
    opened.start = None
    found = call(tmp_path, "practice", "flats", "line")
    assert (found.exit_code, opened.start) == (2, None)
    assert "tfexam data fetch mine" in found.stderr


def test_nothing_is_looked_through_before_the_first_paint_nor_on_the_way_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[object] = []
    monkeypatch.setattr("tui.app.run", lambda *_: seen.append(gc.isenabled()))
    monkeypatch.setattr(gc, "freeze", lambda: seen.append("frozen"))
    try:
        open_app.run_app(Settings.load({"home": str(tmp_path)}), Home())
    finally:
        gc.enable()
    assert seen == [False, "frozen"]


@pytest.mark.parametrize("term", ["dumb", "unknown"])
@pytest.mark.parametrize("command", [[], ["exam"], ["practice"]])
def test_a_terminal_that_cannot_place_a_cursor_is_refused(
    command: list[str], term: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The app would draw there without end, and its memory would grow."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr("tui.terminal.missing", lambda: "")
    monkeypatch.setattr(open_app, "run_app", lambda *_: pytest.fail("it was opened"))
    told = call(tmp_path, *command)
    assert told.exit_code == 2
    assert f"TERM={term}" in told.stderr


@pytest.mark.skipif(not shutil.which("tic"), reason="nothing compiles terminfo here")
@pytest.mark.parametrize(("placing", "is_dumb"), [("cup=\\E[%i%p1%d;%p2%dH, ", False), ("", True)])
def test_what_terminfo_says_of_a_terminal_counts(
    placing: str, is_dumb: bool, tmp_path: Path
) -> None:
    source = tmp_path / "teletype.ti"
    source.write_text(f"teletype|made for a test, am, cols#80, {placing}bel=^G,\n")
    subprocess.run(["tic", "-o", str(tmp_path), str(source)], check=True)
    environment = os.environ | {"TERM": "teletype", "TERMINFO": str(tmp_path)}
    assert asked(environment) == str(is_dumb)


@pytest.mark.parametrize("term", ["", "xterm-of-tomorrow"])
def test_a_terminal_that_terminfo_does_not_know_is_tried(term: str) -> None:
    assert asked(os.environ | {"TERM": term}) == "False"


def asked(environment: dict[str, str]) -> str:
    """Whether a process with that environment takes its terminal for one without a cursor.

    curses reads the description of one terminal only, once for each process.
    """
    code = "from tui import terminal; print(terminal.is_dumb())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
