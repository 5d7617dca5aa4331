"""Past and open sittings, read from disk without opening any for writing.

A damaged sitting is listed with its fault instead of hiding the others.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from engine.clock import Clock, Instant, local_wall
from engine.errors import ClassPaperError, TfexamError
from engine.settings import Settings
from engine.sitting.state import report
from engine.sitting.state.sitting import Kind, Mode, Phase, Sitting
from engine.sitting.store.class_paper import ClassPaper
from engine.sitting.store.journal import NAME, read_journal, restored
from engine.sitting.store.record import kept_sittings, read_record
from exam_bank.phrase import phrase
from exam_bank.task import Level

# How the names of sittings begin, in local time.
MOMENT = "%Y-%m-%d-%H%M"
_MOMENT = len("2026-11-23-1547")


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """One sitting in a list; if it is damaged, `fault` says why no more is known.

    Then kind, mode, level and length come from its record; unless it `has_record`, not even they
    are known.

    `tasks` are those of its paper; `scores` maps each to its best score; `hints` counts those
    seen; `time_left` is in seconds; `unfinished` counts submissions that still wait for a grade,
    `failed` those on which our grader failed (opening the sitting grades them again, even after
    its end). `ended` is when its clock stopped, which may be long before anybody noticed. A
    sitting from before there were levels has no `level`. With `withheld` it is blind and goes
    on: it tells no score.
    """

    id: str
    kind: Kind = "exam"
    mode: Mode = "faithful"
    level: Level | None = None
    code: str = ""
    created: Instant
    ended: Instant | None = None
    phase: Phase | Literal["damaged"] = "damaged"
    percent: float = 0.0
    passed: bool = False
    tasks: tuple[str, ...] = ()
    scores: dict[str, int] = {}
    hints: int = 0
    minutes: float = 0.0
    extra_time: float = 1.0
    withheld: bool = False
    time_left: float = 0.0
    unfinished: int = 0
    failed: int = 0
    folder: str
    workspace: str = ""
    fault: str = ""
    has_record: bool = True

    @property
    def is_time_up(self) -> bool:
        """Whether its clock ran out while nobody had it open; the app ends it when opened."""
        return self.phase is Phase.RUNNING and self.time_left <= 0

    @property
    def is_open(self) -> bool:
        """Whether its clock runs or can resume, or submissions still wait for a grade."""
        return self.phase in (Phase.RUNNING, Phase.PAUSED) or self.unfinished > 0


def sittings(settings: Settings, clock: Clock) -> list[Summary]:
    """Every sitting, newest first, except those whose lay-out never finished.

    Raises `WorkspaceError` where sittings cannot be kept.
    """
    summaries = [_summary(each, clock) for each in kept_sittings(settings.sittings_folder)]
    return sorted(summaries, key=lambda each: (each.created.wall, each.id), reverse=True)


def open_sitting(settings: Settings, clock: Clock) -> Summary | None:
    """The newest sitting that can continue; None if there is none.

    A prepared sitting that never started is not open: it has nothing to lose.
    """
    return next((each for each in sittings(settings, clock) if each.is_open), None)


def newest_open(settings: Settings, clock: Clock) -> Sitting | None:
    """The newest sitting whose clock runs or can resume; reads no more than it must.

    A damaged sitting is passed over.
    """
    # Each is named after the time when it was made.
    for folder in sorted(kept_sittings(settings.sittings_folder), reverse=True):
        if (folder / report.FILE_NAME).exists():
            continue
        with contextlib.suppress(TfexamError):
            sitting = past(folder)
            if _can_continue(sitting, clock):
                return sitting
    return None


def _can_continue(sitting: Sitting, clock: Clock) -> bool:
    if sitting.phase is Phase.PAUSED:
        return True
    return sitting.phase is Phase.RUNNING and sitting.time_left(clock.now()) > 0


def past(folder: Path) -> Sitting:
    """The last state of the sitting in `folder`, as it may be shown; locks and changes nothing.

    Raises `WorkspaceError` or `JournalError` when it cannot be read.
    """
    path = folder / NAME
    return restored(read_record(folder), read_journal(path).events, path).as_shown()


def faithful_tasks(folder: Path, *, blind_only: bool = False) -> dict[str, str]:
    """Each task of a faithful or blind sitting in `folder` that goes on, with the sitting's id.

    With `blind_only`, only those of a blind one: its scores are not told before the end either.
    Until the end nothing may be explained about them, not even in another sitting, nor what
    their marks take. A sitting whose time is up goes on until the app has ended it.
    """
    return {
        task.task: sitting.record.id
        for sitting in _states(folder)
        if sitting.phase in (Phase.RUNNING, Phase.PAUSED)
        for task in sitting.record.paper.tasks
        if not sitting.explains and (sitting.record.mode == "blind" or not blind_only)
    }


def need_startable(paper: ClassPaper, folder: Path, now: Instant) -> None:
    """Raise `ClassPaperError` outside the window of `paper`, or if it was sat in `folder`.

    Whoever has seen its scores would sit it again with a fresh clock.
    """
    paper.need_open(now)
    for sitting in _states(folder):
        record = sitting.record
        is_same = record.closes is not msgspec.UNSET and record.paper.code == paper.code
        if is_same and sitting.phase is Phase.ENDED:
            raise ClassPaperError(
                phrase("You have sat this class paper: {sitting} has ended.", sitting=record.id),
                fix=phrase("`tfexam report {sitting}` shows it.", sitting=record.id),
            )


def _states(folder: Path) -> Iterator[Sitting]:
    """Every readable sitting in `folder`."""
    for each in kept_sittings(folder):
        if (sitting := _state(each)) is not None:
            yield sitting


def _state(folder: Path) -> Sitting | None:
    try:
        return past(folder)
    except TfexamError:
        return None


def _summary(folder: Path, clock: Clock) -> Summary:
    try:
        sitting = past(folder)
    except TfexamError as error:
        return _damaged(folder, error)
    return _of(sitting, folder, clock)


def _damaged(folder: Path, error: TfexamError) -> Summary:
    try:
        record = read_record(folder)
    except TfexamError:
        return Summary(
            id=folder.name,
            created=_made(folder),
            folder=str(folder),
            fault=error.sentence,
            has_record=False,
        )
    return Summary(
        id=record.id,
        kind=record.kind,
        mode=record.mode,
        level=record.paper.stated_level or None,
        created=record.created,
        minutes=record.minutes,
        extra_time=record.extra_time,
        folder=str(folder),
        workspace=record.workspace,
        fault=error.sentence,
    )


def _of(sitting: Sitting, folder: Path, clock: Clock) -> Summary:
    record = sitting.record
    return Summary(
        id=record.id,
        kind=record.kind,
        mode=record.mode,
        level=record.paper.stated_level or None,
        code=record.paper.code,
        created=record.created,
        ended=_ended(sitting),
        phase=sitting.phase,
        percent=sitting.percent,
        passed=sitting.passed,
        tasks=tuple(each.task for each in record.paper.tasks),
        scores={} if sitting.withheld else sitting.scores,
        hints=sum(sitting.hints.values()),
        minutes=record.minutes,
        extra_time=record.extra_time,
        withheld=sitting.withheld,
        time_left=sitting.time_left(clock.now()),
        unfinished=len(sitting.unfinished),
        failed=len(sitting.failed),
        folder=str(folder),
        workspace=record.workspace,
    )


def _ended(sitting: Sitting) -> Instant | None:
    """When the clock of a finished sitting stopped, leaving out pauses."""
    if sitting.phase is not Phase.ENDED or sitting.started is None:
        return None
    return sitting.started.later(sitting.elapsed)


def _made(folder: Path) -> Instant:
    """When a sitting without a record was made: its folder is named after that.

    One with another name counts from its last change.
    """
    try:
        wall = local_wall(folder.name[:_MOMENT], MOMENT)
    except ValueError:
        wall = _changed(folder)
    return Instant(wall=wall, boot=0.0, boot_id="")


def _changed(folder: Path) -> float:
    try:
        return folder.stat().st_mtime
    except OSError:
        return 0.0
