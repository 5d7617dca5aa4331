"""What a task folder says about itself: the typed form of `task.toml`.

Unknown keys are errors, so that a misspelt key never silently falls back to a default
(mle-bench and Kattis have the same rule).
"""

import itertools
import math
from pathlib import Path
from typing import Annotated, Any, Literal, Self, cast

import msgspec

from exam_bank.errors import LevelError, TaskFileError
from exam_bank.phrase import joined, phrase
from exam_bank.safe_files import LARGEST_TEXT, read_small
from exam_bank.toml_file import TomlTable, read_toml

FORMAT_VERSION = 1
CATEGORIES = (1, 2, 3, 4, 5)
LANGUAGES = ("en", "zh")

Axis = Annotated[int, msgspec.Meta(ge=1)] | Literal["any"]
Category = Literal[1, 2, 3, 4, 5]
DType = Literal["float32", "int32", "uint8"]
MetricName = Literal["accuracy", "balanced_accuracy", "f1", "mae", "relative_mae"]
Direction = Literal["higher", "lower"]
ERRORS = ("mae", "relative_mae")
Activation = Literal["softmax", "sigmoid", "linear"]
# Windows allows no file or folder named like a device, and each task gets a folder named by its id.
_NO_DEVICE = r"(?!(con|prn|aux|nul|com\d|lpt\d)\Z)"
Identifier = Annotated[str, msgspec.Meta(pattern=rf"^{_NO_DEVICE}[a-z][a-z0-9-]{{1,39}}\Z")]
Positive = Annotated[float, msgspec.Meta(gt=0, lt=1e9)]
Score = Annotated[int, msgspec.Meta(ge=0, le=5)]
Thresholds = tuple[float, float, float, float, float]
Level = Literal["classic", "hard"]
LEVELS: tuple[Level, ...] = ("classic", "hard")
# As errors name them, so that a screen can translate them.
LEVEL_WORDS = {"classic": phrase("classic"), "hard": phrase("hard")}


class TensorSpec(TomlTable, frozen=True, kw_only=True):
    """One tensor of a contract; `shape` leaves out the batch axis, "any" fits every size."""

    shape: tuple[Axis, ...]
    dtype: DType = "float32"


class OutputSpec(TensorSpec, frozen=True, kw_only=True):
    """The model's output; `activation` says what its numbers mean."""

    activation: Activation


class Contract(TomlTable, frozen=True, kw_only=True):
    """The input and output shapes and dtypes a task's model must have."""

    input: TensorSpec
    output: OutputSpec


class MarkScheme(TomlTable, frozen=True, kw_only=True):
    """How a metric becomes 0–5: k+1 points take thresholds[k].

    `relative_mae` is the MAE divided by the hidden set's `baseline`, so that one scheme
    means the same for every seed. `f1` is that of class 1. A `coarse` scheme may repeat a
    threshold when a small hidden set cannot tell five levels apart.
    """

    metric: MetricName
    direction: Direction
    thresholds: Thresholds
    coarse: bool = False

    def __post_init__(self) -> None:
        _need_direction(self.metric, self.direction)
        if not all(map(math.isfinite, self.thresholds)):
            raise ValueError("thresholds must be finite")
        self._check_order()

    def _check_order(self) -> None:
        rises = self.direction == "higher"
        order = "rise" if rises else "fall"
        steps = list(itertools.pairwise(self.thresholds if rises else self.thresholds[::-1]))
        if any(low > high for low, high in steps):
            raise ValueError(f"thresholds must {order} from 1 to 5 points")
        if not self.coarse and any(low == high for low, high in steps):
            raise ValueError(f"thresholds must {order}; one that repeats asks for coarse = true")


def _need_direction(metric: MetricName, direction: Direction) -> None:
    better = "lower" if metric in ERRORS else "higher"
    if direction != better:
        raise ValueError(f"direction of {metric} must be {better!r}")


class LevelMarks(TomlTable, frozen=True, kw_only=True):
    """The thresholds of one level.

    `target` is the metric's value, on data held out of the training set, that may earn full
    marks: brief and starter name it. Only classic may have one.
    """

    thresholds: Thresholds
    coarse: bool = False
    target: float | None = None


class MarkSchemes(TomlTable, frozen=True, kw_only=True):
    """The table `[mark_scheme]`: the metric, and the thresholds of each level the task serves.

    A task without `[mark_scheme.classic]` and `[mark_scheme.hard]` has its thresholds in the
    table itself, as all tasks had before there were levels: they hold on both.
    """

    metric: MetricName
    direction: Direction
    thresholds: Thresholds | None = None
    coarse: bool = False
    classic: LevelMarks | None = None
    hard: LevelMarks | None = None

    def __post_init__(self) -> None:
        by_level = self.classic is not None or self.hard is not None
        if self.thresholds is None and not by_level:
            raise ValueError("neither thresholds nor the tables classic and hard")
        if by_level and (self.coarse or self.thresholds is not None):
            raise ValueError("thresholds and coarse belong in classic and hard, or here, not both")
        _need_direction(self.metric, self.direction)
        self._check_target()
        for level in self.levels:
            try:
                self.of(level)
            except ValueError as error:  # where `toml_file` finds the key
                raise ValueError(f"{level}.{error}" if by_level else str(error)) from None

    def _check_target(self) -> None:
        if self.hard is not None and self.hard.target is not None:
            raise ValueError("hard.target cannot be given: only classic names a target")
        if self.target is None:
            return
        most = math.inf if self.metric in ERRORS else 1.0
        if not 0 < self.target <= most or math.isinf(self.target):
            raise ValueError(f"classic.target is no value that {self.metric} can reach")

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels that the task serves, the easier first."""
        if self.thresholds is not None:
            return LEVELS
        return tuple(level for level in LEVELS if getattr(self, level) is not None)

    def of(self, level: Level) -> MarkScheme:
        """The mark scheme of `level`; raises `KeyError` if the task does not serve it."""
        if level not in self.levels:
            raise KeyError(level)
        marks: LevelMarks | None = getattr(self, level)
        thresholds = marks.thresholds if marks else self.thresholds
        assert thresholds is not None
        return MarkScheme(
            metric=self.metric,
            direction=self.direction,
            thresholds=thresholds,
            coarse=marks.coarse if marks else self.coarse,
        )

    @property
    def hardest(self) -> MarkScheme:
        """The mark scheme of the hardest level that the task serves."""
        return self.of(self.levels[-1])

    @property
    def target(self) -> float | None:
        """The value that the brief names on classic, or None."""
        return self.classic.target if self.classic else None


class Limits(TomlTable, frozen=True, kw_only=True):
    """What grading one submission may cost: file size, seconds, memory.

    The seconds are those of a machine with two processors that has nothing else to do.
    """

    model_mb: Positive = 200
    seconds: Positive = 60
    memory_mb: Positive = 6000

    @property
    def processor_seconds(self) -> float:
        """The processor time that grading may take: the same on every machine, however busy."""
        return 2 * self.seconds


class ProofSpec(TomlTable, frozen=True, kw_only=True):
    """The bounds that `tfexam bank check` holds this task to.

    `weak` maps the stem of each file in `weak/` to its highest allowed score on hard (it is
    3 on classic); `course` maps that of a file in `course/` to its lowest and highest on
    classic, if these are not 3 and 5. A straight line through the raw inputs may score up
    to `linear` on hard, which is above 3 only if a line is the point. `reference_minutes`
    limits each reference solution on two cores.
    """

    weak: dict[str, Annotated[int, msgspec.Meta(ge=0, le=3)]]
    course: dict[str, tuple[Score, Score]] = msgspec.field(default_factory=dict)
    linear: Score = 3
    reference_minutes: Positive = 5


class Title(TomlTable, frozen=True, kw_only=True):
    """The task's name in each language of tfexam."""

    en: str
    zh: str


class TaskFile(TomlTable, frozen=True, kw_only=True):
    """The whole of `task.toml`.

    A `draft` can be practised but is not drawn for fresh papers until a `PROOF.md` in its
    folder shows that its mark scheme holds (`task_choice`).
    """

    format_version: Literal[1]
    id: Identifier
    category: Category
    title: Title
    weight: Positive
    minutes: Positive
    skills: tuple[str, ...]
    source: str
    contract: Contract
    mark_scheme: MarkSchemes
    proof: ProofSpec
    limits: Limits = Limits()
    draft: bool = False


class Task(msgspec.Struct, frozen=True):
    """A task of the bank: its `task.toml` and its folder."""

    says: TaskFile
    folder: Path

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Read the task in `folder`.

        Raises `TaskFileError`, naming file, line and key, and what is wrong there.
        """
        says = read_toml(
            folder / "task.toml",
            TaskFile,
            manual=phrase("See docs/authoring.md."),
            missing=phrase("Every task folder needs one."),
        )
        return cls(says=says, folder=folder)

    @property
    def id(self) -> str:
        """The task's name in commands and files."""
        return self.says.id

    @property
    def levels(self) -> tuple[Level, ...]:
        """The levels it serves, the easier first."""
        return self.says.mark_scheme.levels

    def marks(self, level: Level) -> MarkScheme:
        """Its mark scheme on `level`; raises `KeyError` if it does not serve that level."""
        return self.says.mark_scheme.of(level)

    def need_level(self, level: Level) -> None:
        """Raise `LevelError`, naming the level that the task serves, if it is not `level`."""
        if level in self.levels:
            return
        served = joined(", ", [LEVEL_WORDS[each] for each in self.levels])
        raise LevelError(
            phrase(
                "{task} is not asked on the level {level}, only on {served}.",
                task=self.id,
                level=LEVEL_WORDS[level],
                served=served,
            ),
            fix=phrase("Choose that level, or another task: `tfexam bank list`."),
        )

    @property
    def category(self) -> int:
        """1 to 5."""
        return self.says.category

    def title(self, language: str = "en") -> str:
        """The task's title; English if there is none in `language`."""
        return cast(str, getattr(self.says.title, language, self.says.title.en))

    def brief(self, language: str = "en") -> str:
        """The brief as Markdown; English if there is none in `language`.

        Raises `TaskFileError` when there is none at all.
        """
        translated = self.folder / f"brief.{language}.md"
        path = translated if translated.is_file() else self.folder / "brief.md"
        return self._part(path).decode("utf-8", errors="replace")

    def briefs(self, language: str) -> dict[str, str]:
        """The briefs that a candidate gets, by file name: in `language`, and in English."""
        own = {"brief.md": self.brief(language)}
        return own if language == "en" else {**own, "brief.en.md": self.brief("en")}

    def starter(self, language: str = "en") -> bytes:
        """The shipped `starter.py`; English if there is none in `language`.

        Raises `TaskFileError` when there is none at all.
        """
        translated = self.folder / f"starter.{language}.py"
        return self._part(translated if translated.is_file() else self.folder / "starter.py")

    @staticmethod
    def _part(path: Path) -> bytes:
        try:
            return read_small(path, LARGEST_TEXT)
        except FileNotFoundError as error:
            raise TaskFileError(
                phrase("{path} is missing.", path=path), fix=phrase("Every task folder needs one.")
            ) from error
        except OSError as error:
            raise TaskFileError(
                phrase("{path} cannot be read: {error}.", path=path, error=error.strerror)
            ) from error

    def references(self) -> list[Path]:
        """The solutions that must reach 5/5."""
        return sorted((self.folder / "reference").glob("*.py"))

    def decent_solutions(self) -> list[Path]:
        """Unfinished solutions by good candidates: they must score 3/5 or 4/5."""
        return sorted((self.folder / "decent").glob("*.py"))

    def course_solutions(self) -> list[Path]:
        """First attempts by someone who has taken the public course; a task may have none."""
        return sorted((self.folder / "course").glob("*.py"))

    def weak_solutions(self) -> list[Path]:
        """The solutions that must not exceed their declared scores."""
        return sorted((self.folder / "weak").glob("*.py"))

    def listing(self) -> dict[str, Any]:
        """One row of `tfexam bank list --format json`."""
        return {
            "id": self.id,
            "category": self.category,
            "title": self.says.title.en,
            "title_zh": self.says.title.zh,
            "source": self.says.source,
            "weight": self.says.weight,
            "minutes": self.says.minutes,
            "metric": self.says.mark_scheme.metric,
            "levels": self.levels,
            "folder": str(self.folder),
        }
