"""Each mistake of the table is named in a model that was made with it, and nothing in sound ones.

`python -m tests.engine.diagnoses` prints the same as a table.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_mistake_is_named_and_sound_models_have_none() -> None:
    command = [sys.executable, "-m", "tests.engine.diagnoses"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr[-2_000:]}"
