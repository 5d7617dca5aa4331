"""A process that inspects many files as `tfexam lint` does, and tells the processor time of each.

Run as a program it is the child; `LintChild` is its owner's end, which sees it die and starts
another.
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

COMMAND = (sys.executable, "-m", "tests.hostile.lint_child")


class Looked(NamedTuple):
    """What inspection said of a file: the reason of a refusal or "", and the seconds it took."""

    reason: str
    seconds: float


class LintDiedError(Exception):
    """The process ended before it had said anything; its status is the argument."""


class LintChild:
    """Inspects files one after the other."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._process: subprocess.Popen[str] | None = None

    def look(self, path: Path) -> Looked:
        """What inspection says of `path`; raises `LintDiedError`."""
        if self._process is None:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{path}\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            status = process.wait()
            self.close()
            raise LintDiedError(status)
        return Looked(*json.loads(line))

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def main() -> None:
    from engine.errors import SubmissionRejected
    from engine.grading.inspection.model_file import look

    for line in sys.stdin:
        started, reason = time.process_time(), ""
        try:
            look(Path(line.rstrip("\n")))
        except SubmissionRejected as refused:
            reason = refused.reason
        seconds = time.process_time() - started
        sys.stdout.write(json.dumps([reason, seconds]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
