"""The results of a proof: a row for each thing tried, and a line for each solution.

A `ProofRow` is one solution with one seed, as `check.py` finds it; a `Line` sums up its
seeds. Both are plain data, so that tables can be printed, read back and marked again
without training anything.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from typing import Literal, get_args

import msgspec

from exam_bank.proof.confidence import held

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
    "reference",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Bounds = tuple[int, int]


class ProofRow(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was tried: `ok` says whether it behaved as it must, `why` what it did.

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
    bounds: Bounds | None = None
    metric: str = ""
    value: float | None = None
    score: int | None = None
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    log: str = ""
    digest: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One solution over all seeds; None marks a seed without a score or a value.

    `cpu_minutes` is that of the most expensive seed.
    """

    kind: Kind
    solution: str
    ok: bool
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
    ordered = sorted(rows, key=lambda row: (KINDS.index(row.kind), row.solution, row.seed or 0))
    groups = groupby(ordered, key=lambda row: (row.kind, row.solution))
    return [_line(list(group)) for _, group in groups]


def _line(rows: Sequence[ProofRow]) -> Line:
    first = rows[0]
    scores = () if first.bounds is None else tuple(row.score for row in rows)
    values = tuple(row.value for row in rows)
    return Line(
        kind=first.kind,
        solution=first.solution,
        ok=held(first.kind, [row.ok for row in rows]),
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
