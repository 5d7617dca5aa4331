"""Journals with one bad value: every field, with every bad value."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from engine.clock import Instant
from engine.grading import protocol
from engine.grading.protocol import Grade, Message, Metric, ModelFacts
from engine.sitting.state import events
from engine.sitting.state.events import Event
from tests.engine.sittings import FIRST, SECOND

_SAYS = Message("{n}/5 of {name}", {"n": 3, "name": "x", "share": 0.5})
_MODEL = ModelFacts(layers=("Dense(1)",), parameters=2, keras_version="3.1")
_GRADES: tuple[Grade, ...] = (
    protocol.Graded(
        message=_SAYS, metric=Metric("mae", 1.0, 10), score=3, notes=(_SAYS,), model=_MODEL
    ),
    protocol.Rejected(message=_SAYS, reason="wrong_input_shape", model=_MODEL),
    protocol.Crashed(message=_SAYS),
    protocol.GraderFailed(message=_SAYS, log="x.log"),
)

# As they stand in the file: some of them are no value of Python.
BAD_VALUES = {
    "null": "null",
    "true": "true",
    "a list": "[]",
    "an object": "{}",
    "empty": '""',
    "zero": "0",
    "negative": "-1",
    "a part": "0.5",
    "64 bits": str(2**62),
    "more bits": str(2**70),
    "many digits": "9" * 5000,
    "huge": "1e300",
    "infinite": "1e400",
    "not a number": "NaN",
    "a NUL": '"\\u0000"',
    "a path": '"../../../etc/passwd"',
    "a surrogate": '"\\ud800"',
    "escapes": '"\\u001b[2J\\u001b]0;x\\u0007\\u202e\\u009b31m\\n5/5"',
    "markup": '"[@click=app.quit]here[/] [red]"',
    "fields": '"{gone} {0} {n.__class__} {n:9999999999} {"',
    "long": json.dumps("x" * 1_000_000),
    "many facts": json.dumps({f"n{n}": "x" for n in range(20_000)}),
    "many": json.dumps(["x"] * 20_000),
    "deep": "[" * 100_000 + "]" * 100_000,
    "bytes": '"\udcff"',
}


def whole(start: Instant) -> tuple[Event, ...]:
    """A sitting in which everything happens that can happen."""
    moments = (start.later(60.0 * n) for n in range(1, 1000))
    happened: list[Event] = [
        events.Started(at=next(moments)),
        events.Turned(at=next(moments), task=SECOND),
    ]
    for number, grade in enumerate(_GRADES, start=1):
        happened += [
            events.Submitted(
                at=next(moments), number=number, task=FIRST, sha256=f"{number:064x}", size=3
            ),
            events.GradingStarted(at=next(moments), number=number),
            events.GradingEnded(at=next(moments), number=number, grade=grade),
        ]
    last = len(_GRADES) + 1
    happened += [
        events.Submitted(at=next(moments), number=last, task=FIRST, sha256="e" * 64, size=3),
        events.Superseded(at=next(moments), number=last, by=last + 1),
        events.PutBack(at=next(moments), number=1),
        events.Paused(at=next(moments)),
        events.Resumed(at=next(moments)),
        events.Warned(at=next(moments), minutes=30),
        events.HintSeen(at=next(moments), task=FIRST, number=1),
        events.TaskGivenUp(at=next(moments), task=FIRST),
        events.Ended(at=next(moments), reason="candidate"),
    ]
    return tuple(happened)


def damaged(happened: tuple[Event, ...]) -> Iterator[tuple[int, str, bytes]]:
    """Each journal with one bad value: its line, field and value, and the content."""
    lines = [msgspec.json.encode(each) for each in happened]
    for at, line in enumerate(lines):
        plain = json.loads(line)
        for path in _paths(plain):
            for name, value in BAD_VALUES.items():
                bad = _put(plain, path, value)
                content = b"".join(each + b"\n" for each in (*lines[:at], bad, *lines[at + 1 :]))
                yield at + 1, f"{plain['event']}.{'.'.join(map(str, path))}: {name}", content


def _paths(value: Any, here: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a value except its tags, which decide what the rest means."""
    inside: Any = ()
    if isinstance(value, dict):
        inside = value.items()
    elif isinstance(value, list):
        inside = enumerate(value)
    for key, each in inside:
        yield (*here, key)
        yield from _paths(each, (*here, key))


def _put(plain: Any, path: tuple[str | int, ...], value: str) -> bytes:
    mark = "@@here@@"
    copy = json.loads(json.dumps(plain))
    inner = copy
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = mark
    text = json.dumps(copy).replace(f'"{mark}"', value)
    return text.encode("utf-8", "surrogateescape")
