import msgspec
import pytest

from engine.clock import Instant
from engine.grading import protocol
from engine.grading.protocol import Grade, Message, Metric
from engine.sitting.state import events
from engine.sitting.state.events import Event

AT = Instant(wall=1.5, boot=2.25, boot_id="boot")
SAYS = Message("{n}/5", {"n": 3})
GRADES: list[Grade] = [
    protocol.Graded(message=SAYS, metric=Metric("mae", None, 10), score=0),
    protocol.Graded(message=SAYS, metric=Metric("mae", 1.0, 10), score=2, notes=(SAYS,)),
    protocol.Rejected(message=SAYS, reason="wrong_input_shape"),
    protocol.TimedOut(message=SAYS),
    protocol.OutOfMemory(message=SAYS),
    protocol.Crashed(message=SAYS),
    protocol.Cancelled(message=SAYS),
    protocol.GraderFailed(message=SAYS, log="x.log"),
]
ALL: list[Event] = [
    events.Started(at=AT),
    events.Submitted(at=AT, number=1, task="t", sha256="0" * 64, size=3, by_hand=True),
    events.GradingStarted(at=AT, number=1),
    *(events.GradingEnded(at=AT, number=1, grade=grade) for grade in GRADES),
    events.Superseded(at=AT, number=1, by=2),
    events.Paused(at=AT),
    events.Resumed(at=AT),
    events.Turned(at=AT, task="t"),
    events.Warned(at=AT, minutes=30),
    events.PutBack(at=AT, number=1),
    events.Ended(at=AT, reason="time"),
]


@pytest.mark.parametrize("event", ALL, ids=lambda event: type(event).__name__)
def test_an_event_comes_back_from_its_line_as_it_was(event: Event) -> None:
    line = msgspec.json.encode(event)
    assert b"\n" not in line
    assert msgspec.json.decode(line, type=Event) == event


def test_the_tags_that_programs_rely_on_stay() -> None:
    tags = [msgspec.json.decode(msgspec.json.encode(event))["event"] for event in ALL]
    assert list(dict.fromkeys(tags)) == [
        "started",
        "submitted",
        "grading_started",
        "graded",
        "superseded",
        "paused",
        "resumed",
        "turned",
        "warned",
        "put_back",
        "ended",
    ]
    verdicts = [msgspec.json.decode(msgspec.json.encode(grade))["verdict"] for grade in GRADES]
    assert list(dict.fromkeys(verdicts)) == [
        "graded",
        "rejected",
        "timed_out",
        "out_of_memory",
        "crashed",
        "cancelled",
        "grader_failed",
    ]
