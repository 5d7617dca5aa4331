"""An exam with the real grader, exported and verified by the command line with other folders."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.clock import SystemClock
from engine.settings import Settings
from engine.sitting.proctor import Proctor
from engine.sitting.state.report import FILE_NAME
from engine.sitting.state.sitting import Phase, Sitting, SubmissionState
from engine.sitting.store.layout import lay_out
from engine.sitting.store.record import category_folder, read_record, read_tasks
from exam_bank.catalog import Catalog
from tests.e2e.quick_models import Wanted, quick_models
from tests.e2e.untold import every_byte, told
from tests.engine.sittings import make_settings
from tests.tui.sittings import drawn

pytestmark = pytest.mark.slow

SHARES = (1.0, 0.7)
DONE = len(SHARES)


async def wait(true: Callable[[], object]) -> None:
    async with asyncio.timeout(300):
        while not true():  # noqa: ASYNC110 - the grader sets no events
            await asyncio.sleep(0.05)


def graded(sitting: Sitting) -> int:
    return sum(each.state is SubmissionState.GRADED for each in sitting.submissions)


async def sat(settings: Settings, models: Path) -> tuple[Path, dict[str, bytes]]:
    """An ended exam in which the first tasks were solved, and all that was on disk before."""
    clock, catalog = SystemClock(), Catalog.find()
    paper = drawn()
    folder = await lay_out(
        settings,
        clock,
        paper=paper,
        catalog=catalog,
        kind="exam",
        mode="faithful",
        minutes=60,
    )
    tasks = read_tasks(folder, read_record(folder))
    names = [each.task for each in paper.tasks][:DONE]
    wanted = [Wanted(tasks[name], share) for name, share in zip(names, SHARES, strict=True)]
    made = await asyncio.to_thread(quick_models, folder, wanted, models)
    proctor = Proctor.open(folder, settings=settings, clock=clock)
    running = asyncio.create_task(proctor.run())
    proctor.start()
    await wait(lambda: proctor.sitting.phase is Phase.RUNNING)
    for name, content in zip(names, made, strict=True):
        part = category_folder(proctor.record, name) / "mymodel.part"
        part.write_bytes(content)
        part.rename(part.with_name("mymodel.h5"))
    await wait(lambda: graded(proctor.sitting) == DONE)
    before = every_byte(settings.sittings_folder.parent, settings.workspaces)
    proctor.end()
    await wait(lambda: (folder / FILE_NAME).exists())
    await proctor.close()
    await running
    return folder, before


def tfexam(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tui.cli", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, "TFEXAM_CONFIG": str(home / "none")},
    )


async def test_an_exam_tells_nothing_is_explained_exported_and_verified_elsewhere(
    tmp_path: Path,
) -> None:
    settings = make_settings(tmp_path)
    (tmp_path / "models").mkdir()
    folder, before = await sat(settings, tmp_path / "models")
    bundle = tmp_path / "exam.zip"
    home = settings.sittings_folder.parent
    exported = tfexam(home, "export", folder.name, "-o", str(bundle))
    assert exported.returncode == 0, exported.stderr
    done = tfexam(tmp_path / "other", "verify", str(bundle), "--format", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 0, found
    assert found["verified"]
    assert found["percent"] > 0
    assert all(each["ok"] for each in found["findings"])
    reviewed = tfexam(home, "review", folder.name)
    assert reviewed.returncode == 0, reviewed.stderr
    tasks = list(read_tasks(folder, read_record(folder)).values())
    catalog = Catalog.find()
    assert told(before, folder, [catalog.task(each.id) for each in tasks]) == []
    assert told(every_byte(folder), folder, [])  # it could have been found
    page = tmp_path / "report.html"
    assert tfexam(home, "report", folder.name, "--format", "html", "-o", str(page)).returncode == 0
    for each in (reviewed.stdout, page.read_text("utf-8")):
        assert "hidden examples" in each  # the sentence of a metric
    text = tfexam(home, "verify", folder.name)
    assert text.returncode == 0, text.stdout
    assert "✓ verified: these models get these scores" in text.stdout
