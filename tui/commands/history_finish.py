"""`tfexam history --finish`: grades what sittings that are over left ungraded."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import TfexamError
from exam_bank.printable import printable
from tui.locale import _, say
from tui.text.verdicts import look_of_submission

if TYPE_CHECKING:
    from engine.clock import Clock
    from engine.settings import Settings
    from engine.sitting.notices import Notice
    from engine.sitting.proctor import Proctor
    from engine.sitting.store.history import Summary

# The proctor tells of the last grade before its result is written.
_LOOK_SECONDS = 0.1


def finish(settings: "Settings", clock: "Clock") -> bool:
    """Grade what is left, and say so on stderr; returns whether all could be graded."""
    from engine.sitting.store.history import sittings

    found = list(_unfinished(sittings(settings, clock)))
    if not found:
        click.echo(_("All is graded."), err=True)
    done = [_finish_one(settings, clock, each) for each in found]  # others, after one that fails
    return all(done)


def _unfinished(summaries: "list[Summary]") -> "Iterator[Summary]":
    """Sittings that are over, or whose time is, with something left to grade."""
    for each in summaries:
        is_over = each.phase == "ended" or each.is_time_up
        if is_over and (each.unfinished or each.failed or each.phase == "running"):
            yield each


def _finish_one(settings: "Settings", clock: "Clock", summary: "Summary") -> bool:
    from engine.sitting.proctor import Proctor

    try:
        proctor = Proctor.open(Path(summary.folder), settings=settings, clock=clock)
        asyncio.run(_run(proctor))
    except TfexamError as error:
        click.echo(printable(f"{summary.id}: {say(error.sentence)}"), err=True)
        return False
    sitting = proctor.sitting
    said = _("{id}: {percent} % after {n} submissions").format(
        id=summary.id, percent=f"{sitting.percent:.0f}", n=len(sitting.submissions)
    )
    click.echo(printable(said))
    return not sitting.failed


async def _run(proctor: "Proctor") -> None:
    proctor.subscribe(lambda notice: _tell(proctor.record.id, notice))
    running = asyncio.create_task(proctor.run(), name="tfexam proctor")
    try:
        while not proctor.finished and not running.done():
            await asyncio.wait([running], timeout=_LOOK_SECONDS)
    finally:
        await proctor.close()
        await running


def _tell(name: str, notice: "Notice") -> None:
    """One line on stderr for each grading that begins or ends, and for trouble."""
    from engine.sitting import notices
    from engine.sitting.state import events

    said = ""
    match notice:
        case notices.Happened(events.GradingStarted(number=number), _state):
            said = _("submission {number}: being graded …").format(number=number)
        case notices.Happened(events.GradingEnded(number=number), sitting):
            look = look_of_submission(sitting.submission(number))
            said = _("submission {number}: {verdict}").format(number=number, verdict=look.text())
        case notices.Trouble(error):
            said = say(error.sentence)
    if said:
        click.echo(printable(f"{name}: {said}"), err=True)
