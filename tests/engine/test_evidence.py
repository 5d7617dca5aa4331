"""The figures of evidence against the shortest way to work them out, and its file."""

import stat
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.errors import SittingError
from engine.grading.evidence import (
    LARGEST,
    MOST_CLASSES,
    MOST_ERRORS,
    MOST_EXAMPLES,
    MOST_STEPS,
    MOST_WORDS,
    PICTURE_SIDE,
    Evidence,
)
from engine.grading.marking.class_parts import shares_of
from engine.grading.marking.series_parts import error_shares
from engine.grading.marking.small_inputs import shown
from engine.grading.marking.value_parts import error_bins
from exam_bank.material import Array, HiddenSet
from tests.engine.evidence_cases import ACCURACY, MAE, contract, evidence, guesses

NUMBERS = st.floats(-1e6, 1e6, width=32)


def column(size: int) -> st.SearchStrategy[Array]:
    return arrays.arrays(np.float64, size, elements=NUMBERS)


# -- classes -------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=200), st.integers(0, 99))
def test_the_confusion_matrix_counts_each_pair(labels: list[int], seed: int) -> None:
    targets = np.array(labels)
    said = guesses(targets, 0.5, 4, seed)
    named = said.argmax(axis=1)
    found = evidence(said, HiddenSet(np.zeros((len(labels), 2)), targets), ACCURACY, "softmax")
    part = found.classes
    assert part is not None
    assert part.classes == (0, 1, 2, 3)
    for i in range(4):
        assert part.confusion[i] == tuple(
            int(((targets == i) & (named == j)).sum()) for j in range(4)
        )
        of_class, called = named[targets == i], targets[named == i]
        assert part.recall[i] == (pytest.approx((of_class == i).mean()) if len(of_class) else None)
        assert part.precision[i] == (pytest.approx((called == i).mean()) if len(called) else None)
    assert found.metric.value == pytest.approx(np.trace(part.confusion) / len(labels))


def test_the_surest_mistakes_and_the_closest_calls_come_first() -> None:
    said = np.array([[0.1, 0.9], [0.45, 0.55], [0.3, 0.7], [0.95, 0.05], [0.51, 0.49]], np.float32)
    targets = np.array([0, 1, 0, 0, 1])
    part = evidence(said, HiddenSet(np.zeros((5, 2)), targets), ACCURACY, "softmax").classes
    assert part is not None
    assert [each.index for each in part.mistakes] == [0, 2, 4]
    assert [each.index for each in part.closest] == [4, 1, 2, 0, 3]
    first = part.mistakes[0]
    assert (first.target, first.named) == (0, 1)
    assert (first.probability, first.of_target) == pytest.approx((0.9, 0.1))


def test_calibration_compares_what_a_model_says_with_what_is_right() -> None:
    said = np.array([[0.24, 0.76]] * 4 + [[0.07, 0.93]] * 6, np.float32)
    targets = np.array([1, 1, 0, 0] + [1] * 6)
    part = evidence(said, HiddenSet(np.zeros((10, 2)), targets), ACCURACY, "softmax").classes
    assert part is not None
    bins = [(each.low, each.n, each.right) for each in part.calibration]
    assert bins == [(0.7, 4, 0.5), (0.9, 6, 1.0)]
    assert part.calibration_error == pytest.approx(0.4 * 0.26 + 0.6 * 0.07)


@pytest.mark.parametrize(
    ("said", "activation", "shares"),
    [
        ([[0.2], [0.8]], "sigmoid", [[0.8, 0.2], [0.2, 0.8]]),
        ([[0.0], [np.log(3)]], "linear", [[0.5, 0.5], [0.25, 0.75]]),
        ([[0.0, np.log(3)]], "linear", [[0.25, 0.75]]),
        ([[0.0, 5.0, 5.0]], "softmax", [[0.0034, 0.4983, 0.4983]]),
        ([[0.2, 0.2]], "softmax", [[0.5, 0.5]]),
        ([[0.0, 0.0]], "softmax", [[0.5, 0.5]]),
        ([[1000.0], [-1000.0]], "linear", [[0.0, 1.0], [1.0, 0.0]]),
    ],
)
def test_every_output_becomes_probabilities(said: object, activation: str, shares: object) -> None:
    found = shares_of(np.array(said, np.float32), activation)  # type: ignore[arg-type]
    assert found == pytest.approx(np.array(shares), abs=1e-4)


def test_of_many_classes_the_rare_ones_share_a_row() -> None:
    targets = np.repeat(np.arange(60), np.arange(60, 0, -1))
    said = np.eye(60, dtype=np.float32)[targets]
    part = evidence(
        said, HiddenSet(np.zeros((len(targets), 1)), targets), ACCURACY, "softmax"
    ).classes
    assert part is not None
    assert part.others
    assert part.classes == tuple(range(MOST_CLASSES))
    assert len(part.confusion) == MOST_CLASSES + 1
    assert part.confusion[-1][-1] == int((targets >= MOST_CLASSES).sum())


def test_a_sequence_of_classes_has_many_answers_for_one_example() -> None:
    targets = np.array([[0, 1], [1, 1], [0, 0]])
    said = np.eye(2, dtype=np.float32)[1 - targets]
    found = evidence(said, HiddenSet(np.zeros((3, 2)), targets), ACCURACY, "softmax")
    assert found.classes is not None
    assert sum(map(sum, found.classes.confusion)) == 6
    assert {each.index for each in found.classes.mistakes} == {0, 1, 2}
    assert found.flip_risk is not None


# -- values --------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 80).flatmap(lambda size: st.tuples(column(size), column(size))),
    st.integers(1, 12),
)
def test_the_ranges_hold_every_number_once(pair: tuple[Array, Array], count: int) -> None:
    by, off = pair
    bins = error_bins(by, off, count)
    assert sum(each.n for each in bins) == len(by)
    assert bins[0].low == by.min()
    assert bins[-1].high == by.max()
    assert sum(each.n * each.error for each in bins) == pytest.approx(np.abs(off).sum(), rel=1e-6)
    assert sum(each.n * each.bias for each in bins) == pytest.approx(off.sum(), rel=1e-6, abs=1e-3)
    for each in bins:
        inside = (by >= each.low) & (by <= each.high)
        assert int(inside.sum()) >= each.n


def test_an_affine_correction_mends_outputs_on_another_scale() -> None:
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(300, 3)).astype(np.float32)
    targets = (40 + 10 * inputs[:, 0]).astype(np.float32)
    said = ((targets - 40) / 10).astype(np.float32)[:, None]
    found = evidence(said, HiddenSet(inputs, targets[:, None]), MAE)
    assert found.score == 0
    part = found.values
    assert part is not None
    assert part.affine is not None
    assert (part.affine.slope, part.affine.intercept) == pytest.approx((10, 40), rel=1e-4)
    assert part.affine.score == 5
    assert part.affine.value == pytest.approx(0, abs=1e-4)
    assert part.bias == pytest.approx(float((said[:, 0] - targets).mean()), rel=1e-6)
    assert part.error == pytest.approx(found.metric.value)
    assert [each.column for each in part.features] == [0, 1, 2]
    assert part.worst[0].index == int(np.abs(said[:, 0] - targets).argmax())
    assert len(part.worst[0].shown.numbers) == 3


def test_a_constant_output_has_a_slope_of_nothing() -> None:
    targets = np.arange(10, dtype=np.float32)
    part = evidence(
        np.full((10, 1), 3.0, np.float32), HiddenSet(np.zeros((10, 2), np.float32), targets), MAE
    ).values
    assert part is not None
    assert part.affine is not None
    assert (part.affine.slope, part.affine.intercept) == (0.0, 4.5)


# -- series --------------------------------------------------------------------------------------


def waves(
    seed: int = 3, windows: int = 200, past: int = 30, steps: int = 12
) -> tuple[Array, Array]:
    """Windows of a wandering wave, and what comes after each."""
    rng = np.random.default_rng(seed)
    long = 5 * np.sin(np.arange(windows + past + steps) / 4) + rng.normal(
        size=windows + past + steps
    )
    rows = np.arange(windows)[:, None]
    return long[rows + np.arange(past)][..., None], long[rows + past + np.arange(steps)][..., None]


def test_errors_by_step_channel_and_level() -> None:
    past, wanted = waves()
    said = wanted + np.arange(12)[None, :, None] * 0.1
    hidden = HiddenSet(past.astype(np.float32), wanted[..., 0].astype(np.float32))
    found = evidence(said[..., 0].astype(np.float32), hidden, MAE).series
    assert found is not None
    assert found.steps == pytest.approx(np.arange(12) * 0.1, abs=1e-4)
    assert found.last_value == pytest.approx(
        np.abs(past[:, -1] - wanted[..., 0]).mean(axis=0), rel=1e-4
    )
    assert found.channels == pytest.approx([0.55], rel=1e-4)
    assert sum(each.n for each in found.levels) == 200
    assert [each.error for each in found.levels] == pytest.approx([0.55] * 10, rel=1e-4)
    assert found.worst[0].history == pytest.approx(past[found.worst[0].index, :, 0], rel=1e-4)
    assert len(found.worst[0].target) == len(found.worst[0].forecast) == 12
    apart = np.diff(sorted(each.index for each in found.worst))
    assert apart.min() >= 12


def test_what_is_not_plainly_the_past_is_not_drawn() -> None:
    past, wanted = waves()
    hidden = HiddenSet((past * 100 + 900).astype(np.float32), wanted[..., 0].astype(np.float32))
    found = evidence(wanted[..., 0].astype(np.float32) + 1, hidden, MAE)
    assert found.series is not None
    assert found.series.last_value == found.series.worst[0].history == ()
    assert [each.name for each in found.measured] == ["median"]


def test_the_past_is_found_among_other_columns() -> None:
    past, wanted = waves()
    other = np.random.default_rng(0).normal(size=(*past.shape[:2], 2)) * 30
    inputs = np.concatenate([other[..., :1], past, other[..., 1:]], axis=2).astype(np.float32)
    hidden = HiddenSet(inputs, wanted[..., 0].astype(np.float32))
    found = evidence(wanted[..., 0].astype(np.float32) + 1, hidden, MAE).series
    assert found is not None
    assert found.median is not None
    assert found.median.history == pytest.approx(past[found.median.index, :, 0], rel=1e-4)


def test_the_error_is_level_lag_or_shape() -> None:
    _, wanted = waves()
    rng = np.random.default_rng(0)
    too_high = wanted + rng.normal(size=(200, 1, 1)) * 2
    level = error_shares(too_high, wanted)
    assert level is not None
    assert (level.level, level.lag) == pytest.approx((1.0, 0.0), abs=1e-9)
    late = np.concatenate([wanted[:, :1], wanted[:, :-1]], axis=1)
    lag = error_shares(late, wanted)
    assert lag is not None
    assert lag.steps == 1
    assert lag.lag > 0.7
    shape = error_shares(wanted + rng.normal(size=wanted.shape), wanted)
    assert shape is not None
    assert shape.shape > 0.8
    for each in (level, lag, shape):
        assert each.level + each.lag + each.shape == pytest.approx(1)


def test_no_error_and_too_few_steps_have_no_shares() -> None:
    _, wanted = waves()
    assert error_shares(wanted, wanted) is None
    assert error_shares(wanted[:, :2] + 1, wanted[:, :2]) is None


# -- inputs in small -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=30)
@given(st.integers(8, 90), st.integers(8, 90), st.sampled_from([1, 3]))
def test_a_thumbnail_keeps_form_and_brightness(height: int, width: int, channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 256, (height, width, channels), np.uint8)
    small = shown(picture, contract(picture.shape, (2,), "softmax")).picture
    assert small is not None
    assert max(small.width, small.height) <= PICTURE_SIDE
    assert len(small.rgb) == 3 * small.width * small.height
    found = np.frombuffer(small.rgb, np.uint8).reshape(small.height, small.width, 3)
    assert found.mean() == pytest.approx(picture.mean(), abs=6)
    if max(height, width) <= PICTURE_SIDE:
        np.testing.assert_array_equal(found, np.broadcast_to(picture, found.shape))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 255), (-1, 1), (3, 3)])
def test_pictures_on_any_scale_are_shown(low: float, high: float) -> None:
    picture = np.linspace(low, high, 28 * 28).reshape(28, 28).astype(np.float32)
    small = shown(picture, contract((28, 28), (2,), "softmax")).picture
    assert small is not None
    if high > low:
        assert (small.rgb[0], small.rgb[-1]) == (0, 255)


def test_texts_and_rows_are_short() -> None:
    ids = np.zeros(500, np.int32)
    ids[3:6] = 7, 0, 9
    assert shown(ids, contract((500,), (1,), "sigmoid", "int32")).words == (7, 0, 9)
    full = shown(np.ones(500, np.int32), contract((500,), (1,), "sigmoid", "int32"))
    assert len(full.words) == MOST_WORDS
    assert shown(np.zeros(5, np.int32), contract((5,), (1,), "sigmoid", "int32")).words == ()
    row = shown(np.array([1, np.nan, 2.5], np.float32), contract((3,), (1,), "linear"))
    assert row.numbers == (1.0, 0.0, 2.5)
    odd = shown(np.zeros((4, 4, 7), np.float32), contract((4, 4, 7), (1,), "linear"))
    assert odd == type(odd)()


# -- the whole -----------------------------------------------------------------------------------


def test_predictions_that_are_no_numbers_have_no_parts() -> None:
    hidden = HiddenSet(np.zeros((4, 2), np.float32), np.zeros(4, np.int64))
    found = evidence(np.full((4, 3), np.nan, np.float32), hidden, ACCURACY, "softmax")
    assert (found.score, found.metric.value) == (0, None)
    assert (found.classes, found.values, found.flip_risk, found.errors) == (None,) * 4


def test_what_resampling_needs_is_bounded_and_says_which_examples() -> None:
    n = MOST_ERRORS + 5_000
    targets = np.arange(n) % 2
    said = guesses(targets, 0.6, 2)
    found = evidence(said, HiddenSet(np.zeros((n, 1), np.float32), targets), ACCURACY, "softmax")
    assert found.errors is not None
    rows = np.frombuffer(found.errors.indices, "<u4")
    errors = np.frombuffer(found.errors.errors, "<f4")
    assert found.errors.n == n
    assert len(rows) == len(set(rows.tolist())) == len(errors) == MOST_ERRORS
    np.testing.assert_array_equal(errors, said.argmax(axis=1)[rows] != targets[rows])


def test_the_file_is_small_private_and_says_the_same(tmp_path: Path) -> None:
    n = 2 * MOST_ERRORS
    targets = np.arange(n) % 50
    pictures = np.random.default_rng(0).integers(0, 256, (n // 100, 40, 40, 3), np.uint8)
    hidden = HiddenSet(np.tile(pictures, (100, 1, 1, 1)), targets)
    found = evidence(guesses(targets, 0.6, 50), hidden, ACCURACY, "softmax")
    path = tmp_path / "evidence" / "one.json"
    found.write(path)
    assert Evidence.read(path) == found
    assert path.stat().st_size < LARGEST / 4
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found.classes is not None
    assert len(found.classes.mistakes) == MOST_EXAMPLES


def test_without_examples_no_hidden_input_or_target_is_left() -> None:
    past, wanted = waves()
    hidden = HiddenSet(past.astype(np.float32), wanted[..., 0].astype(np.float32))
    series = evidence(wanted[..., 0].astype(np.float32) + 1, hidden, MAE)
    rows = HiddenSet(np.ones((9, 3), np.float32), np.arange(9, dtype=np.float32))
    table = evidence(np.ones((9, 1), np.float32), rows, MAE)
    classes = evidence(guesses(np.arange(9) % 2, 0.5, 2), rows, ACCURACY, "softmax")
    for each in (series, table, classes):
        text = msgspec.json.encode(each.without_examples())
        assert b'"index"' in msgspec.json.encode(each)
        assert b'"index"' not in text
        assert b'"shown"' not in text
        assert each.without_examples().errors is None


def test_many_steps_and_channels_are_cut(tmp_path: Path) -> None:
    wanted = np.zeros((8, 2 * MOST_STEPS, 40), np.float32)
    hidden = HiddenSet(np.zeros((8, 3, 40), np.float32), wanted)
    found = evidence(wanted + np.float32(1), hidden, MAE)
    found.write(tmp_path / "evidence.json")
    assert Evidence.read(tmp_path / "evidence.json") == found


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 100_000, b'{"format_version": 9}', b"\xff"])
def test_a_damaged_file_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "evidence.json"
    path.write_bytes(content)
    with pytest.raises(SittingError, match=r"evidence\.json cannot be read"):
        Evidence.read(path)


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        (b'"recall":[', b'"recall":[0.5,', "too few classes"),
        (b'"confusion":[[', b'"confusion":[[1,', "not square"),
        (b'"width":28', b'"width":27', "another size"),
        (b'"score":', b'"score":1e999,"x":', "cannot be read"),
    ],
)
def test_a_file_edited_by_hand_is_named(
    tmp_path: Path, was: bytes, becomes: bytes, fault: str
) -> None:
    pictures = np.zeros((6, 28, 28), np.float32)
    hidden = HiddenSet(pictures, np.array([0, 1, 2, 0, 1, 2]))
    path = tmp_path / "evidence.json"
    evidence(np.ones((6, 3), np.float32), hidden, ACCURACY, "softmax").write(path)
    content = path.read_bytes()
    assert was in content
    path.write_bytes(content.replace(was, becomes))
    with pytest.raises(SittingError, match=fault):
        Evidence.read(path)


def test_another_format_is_not_guessed_at(tmp_path: Path) -> None:
    hidden = HiddenSet(np.zeros((4, 2), np.float32), np.zeros(4, np.int64))
    found = evidence(np.ones((4, 2), np.float32), hidden, ACCURACY, "softmax")
    msgspec.structs.replace(found, format_version=2).write(tmp_path / "later.json")
    with pytest.raises(SittingError, match="another version of tfexam"):
        Evidence.read(tmp_path / "later.json")
