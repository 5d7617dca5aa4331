"""The target that a candidate reads: on classic only, and never easier than it was measured."""

import math
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import ManualClock
from engine.sitting.store.layout import lay_out
from engine.sitting.store.opening import open_folders
from engine.sitting.store.record import read_record, read_tasks
from engine.sitting.store.target import ValidationTarget, rounded
from exam_bank.catalog import Catalog
from exam_bank.errors import DataError
from exam_bank.paper import for_practice
from exam_bank.preparation import Order, Step
from exam_bank.task import LEVELS, Level, MetricName, Task
from tests.engine.sittings import FIRST, fake_prepare, make_bank, make_settings

MARKS: dict[MetricName, str] = {
    "mae": 'direction = "lower"\n{}thresholds = [5, 4, 3, 2, 1]',
    "relative_mae": 'direction = "lower"\n{}thresholds = [5, 4, 3, 2, 1]',
    "accuracy": 'direction = "higher"\n{}thresholds = [0.5, 0.6, 0.7, 0.8, 0.9]',
    "balanced_accuracy": 'direction = "higher"\n{}thresholds = [0.5, 0.6, 0.7, 0.8, 0.9]',
    "f1": 'direction = "higher"\n{}thresholds = [0.5, 0.6, 0.7, 0.8, 0.9]',
}
OLD = 'metric = "mae"\ndirection = "lower"\nthresholds = [5, 4, 3, 2, 1]'


def with_target(tmp_path: Path, metric: MetricName, target: float) -> Task:
    """The first task of the small bank, on both levels, with a target on classic."""
    make_bank(tmp_path / "bank", {FIRST: 1})
    toml = tmp_path / "bank" / FIRST / "task.toml"
    classic = MARKS[metric].format("[mark_scheme.classic]\n")
    hard = MARKS[metric].partition("\n{}")[2]
    marks = f'metric = "{metric}"\n{classic}\ntarget = {target}\n[mark_scheme.hard]\n{hard}'
    assert OLD in toml.read_text()
    toml.write_text(toml.read_text().replace(OLD, marks))
    return Task.read(toml.parent)


def hidden(tmp_path: Path, baseline: float) -> Path:
    (tmp_path / "hidden").mkdir()
    about = {"input_scale": 1.0, "baseline": baseline}
    (tmp_path / "hidden" / "hidden.json").write_bytes(msgspec.json.encode(about))
    return tmp_path / "hidden"


@pytest.mark.parametrize(
    ("metric", "target", "english", "chinese"),
    [
        ("mae", 3.25, "MAE of at most 3.25, in units", "不高于 3.25"),
        ("accuracy", 0.925, "validation accuracy of at least 0.925 may", "准确率不低于 0.925"),
        ("balanced_accuracy", 0.9, "balanced accuracy of at least 0.9 may", "平衡准确率不低于 0.9"),
        ("f1", 1, "F1 score of class 1 of at least 1 may", "F1 值不低于 1"),
    ],
)
def test_a_target_is_named_as_it_is_given(
    metric: MetricName, target: float, english: str, chinese: str, tmp_path: Path
) -> None:
    found = ValidationTarget.of(with_target(tmp_path, metric, target), "classic", Path("nowhere"))
    assert found is not None
    assert english in found.sentence()
    assert found.sentence("fr") == found.sentence("en")
    assert found.sentence("en").endswith(" may earn full marks.")
    assert chinese in found.sentence("zh")


@pytest.mark.parametrize(
    ("target", "baseline", "value"),
    [
        (0.8, 4.0, "3.2"),
        (0.8, 4.0001, "3.2"),
        (0.8, 3.9999, "3.19"),
        (1.1, 1234.0, "1350"),
        (0.5, 0.002, "0.001"),
        (0.7, 0.0023456, "0.00164"),
    ],
)
def test_a_relative_target_is_named_in_units_of_the_data(
    target: float, baseline: float, value: str, tmp_path: Path
) -> None:
    task = with_target(tmp_path, "relative_mae", target)
    found = ValidationTarget.of(task, "classic", hidden(tmp_path, baseline))
    assert found == ValidationTarget("mae", value)


_Positive = st.floats(1e-6, 1e6)


@given(_Positive, _Positive)
def test_a_named_target_is_never_easier_and_hardly_harder(target: float, baseline: float) -> None:
    exact = Decimal(repr(target)) * Decimal(repr(baseline))
    named = Decimal(rounded(exact))
    assert exact * Decimal("0.99") <= named <= exact
    assert len(named.normalize().as_tuple().digits) <= 3


@pytest.mark.parametrize("baseline", [0.0, -1.0, math.inf])
def test_a_baseline_that_is_none_is_told(baseline: float, tmp_path: Path) -> None:
    task = with_target(tmp_path, "relative_mae", 0.8)
    folder = hidden(tmp_path, 1.0)
    text = "1e999" if math.isinf(baseline) else f"{baseline}"
    (folder / "hidden.json").write_text(f'{{"baseline": {text}}}')
    with pytest.raises(DataError):
        ValidationTarget.of(task, "classic", folder)
    (folder / "hidden.json").unlink()
    with pytest.raises(DataError, match="cannot be read"):
        ValidationTarget.of(task, "classic", folder)


async def prepare(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
    await fake_prepare(orders, on_step)
    for order in orders:
        _give_baseline(Path(order.hidden))


def _give_baseline(folder: Path) -> None:
    (folder / "hidden.json").write_text('{"input_scale": 1.0, "baseline": 4.0}')


async def laid_out(tmp_path: Path, task: Task, level: Level, language: str) -> Path:
    settings = make_settings(tmp_path, lang=language, home=tmp_path / level)
    folder = await lay_out(
        settings,
        ManualClock(),
        paper=for_practice([task], level=level),
        catalog=Catalog((task,)),
        kind="practice",
        mode="coach",
        minutes=60,
        workspace=tmp_path / f"{level}-workspace",
        prepare=prepare,
    )
    open_folders(read_record(folder))
    return folder


async def test_on_classic_every_text_of_the_candidate_names_the_target(tmp_path: Path) -> None:
    task = with_target(tmp_path, "relative_mae", 0.8)
    folder = await laid_out(tmp_path, task, "classic", "zh")
    own = tmp_path / "classic-workspace" / "Category1"
    english = "A validation MAE of at most 3.2, in units of the output, may earn full marks."
    chinese = "验证集上的 MAE（以模型输出的单位计）不高于 3.2，就有望得满分。"
    starter = (own / "starter.py").read_text()
    assert starter == f"# {english}\n# starter of {FIRST}\n"
    assert (own / "brief.en.md").read_text() == f"# Brief of {FIRST}\n\n## Target\n\n{english}\n"
    brief = (own / "brief.md").read_text(encoding="utf-8")
    assert brief == f"# {FIRST} 的说明\n\n## 目标\n\n{chinese}\n"
    # The app shows the sitting's copies.
    kept = read_tasks(folder, read_record(folder))[FIRST]
    assert kept.brief("zh") == brief
    assert english in kept.brief("en")
    # `bank check` runs the bank's own.
    assert task.starter() == f"# starter of {FIRST}\n".encode()
    assert english not in task.brief("en")


async def test_a_chinese_starter_names_the_target_in_chinese(tmp_path: Path) -> None:
    task = with_target(tmp_path, "accuracy", 0.9)
    (task.folder / "starter.zh.py").write_text("# 起始代码\n", encoding="utf-8")
    await laid_out(tmp_path, task, "classic", "zh")
    starter = tmp_path / "classic-workspace/Category1/starter.py"
    first, rest = starter.read_text(encoding="utf-8").split("\n", 1)
    assert (first, rest) == ("# 验证准确率不低于 0.9，就有望得满分。", "# 起始代码\n")


async def test_on_hard_no_text_names_a_target(tmp_path: Path) -> None:
    task = with_target(tmp_path, "relative_mae", 0.8)
    folder = await laid_out(tmp_path, task, "hard", "zh")
    for place in (folder / "tasks", tmp_path / "hard-workspace"):
        texts = [path.read_text() for path in place.rglob("*") if path.suffix in {".md", ".py"}]
        assert len(texts) >= 3
        assert not any("may earn" in text or "有望" in text for text in texts)


@pytest.mark.parametrize("level", LEVELS)
async def test_a_task_of_the_old_form_is_laid_out_on_both_levels(
    level: Level, tmp_path: Path
) -> None:
    (task,) = make_bank(tmp_path / "bank", {FIRST: 1}).tasks
    folder = await laid_out(tmp_path, task, level, "en")
    record = read_record(folder)
    assert record.paper.level == level
    assert read_tasks(folder, record)[FIRST].marks(level).thresholds == (5, 4, 3, 2, 1)
