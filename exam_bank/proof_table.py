"""The proof of the bank as a table: in the terminal, and in the README beside the tasks.

One line stands for one solution over all seeds. A README keeps the lines of tasks that
were not proved this time, so that proving one task does not forget the others.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from exam_bank.errors import BankError

if TYPE_CHECKING:
    from exam_bank.authoring import ProofRow

README = Path(__file__).parent / "README.md"
BEGIN, END = "<!-- proof: begin -->", "<!-- proof: end -->"
HEADINGS = ("cat.", "task", "solution", "kind", "must score", "scores", "metric", "CPU s", "ok")
_KINDS = ("folder", "data", "starter", "trivial", "weak", "reference")
_Line = tuple[str, ...]


def lines(rows: Iterable["ProofRow"]) -> list[_Line]:
    """The cells of each line, ordered by category, task, kind and solution."""
    ordered = sorted(rows, key=_key)
    return [_line(list(group)) for _, group in groupby(ordered, key=_key)]


def _key(row: "ProofRow") -> tuple[int, str, int, str]:
    return row.category, row.task, _KINDS.index(row.kind), row.solution


def _line(rows: "Sequence[ProofRow]") -> _Line:
    first = rows[0]
    must = ""
    if first.bound is not None:
        must = str(first.bound) if first.kind in ("starter", "reference") else f"≤ {first.bound}"
    costs = [row.cpu_seconds for row in rows if row.cpu_seconds]
    return (
        str(first.category),
        first.task,
        first.solution,
        first.kind,
        must,
        " ".join("–" if row.score is None else str(row.score) for row in rows if must),
        _metric(rows),
        f"{max(costs):.0f}" if costs else "",
        "✓" if all(row.ok for row in rows) else "✗",
    )


def _metric(rows: "Sequence[ProofRow]") -> str:
    values = [row.value for row in rows if row.value is not None]
    name = next((row.metric for row in rows if row.metric), "")
    if not values:
        return name
    spread = f"{min(values):.3f}–{max(values):.3f}" if len(values) > 1 else f"{values[0]:.3f}"
    return f"{name} {spread}".strip()


def text_table(rows: Iterable["ProofRow"]) -> str:
    """The table for a terminal; every cell is one column wide a letter."""
    table = [HEADINGS, *lines(rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )


def markdown_table(rows: Iterable["ProofRow"]) -> str:
    """The table in Markdown."""
    return _markdown(lines(rows))


def _markdown(body: Iterable[_Line]) -> str:
    rule = tuple("---" for _ in HEADINGS)
    return "\n".join(f"| {' | '.join(line)} |" for line in (HEADINGS, rule, *body))


def write_readme(rows: Sequence["ProofRow"], path: Path = README) -> None:
    """Bring the table between the two markers of `path` up to date; prose stays as it is.

    Lines of tasks that `rows` do not speak of are kept. Raises `BankError` when the
    markers are not there or the file cannot be written.
    """
    try:
        text = path.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN, 1)
        old, after = rest.split(END, 1)
    except OSError as error:
        raise BankError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BankError(f"{path} has no markers {BEGIN} and {END}.") from error
    proved = {row.task for row in rows}
    kept = [line for line in _read(old) if line[1] not in proved]
    # A stable sort: within a task the lines are in order already.
    body = sorted([*kept, *lines(rows)], key=lambda line: (line[0], line[1]))
    try:
        path.write_text(f"{before}{BEGIN}\n{_markdown(body)}\n{END}{after}", encoding="utf-8")
    except OSError as error:
        raise BankError(f"{path} cannot be written: {error.strerror}.") from error


def _read(table: str) -> list[_Line]:
    found = re.findall(r"^\| (.*) \|$", table, flags=re.MULTILINE)
    cells = (tuple(cell.strip() for cell in line.split(" | ")) for line in found)
    return [line for line in cells if len(line) == len(HEADINGS) and line[0].isdigit()]
