"""Scenes of the end of a sitting and after it, for `draw_screens`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from textual.pilot import Pilot

from engine.coaching.past_tasks import PastTask
from engine.sitting.state.sitting import Kind, Mode
from exam_bank.task import MarkScheme
from tests.engine.sittings import model
from tests.tui import fake_evidence
from tests.tui.fake_evidence import keep_evidence
from tests.tui.fakes import graded, summary
from tui.widgets.review.evidence_view import EvidenceView

if TYPE_CHECKING:
    from tests.tui.draw_screens import Stagehand

Script = Callable[["Stagehand", Pilot[None]], Awaitable[None]]
SCENES: dict[str, Script] = {}
UNFINISHED = model()[:-1]


def scene(play: Script) -> Script:
    """Register a scene under its name."""
    SCENES[play.__name__.replace("_", "-")] = play
    return play


async def sit(stage: Stagehand, pilot: Pilot[None], kind: Kind, mode: Mode, **options: int) -> None:
    """A sitting of a different kind from the one that scenes start with."""
    begun = stage.services.begin(kind=kind, mode=mode, **options)
    await stage.app.resume(begun.folder)
    await pilot.pause()


def practised(stage: Stagehand) -> tuple[PastTask, ...]:
    """Some weeks of practice, with and without help."""
    now = stage.clock.now().utc()
    done = [
        ("flats", 30, 5, 0),
        ("garments", 24, 3, 2),
        ("hands", 17, 4, 0),
        ("garments", 9, 5, 0),
        ("reviews", 6, 2, 3),
        ("flats", 2, 5, 0),
    ]
    return tuple(
        PastTask(
            task=task,
            sitting=f"{days}",
            when=now - timedelta(days=days),
            score=score,
            hints=hints,
        )
        for task, days, score, hints in done
    )


def near(scheme: MarkScheme, score: int) -> float:
    """A metric that earns `score` and is close to the next point."""
    own, following = scheme.thresholds[max(0, score - 1)], scheme.thresholds[min(4, score)]
    return round(own + 0.6 * (following - own), 4)


@scene
async def end_coach(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The question before the end, with a hint and an unsubmitted model."""
    await sit(stage, pilot, "exam", "coach")
    for name, score in (("flats", 5), ("garments", 4), ("hands", 2), ("reviews", 3)):
        stage.clock.advance(2700)
        scheme = stage.services.task_map[name].says.mark_scheme.hardest
        await stage.scene.take(name, graded(score, near(scheme, score)))
    await stage.scene.leave_late("town-load", content=UNFINISHED)
    await stage.scene.tick(0.0)
    stage.app.clear_notifications()
    await pilot.press("e")


@scene
async def next_task(stage: Stagehand, pilot: Pilot[None]) -> None:
    """A practice session whose first task is done."""
    await sit(stage, pilot, "practice", "coach", minutes=60, count=3)
    await stage.scene.turn_to("flats")
    stage.clock.advance(1140)
    await stage.scene.take("flats", graded(5))
    await stage.scene.tick(2.0)
    stage.app.clear_notifications()


@scene
async def result_practice(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The result of a session with two tasks, one at full marks."""
    await sit(stage, pilot, "practice", "coach", minutes=60, count=2)
    await stage.scene.turn_to("flats")
    stage.clock.advance(1140)
    await stage.scene.take("flats", graded(5))
    await stage.scene.turn_to("garments")
    stage.clock.advance(1320)
    await stage.scene.take("garments", graded(3))
    await stage.scene.end()
    await pilot.pause()
    stage.app.clear_notifications()


@scene
async def hints(stage: Stagehand, pilot: Pilot[None]) -> None:
    """A practice session in which two hints were asked for."""
    await sit(stage, pilot, "practice", "coach", minutes=60, count=3)
    await stage.scene.turn_to("flats")
    stage.clock.advance(1140)
    await stage.scene.take("flats", graded(3))
    await stage.scene.tick(2.0)
    stage.app.clear_notifications()
    for _ in range(2):
        await pilot.press("h")
        await pilot.pause(0.05)


@scene
async def review(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The review of an ended session: the marks, luck, and what is taken for what."""
    await result_practice(stage, pilot)
    keep_evidence(stage.scene, "flats", fake_evidence.table())
    keep_evidence(stage.scene, "garments", fake_evidence.pictures())
    await pilot.press("v")
    await pilot.pause(0.1)
    await pilot.press("down")
    await pilot.pause(0.1)


@scene
async def review_worst(stage: Stagehand, pilot: Pilot[None]) -> None:
    """Further down: the pictures it was surest of and wrong about."""
    await review(stage, pilot)
    await _scroll_to(stage, pilot, "The mistakes it was surest of", "最有把握的错误")


@scene
async def review_series(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The review of a series: each step, and forecasts against what came."""
    await sit(stage, pilot, "practice", "coach", minutes=60, count=5)
    stage.clock.advance(1140)
    await stage.scene.take("town-load", graded(5))
    await stage.scene.end()
    await pilot.pause()
    stage.app.clear_notifications()
    keep_evidence(stage.scene, "town-load", fake_evidence.series())
    await pilot.press("v")
    await pilot.pause(0.1)
    await pilot.press("end")
    await pilot.pause(0.1)
    await _scroll_to(stage, pilot, "The error by step ahead", "各预测步的误差")


async def _scroll_to(stage: Stagehand, pilot: Pilot[None], *titles: str) -> None:
    """Scroll the review to the section with one of these titles."""
    view = stage.app.screen.query_one(EvidenceView)
    lines = [each.plain for each in view.lines(view.content_size.width)]
    place = next(number for number, line in enumerate(lines) if line in titles)
    panel = stage.app.screen.query_one("#about")
    panel.scroll_to(y=view.virtual_region.y + place, animate=False)
    await pilot.pause(0.1)


@scene
async def skills(stage: Stagehand, pilot: Pilot[None]) -> None:
    """The skills after some weeks of practice."""
    stage.services.past_tasks = practised(stage)
    await pilot.press("k")
    await pilot.pause(0.05)
    await pilot.press(*("down",) * 26)


@scene
async def home_next(stage: Stagehand, pilot: Pilot[None]) -> None:
    """Home with what to practise next."""
    stage.services.past_tasks = practised(stage)
    stage.services.summaries = [summary(stage.clock)]
    await pilot.press("h")
    await pilot.press("escape")
    await pilot.pause(0.05)
