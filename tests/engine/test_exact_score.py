"""A model that lies on a threshold has one score, whatever its floats were rounded by."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import marking
from engine.grading.metric_sentence import describe
from engine.grading.protocol import Metric
from exam_bank.proof.digits import counted, telling
from exam_bank.task import Direction, MarkScheme
from tests.engine import models_at_thresholds as ten

FIVE = st.lists(st.integers(1, 999_999), min_size=5, max_size=5, unique=True).map(sorted)
NEAR = st.floats(-1e-7, 1e-7)


def scheme(five: list[int], direction: Direction) -> MarkScheme:
    steps = [each / 1000 for each in (five if direction == "higher" else five[::-1])]
    metric = "accuracy" if direction == "higher" else "mae"
    return MarkScheme(
        metric=metric,  # type: ignore[arg-type]
        direction=direction,
        thresholds=(steps[0], steps[1], steps[2], steps[3], steps[4]),
    )


@given(FIVE, st.sampled_from(["higher", "lower"]), st.integers(0, 4), NEAR)
def test_what_lies_a_bit_beside_a_threshold_has_reached_it(
    five: list[int], direction: Direction, at: int, beside: float
) -> None:
    marks = scheme(five, direction)
    assert marking.score(marks.thresholds[at] * (1 + beside), marks) == at + 1


@pytest.mark.parametrize(
    ("value", "score"), [(1.04, 3), (1.040004, 3), (1.04001, 2), (1.0401, 2), (1.0, 3)]
)
def test_six_digits_decide(value: float, score: int) -> None:
    marks = MarkScheme(metric="mae", direction="lower", thresholds=(3, 2, 1.04, 0.5, 0.1))
    assert marking.score(value, marks) == score


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.04, "1.04"),
        (1.0402, "1.0402"),
        (1.04002, "1.04002"),
        (1.040002, "1.04"),
        (1.0396, "1.0396"),
        (1.234567, "1.235"),
        (0.0, "0"),
        (12345.6, "1.235e+04"),
    ],
)
def test_a_value_is_told_from_the_threshold_it_missed(value: float, text: str) -> None:
    assert telling(value, (2.0, 1.04)) == text
    assert text in describe(Metric("relative_mae", value, 9), (2.0, 1.04)).text()


@given(st.floats(1e-6, 1e6), FIVE)
def test_what_is_shown_earns_what_was_measured(value: float, five: list[int]) -> None:
    marks = scheme(five, "lower")
    assert marking.score(float(telling(value, marks.thresholds)), marks) == marking.score(
        value, marks
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="no cores can be chosen here")
def test_ten_models_on_a_threshold_have_one_score_each(tmp_path: Path) -> None:
    ten.run("make", str(tmp_path))
    first = ten.grades(tmp_path, "all", 64)
    at = {each.model: counted(each.value) for each in first if each.keras == "keras3"}
    assert len(at) == ten.MODELS
    (tmp_path / ten.FILE).write_text(json.dumps(at))
    ways = [("one", 64), ("all", 64), ("all", 16), ("one", 256)]
    found = [each for way in ways for each in ten.grades(tmp_path, *way)]
    assert len(found) == ten.MODELS * len(ten.KERAS) * len(ways)
    # Half of them lie a little above their threshold: unrounded, those would miss it.
    assert any(each.value > at[each.model] for each in found)
    assert [each for each in found if each.score != 3] == []
