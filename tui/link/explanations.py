"""Explains grades in the background, wherever one is in the app: after the end, and on start.

Only while no sitting goes on, for it needs the processor that a training wants. Quitting loses
nothing: what is missing is made at the next chance.
"""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import App

if TYPE_CHECKING:
    from engine.coaching.explanation import ExplanationProgress
    from tui.link.bridge import Bridge
    from tui.link.services import Services

_log = logging.getLogger(__name__)

_GROUP = "explaining"
# The app's start and the last gradings come first.
AFTER_START, _LOOK_AGAIN = 5.0, 0.5


class Explanations:
    """The background work on past sittings of one app."""

    def __init__(self, app: App[None], services: Services, bridge: Bridge) -> None:
        self._app, self._services, self._bridge = app, services, bridge
        self.progress: ExplanationProgress | None = None

    def begin(self, folder: Path | None = None) -> None:
        """Explain the sitting in `folder`, or else the newest ones, unless that goes on already.

        It begins once the open sitting has ended and everything in it is graded.
        """
        if folder is not None and self.progress is not None and self.progress.folder == folder:
            return
        self._app.run_worker(
            self._explain(folder), group=_GROUP, exclusive=True, exit_on_error=False
        )

    def stop(self) -> None:
        """Stop: a sitting begins or goes on."""
        self._app.workers.cancel_group(self._app, _GROUP)

    async def _explain(self, folder: Path | None) -> None:
        try:
            while self._is_sitting():  # noqa: ASYNC110 - no event tells that the result is written
                await asyncio.sleep(_LOOK_AGAIN)
            for each in [folder] if folder else await self._services.unexplained():
                await self._services.explain(each, self._tell)
                self.progress = None
        except Exception:  # it is tried again at the next chance
            _log.exception("a sitting could not be explained")
        finally:
            self.progress = None

    def _is_sitting(self) -> bool:
        proctor = self._bridge.proctor
        return proctor is not None and not proctor.finished

    def _tell(self, progress: ExplanationProgress) -> None:
        from tui.link.messages import ExplanationMoved

        self.progress = progress
        for screen in self._app.screen_stack:
            screen.post_message(ExplanationMoved(progress))
