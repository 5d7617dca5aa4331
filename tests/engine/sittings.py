"""Shared by the tests of sittings: a small bank, a laid-out sitting, a grader without Keras."""

import asyncio
import struct
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.clock import Clock, Instant
from engine.grading.protocol import (
    Cancelled,
    Grade,
    Graded,
    Job,
    Message,
    Metric,
    Progress,
    Stage,
)
from engine.settings import Settings
from engine.sitting.state.sitting import Kind, Mode, SittingRecord, Submitting
from engine.sitting.store.layout import lay_out
from exam_bank.catalog import Catalog
from exam_bank.paper import Paper, for_practice
from exam_bank.preparation import Order, Step
from exam_bank.task import Level, Task
from tests.engine.hidden_sets import write_hidden

TASK_TOML = """
format_version = 1
id = "{id}"
category = {category}
weight = {category}
minutes = 30
skills = []
source = "synthetic"
[title]
en = "Title of {id}"
zh = "{id} 的标题"
[contract.input]
shape = [1]
[contract.output]
shape = [1]
activation = "linear"
[mark_scheme]
metric = "mae"
direction = "lower"
thresholds = [5, 4, 3, 2, 1]
[proof]
weak = {{}}
"""
FIRST, SECOND = "first-task", "second-task"


def make_bank(folder: Path, tasks: dict[str, int] | None = None) -> Catalog:
    for name, category in (tasks or {FIRST: 1, SECOND: 2}).items():
        own = folder / name
        own.mkdir(parents=True)
        (own / "task.toml").write_text(TASK_TOML.format(id=name, category=category))
        (own / "brief.md").write_text(f"# Brief of {name}\n")
        (own / "brief.zh.md").write_text(f"# {name} 的说明\n")
        (own / "starter.py").write_text(f"# starter of {name}\n")
        (own / "hints.md").write_text("Try a line.\n")
        (own / "data.py").write_text("SECRET = 1\n")
    return Catalog(tuple(Task.read(path.parent) for path in sorted(folder.glob("*/task.toml"))))


def make_paper(catalog: Catalog, level: Level = "classic") -> Paper:
    return for_practice(catalog.tasks, level=level, number=7)


def make_record(kind: Kind = "practice", minutes: float = 60.0) -> SittingRecord:
    from exam_bank.paper import PaperTask

    return SittingRecord(
        id="2027-01-15-0800-abcd",
        kind=kind,
        mode="coach",
        minutes=minutes,
        paper=Paper("", (PaperTask(1, FIRST, 11, 1.0), PaperTask(2, SECOND, 12, 2.0))),
        workspace="/nowhere",
        created=Instant(1.0, 1.0, "boot-1"),
        tfexam_version="0",
    )


def make_settings(tmp_path: Path, **flags: object) -> Settings:
    given = {"home": tmp_path / "home", "workspaces": tmp_path / "work", "lang": "en", **flags}
    return Settings.load(given, environment={"TFEXAM_CONFIG": "/nowhere"}, folder=tmp_path)


async def fake_prepare(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
    on_step(Step(orders[0].task, 0, len(orders)))
    for done, order in enumerate(orders, start=1):
        assert order.files is not None
        _write_data(Path(order.files), Path(order.hidden))
        on_step(Step(order.task, done, len(orders)))


def _write_data(files: Path, hidden: Path) -> None:
    (files / "data").mkdir(parents=True)
    (files / "data" / "train.npz").write_bytes(b"train")
    write_hidden(hidden)


async def make_sitting(
    tmp_path: Path,
    clock: Clock,
    *,
    kind: Kind = "practice",
    minutes: float = 60.0,
    settings: Settings | None = None,
    submitting: Submitting = "as_set",
    mode: Mode = "coach",
    level: Level = "classic",
) -> Path:
    catalog = make_bank(tmp_path / "bank")
    return await lay_out(
        settings or make_settings(tmp_path),
        clock,
        paper=make_paper(catalog, level),
        catalog=catalog,
        kind=kind,
        mode=mode,
        minutes=minutes,
        submitting=submitting,
        prepare=fake_prepare,
    )


def model(content: str = "a", size: int = 400) -> bytes:
    """Bytes that look like a complete HDF5 file of version 0 and differ by `content`."""
    head = b"\x89HDF\r\n\x1a\n" + bytes([0, 0, 0, 0, 0, 8, 8, 0]) + bytes(24)
    return (head + struct.pack("<Q", size) + content.encode()).ljust(size, b".")


def graded(score: int) -> Graded:
    return Graded(
        message=Message("{score}/5", {"score": score}), metric=Metric("mae", 0.5, 10), score=score
    )


def _content(job: Job) -> bytes:
    return Path(job.model).read_bytes()


class FakeGrader:
    """Answers when told to, or at once with the given scores or grades."""

    def __init__(self, *scores: int | Grade) -> None:
        self.scores = list(scores)
        self.jobs: list[Job] = []
        self.contents: list[bytes] = []
        self.marks: dict[bytes, int] = {}
        self.started = self.closed = False
        self.fault: Exception | None = None
        self.moved: Callable[[Progress], None] = lambda _: None
        self._answer: asyncio.Future[Grade] | None = None

    async def start(self) -> None:
        self.started = True

    async def grade(self, job: Job, on_progress: Callable[[Progress], None]) -> Grade:
        self.jobs.append(job)
        self.contents.append(_content(job))
        self.moved = on_progress
        on_progress(Progress(Stage.LOADING, 0.5))
        if self.fault is not None:
            raise self.fault
        if (known := self.marks.get(self.contents[-1])) is not None:
            return graded(known)
        if self.scores:
            answer = self.scores.pop(0)
            return graded(answer) if isinstance(answer, int) else answer
        self._answer = asyncio.get_running_loop().create_future()
        return await self._answer

    def answer(self, grade: Grade) -> None:
        assert self._answer is not None
        self._answer.set_result(grade)
        self._answer = None

    @property
    def busy(self) -> bool:
        return self._answer is not None

    def cancel(self) -> None:
        if self._answer is not None:
            self.answer(Cancelled(message=Message("Cancelled.")))

    async def close(self) -> None:
        self.closed = True


async def until(true: Callable[[], object], what: str = "") -> None:
    """Run the loop until `true()`; fails loudly instead of hanging."""
    for _ in range(5_000):
        if true():
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"never came true: {what or true}")
