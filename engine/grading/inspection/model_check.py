"""Reads a model's configuration from its text to its size, and refuses what is not gradable.

The part of inspection that needs no HDF5: thousands of odd configurations can be put to
it in seconds.
"""

from collections.abc import Sequence

from engine.grading.inspection.model_config import check_config, parse_config
from engine.grading.inspection.rejecting import countable, reject
from engine.grading.inspection.size.model_graph import Traced, trace
from engine.grading.inspection.size.model_size import FREE_AXIS, ModelSize, Room, examples_at_once
from engine.grading.inspection.size.shape_types import Config, Shape
from engine.grading.protocol import Message, Runtime
from exam_bank.task import Contract, Limits


def read_model(
    text: str, stored: int, limits: Limits, contract: Contract | None, saved_by: Runtime
) -> Traced:
    """What the configuration `text` says of a model whose file holds `stored` weights.

    Raises `SubmissionRejected` where the grader does not load it: names that are not
    allowed, weights that are missing, or more memory or work than `limits` can pay.
    """
    config = parse_config(text)
    check_config(config, stored)
    traced = trace(config)
    if traced.parameters > stored:
        reject(
            "weights_missing",
            Message(
                "The model's layers need at least {needed} numbers and the file holds {stored}: "
                "save the whole model again.",
                {"needed": countable(traced.parameters), "stored": stored},
            ),
        )
    _check_size(config, traced.inputs, stored, limits, contract, loops=saved_by == "keras3")
    return traced


def _check_size(
    config: Config,
    inputs: Sequence[Shape | None],
    stored: int,
    limits: Limits,
    contract: Contract | None,
    *,
    loops: bool,
) -> None:
    asked = contract.input.shape if contract else ()
    wanted = tuple(axis if isinstance(axis, int) else None for axis in asked)
    shapes = [shape or ((None, *wanted) if contract else None) for shape in inputs]
    if None in shapes:
        return  # a model that was never built says nothing about its size
    filled = [_filled(shape, wanted) for shape in shapes if shape is not None]
    examples = min((examples_at_once(shape[1:]) for shape in filled), default=1)
    size = ModelSize(Room(limits.memory_mb, stored), examples, loops)
    trace(config, [(examples, *shape[1:]) for shape in filled], size)


def _filled(shape: Shape, wanted: Shape) -> tuple[int, ...]:
    """`shape` with a number for every free axis: the task's, where it says one."""
    asked = wanted if len(shape) == len(wanted) + 1 else (None,) * (len(shape) - 1)
    sizes = (
        axis if axis is not None else free if free is not None else FREE_AXIS
        for axis, free in zip(shape[1:], asked, strict=True)
    )
    return (1, *sizes)
