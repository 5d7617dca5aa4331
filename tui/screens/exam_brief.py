"""What the exam screen's brief shows: the task's own, with the hints that were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.sitting.help import hints_seen
from tui.locale import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from exam_bank.learning.hints import Hint
    from tui.screens.exam import ExamScreen


class BriefAndHints:
    """The texts of the tasks that the exam `screen` shows, in its language."""

    def __init__(self, screen: ExamScreen) -> None:
        self._screen = screen

    def brief(self, task: str) -> str:
        """The brief of `task` and its hints so far, as Markdown."""
        screen, language = self._screen, self._screen.exam_app.settings.language
        try:
            brief = screen.bridge.tasks[task].brief(language)
        except (KeyError, OSError):
            return _("The brief cannot be read. The category folder holds a copy: `brief.md`.")
        sitting = screen.state.sitting
        if task not in sitting.hints:
            return brief
        return with_hints(brief, *hints_seen(sitting, screen.bridge.tasks[task], language))

    def has_more(self, *, brief_in_sight: bool) -> bool:
        """Whether there is another hint of the selected task, or one to look at again."""
        screen = self._screen
        task = screen.bridge.tasks.get(screen.state.selected.task)
        if task is None or not screen.state.sitting.explains:
            return False
        language = screen.exam_app.settings.language
        seen, total = hints_seen(screen.state.sitting, task, language)
        return len(seen) < total or bool(seen and not brief_in_sight)


def with_hints(brief: str, seen: Sequence[Hint], total: int) -> str:
    """`brief`, and below it each hint that was `seen` of the `total`."""
    parts = [brief.rstrip()]
    for number, hint in enumerate(seen, start=1):
        place = _("Hint {number} of {total}").format(number=number, total=total)
        head = f"## {place} · {hint.title}" if hint.title else f"## {place}"
        parts.append(f"{head}\n\n{hint.text}")
    return "\n\n".join(parts) + "\n"
