"""The target of a task on classic: the validation value that may earn full marks.

`task.toml` gives it in the metric's terms. A relative error means nothing to a candidate, who
does not have the hidden set's baseline, so it is turned into the units of the model's output
once the data are made. Brief and starter name it when a folder is laid out; those in the bank
stay as they are.
"""

import math
from decimal import ROUND_FLOOR, Decimal
from pathlib import Path
from typing import Self

import msgspec

from exam_bank.errors import DataError
from exam_bank.phrase import phrase
from exam_bank.task import Level, MetricName, Task

_DIGITS = 3
_ENGLISH = {
    "accuracy": "A validation accuracy of at least {value} may earn full marks.",
    "balanced_accuracy": "A validation balanced accuracy of at least {value} may earn full marks.",
    "f1": "A validation F1 score of class 1 of at least {value} may earn full marks.",
    "mae": "A validation MAE of at most {value}, in units of the output, may earn full marks.",
}
_CHINESE = {
    "accuracy": "验证准确率不低于 {value}，就有望得满分。",
    "balanced_accuracy": "验证集上的平衡准确率不低于 {value}，就有望得满分。",
    "f1": "验证集上类别 1 的 F1 值不低于 {value}，就有望得满分。",
    "mae": "验证集上的 MAE（以模型输出的单位计）不高于 {value}，就有望得满分。",
}


class ValidationTarget(msgspec.Struct, frozen=True):
    """A target in terms that a candidate can measure; `value` as it is written."""

    metric: MetricName
    value: str

    @classmethod
    def of(cls, task: Task, level: Level, hidden: Path) -> Self | None:
        """The target of `task` with the hidden set in that folder; None if it names none there.

        Raises `DataError` when the hidden set's baseline is needed and cannot be read.
        """
        scheme = task.says.mark_scheme
        if level != "classic" or scheme.target is None:
            return None
        if scheme.metric != "relative_mae":
            return cls(scheme.metric, f"{Decimal(repr(scheme.target)).normalize():f}")
        value = Decimal(repr(scheme.target)) * Decimal(repr(_baseline_in(hidden)))
        return cls("mae", rounded(value))

    def sentence(self, language: str = "en") -> str:
        """What it promises; English if there is no sentence in `language`."""
        sentences = _CHINESE if language == "zh" else _ENGLISH
        return sentences[self.metric].format(value=self.value)

    def write_into(self, folder: Path) -> None:
        """Name the target in every brief and every starter of a task's copy in `folder`."""
        for path in folder.glob("brief*.md"):
            language = _language(path)
            title = "目标" if language == "zh" else "Target"
            brief = path.read_bytes().decode("utf-8", errors="replace").rstrip()
            text = f"{brief}\n\n## {title}\n\n{self.sentence(language)}\n"
            path.write_text(text, encoding="utf-8")
        for path in folder.glob("starter*.py"):
            path.write_bytes(f"# {self.sentence(_language(path))}\n".encode() + path.read_bytes())


def _language(path: Path) -> str:
    """The language in a name such as brief.zh.md; none in brief.md."""
    return path.name.partition(".")[2].rpartition(".")[0]


def rounded(error: Decimal) -> str:
    """`error` in three digits: never larger than it is, so never easier to reach."""
    step = Decimal(1).scaleb(error.adjusted() - _DIGITS + 1)
    return f"{error.quantize(step, ROUND_FLOOR).normalize():f}"


class _About(msgspec.Struct):
    """What is needed of the description beside a hidden set (`material.HiddenSet`)."""

    baseline: float


def _baseline_in(folder: Path) -> float:
    try:
        about = msgspec.json.decode((folder / "hidden.json").read_bytes(), type=_About)
    except (OSError, msgspec.MsgspecError) as error:
        raise DataError(
            phrase(
                "The hidden set in {folder} cannot be read: {error}.", folder=folder, error=error
            )
        ) from error
    if not (about.baseline > 0 and math.isfinite(about.baseline)):
        raise DataError(
            phrase(
                "The hidden set's baseline is {baseline}; it must be above 0.",
                baseline=about.baseline,
            )
        )
    return about.baseline
