"""Diagnoses the best file of each person and task that has fewer than full marks.

It runs once the grades are there, on this machine. What was diagnosed stays in the folder of
results, so a run that was stopped goes on; equal files are diagnosed once.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.classroom.grading_engine import LocalPool
from engine.classroom.notes import best_rows
from engine.classroom.people import FoundFile
from engine.classroom.rows import Row
from engine.coaching.model_diagnoser import ModelDiagnoser
from engine.grading.diagnosis import Diagnoses
from engine.grading.host.file_grader import FileGrader, FileToGrade
from engine.grading.host.fork_server import ForkServer
from engine.grading.host.grader import Grader
from engine.grading.protocol import Graded, Job, Message
from engine.sitting.store.diagnoses import diagnosis_file, keep

_log = logging.getLogger(__name__)

OnDiagnosed = Callable[[int, int], None]


class FileToDiagnose(NamedTuple):
    """A graded file, and where the candidate's training log may lie beside it."""

    file: FileToGrade
    row: Row


def missing(
    out: Path,
    rows: Sequence[Row],
    found: Sequence[FoundFile],
    order: Callable[[FoundFile], FileToGrade],
) -> list[FileToDiagnose]:
    """The files of `found` that are still to be diagnosed, each content once."""
    places = {(each.person, each.task, each.file): each for each in found}
    wanted: dict[tuple[str, str], FileToDiagnose] = {}
    for row in best_rows(rows).values():
        is_open = row.verdict == "graded" and (row.score or 0) < row.max_score
        if not is_open or row.key not in places or row.metric is None:
            continue
        if not diagnosis_file(out, row.sha256, row.task).exists():
            wanted[row.sha256, row.task] = FileToDiagnose(order(places[row.key]), row)
    return list(wanted.values())


async def diagnose(
    out: Path, files: Sequence[FileToDiagnose], pool: LocalPool, on_done: OnDiagnosed
) -> None:
    """Diagnose `files` and keep what is found in `out`; calls `on_done` with done and all.

    A diagnosis changes no grade: faults are logged, and tried again in the next run.
    """
    if not files:
        return
    fork_server = ForkServer(pool.logs) if ForkServer.possible(pool.device) else None
    grader = Grader(logs=pool.logs, prewarm=False, device=pool.device, fork_server=fork_server)
    one = FileGrader(
        hidden=pool.cache / "hidden",
        logs=pool.logs,
        device=pool.device,
        store=pool.store,
        h5_only=pool.h5_only,
    )
    waiting = list(files)[::-1]

    async def work() -> None:
        while waiting:
            each = waiting.pop()
            try:
                await _diagnose(out, each, one, ModelDiagnoser(grader.beside))
            except Exception:
                _log.exception("%s could not be diagnosed", each.row.sha256)
            on_done(len(files) - len(waiting), len(files))

    try:
        await asyncio.gather(*(work() for _ in range(pool.workers)))
    finally:
        one.forget()
        await grader.close()


async def _diagnose(
    out: Path, each: FileToDiagnose, one: FileGrader, diagnoser: ModelDiagnoser
) -> None:
    assert each.row.metric is not None
    grade = Graded(message=Message(template=""), metric=each.row.metric, score=each.row.score or 0)

    async def ask(job: Job) -> Diagnoses | None:
        return await diagnoser.diagnose(job, grade, each.row.sha256, each.file.path.parent)

    sha256, found = await one.with_job(each.file, ask)
    if isinstance(found, Diagnoses) and sha256 == each.row.sha256:
        keep(out, found)
