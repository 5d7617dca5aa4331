"""`tfexam grade`: the exam's own grader without the app, for one file or a whole class."""

import contextlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from exam_bank.errors import LimitReached
from tui.commands.grade_forms import counted, write_form
from tui.commands.options import LARGEST_SEED, format_option, level_option, settings_of
from tui.commands.task_facts import need_scores_may_be_told, running_tasks, told
from tui.limits import exhaustion, need_threads
from tui.locale import _, say

if TYPE_CHECKING:
    from engine.grading.answers import Answer
    from engine.settings import Settings
    from exam_bank.datasets.store import Store
    from exam_bank.task import Level
    from tui.commands.grade_targets import Target

BELOW, REJECTED, FAILED = 1, 3, 4


@click.command()
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="PATH..."
)
@click.option("--task", metavar="ID", help="Grade by the rules of this task.")
@click.option("--code", metavar="TFX-…", help="Use the seeds of this paper.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(0, LARGEST_SEED),
    help="Use the hidden set of this seed.  [default: 0]",
)
@level_option(
    "Mark on this level; --code brings its own.  "
    "[default: the sitting's, else classic if the task serves it]"
)
@format_option("text", "json", "csv", "junit", "gradescope", "github", "classroom50")
@click.option(
    "--min-score",
    metavar="N",
    type=click.IntRange(0, 5),
    default=0,
    show_default=True,
    help="Exit with status 1 if a score is below this.",
)
@click.option("--jobs", metavar="N", type=click.IntRange(1), help="How many to grade at once.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    task: str | None,
    code: str | None,
    seed: int | None,
    level: "Level | None",
    notation: str,
    min_score: int,
    jobs: int | None,
) -> None:
    """Grade model files: each PATH is a file, or a folder whose mymodel.h5 files are graded.

    A file's task is the one that --task names, or the one of its Category folder in the paper
    that --code names, or that of the sitting whose workspace holds the file. Answers go to
    standard output, everything else to standard error.

    \b
    Status: 0 all graded and at or above --min-score, 1 one was below it, 2 usage,
    3 a file was rejected, 4 the grader failed.

    \b
    Examples:
      tfexam grade Category2/mymodel.h5
      tfexam grade m.h5 --task garments --seed 7 --format json
      tfexam grade class/*/ --code TFX-7Q2M-0KXD-93YA --jobs 4 --format csv > marks.csv
      tfexam grade m.h5 --task reviews --min-score 4 --format junit > junit.xml
      tfexam grade submission/ --code TFX-7Q2M-0KXD-93YA --format gradescope > results.json
    """  # noqa: D301
    if code is not None and seed is not None:
        raise click.UsageError(_("--code brings its own seeds: use either --code or --seed."))
    import asyncio

    from engine.pack_trust import trusted
    from exam_bank.catalog import Catalog
    from tui.commands import grade_targets

    settings = settings_of(ctx)
    wanted = grade_targets.Wanted(task=task, code=code, seed=seed, level=level)
    bank = Catalog.find(settings.packs)
    found = grade_targets.find(paths, wanted, settings, bank)
    tasks = trusted([each.task for each in found], settings)
    found = [replace(each, task=task) for each, task in zip(found, tasks, strict=True)]
    need_scores_may_be_told(tasks, settings)
    store, jobs = settings.data_store(bank.registry), jobs or default_jobs(len(found))
    tell_what_is_missing()
    with limits_are_ours(ctx):
        answers = asyncio.run(_grade(found, settings, store, notation, jobs))
    write_form(counted(answers, notation, bank, wanted), notation, min_score)
    ctx.exit(status(answers, min_score))


def tell_what_is_missing() -> None:
    """Warn that the sandbox is incomplete before a stranger's model is run."""
    from engine.grading.sandbox import level

    if lacks := level().lacks:
        click.echo(
            _(
                "tfexam: this system cannot fully sandbox a model; it lacks: {lacks}. "
                "Grade only models that you trust."
            ).format(lacks=_("; ").join(map(say, lacks))),
            err=True,
        )


@contextlib.contextmanager
def limits_are_ours(ctx: click.Context) -> Iterator[None]:
    """Report an exhausted machine as the grader's failure, not the file's or the user's."""
    try:
        need_threads()
        yield
    except (LimitReached, OSError, MemoryError, RuntimeError) as error:
        said = exhaustion(error)
        if said is None:
            raise
        click.echo(f"tfexam: {said}", err=True)
        ctx.exit(FAILED)


def default_jobs(files: int) -> int:
    """As many graders as files, but at most one for every two cores: each keeps two busy."""
    import os

    return max(1, min(files, (os.cpu_count() or 2) // 2, 4))


async def _grade(
    found: "Sequence[Target]", settings: "Settings", store: "Store", notation: str, jobs: int
) -> "list[Answer]":
    """Grade all; JSON and text are written as answers come, other formats at the end."""
    from engine.grading.answers import answer, json_line, text_line
    from engine.grading.host.batch import FileToGrade, grade_files

    lines = {"json": json_line, "text": text_line}
    entries = [FileToGrade(each.path, each.task, each.seed, each.level) for each in found]
    # Programs read English; people read their own language.
    translate = _ if notation == "text" else str
    answers: list[Answer] = []
    running = running_tasks(settings)
    async for entry, sha256, grade in grade_files(
        entries,
        cache=settings.cache_folder,
        logs=settings.logs_folder,
        workers=jobs,
        device=settings.grader_device,
        store=store,
        h5_only=settings.keras_files == "never",
        on_done=_counter(len(entries)),
    ):
        level = entry.level or entry.task.levels[-1]
        name = str(entry.path)
        one = answer(name, sha256, entry.task, grade, translate, level=level)
        answers.append(told(one, running, translate))
        if notation in lines:
            click.echo(lines[notation](answers[-1]))
    return answers


def _counter(files: int) -> "Callable[[object], None]":
    """A callback that says on stderr how many of `files` are graded."""
    numbers = itertools.count()

    def tell(_done: object = None) -> None:
        text = _("{number} of {files} graded")
        click.echo(text.format(number=next(numbers), files=files), err=True)

    tell()  # starting TensorFlow takes a while
    return tell


def status(answers: "Sequence[Answer]", min_score: int) -> int:
    """The exit status of the worst answer."""
    return max((_status(each, min_score) for each in answers), default=0)


def _status(each: "Answer", min_score: int) -> int:
    if each.score is None:
        return FAILED
    if each.verdict != "graded":
        return REJECTED
    return BELOW if each.score < min_score else 0
