"""Skills, reasons and plans in words, for screens and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.coaching.diagnosis_table import fix, sentence
from engine.marking import MAX_SCORE
from exam_bank.learning.checklist import checklist
from tui.locale import N_, _, labelled, language, listed, ngettext, noted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from engine.coaching.advice import Advice, Reason
    from engine.coaching.explanation import ExplanationProgress
    from engine.coaching.plan import Plan, PlannedDay
    from engine.coaching.standing import Standing
    from engine.coaching.strength import SkillStrength
    from engine.grading.diagnosis import Diagnoses
    from exam_bank.task import Title

_WHY = {
    "new": N_("not practised yet: {skill}"),
    "weak": N_("weak: {skill}, best {best}/5"),
    "due": N_("due again: {skill}"),
    "refresh": N_("to keep it: {skill}"),
    "heavy": N_("category {category} is {percent} % of the exam"),
}


def in_language(title: Title) -> str:
    """A title of the checklist in the current language."""
    return title.zh if language() == "zh" else title.en


def skill_title(skill: str) -> str:
    """What to call the skill with that id; the id, if the checklist has none such."""
    titles = {each.id: each.title for each in checklist().skills}
    return in_language(titles[skill]) if skill in titles else skill


def group_title(group: str) -> str:
    """What to call a group of the checklist."""
    return next((in_language(each.title) for each in checklist().groups if each.id == group), group)


def ago(days: int | None) -> str:
    """How long ago something was, in whole days; "–" if never."""
    if days is None:
        return "–"
    if days == 0:
        return _("today")
    return ngettext("{n} day ago", "{n} days ago", days).format(n=days)


def reason_text(reason: Reason) -> str:
    """One reason for a task, and how long ago its skill was practised."""
    text = _(_WHY[reason.why]).format(
        skill=skill_title(reason.skill),
        best="–" if reason.best is None else reason.best,
        category=reason.category,
        percent=f"{reason.percent:g}",
    )
    return text if reason.days is None else noted(text, ago(reason.days))


def reasons_text(advice: Advice) -> str:
    """All reasons for a task, in one line."""
    return " · ".join(reason_text(each) for each in advice.reasons)


def next_text(standing: Standing) -> str:
    """The task to practise next and the first reason for it; "" before any sitting."""
    offers = standing.advice() if standing.past else ()
    if not offers:
        return ""
    first = offers[0]
    titles = {each.id: each.title(language()) for each in standing.tasks}
    return _("next: {title} · {reason}").format(
        title=titles[first.task], reason=reason_text(first.reasons[0])
    )


def explanation_text(progress: ExplanationProgress) -> str:
    """How far the explanation of grades is; "" once it is complete."""
    if progress.done >= progress.total:
        return ""
    return _("explaining grades: {done} of {total}").format(
        done=progress.done, total=progress.total
    )


def diagnosis_line(found: Diagnoses | None) -> str:
    """What explains a score, in one line with its glyph; "" where nothing is known to."""
    says = sentence(found.first) if found and found.first else None
    return "" if says is None else f"◆ {says.text(_)}"


def fix_text(found: Diagnoses | None) -> str:
    """How to mend what explains a score; "" where nothing is known to."""
    says = fix(found.first) if found and found.first else None
    return "" if says is None else says.text(_)


def minutes_text(minutes: float) -> str:
    """A task's minutes."""
    return _("{n} min").format(n=f"{minutes:g}")


def best_text(found: SkillStrength) -> str:
    """The best score that showed a skill."""
    return "–" if found.best is None else f"{found.best}/{MAX_SCORE}"


def help_text(found: SkillStrength) -> str:
    """The help used when a skill was last practised."""
    if found.given_up:
        return _("given up")
    hints = found.hints
    return ngettext("{n} hint", "{n} hints", hints).format(n=hints) if hints else ""


def coverage_text(found: Sequence[SkillStrength], now: datetime) -> str:
    """How much of the checklist was practised, and how much is due again."""
    tested = [each for each in found if each.tasks]
    practised = sum(each.times > 0 for each in tested)
    due = sum(each.is_due(now) for each in tested)
    return _(
        "{practised} of {tested} skills that a model can show practised; {due} due again"
    ).format(practised=practised, tested=len(tested), due=due)


def day_title(planned: PlannedDay) -> str:
    """What a day of a plan is for, in a few words."""
    if planned.mock:
        return _("tfexam: a whole mock exam")
    return labelled("tfexam", listed(each.task for each in planned.tasks))


def day_text(planned: PlannedDay, title: Callable[[str], str]) -> str:
    """A day's tasks with their reasons, one task a line; `title` gives a task's title."""
    if planned.mock:
        return "tfexam exam"
    return "\n".join(
        _("{task}: {reasons}. {command}").format(
            task=noted(title(each.task), minutes_text(each.minutes)),
            reasons=reasons_text(each),
            command=f"tfexam practice {each.task}",
        )
        for each in planned.tasks
    )


def plan_markdown(plan: Plan, title: Callable[[str], str]) -> str:
    """A plan as Markdown, to print or to keep."""
    head = _("Plan for the exam on {exam}").format(exam=plan.exam.isoformat())
    hours = _("{hours} hours a day; laid out anew from your sittings each time you ask.")
    lines = [f"# {head}", "", hours.format(hours=f"{plan.hours:g}")]
    if plan.done_today:
        done = _("Done today: {n} minutes.").format(n=f"{plan.done_today:g}")
        lines += ["", done]
    for each in plan.days:
        lines += ["", f"## {each.day.isoformat()}", "", *_day_lines(each, title)]
    lines += ["", f"## {plan.exam.isoformat()}", "", _("The exam. Good luck!")]
    return "\n".join(lines) + "\n"


def _day_lines(planned: PlannedDay, title: Callable[[str], str]) -> list[str]:
    if planned.mock:
        return ["- [ ] " + _("A whole mock exam, five hours: `tfexam exam`")]
    if not planned.tasks:
        return [_("Nothing planned.")]
    return [
        "- [ ] "
        + _("{task}: {reasons}. {command}").format(
            task=noted(f"**{title(each.task)}**", minutes_text(each.minutes)),
            reasons=reasons_text(each),
            command=f"`tfexam practice {each.task}`",
        )
        for each in planned.tasks
    ]
