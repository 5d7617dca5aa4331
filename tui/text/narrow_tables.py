"""Turns Markdown tables that are wider than their pane into lists, which can wrap. Pure.

Textual shrinks the columns of such a table until the cells say "…", and nobody can read the
contract.
"""

import re
from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from tui.text.line_breaks import has_chinese

_RULE = re.compile(r"^\|(\s*:?-+:?\s*\|)+\s*$")
_CELL_PADDING, _GUTTER = 2, 1


def narrowed(text: str, width: int) -> str:
    """`text` with each table wider than `width` cells turned into a list; 0 means no limit."""
    if width <= 0:
        return text
    return "\n".join(line for block in _blocks(text) for line in _fitted(block, width))


def _blocks(text: str) -> Iterator[list[str]]:
    """The lines, grouped so that each table is one block."""
    table: list[str] = []
    fenced = False
    for line in text.split("\n"):
        fenced ^= line.lstrip().startswith("```")
        if line.startswith("|") and not fenced:
            table.append(line)
            continue
        if table:
            yield table
            table = []
        yield [line]
    if table:
        yield table


def _fitted(block: list[str], width: int) -> list[str]:
    if len(block) < 3 or not _RULE.match(block[1]):
        return block
    head, *rows = [_cells(line) for line in (block[0], *block[2:])]
    return block if _needs([head, *rows]) <= width else [_item(head, row) for row in rows]


def _cells(line: str) -> list[str]:
    return [each.strip() for each in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def _needs(rows: Sequence[Sequence[str]]) -> int:
    columns = zip(*rows, strict=False)
    widths = [max(cell_len(re.sub(r"[`*]", "", cell)) for cell in column) for column in columns]
    return sum(widths) + len(widths) * (_CELL_PADDING + _GUTTER) - _GUTTER


def _item(head: Sequence[str], row: Sequence[str]) -> str:
    """A row as a list item: its first cell, then the others with their column names."""
    first, *others = [f"{name} {cell}".strip() for name, cell in zip(head, row, strict=False)]
    bold = first if "*" in first else f"**{first}**"
    return "- " + ("；" if has_chinese("".join(head)) else "; ").join((bold, *others))
