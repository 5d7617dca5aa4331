"""What a report shows, as plain data in the reader's language.

The floor above fills it, since it owns the words for verdicts, reasons and models; what may not
be shown yet is simply not in it.
"""

from datetime import datetime

import msgspec

from engine.grading.evidence import Baseline, Evidence
from engine.machine.curves import Curve
from engine.sitting.state.sitting import Kind, Mode
from exam_bank.task import MarkScheme


class AttemptRow(msgspec.Struct, frozen=True, kw_only=True):
    """One submission: when in exam seconds, its verdict as glyph, word and tone, and more lines."""

    number: int
    seconds: float
    glyph: str
    word: str
    tone: str
    score: int | None = None
    lines: tuple[str, ...] = ()


class DiagnosisText(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake that explains a score, and what to do about it."""

    sentence: str
    fix: str = ""


class ExplainedTask(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a task's best model; only for tasks that may be explained now.

    `value` is its metric, which `metric` names in words; it and all else may be missing.
    Baselines are named in words; `luck` says how draws would score the model.
    """

    scheme: MarkScheme | None = None
    metric: str = ""
    value: float | None = None
    baselines: tuple[Baseline, ...] = ()
    evidence: Evidence | None = None
    diagnoses: tuple[DiagnosisText, ...] = ()
    luck: tuple[str, ...] = ()


class TaskPart(msgspec.Struct, frozen=True, kw_only=True):
    """One task; `share` is its part of the total in percent, `best_at` in exam seconds.

    `score` is None as long as scores may not be seen.
    """

    category: int
    task: str
    title: str
    share: float
    score: int | None
    spent: float
    best_at: float | None
    attempts: int
    hints: int = 0
    given_up: bool = False
    rows: tuple[AttemptRow, ...] = ()
    curve: Curve | None = None
    explained: ExplainedTask | None = None


class SkillRow(msgspec.Struct, frozen=True, kw_only=True):
    """One skill that the sitting's tasks test; `strength` from 0 to 1."""

    title: str
    group: str
    strength: float
    best: str
    last: str
    due: bool = False


class AdviceRow(msgspec.Struct, frozen=True, kw_only=True):
    """A task to practise next, and why."""

    task: str
    title: str
    minutes: str
    reasons: tuple[str, ...]


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """A passed exam without explanations on a page of its own.

    Without a `name` there is a line to write on. `extra` says how much extra time there was.
    """

    name: str
    sitting: str
    code: str
    level: str
    ended: datetime
    mode: str
    extra: str
    percent: float
    used: float
    seconds: float
    scores: tuple[tuple[int, str, int], ...]


class SittingPage(msgspec.Struct, frozen=True, kw_only=True):
    """A whole report. `percent` and `passed` are None as long as they may not be seen.

    `ending` is how it ended, "" while it goes on; `pending` models still wait for a grade.
    `seconds` is the whole length, and `extra` says how much of it is extra time.
    """

    sitting: str
    kind: Kind
    mode: Mode
    mode_word: str
    level: str
    code: str
    version: str
    created: datetime
    made: datetime
    seconds: float
    extra: str
    used: float
    ending: str
    pending: int
    percent: float | None
    passed: bool | None
    pass_percent: float
    elsewhere: float
    tasks: tuple[TaskPart, ...]
    skills: tuple[SkillRow, ...] = ()
    advice: tuple[AdviceRow, ...] = ()
    certificate: Certificate | None = None
