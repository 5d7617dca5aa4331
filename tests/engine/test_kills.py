import hashlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine import report
from engine.clock import SystemClock
from engine.sitting.journal import NAME, read_journal
from engine.sitting.ledger import restore
from engine.sitting.record import read_record
from tests.engine.scripted_candidate import SCRIPT, SIZE
from tests.engine.sittings import FIRST, SECOND, make_sitting, model

MAX_RUNS = 60


def run_until_killed(folder: Path, settings_folder: Path, seconds: float) -> bool:
    """Whether the candidate came to the end before the kill."""
    command = [sys.executable, "-m", "tests.engine.scripted_candidate"]
    arguments = [*command, str(folder), str(settings_folder)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        time.sleep(seconds)
        process.kill()
        return process.wait() == 0


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_sitting_killed_again_and_again_loses_and_doubles_nothing(
    tmp_path: Path, seed: int
) -> None:
    folder = await make_sitting(tmp_path, SystemClock())
    chance = random.Random(seed)
    kills = 0
    # Early enough to hit any machine in the middle, and longer each time so that a slow one
    # comes to the end as well.
    while not run_until_killed(folder, tmp_path, chance.uniform(0.0, 0.2 * (1 + kills))):
        kills += 1
        assert kills < MAX_RUNS
    assert kills >= 1
    path = folder / NAME
    sitting = restore(read_record(folder), read_journal(path).events, path)
    expected = [hashlib.sha256(model(content, SIZE)).hexdigest() for content, *_ in SCRIPT]
    assert [each.sha256 for each in sitting.submissions] == expected
    assert [each.score for each in sitting.submissions] == [score for *_, score in SCRIPT]
    assert sitting.scores == {FIRST: 4, SECOND: 3}
    assert report.read(folder).percent == round(sitting.percent, 2)
    kept = {path.stem for path in (folder / "submissions").iterdir() if path.suffix == ".h5"}
    assert kept == set(expected)
