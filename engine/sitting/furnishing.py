"""What a proctor has made for itself: the watch over its folders, and a grader of its own."""

from collections.abc import Mapping
from pathlib import Path

from engine.clock import Clock
from engine.settings import Settings
from engine.sitting.grading_queue import GraderLike
from engine.sitting.intake.scanner import Intake
from engine.sitting.intake.watcher import Report, Watch
from engine.sitting.state.sitting import SittingRecord
from engine.sitting.store.record import category_folders
from exam_bank.task import Task


def watch_over(
    folder: Path,
    record: SittingRecord,
    tasks: Mapping[str, Task],
    present: Mapping[str, str],
    *,
    settings: Settings,
    clock: Clock,
    report: Report,
) -> Watch:
    """The watch over the category folders of the sitting in `folder`; it does not run yet.

    `present` names for each task the model that lies there and was taken in before.
    """
    folders = category_folders(record)
    intake = Intake(
        folders,
        folder / "submissions",
        clock,
        last_hashes=present,
        limits_mb={name: each.says.limits.model_mb for name, each in tasks.items()},
        automatic=record.is_automatic(settings.auto_grade),
    )
    return Watch(intake, folders.values(), clock, poll_seconds=settings.poll_seconds, report=report)


def own_grader(folder: Path, settings: Settings) -> GraderLike:
    """The grader of the sitting in `folder`: its logs lie there."""
    from engine.grading.host.fork_server import ForkServer
    from engine.grading.host.grader import Grader

    logs, device = folder / "logs", settings.grader_device
    forks = settings.prewarm and ForkServer.possible(device)
    fork_server = ForkServer(logs) if forks else None
    return Grader(logs=logs, prewarm=settings.prewarm, device=device, fork_server=fork_server)
