from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from engine.clock import ManualClock
from tests.tui.fakes import FakeServices, settings
from tests.tui.scene import Scene, home_of_ada
from tui import locale
from tui.app import ExamApp
from tui.start import Home, Resume, Start
from tui.widgets.shared.key_bar import KeyBar


class Room:
    """An app with fakes, running under a pilot."""

    def __init__(self, app: ExamApp, services: FakeServices, pilot: Pilot[None]) -> None:
        self.app = app
        self.services = services
        self.pilot = pilot
        self.clock = services.clock

    @property
    def scene(self) -> Scene:
        assert self.services.scene is not None
        return self.services.scene

    @property
    def screen_name(self) -> str:
        return type(self.app.screen).__name__

    def text(self, selector: str) -> str:
        """The plain text of a widget on the top screen."""
        return str(self.app.screen.query_one(selector).render())

    def notices(self) -> list[str]:
        """Every notification on screen, title first."""
        return [f"{each.title}: {each.message}" for each in self.app._notifications]

    def offered(self) -> list[str]:
        """The labels of the footer."""
        return self.app.screen.query_one(KeyBar).labels

    async def settle(self) -> None:
        for _ in range(3):
            await self.pilot.pause()


async def until(room: Room, holds: Callable[[], bool]) -> None:
    """Wait until a condition that a thread brings about is true."""
    for _ in range(2000):
        if holds():
            return
        await room.pilot.pause(0.01)
    raise AssertionError("it never came")


OpenRoom = Callable[..., AbstractAsyncContextManager[Room]]


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    yield
    locale.set_language("en")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[FakeServices]:
    with home_of_ada(tmp_path):
        yield FakeServices(ManualClock(), tmp_path)


@pytest.fixture
def open_room(tmp_path: Path, services: FakeServices) -> OpenRoom:
    """Opens the app: `async with open_room(Home(), size=…, lang=…) as room`."""

    @asynccontextmanager
    async def opened(
        start: Start | None = None, *, size: tuple[int, int] = (80, 24), **flags: object
    ) -> AsyncIterator[Room]:
        services.settings = settings(tmp_path, **flags)
        app = ExamApp(services.settings, services.clock, start or Home(), services=services)
        async with app.run_test(size=size, notifications=True) as pilot:
            room = Room(app, services, pilot)
            await room.settle()
            yield room

    return opened


@pytest.fixture
def open_exam(services: FakeServices, open_room: OpenRoom) -> OpenRoom:
    """Opens the app in a running sitting: `async with open_exam(kind="practice") as room`."""

    @asynccontextmanager
    async def opened(
        *,
        size: tuple[int, int] = (80, 24),
        flags: dict[str, object] | None = None,
        **options: object,
    ) -> AsyncIterator[Room]:
        scene = services.begin(**options)
        async with open_room(Resume(scene.folder), size=size, **(flags or {})) as room:
            yield room

    return opened
