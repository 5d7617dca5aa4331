"""A candidate who follows a script in a real sitting, and the places where it can be killed.

`follow` goes on where the sitting stands, as a person would after a crash: it saves what
was not taken in yet, waits for grades, and ends. Only the grader is a fake, so that a
thousand lives take minutes. `lay_mines` puts marks into the engine from outside: the
engine itself knows nothing of them.
"""

import asyncio
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from engine.clock import SystemClock
from engine.grading.protocol import Grade, Job, Progress
from engine.sitting.intake import frozen, scanner
from engine.sitting.intake.frozen import Completeness
from engine.sitting.notices import Happened, Notice
from engine.sitting.proctor import Proctor
from engine.sitting.state import report
from engine.sitting.state.sitting import Phase, SubmissionState
from engine.sitting.store import journal
from engine.sitting.store.record import category_folder
from tests.engine.sittings import (
    FIRST,
    SECOND,
    FakeGrader,
    fake_prepare,
    make_bank,
    make_paper,
    make_settings,
    model,
    until,
)
from tests.torture.marks import Marks

SIZE = 300_000


class Step(NamedTuple):
    """One submission of the script: what is saved, how, and what the grader gives for it."""

    task: str
    content: str
    score: int
    way: str


SCRIPT = (
    Step(FIRST, "a", 1, "rename"),
    Step(SECOND, "b", 2, "in place"),
    Step(FIRST, "c", 4, "in place"),
    Step(SECOND, "d", 0, "rename"),
    Step(SECOND, "d", 0, "by hand"),
    Step(FIRST, "a", 1, "rename"),
    Step(SECOND, "e", 3, "copy"),
)


async def lay_out(folder: Path, marks: Marks) -> Path:
    """A fresh sitting below `folder`."""
    from engine.sitting.store.layout import lay_out as lay

    with marks.during("laying out"):
        catalog = make_bank(folder / f"bank-{os.getpid()}")
        return await lay(
            make_settings(folder),
            SystemClock(),
            paper=make_paper(catalog),
            catalog=catalog,
            kind="practice",
            mode="coach",
            minutes=60,
            workspace=folder / f"work-{os.getpid()}",
            prepare=fake_prepare,
        )


async def follow(sitting: Path, folder: Path, marks: Marks) -> None:
    """Live the sitting to its end, or until killed."""
    marks.at("opening")
    proctor = Proctor.open(
        sitting, settings=make_settings(folder), clock=SystemClock(), grader=_Grader(marks)
    )
    proctor.subscribe(lambda notice: _count(notice, marks))
    running = asyncio.create_task(proctor.run())
    marks.at("at rest")
    if proctor.sitting.phase is Phase.PREPARED:
        proctor.start()
        await until(lambda: proctor.sitting.phase is Phase.RUNNING)
    for number, step in enumerate(SCRIPT, start=1):
        if len(proctor.sitting.submissions) < number:
            with marks.during("the candidate saves"):
                _save(proctor, step)
        await until(lambda number=number: _is_graded(proctor, number))  # type: ignore[misc]
    marks.at("ending")
    if proctor.sitting.phase is not Phase.ENDED:
        proctor.end()
    await until((sitting / report.FILE_NAME).exists)
    marks.at("closing")
    await proctor.close()
    await running


def _count(notice: Notice, marks: Marks) -> None:
    if isinstance(notice, Happened):
        marks.count_told()


def _is_graded(proctor: Proctor, number: int) -> bool:
    submissions = proctor.sitting.submissions
    return len(submissions) >= number and submissions[number - 1].state is SubmissionState.GRADED


def _save(proctor: Proctor, step: Step) -> None:
    target = category_folder(proctor.record, step.task) / "mymodel.h5"
    content = model(step.content, SIZE)
    other = target.with_name("saving.part")
    if step.way == "by hand":
        if not target.exists():
            target.write_bytes(content)
        proctor.submit(step.task)
    elif step.way == "in place":
        target.write_bytes(content)
    elif step.way == "copy":
        other.write_bytes(content)
        shutil.copyfile(other, target)
        other.unlink()
    else:
        other.write_bytes(content)
        other.replace(target)


class _Grader(FakeGrader):
    """Knows every model of the script; takes a moment, so that it can be killed meanwhile."""

    def __init__(self, marks: Marks) -> None:
        super().__init__()
        self.marks = {model(step.content, SIZE): step.score for step in SCRIPT}
        self._shared = marks

    async def grade(self, job: Job, on_progress: Callable[[Progress], None]) -> Grade:
        with self._shared.during("grading"):
            await asyncio.sleep(0.02)
            return await super().grade(job, on_progress)


def lay_mines(marks: Marks) -> None:
    """Mark every place of this process where a kill would hurt most."""
    _hurry()
    _mine_the_journal(marks)
    _mine_the_copies(marks)
    _mine_renames(marks)
    write_result, look = report.write, scanner.Scanner.look

    def write(*arguments: Any) -> None:
        with marks.during("writing the result"):
            write_result(*arguments)

    def looking(*arguments: Any) -> Any:
        with marks.during("looking at the folders"):
            return look(*arguments)

    _put(report, "write", write)
    _put(scanner.Scanner, "look", looking)


def _put(where: object, name: str, what: object) -> None:
    setattr(where, name, what)


def _hurry() -> None:
    """The moments of quiet are not what is tested here, and most of a life's time."""
    scanner.QUIET[Completeness.WHOLE] = 0.02
    _put(scanner, "LAST_CALL_QUIET", 0.02)


def _mine_the_journal(marks: Marks) -> None:
    sync = os.fsync

    def write_all(descriptor: int, line: bytes) -> None:
        with marks.during("before a journal line"):
            pass
        half = len(line) // 2
        os.write(descriptor, line[:half])
        with marks.during("inside a journal line"):
            pass
        os.write(descriptor, line[half:])
        with marks.during("before a journal line is synced"):
            pass

    append = journal.Journal.append

    def appending(self: journal.Journal, event: Any) -> None:
        append(self, event)
        with marks.during("after a journal line"):
            pass

    _put(journal, "_write_all", write_all)
    _put(journal.Journal, "append", appending)
    _put(os, "fsync", sync)


def _mine_the_copies(marks: Marks) -> None:
    read_through = frozen._read_through
    _put(frozen, "_CHUNK", 50_000)

    class Stop(threading.Event):
        """Asked before every chunk."""

        def __init__(self, phase: str, true: threading.Event) -> None:
            super().__init__()
            self._phase, self._true = phase, true

        def is_set(self) -> bool:
            marks.at(self._phase)
            return self._true.is_set()

    def reading(source: Any, target: Any, stop: threading.Event, most: int | None) -> Any:
        phase = "checking the copy" if target is None else "copying a model"
        with marks.during(phase):
            return read_through(source, target, Stop(phase, stop), most)

    _put(frozen, "_read_through", reading)


def _mine_renames(marks: Marks) -> None:
    replace = Path.replace

    def replacing(self: Path, target: Path) -> Path:
        if self.name == "saving.part":  # the candidate's own
            return replace(self, target)
        with marks.during("before a rename"):
            pass
        moved = replace(self, target)
        with marks.during("after a rename"):
            pass
        return moved

    _put(Path, "replace", replacing)
