"""Describes a measured metric in a sentence, the same in the child and in the app.

Kept apart from `metrics.py`, because the app builds the sentence itself and imports no numpy.
"""

from collections.abc import Callable, Iterable

from engine.grading.protocol import Fact, Message, Metric
from exam_bank.proof.digits import telling


def describe(metric: Metric, thresholds: Iterable[float] = ()) -> Message:
    """What was measured, in digits that tell it from `thresholds`.

    `metric` has a name that mark schemes know.
    """
    if metric.value is None:
        return Message(
            "The predictions contain NaN or infinity, so nothing can be measured: look for "
            "a learning rate that is too high, a division by zero or a log of zero.",
        )
    return _SENTENCES[metric.name]({"value": telling(metric.value, thresholds), "n": metric.n})


_Facts = dict[str, Fact]
_SENTENCES: dict[str, Callable[[_Facts], Message]] = {
    "accuracy": lambda facts: Message("Accuracy {value} on {n} hidden examples.", facts),
    "balanced_accuracy": lambda facts: Message(
        "Balanced accuracy (the mean over the classes) {value} on {n} hidden examples.", facts
    ),
    "f1": lambda facts: Message("F1 of class 1 {value} on {n} hidden examples.", facts),
    "mae": lambda facts: Message("Mean absolute error {value} on {n} hidden examples.", facts),
    "relative_mae": lambda facts: Message(
        "Mean absolute error {value} times the baseline's, on {n} hidden examples.", facts
    ),
}
