"""A loaded model as a function of one batch that behaves the same at each call.

What a model draws or remembers lives in variables (random generators, the moving averages
of a BatchNormalization called with training=True). They are reset before each call, so
no answer depends on the batches before it, or on how many there were. A model that
writes no variables is called from several threads at once (`parallel.py`).

It is one `tf.function` with a free batch axis, traced once. Unlike `model.predict` it needs
no data pipeline and no callbacks (conv net, 8,000 images of 28×28, two cores: 0.67 s against
0.97 s); unlike eager calls it does not run Python for every step of a recurrent network (1.2 s
against 9.6 s).
"""

import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from engine.errors import SubmissionRejected
from engine.grading.child.graph_effects import effects
from engine.grading.inspection.rejection import shown
from engine.grading.parallel import batches_at_once
from engine.grading.protocol import Message

Array = NDArray[Any]

# A failed allocation says something else about a model than an unknown layer.
OUT_OF_MEMORY = (MemoryError, tf.errors.ResourceExhaustedError)
# TensorFlow's message for an index outside a table.
_PAST_EMBEDDING = re.compile(r"indices\[[\d,]+\] = \d+ is not in \[0, (\d+)\)")
_OUT_OF_MEMORY_WORDS = ("OOM when allocating", "std::bad_alloc", "Cannot allocate memory")


class KerasModel(Protocol):
    """What Keras 3 and tf_keras models have in common."""

    input_shape: Any
    output_shape: Any

    def __call__(self, inputs: Any, *, training: bool) -> Any:
        """The answers to a batch."""


class ModelFunction:
    """`model` as a function of batches of shape (n, *example).

    `draws` says whether it uses random numbers, `coarse` whether it computes in 16-bit floats,
    `at_once` how many calls may run in parallel.
    """

    def __init__(self, model: KerasModel, example: tuple[int, ...], dtype: str) -> None:
        """Trace the model; raises `MemoryError`."""
        self._model = model
        self._run: Callable[[Any], Any] = lambda batch: model(batch, training=False)
        self._state: list[tuple[Any, Array]] = []
        self.draws = self.coarse = False
        self.at_once = 1
        traced = tf.function(
            self._run,
            input_signature=[tf.TensorSpec((None, *example), dtype)],
            autograph=False,  # Keras needs none; it would write a file for each lambda
        )
        try:
            graph = traced.get_concrete_function().graph
        except Exception as error:
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            self._remember(_variables(model))  # it cannot be traced: each call is eager
            return
        self._run = traced
        found = effects(graph)
        self.draws, self.coarse = found.draws, found.coarse
        self._remember(found.written)
        if not (found.draws or found.written or tf.config.list_logical_devices("GPU")):
            self.at_once = batches_at_once()

    def __call__(self, batch: Array, *, go_on: bool = False) -> Array:
        """The answers to a batch as float32, of shape (len(batch), …).

        With `go_on` the random generators continue instead of starting over. Raises
        `SubmissionRejected` when the model cannot answer, `MemoryError` when memory runs out.
        """
        if not go_on:
            for variable, first in self._state:
                variable.assign(first)
        try:
            return _as_predictions(self._run(tf.constant(batch)), len(batch))
        except SubmissionRejected:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            if (past := _PAST_EMBEDDING.search(str(error))) is not None:
                raise _not_in_embedding(int(past[1]), batch) from error
            raise SubmissionRejected(
                "cannot_predict",
                Message(
                    "The model loads but cannot predict ({error}): try model.predict on one "
                    "example of the training data before you save.",
                    {"error": first_line(error)},
                ),
            ) from error

    def _remember(self, variables: Iterable[Any]) -> None:
        self._state = [(each, np.array(each.numpy())) for each in variables]


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out, in any of TensorFlow's wordings."""
    words = str(error)
    return isinstance(error, OUT_OF_MEMORY) or any(each in words for each in _OUT_OF_MEMORY_WORDS)


def first_line(error: BaseException, limit: int = 240) -> str:
    """The first useful line of an error, safe for a terminal."""
    lines = (line.strip() for line in str(error).splitlines())
    telling = next((line for line in lines if line), "")
    while telling.startswith("{{") and "}}" in telling:  # TensorFlow puts the graph node first
        telling = telling.partition("}}")[2].strip()
    return shown(f"{type(error).__name__}: {telling}" if telling else type(error).__name__, limit)


def _not_in_embedding(input_dim: int, batch: Array) -> SubmissionRejected:
    return SubmissionRejected(
        "cannot_predict",
        Message(
            "The model's Embedding takes integers from 0 to {last}, and this task gives {most} "
            "too: build it with input_dim={dim} or more.",
            {"last": input_dim - 1, "most": int(batch.max()), "dim": int(batch.max()) + 1},
        ),
    )


def _variables(model: Any) -> list[Any]:
    """All variables of a model that cannot be traced, including random generators."""
    found = list(getattr(model, "variables", ()))
    for layer in getattr(model, "_flatten_layers", tuple)():
        drawing = getattr(getattr(layer, "_random_generator", None), "_generator", None)
        if drawing is not None:
            found.append(drawing.state)
    return found


def _as_predictions(answer: Any, n: int) -> Array:
    if isinstance(answer, dict) and len(answer) == 1:
        answer = next(iter(answer.values()))
    if isinstance(answer, list | tuple) and len(answer) == 1:
        answer = answer[0]
    if not hasattr(answer, "shape") or isinstance(answer, list | tuple | dict):
        raise SubmissionRejected(
            "several_outputs",
            Message(
                "The model has several outputs and the task asks for one: save the part that "
                "gives it."
            ),
        )
    predictions = np.asarray(tf.cast(answer, tf.float32))
    if predictions.shape[:1] != (n,):
        raise SubmissionRejected(
            "wrong_output_shape",
            Message(
                "The model gives {found} predictions for {n} examples: a Reshape or Flatten "
                "must keep the batch axis.",
                {"found": predictions.shape[0] if predictions.ndim else 1, "n": n},
            ),
        )
    return predictions
