"""`tfexam lint`: would this file be accepted? Answered without TensorFlow, in a moment."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from exam_bank.printable import printable
from tui.commands.options import encodable, format_option, json_row, settings_of
from tui.locale import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from engine.errors import GraderError
    from engine.grading.inspection.findings import Inspection
    from engine.grading.inspection.size.shape_types import Shape
    from engine.grading.protocol import Message
    from exam_bank.task import TaskFile

REJECTED = 3
READING_SECONDS, READING_MB = 60, 2000
LONGEST_ANSWER = 4 * 1024 * 1024
_MOST_AXES, _LONGEST_AXIS = 32, 2**53


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--task", metavar="ID", help="Also check it against this task's contract.")
@format_option("text", "json")
@click.pass_context
def command(ctx: click.Context, file: Path, task: str | None, notation: str) -> None:
    """Read the structure of a model file, and report what grading would refuse.

    Without --task it checks only what every task requires. Exits with status 3 if the file
    would be rejected.

    \b
    Examples:
      tfexam lint mymodel.h5
      tfexam lint Category3/mymodel.h5 --task hands
    """  # noqa: D301
    from exam_bank.catalog import Catalog

    settings = settings_of(ctx)
    says = None if task is None else Catalog.find(settings.packs).task(task).says
    found = read_apart(file, says, h5_only=settings.keras_files == "never")
    if isinstance(found, Refusal):
        _show_refusal(file, found, notation)
        ctx.exit(REJECTED)
    _show(file, found, notation)


class Refusal(NamedTuple):
    """Why grading would refuse a file; `reason` is a stable keyword."""

    reason: str
    says: "Message"


def read_apart(
    file: Path, says: "TaskFile | None", *, h5_only: bool = False
) -> "Inspection | Refusal":
    """Inspect `file` in a sandboxed child process: a hostile file can harm only that.

    With `h5_only` a .keras file is refused.
    A child that dies or does not answer in time is a refusal too. Raises `GraderError`
    if the child cannot sandbox itself.
    """
    import multiprocessing
    from functools import partial

    from engine.grading.host.answer_check import UnfitAnswerError
    from engine.grading.protocol import Message

    # A fresh interpreter: a fork would take all that we have read and opened into the sandbox.
    context = multiprocessing.get_context("spawn")
    answers, channel = context.Pipe(duplex=False)
    inspect = partial(_inspect, h5_only=True) if h5_only else _inspect
    child = context.Process(target=_answer, args=(channel, inspect, file.absolute(), says))
    child.start()
    channel.close()  # so that reading ends when the child dies
    try:
        if answers.poll(READING_SECONDS):
            # Bounded: a file that has taken over the child could answer for ever.
            return _understood(answers.recv_bytes(LONGEST_ANSWER))
        says_so = Message(
            "Reading the file took too long: save it again with model.save('mymodel.h5')."
        )
    except (EOFError, OSError, UnfitAnswerError):
        # Grading would report the same file as "crashed".
        says_so = Message(
            "The process that read the file crashed: save it again with model.save('mymodel.h5')."
        )
    finally:
        child.kill()
        child.join()
    return Refusal("unreadable", says_so)


def _understood(answer: bytes) -> "Inspection | Refusal":
    """The answer of a child that a file may have taken over; raises `UnfitAnswerError`."""
    from msgspec.structs import replace

    from engine.errors import GraderError
    from engine.grading.host.answer_check import (
        UnfitAnswerError,
        checked_facts,
        checked_message,
        checked_reason,
    )
    from exam_bank.printable import printable

    match _decoded(answer):
        case Refusal() as refusal:
            return Refusal(checked_reason(refusal.reason), checked_message(refusal.says))
        case GraderError() as failed:
            raise GraderError(printable(failed.message), fix=printable(failed.fix))
        case found:
            if not (_is_shape(found.input_shape) and _is_shape(found.output_shape)):
                raise UnfitAnswerError("a shape that cannot be")
            warnings = tuple(checked_message(each) for each in found.warnings)
            return replace(found, model=checked_facts(found.model), warnings=warnings)


def _decoded(answer: bytes) -> "Inspection | Refusal | GraderError":
    # JSON, because a pickle from a child that a file has taken over could run code here.
    import msgspec

    from engine.errors import GraderError
    from engine.grading.host.answer_check import UnfitAnswerError
    from engine.grading.inspection.findings import Inspection
    from engine.grading.protocol import Message

    try:
        kind, content = msgspec.json.decode(answer, type=tuple[str, msgspec.Raw])
        if kind == "found":
            return msgspec.json.decode(content, type=Inspection)
        if kind == "refused":
            return Refusal(*msgspec.json.decode(content, type=tuple[str, Message]))
        message, fix = msgspec.json.decode(content, type=tuple[str, str])
        return GraderError(message, fix=fix)
    except Exception as error:  # hostile bytes also cause RecursionError
        raise UnfitAnswerError(type(error).__name__) from error


def _is_shape(shape: "Shape | None") -> bool:
    axes = shape or ()
    return len(axes) <= _MOST_AXES and all(
        axis is None or 0 <= axis <= _LONGEST_AXIS for axis in axes
    )


def _answer(
    channel: "Connection",
    inspect: "Callable[[Path, TaskFile | None], Inspection | Refusal]",
    file: Path,
    says: "TaskFile | None",
) -> None:
    import msgspec

    from engine.errors import GraderError

    answer: tuple[str, object]
    try:
        found = inspect(file, says)
        answer = ("refused" if isinstance(found, Refusal) else "found", found)
    except GraderError as error:
        answer = ("failed", (str(error.message), str(error.fix)))
    except Exception as error:  # anything unforeseen is our fault; show no traceback
        answer = ("failed", (_fault_of_ours(error), ""))
    channel.send_bytes(msgspec.json.encode(answer))


def _fault_of_ours(error: Exception) -> str:
    from engine.grading.inspection.rejection import shown
    from exam_bank.phrase import phrase

    what = shown(f"{type(error).__name__}: {error}", 200)
    return str(phrase("The file cannot be read, which is a fault of tfexam: {error}.", error=what))


def _inspect(
    file: Path, says: "TaskFile | None", *, h5_only: bool = False
) -> "Inspection | Refusal":
    """The child's work: first the imports, then the sandbox, then the file."""
    from msgspec.structs import replace

    from engine.errors import SubmissionRejected
    from engine.grading import sandbox
    from engine.grading.inspection.model_file import inspect, look

    sandbox.enter([file.resolve()])
    sandbox.limit(READING_SECONDS, READING_MB)
    try:
        if says is None:
            found = look(file, h5_only=h5_only)
        else:
            found = inspect(file, says.contract, says.limits, h5_only=h5_only)
        return replace(found, structure=None)
    except SubmissionRejected as refused:
        return Refusal(refused.reason, refused.says)


def _show(file: Path, found: "Inspection", notation: str) -> None:
    warnings = [each.text(_) for each in found.warnings]
    if notation == "json":
        json_row(
            {
                "file": encodable(file),
                "verdict": "accepted",
                "reason": None,
                "message": "",
                "saved_by": found.saved_by,
                "keras_version": found.model.keras_version,
                "input_shape": found.input_shape,
                "output_shape": found.output_shape,
                "parameters": found.model.parameters,
                "layers": found.model.layers,
                "warnings": warnings,
            }
        )
        return
    keras = found.model.keras_version or "?"
    figures = {"layers": len(found.model.layers), "parameters": found.model.parameters}
    shapes = {"input": _shape(found.input_shape), "output": _shape(found.output_shape)}
    said = _("saved by Keras {keras}, {layers} layers, {parameters} parameters")
    click.echo(_("✓ {file} would be accepted.").format(file=printable(str(file))))
    click.echo("  " + said.format(keras=printable(keras), **figures))
    click.echo("  " + _("takes {input}, gives {output}").format(**shapes))
    for warning in warnings:
        click.echo(f"! {warning}")


def _shape(shape: "Shape | None") -> str:
    """A shape with its batch axis as people write it, or a note that only loading can tell."""
    if shape is None:
        return _("a shape that only loading can tell")
    axes = (_("any") if axis is None else str(axis) for axis in shape)
    return f"({', '.join(axes)})"


def _show_refusal(file: Path, refused: Refusal, notation: str) -> None:
    message = encodable(refused.says.text(_))
    if notation == "json":
        row = {"file": encodable(file), "verdict": "rejected", "reason": refused.reason}
        json_row(row | {"message": message})
    else:
        click.echo(_("✗ {file} would be rejected.").format(file=printable(str(file))))
        click.echo(f"  {message}")
