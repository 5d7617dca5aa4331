"""Checks a model's shapes against a task's contract, and says how to fix them.

Used twice: by inspection, on what the configuration says, and by the grading child, on the
loaded model, which knows shapes that no configuration tells.
"""

from collections.abc import Sequence
from math import prod
from typing import NoReturn

from engine.grading.inspection.rejection import reject
from engine.grading.protocol import Message
from exam_bank.task import Axis, Contract, OutputSpec

ModelShape = tuple[int | None, ...]


def check_shapes(
    inputs: Sequence[ModelShape | None], outputs: Sequence[ModelShape | None], contract: Contract
) -> None:
    """Refuse a model whose tensors do not fit `contract`.

    Shapes have the batch axis first; an unknown shape (None) passes here and must be checked
    again on the loaded model. Raises `SubmissionRejected` with the fix.
    """
    if len(inputs) > 1:
        reject(
            "several_inputs",
            Message(
                "Your model has {count} inputs; this task provides one: build it with a "
                "single Input.",
                {"count": len(inputs)},
            ),
        )
    if len(outputs) > 1:
        reject(
            "several_outputs",
            Message(
                "Your model has {count} outputs; this task asks for one: build it with a "
                "single output.",
                {"count": len(outputs)},
            ),
        )
    for shape in _known(inputs):
        if not fits(shape[1:], contract.input.shape):
            _reject_input(shape[1:], contract.input.shape)
    for shape in _known(outputs):
        if not fits(shape[1:], contract.output.shape):
            _reject_output(shape[1:], contract.output)


def _known(shapes: Sequence[ModelShape | None]) -> list[ModelShape]:
    return [shape for shape in shapes if shape is not None]


def fits(model: Sequence[int | None], wanted: Sequence[Axis]) -> bool:
    """Whether a model's axes (None is free) match a contract's ("any" is free)."""
    return len(model) == len(wanted) and all(
        own is None or asked == "any" or own == asked
        for own, asked in zip(model, wanted, strict=True)
    )


def in_words(axes: Sequence[int | str | None]) -> str:
    """Axes as Python writes a tuple: (28, 28, 1), (24,), (any, 1)."""
    words = ["any" if axis in (None, "any") else str(axis) for axis in axes]
    return f"({words[0]},)" if len(words) == 1 else f"({', '.join(words)})"


def _reject_input(own: ModelShape, wanted: Sequence[Axis]) -> NoReturn:
    facts: dict[str, str | int | float] = {"own": in_words(own), "wanted": in_words(wanted)}
    one_more = len(own) == len(wanted) + 1 and own[-1] in (1, None) and fits(own[:-1], wanted)
    if one_more and all(isinstance(axis, int) for axis in own):
        reject(
            "wrong_input_shape",
            Message(
                "Your model takes {own}; this task provides {wanted}: drop the last axis, or "
                "start with Input({wanted}) and Reshape({own}).",
                facts,
            ),
        )
    if _same_size(own, wanted):
        reject(
            "wrong_input_shape",
            Message(
                "Your model takes {own}; this task provides {wanted}: start with "
                "Input({wanted}) and Reshape({own}).",
                facts,
            ),
        )
    reject(
        "wrong_input_shape",
        Message(
            "Your model takes {own}; this task provides {wanted}: build it with Input({wanted}).",
            facts,
        ),
    )


def _same_size(own: Sequence[int | None], wanted: Sequence[Axis]) -> bool:
    mine = [axis for axis in own if axis is not None]
    asked = [axis for axis in wanted if isinstance(axis, int)]
    whole = len(mine) == len(own) and len(asked) == len(wanted)
    return whole and prod(mine) == prod(asked)


def _reject_output(own: ModelShape, output: OutputSpec) -> NoReturn:
    wanted = output.shape
    facts: dict[str, str | int | float] = {"own": in_words(own), "wanted": in_words(wanted)}
    if len(own) == len(wanted) + 1 and fits(own[-1:], wanted[-1:]) and len(wanted) == 1:
        _reject_steps(facts)
    if len(own) + 1 == len(wanted) == 2 and fits(own, wanted[-1:]):
        _reject_no_steps(facts)
    if len(own) == len(wanted) > 1 and fits(own[:-1], wanted[:-1]):
        _reject_last_axis({**facts, "width": wanted[-1]})
    if _same_size(own, wanted):
        reject(
            "wrong_output_shape",
            Message(
                "Your model's output has shape {own}, and this task asks for {wanted}: end "
                "with Reshape({wanted}).",
                facts,
            ),
        )
    if len(own) == len(wanted) == 1:
        _reject_width(own[0], output)
    reject(
        "wrong_output_shape",
        Message(
            "Your model's output has shape {own}, and this task asks for {wanted}: end "
            "with a Dense layer of the right size, after Flatten or a pooling layer, and "
            "Reshape({wanted}) if needed.",
            facts,
        ),
    )


def _reject_steps(facts: dict[str, str | int | float]) -> NoReturn:
    reject(
        "wrong_output_shape",
        Message(
            "Your model gives {own}, one answer for each step of its input; this task "
            "asks for {wanted}: remove return_sequences=True from the last recurrent "
            "layer, or add Flatten or a global pooling layer before the last Dense.",
            facts,
        ),
    )


def _reject_no_steps(facts: dict[str, str | int | float]) -> NoReturn:
    reject(
        "wrong_output_shape",
        Message(
            "Your model gives {own}, one answer for its whole input; this task asks for "
            "{wanted}, one for each step: give the last recurrent layer "
            "return_sequences=True, and leave out Flatten and global pooling.",
            facts,
        ),
    )


def _reject_last_axis(facts: dict[str, str | int | float]) -> NoReturn:
    reject(
        "wrong_output_shape",
        Message(
            "Your model's output has shape {own}, and this task asks for {wanted}: end "
            "with Dense({width}).",
            facts,
        ),
    )


def _reject_width(own: int | None, output: OutputSpec) -> NoReturn:
    width = output.shape[0]
    facts: dict[str, str | int | float] = {"own": own or 0, "width": width}
    if output.activation == "softmax" and isinstance(width, int) and own == width + 1:
        reject(
            "wrong_output_shape",
            Message(
                "Your model's output has size {own}, and this task has {width} classes, counted "
                "from 0 to {last}. If you count labels from 1, subtract 1; end with "
                "Dense({width}, activation='softmax').",
                {**facts, "last": width - 1},
            ),
        )
    if output.activation == "softmax":
        reject(
            "wrong_output_shape",
            Message(
                "Your model's output has size {own}, and this task has {width} classes: end "
                "with Dense({width}, activation='softmax').",
                facts,
            ),
        )
    if output.activation == "sigmoid":
        reject(
            "wrong_output_shape",
            Message(
                "Your model's output has size {own}, and this task asks for {width}: end with "
                "Dense({width}, activation='sigmoid').",
                facts,
            ),
        )
    reject(
        "wrong_output_shape",
        Message(
            "Your model's output has size {own}, and this task asks for {width}: end with "
            "Dense({width}).",
            facts,
        ),
    )


def ending_warnings(ending: str | None, contract: Contract) -> tuple[Message, ...]:
    """Warnings where the model's last activation is known and does not suit the contract.

    The grader still measures the raw answers: it never adds an activation.
    """
    output = contract.output
    match output.activation, ending:
        case "softmax", "linear":
            return (_LOGITS,)
        case "softmax", "sigmoid":
            return (_each_by_itself(in_words(output.shape)),)
        case "sigmoid", "softmax" if output.shape == (1,):
            return (_ALWAYS_ONE,)
        case "sigmoid", "linear":
            return (_raw_answer(in_words(output.shape)),)
        case "linear", "softmax" | "sigmoid" | "tanh":
            return (_within_one(ending),)
    return ()


_LOGITS = Message(
    "Your model ends in logits instead of softmax; the largest number counts as "
    "its answer, so the score is the same."
)
_ALWAYS_ONE = Message(
    "Your model ends in a softmax over a single number, which is always 1: end "
    "with Dense(1, activation='sigmoid')."
)


def _each_by_itself(width: str) -> Message:
    return Message(
        "Your model ends in sigmoid instead of softmax, which answers for each class by itself; "
        "the largest number counts as its answer. Classes that exclude each other are usually "
        "learnt better with Dense({width}, activation='softmax').",
        {"width": width},
    )


def _raw_answer(width: str) -> Message:
    return Message(
        "Your model ends without sigmoid; 0.5 is the threshold on its raw answer: end "
        "with Dense({width}, activation='sigmoid').",
        {"width": width},
    )


def _within_one(ending: str) -> Message:
    return Message(
        "Your model ends in {ending}, whose output cannot exceed 1; this task asks "
        "for values: end with a Dense layer without an activation.",
        {"ending": ending},
    )
