import ast
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.grading import wire
from engine.grading.host import answer_check
from engine.grading.host.answer_check import (
    MOST_FACTS,
    MOST_LAYERS,
    MOST_NOTES,
    MOST_TEXT,
    UnfitAnswerError,
    checked_failure,
    checked_grade,
    checked_inspected,
    checked_message,
    checked_predicted,
    checked_progress,
)
from engine.grading.protocol import (
    Cancelled,
    Crashed,
    Fact,
    Grade,
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
    sentences,
)
from engine.grading.wire import Predicted
from exam_bank.platform import kernel
from exam_bank.printable import printable
from tests.engine.fake_child import a_job

JOB = a_job(Path("/m.h5"), Path("/hidden"))
SAYS = Message("{n} of them", {"n": 3})
ESCAPES = "\x1b]0;owned\x07\x1b[2J\u202e\n"


def graded(value: float | None = 0.85, score: int = 4, n: int = 7, **more: Any) -> Graded:
    metric = Metric(more.pop("name", "accuracy"), value, n)
    return Graded(message=more.pop("message", SAYS), metric=metric, score=score, **more)


@pytest.mark.parametrize(
    "grade",
    [
        Rejected(message=SAYS, reason="empty_file"),
        Rejected(message=SAYS, reason="x", model=ModelFacts(("Dense(1)",), 7, "2.15.0")),
        GraderFailed(message=Message("{why}", {"why": "x"})),
    ],
)
def test_what_an_honest_child_says_comes_through(grade: Grade) -> None:
    assert checked_grade(grade, JOB) == grade


def test_so_does_what_it_says_of_its_predictions() -> None:
    said = Predicted((24, 1), (SAYS, SAYS))
    assert checked_predicted(said) == said


@pytest.mark.parametrize(
    "grade",
    [
        graded(),
        graded(None, 0),
        graded(1.0, 5),
        Rejected(message=Message("{lacks} a fact"), reason="text_file"),
        Rejected(message=SAYS, reason="\x1b[2J"),
        Rejected(message=SAYS, reason=""),
        Rejected(message=SAYS, reason="x", model=ModelFacts(parameters=-1)),
        Rejected(message=SAYS, reason="x", model=ModelFacts(parameters=2**60)),
        Rejected(message=SAYS, reason="x", model=ModelFacts(("Dense",) * (MOST_LAYERS + 1))),
        Cancelled(message=SAYS),
        TimedOut(message=SAYS),
        Crashed(message=SAYS),
    ],
)
def test_what_cannot_be_is_no_answer(grade: Grade) -> None:
    with pytest.raises(UnfitAnswerError):
        checked_grade(grade, JOB)


@pytest.mark.parametrize("notes", [(SAYS,) * (MOST_NOTES + 1), (Message("{lacks}"),)])
def test_nor_is_a_note_that_cannot_be(notes: tuple[Message, ...]) -> None:
    with pytest.raises(UnfitAnswerError):
        checked_predicted(Predicted((1,), notes))


@pytest.mark.parametrize(
    "template",
    [
        *("", " ", "{", "}", "{}", "{0}", "{n.real}", "{n[0]}", "{n!r}", "{n:>999999999}"),
        *("{n:{n}}", "\x1b[31m{n}", "two\nlines", "x" * (MOST_TEXT + 1)),
        "".join(f"{{n{i}}}" for i in range(MOST_FACTS + 1)),
    ],
)
def test_a_sentence_that_is_none_of_ours_is_no_answer(template: str) -> None:
    facts: dict[str, Fact] = {"n": 1, **{f"n{i}": 1 for i in range(MOST_FACTS + 1)}}
    for grade in (
        Rejected(message=Message(template, facts), reason="text_file"),
        GraderFailed(message=Message(template, facts)),
    ):
        with pytest.raises(UnfitAnswerError):
            checked_grade(grade, JOB)
    with pytest.raises(UnfitAnswerError):
        checked_failure(GraderFailed(message=Message(template, facts)))


def templates() -> list[str]:
    """Every sentence that the modules of grading may say."""
    calls = (
        node
        for path in sorted(Path(answer_check.__file__).parents[1].rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in ("Message", "phrase") and node.args
    )
    found = [call.args[0] for call in calls]
    return [str(each.value) for each in found if isinstance(each, ast.Constant)]


def test_every_sentence_of_ours_is_let_in() -> None:
    assert len(templates()) > 100
    for template in templates():
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name]
        says = Message(template, dict.fromkeys(names, 1))
        assert checked_message(says) == says


@pytest.mark.parametrize("fact", [2**63, -(2**64), float("inf"), float("nan"), 1e300])
def test_a_number_that_cannot_be_is_no_fact(fact: float) -> None:
    with pytest.raises(UnfitAnswerError):
        checked_grade(Rejected(message=Message("{n}", {"n": fact}), reason="x"), JOB)


def test_texts_of_a_file_are_shown_without_what_moves_a_terminal() -> None:
    says = Message("The layer {name} is unknown.", {"name": ESCAPES * 1000, "spare": "x" * 10**6})
    found = checked_grade(
        Rejected(message=says, reason="x", model=ModelFacts((ESCAPES,), 1, ESCAPES)), JOB
    )
    assert found.message.facts.keys() == {"name"}
    for text in (found.message.text(), *found.model.layers, found.model.keras_version or ""):
        assert text.isprintable()
        assert len(text) <= MOST_TEXT + 100


def test_what_the_app_knows_by_itself_is_not_taken_from_a_child() -> None:
    failed = checked_grade(GraderFailed(message=SAYS, log="/etc/passwd", seconds=9), JOB)
    assert failed == GraderFailed(message=SAYS)


@pytest.mark.parametrize(("only", "verdict"), [(True, OutOfMemory), (False, GraderFailed)])
def test_memory_that_ran_out_counts_where_the_limit_alone_can_refuse_it(
    monkeypatch: pytest.MonkeyPatch, only: bool, verdict: type[Grade]
) -> None:
    monkeypatch.setattr(kernel, "refuses_only_above", lambda _: only)
    found = checked_grade(OutOfMemory(message=Message("{lies}")), JOB)
    assert isinstance(found, verdict)
    assert found.message.text()


@pytest.mark.parametrize(
    "grade",
    [graded(), Rejected(message=SAYS, reason="x"), OutOfMemory(message=SAYS), Predicted((1,))],
)
def test_there_is_no_answer_before_the_file(grade: Grade | Predicted) -> None:
    with pytest.raises(UnfitAnswerError):
        checked_failure(grade)


@pytest.mark.parametrize(
    "progress",
    [
        wire.READY,
        Progress(Stage.WAITING),
        Progress(Stage.PREDICTING, -0.1),
        Progress(Stage.PREDICTING, 1.5),
        Progress(Stage.PREDICTING, float("nan")),
    ],
)
def test_progress_that_cannot_be_is_no_news(progress: Progress) -> None:
    with pytest.raises(UnfitAnswerError):
        checked_progress(progress)


Drawn = st.SearchStrategy[dict[str, Any]]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
TEXT = st.text(max_size=12) | st.sampled_from(["{n}", "{", "{n:9}", "ok {n}", ESCAPES])
FACT = TEXT | st.integers(-(2**70), 2**70) | st.floats()
MESSAGE: Drawn = st.builds(dict, template=TEXT, facts=st.dictionaries(TEXT | st.just("n"), FACT))
MODEL: Drawn = st.builds(
    dict,
    layers=st.lists(TEXT, max_size=4),
    parameters=st.none() | st.integers(-(2**70), 2**70),
    keras_version=st.none() | TEXT,
)
METRIC: Drawn = st.builds(
    dict,
    name=st.sampled_from(["accuracy", "mae", "x"]),
    value=st.none() | st.floats() | st.floats(0, 1),
    n=st.integers(-(2**70), 2**70) | st.integers(1, 9),
)
ANSWER: Drawn = st.builds(
    dict,
    verdict=st.sampled_from(
        [
            "graded",
            "rejected",
            "timed_out",
            "out_of_memory",
            "crashed",
            "cancelled",
            "grader_failed",
        ]
    ),
    message=MESSAGE,
    seconds=st.floats(),
    model=MODEL,
    metric=METRIC,
    score=st.integers(-(2**70), 2**70) | st.integers(0, 5),
    notes=st.lists(MESSAGE, max_size=3),
    reason=TEXT | st.just("text_file"),
    log=TEXT,
)
NEWS: Drawn = st.builds(
    dict,
    type=st.sampled_from(["progress", "inspected", "predicted", "x"]),
    shape=st.lists(st.integers(-(2**70), 2**70), max_size=9),
    notes=st.lists(MESSAGE, max_size=3),
    stage=st.sampled_from([each.value for each in Stage]),
    done=st.floats() | st.floats(0, 1),
    model=MODEL,
    runtime=st.sampled_from(["keras3", "tf_keras", "x"]),
)


def entered(line: bytes) -> wire.News | None:
    """What the door lets in of a line; None for what is no answer."""
    checks: dict[type, Callable[[Any], wire.News]] = {
        Progress: checked_progress,
        wire.Inspected: checked_inspected,
        Predicted: checked_predicted,
    }
    try:
        news = wire.read(line)
        check = checks.get(type(news))
        return check(news) if check else checked_grade(news, JOB)  # type: ignore[arg-type]
    except (wire.UnreadableError, UnfitAnswerError):
        return None


def texts(news: object) -> list[str]:
    if isinstance(news, wire.Inspected):
        return [*news.model.layers, news.model.keras_version or ""]
    if isinstance(news, Progress):
        return []
    if isinstance(news, Predicted):
        return [says.text() for says in news.notes]
    grade: Any = news
    facts = [fact for says in sentences(grade) for fact in says.facts.values()]
    said = [says.text() for says in sentences(grade)]
    model = [*grade.model.layers, grade.model.keras_version or ""]
    return [*said, *model, *(fact for fact in facts if isinstance(fact, str))]


@given(st.binary() | (JSON | ANSWER | NEWS).map(lambda each: _json(each)))
@example(b"[" * 1_000_000)
@example(b'{"verdict":"graded","x":' + b"[" * 1_000_000)
@example(b'{"verdict":"grader_failed","message":{"template":"\\ud800"}}')
@example(b'{"verdict":"rejected","reason":"x","message":{"template":"{n}","facts":{"n":1e999}}}')
def test_whatever_a_line_holds_nothing_is_raised_and_nothing_unfit_comes_in(line: bytes) -> None:
    news = entered(line)
    if news is None:
        return
    assert all(text.isprintable() and len(text) < 100 * MOST_TEXT for text in texts(news))
    if isinstance(news, Progress):
        assert 0 <= news.done <= 1
    assert not isinstance(news, Graded)
    msgspec.json.decode(msgspec.json.encode(news), type=type(news))


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


def test_printable_keeps_what_people_write() -> None:
    assert printable("Dense → 服装 é") == "Dense → 服装 é"
    assert printable("a\nb\x1b") == "a b�"
    assert printable("x" * 10, 5) == "xxxx…"
