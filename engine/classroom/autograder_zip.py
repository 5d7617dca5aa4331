"""An autograder for Gradescope: one zip with tfexam itself, the paper, and the data that it needs.

Gradescope runs `setup.sh` once, which installs Python and what tfexam depends on, and then
`run_autograder` for each submission, without a network. tfexam travels as its own packages: what
grades there is what was here. See the specifications:
https://gradescope-autograders.readthedocs.io/en/latest/specs/
"""

import shlex
import zipfile
from collections.abc import Iterator, Sequence
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement

from engine.errors import ClassError
from engine.files import said, what_to_do
from exam_bank.datasets.local import LocalDataset
from exam_bank.phrase import phrase
from exam_bank.task import Task

_PACKAGES = ("engine", "exam_bank", "tui")
_LEFT_OUT = {"__pycache__"}
# Whoever hands in nothing has a result too, and a fault of ours has none: Gradescope says so.
_RUN = """#!/usr/bin/env bash
# Grades what lies in submission/, and writes results/results.json.
set -u
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"
[ -d "$source" ] || source="$here"
python="${AUTOGRADER_PYTHON:-$source/venv/bin/python}"
export PYTHONPATH="$source/tfexam" TFEXAM_DATA="$source/data" TFEXAM_HOME="$root/tfexam-home"
export TFEXAM_KERAS_FILES=always CUDA_VISIBLE_DEVICES=-1
mkdir -p "$root/results"
out="$root/results/results.json"
# Not from within submission/: a .env that lies there must change nothing.
cd "$root" || exit 1
"$python" -P -m tui.cli grade submission @WHAT@ --format gradescope >"$out.new" 2>"$root/said"
status=$?
cat "$root/said"
case $status in
  0 | 1 | 3) mv "$out.new" "$out" ;;
  2)
    "$python" - "$root/said" "$out" <<'EOF'
import json, sys
said = open(sys.argv[1], encoding="utf-8", errors="replace").read()[-2000:]
with open(sys.argv[2], "w", encoding="utf-8") as file:
    json.dump({"score": 0, "output": said, "output_format": "text"}, file)
EOF
    ;;
  *) exit 1 ;;
esac
"""
_SETUP = """#!/usr/bin/env bash
# Installs Python @PYTHON@ and what tfexam depends on; runs once, with a network.
set -euo pipefail
cd /autograder/source
apt-get update
apt-get install -y python3-pip
python3 -m pip install --upgrade uv || python3 -m pip install --break-system-packages uv
python3 -m uv venv --python @PYTHON@ venv
python3 -m uv pip install --python venv/bin/python -r requirements.txt
chmod +x run_autograder
"""


def write_autograder(
    path: Path, *, tasks: Sequence[Task], options: Sequence[str], datasets: Sequence[LocalDataset]
) -> None:
    """Write the zip to `path`, whole or not at all.

    `options` of `tfexam grade` name `tasks` and their seeds. Raises `ClassError`, also for a task
    of a pack: its code would not be there.
    """
    for task in tasks:
        if not task.folder.resolve().is_relative_to(_folder_of("exam_bank")):
            raise ClassError(
                phrase(
                    "The task {task} is in a pack, which an autograder cannot hold.", task=task.id
                ),
                fix=phrase("Grade it on this machine: `tfexam class grade`."),
            )
    part = path.with_name(f"{path.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            _add(archive, "setup.sh", _SETUP.replace("@PYTHON@", "3.12"))
            _add(archive, "run_autograder", _RUN.replace("@WHAT@", shlex.join(options)))
            _add(archive, "requirements.txt", "".join(_requirements()))
            for name, file in _package_files():
                archive.write(file, f"tfexam/{name}")
            _add(archive, *_distribution())
            for each in datasets:
                for name in each.files:
                    archive.write(each.path(name), f"data/{each.id}/{each.path(name).name}")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ClassError(
            phrase("{path} cannot be written: {error}.", path=path, error=said(error)),
            fix=what_to_do(error),
        ) from error


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    about = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    about.external_attr = 0o100755 << 16
    archive.writestr(about, text, zipfile.ZIP_DEFLATED)


def _package_files() -> Iterator[tuple[str, Path]]:
    """Every file of tfexam's packages, with its path below them."""
    for package in _PACKAGES:
        root = _folder_of(package)
        for file in sorted(root.rglob("*")):
            if file.is_file() and not _LEFT_OUT & set(file.parts):
                yield f"{package}/{file.relative_to(root).as_posix()}", file


def _folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(next(iter(spec.submodule_search_locations))).resolve()


def _distribution() -> tuple[str, str]:
    """What `importlib.metadata` reads of an installed package: its name and version."""
    version = metadata.version("tfexam")
    text = f"Metadata-Version: 2.1\nName: tfexam\nVersion: {version}\n"
    return f"tfexam/tfexam-{version}.dist-info/METADATA", text


def _requirements() -> Iterator[str]:
    """What tfexam needs, in the versions that are installed here."""
    for each in metadata.requires("tfexam") or ():
        wanted = Requirement(each)
        if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
            yield f"{wanted.name}=={metadata.version(wanted.name)}\n"
