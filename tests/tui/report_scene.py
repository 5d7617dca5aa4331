"""An exam with all that a report can show of it: evidence of each kind, curves, diagnoses."""

import math
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace

from engine.clock import ManualClock
from engine.coaching.past_tasks import PastTask
from engine.coaching.standing import Standing
from engine.grading.evidence import (
    Baseline,
    CalibrationBin,
    ClassEvidence,
    ErrorBin,
    ErrorShares,
    Evidence,
    FeatureErrors,
    FlipRisk,
    ForecastWindow,
    SeriesEvidence,
    ValueEvidence,
)
from engine.grading.protocol import Graded, Message, Metric
from engine.report.page import DiagnosisText, SittingPage
from engine.sitting.state import events
from engine.sitting.state.sitting import Kind, Mode, Sitting, replay
from exam_bank.task import MarkScheme, Task
from tests.tui.fakes import FOLDER, make_record, make_tasks, rejected, submitted
from tui.text.sitting_page import Known, page_of

SCORES = {"flats": 5, "garments": 5, "hands": 4, "reviews": 5, "town-load": 5}
_DENSE = ("Flatten", "Dense(64, relu)", "Dense(10, softmax)")
_CONVOLUTIONS = ("Reshape", "Conv2D(32, relu)", "MaxPooling2D", "Flatten", "Dense(10, softmax)")


def scheme(task: str) -> MarkScheme:
    """Marks as a task of its kind has."""
    if task == "flats":
        steps = (4.5, 2.9, 2.3, 1.8, 1.5)
        return MarkScheme(metric="relative_mae", direction="lower", thresholds=steps)
    if task == "town-load":
        steps = (0.9, 0.7, 0.55, 0.45, 0.38)
        return MarkScheme(metric="mae", direction="lower", thresholds=steps)
    return MarkScheme(
        metric="accuracy", direction="higher", thresholds=(0.8, 0.82, 0.85, 0.88, 0.9)
    )


def value(task: str) -> float:
    """The metric of the best model."""
    return {"flats": 1.284, "town-load": 0.352, "hands": 0.887}.get(task, 0.912)


def graded(task: str, score: int, metric: float, layers: tuple[str, ...] = ()) -> Graded:
    found = scheme(task)
    from engine.grading.protocol import ModelFacts

    return Graded(
        message=Message("{metric} {value}.", {"metric": found.metric, "value": metric}),
        metric=Metric(found.metric, metric, 2000),
        score=score,
        model=ModelFacts(layers, 1000 * len(layers) ** 2 if layers else None),
    )


def sitting(
    kind: Kind = "exam",
    mode: Mode = "faithful",
    *,
    ended: bool = True,
    scores: dict[str, int] = SCORES,
) -> Sitting:
    """Two hours and a half: each task in turn, the pictures with two failures before."""
    clock = ManualClock()
    record = make_record(clock, kind=kind, mode=mode)
    happened: list[events.Event] = [events.Started(at=clock.now())]
    number = 0
    for task, score in scores.items():
        happened.append(events.Turned(at=clock.now(), task=task))
        clock.advance(700)
        if task == "garments":
            happened += submitted(clock, (number := number + 1), task, rejected())
            clock.advance(800)
            happened += submitted(
                clock, (number := number + 1), task, graded(task, 3, 0.861, _DENSE)
            )
        clock.advance(1100)
        layers = _CONVOLUTIONS if task == "garments" else ()
        best = graded(task, score, value(task), layers)
        happened += submitted(clock, (number := number + 1), task, best)
    if ended:
        happened.append(events.Ended(at=clock.now(), reason="candidate"))
    return replay(record, happened)


def known(tasks: dict[str, Task], found: Sitting) -> Known:
    """All that lies beside the journal."""
    return Known(
        tasks=tasks,
        curves=dict.fromkeys(("garments", "reviews"), FOLDER.curve),
        evidence={task: evidence(task, score) for task, score in found.scores.items() if score},
        baselines={task: baselines_of(task) for task in found.scores},
        diagnoses={
            "hands": (
                DiagnosisText(
                    sentence="With inputs times 255 this model would score 5/5: it was trained "
                    "on 0–255.",
                    fix="Divide the training data by 255, as the task does, and train again.",
                ),
            )
        },
    )


def standing(tasks: dict[str, Task], clock: ManualClock) -> Standing:
    """After some weeks of practice."""
    now = clock.now().utc()
    days = (("flats", 30, 5), ("garments", 24, 3), ("hands", 17, 4), ("reviews", 6, 2))
    past = tuple(
        PastTask(task=task, sitting=str(ago), when=now - timedelta(days=ago), score=score)
        for task, ago, score in days
    )
    return Standing(tasks=tuple(tasks.values()), past=past, now=now)


def page(folder: Path, found: Sitting | None = None, name: str = "Ada Lovelace") -> SittingPage:
    """The whole page of `found`; tasks are made in `folder`."""
    tasks = make_tasks(folder)
    shown = sitting() if found is None else found
    clock = ManualClock()
    clock.advance(20_000)
    return page_of(shown, known(tasks, shown), standing(tasks, clock), name, clock.now().utc())


def evidence(task: str, score: int = 5) -> Evidence:
    """What a grade of that task is made of, as the marking process would write it."""
    chance = random.Random(task)
    given = scheme(task)
    base = Evidence(
        task=task,
        metric=Metric(given.metric, value(task), 2000),
        score=score,
        scheme=given,
        flip_risk=_risk(score),
    )
    if task == "flats":
        return replace(base, values=_values(chance))
    if task == "town-load":
        return replace(base, values=_values(chance), series=_series(chance))
    return replace(base, classes=_classes(chance, 2 if task == "reviews" else 10))


def _risk(score: int) -> FlipRisk:
    chances = [0.0] * 6
    chances[score], chances[score - 1] = 0.88, 0.12
    a, b, c, d, e, f = chances
    return FlipRisk(size=600, of=2000, chances=(a, b, c, d, e, f), hold=0.004, full=0.013)


def baselines_of(task: str) -> tuple[Baseline, ...]:
    if task == "flats":
        found = (("mean", 6.36), ("one column", 4.64))
        line = 3.61
    elif task == "town-load":
        found = (("last value", 0.82), ("mean", 1.9))
        line = 0.61
    else:
        found = (("majority", 0.1), ("mean grey", 0.32))
        line = 0.81
    rows = [Baseline(name, "trivial", each, 0) for name, each in found]
    return (*rows, Baseline("ridge", "linear", line, 1))


def _classes(chance: random.Random, count: int) -> ClassEvidence:
    rows = []
    for own in range(count):
        missed = [chance.randrange(9) if abs(own - other) <= 3 else 0 for other in range(count)]
        missed[own] = 200 - sum(missed) + missed[own]
        rows.append(tuple(missed))
    shares = tuple(row[own] / sum(row) for own, row in enumerate(rows))
    bins = tuple(
        CalibrationBin(low / 10, (low + 1) / 10, 30 * low, low / 10 + 0.05, (low / 10) ** 1.3)
        for low in range(2, 10)
    )
    return ClassEvidence(
        classes=tuple(range(count)),
        confusion=tuple(rows),
        recall=shares,
        precision=shares,
        calibration=bins,
        calibration_error=0.031,
    )


def _bins(chance: random.Random) -> tuple[ErrorBin, ...]:
    return tuple(
        ErrorBin(440.0 + 6 * each, 446.0 + 6 * each, 200, 2 + abs(each - 5) * chance.random(), 0.1)
        for each in range(10)
    )


def _values(chance: random.Random) -> ValueEvidence:
    targets = [440 + 60 * chance.random() for _ in range(300)]
    return ValueEvidence(
        error=3.2,
        bias=-0.4,
        deciles=_bins(chance),
        features=tuple(FeatureErrors(column, _bins(chance)) for column in range(4)),
        points=tuple((each, each + chance.gauss(0, 4)) for each in targets),
    )


def _series(chance: random.Random) -> SeriesEvidence:
    steps = tuple(0.2 + 0.012 * step + 0.02 * chance.random() for step in range(24))
    return SeriesEvidence(
        steps=steps,
        last_value=tuple(0.25 + 0.05 * step for step in range(24)),
        channels=(0.3, 0.42, 0.35),
        levels=_bins(chance),
        shares=ErrorShares(0.2, 0.35, 0.45, 1),
        worst=tuple(_window(number, 1.2) for number in (17, 203)),
        median=_window(88, 0.3),
    )


def _window(index: int, error: float) -> ForecastWindow:
    def wave(step: int) -> float:
        return math.sin((step + index) / 4)

    return ForecastWindow(
        index=index,
        channel=0,
        history=tuple(map(wave, range(-48, 0))),
        target=tuple(map(wave, range(24))),
        forecast=tuple(wave(step) + error * step / 24 for step in range(24)),
        error=error,
    )


def hostile_titles(tasks: dict[str, Task], text: str) -> Iterator[tuple[str, Task]]:
    """The tasks as a pack could name them."""
    for name, task in tasks.items():
        says = replace(task.says, title=replace(task.says.title, en=text, zh=text))
        yield name, replace(task, says=says)
