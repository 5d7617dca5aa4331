"""A candidate who follows a script, for a process that the kill test may end at any moment.

Run as `python -m tests.engine.scripted_candidate SITTING SETTINGS_FOLDER`; it goes on
where the sitting stands, prints a line once it is open, and exits with 0 when all is done.
"""

import asyncio
import sys
from pathlib import Path

from engine import report
from engine.clock import SystemClock
from engine.sitting.attempt import Phase, SubmissionState
from engine.sitting.proctor import Proctor
from engine.sitting.record import category_folder
from tests.engine.sittings import FIRST, SECOND, FakeGrader, make_settings, model, until

SCRIPT = (("a", FIRST, 1), ("b", SECOND, 2), ("c", FIRST, 4), ("d", SECOND, 0), ("e", SECOND, 3))
SIZE = 200_000


def save(folder: Path, content: str) -> None:
    part = folder / "mymodel.part"
    part.write_bytes(model(content, SIZE))
    part.replace(folder / "mymodel.h5")


def is_graded(proctor: Proctor, number: int) -> bool:
    submissions = proctor.sitting.submissions
    return len(submissions) >= number and submissions[number - 1].state is SubmissionState.GRADED


async def follow(sitting: Path, settings_folder: Path) -> None:
    grader = FakeGrader()
    grader.marks = {model(content, SIZE): score for content, _, score in SCRIPT}
    settings = make_settings(settings_folder)
    proctor = Proctor.open(sitting, settings=settings, clock=SystemClock(), grader=grader)
    running = asyncio.create_task(proctor.run())
    sys.stdout.write("open\n")
    sys.stdout.flush()
    if proctor.sitting.phase is Phase.PREPARED:
        proctor.start()
    for number, (content, task, _) in enumerate(SCRIPT, start=1):
        if len(proctor.sitting.submissions) < number:
            save(category_folder(proctor.record, task), content)
        await until(lambda number=number: is_graded(proctor, number))  # type: ignore[misc]
    if proctor.sitting.phase is not Phase.ENDED:
        proctor.end()
    await until((sitting / report.FILE_NAME).exists)
    await proctor.close()
    await running


if __name__ == "__main__":
    asyncio.run(follow(Path(sys.argv[1]), Path(sys.argv[2])))
