"""Gets a model's answers to a hidden set, each from its own example alone.

A model receives batches, and any operation along their first axis mixes examples. The hidden
windows of a series overlap: in their original order, a model that looks at the next row reads
what it should forecast. So the examples come in an order that nobody can know, in batches of
one size on every machine, and some are asked again with different neighbours, in another
place and in a smaller batch (`independence.py` compares).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from engine.errors import GraderError
from engine.grading.child.independence import Comparison, Decide, shapes_differ
from engine.grading.child.model_function import Array, ModelFunction
from engine.grading.parallel import in_order
from exam_bank.phrase import phrase
from exam_bank.synthetic.rng import Ints, Rng
from exam_bank.task import DType

# The same on every machine: batches of 64, 128 and 256 take the same time.
LARGEST_BATCH = 64
SMALLEST_BATCH = 2
# For a batch's inputs; a conv net's activations are often 50 times as large.
BATCH_BYTES = 4 * 1024 * 1024
# At least this many examples are asked again.
ASKED_AGAIN = 32


class Asked(Protocol):
    """What a model is asked about; a whole hidden set is this too."""

    @property
    def inputs(self) -> Array:
        """Of shape (n, *example)."""
        ...

    @property
    def input_scale(self) -> float:
        """The factor of inputs stored as uint8."""
        ...


class HiddenInputs(NamedTuple):
    """A hidden set without its targets, which no child ever reads."""

    inputs: Array
    input_scale: float

    @classmethod
    def read(cls, path: Path, input_scale: float) -> "HiddenInputs":
        """The inputs in a `.npy` file, memory-mapped; raises `GraderError`."""
        try:
            return cls(np.load(path, mmap_mode="r", allow_pickle=False), input_scale)
        except (OSError, ValueError) as error:
            raise GraderError(
                phrase("The hidden inputs cannot be read: {error}.", error=error)
            ) from error


class Prediction:
    """Asks `function` about `hidden`, in an order derived from `seed`."""

    def __init__(
        self, function: ModelFunction, hidden: Asked, dtype: DType, seed: int | None = None
    ) -> None:
        """`dtype` is the model's input type; inputs stored as uint8 are scaled for float32.

        Without a `seed` the examples keep their order.
        """
        n = len(hidden.inputs)
        self._function, self._hidden, self._dtype = function, hidden, dtype
        self._rng = Rng(seed or 0, "prediction")
        self.order = np.arange(n) if seed is None else self._rng.permutation(n)
        self._size = batch_size(hidden.inputs.shape[1:], dtype, n)
        # The last batch is filled up with examples of the first, so all batches have one size.
        batches = -(-n // self._size)
        self._rows = np.resize(self.order, (batches, self._size))

    def parts(self) -> Iterator[Array]:
        """The answers batch by batch, in `order`, each of shape (batch, *output).

        Raises `SubmissionRejected` when the model cannot answer, `MemoryError` when memory runs
        out.
        """
        left = len(self.order)
        shape: tuple[int, ...] | None = None
        for answers in in_order(self._ask, self._rows, self._function.at_once):
            shape = shape or answers.shape
            if answers.shape != shape:
                raise shapes_differ(shape, answers.shape)
            yield answers[:left]
            left -= len(answers)

    def check(self, answers: Array, decide: Decide | None = None) -> bool:
        """Whether the model's answers depend on chance.

        `answers` are those to the whole set, in its own order; `decide` turns answers into classes,
        where the mark counts classes. Raises `SubmissionRejected` when answers depend on examples
        other than their own.
        """
        if not len(answers) or not np.isfinite(answers).all():
            return False  # it scores 0
        comparison = Comparison(answers, decide, coarse=self._function.coarse)
        batches = list(self._regrouped())
        for rows, found in zip(
            batches, in_order(self._ask, batches, self._function.at_once), strict=True
        ):
            comparison.look(rows, found)
        comparison.refuse_if_changed()
        return self._function.draws and self._hangs_on_chance(batches[0])

    def _ask(self, rows: Ints) -> Array:
        return self._function(self._inputs(rows))

    def _inputs(self, rows: Ints) -> Array:
        found = self._hidden.inputs[rows]
        if self._dtype == "float32" and found.dtype == np.uint8:
            return np.multiply(found, np.float32(self._hidden.input_scale), dtype=np.float32)
        return np.asarray(found, dtype=self._dtype)

    def _regrouped(self) -> Iterator[Ints]:
        """Batches of examples that were not together before; the last batch is smaller.

        A model's random draws depend on the place in a batch and on the batch's size. If it draws,
        examples keep their place and batches their size, or chance would look like mixing.
        """
        places = np.arange(self._size)
        for _ in range(-(-ASKED_AGAIN // self._size)):
            from_batch = self._rng.integers(0, len(self._rows), self._size)
            from_batch[from_batch * self._size + places >= len(self.order)] = 0
            rows = self._rows[from_batch, places]
            yield rows if self._function.draws else rows[self._rng.permutation(self._size)]
        if not self._function.draws:
            yield rows[: max(1, self._size // 2)]

    def _hangs_on_chance(self, rows: Ints) -> bool:
        inputs = self._inputs(rows)
        return not np.array_equal(self._function(inputs), self._function(inputs, go_on=True))


def batch_size(example: tuple[int, ...], dtype: DType, rows: int) -> int:
    """How many examples of that shape make one batch."""
    size = max(1, int(np.prod(example)) * np.dtype(dtype).itemsize)
    return max(1, min(LARGEST_BATCH, max(SMALLEST_BATCH, BATCH_BYTES // size), rows))
