from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.errors import GraderError, SubmissionRejected
from engine.grading.metrics import bootstrap_error, decision, describe, measure
from engine.grading.protocol import Metric
from exam_bank.material import Array, HiddenSet
from exam_bank.task import Activation, Contract, MarkScheme, MetricName, OutputSpec, TensorSpec

RISING = (0.2, 0.4, 0.6, 0.8, 0.9)


def scheme(metric: MetricName) -> MarkScheme:
    if metric in ("mae", "relative_mae"):
        return MarkScheme(metric=metric, direction="lower", thresholds=RISING[::-1])
    return MarkScheme(metric=metric, direction="higher", thresholds=RISING)


def contract(*shape: int, activation: Activation = "softmax") -> Contract:
    return Contract(
        input=TensorSpec(shape=(1,)), output=OutputSpec(shape=shape, activation=activation)
    )


def hidden(targets: Array, baseline: float = 1.0) -> HiddenSet:
    return HiddenSet(np.zeros((len(targets), 1)), targets, baseline=baseline)


def value_of(
    predictions: Array, targets: Array, metric: MetricName, said: Contract, baseline: float = 1.0
) -> float | None:
    return measure(predictions, hidden(targets, baseline), scheme(metric), said)[0].value


def test_accuracy_counts_the_largest_class() -> None:
    predictions = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]])
    metric, score = measure(
        predictions, hidden(np.array([1, 0, 0, 0])), scheme("accuracy"), contract(2)
    )
    assert metric == Metric("accuracy", 0.75, 4)
    assert score == 3


def test_logits_and_probabilities_of_classes_give_the_same() -> None:
    logits = np.array([[2.0, -1.0, 0.5], [-3.0, -1.0, -2.0]])
    softmax = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    targets = np.array([0, 1])
    assert value_of(logits, targets, "accuracy", contract(3)) == 1.0
    assert value_of(softmax, targets, "accuracy", contract(3)) == 1.0


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_wide_sigmoid_is_cut_at_a_half(shape: tuple[int, ...]) -> None:
    predictions = np.array([0.5, 0.49, 0.51, 0.0]).reshape(shape)
    said = contract(1, activation="sigmoid")
    assert value_of(predictions, np.array([1, 0, 1, 0]), "accuracy", said) == 1.0
    assert value_of(predictions, np.array([0, 1, 0, 1]), "accuracy", said) == 0.0


# One of four of class 1 is found, and one of eight of class 0 is taken for it.
RARE = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
SAID = np.array([0.9, 0.1, 0.2, 0.4, 0.6, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])


@pytest.mark.parametrize("shape", [(12,), (12, 1)])
def test_the_rare_class_weighs_as_much_in_balanced_accuracy_and_alone_in_f1(
    shape: tuple[int, ...],
) -> None:
    said, predictions = contract(1, activation="sigmoid"), SAID.reshape(shape)
    assert value_of(predictions, RARE, "accuracy", said) == pytest.approx(8 / 12)
    assert value_of(predictions, RARE, "balanced_accuracy", said) == (1 / 4 + 7 / 8) / 2
    assert value_of(predictions, RARE, "f1", said) == pytest.approx(2 * 1 / (2 + 4))


def test_f1_and_balanced_accuracy_of_two_probabilities_or_logits() -> None:
    pairs = np.stack([1 - SAID, SAID], axis=1)
    for predictions in (pairs, np.log(pairs)):
        assert value_of(predictions, RARE, "f1", contract(2)) == pytest.approx(1 / 3)
        found = value_of(predictions, RARE, "balanced_accuracy", contract(2))
        assert found == (1 / 4 + 7 / 8) / 2


def test_a_constant_gets_no_more_than_its_luck_from_balanced_accuracy_and_f1() -> None:
    said = contract(1, activation="sigmoid")
    assert value_of(np.zeros(12), RARE, "balanced_accuracy", said) == 0.5
    assert value_of(np.zeros(12), RARE, "f1", said) == 0.0
    assert value_of(np.zeros(12), np.zeros(12, np.int64), "f1", said) == 0.0


def test_balanced_accuracy_asks_only_for_the_classes_there_are() -> None:
    predictions = np.eye(4)[[0, 0, 3, 3]]
    found = value_of(predictions, np.array([0, 0, 3, 0]), "balanced_accuracy", contract(4))
    assert found == pytest.approx((2 / 3 + 1) / 2)


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_mae_never_broadcasts(shape: tuple[int, ...]) -> None:
    predictions = np.array([1.0, 2.0, 3.0]).reshape(shape)
    said = contract(1, activation="linear")
    assert value_of(predictions, np.array([1.0, 2.5, 2.0]), "mae", said) == pytest.approx(0.5)


def test_mae_over_windows() -> None:
    predictions = np.ones((2, 24, 1), np.float32)
    targets = np.zeros((2, 24), np.float32)
    assert value_of(predictions, targets, "mae", contract(24, 1, activation="linear")) == 1.0


def test_relative_mae_is_divided_by_the_baseline() -> None:
    said = contract(1, activation="linear")
    found = value_of(np.array([2.0]), np.array([1.0]), "relative_mae", said, baseline=4.0)
    assert found == 0.25


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("metric", ["accuracy", "mae"])
def test_what_is_not_finite_scores_nothing(bad: float, metric: MetricName) -> None:
    predictions = np.array([[0.9], [bad]])
    found, score = measure(
        predictions, hidden(np.array([1, 1])), scheme(metric), contract(1, activation="sigmoid")
    )
    assert (found.value, found.n, score) == (None, 2, 0)
    assert "NaN or infinity" in describe(found).text()


@pytest.mark.parametrize(
    ("predictions", "metric"),
    [
        (np.zeros((3, 2)), "accuracy"),
        (np.zeros((2, 5, 2)), "accuracy"),
        (np.zeros((2, 3)), "mae"),
        (np.zeros(()), "mae"),
    ],
)
def test_other_shapes_are_the_files_fault(predictions: Array, metric: MetricName) -> None:
    with pytest.raises(SubmissionRejected) as caught:
        measure(predictions, hidden(np.array([1, 0])), scheme(metric), contract(2))
    assert caught.value.reason == "wrong_output_shape"


def test_a_hidden_set_that_cannot_be_measured_against_is_ours() -> None:
    said = contract(1, activation="linear")
    with pytest.raises(GraderError):
        value_of(np.array([2.0]), np.array([1.0]), "relative_mae", said, baseline=0.0)
    with pytest.raises(GraderError):
        value_of(np.zeros((0, 1)), np.zeros((0,)), "mae", said)


def test_the_error_of_a_share_is_that_of_a_binomial() -> None:
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, 2_000)
    predictions = np.where(rng.random(2_000) < 0.9, targets, 1 - targets)[:, None]
    said = contract(1, activation="sigmoid")
    for metric, wanted in (("accuracy", 0.0067), ("balanced_accuracy", 0.0067), ("f1", 0.0069)):
        found = bootstrap_error(predictions, hidden(targets), metric, said, series=False)
        assert found == pytest.approx(wanted, rel=0.2), metric


def test_the_error_of_a_series_knows_that_neighbours_are_alike() -> None:
    rng = np.random.default_rng(2)
    off = np.convolve(np.abs(rng.normal(size=2_029)), np.ones(30) / 30, "valid")
    targets = np.zeros((2_000, 3), np.float32)
    said = contract(3, activation="linear")
    predictions = np.repeat(off[:, None], 3, axis=1)
    alone, blocks = (
        bootstrap_error(predictions, hidden(targets), "relative_mae", said, series=series)
        for series in (False, True)
    )
    # Thirty of them tell what one tells.
    assert alone == pytest.approx(off.std() / np.sqrt(2_000), rel=0.2)
    assert 3 < blocks / alone < 6.5


def test_a_metric_says_its_value_and_number() -> None:
    assert describe(Metric("accuracy", 0.87349, 4000)).text() == (
        "Accuracy 0.8735 on 4000 hidden examples."
    )


@pytest.mark.parametrize("name", get_args(MetricName))
def test_every_metric_is_described(name: str) -> None:
    assert "0.5" in describe(Metric(name, 0.5, 40)).text()


@given(arrays.arrays(np.float64, (6, 3), elements=st.floats(-1e30, 1e30)))
def test_accuracy_is_a_share_of_the_examples(predictions: Array) -> None:
    found = value_of(predictions, np.array([0, 1, 2, 0, 1, 2]), "accuracy", contract(3))
    assert found is not None
    assert found * 6 == pytest.approx(round(found * 6))


def test_the_class_is_what_counts_where_the_mark_counts_classes() -> None:
    wide = decision(scheme("f1"), contract(3))
    narrow = decision(scheme("accuracy"), contract(1, activation="linear"))
    assert wide is not None
    assert narrow is not None
    assert wide(np.array([[0.1, 0.2, 0.7], [0.5, 0.4, 0.1]])).tolist() == [2, 0]
    assert narrow(np.array([[-0.1], [0.2]])).tolist() == [[False], [True]]
    assert decision(scheme("mae"), contract(3)) is None
    assert decision(scheme("relative_mae"), contract(3)) is None
