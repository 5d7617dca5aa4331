"""What a training log alone tells, and that it tells nothing about sound trainings."""

import pytest

from engine.coaching.training_mistakes import training_mistakes
from engine.grading.protocol import Metric
from engine.machine.curves import Curve, parse


def _curve(**columns: list[float]) -> Curve:
    names = ["epoch", *columns]
    rows = [
        ",".join(str(each) for each in (at, *values))
        for at, values in enumerate(zip(*columns.values(), strict=True))
    ]
    found = parse(",".join(names), "\n".join(rows) + "\n")
    assert isinstance(found, Curve)
    return found


def _ids(curve: Curve, metric: Metric | None = None) -> list[str]:
    return [each.id for each in training_mistakes(curve, metric)]


SOUND = {
    "converged": [1.0, 0.6, 0.4, 0.35, 0.34, 0.338, 0.337, 0.336],
    "bumpy": [1.0, 0.7, 0.75, 0.5, 0.55, 0.45, 0.47, 0.46],
    "negative loss": [-1.0, -1.5, -1.9, -2.0, -2.01],
    "two epochs": [1.0, 0.5],
    "learned by heart": [1.0, 0.3, 0.1, 0.05, 0.02, 0.01],
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_training_has_no_mistake(name: str) -> None:
    assert _ids(_curve(loss=SOUND[name])) == []


def test_a_loss_that_is_no_number() -> None:
    nan = float("nan")
    (found,) = training_mistakes(_curve(loss=[1.0, 5.0, nan, nan], accuracy=[0.1] * 4))
    assert (found.id, found.facts) == ("learning_rate_too_high", {"to": "NaN", "epoch": 3})
    assert _ids(_curve(loss=[nan, nan], accuracy=[0.1, 0.1])) == ["learning_rate_too_high"]


def test_a_loss_that_explodes() -> None:
    (found,) = training_mistakes(_curve(loss=[2.0, 1.5, 90.0, 4000.0]))
    assert (found.id, found.facts) == ("learning_rate_too_high", {"to": "90", "epoch": 3})


def test_a_log_without_a_loss_tells_nothing() -> None:
    assert _ids(_curve(accuracy=[0.1, 0.2, 0.3])) == []


def test_a_training_that_did_not_move() -> None:
    assert _ids(_curve(loss=[2.3026, 2.3027, 2.3025, 2.3026])) == ["training_never_moved"]


def test_overfitting_from_an_epoch_on() -> None:
    (found,) = training_mistakes(
        _curve(
            loss=[1.0, 0.7, 0.5, 0.35, 0.2, 0.1, 0.05, 0.03],
            val_loss=[1.0, 0.8, 0.75, 0.8, 0.9, 1.0, 1.1, 1.2],
        )
    )
    assert (found.id, found.facts) == ("overfitting", {"epoch": 4})


def test_validation_that_wobbles_is_no_overfitting() -> None:
    loss = [1.0, 0.7, 0.5, 0.45, 0.42, 0.41, 0.405, 0.404]
    wobbling = [1.0, 0.8, 0.7, 0.73, 0.69, 0.72, 0.71, 0.7]
    assert _ids(_curve(loss=loss, val_loss=wobbling)) == []


def test_stopped_while_the_loss_was_falling() -> None:
    falling = [1.0, 0.8, 0.64, 0.5]
    assert _ids(_curve(loss=falling)) == ["stopped_early"]
    assert _ids(_curve(loss=falling, val_loss=[1.1, 0.9, 0.7, 0.6])) == ["stopped_early"]
    assert _ids(_curve(loss=falling, val_loss=[0.9, 0.8, 0.8, 0.81])) == []


def test_validation_far_above_the_hidden_data() -> None:
    curve = _curve(loss=[1.0, 0.9, 0.89, 0.888], accuracy=[0.5] * 4, val_accuracy=[0.9] * 4)
    (found,) = training_mistakes(curve, Metric("accuracy", 0.7, 1_000))
    assert found.facts == {"validation": "0.900", "hidden": "0.700"}
    assert _ids(curve, Metric("accuracy", 0.87, 1_000)) == []
    assert _ids(curve, Metric("accuracy", None, 1_000)) == []
    assert _ids(curve, Metric("mae", 0.1, 1_000)) == []
