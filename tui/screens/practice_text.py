"""The practice screen's texts: a line for each task, and what to know of one before trying it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from exam_bank.datasets.registry import SYNTHETIC
from tui.locale import N_, _, listed, noted
from tui.text.coaching import ago, minutes_text, skill_title
from tui.text.format import score_text
from tui.text.levels import level_word

if TYPE_CHECKING:
    from datetime import datetime

    from engine.coaching.past_tasks import PastTask
    from exam_bank.task import Task

_LACKS = {"level": N_("{title} (not on this level)"), "data": N_("{title} (not fetched)")}
_WIDE = "\u2e80-\u9fff\uff00-\uff60"
# A line end that is none in Chinese, where words are not separated.
_JOINED = re.compile(rf"(?<=[{_WIDE}])\s*\n\s*|\s*\n\s*(?=[{_WIDE}])")
_MARKS = re.compile(r"[*`]+|\[([^\]]*)\]\([^)]*\)")


def line(task: Task, language: str, *, chosen: bool, lacks: str) -> Content:
    """A task with its mark, which can be read without its colour.

    `lacks` says what keeps it from being practised: "level", "data" or nothing.
    """
    title = task.title(language)
    if lacks:
        text = _(_LACKS[lacks]).format(title=title)
        return Content.styled(f"×  {task.category}  {text}", "$foreground-muted")
    mark = ("■ ", "$text-success") if chosen else ("□ ", "$foreground-muted")
    return Content.assemble(mark, f" {task.category}  {title}")


def words(task: Task) -> Sequence[str]:
    """Everything that a filter finds a task by."""
    titles = [task.title(each) for each in ("en", "zh")]
    skills = [skill_title(each) for each in task.says.skills]
    return [task.id, str(task.category), *titles, *skills, *task.says.skills]


def facts(
    task: Task, past: Sequence[PastTask], now: datetime | None, *, lacks: str
) -> Iterator[tuple[str, str]]:
    """Label and text of each fact; without `now`, nobody has looked yet when it was tried."""
    levels = listed(level_word(each) for each in task.levels)
    yield _("Category"), " · ".join((str(task.category), levels, minutes_text(task.says.minutes)))
    if now is not None:
        own = [each for each in past if each.task == task.id]
        best = max((each.score for each in own), default=None)
        yield _("Best score"), " · ".join((score_text(best), _tried(own, now)))
    yield _("Data"), _data(task, lacks)


def _tried(own: Sequence[PastTask], now: datetime) -> str:
    if not own:
        return _("not tried yet")
    when = max(each.when for each in own).astimezone(now.tzinfo)
    return _("last tried {ago}").format(ago=ago((now.date() - when.date()).days))


def _data(task: Task, lacks: str) -> str:
    if task.says.source == SYNTHETIC:
        return _("made here")
    return noted(task.says.source, _("to fetch") if lacks == "data" else _("here"))


def about(task: Task, language: str) -> Content:
    """How its brief begins, and the skills that it tests."""
    skills = "".join(f"\n· {skill_title(each)}" for each in task.says.skills)
    return Content.assemble(
        _introduction(task.brief(language)), "\n\n", (_("Skills"), "bold"), skills
    )


def _introduction(brief: str) -> str:
    """A brief up to its first heading: what the task is about, without marks of Markdown."""
    body = re.sub(r"\A\s*# .*\n", "", brief)
    first = re.split(r"^#", body, maxsplit=1, flags=re.MULTILINE)[0]
    paragraphs = re.split(r"\n\s*\n", first.strip())
    plain = [_MARKS.sub(r"\1", each) for each in paragraphs if not each.startswith("|")]
    return "\n\n".join(" ".join(_JOINED.sub("", each).split()) for each in plain)
