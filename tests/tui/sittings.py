"""Writes sittings to disk without an exam, for tests that read them back."""

import itertools
from collections.abc import Callable
from pathlib import Path

import msgspec

from engine.clock import Clock, SystemClock
from engine.grading.protocol import Graded, Message, Metric
from engine.settings import Settings
from engine.sitting.state import events
from engine.sitting.state.sitting import Kind, Mode, SittingRecord
from engine.sitting.store.journal import NAME
from engine.sitting.store.record import RECORD
from exam_bank import paper
from exam_bank.catalog import Catalog
from exam_bank.datasets.registry import SYNTHETIC
from exam_bank.paper import Paper
from exam_bank.task import Level


def settings_in(home: Path, **more: object) -> Settings:
    """Settings with everything under `home`."""
    flags = {"home": home, "workspaces": home / "workspaces", **more}
    return Settings.load(flags, environment={"TFEXAM_CONFIG": str(home / "none")}, folder=home)


def drawn(number: int = 7, level: Level = "classic") -> Paper:
    """A paper from the built-in bank that needs no data set: the first from `number` on."""
    return synthetic_paper(lambda _: True, number, level)


def synthetic_paper(
    fits: Callable[[Paper], bool], number: int = 0, level: Level = "classic"
) -> Paper:
    """The first paper from `number` on that `fits` and needs no data set."""
    catalog = Catalog.find()
    made = {task.id for task in catalog.tasks if task.says.source == SYNTHETIC}
    papers = (paper.draw(catalog, level=level, number=each) for each in itertools.count(number))
    return next(each for each in papers if made >= each.weights.keys() and fits(each))


def keep(
    home: Path,
    name: str,
    *,
    of: Paper | None = None,
    score: int | None = None,
    ended: bool = False,
    clock: Clock | None = None,
    mode: Mode = "faithful",
    kind: Kind = "exam",
) -> SittingRecord:
    """Write a started sitting; each task has `score` if one is given."""
    clock = clock or SystemClock()
    folder = settings_in(home).sittings_folder / name
    folder.mkdir(parents=True)
    record = SittingRecord(
        id=name,
        kind=kind,
        mode=mode,
        minutes=60,
        paper=of or drawn(),
        workspace=str(home / "workspaces" / name),
        created=clock.now(),
        tfexam_version="0",
    )
    (folder / RECORD).write_bytes(msgspec.toml.encode(record))
    happened: list[events.Event] = [events.Started(at=clock.now())]
    if score is not None:
        happened += _graded(record, score, clock)
    if ended:
        happened.append(events.Ended(at=clock.now(), reason="candidate"))
    lines = b"".join(msgspec.json.encode(each) + b"\n" for each in happened)
    (folder / NAME).write_bytes(lines)
    return record


def _graded(record: SittingRecord, score: int, clock: Clock) -> list[events.Event]:
    found: list[events.Event] = []
    for number, each in enumerate(record.paper.tasks, start=1):
        now = clock.now()
        grade = Graded(message=Message("Good."), metric=Metric("mae", 0.1, 9), score=score)
        found += [
            events.Submitted(at=now, number=number, task=each.task, sha256="ab" * 32, size=1),
            events.GradingEnded(at=now, number=number, grade=grade),
        ]
    return found
