"""Install tfexam for the Makefile, one at a time: two pips at once in one .venv spoil it.

Two `make exam` in a fresh clone both find nothing installed. The one that comes second waits here,
and then finds all done. The lock is the system's own: one that is killed leaves none behind.

    python .ci/install.py .venv '.[test]' MARK…    # touches the marks once all is installed
"""

import subprocess
import sys
from pathlib import Path
from typing import IO

NOTE = """\
Installing tfexam and what it needs into .venv: 2.2 GB on disk, nearly all of it TensorFlow. This
is done once. Ctrl-C stops it; run the same command again to start over."""
WANTED = [Path("pyproject.toml"), Path("constraints.txt")]


def take(lock: IO[str]) -> None:
    """Wait until no other make is at work in this .venv; where files cannot be locked, go on."""
    try:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another make is installing here: waiting until it is done.", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    except (ImportError, OSError):  # Windows; a network folder without locks
        return


def is_current(mark: Path) -> bool:
    """Whether the mark is as new as what says what to install: make's own question, asked again."""
    newest = max(wanted.stat().st_mtime for wanted in WANTED)
    return mark.exists() and mark.stat().st_mtime >= newest


def install(venv: Path, what: str) -> None:
    """Make the .venv if it is missing or was left half-way, without pip; then pip into it."""
    if not (venv / "bin" / "pip").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    how = ["--constraint", "constraints.txt", "--editable", what]
    print(NOTE, flush=True)
    if not sys.stdout.isatty():  # nobody watches: no progress in a log
        how.insert(0, "--quiet")
    subprocess.run([*pip, "install", *how], check=True)


def main(venv: Path, what: str, *marks: Path) -> int:
    """Install, unless another make has just done so; the exit status is that of what failed."""
    venv.mkdir(exist_ok=True)
    with (venv / ".lock").open("w") as lock:
        take(lock)
        if not is_current(marks[0]):
            install(venv, what)
            for mark in marks:
                mark.touch()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]), sys.argv[2], *map(Path, sys.argv[3:])))
    except subprocess.CalledProcessError as fault:  # it has said itself what is wrong
        sys.exit(fault.returncode)
