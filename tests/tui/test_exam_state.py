from engine.clock import ManualClock
from engine.sitting.state import events
from engine.sitting.state.sitting import Sitting
from tests.tui.fakes import graded, make_record, submitted
from tui.screens.exam_state import ExamState
from tui.text.verdicts import TRAINING


def practice(*scores: int) -> ExamState:
    """A session of three tasks, the first ones with these scores."""
    clock = ManualClock()
    sitting = Sitting(record=make_record(clock, kind="practice", mode="coach", count=3))
    happened: list[events.Event] = [events.Started(at=clock.now())]
    for number, (task, score) in enumerate(
        zip(sitting.record.paper.tasks, scores, strict=False), 1
    ):
        happened += submitted(clock, number, task.task, graded(score))
    for event in happened:
        sitting = sitting.apply(event)
    return ExamState(sitting)


def test_another_task_has_another_folder_and_the_same_one_keeps_it() -> None:
    state = practice()
    sample = state.folder = object()  # type: ignore[assignment]
    assert state.select(0, follows=True)
    assert state.folder is sample
    assert state.select(1, follows=False)
    assert state.folder is None
    assert state.came_from is None


def test_what_was_shown_before_a_starter_was_followed_is_kept_until_a_choice() -> None:
    state = practice()
    state.select(1, follows=True)
    assert state.came_from == 0
    state.select(1, follows=True)
    assert state.came_from == 0
    state.select(1)
    assert state.came_from is None


def test_there_is_nothing_to_select_beyond_the_paper() -> None:
    state = practice()
    assert not state.select(3, follows=False)
    assert not state.select(-1, follows=False)
    assert state.selected.task == "flats"


def test_the_next_task_is_one_that_is_not_done() -> None:
    assert practice().next_index is None
    assert practice(4).next_index is None
    assert practice(5).next_index == 1
    assert practice(5, 5).next_index == 2
    assert practice(5, 5, 5).next_index is None


def test_a_hint_goes_when_a_model_of_its_task_comes() -> None:
    state, clock = practice(), ManualClock()
    state.keep_note("flats", "Save it as mymodel.h5.")
    state.keep_note("", "About nothing.")
    assert state.note == "Save it as mymodel.h5."
    (hands,) = submitted(clock, 1, "hands")
    state.happen(hands, state.sitting.apply(hands))
    assert state.note
    (flats,) = submitted(clock, 2, "flats")
    state.happen(flats, state.sitting.apply(flats))
    assert state.note == ""
    assert state.waiting == 2


def test_time_runs_for_the_task_that_trains_whatever_is_on_view() -> None:
    state = practice()
    first, second = (each.task for each in state.tasks[:2])
    assert state.working == first
    state.train({"Category2": None, "elsewhere": 3})
    assert state.working == second
    assert state.look_of(second) is TRAINING
    state.select(0)
    assert state.working == second
    state.train({})
    assert state.working == first


def test_time_runs_for_the_task_last_edited_or_chosen() -> None:
    state = practice()
    first, second = (each.task for each in state.tasks[:2])
    state.edit(second)
    assert state.working == second
    state.select(0)
    assert state.working == first


def test_time_runs_for_the_task_that_a_model_came_for() -> None:
    state, clock = practice(), ManualClock()
    (hands,) = submitted(clock, 1, "hands")
    state.happen(hands, state.sitting.apply(hands))
    assert state.selected.task != "hands"
    assert state.working == "hands"


def test_of_two_trainings_the_one_worked_on_counts() -> None:
    state = practice()
    second = state.tasks[1].task
    state.train({"Category1": 4, "Category2": 2})
    state.edit(second)
    assert state.working == second
    assert state.training == {state.tasks[0].task: 4, second: 2}
