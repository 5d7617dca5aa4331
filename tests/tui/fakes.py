"""Fake bank, machine and data sets for Pilot tests and drawn screens."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import msgspec

from engine.clock import Clock, ManualClock
from engine.coaching.explanation import ExplanationProgress, OnExplained
from engine.coaching.past_tasks import PastTask
from engine.coaching.review import TaskReview, of_sitting, with_evidence
from engine.coaching.standing import Standing
from engine.errors import SubmissionRejected, TfexamError
from engine.grading import protocol
from engine.grading.inspection.contract_shapes import check_shapes
from engine.grading.protocol import Grade, Message, Metric, ModelFacts
from engine.grading.sampling import Sampling
from engine.machine.checks import Check
from engine.machine.curves import parse
from engine.machine.gpu import FakeProbe, Gpus, GpuSample, NoGpu, Reading
from engine.machine.usage import TrainingProcess, UsageSample
from engine.settings import Settings
from engine.sitting.proctor import Proctor
from engine.sitting.state import events
from engine.sitting.state.sitting import Kind, Mode, Phase, Sitting, SittingRecord, replay
from engine.sitting.store import leftovers
from engine.sitting.store.history import Summary
from engine.sitting.store.record import category_folder
from engine.sitting.views.folder_sample import FolderSample
from engine.sitting.views.folder_view import FileEntry, Listing
from exam_bank.catalog import Catalog
from exam_bank.paper import Paper, PaperTask
from exam_bank.preparation import Step
from exam_bank.task import Contract, OutputSpec, Task, TaskFile, TensorSpec
from tests.tui.fake_data import FakeData
from tests.tui.scene import Scene, lay_out
from tui.link.services import Services
from tui.start import NewExam, NewPractice

TITLES = (
    ("flats", "Power plant output", "电厂功率"),
    ("garments", "Garment drawings", "服装图样"),
    ("hands", "Hand shapes", "手势图片"),
    ("reviews", "Shop reviews", "商店评论"),
    ("town-load", "Town load", "城镇用电负荷"),
)
WEIGHTS = (10.0, 15.0, 20.0, 25.0, 30.0)

BRIEF = """# {title}

Predict the label of small grey drawings of garments. Train on the data in
`data/`, then save your model as `mymodel.h5` beside `starter.py`.

## Contract

| | shape | type |
|---|---|---|
| input | (28, 28) | float32, 0–1 |
| output | (10,) | softmax |

## Data

- `data/train_images.npy`: 12,000 drawings
- `data/train_labels.npy`: their labels, 0 to 9

## How it is marked

Accuracy on drawings you do not see: **0.80** is worth one point, **0.90** all five.
"""

BRIEF_ZH = """# {title}

为小幅灰度服装图样预测标签。用 `data/` 里的数据训练,
然后把模型以 `mymodel.h5` 为名保存在 `starter.py` 旁边。

## 约定

| | 形状 | 类型 |
|---|---|---|
| 输入 | (28, 28) | float32,0–1 |
| 输出 | (10,) | softmax |

## 数据

- `data/train_images.npy`:12,000 幅图样
- `data/train_labels.npy`:标签,0 到 9

## 如何评分

以隐藏数据上的准确率计:**0.80** 得一分,**0.90** 得满分。
"""

HINTS = """# Hints

## 1. Where do I start?

Flatten the drawing, then `Dense(10)` with a softmax. Divide nothing: the pixels are 0 to 1 already.

## 2. I am stuck at three points.

A dense layer does not know which pixels are neighbours. Two rounds of `Conv2D` and `MaxPooling2D`
do; the first wants a channel: `Reshape((28, 28, 1))`.
"""

HINTS_ZH = """# 提示

## 1. 从哪里开始?

先把图样展平,再接 `Dense(10)` 和 softmax。不用再除:像素已经是 0 到 1。

## 2. 卡在三分。

全连接层不知道哪些像素相邻。两轮 `Conv2D` 加 `MaxPooling2D` 知道;第一层需要一个通道:
`Reshape((28, 28, 1))`。
"""

_TOML = """
format_version = 1
id = "{id}"
category = {category}
title = {{ en = "{en}", zh = "{zh}" }}
weight = {weight}
minutes = 30
skills = ["saving"]
source = "synthetic"
[contract]
input = {{ shape = [28, 28] }}
output = {{ shape = [10], activation = "softmax" }}
[mark_scheme]
metric = "accuracy"
direction = "higher"
thresholds = [0.8, 0.82, 0.85, 0.88, 0.9]
[proof]
weak = {{ one = 2 }}
"""


def make_tasks(folder: Path) -> dict[str, Task]:
    """Five tasks with briefs in both languages."""
    tasks = {}
    for number, ((name, en, zh), weight) in enumerate(zip(TITLES, WEIGHTS, strict=True), 1):
        place = folder / name.replace("-", "_")
        place.mkdir(parents=True, exist_ok=True)
        text = _TOML.format(id=name, category=number, en=en, zh=zh, weight=weight)
        (place / "task.toml").write_text(text, encoding="utf-8")
        (place / "brief.md").write_text(BRIEF.format(title=en), encoding="utf-8")
        (place / "brief.zh.md").write_text(BRIEF_ZH.format(title=zh), encoding="utf-8")
        (place / "starter.py").write_text("# TODO\n", encoding="utf-8")
        (place / "hints.md").write_text(HINTS, encoding="utf-8")
        (place / "hints.zh.md").write_text(HINTS_ZH, encoding="utf-8")
        tasks[name] = Task(msgspec.toml.decode(text, type=TaskFile), place)
    return tasks


def make_record(
    clock: ManualClock,
    *,
    kind: Kind = "exam",
    mode: Mode = "faithful",
    minutes: float = 300,
    count: int = 5,
    sampling: Sampling = "whole",
    extra_time: float = 1.0,
) -> SittingRecord:
    tasks = tuple(
        PaperTask(number, name, number, WEIGHTS[number - 1])
        for number, (name, _en, _zh) in enumerate(TITLES[:count], 1)
    )
    return SittingRecord(
        id="2027-01-15-0800-k3f9",
        kind=kind,
        mode=mode,
        minutes=minutes,
        paper=Paper("TFX-7Q2M-0KXD-93YA" if kind == "exam" else "", tasks, "classic"),
        workspace="/home/ada/tfexam/2027-01-15-0800-k3f9",
        created=clock.now(),
        tfexam_version="0.1.0",
        sampling=sampling,
        extra_time=extra_time,
    )


def graded(
    score: int, value: float | None = 0.85, text: str = "", layers: tuple[str, ...] = ()
) -> Grade:
    message = Message(text) if text else Message("Accuracy {value}.", {"value": value or 0.0})
    return protocol.Graded(
        message=message,
        metric=Metric("accuracy", value, 2000),
        score=score,
        seconds=2.5,
        model=ModelFacts(layers, 1000 * len(layers) ** 2 if layers else None),
    )


_CONTRACT = Contract(
    input=TensorSpec(shape=(28, 28)), output=OutputSpec(shape=(10,), activation="softmax")
)


def rejected() -> Grade:
    """A rejection as a model with one axis too many really gets."""
    try:
        check_shapes([(None, 28, 28, 1)], [(None, 10)], _CONTRACT)
    except SubmissionRejected as error:
        return protocol.Rejected(message=error.says, reason=error.reason)
    raise AssertionError("a fourth axis went through")


def a_check(name: str, state: str, detail: str, fix: str = "", **facts: str | float) -> Check:
    return Check(
        name=Message(name),
        state=state,  # type: ignore[arg-type]
        detail=Message(detail, dict(facts)),
        fix=Message(fix) if fix else None,
    )


CHECKS = (
    a_check("Python", "ok", "3.11.7"),
    a_check("TensorFlow", "ok", "2.21.0"),
    a_check("Keras 2 models", "ok", "tf-keras 2.21.0"),
    a_check(
        "Disk", "ok", "{free} GB free for {folder}", free=102.4, folder="~/.local/share/tfexam"
    ),
    a_check("Memory", "ok", "{free} GB free of {total} GB", free=18.2, total=24.0),
    a_check(
        "GPU",
        "warning",
        "No NVIDIA driver is installed here.",
        "You do not need one: two CPU cores are enough for full marks on every task.",
    ),
    a_check("Terminal", "ok", "120×40, xterm-256color"),
)

NO_GPU = NoGpu(Message("No NVIDIA driver is installed here."))
ONE_GPU = Gpus(
    (
        GpuSample(
            index=0,
            name="NVIDIA RTX 4090",
            use_percent=87,
            memory_used=9 * 1024**3,
            memory_total=24 * 1024**3,
            memory_peak=11 * 1024**3,
            temperature_c=67,
            power_w=285.0,
            processes={4711: 8 * 1024**3},
        ),
    )
)
USAGE = UsageSample(cpu_percent=63.0, memory_used=9 * 1024**3, memory_total=24 * 1024**3)
TRAINING = TrainingProcess(
    pid=4711,
    command="starter.py",
    place="Category3",
    cpu_percent=187.0,
    memory=2 * 1024**3,
)


class FakeUsage:
    """The sample that the services hold now."""

    def __init__(self, services: "FakeServices") -> None:
        self._services = services

    def sample(self) -> UsageSample:
        return self._services.usage


class FakeFolder:
    """Always the same sample."""

    def __init__(self, sample: FolderSample) -> None:
        self._sample = sample

    def sample(self) -> FolderSample:
        return self._sample


FOLDER = FolderSample(
    Listing(
        (
            FileEntry("starter.py", 2_140, 1_800_003_600.0),
            FileEntry("mymodel.h5", 1_245_184, 1_800_005_400.0),
            FileEntry("training.csv", 1_310, 1_800_005_390.0),
            FileEntry("brief.md", 1_802, 1_800_000_000.0),
            FileEntry("data/", None, 1_800_000_000.0),
            FileEntry("data/train.npz", 6_280_000, 1_800_000_000.0),
        )
    ),
    parse(
        "epoch,accuracy,loss,val_accuracy,val_loss\n",
        "".join(
            f"{n},{1 - 0.6 * 0.88**n},{1.4 * 0.87**n + 0.05},"
            f"{0.95 - 0.55 * 0.87**n},{1.3 * 0.85**n + 0.18 + 0.004 * n}\n"
            for n in range(24)
        ),
    ),
)


class FakeServices(Services):
    """The engine as the screens see it; `proctors` holds the opened ones."""

    def __init__(
        self,
        clock: ManualClock,
        folder: Path,
        *,
        gpu: Reading = NO_GPU,
        tasks: dict[str, Task] | None = None,
    ) -> None:
        self.clock = clock
        self.place = folder
        self.settings = settings(folder)
        self.task_map = make_tasks(folder / "bank") if tasks is None else tasks
        self.gpu = gpu
        self.usage = USAGE
        self.data_sets = FakeData(self.task_map)
        self.folder = FOLDER
        self.scene: Scene | None = None
        self.summaries: list[Summary] = []
        self.check_list = list(CHECKS)
        self.absent_tasks: frozenset[str] = frozenset()
        self.orders: list[NewExam | NewPractice] = []
        self.fails: TfexamError | None = None
        self.open_fails: TfexamError | None = None
        self.code_fails: TfexamError | None = None
        self.past_fails: TfexamError | None = None
        self.review_fails: TfexamError | None = None
        self.used: Settings | None = None
        self.past_tasks: tuple[PastTask, ...] = ()
        self.steps_done = 5
        self.missing: list[Path] = []
        self.explained: list[Path] = []
        self.hold = asyncio.Event()
        self.hold.set()

    async def unexplained(self) -> list[Path]:
        """No grading processes start in the background of these tests."""
        return self.missing

    async def explain(self, folder: Path, on_progress: OnExplained) -> None:
        """Tell of two steps, and wait for `hold` in between."""
        self.explained.append(folder)
        on_progress(ExplanationProgress(folder, 0, 2, "flats"))
        await self.hold.wait()
        on_progress(ExplanationProgress(folder, 2, 2))

    def train(self) -> None:
        """From now on a program runs in Category3."""
        self.usage = msgspec.structs.replace(USAGE, training=(TRAINING,))

    def make(self, kind: Kind = "exam", mode: Mode = "faithful", **options: Any) -> Scene:
        """A prepared sitting."""
        record = make_record(self.clock, kind=kind, mode=mode, **options)
        folder = self.place / "sittings" / record.id
        lay_out(folder, record, self.task_map)
        self.scene = Scene(folder, record, self.clock)
        return self.scene

    def begin(self, **options: Any) -> Scene:
        """A sitting whose clock is running."""
        scene = self.make(**options)
        scene.begin()
        return scene

    def use(self, settings: Settings) -> None:
        self.used = self.settings = settings

    def catalog(self) -> Catalog:
        return Catalog(tuple(self.task_map.values()))

    async def absent(self) -> frozenset[str]:
        return self.absent_tasks

    async def standing(self) -> Standing:
        tasks = self.catalog().tasks
        here = frozenset(each.id for each in tasks) - self.absent_tasks
        now = self.clock.now().utc()
        return Standing(tasks=tasks, past=self.past_tasks, now=now, available=here)

    async def bring_data_back(self, folder: Path, record: SittingRecord, task: str) -> None:
        data = category_folder(record, task) / "data"
        data.mkdir()
        (data / "train.npz").write_bytes(b"train")

    def data(self) -> FakeData:
        return self.data_sets

    async def paper(self, code: str, folder: Path | None) -> Paper:
        if self.code_fails is not None:
            raise self.code_fails
        return make_record(self.clock).paper

    def sittings(self) -> list[Summary]:
        return self.summaries

    def past(self, folder: Path) -> Sitting:
        if self.past_fails is not None:
            raise self.past_fails
        return past_sitting(next(each for each in self.summaries if each.folder == str(folder)))

    def review(self, folder: Path) -> tuple[TaskReview, ...]:
        if self.review_fails is not None:
            raise self.review_fails
        sitting = self.scene.sitting if self.scene is not None else self.past(folder)
        found = of_sitting(sitting, self.task_map, self.task_map, self.settings.language)
        if self.scene is None:
            return found
        own = self.scene.folder
        return tuple(with_evidence(own, sitting, each, self.task_map[each.task]) for each in found)

    async def checks(self) -> AsyncIterator[Check]:
        for check in self.check_list:
            yield check

    async def lay_out(self, order: NewExam | NewPractice, on_step: Callable[[Step], None]) -> Path:
        self.orders.append(order)
        if self.fails is not None:
            raise self.fails
        for done in range(self.steps_done + 1):
            on_step(Step(TITLES[max(0, done - 1)][0], done, 5))
        await self.hold.wait()
        return self._sitting_of(order).folder

    async def discard(self, folder: Path) -> None:
        leftovers.discard(folder, self.clock)

    def _sitting_of(self, order: NewExam | NewPractice) -> Scene:
        if self.scene is not None:
            return self.scene
        if isinstance(order, NewPractice):
            return self.make("practice", "coach", count=len(order.tasks))
        return self.make()

    def open(self, folder: Path) -> Proctor:
        if self.open_fails is not None:
            raise self.open_fails
        scene = self.scene or self.make()
        return scene.open(self.settings)

    def gpu_probe(self) -> FakeProbe:
        return FakeProbe(self.gpu)

    def usage_probe(self, workspace: Path) -> FakeUsage:
        return FakeUsage(self)

    def folder_probe(self, folder: Path) -> FakeFolder:
        return FakeFolder(self.folder)


def summary(clock: ManualClock, **given: object) -> Summary:
    values: dict[str, object] = {
        "id": "2027-01-15-0800-k3f9",
        "created": clock.now(),
        "phase": Phase.ENDED,
        "level": "classic",
        "percent": 94.0,
        "passed": True,
        "scores": {"flats": 5, "garments": 5, "hands": 4, "reviews": 5, "town-load": 5},
        "minutes": 300.0,
        "time_left": 3600.0,
        "code": "TFX-7Q2M-0KXD-93YA",
        "folder": "/var/lib/tfexam/sittings/2027-01-15-0800-k3f9",
        "workspace": "/home/ada/tfexam/2027-01-15-0800-k3f9",
    }
    return Summary(**{**values, **given})  # type: ignore[arg-type]


def past_sitting(told: Summary) -> Sitting:
    """A past sitting for the history; its time is spread over its tasks in turn."""
    clock = ManualClock()
    record = make_record(clock, kind=told.kind, mode=told.mode, minutes=told.minutes)
    happened: list[events.Event] = [events.Started(at=clock.now())]
    for number, (task, score) in enumerate(told.scores.items(), start=1):
        happened.append(events.Turned(at=clock.now(), task=task))
        clock.advance((told.minutes * 60 - told.time_left) / len(told.scores))
        happened += submitted(clock, number, task, graded(score))
    happened.append(events.Ended(at=clock.now(), reason="candidate"))
    return replay(record, happened)


def submitted(
    clock: Clock, number: int, task: str, grade: Grade | None = None
) -> list[events.Event]:
    """A submission, graded if `grade` is given."""
    now = clock.now()
    found: list[events.Event] = [
        events.Submitted(at=now, number=number, task=task, sha256=f"{number:064x}", size=400_000)
    ]
    if grade is not None:
        found.append(events.GradingEnded(at=now, number=number, grade=grade))
    return found


def settings(folder: Path, **flags: object) -> Settings:
    """Settings for a test, free of the machine's environment."""
    given = {"home": folder / "home", "workspaces": "/home/ada/tfexam", "lang": "en", **flags}
    environment = {"TFEXAM_CONFIG": str(folder / "none.toml")}
    return Settings.load(given, environment=environment, folder=folder)
