"""The cells of a proof's table, in the terminal and in `PROOF.md`.

They can be read back: `PROOF.md` is the only place that keeps measurements, and neither a
summary nor a changed mark scheme may need new training.
"""

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeVar, cast

from exam_bank.proof.confidence import WANTED, share_text
from exam_bank.proof.digits import COUNTED
from exam_bank.proof.rows import KINDS, Bounds, Line, ProofRow, must_score, place
from exam_bank.task import LEVELS, Level

HEADINGS = ("level", "kind", "solution", "must score", "scores", "mean ± spread", "range")
IN_FULL = (*HEADINGS, "each seed", "CPU min", "ok")
NONE = "–"
Cells = tuple[str, ...]
_Number = TypeVar("_Number", int, float)


def cells(line: Line) -> Cells:
    """The cells of `line` under the headings `IN_FULL`."""
    values = line.values if line.measured else ()
    return (
        line.level or "",
        line.kind,
        line.solution,
        must_score(line.bounds),
        " ".join(NONE if score is None else str(score) for score in line.scores),
        _spread(line.measured),
        _range(line.measured),
        " ".join(NONE if value is None else f"{value:.{COUNTED}g}" for value in values),
        f"{line.cpu_minutes:.2f}" if line.cpu_minutes >= 0.005 else "",
        "✓" if line.ok else "✗",
    )


def line_of(found: Cells) -> Line:
    """The line with these cells; raises `ValueError` if they are not those of a line."""
    level, kind, solution, must, scores, _, _, values, minutes, ok = found
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is no kind of solution")
    if level not in ("", *LEVELS):
        raise ValueError(f"{level!r} is no level")
    given = _read(scores, int)
    measured = _read(values, float)
    return Line(
        kind=kind,
        solution=solution,
        ok=ok == "✓",
        level=cast(Level, level) if level else None,
        bounds=_bounds(must),
        scores=given,
        values=measured or (None,) * len(given),
        cpu_minutes=float(minutes or 0),
    )


def _read(text: str, number: Callable[[str], _Number]) -> tuple[_Number | None, ...]:
    return tuple(None if each == NONE else number(each) for each in text.split())


def _bounds(text: str) -> Bounds | None:
    found = [int(digits) for digits in re.findall(r"\d+", text)]
    if not found:
        return None
    return (0 if "≤" in text else found[0]), found[-1]


def _spread(values: Sequence[float]) -> str:
    if not values:
        return ""
    mean = statistics.fmean(values)
    if len(values) == 1:
        return _figure(mean)
    return f"{_figure(mean)} ± {_figure(statistics.stdev(values))}"


def _range(values: Sequence[float]) -> str:
    return f"{_figure(min(values))}–{_figure(max(values))}" if len(values) > 1 else ""


def _figure(value: float) -> str:
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.01 else f"{value:.1g}"


def markdown(headings: Cells, body: Iterable[Cells]) -> str:
    """A table in Markdown."""
    rule = tuple("---" for _ in headings)
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, rule, *body))


def read_markdown(text: str) -> list[Cells]:
    """The cells of every table line in `text`, including headings and rules."""
    found = re.findall(r"^\|(.*)\|$", text, flags=re.MULTILINE)
    return [tuple(cell.strip() for cell in line.split("|")) for line in found]


def share_lines(rows: Iterable[ProofRow]) -> str:
    """For each task, level and trained kind: how many runs were within bounds, how sure that is."""
    ordered = sorted(rows, key=lambda row: (row.category, row.task, *place(row)[:2]))
    table = []
    for (task, level, kind), group in groupby(
        ordered, key=lambda row: (row.task, row.level, row.kind)
    ):
        if kind in WANTED:
            right = [row.ok for row in group]
            wanted = f"{100 * WANTED[kind]:.0f} % wanted"
            name = f"{task} on {level}" if level else task
            table.append(f"{name}: {kind} {share_text(sum(right), len(right))}, {wanted}")
    return "\n".join(table)


def text_table(lines: Mapping[str, Iterable[Line]]) -> str:
    """The table of the lines of several tasks; assumes one column per character."""
    table: list[Cells] = [("task", *HEADINGS, "CPU min", "ok")]
    for task, found in lines.items():
        table += [(task, *each[: len(HEADINGS)], *each[-2:]) for each in map(cells, found)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )
