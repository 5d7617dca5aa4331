"""What counts as an answer that has changed beside other examples."""

import numpy as np
import pytest

from engine.errors import SubmissionRejected
from engine.grading.child.independence import Comparison, Decide
from exam_bank.material import Array

N = 1_000
ROWS = np.arange(0, N, 10)
RNG = np.random.default_rng(0)
# Answers of ordinary size, and shares that are all but equal.
VALUES = RNG.normal(5, 2, (N, 3)).astype(np.float32)
TIES = (0.25 + RNG.normal(0, 1e-8, (N, 4))).astype(np.float32)


def largest(answers: Array) -> Array:
    found: Array = answers.argmax(axis=-1)
    return found


def refused(
    answers: Array, again: Array, decide: Decide | None = None, *, coarse: bool = False
) -> bool:
    comparison = Comparison(answers, decide, coarse=coarse)
    comparison.look(ROWS, again)
    try:
        comparison.refuse_if_changed()
    except SubmissionRejected as refusal:
        return refusal.reason == "batch_dependent"
    return False


def changed(answers: Array, by: float, share: float = 1.0) -> Array:
    """The answers to ROWS, a `share` of them changed in one number."""
    again = answers[ROWS].copy()
    again[: round(share * len(ROWS)), 0] += by
    return again


@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_rounding_is_none_and_a_change_is_one_whatever_the_unit(size: float) -> None:
    answers = (VALUES * size).astype(np.float32)
    assert not refused(answers, changed(answers, 1e-6 * size))
    assert refused(answers, changed(answers, 0.02 * size))


def test_answers_far_from_zero_are_rounded_to_their_own_size() -> None:
    answers = (1e6 + RNG.normal(0, 1e-2, (N, 1))).astype(np.float32)
    assert not refused(answers, changed(answers, 0.5))


def test_all_answers_may_be_the_same() -> None:
    answers = np.full((N, 2), 0.3, np.float32)
    assert not refused(answers, changed(answers, 1e-7), largest)
    assert refused(answers, changed(answers, 1e-2))


def test_one_that_is_on_the_edge_is_no_proof() -> None:
    assert not refused(VALUES, changed(VALUES, 9.0, share=0.03))
    assert refused(VALUES, changed(VALUES, 9.0, share=0.05))


def test_another_class_is_a_change_however_small() -> None:
    again = TIES[ROWS].copy()
    again[:, 0] += np.float32(1e-6)
    assert not refused(TIES, again)
    assert refused(TIES, again, largest)


def test_a_few_wild_answers_do_not_excuse_the_others() -> None:
    answers = VALUES.copy()
    answers[1] = 2_000  # more would cost the model more than it hides
    assert refused(answers, changed(answers, 0.2))


def test_nan_is_a_change() -> None:
    assert refused(VALUES, changed(VALUES, np.nan))


def test_floats_of_16_bits_are_coarse() -> None:
    again = changed(VALUES, 0.03)
    assert not refused(VALUES, again, coarse=True)
    assert refused(VALUES, again)
    assert refused(VALUES, changed(VALUES, 0.2), coarse=True)


def test_another_shape_is_the_models_fault() -> None:
    with pytest.raises(SubmissionRejected) as caught:
        Comparison(VALUES, None, coarse=False).look(ROWS, VALUES[ROWS, :2])
    assert caught.value.reason == "batch_dependent"
