"""Reads a model's configuration and works out its size, and refuses what cannot be graded.

This part of inspection needs no HDF5, so tests can try thousands of odd configurations in
seconds.
"""

import json
from collections.abc import Sequence

from engine.grading.inspection.model_config import check_config, parse_config
from engine.grading.inspection.plain_config import (
    Origin,
    give_input_shape,
    make_plain,
    start_anew,
)
from engine.grading.inspection.rejection import countable, reject
from engine.grading.inspection.size.model_graph import Traced, trace
from engine.grading.inspection.size.model_size import FREE_AXIS, ModelSize, Room, examples_at_once
from engine.grading.inspection.size.operands import Sizes
from engine.grading.inspection.size.shape_types import Shape
from engine.grading.protocol import Message
from exam_bank.task import Contract, Limits


def read_model(
    text: str,
    stored: int,
    limits: Limits,
    contract: Contract | None,
    origin: Origin,
) -> Traced:
    """What the configuration `text` says about a model whose file holds `stored` weights.

    Raises `SubmissionRejected` if the grader would not load it: names that are not allowed,
    missing weights, or more memory or work than `limits` permits.
    """
    config = parse_config(text)
    # How a .keras file says that the model was trained; an HDF5 file does so elsewhere.
    uncompiled = config.pop("compile_config", None) is not None
    starts_anew = start_anew(config)
    rewritten = make_plain(config, origin) or uncompiled or starts_anew
    if contract is not None and give_input_shape(config, origin, _free(contract)):
        rewritten = True
    check_config(config, stored)
    traced = trace(config)
    traced.starts_anew = starts_anew
    traced.plain = json.dumps(config) if rewritten else None
    if traced.parameters > stored:
        reject(
            "weights_missing",
            Message(
                "The model's layers need at least {needed} numbers, but the file holds only "
                "{stored}: save the whole model again.",
                {"needed": countable(traced.parameters), "stored": stored},
            ),
        )
    if (examples := _examples(traced.inputs, contract)) is not None:
        at_once = min((examples_at_once(example) for example in examples), default=1)
        size = ModelSize(Room(limits.memory_mb, stored), at_once, loops=origin.saved_by == "keras3")
        trace(config, [(at_once, *example) for example in examples], size)
    return traced


def _examples(inputs: Sequence[Shape | None], contract: Contract | None) -> list[Sizes] | None:
    """The shape of one example of each input, with a number for every axis.

    None for a model that was never built when no task says what it takes: its size is unknown.
    """
    if contract is None:
        built = [shape for shape in inputs if shape]
        return [_filled(shape, ()) for shape in built] if len(built) == len(inputs) else None
    wanted = tuple(_free(contract))
    return [_filled(shape or (None, *wanted), wanted) for shape in inputs]


def _free(contract: Contract) -> list[int | None]:
    """The axes of an example of `contract`; None for one of any length."""
    return [axis if isinstance(axis, int) else None for axis in contract.input.shape]


def _filled(shape: Shape, wanted: Shape) -> Sizes:
    """An example of `shape` with a number for every free axis, the task's where it gives one."""
    asked = wanted if len(shape) == len(wanted) + 1 else (None,) * (len(shape) - 1)
    return tuple(
        next((size for size in (axis, free) if size is not None), FREE_AXIS)
        for axis, free in zip(shape[1:], asked, strict=True)
    )
