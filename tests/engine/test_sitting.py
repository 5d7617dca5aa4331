import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from engine.clock import Instant, ManualClock
from engine.errors import TransitionError
from engine.grading.protocol import Cancelled, Crashed, Grade, GraderFailed, Message, Rejected
from engine.sitting.state import events
from engine.sitting.state.events import Event
from engine.sitting.state.sitting import Phase, Sitting, SubmissionState, replay
from tests.engine.sittings import FIRST, SECOND, graded, make_record

SAYS = Message("so it is")
TASKS = st.sampled_from([FIRST, SECOND])
OTHER_VERDICTS = (Rejected, Crashed, Cancelled, GraderFailed)
GRADES = st.one_of(
    st.integers(0, 5).map(graded),
    st.sampled_from([verdict(message=SAYS) for verdict in OTHER_VERDICTS]),
)
STEPS = st.floats(0, 900)


def test_the_same_file_is_the_same_attempt_of_its_task() -> None:
    clock = ManualClock()
    sitting = Sitting(record=make_record()).apply(events.Started(at=clock.now()))
    saved = [(FIRST, "a"), (SECOND, "a"), (FIRST, "b"), (FIRST, "a"), (FIRST, "c"), (SECOND, "c")]
    for number, (task, content) in enumerate(saved, 1):
        sitting = sitting.apply(
            events.Submitted(at=clock.now(), number=number, task=task, sha256=content, size=1)
        )
    assert [sitting.attempt(number) for number in range(1, 7)] == [1, 1, 2, 1, 3, 2]
    assert (sitting.attempts(FIRST), sitting.attempts(SECOND)) == (3, 2)
    with pytest.raises(TransitionError):
        sitting.attempt(7)


class AnyLegalOrder(RuleBasedStateMachine):
    """Events in any legal order, with clocks being set and machines rebooting."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.record = make_record()
        self.sitting = Sitting(record=self.record)
        self.happened: list[Event] = []
        self.ran = 0.0  # exam seconds, counted by another way than the fold's
        self.best: dict[str, int] = {}
        self.turned = ""
        self.spent = {FIRST: 0.0, SECOND: 0.0}

    def happen(self, event: Event) -> None:
        self.sitting = self.sitting.apply(event)
        self.happened.append(event)

    @property
    def now(self) -> Instant:
        return self.clock.now()

    def is_in(self, *phases: Phase) -> bool:
        return self.sitting.phase in phases

    @rule(seconds=STEPS, jump=st.floats(-1e5, 1e5))
    def time_passes_while_the_wall_clock_is_set(self, seconds: float, jump: float) -> None:
        self.clock.move(wall=seconds + jump, boot=seconds)
        self.count(seconds)

    def count(self, seconds: float) -> None:
        if self.is_in(Phase.RUNNING):
            before, self.ran = self.ran, min(self.ran + seconds, self.sitting.seconds)
            if self.turned:
                self.spent[self.turned] += self.ran - before

    @precondition(lambda self: self.is_in(Phase.RUNNING, Phase.PAUSED))
    @rule(task=TASKS)
    def turn_to(self, task: str) -> None:
        self.happen(events.Turned(at=self.now, task=task))
        self.turned = task

    @precondition(lambda self: self.is_in(Phase.RUNNING))
    @rule(minutes=st.sampled_from([30, 10, 1]))
    def warn(self, minutes: int) -> None:
        self.happen(events.Warned(at=self.now, minutes=minutes))

    @precondition(lambda self: self.is_in(Phase.RUNNING, Phase.PAUSED) and self.sitting.submissions)
    @rule(data=st.data())
    def put_back(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.sitting.submissions))
        self.happen(events.PutBack(at=self.now, number=chosen.number))
        assert self.sitting.present[chosen.task] == chosen.sha256

    @precondition(lambda self: self.is_in(Phase.PREPARED))
    @rule()
    def start(self) -> None:
        self.happen(events.Started(at=self.now))

    @precondition(lambda self: self.is_in(Phase.RUNNING, Phase.PAUSED))
    @rule(task=TASKS, ago=st.floats(0, 5))
    def submit(self, task: str, ago: float) -> None:
        number = len(self.sitting.submissions) + 1
        at = Instant(self.now.wall - ago, self.now.boot - ago, self.now.boot_id)
        self.happen(events.Submitted(at=at, number=number, task=task, sha256="0" * 64, size=1))

    @precondition(lambda self: self.sitting.unfinished)
    @rule(data=st.data())
    def start_grading(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.sitting.unfinished))
        self.happen(events.GradingStarted(at=self.now, number=chosen.number))

    @precondition(lambda self: self.sitting.unfinished)
    @rule(data=st.data(), grade=GRADES)
    def grade(self, data: st.DataObject, grade: Grade) -> None:
        chosen = data.draw(st.sampled_from(self.sitting.unfinished))
        self.happen(events.GradingEnded(at=self.now, number=chosen.number, grade=grade))
        points = self.sitting.submissions[chosen.number - 1].score
        if points is not None:
            self.best[chosen.task] = max(points, self.best.get(chosen.task, 0))

    @precondition(lambda self: self.sitting.unfinished)
    @rule(data=st.data())
    def supersede(self, data: st.DataObject) -> None:
        chosen = data.draw(st.sampled_from(self.sitting.unfinished))
        self.happen(events.Superseded(at=self.now, number=chosen.number, by=99))

    @precondition(lambda self: self.is_in(Phase.RUNNING))
    @rule()
    def pause(self) -> None:
        self.happen(events.Paused(at=self.now))

    @precondition(lambda self: self.is_in(Phase.PAUSED))
    @rule()
    def resume(self) -> None:
        self.happen(events.Resumed(at=self.now))

    @precondition(lambda self: self.is_in(Phase.RUNNING, Phase.PAUSED) and self.ran > 600)
    @rule()
    def end(self) -> None:
        self.happen(events.Ended(at=self.now, reason="candidate"))

    @invariant()
    def no_second_is_gained_or_lost(self) -> None:
        assert self.sitting.elapsed_at(self.now) == pytest.approx(self.ran, abs=1e-3)
        assert self.sitting.time_left(self.now) == pytest.approx(
            self.sitting.seconds - self.ran, abs=1e-3
        )

    @invariant()
    def every_second_is_spent_on_the_task_one_turned_to(self) -> None:
        for task, seconds in self.spent.items():
            assert self.sitting.spent_on(task, self.now) == pytest.approx(seconds, abs=1e-3)

    @invariant()
    def scores_follow_from_the_grades(self) -> None:
        assert self.sitting.scores == {task: self.best.get(task, 0) for task in (FIRST, SECOND)}
        assert 0 <= self.sitting.percent <= 100
        assert self.sitting.complete == all(each == 5 for each in self.sitting.scores.values())

    @invariant()
    def submissions_are_numbered_and_lie_within_the_time(self) -> None:
        numbers = [each.number for each in self.sitting.submissions]
        assert numbers == list(range(1, len(numbers) + 1))
        assert all(0 <= each.elapsed <= self.sitting.seconds for each in self.sitting.submissions)

    def teardown(self) -> None:
        """A crash between any two events gives the state of the events before it."""
        whole = replay(self.record, self.happened)
        assert whole == self.sitting
        for length, state in enumerate(prefix_states(self)):
            rest = self.happened[length:]
            again = state
            for event in rest:
                again = again.apply(event)
            assert again == whole


def prefix_states(machine: AnyLegalOrder) -> Iterator[Sitting]:
    return itertools.accumulate(
        machine.happened, Sitting.apply, initial=Sitting(record=machine.record)
    )


TestAnyLegalOrder = AnyLegalOrder.TestCase
TestAnyLegalOrder.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def running(clock: ManualClock, minutes: float = 60.0) -> Sitting:
    return replay(make_record(minutes=minutes), [events.Started(at=clock.now())])


def submitted(sitting: Sitting, clock: ManualClock, task: str = FIRST) -> Sitting:
    number = len(sitting.submissions) + 1
    return sitting.apply(
        events.Submitted(at=clock.now(), number=number, task=task, sha256="0" * 64, size=1)
    )


@pytest.mark.parametrize("minutes", [0.5, 60, 300])
def test_the_deadline_is_where_no_time_is_left(minutes: float) -> None:
    clock = ManualClock()
    sitting = running(clock, minutes)
    clock.advance(10)
    sitting = submitted(sitting, clock)
    deadline = sitting.deadline
    assert deadline is not None
    assert sitting.time_left(deadline) == pytest.approx(0)
    clock.advance(minutes * 60 - 10 - 1)
    assert sitting.time_left(clock.now()) == pytest.approx(1)
    clock.advance(3600)
    assert sitting.time_left(clock.now()) == 0


@pytest.mark.parametrize(
    ("passed", "left"),
    [
        (lambda clock: clock.advance(60), 3540),
        (lambda clock: clock.move(wall=-7200, boot=60), 3540),
        (lambda clock: clock.move(wall=+7200, boot=60), 3540),
        (lambda clock: clock.reboot(60), 3540),
        (lambda clock: clock.reboot(-60), 3600),
        (lambda clock: clock.advance(7200), 0),
    ],
    ids=["passes", "wall set back", "wall set forward", "reboot", "reboot, wall back", "all"],
)
def test_time_left_whatever_the_clocks_do(passed: object, left: float) -> None:
    clock = ManualClock()
    sitting = running(clock)
    assert callable(passed)
    passed(clock)
    assert sitting.time_left(clock.now()) == pytest.approx(left)


def test_a_submission_seen_before_the_last_event_counts_no_time_twice() -> None:
    clock = ManualClock()
    sitting = submitted(running(clock), clock)
    clock.advance(100)
    seen = clock.now()
    clock.advance(5)
    sitting = sitting.apply(events.GradingStarted(at=clock.now(), number=1))
    sitting = sitting.apply(
        events.Submitted(at=seen, number=2, task=FIRST, sha256="1" * 64, size=1)
    )
    clock.advance(10)
    assert sitting.elapsed_at(clock.now()) == pytest.approx(115)
    assert sitting.submissions[1].elapsed == pytest.approx(100)


def illegal(clock: ManualClock) -> Iterator[tuple[str, Sitting, Event]]:
    now = clock.now()
    fresh, open_ = Sitting(record=make_record()), submitted(running(clock), clock)
    over = open_.apply(events.Ended(at=now, reason="time"))
    finished = open_.apply(events.GradingEnded(at=now, number=1, grade=graded(1)))

    def file(number: int, task: str) -> Event:
        return events.Submitted(at=now, number=number, task=task, sha256="0" * 64, size=1)

    yield "end before start", fresh, events.Ended(at=now, reason="time")
    yield "pause before start", fresh, events.Paused(at=now)
    yield "start twice", open_, events.Started(at=now)
    yield "resume what runs", open_, events.Resumed(at=now)
    yield "start what is over", over, events.Started(at=now)
    yield "end twice", over, events.Ended(at=now, reason="time")
    yield "submit too late", over, file(2, FIRST)
    yield "skip a number", open_, file(3, FIRST)
    yield "other paper", open_, file(2, "other")
    yield "grade nothing", open_, events.GradingEnded(at=now, number=2, grade=graded(1))
    yield "grade number 0", open_, events.GradingEnded(at=now, number=0, grade=graded(1))
    yield "grade twice", finished, events.GradingEnded(at=now, number=1, grade=graded(1))
    yield "supersede the graded", finished, events.Superseded(at=now, number=1, by=2)
    yield "turn to another paper", open_, events.Turned(at=now, task="other")
    yield "turn after the end", over, events.Turned(at=now, task=FIRST)
    yield "warn before the start", fresh, events.Warned(at=now, minutes=5)
    yield "put nothing back", open_, events.PutBack(at=now, number=2)
    yield "put back after the end", over, events.PutBack(at=now, number=1)


@pytest.mark.parametrize(
    ("sitting", "event"),
    [pytest.param(*rest, id=name) for name, *rest in illegal(ManualClock())],
)
def test_what_cannot_happen_is_refused(sitting: Sitting, event: Event) -> None:
    with pytest.raises(TransitionError):
        sitting.apply(event)


def test_an_exam_cannot_be_paused() -> None:
    clock = ManualClock()
    exam = replay(make_record(kind="exam"), [events.Started(at=clock.now())])
    with pytest.raises(TransitionError, match="exam cannot be paused"):
        exam.apply(events.Paused(at=clock.now()))


@given(GRADES)
def test_after_the_end_a_grade_still_counts(grade: Grade) -> None:
    clock = ManualClock()
    sitting = submitted(running(clock), clock)
    sitting = sitting.apply(events.Ended(at=clock.now(), reason="time"))
    assert sitting.unfinished
    sitting = sitting.apply(events.GradingEnded(at=clock.now(), number=1, grade=grade))
    assert sitting.submissions[0].state is SubmissionState.GRADED
    assert sitting.best(FIRST) == sitting.latest(FIRST)
    assert not sitting.unfinished
