"""Gathers what `tfexam report --format html` shows: journal, curves, evidence, skills."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.phrase import phrase
from exam_bank.printable import printable
from tui.commands.options import settings_of
from tui.commands.skills import standing_of

if TYPE_CHECKING:
    from engine.grading.evidence import Evidence
    from engine.machine.curves import CurveReading
    from engine.report.page import DiagnosisText
    from engine.report.words import Words
    from engine.sitting.state.sitting import Sitting
    from exam_bank.task import Task
    from tui.text.sitting_page import Known


def report_of(ctx: click.Context, folder: Path) -> str:
    """The report of the sitting in `folder` as HTML."""
    from engine.clock import SystemClock
    from engine.coaching.winner_metrics import with_metrics
    from engine.report.sitting_report import sitting_html
    from engine.sitting.store.history import past
    from tui.text.sitting_page import page_of

    settings, sitting = settings_of(ctx), with_metrics(folder, past(folder))
    standing = standing_of(ctx, look_for_data=True)
    known = _known(sitting, folder, {each.id: each for each in standing.tasks})
    now = SystemClock().now().local()
    page = page_of(sitting, known, standing, settings.candidate_name, now)
    return sitting_html(page, words())


def certificate_of(ctx: click.Context, folder: Path) -> str:
    """The certificate of the sitting in `folder` as HTML; raises `SittingError` without one."""
    from engine.errors import SittingError
    from engine.report.sitting_report import certificate_html
    from engine.sitting.store.history import past
    from tui.commands.bank import catalog_of
    from tui.locale import _, language
    from tui.text import sitting_page
    from tui.text.outcome import of_sitting

    settings, sitting = settings_of(ctx), past(folder)
    bank = {each.id: each for each in catalog_of(ctx).tasks}
    outcome = of_sitting(sitting, _tasks(sitting, folder, bank), language())
    found = sitting_page.certificate_of(sitting, outcome, settings.candidate_name)
    if found is None:
        raise SittingError(
            phrase("{sitting} has no certificate.", sitting=folder.name),
            fix=phrase(
                "There is one after an exam in faithful mode that has ended, is graded and passed."
            ),
        )
    if not found.name:
        said = _("No name is set: TFEXAM_CANDIDATE_NAME, or candidate_name in config.toml.")
        click.echo(said, err=True)
    return certificate_html(found, words())


def words() -> "Words":
    """The current language, for pages."""
    from engine.report.words import Words
    from tui.locale import _, language, ngettext

    return Words(language(), _, ngettext)


def _known(sitting: "Sitting", folder: Path, bank: Mapping[str, "Task"]) -> "Known":
    from engine.coaching.baselines import baselines
    from engine.sitting.store.history import faithful_tasks
    from tui.text.sitting_page import Known, explains_now, scheme_of

    closed = frozenset(faithful_tasks(folder.parent))
    # Nothing that may not be told is even read.
    told = {each for each in sitting.scores if each not in closed and explains_now(sitting)}
    tasks, evidence = _tasks(sitting, folder, bank), dict(_evidence(sitting, folder, told))
    schemes = {each: scheme_of(sitting, tasks.get(each), evidence.get(each)) for each in told}
    return Known(
        tasks=tasks,
        closed=closed,
        curves=dict(_curves(sitting)),
        evidence=evidence,
        baselines={
            each: baselines(bank.get(each), scheme, evidence.get(each))
            for each, scheme in schemes.items()
            if scheme is not None
        },
        diagnoses=dict(_diagnoses(sitting, folder, told)),
    )


def _tasks(sitting: "Sitting", folder: Path, bank: Mapping[str, "Task"]) -> dict[str, "Task"]:
    """The sitting's own copies; where they are gone, the bank's."""
    from engine.errors import TaskFileError
    from engine.sitting.store.record import read_tasks

    try:
        return {**bank, **read_tasks(folder, sitting.record)}
    except TaskFileError:
        return dict(bank)


def _curves(sitting: "Sitting") -> Iterator[tuple[str, "CurveReading"]]:
    from engine.machine.curves import CurveReader
    from engine.sitting.store.record import category_folders

    for task, place in category_folders(sitting.record).items():
        yield task, CurveReader(place).read()


def _evidence(sitting: "Sitting", folder: Path, told: set[str]) -> Iterator[tuple[str, "Evidence"]]:
    """The evidence for the best model of each task, as far as it is there and can be read."""
    from engine.errors import SittingError
    from engine.grading.evidence import Evidence
    from engine.sitting.store.evidence_files import evidence_file
    from tui.locale import _, labelled, say

    for task in told:
        if (best := sitting.winner(task)) is None:
            continue
        try:
            yield task, Evidence.read(evidence_file(folder, best.sha256, task))
        except FileNotFoundError:
            continue
        except SittingError as error:
            said = _("{fault} The report leaves it out.").format(fault=say(error.sentence))
            click.echo(labelled("tfexam", printable(said)), err=True)


def _diagnoses(
    sitting: "Sitting", folder: Path, told: set[str]
) -> Iterator[tuple[str, tuple["DiagnosisText", ...]]]:
    """What explains the score of each task's best model, the most telling first."""
    from engine.sitting.store.diagnoses import diagnoses_of
    from tui.text.sitting_page import diagnosis_texts

    for task in told:
        best = sitting.winner(task)
        found = diagnoses_of(folder, best.sha256, task) if best is not None else None
        if found is not None:
            yield task, diagnosis_texts(found)
