from engine.errors import WorkspaceError
from engine.grading.protocol import Progress, Stage
from engine.sitting.notices import GradingProgress, Tick, Trouble, Unsubmitted
from tui.link.messages import EngineNotice

TICK = EngineNotice(Tick(10.0))
PROGRESS = EngineNotice(GradingProgress(1, "flats", Progress(Stage.LOADING), 2.0))


def test_a_waiting_clock_gives_way_to_a_newer_one() -> None:
    assert TICK.can_replace(EngineNotice(Tick(9.0)))
    assert PROGRESS.can_replace(
        EngineNotice(GradingProgress(1, "flats", Progress(Stage.MARKING), 3.0))
    )


def test_nothing_else_gives_way() -> None:
    assert not TICK.can_replace(PROGRESS)
    assert not PROGRESS.can_replace(TICK)
    for notice in (Unsubmitted(frozenset({"flats"})), Trouble(WorkspaceError("It is gone."))):
        fact = EngineNotice(notice)
        assert not fact.can_replace(fact)
        assert not TICK.can_replace(fact)
