import pytest

from engine.grading import wire
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Graded,
    GraderFailed,
    Message,
    Metric,
    ModelFacts,
    OutOfMemory,
    Progress,
    Rejected,
    Stage,
    TimedOut,
)

SAYS = Message("{n} of them", {"n": 3})


@pytest.mark.parametrize(
    "news",
    [
        wire.READY,
        Progress(Stage.PREDICTING, 0.25),
        wire.Inspected(ModelFacts(layers=("Dense",), parameters=7), "keras3"),
        Graded(message=SAYS, metric=Metric("mae", None, 4), score=0, runtime="tf_keras"),
        Rejected(message=SAYS, reason="empty_file"),
        TimedOut(message=SAYS),
        OutOfMemory(message=SAYS),
        Crashed(message=SAYS),
        Cancelled(message=SAYS),
        GraderFailed(message=SAYS, log="a.log"),
    ],
)
def test_what_is_written_is_read(news: wire.News) -> None:
    line = wire.write(news)
    assert line.count(b"\n") == 1
    assert wire.read(line) == news


def test_no_name_of_a_layer_passes_for_a_verdict() -> None:
    named = wire.Inspected(ModelFacts(layers=('"verdict":"graded"',)), "keras3")
    assert wire.read(wire.write(named)) == named


@pytest.mark.parametrize(
    "line",
    [
        *(b"", b"\n", b"[]", b'{"type": "gossip"}', b'{"verdict": "5/5"}', b'{"verdict":"5/5"}'),
        *(b"\xff\xfe", b"[" * 100_000, b'{"verdict":' * 100_000, b'{"x":' * 100_000),
    ],
)
def test_anything_else_is_an_error(line: bytes) -> None:
    with pytest.raises(wire.UnreadableError):
        wire.read(line)
