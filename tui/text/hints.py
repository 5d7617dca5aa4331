"""A task's brief with the hints that the candidate has asked for, as Markdown."""

from collections.abc import Sequence

from exam_bank.learning.hints import Hint
from tui.locale import _


def with_hints(brief: str, seen: Sequence[Hint], total: int) -> str:
    """`brief`, and below it each hint that was `seen` of the `total`."""
    parts = [brief.rstrip()]
    for number, hint in enumerate(seen, start=1):
        place = _("Hint {number} of {total}").format(number=number, total=total)
        head = f"## {place} · {hint.title}" if hint.title else f"## {place}"
        parts.append(f"{head}\n\n{hint.text}")
    return "\n\n".join(parts) + "\n"
