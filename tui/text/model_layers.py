"""A model's layers, and what changed in them, in one line each. Pure."""

from collections.abc import Iterator, Sequence

from engine.grading.protocol import ModelFacts
from engine.sitting.views.model_diff import Change, Difference
from tui.locale import _, labelled, ngettext

_MOST_NAMED = 12
_MOST_CHANGES = 5
_INPUT = "InputLayer"


def summary(facts: ModelFacts) -> str:
    """Its size and its layers, as in "2 layers, 101,770 parameters: Flatten · Dense(10)"."""
    layers = [each for each in facts.layers if each != _INPUT]
    count = ngettext("{n} layer", "{n} layers", len(layers)).format(n=len(layers))
    if facts.parameters is not None:
        count = _("{layers}, {n} parameters").format(layers=count, n=f"{facts.parameters:,}")
    return labelled(count, " · ".join(_shortened(list(_counted(layers)))))


def _counted(layers: Sequence[str]) -> Iterator[str]:
    """Equal neighbours as one entry: "3 × ReLU"."""
    place = 0
    while place < len(layers):
        alike = 1
        while layers[place : place + 1] == layers[place + alike : place + alike + 1]:
            alike += 1
        yield layers[place] if alike == 1 else f"{alike} × {layers[place]}"
        place += alike


def _shortened(names: list[str]) -> list[str]:
    """Only the first and last layers of a deep model."""
    if len(names) <= _MOST_NAMED:
        return names
    return [*names[: _MOST_NAMED - 4], "…", *names[-3:]]


def difference(found: Difference) -> str:
    """What changed since the submission it was compared with."""
    if found.is_none:
        return _("built as #{number}").format(number=found.number)
    parts = [_change(each) for each in found.changes[:_MOST_CHANGES]]
    if (more := len(found.changes) - _MOST_CHANGES) > 0:
        parts.append(ngettext("{n} more", "{n} more", more).format(n=more))
    if found.parameters:
        parts.append(_("{n} parameters").format(n=f"{found.parameters:+,}"))
    return _("since #{number}: {changes}").format(number=found.number, changes=", ".join(parts))


def _change(change: Change) -> str:
    if change.before is None:
        return f"+ {change.after}"
    return f"− {change.before}" if change.after is None else f"{change.before} → {change.after}"
