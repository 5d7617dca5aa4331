"""What a grade is made of: plain data that the marking process writes and a review reads.

One file for each graded model and task, of at most `LARGEST` bytes, so every list has a bound. It
holds hidden targets and small pictures of hidden inputs: only its owner may read it, and in
faithful mode there is none before the end. Needs no numpy; `marking/evidence_parts.py` fills it.

Examples are named by their index in the hidden set (in a drawn part of it, where the grade says
so). Errors are forecast minus target, in the units of the targets.
"""

from pathlib import Path
from typing import Annotated, Self

import msgspec

from engine.errors import SittingError
from engine.files import said, write_atomically
from engine.grading.protocol import Count, Metric, Score
from exam_bank.phrase import phrase
from exam_bank.safe_files import UNDECODABLE, read_small
from exam_bank.task import MarkScheme

EVIDENCE_FORMAT = 1
LARGEST = 8 << 20
MOST_CLASSES = 40
MOST_EXAMPLES = 12
MOST_STEPS = 200
MOST_CHANNELS = 32
MOST_FEATURES = 32
MOST_WINDOWS = 6
MOST_POINTS = 400
MOST_ERRORS = 20_000
PICTURE_SIDE = 32
MOST_WORDS = 200
MOST_INPUTS = 32

_Few = msgspec.Meta(max_length=64)
_Line = Annotated[tuple[float, ...], msgspec.Meta(max_length=MOST_STEPS)]
_Shares = Annotated[tuple[float | None, ...], msgspec.Meta(max_length=MOST_CLASSES)]
_Counts = Annotated[tuple[Count, ...], msgspec.Meta(max_length=MOST_CLASSES + 1)]
_Side = Annotated[int, msgspec.Meta(ge=1, le=PICTURE_SIDE)]


def _need(fits: bool, fault: str) -> None:
    """For files that were edited by hand: whoever draws evidence relies on its lengths."""
    if not fits:
        raise ValueError(fault)


class Thumbnail(msgspec.Struct, frozen=True):
    """A hidden picture made small: rows of RGB bytes from the top, `3 * width * height` in all."""

    width: _Side
    height: _Side
    rgb: Annotated[bytes, msgspec.Meta(max_length=3 * PICTURE_SIDE**2)]

    def __post_init__(self) -> None:
        _need(len(self.rgb) == 3 * self.width * self.height, "a picture of another size")


class Shown(msgspec.Struct, frozen=True, omit_defaults=True):
    """A hidden input in small: a picture, the ids of a text without padding, or some numbers."""

    picture: Thumbnail | None = None
    words: Annotated[tuple[int, ...], msgspec.Meta(max_length=MOST_WORDS)] = ()
    numbers: Annotated[tuple[float, ...], msgspec.Meta(max_length=MOST_INPUTS)] = ()


class ClassExample(msgspec.Struct, frozen=True):
    """An example with its class, the class that the model named, and the probabilities of both."""

    index: Count
    target: int
    named: int
    probability: float
    of_target: float
    shown: Shown = Shown()


class CalibrationBin(msgspec.Struct, frozen=True):
    """Of `n` answers with probabilities from `low` to `high`: their mean, and the share right."""

    low: float
    high: float
    n: Count
    confidence: float
    right: float


class ClassEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why a model that names classes has its score.

    `confusion[i][j]` counts examples of `classes[i]` named `classes[j]`; where there are more
    than `MOST_CLASSES`, the rest shares a last row and column, and `others` is true. Recall and
    precision are None where nothing was asked or named. `mistakes` are the wrong answers the
    model was surest of; `closest` are right or wrong by the smallest margin.
    `calibration_error` is the mean distance of confidence and share right, over all answers.
    """

    classes: Annotated[tuple[int, ...], msgspec.Meta(max_length=MOST_CLASSES)]
    confusion: Annotated[tuple[_Counts, ...], msgspec.Meta(max_length=MOST_CLASSES + 1)]
    recall: _Shares
    precision: _Shares
    mistakes: Annotated[tuple[ClassExample, ...], _Few] = ()
    closest: Annotated[tuple[ClassExample, ...], _Few] = ()
    calibration: Annotated[tuple[CalibrationBin, ...], _Few] = ()
    calibration_error: float | None = None
    others: bool = False

    def __post_init__(self) -> None:
        size = len(self.classes) + self.others
        rows = {len(self.confusion), *map(len, self.confusion)}
        _need(rows <= {size}, "a confusion matrix that is not square")
        _need(len(self.recall) == len(self.precision) == len(self.classes), "too few classes")


class ErrorBin(msgspec.Struct, frozen=True):
    """Of `n` numbers in a range from `low` to `high`: mean absolute error, and mean error."""

    low: float
    high: float
    n: Count
    error: float
    bias: float


class FeatureErrors(msgspec.Struct, frozen=True):
    """The error in each range of one column of the inputs; columns count from 0."""

    column: Count
    bins: Annotated[tuple[ErrorBin, ...], _Few]


class AffineFit(msgspec.Struct, frozen=True):
    """What outputs times `slope` plus `intercept` (least squares on the hidden set) would get."""

    slope: float
    intercept: float
    value: float
    score: Score


class ValueExample(msgspec.Struct, frozen=True):
    """An example with its target and what the model said."""

    index: Count
    target: float
    predicted: float
    shown: Shown = Shown()


class ValueEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why a model that gives values has its score; all its outputs together.

    `error` is the mean absolute error, `bias` the mean error, both in the units of the targets.
    `deciles` are those of the target. `points` are pairs of target and output, a seeded sample
    for a plot. `worst` is empty for series, which have windows.
    """

    error: float
    bias: float
    deciles: Annotated[tuple[ErrorBin, ...], _Few]
    affine: AffineFit | None = None
    features: Annotated[tuple[FeatureErrors, ...], msgspec.Meta(max_length=MOST_FEATURES)] = ()
    worst: Annotated[tuple[ValueExample, ...], _Few] = ()
    points: Annotated[tuple[tuple[float, float], ...], msgspec.Meta(max_length=MOST_POINTS)] = ()


class ForecastWindow(msgspec.Struct, frozen=True):
    """One channel of a forecast: the end of what was shown, then target and forecast by step.

    `history` is empty where no input column is plainly the channel's past.
    """

    index: Count
    channel: Count
    history: _Line
    target: _Line
    forecast: _Line
    error: float

    def __post_init__(self) -> None:
        _need(len(self.target) == len(self.forecast) > 0, "a window without steps")


class ErrorShares(msgspec.Struct, frozen=True):
    """How the mean squared error splits; the three add up to 1.

    `level`: forecasts too high or too low as a whole. `lag`: what a shift of all forecasts by
    `steps` would mend (above 0: they come too late). `shape`: the rest.
    """

    level: float
    lag: float
    shape: float
    steps: int = 0


class SeriesEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """Why a model that forecasts has its score: mean absolute errors by step, channel and level.

    `steps` and `last_value` begin one step ahead; the latter is that of the last value seen, and
    empty where it is not known. `levels` are tenths of the windows by the mean of their targets.
    Of more than `MOST_STEPS` steps or `MOST_CHANNELS` channels only the first are kept.
    `median` is the window whose error is in the middle.
    """

    steps: _Line
    last_value: _Line = ()
    channels: Annotated[tuple[float, ...], msgspec.Meta(max_length=MOST_CHANNELS)] = ()
    levels: Annotated[tuple[ErrorBin, ...], _Few] = ()
    shares: ErrorShares | None = None
    worst: Annotated[tuple[ForecastWindow, ...], _Few] = ()
    median: ForecastWindow | None = None

    def __post_init__(self) -> None:
        _need(len(self.steps) > 0, "a series without steps")


class Baseline(msgspec.Struct, frozen=True):
    """The metric of a predictor that learns nothing, or of the straight line, and its score.

    `spread` is None where it was measured on this hidden set; else the value is the mean over the
    seeds of the task's PROOF.md, and `spread` their standard deviation.
    """

    name: str
    kind: str
    value: float
    score: Score
    spread: float | None = None


class FlipRisk(msgspec.Struct, frozen=True, kw_only=True):
    """How a draw from the hidden set, as the real exam takes one, would score this model.

    `chances[k]` is the share of draws of `size` examples that give k points. Where the task has
    no draw that is fair (`sampling.py`), draws of half the hidden set are meant and `fair` is
    false. `hold` and `full` say how far the metric must move, by the same sign for better and
    worse as the metric has, so that 95 % of draws give at least the present score, and 5/5; 0
    where they do already, None where no better metric would do, and for `hold` at 0 points.
    """

    size: Count
    of: Count
    chances: tuple[float, float, float, float, float, float]
    fair: bool = True
    hold: float | None = None
    full: float | None = None


class ExampleErrors(msgspec.Struct, frozen=True):
    """What each example adds to the metric, as little-endian float32, for resampling.

    A mean error's is its mean absolute error (before a division by the baseline); where answers
    are right or wrong, 0 or 1 for wrong. If `indices` is not empty, they are a seeded sample of
    `MOST_ERRORS` from all `n` (little-endian uint32); else they are all, in the set's order.
    """

    n: Count
    errors: Annotated[bytes, msgspec.Meta(max_length=4 * MOST_ERRORS)]
    indices: Annotated[bytes, msgspec.Meta(max_length=4 * MOST_ERRORS)] = b""


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What the grade of one model in one task is made of.

    Which parts there are depends on the task: `classes`, or `values`, and for series both
    `values` and `series`. Where the predictions contain NaN or infinity there is no part.
    `measured` are baselines that were measured on this hidden set; `coaching/baselines.py` adds
    those of the task's proof.
    """

    format_version: int = EVIDENCE_FORMAT
    task: str
    sha256: str = ""
    metric: Metric
    score: Score
    scheme: MarkScheme
    classes: ClassEvidence | None = None
    values: ValueEvidence | None = None
    series: SeriesEvidence | None = None
    measured: Annotated[tuple[Baseline, ...], _Few] = ()
    flip_risk: FlipRisk | None = None
    errors: ExampleErrors | None = None

    def without_examples(self) -> Self:
        """The same without any single hidden example, for a task that is not over yet."""
        found = self
        if self.classes is not None:
            classes = msgspec.structs.replace(self.classes, mistakes=(), closest=())
            found = msgspec.structs.replace(found, classes=classes)
        if self.values is not None:
            values = msgspec.structs.replace(self.values, worst=(), points=())
            found = msgspec.structs.replace(found, values=values)
        if self.series is not None:
            series = msgspec.structs.replace(self.series, worst=(), median=None)
            found = msgspec.structs.replace(found, series=series)
        return msgspec.structs.replace(found, errors=None)

    def write(self, path: Path) -> None:
        """Write it to `path`, readable by its owner only, completely or not at all.

        Makes the folder of `path` if it is missing. Raises `OSError`.
        """
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_atomically(path, msgspec.json.encode(self))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read what `write` left; raises `FileNotFoundError`, and `SittingError` if it is damaged.

        A later format is also taken for damage: grading again writes this one.
        """
        try:
            found = msgspec.json.decode(read_small(path, LARGEST), type=cls)
        except FileNotFoundError:
            raise
        except OSError as error:
            raise _unreadable(path, said(error)) from error
        except UNDECODABLE as error:
            raise _unreadable(path, str(error)) from error
        if found.format_version != EVIDENCE_FORMAT:
            raise _unreadable(path, phrase("another version of tfexam wrote it"))
        return found


def _unreadable(path: Path, why: str) -> SittingError:
    return SittingError(
        phrase("The evidence in {path} cannot be read: {why}.", path=path, why=why),
        fix=phrase("Delete that file: tfexam makes it anew when the model is graded again."),
    )
