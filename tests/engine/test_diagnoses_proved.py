"""Each mistake of the table is named in a model that was made with it, and nothing in sound ones.

`python -m tests.engine.diagnoses` prints the same as a table.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from engine.grading.host.grader import Grader
from engine.grading.wire import Diagnosed
from tests.engine.mistaken_models import Mistaken, job_of

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_mistake_is_named_and_sound_models_have_none() -> None:
    command = [sys.executable, "-m", "tests.engine.diagnoses"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr[-2_000:]}"


@pytest.mark.slow
async def test_a_sandboxed_child_tries_and_the_marking_process_finds(tmp_path: Path) -> None:
    name, logs = "pictures_mirrored", tmp_path / "logs"
    command = [sys.executable, "-m", "tests.engine.mistaken_models", str(tmp_path), name]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)  # noqa: ASYNC221
    grader = Grader(logs=logs, prewarm=False)
    try:
        said = await grader.diagnose(job_of(Mistaken(name, "pictures", name), tmp_path))
    finally:
        await grader.close()
    assert isinstance(said, Diagnosed), said
    assert said.found[0].id == name
    assert said.complete
    assert not list(logs.glob("job-*"))
