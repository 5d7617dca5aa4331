"""The results of a proof: a row for each thing tried, and a line for each solution.

A `ProofRow` is one solution with one seed on one level, as `check.py` finds it; a training
gives one for each level of its task. A `Line` sums up its seeds. Both are plain data, so that
tables can be printed, read back and marked again without training anything.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Literal, get_args

import msgspec

from exam_bank.proof.confidence import held
from exam_bank.proof.digits import counted
from exam_bank.task import LEVELS, Level

Kind = Literal[
    "folder",
    "data",
    "size",
    "starter",
    "trivial",
    "linear",
    "weak",
    "decent",
    "course",
    "best",
    "reference",
    "step",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
DERIVED: tuple[Kind, ...] = ("best", "step")
"""The kinds of lines that are worked out from other lines, and never tried."""
Bounds = tuple[int, int]


class ProofRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried: `ok` says whether it behaved as it must, `why` what it did.

    `level` is None where it makes no difference, and for a task with one scheme for both.
    `bounds` are the lowest and the highest score allowed. `seconds` is wall time,
    `cpu_seconds` user and system time together. `log` is the end of what a failing solution
    printed; `digest` that of a seed's data.
    """

    task: str
    category: int
    kind: Kind
    solution: str
    ok: bool
    why: str
    seed: int | None = None
    level: Level | None = None
    bounds: Bounds | None = None
    metric: str = ""
    value: float | None = None
    score: int | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    log: str = ""
    digest: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One solution over all seeds on one level; None marks a seed without a score or a value.

    `cpu_minutes` is that of the most expensive seed.
    """

    kind: Kind
    solution: str
    ok: bool
    level: Level | None = None
    bounds: Bounds | None = None
    scores: tuple[int | None, ...] = ()
    values: tuple[float | None, ...] = ()
    cpu_minutes: float = 0.0

    @property
    def measured(self) -> list[float]:
        """The values that are not None."""
        return [value for value in self.values if value is not None]

    def marked(self, bounds: Bounds | None, score: Callable[[float], int]) -> "Line":
        """The same line under other `bounds` and another mark scheme."""
        if bounds is None:
            return self
        scores = tuple(
            was if value is None else score(value)
            for was, value in zip(self.scores, self.values, strict=True)
        )
        enough = held(self.kind, [within(each, bounds) for each in scores])
        # No mark scheme mends what failed without a value (a crash, too many minutes).
        excused = self.ok or self._only_its_scores_failed()
        return msgspec.structs.replace(self, bounds=bounds, scores=scores, ok=enough and excused)

    def _only_its_scores_failed(self) -> bool:
        if self.bounds is None or None in self.scores:
            return False
        return not held(self.kind, [within(each, self.bounds) for each in self.scores])


def within(score: int | None, bounds: Bounds | None) -> bool:
    """Whether there is a score, and it is within `bounds`."""
    return score is not None and (bounds is None or bounds[0] <= score <= bounds[1])


def lines(rows: Iterable[ProofRow]) -> list[Line]:
    """The lines of one task's rows, in the order of kinds and names."""
    ordered = sorted(rows, key=lambda row: (*place(row), row.seed or 0))
    return [_line(list(group)) for _, group in groupby(ordered, key=place)]


def place(row: ProofRow | Line) -> tuple[int, int, str]:
    """What orders lines: by level (what is the same on all comes first), kind and name."""
    level = 0 if row.level is None else 1 + LEVELS.index(row.level)
    return level, KINDS.index(row.kind), row.solution


def _line(rows: Sequence[ProofRow]) -> Line:
    first = rows[0]
    scores = () if first.bounds is None else tuple(row.score for row in rows)
    values = tuple(None if row.value is None else counted(row.value) for row in rows)
    return Line(
        kind=first.kind,
        solution=first.solution,
        ok=held(first.kind, [row.ok for row in rows]),
        level=first.level,
        bounds=first.bounds,
        scores=scores,
        values=values if scores or set(values) != {None} else (),
        cpu_minutes=max(row.cpu_seconds for row in rows) / 60,
    )


def must_score(bounds: Bounds | None) -> str:
    """Bounds in words: "0", "≤ 2", "3–4"."""
    if bounds is None:
        return ""
    low, high = bounds
    if low == high:
        return str(low)
    return f"≤ {high}" if low == 0 else f"{low}–{high}"
