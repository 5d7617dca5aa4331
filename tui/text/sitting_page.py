"""A sitting as the HTML report shows it: what may be told now, in the current language. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine.coaching.diagnosis_table import fix, sentence
from engine.grading import protocol
from engine.machine.curves import Curve, CurveReading
from engine.marking import PASS_PERCENT
from engine.report.page import (
    AdviceRow,
    AttemptRow,
    Certificate,
    DiagnosisText,
    ExplainedTask,
    SittingPage,
    SkillRow,
    TaskPart,
)
from engine.sitting.state.sitting import Phase
from engine.sitting.views.model_diff import facts_of, from_the_one_before
from exam_bank.learning.checklist import checklist
from tui.locale import N_, _, language
from tui.text import coaching, model_layers
from tui.text.evidence.luck import luck_sentences
from tui.text.evidence.ruler import METRICS, name_of
from tui.text.levels import level_word
from tui.text.modes import extra_time_text, mode_word
from tui.text.outcome import Outcome, TaskOutcome, of_sitting, title_of
from tui.text.verdicts import look_of_submission, says

if TYPE_CHECKING:
    from datetime import datetime

    from engine.coaching.standing import Standing
    from engine.coaching.strength import SkillStrength
    from engine.grading.diagnosis import Diagnoses
    from engine.grading.evidence import Baseline, Evidence
    from engine.sitting.state.report import Report
    from engine.sitting.state.sitting import Sitting, Submission
    from exam_bank.task import MarkScheme, Task

_ENDS = {"candidate": N_("ended by you"), "time": N_("time ran out")}
_ADVICE = 3


@dataclass(frozen=True)
class Known:
    """What lies on disk about a sitting beside its journal.

    `closed` are tasks of a faithful sitting that goes on; nothing may be told about them.
    `evidence` and `diagnoses` are by task, those of its best model.
    """

    tasks: Mapping[str, Task]
    closed: frozenset[str] = frozenset()
    curves: Mapping[str, CurveReading] = field(default_factory=dict)
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    baselines: Mapping[str, tuple[Baseline, ...]] = field(default_factory=dict)
    diagnoses: Mapping[str, tuple[DiagnosisText, ...]] = field(default_factory=dict)


def explains_now(sitting: Sitting) -> bool:
    """Whether grades may be explained now: in faithful mode only after the end."""
    return sitting.phase is Phase.ENDED or sitting.explains


def page_of(
    sitting: Sitting, known: Known, standing: Standing, name: str, now: datetime
) -> SittingPage:
    """The page of `sitting`; `name` is the candidate's, for a certificate."""
    sitting = sitting.as_shown()
    outcome = of_sitting(sitting, known.tasks, language())
    report, open_now = outcome.report, explains_now(sitting)
    return SittingPage(
        sitting=report.sitting,
        kind=report.kind,
        mode=report.mode,
        mode_word=mode_word(report.mode),
        level=level_word(report.level) if report.level else "",
        code=report.code,
        version=report.tfexam_version,
        created=report.created.astimezone(),
        made=now,
        seconds=report.length,
        extra=_extra(report),
        used=report.used_seconds,
        ending=_(_ENDS[report.ended_by]) if report.ended_by else "",
        pending=outcome.pending,
        percent=None if report.withheld else report.percent,
        passed=None if report.withheld else report.passed,
        pass_percent=PASS_PERCENT,
        elsewhere=outcome.elsewhere,
        tasks=tuple(_part(sitting, each, known) for each in outcome.tasks),
        skills=tuple(_skills(sitting, standing)) if open_now else (),
        advice=_advice(standing) if open_now else (),
        certificate=certificate_of(sitting, outcome, name),
    )


def certificate_of(sitting: Sitting, outcome: Outcome, name: str) -> Certificate | None:
    """The certificate of a passed exam that explained nothing, is over and graded; else None."""
    report = outcome.report
    is_over = sitting.phase is Phase.ENDED and not outcome.pending
    is_exam = report.kind == "exam" and not sitting.explains
    if not (is_over and is_exam and report.passed) or sitting.started is None:
        return None
    return Certificate(
        name=name,
        sitting=report.sitting,
        code=report.code,
        level=level_word(report.level) if report.level else "",
        ended=sitting.started.later(sitting.elapsed).local(),
        mode=mode_word(report.mode),
        extra=_extra(report),
        percent=report.percent,
        used=report.used_seconds,
        seconds=report.length,
        scores=tuple(
            (each.report.category, each.title, each.report.score) for each in outcome.tasks
        ),
    )


def _extra(report: Report) -> str:
    return extra_time_text(report.extra_time) if report.extra_time else ""


def _part(sitting: Sitting, outcome: TaskOutcome, known: Known) -> TaskPart:
    report = outcome.report
    explained = explains_now(sitting) and report.task not in known.closed
    curve = known.curves.get(report.task)
    return TaskPart(
        category=report.category,
        task=report.task,
        title=outcome.title,
        share=outcome.share,
        score=None if sitting.withheld else report.score,
        spent=report.spent_seconds,
        best_at=outcome.best_at,
        attempts=report.attempts,
        hints=report.hints or 0,
        given_up=bool(report.given_up),
        rows=tuple(_row(sitting, each, explained) for each in sitting.of(report.task)),
        curve=curve if isinstance(curve, Curve) else None,
        explained=_explained(sitting, report.task, known) if explained else None,
    )


def _row(sitting: Sitting, submission: Submission, explained: bool) -> AttemptRow:
    look = look_of_submission(submission)
    return AttemptRow(
        number=submission.number,
        seconds=submission.elapsed,
        glyph=look.glyph,
        word=_(look.word),
        tone=look.tone,
        score=submission.score,
        lines=tuple(_lines(sitting, submission, explained)),
    )


def _lines(sitting: Sitting, submission: Submission, explained: bool) -> Iterator[str]:
    yield from says(submission, coach=explained).splitlines()
    if (facts := facts_of(submission)) is not None:
        yield model_layers.summary(facts)
    if (found := from_the_one_before(submission, sitting.submissions)) is not None:
        yield model_layers.difference(found)


def _explained(sitting: Sitting, task: str, known: Known) -> ExplainedTask:
    best, evidence = sitting.winner(task), known.evidence.get(task)
    grade = best.grade if best is not None else None
    value = grade.metric.value if isinstance(grade, protocol.Graded) else None
    if evidence is not None and not sitting.is_reviewable(task):
        evidence = evidence.without_examples()
    scheme = scheme_of(sitting, known.tasks.get(task), evidence)
    return ExplainedTask(
        scheme=scheme,
        metric=_(METRICS[scheme.metric]) if scheme is not None else "",
        value=value,
        baselines=tuple(
            replace(each, name=name_of(each)) for each in known.baselines.get(task, ())
        ),
        evidence=evidence,
        diagnoses=known.diagnoses.get(task, ()),
        luck=tuple(luck_sentences(evidence)) if evidence is not None else (),
    )


def scheme_of(sitting: Sitting, task: Task | None, evidence: Evidence | None) -> MarkScheme | None:
    """The marks that counted; None if the task is gone and nothing else tells them."""
    if evidence is not None:
        return evidence.scheme
    level = sitting.record.paper.level
    return task.marks(level) if task is not None and level in task.levels else None


def diagnosis_texts(found: Diagnoses) -> tuple[DiagnosisText, ...]:
    """What was found about a model, in words; what this tfexam does not know is left out."""
    texts = []
    for each in found.found:
        if (says := sentence(each)) is not None:
            mended = fix(each)
            text = "" if mended is None else mended.text(_)
            texts.append(DiagnosisText(sentence=says.text(_), fix=text))
    return tuple(texts)


def _skills(sitting: Sitting, standing: Standing) -> Iterator[SkillRow]:
    """The skills that tasks of this sitting test, by the checklist's groups, the weakest first."""
    own = {each.task for each in sitting.record.paper.tasks}
    tested = {skill for task in standing.tasks if task.id in own for skill in task.says.skills}
    order = {group.id: place for place, group in enumerate(checklist().groups)}
    found = [each for each in standing.skills() if each.skill.id in tested]
    for each in sorted(found, key=lambda each: order[each.skill.group]):
        yield _skill(each, standing)


def _skill(found: SkillStrength, standing: Standing) -> SkillRow:
    return SkillRow(
        title=coaching.in_language(found.skill.title),
        group=coaching.group_title(found.skill.group),
        strength=found.strength,
        best=coaching.best_text(found),
        last=coaching.ago(found.days_since(standing.now)),
        due=found.is_due(standing.now),
    )


def _advice(standing: Standing) -> tuple[AdviceRow, ...]:
    tasks = {each.id: each for each in standing.tasks}
    return tuple(
        AdviceRow(
            task=each.task,
            title=title_of(each.task, tasks, language()),
            minutes=coaching.minutes_text(each.minutes),
            reasons=tuple(map(coaching.reason_text, each.reasons)),
        )
        for each in itertools.islice(standing.advice(), _ADVICE)
    )
