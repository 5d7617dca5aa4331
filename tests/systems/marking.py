"""The marking process as on Windows or macOS; run as `python marking.py SYSTEM`."""

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]


def command(system: str) -> list[str]:
    # Not with -m: it could be started in another folder.
    return [sys.executable, "-P", str(Path(__file__)), system]


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.systems import likeness

    likeness.put_on(sys.argv[1], Path(tempfile.gettempdir()), ["numpy"])
    from engine.grading.marking import marking_main

    marking_main.main()


if __name__ == "__main__":
    main()
