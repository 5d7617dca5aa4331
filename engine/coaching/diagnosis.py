"""Puts together what was found about a model: from its trials, its weights, its training.

What a child says of the weights is only its word. So it can name a mistake, and no more.
"""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from engine.coaching.diagnosis_table import TABLE, Kind
from engine.grading.diagnosis import MOST_FOUND, Diagnoses, Diagnosis, WeightFacts
from engine.grading.wire import Diagnosed

_DEAD = 0.9
_KINDS: tuple[Kind, ...] = ("conclusive", "mended", "sign", "training")


def diagnoses(
    task: str,
    sha256: str,
    score: int,
    said: Diagnosed,
    *,
    training: Iterable[Diagnosis] = (),
    classes: Sequence[str] = (),
) -> Diagnoses:
    """What explains the `score` of a model of `task`, the most telling first.

    `training` comes from its training log, `classes` are the names of the task's classes.
    """
    found = [_named(each, classes) for each in said.found if each.id in TABLE]
    logged = list(training)
    found = _with_facts(found, said.facts) + logged
    if any(each.id == "training_never_moved" for each in logged):  # it says more
        found = [each for each in found if each.id != "never_trained"]
    return Diagnoses(
        task=task,
        sha256=sha256,
        score=score,
        found=tuple(_ranked(_once(found)))[:MOST_FOUND],
        complete=said.complete,
    )


def _with_facts(found: list[Diagnosis], facts: WeightFacts) -> list[Diagnosis]:
    """With what the weights tell; a reason for equal outputs takes their place."""
    if facts.untrained:
        others = [each for each in found if each.id != "constant_output"]
        return [Diagnosis(id="never_trained"), *others]
    found = [_of_equal_outputs(facts) if each.id == "constant_output" else each for each in found]
    if facts.draws and not any(each.id == "active_noise" for each in found):
        found.append(Diagnosis(id="noise_at_prediction"))
    return found


def _of_equal_outputs(facts: WeightFacts) -> Diagnosis:
    """Why all outputs are equal, if the weights tell."""
    if facts.single_softmax:
        return Diagnosis(id="softmax_of_one")
    if facts.dead >= _DEAD:
        return Diagnosis(id="dead_units", facts={"percent": round(100 * facts.dead)})
    return Diagnosis(id="constant_output")


def _named(diagnosis: Diagnosis, classes: Sequence[str]) -> Diagnosis:
    """Another order of classes, if it is the alphabetical one, by its name."""
    if diagnosis.id != "classes_in_other_order" or not classes:
        return diagnosis
    if _alphabetical(classes) != diagnosis.facts.get("order"):
        return diagnosis
    return replace(diagnosis, id="classes_alphabetical")


def _alphabetical(classes: Sequence[str]) -> str:
    """Which class comes in place of which when they are sorted by name."""
    order = [classes.index(each) for each in sorted(classes)]
    return ", ".join(f"{at} → {to}" for at, to in enumerate(order) if at != to)


def _once(found: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Of several variants of one mistake, the best."""
    best: dict[str, Diagnosis] = {}
    for each in sorted(found, key=lambda one: -(one.would_score or 0)):
        best.setdefault(each.id, each)
    return list(best.values())


def _ranked(found: list[Diagnosis]) -> list[Diagnosis]:
    """By kind, then by the score with the mistake undone, then as they were measured."""
    return sorted(
        found, key=lambda each: (_KINDS.index(TABLE[each.id].kind), -(each.would_score or 0))
    )
