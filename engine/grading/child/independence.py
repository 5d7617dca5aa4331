"""Checks whether a model's answers change when its examples are asked again among others.

Floats round differently in a batch of another size. So a change must exceed rounding, and
more than a few answers must change: then an answer has looked at more than its own example,
and the score would depend on the order of the hidden set.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SubmissionRejected
from engine.grading.protocol import Message
from exam_bank.synthetic.rng import Ints

Array = NDArray[Any]
Decide = Callable[[Array], Array]

REASON = "batch_dependent"
# The share of answers that may change: a few may be ties, or ill-conditioned.
MAY_CHANGE = 0.03
# What counts as a change: a share of how far the model's answers lie apart (with
# 16-bit floats inside, a larger share), and of the answer itself.
OF_SPREAD, OF_SPREAD_COARSE = 1e-3, 3e-2
OF_ANSWER = 64 * float(np.finfo(np.float32).eps)


class Comparison:
    """Counts the answers that changed.

    `answers` are the answers to the whole hidden set, all finite, of shape (n, *output). `decide`
    turns answers into classes: a different class is a change, however small.
    """

    def __init__(self, answers: Array, decide: Decide | None, *, coarse: bool) -> None:
        self._answers, self._decide = answers, decide
        # Not the squared deviation: a few wild answers must not excuse all others.
        spread = np.mean(np.abs(answers - answers.mean(axis=0, dtype=np.float64)))
        self._allowed = float(spread) * (OF_SPREAD_COARSE if coarse else OF_SPREAD)
        self._looked = self._changed = 0

    def look(self, rows: Ints, again: Array) -> None:
        """Compare the new answers to the examples `rows` with the first ones."""
        before = self._answers[rows]
        if again.shape != before.shape:
            raise shapes_differ(before.shape, again.shape)
        allowed = self._allowed + OF_ANSWER * np.abs(before)
        changed = _any(~(np.abs(again - before) <= allowed))  # NaN is a change too
        if self._decide is not None:
            changed |= _any(self._decide(again) != self._decide(before))
        self._looked += len(rows)
        self._changed += int(changed.sum())

    def refuse_if_changed(self) -> None:
        """Raise `SubmissionRejected` if too many answers changed."""
        if self._changed <= MAY_CHANGE * self._looked:
            return
        raise SubmissionRejected(
            REASON,
            Message(
                "The model's answer to an example depends on the other examples in its batch: "
                "{changed} of {looked} answers changed in another batch. Look for an "
                "operation along axis 0, which is the batch (a mean, softmax, roll, sort or "
                "reshape), and for BatchNormalization called with training=True.",
                {"changed": self._changed, "looked": self._looked},
            ),
        )


def _any(changed: Array) -> Array:
    """For each example, whether any of its numbers changed."""
    found: Array = np.asarray(changed.reshape(len(changed), -1).any(axis=1))
    return found


def shapes_differ(one: tuple[int, ...], other: tuple[int, ...]) -> SubmissionRejected:
    """The refusal of a model that answers once in shape `one` and once in shape `other`."""
    return SubmissionRejected(
        REASON,
        Message(
            "The shape of the model's answer depends on the other examples in its batch: "
            "{one} in one batch, {other} in another. Look for an operation along axis 0, "
            "which is the batch, and for a size that depends on the values.",
            {"one": str(one), "other": str(other)},
        ),
    )
