"""A full run for `tfexam doctor --train`: make data, train a real model, have it graded.

It runs every part that an exam needs once, as the exam does, on the easiest task of the bank
with its own reference solution.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from engine.clock import SystemClock
from engine.errors import TfexamError
from engine.grading.host.grader import Grader
from engine.grading.protocol import Grade, Graded, Job, Message
from engine.machine.checks import Check
from engine.settings import Settings
from exam_bank.catalog import Catalog
from exam_bank.preparation import Order, prepare
from exam_bank.task import Task

TASK = "straight-line"
TRAINING_SECONDS = 300
_NAME = Message("Training and grading")
_TOLD = 2000


async def try_training(settings: Settings) -> Check:
    """Train and grade one small model in a folder that is removed again."""
    task = Catalog.find().task(TASK)
    clock = SystemClock()
    began = clock.now()
    with tempfile.TemporaryDirectory(prefix="tfexam-doctor-") as made:
        folder = Path(made)
        try:
            await prepare([_order(task, folder)])
            if fault := await _train(task, folder / "Category1"):
                return _failed(fault)
            trained = clock.now()
            grade = await _grade(task, folder, settings)
        except TfexamError as error:
            return _failed(error.message)
    return _judge(grade, trained.since(began), clock.now().since(trained))


def _order(task: Task, folder: Path) -> Order:
    return Order(
        task=task.id,
        folder=str(task.folder),
        seed=0,
        hidden=str(folder / "hidden"),
        files=str(folder / "Category1"),
    )


async def _train(task: Task, folder: Path) -> str:
    """Run the reference solution as a candidate runs a starter; returns what went wrong."""
    program = shutil.copyfile(task.references()[0], folder / "starter.py")
    # To a file: a full pipe would stop the training.
    with (folder / "output.txt").open("w+b") as output:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, str(program)),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            status = await asyncio.wait_for(child.wait(), TRAINING_SECONDS)
        except TimeoutError:
            return f"The training took longer than {TRAINING_SECONDS} s."
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if status == 0:
            return ""
        output.seek(0)
        said = output.read().decode(errors="replace").strip()[-_TOLD:]
        return f"The training ended with status {status}:\n{said}"


async def _grade(task: Task, folder: Path, settings: Settings) -> Grade:
    job = Job.of(
        task,
        folder / "Category1" / "mymodel.h5",
        folder / "hidden",
        submission="doctor",
        device=settings.grader_device,
    )
    grader = Grader(logs=folder, prewarm=False, device=settings.grader_device)
    await grader.start()
    try:
        return await grader.grade(job)
    finally:
        await grader.close()


def _judge(grade: Grade, training: float, grading: float) -> Check:
    if not isinstance(grade, Graded):
        return _failed(grade.message.text())
    facts: dict[str, str | int | float] = {
        "training": round(training, 1),
        "grading": round(grading, 1),
        "score": grade.score,
    }
    detail = Message("Trained in {training} s, graded in {grading} s: {score}/5.", facts)
    return Check(name=_NAME, state="ok" if grade.score else "warning", detail=detail)


def _failed(why: str) -> Check:
    fix = Message("Make sure that `import tensorflow` works in the Python that runs tfexam.")
    return Check(name=_NAME, state="failed", detail=Message("{why}", {"why": why}), fix=fix)
