"""What `tfexam bank show` says about a task, and when it must not say what the marks take."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from exam_bank.printable import printable

if TYPE_CHECKING:
    from engine.settings import Settings
    from exam_bank.task import Level, Task

# `relative_mae` is what makes one scheme mean the same for every paper's data.
_METRICS = {
    "accuracy": "the share of hidden examples that are named rightly",
    "balanced_accuracy": "the mean over the classes of the share of each that is found",
    "f1": "2·hits / (called 1 + truly 1), of class 1",
    "mae": "the mean absolute error",
    "relative_mae": "the mean absolute error, divided by a baseline's on the same hidden set",
}


def text_facts(
    task: "Task", language: str, data: str, levels: "Sequence[Level]", withheld: str
) -> str:
    """The contract and the marks of `task` on `levels` as lines; `withheld` stands for marks."""
    says = task.says
    takes, gives = says.contract.input, says.contract.output
    marks = [withheld] if withheld else [_marks(task, each) for each in levels]
    return "\n".join(
        [
            f"{task.id}: {printable(task.title(language))}",
            f"  category {task.category}, weight {says.weight:g}, about {says.minutes:g} minutes",
            f"  input    {_tensor(takes.shape, takes.dtype)}",
            f"  output   {_tensor(gives.shape, gives.dtype)}, {gives.activation}",
            f"  metric   {says.mark_scheme.metric}: {_METRICS[says.mark_scheme.metric]}",
            *(f"  {'marks' if n == 0 else '':<7}  {line}" for n, line in enumerate(marks)),
            f"  data    {printable(data) or ' made here'}",
            f"  folder   {printable(str(task.folder))}",
            "",
        ]
    )


def _marks(task: "Task", level: "Level") -> str:
    scheme = task.marks(level)
    better = "at least" if scheme.direction == "higher" else "at most"
    points = ", ".join(f"{points}/5 {value:g}" for points, value in enumerate(scheme.thresholds, 1))
    target = task.says.mark_scheme.target if level == "classic" else None
    named = f"; target {target:g}" if target is not None else ""
    return f"{level:<8} {better}: {points}{' (coarse)' if scheme.coarse else ''}{named}"


def _tensor(shape: tuple[object, ...], dtype: str) -> str:
    return f"({', '.join(map(str, shape))}) {dtype}"


def json_facts(task: "Task", levels: "Sequence[Level]", withheld: str) -> dict[str, Any]:
    """All that `task.toml` says, with the levels served; of the marks only those of `levels`."""
    import msgspec

    facts: dict[str, Any] = msgspec.to_builtins(task.says)
    scheme = facts["mark_scheme"]
    if withheld:
        scheme = {name: scheme[name] for name in ("metric", "direction")} | {"withheld": withheld}
    for level in set(task.levels) - set(levels):
        scheme[level] = None
    return facts | {"mark_scheme": scheme, "levels": task.levels}


def why_withheld(task: "Task", settings: "Settings") -> str:
    """Why the marks of `task` are not shown now; empty if they may be."""
    sitting = _running(settings).get(task.id)
    return f"not shown while the clock of {printable(sitting)} runs" if sitting else ""


def not_withheld(tasks: "Sequence[Task]", settings: "Settings") -> "tuple[Task, ...]":
    """Those of `tasks` whose marks may be shown now; the others are named on stderr.

    Raises a usage error if none is left.
    """
    running = _running(settings)
    held = [task.id for task in tasks if task.id in running]
    if held:
        said = (
            f"A faithful exam is running, and a proof would show what its marks take: "
            f"{', '.join(held)}. Check them after its end."
        )
        if len(held) == len(tasks):
            raise click.UsageError(said)
        click.echo(f"Left out: {said}", err=True)
    return tuple(task for task in tasks if task.id not in running)


def _running(settings: "Settings") -> dict[str, str]:
    if not settings.has_sittings:
        return {}
    from engine.sitting.store.history import faithful_tasks

    return faithful_tasks(settings.sittings_folder)
