"""The app as `tfexam` starts it, with a grader that answers at once and data made of nothing.

For tests of the hands: everything that a candidate sees and touches is real, and so are the
folders, the journal and the intake; only what takes a processor for minutes is not.
"""

import sys
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

from engine.clock import SystemClock
from engine.machine.checks import Check
from engine.settings import Settings
from engine.sitting.proctor import Proctor
from engine.sitting.store import layout
from exam_bank.preparation import Order, Step
from tests.engine.sittings import FakeGrader
from tests.tui.fakes import CHECKS
from tui.app import ExamApp
from tui.link.services import Services

# Of the first submission, which is the worse one, and of the five after it.
SCORES = (1, 5, 4, 5, 5, 4)


class QuickServices(Services):
    """The engine without its children."""

    def __init__(self, settings: Settings, clock: SystemClock) -> None:
        super().__init__(settings, clock)
        self._known, self._now = settings, clock

    async def checks(self) -> AsyncIterator[Check]:
        """Those of a machine on which all is well."""
        for check in CHECKS:
            yield check

    def open(self, folder: Path) -> Proctor:
        """With the quick grader."""
        return Proctor.open(
            folder, settings=self._known, clock=self._now, grader=FakeGrader(*SCORES)
        )

    async def unexplained(self) -> list[Path]:
        """Nothing is explained afterwards."""
        return []


async def prepare(orders: Sequence[Order], on_step: Callable[[Step], None]) -> None:
    """Folders where data would be, and what a target is worked out from."""
    for done, order in enumerate(orders, start=1):
        _make(Path(order.files or order.hidden), Path(order.hidden))
        on_step(Step(order.task, done, len(orders)))


def _make(files: Path, hidden: Path) -> None:
    for folder in (files, hidden):
        folder.mkdir(parents=True, exist_ok=True)
    (hidden / "hidden.json").write_text('{"baseline": 1.0}')


def main() -> int:
    """Run the app with the settings of the environment."""
    defaults = layout.lay_out.__kwdefaults__
    assert defaults is not None
    defaults["prepare"] = prepare
    settings, clock = Settings.load({}), SystemClock()
    app = ExamApp(settings, clock, services=QuickServices(settings, clock))
    app.run()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(main())
