import asyncio
import contextlib
import errno
import os
import shutil
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from engine.clock import ManualClock
from engine.errors import (
    JournalError,
    SittingError,
    SittingLockedError,
    TransitionError,
    WorkspaceError,
)
from engine.grading.protocol import Cancelled, GraderFailed
from engine.sitting import ledger, not_taken
from engine.sitting.commands import Command
from engine.sitting.intake import scanner
from engine.sitting.intake.scanner import Scanner
from engine.sitting.ledger import Subscribers
from engine.sitting.not_taken import read_not_taken
from engine.sitting.notices import (
    GradingProgress,
    Happened,
    Notice,
    StarterSaved,
    Tick,
    TimeLeft,
    Unsubmitted,
)
from engine.sitting.proctor import Proctor
from engine.sitting.state import report
from engine.sitting.state.sitting import Phase
from engine.sitting.store import journal
from engine.sitting.store.journal import read_journal
from engine.sitting.store.record import hidden_folder, task_folder
from exam_bank.task import Level
from tests.engine.scene import GRADED, GRADING, SUPERSEDED, WAITING, Scene, states
from tests.engine.sittings import (
    FIRST,
    SECOND,
    FakeGrader,
    graded,
    make_settings,
    make_sitting,
    model,
    until,
)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock, settings = ManualClock(), make_settings(tmp_path)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    yield scene
    await scene.proctor.close()


async def test_a_saved_model_is_graded_and_scores(scene: Scene) -> None:
    await scene.started(4)
    scene.save("a")
    await scene.until_after(lambda: scene.sitting.best(FIRST) == 4)
    assert scene.grader.contents == [model("a")]
    assert scene.happened() == ["Started", "Submitted", "GradingStarted", "GradingEnded"]
    assert read_journal(scene.folder / "journal.jsonl").events == tuple(
        each.event for each in scene.notices if isinstance(each, Happened)
    )


async def test_the_best_score_counts_and_the_grader_gets_what_the_task_says(scene: Scene) -> None:
    await scene.started(4, 2)
    for count, content in enumerate("ab", start=1):
        scene.save(content)
        await scene.until_graded(count)
    assert (scene.sitting.best(FIRST), scene.sitting.latest(FIRST)) == (4, 2)
    job = scene.grader.jobs[0]
    assert (job.task, job.category, job.contract) == (
        FIRST,
        1,
        scene.proctor.tasks[FIRST].says.contract,
    )
    assert job.hidden == str(hidden_folder(scene.folder, FIRST))
    assert job.draw is None


BY_LEVEL = """[mark_scheme.classic]
thresholds = [9, 8, 7, 6, 5]
[mark_scheme.hard]
thresholds = [5, 4, 3, 2, 1]"""


@pytest.mark.parametrize(("level", "most"), [("classic", 9), ("hard", 5)])
async def test_models_are_marked_on_the_level_of_the_sitting(
    level: Level, most: float, tmp_path: Path
) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings, level=level)
    toml = task_folder(folder, FIRST) / "task.toml"
    toml.write_text(toml.read_text().replace("thresholds = [5, 4, 3, 2, 1]", BY_LEVEL))
    scene = Scene(folder, settings, clock)
    await scene.started(4)
    scene.save("a")
    await scene.until_graded(1)
    assert scene.grader.jobs[0].mark_scheme.thresholds[0] == most
    await scene.close()


async def test_the_real_exams_wobble_is_one_draw_a_model(tmp_path: Path) -> None:
    clock = ManualClock()
    settings = make_settings(tmp_path, sampling="draw")
    folder = await make_sitting(tmp_path, clock, settings=settings)
    # What is in force for a sitting was settled when it was laid out.
    scene = Scene(folder, make_settings(tmp_path, sampling="whole"), clock)
    await scene.started(3, 3, 3, 3)
    for count, (content, task) in enumerate(
        [("a", FIRST), ("b", FIRST), ("a", SECOND), ("a", FIRST)], start=1
    ):
        scene.save(content, task)
        await scene.until_graded(count)
    first, other, elsewhere, again = (job.draw for job in scene.grader.jobs)
    assert first is not None
    assert again == first
    assert len({first, other, elsewhere}) == 3
    await scene.close()


async def test_a_grading_that_is_repeated_measures_the_same(tmp_path: Path) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path, sampling="draw")
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started()
    scene.save("a")
    await scene.until_after(lambda: scene.grader.busy)
    (before,) = scene.grader.jobs
    await scene.close()
    scene.open(4)
    await scene.until_graded(1)
    assert [job.draw for job in scene.grader.jobs] == [before.draw]
    await scene.close()


async def test_a_newer_save_supersedes_one_that_waits_but_not_one_in_grading(scene: Scene) -> None:
    await scene.started()
    for count, content in enumerate("abc", start=1):
        scene.save(content)
        await scene.until_submitted(count)
    await until(lambda: scene.happened().count("Superseded") == 1)
    assert states(scene) == [GRADING, SUPERSEDED, WAITING]
    scene.save("d", SECOND)
    await scene.until_submitted(4)
    assert states(scene) == [GRADING, SUPERSEDED, WAITING, WAITING]
    for count in (1, 2, 3):
        await until(lambda: scene.grader.busy)
        scene.grader.answer(graded(count))
        await scene.until_graded(count)
    assert scene.grader.contents == [model("a"), model("c"), model("d")]
    assert scene.sitting.best(FIRST) == 2


async def test_cancel_gives_no_score_and_the_next_goes_on(scene: Scene) -> None:
    await scene.started()
    scene.proctor.cancel()  # nothing to cancel: nothing happens
    scene.save("a")
    scene.save("b", SECOND)
    await scene.until_submitted(2)
    await until(lambda: scene.grader.busy)
    scene.proctor.cancel()
    await until(lambda: states(scene) == [GRADED, GRADING])
    assert isinstance(scene.sitting.submissions[0].grade, Cancelled)
    assert scene.sitting.best(scene.sitting.submissions[0].task) is None
    assert scene.troubles == []


async def test_cancel_counts_while_the_grader_still_starts(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_start = asyncio.Event()

    async def slow_start(self: FakeGrader) -> None:
        await may_start.wait()

    monkeypatch.setattr(FakeGrader, "start", slow_start)
    await scene.started(5)
    scene.save("a")
    await scene.until_after(lambda: states(scene) == [GRADING])
    scene.proctor.cancel()
    await asyncio.sleep(0.05)  # the proctor takes the command
    may_start.set()
    await until(lambda: states(scene) == [GRADED])
    assert isinstance(scene.sitting.submissions[0].grade, Cancelled)
    assert scene.grader.jobs == []


async def test_by_hand_the_same_bytes_are_submitted_again(scene: Scene) -> None:
    await scene.started(3, 3)
    scene.save("a")
    await scene.until_after(lambda: scene.sitting.best(FIRST) == 3)
    scene.file().touch()
    scene.proctor.submit(FIRST)
    await scene.until_after(lambda: len(scene.sitting.submissions) == 2)
    first, second = scene.sitting.submissions
    assert (first.sha256, first.by_hand, second.by_hand) == (second.sha256, False, True)


async def test_a_submission_by_hand_may_be_asked_for_before_all_else(scene: Scene) -> None:
    await scene.started(3)
    scene.save("a")
    await scene.until_graded(1)
    await scene.close()
    scene.open(4)
    scene.proctor.submit(FIRST)
    await scene.until_graded(2)
    assert scene.sitting.submissions[1].by_hand
    assert scene.troubles == []


async def test_submitting_by_hand_without_a_file_says_so(scene: Scene) -> None:
    await scene.started()
    scene.proctor.submit(SECOND)
    await scene.until_after(lambda: scene.notes == ["There is no mymodel.h5 in {folder}."])
    scene.proctor.submit("third-task")
    await until(lambda: len(scene.troubles) == 1)
    assert "third-task" in str(scene.troubles[0])


async def test_what_cannot_be_done_now_is_trouble_and_changes_nothing(scene: Scene) -> None:
    scene.open()
    scene.proctor.submit(FIRST)
    scene.proctor.end()
    scene.proctor.resume()
    await until(lambda: len(scene.troubles) == 3)
    assert all(isinstance(each, TransitionError) for each in scene.troubles)
    assert scene.sitting.phase is Phase.PREPARED
    assert read_journal(scene.folder / "journal.jsonl").events == ()


async def test_a_failing_grader_costs_no_points(scene: Scene) -> None:
    await scene.started()
    scene.grader.fault = RuntimeError("broken pipe")
    scene.save("a")
    await scene.until_after(lambda: states(scene) == [GRADED])
    grade = scene.sitting.submissions[0].grade
    assert isinstance(grade, GraderFailed)
    assert "broken pipe" in grade.message.text()
    assert scene.sitting.best(FIRST) is None


async def test_the_candidate_ends_and_what_was_saved_before_is_graded(scene: Scene) -> None:
    await scene.started()
    scene.save("a")
    scene.proctor.end()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert scene.sitting.end_reason == "candidate"
    await until(lambda: scene.grader.busy)
    assert not (scene.folder / "result.toml").exists()
    scene.grader.answer(graded(5))
    await until(lambda: scene.grader.closed)
    assert report.read(scene.folder).tasks[0].score == 5
    scene.save("b")
    scene.proctor.submit(FIRST)
    await until(lambda: len(scene.troubles) == 1)
    assert len(scene.sitting.submissions) == 1


async def test_at_zero_it_ends_and_a_model_of_the_last_second_counts(scene: Scene) -> None:
    await scene.started(3)
    scene.clock.advance(scene.proctor.time_left() - 0.1)
    scene.save("a")
    scene.proctor.look()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert scene.sitting.end_reason == "time"
    (submission,) = scene.sitting.submissions
    assert submission.elapsed <= scene.sitting.seconds
    await until(lambda: scene.sitting.best(FIRST) == 3)
    assert scene.proctor.time_left() == 0


async def test_a_model_saved_after_zero_does_not_count(scene: Scene) -> None:
    await scene.started()
    scene.clock.advance(scene.sitting.seconds + 60)
    scene.save("late")
    after = scene.clock.now().wall
    os.utime(scene.file(), (after, after))
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert scene.sitting.submissions == ()


async def test_a_paused_practice_does_not_run_out_and_an_exam_cannot_pause(
    scene: Scene, tmp_path: Path
) -> None:
    await scene.started()
    scene.clock.advance(600)
    scene.proctor.pause()
    await scene.phase(Phase.PAUSED)
    left = scene.proctor.time_left()
    scene.clock.advance(1_000_000)
    scene.proctor.look()
    scene.proctor.resume()
    await scene.phase(Phase.RUNNING)
    assert scene.proctor.time_left() == left == pytest.approx(scene.sitting.seconds - 600)

    folder = await make_sitting(tmp_path / "exam", scene.clock, kind="exam")
    exam = Scene(folder, scene.settings, scene.clock)
    await exam.started()
    exam.proctor.pause()
    await until(lambda: exam.troubles)
    assert exam.sitting.phase is Phase.RUNNING
    await exam.close()


async def test_a_reopened_sitting_grades_what_was_interrupted_and_takes_what_is_new(
    scene: Scene,
) -> None:
    await scene.started()
    scene.save("a")
    await scene.until_submitted(1)
    await until(lambda: scene.grader.busy)
    await scene.close()
    scene.save("b", SECOND)
    scene.clock.advance(120)
    scene.open(4, 2)
    await scene.until_after(lambda: scene.sitting.scores == {FIRST: 4, SECOND: 2})
    assert scene.sitting.elapsed >= 120
    assert scene.grader.contents == [model("a"), model("b")]
    assert any("graded again" in note for note in scene.notes)


async def test_a_sitting_whose_time_ran_out_while_closed_ends_at_once(scene: Scene) -> None:
    await scene.started()
    deadline = scene.sitting.deadline
    await scene.close()
    assert deadline is not None
    scene.clock.advance(scene.sitting.seconds + 3600)
    scene.save("in time")
    os.utime(scene.file(), (deadline.wall - 60, deadline.wall - 60))
    scene.save("too late", SECOND)
    os.utime(scene.file(SECOND), (deadline.wall + 60, deadline.wall + 60))
    scene.open(5)
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert scene.sitting.end_reason == "time"
    assert [each.task for each in scene.sitting.submissions] == [FIRST]


async def test_what_lies_there_at_the_end_and_is_not_taken_is_known_afterwards(
    scene: Scene,
) -> None:
    await scene.started()
    scene.clock.advance(scene.sitting.seconds + 60)
    scene.save("late")
    after = scene.clock.now().wall
    os.utime(scene.file(), (after, after))
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    (said,) = read_not_taken(scene.folder)
    assert said.text() == f"{scene.file()} was not complete in time; it does not count."


async def test_a_model_that_is_too_large_at_the_end_is_known_afterwards(scene: Scene) -> None:
    await scene.started()
    with scene.file().open("wb") as file:
        file.truncate(900_000_000)
    scene.proctor.end()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    (said,) = read_not_taken(scene.folder)
    assert "so it is not submitted" in said.text()


async def test_that_it_cannot_be_noted_keeps_no_sitting_from_its_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(not_taken, "write_atomically", full)
    await scene.started()
    scene.clock.advance(scene.sitting.seconds + 60)
    scene.save("late")
    after = scene.clock.now().wall
    os.utime(scene.file(), (after, after))
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert any("No space left" in str(each) for each in scene.troubles)
    assert read_not_taken(scene.folder) == ()


async def test_a_model_with_a_byte_too_many_saved_just_before_the_end_is_refused(
    scene: Scene,
) -> None:
    await scene.started(0)
    scene.save("a")
    scene.file().write_bytes(model("a") + b"x")
    scene.proctor.end()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert [each.size for each in scene.sitting.submissions] == [401]
    assert read_not_taken(scene.folder) == ()


async def test_a_full_disk_is_told_once_and_nothing_is_lost(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started()
    scene.save("a")
    await scene.until_submitted(1)
    await until(lambda: scene.grader.busy)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_write_all", full)
        scene.save("b", SECOND)
        scene.grader.answer(graded(4))
        await scene.until_after(lambda: scene.troubles)
        for _ in range(5):
            scene.proctor.look()
            await asyncio.sleep(0.01)
        assert [type(each) for each in scene.troubles] == [JournalError]
        assert states(scene) == [GRADING]
        scene.proctor.end()
        await asyncio.sleep(0.05)
    await scene.until_after(lambda: states(scene) == [GRADED, GRADING])
    await until(lambda: len(scene.grader.jobs) == 2)  # the grader hears of it a little later
    scene.grader.answer(graded(3))
    await until(lambda: scene.sitting.scores == {FIRST: 4, SECOND: 3})
    await scene.phase(Phase.ENDED)


async def test_a_folder_that_is_gone_is_told_once_and_taken_up_again(scene: Scene) -> None:
    await scene.started(5)
    shutil.rmtree(scene.file().parent)
    await scene.until_after(lambda: scene.troubles)
    assert isinstance(scene.troubles[0], WorkspaceError)
    assert "Category1 is gone" in str(scene.troubles[0])
    scene.file().parent.mkdir()
    scene.save("a")
    await scene.until_after(lambda: scene.sitting.best(FIRST) == 5)
    assert len(scene.troubles) == 1


async def test_editing_the_starter_and_progress_are_told(scene: Scene) -> None:
    await scene.started()
    scene.file(SECOND).with_name("starter.py").write_text("model = …")
    await scene.until_after(lambda: StarterSaved(SECOND) in scene.notices)
    scene.save("a")
    await scene.until_submitted(1)
    await until(lambda: scene.grader.busy)
    scene.clock.advance(7)
    scene.proctor.look()
    await until(
        lambda: any(
            isinstance(each, GradingProgress) and each.seconds >= 7 for each in scene.notices
        )
    )
    assert [each for each in scene.notices if isinstance(each, Tick)]


async def test_without_auto_grade_only_the_hand_submits(tmp_path: Path) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path, auto_grade=False)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started(1)
    scene.save("a")
    for _ in range(30):
        clock.advance(1)
        scene.proctor.look()
        await asyncio.sleep(0.002)
    assert scene.sitting.submissions == ()
    scene.proctor.submit(FIRST)
    await scene.until_after(lambda: scene.sitting.best(FIRST) == 1)
    await scene.close()


async def test_submitting_by_hand_can_be_chosen_for_one_sitting(tmp_path: Path) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path, auto_grade=True)
    folder = await make_sitting(tmp_path, clock, settings=settings, submitting="by_hand")
    scene = Scene(folder, settings, clock)
    await scene.started(1)
    scene.save("a")
    for _ in range(30):
        clock.advance(1)
        scene.proctor.look()
        await asyncio.sleep(0.002)
    assert scene.sitting.submissions == ()
    await scene.close()


async def test_a_sitting_has_one_writer(scene: Scene) -> None:
    scene.open()
    with pytest.raises(SittingLockedError, match="open in another tfexam: process"):
        Proctor.open(scene.folder, settings=scene.settings, clock=scene.clock, grader=FakeGrader())
    await scene.close()
    scene.open()
    assert scene.sitting.phase is Phase.PREPARED


async def test_nothing_runs_on_after_close(scene: Scene) -> None:
    await scene.started()
    scene.save("a")
    await scene.until_submitted(1)
    await scene.close()
    mine = asyncio.current_task()
    assert [task for task in asyncio.all_tasks() if task is not mine] == []
    assert scene.grader.closed
    count = len(scene.notices)
    scene.proctor.look()
    await asyncio.sleep(0.02)
    assert len(scene.notices) == count
    await scene.proctor.close()


async def test_a_torn_journal_is_noted_and_goes_on(scene: Scene) -> None:
    await scene.started()
    await scene.close()
    with (scene.folder / "journal.jsonl").open("ab") as file:
        file.write(b'{"event":"ended","at"')
    scene.open()
    await until(lambda: scene.notes)
    assert "cut off" in scene.notes[0]
    scene.save("a")
    await scene.until_submitted(1)
    assert len(read_journal(scene.folder / "journal.jsonl").events) >= 2


async def test_a_kept_copy_that_is_gone_costs_no_points(scene: Scene) -> None:
    await scene.started()
    scene.save("a")
    scene.save("b", SECOND)
    await scene.until_submitted(2)
    await until(lambda: scene.grader.busy)
    for path in (scene.folder / "submissions").iterdir():
        path.unlink()
    scene.grader.answer(graded(1))
    await scene.until_graded(2)
    assert isinstance(scene.sitting.submissions[1].grade, GraderFailed)
    assert len(scene.grader.jobs) == 1


async def test_a_result_that_cannot_be_written_is_told_and_written_later(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started()

    def full(*_: object) -> None:
        raise SittingError("result.toml cannot be written: No space left on device.")

    with monkeypatch.context() as patch:
        patch.setattr(report, "write", full)
        scene.proctor.end()
        await scene.until_after(lambda: scene.troubles)
        scene.proctor.look()
        await asyncio.sleep(0.01)
        assert [str(each)[:11] for each in scene.troubles] == ["result.toml"]
        assert not scene.grader.closed
    scene.proctor.look()
    await until(lambda: scene.grader.closed)
    assert report.read(scene.folder).ended_by == "candidate"


async def test_a_listener_that_fails_or_leaves_disturbs_nobody(scene: Scene) -> None:
    scene.open()
    heard: list[Notice] = []

    def fail(_: Notice) -> None:
        raise RuntimeError("the screen is gone")

    scene.proctor.subscribe(fail)
    leave = scene.proctor.subscribe(heard.append)
    leave()
    leave()
    scene.proctor.start()
    await scene.phase(Phase.RUNNING)
    assert heard == []
    assert scene.happened() == ["Started"]


MARKS = {model("a"): 2, model("b"): 4, model("c"): 3}
FINAL = {FIRST: 4, SECOND: 3}


async def play(scene: Scene) -> None:
    """A whole sitting: two saves of one task, one of the other, and the end."""
    await scene.started()
    scene.grader.marks = MARKS
    for count, (content, task) in enumerate((("a", FIRST), ("b", FIRST), ("c", SECOND)), start=1):
        scene.save(content, task)
        await scene.until_graded(count)
    scene.proctor.end()
    await scene.until_after(lambda: scene.grader.closed)
    await scene.close()


async def finish(scene: Scene) -> None:
    """Act as a candidate who finds the app gone: open it, then start or end as due."""
    scene.open()
    scene.grader.marks = MARKS
    if scene.sitting.phase is Phase.PREPARED:
        scene.proctor.start()
    await scene.until_after(lambda: scene.sitting.scores == FINAL)
    if scene.sitting.phase is not Phase.ENDED:
        scene.proctor.end()
    await scene.until_after(lambda: scene.grader.closed)
    await scene.close()


async def test_a_crash_after_any_event_or_within_one_changes_no_result(scene: Scene) -> None:
    await play(scene)
    path = scene.folder / "journal.jsonl"
    whole = path.read_bytes()
    assert scene.sitting.scores == FINAL
    ends = [0, *(i + 1 for i, byte in enumerate(whole) if byte == ord("\n"))]
    assert len(ends) == 12
    for end in (*ends, *(end - 7 for end in ends[1::4])):
        path.write_bytes(whole[:end])
        (scene.folder / "result.toml").unlink()
        await finish(scene)
        assert report.read(scene.folder).percent == pytest.approx(100 * (4 + 6) / 15, abs=0.01)
        sent = [each.sha256 for each in scene.sitting.submissions if not each.by_hand]
        assert len(sent) == len(set(sent))
    assert scene.troubles == []


async def test_who_ends_after_the_deadline_brings_nothing_later_in(scene: Scene) -> None:
    await scene.started()
    deadline = scene.sitting.deadline
    assert deadline is not None
    scene.clock.advance(scene.sitting.seconds + 60)
    scene.save("too late")
    os.utime(scene.file(), (deadline.wall + 30, deadline.wall + 30))
    scene.proctor.end()
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert scene.sitting.end_reason == "time"
    assert scene.sitting.submissions == ()


async def test_what_the_grader_failed_on_is_graded_again_at_the_next_opening(scene: Scene) -> None:
    await scene.started()
    scene.grader.fault = OSError("no more processes")
    scene.save("a")
    await scene.until_graded(1)
    scene.proctor.end()
    await scene.until_after(lambda: (scene.folder / report.FILE_NAME).exists())
    assert report.read(scene.folder).tasks[0].score == 0
    await scene.close()
    scene.open(5)
    await scene.until_after(lambda: report.read(scene.folder).tasks[0].score == 5)
    assert scene.sitting.scores[FIRST] == 5
    assert scene.sitting.phase is Phase.ENDED
    await scene.close()
    scene.open(3)
    await asyncio.sleep(0.05)
    assert scene.grader.jobs == []


async def test_a_grader_that_fails_again_is_asked_once_an_opening(scene: Scene) -> None:
    await scene.started()
    scene.grader.fault = OSError("no more processes")
    scene.save("a")
    await scene.until_graded(1)
    await scene.close()
    scene.open()
    scene.grader.fault = OSError("still none")
    await scene.until_after(lambda: len(scene.grader.jobs) == 1 and states(scene) == [GRADED])
    await asyncio.sleep(0.05)
    assert len(scene.grader.jobs) == 1


def told(scene: Scene) -> list[int]:
    return [each.minutes for each in scene.notices if isinstance(each, TimeLeft)]


async def until_left(scene: Scene, seconds: float) -> None:
    scene.clock.advance(scene.proctor.time_left() - seconds)
    scene.proctor.look()
    await until(lambda: scene.proctor._queue.empty())


async def test_time_is_told_once_at_each_mark_also_across_restarts(scene: Scene) -> None:
    await scene.started()
    await until_left(scene, 1795)
    await until(lambda: told(scene) == [30])
    await scene.close()
    scene.open()
    await until_left(scene, 1700)
    await scene.close()
    scene.clock.advance(1500)  # ten and five minutes pass while the app is closed
    scene.open()
    await until(lambda: told(scene) == [30, 5])
    await until_left(scene, 30)
    await until(lambda: told(scene) == [30, 5, 1])
    assert scene.happened().count("Warned") == 3


async def test_a_full_disk_keeps_no_warning_from_anybody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journal, "_write_all", full)
        await until_left(scene, 1795)
        await until_left(scene, 1790)
        await until(lambda: told(scene) == [30])
    await until_left(scene, 1780)
    await until(lambda: scene.sitting.warned == 30)
    assert told(scene) == [30]


async def test_time_is_spent_on_the_task_that_the_candidate_turned_to(scene: Scene) -> None:
    await scene.started()
    scene.proctor.turn_to(FIRST)
    await until(lambda: scene.sitting.task == FIRST)
    scene.clock.advance(100)
    scene.proctor.turn_to(SECOND)
    scene.proctor.turn_to(SECOND)
    await until(lambda: scene.sitting.task == SECOND)
    await scene.close()
    scene.clock.advance(50)
    scene.open()
    now = scene.clock.now()
    assert scene.sitting.spent_on(FIRST, now) == pytest.approx(100)
    assert scene.sitting.spent_on(SECOND, now) == pytest.approx(50)
    assert scene.happened().count("Turned") == 2


async def test_a_model_put_back_is_not_graded_again_also_after_a_restart(scene: Scene) -> None:
    await scene.started(4, 2)
    scene.save("a")
    await scene.until_graded(1)
    scene.save("b")
    await scene.until_graded(2)
    scene.proctor.put_back(1)
    await scene.until_after(lambda: scene.file().read_bytes() == model("a"))
    await pass_time(scene)
    await scene.close()
    scene.open(1)
    await pass_time(scene)
    assert len(scene.sitting.submissions) == 2
    assert [path.name for path in scene.file().parent.glob("*mymodel*")] == ["mymodel.h5"]
    scene.save("b")
    await scene.until_graded(3)


async def pass_time(scene: Scene, seconds: int = 20) -> None:
    for _ in range(seconds):
        scene.clock.advance(1)
        scene.proctor.look()
        await asyncio.sleep(0.002)


async def test_what_was_never_submitted_is_kept_when_a_model_is_put_back(tmp_path: Path) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path, auto_grade=False)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started(4)
    scene.save("a")
    scene.proctor.submit(FIRST)
    await scene.until_graded(1)
    scene.save("never graded")
    scene.proctor.put_back(1)
    await scene.until_after(lambda: scene.notes)
    aside = scene.file().with_name("mymodel.h5.replaced")
    assert aside.read_bytes() == model("never graded")
    assert scene.file().read_bytes() == model("a")
    assert "had never been submitted" in scene.notes[0]
    await scene.close()


async def test_a_kept_copy_that_is_gone_cannot_be_put_back(scene: Scene) -> None:
    await scene.started(4)
    scene.save("a")
    await scene.until_graded(1)
    next((scene.folder / "submissions").glob("*.h5")).unlink()
    scene.proctor.put_back(1)
    await until(lambda: scene.troubles)
    assert isinstance(scene.troubles[0], WorkspaceError)
    assert scene.file().read_bytes() == model("a")
    assert "PutBack" not in scene.happened()


async def test_a_model_that_waits_for_the_hand_is_said_to_be_unsubmitted(tmp_path: Path) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path, auto_grade=False)
    scene = Scene(await make_sitting(tmp_path, clock, settings=settings), settings, clock)
    await scene.started(1)
    scene.save("a")
    await scene.until_after(lambda: scene.proctor.unsubmitted == {FIRST})
    scene.proctor.submit(FIRST)
    await scene.until_graded(1)
    await scene.until_after(lambda: not scene.proctor.unsubmitted)
    await scene.close()
    scene.open()
    await pass_time(scene)
    assert not scene.proctor.unsubmitted  # the same bytes as before the restart
    told = [each.tasks for each in scene.notices if isinstance(each, Unsubmitted)]
    assert told == [{FIRST}, frozenset()]
    await scene.close()


# -- what nobody waits for dies, or is refused ------------------------------------------


async def pass_until_ended(scene: Scene) -> None:
    def ended() -> bool:
        scene.clock.advance(5)
        scene.proctor._put(Command.LOOK)
        return scene.sitting.phase is Phase.ENDED

    await until(ended)


async def test_the_end_comes_in_time_when_the_watch_cannot_be_opened(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("engine.sitting.proctor.watcher_of", no_memory)
    await scene.started()
    await pass_until_ended(scene)
    assert scene.sitting.end_reason == "time"
    told = [str(error) for error in scene.troubles]
    assert len(told) == len(set(told))
    assert "did not respond at the end" in told[-1]


async def test_the_end_comes_although_a_look_hangs(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, true = threading.Event(), Scanner.look
    await scene.started()

    def hang(self: Scanner, *given: Any) -> Any:
        release.wait(60)
        return true(self, *given)

    monkeypatch.setattr(Scanner, "look", hang)
    await pass_until_ended(scene)
    (told,) = scene.troubles
    assert "did not respond at the end" in str(told)
    release.set()


async def test_a_watch_whose_task_dies_is_started_again(scene: Scene) -> None:
    await scene.started(3)
    assert scene.proctor._watcher_task is not None
    scene.proctor._watcher_task.cancel()
    await until(scene.proctor._watcher_task.done)
    scene.save("a")
    await scene.until_graded(1)


async def test_in_the_last_call_too_a_watch_whose_task_dies_takes_what_lies_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started(3)
    await until(lambda: scene.proctor._watcher_task)
    monkeypatch.setattr(scanner, "LAST_CALL_QUIET", 1.0)
    scene.save("a")
    scene.proctor.end()
    await until(lambda: scene.proctor.ending)
    scene.proctor._watcher_task.cancel()  # type: ignore[union-attr]
    await scene.until_after(lambda: scene.sitting.phase is Phase.ENDED)
    assert len(scene.sitting.submissions) == 1


@pytest.mark.parametrize("end", [asyncio.CancelledError(), MemoryError()])
async def test_a_grading_that_ends_in_no_grade_leaves_the_desk_to_the_next(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, end: BaseException
) -> None:
    await scene.started()
    faults = iter([end])
    true = FakeGrader.grade

    async def grade(self: FakeGrader, *given: Any) -> Any:
        if (fault := next(faults, None)) is not None:
            raise fault
        return await true(self, *given)

    monkeypatch.setattr(FakeGrader, "grade", grade)
    scene.grader.scores = [4]
    scene.save("a")
    await scene.until_graded(1)
    assert isinstance(scene.sitting.submissions[0].grade, GraderFailed)
    scene.save("b")
    await scene.until_graded(2)
    assert scene.sitting.best(FIRST) == 4


async def test_an_answer_nobody_is_told_of_is_asked_for(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started(4)
    monkeypatch.setattr(scene.proctor._grading, "_on_answer", lambda: None)
    scene.save("a")
    await scene.until_graded(1)


async def test_what_cannot_be_told_has_happened_once_all_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started(4)
    fault = iter([MemoryError()])
    true = Subscribers.tell

    def tell(self: Subscribers, notice: Notice) -> None:
        if isinstance(notice, Happened) and (error := next(fault, None)):
            raise error
        true(self, notice)

    monkeypatch.setattr(Subscribers, "tell", tell)
    scene.save("a")
    await scene.until_graded(1)
    names = [type(each).__name__ for each in read_journal(scene.folder / "journal.jsonl").events]
    assert names == ["Started", "Submitted", "GradingStarted", "GradingEnded"]


async def test_a_fault_for_whose_sentence_there_was_no_memory_is_told_when_there_is(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_once(where: object, name: str) -> None:
        true, faults = getattr(where, name), iter([MemoryError()])

        def failing(*given: Any) -> Any:
            if (fault := next(faults, None)) is not None:
                raise fault
            return true(*given)

        monkeypatch.setattr(where, name, failing)

    await scene.started(4)
    fail_once(scene.proctor, "_grade_next")
    fail_once(ledger, "reason")
    scene.save("a")
    await scene.until_graded(1)
    assert ["there is not enough memory" in str(each) for each in scene.troubles] == [True]


async def test_the_proctor_goes_on_where_timers_are_refused(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    true, left = asyncio.timeout, iter(range(5))

    def timeout(seconds: float | None) -> Any:
        if next(left, None) is not None:
            raise MemoryError
        return true(seconds)

    await scene.started(4)
    monkeypatch.setattr(asyncio, "timeout", timeout)
    scene.save("a")
    await scene.until_graded(1)


async def test_a_fault_that_lasts_is_told_once_whatever_happens_meanwhile(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scene.started(4)

    def many(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as refused:
        refused.setattr(scanner, "freeze", many)
        scene.save("a")
        await scene.until_after(lambda: scene.troubles)
        for task in (SECOND, FIRST, SECOND):
            scene.proctor.turn_to(task)
            await until(lambda task=task: scene.sitting.task == task)  # type: ignore[misc]
            await pass_time(scene, 3)
    assert len(scene.troubles) == 1
    await scene.until_graded(1)


async def test_the_journal_is_closed_whatever_closing_meets(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: FakeGrader) -> None:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")

    await scene.started()
    with monkeypatch.context() as broken:
        broken.setattr(FakeGrader, "close", fail)
        with contextlib.suppress(OSError):
            await scene.close()
    scene.open(3)
    scene.save("a")
    await scene.until_graded(1)


async def test_a_model_larger_than_its_task_takes_is_told_and_not_copied(scene: Scene) -> None:
    await scene.started(3)
    with scene.file().open("wb") as file:
        file.truncate(200_000_001)  # sparse
    await scene.until_after(lambda: scene.notes)
    assert "this task allows {limit} MB" in scene.notes[0]
    await scene.until_after(lambda: scene.proctor.unsubmitted == {FIRST})
    assert list((scene.folder / "submissions").iterdir()) == []
    scene.save("a")
    await scene.until_graded(1)
