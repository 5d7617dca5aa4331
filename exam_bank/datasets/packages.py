"""Downloads package archives with the user's own pip or npm, to read one member of each.

That way the user's index, mirror, proxy and certificates apply, and no registry is named
here: behind a firewall that only lets the company's index through, data sets that come in
packages can still be fetched. Nothing is installed, built, run or imported: pip may take
only wheels (an sdist would run its build), npm runs no scripts, and each archive is opened
as a zip or tar only after its hash has been checked.
"""

import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from exam_bank.datasets.download import SourceFailed
from exam_bank.datasets.registry import Archive
from exam_bank.errors import FetchStopped
from exam_bank.phrase import phrase
from exam_bank.platform import limits, processes
from exam_bank.safe_files import sha256_of

PATIENCE_SECONDS = 1800
_LOOK_SECONDS = 0.1
_TOLD = 300
# For the package manager's own caches and logs.
_SPARE_BYTES = 64 << 20


class Packages:
    """Package archives, each fetched once into `folder`."""

    def __init__(self, folder: Path, cancel: threading.Event) -> None:
        self._folder = folder
        self._cancel = cancel

    def archive(self, source: str, known: Archive) -> Path:
        """The archive that `source` (without its member) names.

        Raises `SourceFailed` if it cannot be downloaded or differs from the `known` one.
        """
        kind, _, what = source.partition(":")
        folder = self._folder / known.sha256[:16]
        if not folder.is_dir():
            folder.mkdir(parents=True)
            try:
                command = _pip(what, known, folder) if kind == "pypi" else _npm(what)
                self._ask(command, folder, 2 * known.bytes + _SPARE_BYTES)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        found = [path for path in folder.iterdir() if path.suffix in (".whl", ".tgz")]
        if len(found) != 1:
            raise SourceFailed(phrase("its package manager gave no archive"))
        if (has := sha256_of(found[0])) != known.sha256:
            raise SourceFailed(
                phrase(
                    "the archive has SHA-256 {has}, expected {wanted}", has=has, wanted=known.sha256
                )
            )
        return found[0]

    def _ask(self, command: Sequence[str], folder: Path, most: int) -> None:
        """Run pip or npm in `folder`, in its own process group; no file may exceed `most` bytes."""
        with (folder / "said").open("w+b") as said:
            process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                creationflags=processes.OWN_GROUP,
            )
            try:
                limits.limit_files_of(process.pid, most)
                self._wait(process)
            finally:
                processes.kill_group(process)
                process.wait()
            said.seek(0)
            text = said.read().decode(errors="replace")
        if process.returncode != 0:
            raise SourceFailed(
                phrase("{name} said: {text}", name=Path(command[0]).name, text=_essence(text))
            )

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        for _ in range(int(PATIENCE_SECONDS / _LOOK_SECONDS)):
            if process.poll() is not None:
                return
            if self._cancel.wait(_LOOK_SECONDS):
                raise FetchStopped(phrase("Fetching a package was cancelled."))
        raise SourceFailed(
            phrase("it took more than {minutes} minutes", minutes=PATIENCE_SECONDS // 60)
        )


def _pip(what: str, known: Archive, folder: Path) -> list[str]:
    """The command that downloads one wheel; pip checks its hash."""
    requirement, _, _ = what.partition(":")
    listed = folder / "requirements"
    listed.write_text(f"{requirement} --hash=sha256:{known.sha256}\n", encoding="utf-8")
    return [
        *(sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-input"),
        # We only want its data: its dependencies, and whether it would run here, do not matter.
        *("--no-deps", "--only-binary=:all:", "--ignore-requires-python"),
        *("--dest", str(folder), "--requirement", str(listed)),
    ]


def _npm(what: str) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise SourceFailed(phrase("npm is not installed"))
    name, _, version = what.partition("==")
    return [npm, "pack", "--ignore-scripts", "--silent", f"{name}@{version}"]


def _essence(text: str) -> str:
    """The line that says what went wrong: the last one that mentions an error, or the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["nothing"])[-1][:_TOLD]
