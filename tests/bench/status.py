"""How long `tfexam status` takes, beside a Python that does nothing, with a sitting open.

Both take turns, so that the ratio means something on a busy machine too; so does the processor
time, which is what it takes where nothing else runs. Nothing is asserted.
Run with `python -m tests.bench.status [RUNS]`.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from exam_bank.platform.processes import wait_for_cost
from tests.bench.latency import row
from tests.tui.sittings import keep

RUNS = 20


def seconds(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Of one run: on the wall, and of the processor."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    spent = wait_for_cost(process)
    return time.perf_counter() - start, spent


def main(runs: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory(prefix="tfexam-bench-") as name:
        keep(Path(name), "open", score=3)
        environment = {**os.environ, "TFEXAM_HOME": name, "TFEXAM_CONFIG": f"{name}/none"}
        ways = {
            "python -c pass": [sys.executable, "-c", "pass"],
            "tfexam status": [sys.executable, "-P", "-m", "tui.cli", "status"],
            "tfexam status --format json": [
                *(sys.executable, "-P", "-m", "tui.cli", "status", "--format", "json"),
            ],
        }
        taken: dict[str, list[tuple[float, float]]] = {each: [] for each in ways}
        for command in ways.values():  # bytecode is written once
            seconds(command, environment)
        for _ in range(runs):
            for way, command in ways.items():
                taken[way].append(seconds(command, environment))
    for way, found in taken.items():
        row(way, [wall for wall, _ in found])
        row("    processor time", [spent for _, spent in found])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
