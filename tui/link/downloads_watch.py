"""Looks for models that arrive among the downloads, while the candidate wants that."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from engine.threads import in_daemon_thread
from tui.link.messages import DownloadArrived

if TYPE_CHECKING:
    from textual.message_pump import MessagePump

    from engine.sitting.proctor import Proctor

LOOK_SECONDS = 2.0


def downloads_folder() -> Path:
    """Where browsers put files on this machine."""
    import platformdirs

    return platformdirs.user_downloads_path()


async def watch(node: MessagePump, proctor: Proctor, folder: Path) -> None:
    """Post `DownloadArrived` to `node` for each model that arrives in `folder`; never ends."""
    from engine.grading.host.contract_fit import fitting
    from engine.sitting.intake.downloads import Downloads

    h5_only = not proctor.takes_keras_files
    names = ("mymodel.h5",) if h5_only else ("mymodel.h5", "mymodel.keras")
    downloads = await in_daemon_thread(lambda: Downloads(folder, names))
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        for path in await in_daemon_thread(downloads.arrived):
            logs = proctor.folder / "logs"
            tasks = await fitting(path, proctor.tasks, logs, h5_only=h5_only)
            node.post_message(DownloadArrived(path, tasks))
