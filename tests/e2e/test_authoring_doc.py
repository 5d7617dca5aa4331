"""docs/authoring.md, followed to the letter: from `bank new` to a model that is graded 5/5.

Blocks of the document are taken in their order. `sh` is run as it stands; `python FILE` is
written; `diff FILE` takes out the lines with a minus (whole lines, each run of them once) and puts
those with a plus in their place.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "authoring.md"
FENCE = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    kind: str
    about: str
    text: str


def blocks() -> Iterator[Block]:
    for kind, about, text in FENCE.findall(DOCUMENT.read_text(encoding="utf-8")):
        yield Block(kind, about, text)


def hunks(diff: str) -> Iterator[tuple[str, str]]:
    """Each run of lines to take out, with the run to put there."""
    for out, into in re.findall(r"((?:^-[^\n]*\n)+)((?:^\+[^\n]*\n)*)", diff, re.MULTILINE):
        yield plain(out), plain(into)


def plain(lines: str) -> str:
    return re.sub(r"^[-+]", "", lines, flags=re.MULTILINE)


def edited(text: str, diff: str) -> str:
    for out, into in hunks(diff):
        assert f"\n{text}".count(f"\n{out}") == 1, out
        text = f"\n{text}".replace(f"\n{out}", f"\n{into}")[1:]
    return text


def run(
    command: str, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def follow(block: Block, folder: Path, environment: dict[str, str], exports: str) -> str:
    """Do what `block` says; gives what it printed."""
    match block.kind:
        case "sh":
            done = run(f"{exports}{block.text}", folder, environment)
            wanted = int(block.about.removeprefix("status=") or 0)
            assert done.returncode == wanted, f"{block.text}\n{done.stdout}\n{done.stderr}"
            return done.stdout
        case "python":
            (folder / block.about).write_text(block.text, encoding="utf-8")
        case "diff":
            path = folder / block.about
            path.write_text(edited(path.read_text("utf-8"), block.text), encoding="utf-8")
    return ""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if "TFEXAM" not in name}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    own = {"PATH": path, "TFEXAM_HOME": str(tmp_path / "home"), "TFEXAM_CONFIG": "/nowhere"}
    return kept | own | {"LC_ALL": "C.UTF-8", "TF_CPP_MIN_LOG_LEVEL": "2"}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_document_leads_to_five_points(tmp_path: Path, environment: dict[str, str]) -> None:
    exports, said = "", ""
    for block in blocks():
        said += follow(block, tmp_path, environment, exports)
        exports += "".join(re.findall(r"^export [^\n]+\n", block.text, re.MULTILINE))
    task = tmp_path / "my_pack/late_buses"
    assert "5/5" in "\n".join(said.splitlines()[-2:])
    assert re.search(r"late-buses .* proved ", said)
    assert "| hard | reference | solution | 5 | 5 5 |" in (task / "PROOF.md").read_text("utf-8")
    assert "TODO" not in (task / "task.toml").read_text("utf-8")


def test_the_document_shows_files_that_are_there() -> None:
    """What can be checked without training: every edit names a file that a step made."""
    kinds = [block.kind for block in blocks()]
    assert kinds.count("sh") >= 4
    assert all(block.about.startswith("my_pack/") for block in blocks() if block.kind == "diff")
