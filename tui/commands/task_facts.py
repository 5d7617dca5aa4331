"""What `tfexam bank show` says about a task, and when it must not say what the marks take."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from exam_bank.printable import printable
from tui.locale import N_, _, labelled, listed
from tui.text.format import fit

if TYPE_CHECKING:
    from engine.grading.answers import Answer
    from engine.settings import Settings
    from exam_bank.task import Level, Task

# `relative_mae` is what makes one scheme mean the same for every paper's data.
_METRICS = {
    "accuracy": N_("the share of hidden examples that are named rightly"),
    "balanced_accuracy": N_("the mean over the classes of the share of each that is found"),
    "f1": N_("2·hits / (called 1 + truly 1), of class 1"),
    "mae": N_("the mean absolute error"),
    "relative_mae": N_("the mean absolute error, divided by a baseline's on the same hidden set"),
}


_LABEL = 9


def text_facts(
    task: "Task", language: str, data: str, levels: "Sequence[Level]", withheld: str
) -> str:
    """The contract and the marks of `task` on `levels` as lines; `withheld` stands for marks."""
    says = task.says
    takes, gives = says.contract.input, says.contract.output
    marks = [withheld] if withheld else [_marks(task, each) for each in levels]
    metric = says.mark_scheme.metric
    figures = {"category": task.category, "weight": f"{says.weight:g}", "minutes": says.minutes}
    rows = [
        (_("input"), _tensor(takes.shape, takes.dtype)),
        (_("output"), listed((_tensor(gives.shape, gives.dtype), gives.activation))),
        (_("metric"), labelled(metric, _(_METRICS[metric]))),
        *((_("marks") if n == 0 else "", line) for n, line in enumerate(marks)),
        (_("data"), printable(data) or _("made here")),
        (_("folder"), printable(str(task.folder))),
    ]
    facts = _("category {category}, weight {weight}, about {minutes:g} minutes").format(**figures)
    return "\n".join(
        [
            labelled(task.id, printable(task.title(language))),
            f"  {facts}",
            *(f"  {fit(label, _LABEL)}{line}" for label, line in rows),
            "",
        ]
    )


def _marks(task: "Task", level: "Level") -> str:
    scheme = task.marks(level)
    better = _("at least") if scheme.direction == "higher" else _("at most")
    points = ", ".join(f"{points}/5 {value:g}" for points, value in enumerate(scheme.thresholds, 1))
    target = task.says.mark_scheme.target if level == "classic" else None
    coarse = _(" (coarse)") if scheme.coarse else ""
    named = "" if target is None else _("; target {value:g}").format(value=target)
    return f"{level:<8} {labelled(better, points)}{coarse}{named}"


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
    sitting = running_tasks(settings).get(task.id)
    if not sitting:
        return ""
    return _("not shown while the clock of {sitting} runs").format(sitting=printable(sitting))


def not_withheld(tasks: "Sequence[Task]", settings: "Settings") -> "tuple[Task, ...]":
    """Those of `tasks` whose marks may be shown now; the others are named on stderr.

    Raises a usage error if none is left.
    """
    running = running_tasks(settings)
    held = [task.id for task in tasks if task.id in running]
    if held:
        said = _(
            "A faithful exam is running, and a proof would show what its marks take: {tasks}. "
            "Check them after its end."
        ).format(tasks=listed(held))
        if len(held) == len(tasks):
            raise click.UsageError(said)
        click.echo(_("Left out: {said}").format(said=said), err=True)
    return tuple(task for task in tasks if task.id not in running)


def need_scores_may_be_told(tasks: "Sequence[Task]", settings: "Settings") -> None:
    """Raise a usage error while the clock of a blind exam with any of `tasks` runs."""
    running = running_tasks(settings, blind_only=True)
    if held := dict.fromkeys(each.id for each in tasks if each.id in running):
        raise click.UsageError(
            _(
                "An exam that shows no score before its end is running: {tasks}. Grade them after "
                "its end."
            ).format(tasks=listed(held))
        )


def told(
    found: "Answer", running: "Mapping[str, str]", translate: "Callable[[str], str]"
) -> "Answer":
    """`found`, without its metric if its task is one of a `running` faithful sitting."""
    if found.metric is None or not (sitting := running.get(found.task)):
        return found
    import msgspec

    text = translate(N_("The metric is not shown while the clock of {sitting} runs."))
    message = text.format(sitting=printable(sitting))
    return msgspec.structs.replace(found, metric=None, message=message)


def running_tasks(settings: "Settings", *, blind_only: bool = False) -> dict[str, str]:
    """The tasks of faithful and blind sittings whose clock runs, with the sittings' ids."""
    if not settings.has_sittings:
        return {}
    from engine.sitting.store.history import faithful_tasks

    return faithful_tasks(settings.sittings_folder, blind_only=blind_only)
