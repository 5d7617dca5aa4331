"""Tries common mistakes on a model: predicts once as it is, and once with each mistake undone.

It knows no target, so it cannot tell which of them explains a score: the marking process measures
all predictions. The likeliest mistakes come first, on fewer examples where a model is slow, until
the time is used up.
"""

import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from engine.errors import SubmissionRejected
from engine.grading import wire
from engine.grading.child import weight_facts
from engine.grading.child.input_changes import changes
from engine.grading.child.model_changes import (
    ModelChange,
    NotThisMistakeError,
    model_changes,
)
from engine.grading.child.model_function import ModelFunction
from engine.grading.child.prediction import HiddenInputs, batch_size
from engine.grading.diagnosis import AS_IT_IS, Trial, WeightFacts
from engine.grading.parallel import in_order
from exam_bank.material import Array
from exam_bank.task import DType

# Of processor time, for all trials together.
SECONDS = 16.0
MOST_EXAMPLES, LEAST_EXAMPLES = 2_000, 200
MOST_BYTES = 48_000_000
_SAMPLE = 256

Write = Callable[[bytes], None]
OnProgress = Callable[[float], None]


class _Plan(NamedTuple):
    """One prediction to make."""

    trial: Trial
    change: Callable[[Array], Array]
    of_model: ModelChange | None = None


class Examples:
    """The hidden inputs as the model gets them; every `every`-th is asked about."""

    def __init__(self, hidden: HiddenInputs, dtype: DType) -> None:
        self._hidden, self._dtype = hidden, dtype
        self._n = len(hidden.inputs)
        self.every = max(1, -(-self._n // MOST_EXAMPLES))

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example."""
        return self._hidden.inputs.shape[1:]

    @property
    def rows(self) -> Array:
        """Which examples are asked about."""
        return np.arange(0, self._n, self.every)

    def use_fewer(self, share: float) -> None:
        """Ask about this share of them, but not about too few."""
        most = max(1, self._n // LEAST_EXAMPLES)
        self.every = max(self.every, min(most, round(self.every / max(share, 1e-6))))

    def at(self, rows: Array) -> Array:
        """Their inputs."""
        found = self._hidden.inputs[rows]
        if self._dtype == "float32" and found.dtype == np.uint8:
            return np.multiply(found, np.float32(self._hidden.input_scale), dtype=np.float32)
        return np.asarray(found, dtype=self._dtype)

    def batches(self) -> list[Array]:
        """The rows, batch by batch."""
        size = batch_size(self.shape, self._dtype, len(self.rows))
        return [self.rows[at : at + size] for at in range(0, len(self.rows), size)]

    def sample(self) -> Array:
        """A few of them, from all over the set."""
        return self.at(np.unique(np.linspace(0, self._n - 1, _SAMPLE).astype(int)))


class Trials:
    """The trials on one model; `run` makes them."""

    def __init__(self, model: Any, hidden: HiddenInputs, dtype: DType, write: Write) -> None:
        self._model, self._dtype, self._write = model, dtype, write
        self._examples = Examples(hidden, dtype)
        self._began = time.process_time()
        self._written = 0
        self._function = self._traced()

    def run(self, on_progress: OnProgress) -> wire.Tried:
        """Make the predictions, and write them.

        Raises `SubmissionRejected` when the model cannot answer at all, `MemoryError`.
        """
        sample = self._examples.sample()
        plans = self._plans(sample)
        self._fit_the_time(len(plans) + 1)
        first = self._predict(self._function, _Plan(AS_IT_IS, _same))
        self._put(first)
        facts = self._facts(sample, first)
        done, left = [AS_IT_IS], len(plans)
        for plan in plans:
            if not self._has_time(first.nbytes):
                break
            left -= 1
            on_progress(1 - left / len(plans))
            if (found := self._tried(plan, first.shape)) is not None:
                self._put(found)
                done.append(plan.trial)
        return wire.Tried(
            trials=tuple(done),
            shape=first.shape[1:],
            every=self._examples.every,
            facts=facts,
            complete=not left,
        )

    def _plans(self, sample: Array) -> list[_Plan]:
        normalisation = weight_facts.normalisation_of(self._model)
        of_model = model_changes(self._model, draws=self._function.draws)
        found = [_Plan(Trial(each.id), _same, each) for each in of_model]
        of_inputs = changes(sample, normalisation)
        return found + [_Plan(Trial(each.id, each.by), each.apply) for each in of_inputs]

    def _fit_the_time(self, count: int) -> None:
        """Ask about fewer examples if `count` predictions would take too long."""
        batches = self._examples.batches()
        self._function(self._examples.at(batches[0]))  # the first one also starts threads
        began = time.process_time()
        self._function(self._examples.at(batches[0]))
        whole = (time.process_time() - began) * len(batches) * count
        if whole > (left := SECONDS - (began - self._began)):
            self._examples.use_fewer(max(left, 0.1) / whole)

    def _has_time(self, size: int) -> bool:
        is_early = time.process_time() - self._began < SECONDS
        return is_early and self._written + size <= MOST_BYTES

    def _tried(self, plan: _Plan, shape: tuple[int, ...]) -> Array | None:
        """The predictions with one mistake undone, or None where the model cannot answer."""
        try:
            if plan.of_model is None:
                found = self._predict(self._function, plan)
            else:
                with plan.of_model.made(self._examples):
                    found = self._predict(self._traced(), plan)
        except (SubmissionRejected, NotThisMistakeError):
            return None
        return found if found.shape == shape else None

    def _traced(self) -> ModelFunction:
        return ModelFunction(self._model, self._examples.shape, self._dtype)

    def _predict(self, function: ModelFunction, plan: _Plan) -> Array:
        def ask(rows: Array) -> Array:
            changed = plan.change(self._examples.at(rows))
            return function(np.ascontiguousarray(changed, dtype=self._dtype))

        return np.concatenate(list(in_order(ask, self._examples.batches(), function.at_once)))

    def _put(self, found: Array) -> None:
        self._write(np.asarray(found, np.float32).tobytes())
        self._written += found.nbytes

    def _facts(self, sample: Array, first: Array) -> WeightFacts:
        softmax = weight_facts.last_softmax(self._model)
        return WeightFacts(
            untrained=weight_facts.is_untrained(self._model),
            dead=weight_facts.dead_share(self._model, sample),
            draws=self._function.draws and self._varies(sample),
            single_softmax=softmax is not None and first.shape[1:] in ((), (1,)),
        )

    def _varies(self, sample: Array) -> bool:
        once, again = self._function(sample), self._function(sample, go_on=True)
        return not np.array_equal(once, again)


def _same(batch: Array) -> Array:
    return batch
