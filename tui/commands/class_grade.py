"""`tfexam class grade`: the files of many people, one row for every file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.classroom.results import FIRST_SET
from tui.commands.class_flags import find_flags, secret_from, show_fairness
from tui.commands.class_report import write_reports
from tui.commands.cluster_options import cluster_engine, cluster_options
from tui.commands.grade import default_jobs, limits_are_ours, tell_what_is_missing
from tui.commands.grade_forms import write_form
from tui.commands.options import (
    LARGEST_SEED,
    format_option,
    level_option,
    need_same_level,
    settings_of,
    usual_level,
)
from tui.locale import _

if TYPE_CHECKING:
    from engine.classroom.comparison.flags import ClassFlag
    from engine.classroom.grading_engine import LocalPool
    from engine.classroom.people import FoundFile, Roster
    from engine.classroom.results import ResultsFolder
    from engine.classroom.rows import Row
    from engine.classroom.run import ClassRun
    from engine.classroom.run_record import RunRecord
    from engine.settings import Settings
    from engine.sitting.store.class_paper import ClassSecret
    from exam_bank.catalog import Catalog
    from exam_bank.paper import Paper
    from exam_bank.task import Level, Task
    from tui.commands.class_progress import ProgressLine

UNCLAIMED, FAILED, INTERRUPTED = 3, 4, 130
_DIAGNOSES = "tfexam.diagnoses"


@click.command("grade")
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="FOLDER|ZIP...",
)
@click.option(
    "--roster",
    "roster_file",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV with the columns id, name, email, group: who is in the class.",
)
@click.option("--code", metavar="TFX-…", help="Grade by the tasks and seeds of this paper.")
@click.option(
    "--secret",
    "secret_file",
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Grade on the second hidden set of the class paper that this file belongs to.",
)
@click.option("--task", metavar="ID", help="Grade all files by this one task.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, LARGEST_SEED),
    help="Use the hidden set of this seed, with --task.  [default: 0]",
)
@level_option("Mark --task on this level; --code brings its own.")
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the results are kept; a run that was stopped goes on there.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="How many to grade at once.")
@click.option(
    "--limit-seconds",
    metavar="N",
    type=click.FloatRange(min=1),
    help="Seconds that one file may take, where its task allows more.",
)
@click.option(
    "--limit-mb",
    metavar="N",
    type=click.FloatRange(min=700),
    help="Megabytes of memory that one file may take, where its task allows more.",
)
@click.option(
    "--bom/--no-bom",
    default=True,
    show_default=True,
    help="Begin CSV files with the mark that Excel needs to read names right.",
)
@click.option(
    "--diagnoses/--no-diagnoses",
    default=True,
    show_default=True,
    expose_value=False,
    callback=lambda ctx, _parameter, value: ctx.meta.update({_DIAGNOSES: value}),
    help="Afterwards try common mistakes on files with fewer than full marks.",
)
@cluster_options
@format_option("text", "json", "csv", "junit", "github")
@click.pass_context
def command(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    roster_file: Path | None,
    out: Path,
    jobs: int | None,
    bom: bool,
    notation: str,
    **asked: Any,
) -> None:
    """Grade the files of a whole class: a row for every file, and for every missing one.

    A FOLDER holds one folder for each person with Category1 to Category5, or the files as
    Canvas, Moodle or Gradescope export them; a ZIP holds the same, or is a bundle of
    `tfexam export`. Files, folders and zips are matched with the roster by id, e-mail address
    or name. Without a roster, whoever handed something in is the class.

    DIR gets results.jsonl, a row for every file as soon as it is graded; grades.csv, a row for
    every person; unclaimed.csv, files of nobody or of no task; report.html and feedback/. The
    same command goes on after a stop, and grades only new and changed files when run again.

    flags.jsonl says which files of different people are the same work, or nearly, each with
    its figure and no verdict. With --secret (see `tfexam class paper`) scores are on a hidden
    set that nobody could know; first-set/ has those that candidates saw, compared for flags.

    \b
    Status: 0 every file has its row, 2 usage, or something cannot be read, 3 some files
    are nobody's or of no task, 4 the grader failed on some (run it again), 130 stopped.

    \b
    Examples:
      tfexam class grade submissions/ --roster roster.csv --code TFX-7Q2M-0KXD-93YA --out results/
      tfexam class grade canvas.zip --task garments --seed 7 --roster roster.csv --out results/
      tfexam class grade submissions/ --secret secret.toml --roster roster.csv --out results/
      tfexam class grade class/ --code TFX-7Q2M-0KXD-93YA --out results/ --cluster local:4
      tfexam class grade moodle/ --code TFX-7Q2M-0KXD-93YA --out results/ --jobs 4 --format csv
    """  # noqa: D301
    from exam_bank.catalog import Catalog

    settings = settings_of(ctx)
    bank = Catalog.find(settings.packs)
    secret, run, tasks = _asked_for(bank, settings, **asked)
    tell_what_is_missing()
    graded = _Grading(run, tasks, settings, bank, out, secret)
    rows, roster = graded.run(ctx, paths, roster_file, jobs)
    _write(out, roster, run, rows, graded.flags, bank, bom=bom)
    _show(out, roster, run, rows, notation, bom=bom)
    show_fairness(out, graded.flags, graded.first, err=notation != "text")
    ctx.exit(status(rows))


def _asked_for(
    bank: "Catalog",
    settings: "Settings",
    *,
    code: str | None,
    secret_file: Path | None,
    task: str | None,
    seed: int | None,
    level: "Level | None",
    limit_seconds: float | None,
    limit_mb: float | None,
) -> "tuple[ClassSecret | None, RunRecord, dict[str, Task]]":
    secret = None if secret_file is None else secret_from(secret_file, code, task)
    paper = _paper(bank, settings, secret.code if secret else code, task, seed, level)
    return secret, *_prepared(paper, bank, settings, limit_seconds, limit_mb, secret)


def _paper(
    bank: "Catalog",
    settings: "Settings",
    code: str | None,
    task: str | None,
    seed: int | None,
    level: "Level | None",
) -> "Paper":
    """The paper of --code, or one with the single task of --task."""
    from exam_bank.paper import Paper, PaperTask, from_code

    if (code is None) == (task is None):
        raise click.UsageError(
            _("Use either --code, for a paper, or --task, for a single task; --secret has a code.")
        )
    if code is not None:
        if seed is not None:
            raise click.UsageError(_("--code brings its own seeds: leave out --seed."))
        paper = from_code(bank, code)
        need_same_level(paper, level)
        return paper
    assert task is not None
    named = bank.task(task)
    marked_on = level or usual_level(named, settings)
    named.need_level(marked_on)
    only = PaperTask(named.category, named.id, seed or 0, named.says.weight)
    return Paper("", (only,), marked_on)


def _prepared(
    paper: "Paper",
    bank: "Catalog",
    settings: "Settings",
    limit_seconds: float | None,
    limit_mb: float | None,
    secret: "ClassSecret | None" = None,
) -> "tuple[RunRecord, dict[str, Task]]":
    """What the run is made with, and its tasks, safe to run."""
    from engine.classroom.run_record import record_of, tasks_of
    from engine.pack_trust import trusted

    drawn = trusted([bank.task(each.task) for each in paper.tasks], settings)
    run = record_of(
        paper,
        bank,
        device=settings.grader_device,
        limit_seconds=limit_seconds,
        limit_mb=limit_mb,
        h5_only=_is_h5_only(paper, settings),
        part="second" if secret else "whole",
        secret_sha256=secret.digest if secret else "",
    )
    return run, tasks_of(run, {each.id: each for each in drawn})


def _is_h5_only(paper: "Paper", settings: "Settings") -> bool:
    takes = ("always",) if paper.code else ("always", "practice")
    return settings.keras_files not in takes


class _Grading:
    """One run of the command: collects, grades, and tells on stderr how far it is."""

    def __init__(
        self,
        run: "RunRecord",
        tasks: "dict[str, Task]",
        settings: "Settings",
        bank: "Catalog",
        out: Path,
        secret: "ClassSecret | None" = None,
    ) -> None:
        self._run, self._tasks, self._out = run, tasks, out
        self._settings, self._bank = settings, bank
        self._secret = secret
        context = click.get_current_context()
        self._cluster = cluster_engine(context, settings, bank.registry, h5_only=run.h5_only)
        self.first: list[Row] | None = None
        self.flags: list[ClassFlag] = []

    def run(
        self, ctx: click.Context, paths: Sequence[Path], roster_file: Path | None, jobs: int | None
    ) -> "tuple[list[Row], Roster]":
        """All rows, and everyone in the class; a stop or an exhausted machine ends the command."""
        with limits_are_ours(ctx):
            return self._run_all(ctx, paths, roster_file, jobs)

    def _run_all(
        self, ctx: click.Context, paths: Sequence[Path], roster_file: Path | None, jobs: int | None
    ) -> "tuple[list[Row], Roster]":
        from engine.classroom.intake.roster import read_roster
        from engine.classroom.people import Roster
        from engine.classroom.results import ResultsFolder
        from tui.commands.class_progress import ProgressLine

        stated = read_roster(roster_file) if roster_file else Roster(stated=False)
        with ResultsFolder.open(self._out, self._run) as results:
            line = ProgressLine()
            try:
                roster, found = self._find(paths, stated, line)
                results.keep_roster(roster)
                rows = self._grade(roster, found, results, line, jobs)
                self._look_for_flags(roster, found, rows, line, jobs)
                if ctx.meta[_DIAGNOSES]:
                    self._diagnose(found, rows, results, line, jobs)
            except KeyboardInterrupt:
                line.end()
                click.echo(
                    _(
                        "tfexam: stopped. {n} rows are in {folder}; the same command goes on."
                    ).format(n=len(results.rows), folder=self._out),
                    err=True,
                )
                ctx.exit(INTERRUPTED)
            finally:
                line.end()
        return rows, roster

    def _find(
        self, paths: Sequence[Path], stated: "Roster", line: "ProgressLine"
    ) -> "tuple[Roster, tuple[FoundFile, ...]]":
        from engine.classroom.intake.collection import Collection, labelled
        from engine.classroom.intake.submissions import Submissions, unpacked_folder
        from engine.classroom.intake.unpacked import Unpacked
        from tui.commands.class_text import need_files

        unpacked = Unpacked(unpacked_folder(self._out))
        unpacked.sweep()
        largest = max(each.says.limits.model_mb for each in self._tasks.values())
        collection = Collection(unpacked, int(largest * 1e6), line.looking, out=self._out)
        for path, label in labelled(paths):
            collection.add(path, label)
        roster, found = Submissions(stated, self._run, unpacked).find(collection)
        line.end()
        need_files(roster, found, paths)
        return roster, found

    def _grade(
        self,
        roster: "Roster",
        found: "tuple[FoundFile, ...]",
        results: "ResultsFolder",
        line: "ProgressLine",
        jobs: int | None,
    ) -> "list[Row]":
        import asyncio

        engine = self._cluster or self._pool(jobs or default_jobs(len(found)))
        run = self._class_run(results, line)
        return asyncio.run(run.grade(roster, found, engine))

    def _class_run(self, results: "ResultsFolder", line: "ProgressLine") -> "ClassRun":
        from engine.classroom.run import ClassRun

        secret = self._secret.secret if self._secret else ""
        return ClassRun(results.run, self._tasks, results, line.graded, secret=secret)

    def _pool(self, workers: int) -> "LocalPool":
        from engine.classroom.grading_engine import LocalPool

        return LocalPool(
            cache=self._settings.cache_folder,
            logs=self._settings.logs_folder,
            store=self._settings.data_store(self._bank.registry),
            workers=workers,
            device=self._settings.grader_device,
            h5_only=self._run.h5_only,
        )

    def _diagnose(
        self,
        found: "tuple[FoundFile, ...]",
        rows: "list[Row]",
        results: "ResultsFolder",
        line: "ProgressLine",
        jobs: int | None,
    ) -> None:
        """Try common mistakes on what has fewer than full marks."""
        import asyncio

        from engine.classroom.diagnoses import diagnose, missing

        files = missing(self._out, rows, found, self._class_run(results, line).order)
        pool = self._pool(jobs or default_jobs(len(files)))
        asyncio.run(diagnose(self._out, files, pool, line.diagnosed))

    def _look_for_flags(
        self,
        roster: "Roster",
        found: "tuple[FoundFile, ...]",
        rows: "list[Row]",
        line: "ProgressLine",
        jobs: int | None,
    ) -> None:
        """Grade on the first hidden set too, if there are two; then compare."""
        import msgspec

        from engine.classroom.results import ResultsFolder

        if self._secret is not None:
            seen = msgspec.structs.replace(self._run, part="first")
            with ResultsFolder.open(self._out / FIRST_SET, seen) as results:
                results.keep_roster(roster)
                self.first = self._grade(roster, found, results, line, jobs)
        self.flags = find_flags(found, rows, self._tasks, line, self.first)


def _write(
    out: Path,
    roster: "Roster",
    run: "RunRecord",
    rows: "Sequence[Row]",
    flags: "Sequence[ClassFlag]",
    bank: "Catalog",
    *,
    bom: bool,
) -> None:
    """Write what is made of all the rows: tables, flags, then the reports that read them."""
    from engine.classroom.comparison.flags import write_flags
    from engine.classroom.grades import grades_csv, unclaimed_csv
    from engine.classroom.results import write_table

    write_table(out, "grades.csv", grades_csv(roster, run, rows, bom=bom))
    write_table(out, "unclaimed.csv", unclaimed_csv(rows, bom=bom))
    write_flags(out, flags)
    write_reports(out, {each.id: each for each in bank.tasks})


def _show(
    out: Path,
    roster: "Roster",
    run: "RunRecord",
    rows: "Sequence[Row]",
    notation: str,
    *,
    bom: bool,
) -> None:
    if notation == "json":
        from engine.classroom.rows import row_line

        for row in rows:
            click.echo(row_line(row))
    elif notation in ("junit", "github"):
        from engine.classroom.rows import answers_of

        write_form(answers_of(rows, run.level), notation, 0)
    elif notation == "csv":
        from engine.classroom.grades import grades_csv

        click.echo(grades_csv(roster, run, rows, bom=bom).replace("\r\n", "\n"), nl=False)
    else:
        from tui.commands.class_text import summary

        click.echo(summary(out, roster, run, rows))


def status(rows: "Sequence[Row]") -> int:
    """The exit status for these rows."""
    from engine.classroom.rows import OURS

    verdicts = {each.verdict for each in rows}
    if verdicts & set(OURS):
        return FAILED
    return UNCLAIMED if "unclaimed" in verdicts else 0
