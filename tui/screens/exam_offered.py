"""Which actions of the exam screen work now; footer and palette leave the others out."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui.screens.exam import ExamScreen


def is_offered(screen: ExamScreen, action: str, parameters: tuple[object, ...]) -> bool:
    """Whether `action` works on `screen` now."""
    if action == "select":
        return isinstance(parameters[0], int) and parameters[0] < len(screen.state.tasks)
    condition = _OF_SITTING.get(action)
    if condition is not None:
        return condition(screen)
    on_screen = _OF_SCREEN.get(action)
    return on_screen is None or (screen.is_mounted and on_screen(screen))


def _is_practice(screen: ExamScreen) -> bool:
    return screen.state.sitting.record.kind == "practice"


def _may_go_back(screen: ExamScreen) -> bool:
    is_over = screen.has_class("-zoomed") or screen.has_class("-machine")
    return is_over or screen.state.came_from is not None


def _may_give_up(screen: ExamScreen) -> bool:
    sitting, task = screen.state.sitting, screen.state.selected.task
    return _is_practice(screen) and sitting.explains and not sitting.is_reviewable(task)


def _may_restore(screen: ExamScreen) -> bool:
    listed = screen.room.panes.submissions
    return listed.has_focus and listed.chosen is not None


def _is_grading(screen: ExamScreen) -> bool:
    return screen.state.grading is not None


def _has_next(screen: ExamScreen) -> bool:
    return screen.state.next_index is not None


def _is_troubled(screen: ExamScreen) -> bool:
    return screen.banner.troubled


def _has_hint(screen: ExamScreen) -> bool:
    return screen.hints.has_more(brief_in_sight=screen.room.panes.in_sight("brief"))


def _is_explained(screen: ExamScreen) -> bool:
    return screen.state.sitting.is_explained(screen.state.selected.task)


# Known from the sitting alone, before anything is on the screen.
_OF_SITTING: dict[str, Callable[[ExamScreen], bool]] = {
    "cancel": _is_grading,
    "pause": _is_practice,
    "next_task": _has_next,
    "back": _may_go_back,
}
_OF_SCREEN: dict[str, Callable[[ExamScreen], bool]] = {
    "clear_notice": _is_troubled,
    "hint": _has_hint,
    "review": _is_explained,
    "give_up": _may_give_up,
    "restore": _may_restore,
}
