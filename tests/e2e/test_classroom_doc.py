"""docs/classroom.md, followed to the letter: from a class paper to grades in every form.

Blocks of the document are taken in their order. `sh` is run as it stands; `text`, `yaml` and
`python` with a name are written to that file, and what runs there is run too.
"""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from exam_bank.catalog import Catalog
from exam_bank.paper import from_code

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "classroom.md"
FENCE = re.compile(r"^```(\w+)(?: ([^\n]+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MAKE = """
import json, sys, keras
for path, input, dtype, output in json.loads(sys.argv[1]):
    inputs = keras.Input(input, dtype=dtype)
    hidden = keras.layers.Flatten()(inputs)
    if dtype == "int32":
        hidden = keras.layers.Rescaling(0.001)(hidden)
    size = 1
    for each in output:
        size *= each
    answer = keras.layers.Reshape(output)(keras.layers.Dense(size)(hidden))
    keras.Model(inputs, answer).save(path)
"""
RUNNER = {
    "CLASSROOM": "tf",
    "ASSIGNMENT": "mock",
    "SUBMISSION_TAG": "submit/1",
    "COMMIT_URL": "https://x/commit/1",
    "RELEASE_URL": "https://x/releases/1",
}

pytestmark = pytest.mark.slow


def blocks() -> list[tuple[str, str, str]]:
    return [tuple(each) for each in FENCE.findall(DOCUMENT.read_text(encoding="utf-8"))]


class Place:
    """The folder in which the document is followed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        bin_folder = Path(sys.executable).parent
        self.environment = {
            **os.environ,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "TFEXAM_HOME": str(folder / "home"),
            "TFEXAM_LANG": "en",
        }

    def run(self, command: str, *wanted: int, **more: str) -> str:
        """What `command` prints; its status must be one of `wanted`, or 0."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (wanted or (0,)), f"{command}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def hand_in(self) -> None:
        """Models for the paper's tasks: alice's all, bob's first, nothing of carol's."""
        bank = Catalog.find()
        paper = from_code(bank, tomllib.loads((self.folder / "paper.toml").read_text())["code"])
        tasks = [bank.task(each.task) for each in paper.tasks]
        wanted = []
        for who, theirs in (("alice", tasks), ("bob", tasks[:1])):
            for task in theirs:
                place = self.folder / "submissions" / who / f"Category{task.category}"
                place.mkdir(parents=True)
                contract = task.says.contract
                put, out = contract.input, contract.output.shape
                wanted.append((str(place / "mymodel.h5"), put.shape, put.dtype, out))
        line = bank.task("straight-line").says.contract
        (self.folder / "Category1").mkdir()
        own = str(self.folder / "Category1" / "mymodel.h5")
        wanted.append((own, line.input.shape, line.input.dtype, line.output.shape))
        program = [sys.executable, "-c", MAKE, json.dumps(wanted)]
        subprocess.run(program, check=True, capture_output=True)
        (self.folder / "zips").mkdir()
        for who in ("alice", "bob"):
            folder = self.folder / "submissions" / who
            shutil.make_archive(str(self.folder / "zips" / who), "zip", folder)

    def people(self, results: str) -> list[dict[str, str]]:
        with (self.folder / results / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


def test_the_page_can_be_followed(tmp_path: Path) -> None:
    place = Place(tmp_path)
    for kind, name, text in blocks():
        if kind == "sh":
            place.run(text)
        elif name:
            (tmp_path / name).write_text(text, encoding="utf-8")
        if (tmp_path / "paper.toml").exists() and not (tmp_path / "submissions").exists():
            place.hand_in()
    people = place.people("results")
    assert [each["id"] for each in people] == ["alice", "bob", "carol"]
    assert people[2]["total"] == "0"
    scores = [f"category{n}" for n in range(1, 6)]
    for other in ("results-zips", "results-cluster"):
        there = place.people(other)
        assert [[each[n] for n in scores] for each in there] == [
            [each[n] for n in scores] for each in people
        ]
    check_the_autograder(place)
    check_the_workflow(place)
    check_classroom50(place)


def check_the_autograder(place: Place) -> None:
    """Its own `run_autograder`, in an empty folder, with this Python in place of its own."""
    root = place.folder / "autograder"
    with zipfile.ZipFile(place.folder / "autograder.zip") as archive:
        assert {"setup.sh", "run_autograder"} <= set(archive.namelist())
        archive.extractall(root / "source")
    (root / "source" / "run_autograder").chmod(0o755)
    own = {"AUTOGRADER_ROOT": str(root), "AUTOGRADER_PYTHON": sys.executable}
    command = str(root / "source" / "run_autograder")
    results = root / "results" / "results.json"
    (root / "submission").mkdir()
    place.run(command, **own)
    (test,) = json.loads(results.read_text())["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (0, 5, "failed")
    shutil.copytree(place.folder / "Category1", root / "submission" / "Category1")
    place.run(command, **own)
    (test,) = json.loads(results.read_text())["tests"]
    assert test["max_score"] == 5
    assert test["extra_data"]["verdict"] == "graded"
    assert test["output"].startswith("submission/Category1/mymodel.h5: ")


def check_the_workflow(place: Place) -> None:
    """The step that grades; the others need GitHub."""
    workflow = yaml.safe_load((place.folder / "grade.yml").read_text())
    *_, grading = workflow["jobs"]["grade"]["steps"]
    page = place.folder / "summary.md"
    told = place.run(grading["run"], 0, 1, GITHUB_STEP_SUMMARY=str(page))
    assert re.match(r"::(error|notice) file=Category1/mymodel.h5,", told)
    assert "| straight\\-line |" in page.read_text()


def check_classroom50(place: Place) -> None:
    checkout = place.folder / "checkout"
    checkout.mkdir()
    shutil.copytree(place.folder / "Category1", checkout / "Category1")
    shutil.copy(place.folder / "autograder.py", checkout)
    place.run(f"cd checkout && {sys.executable} autograder.py", **RUNNER)
    whole = json.loads((checkout / "result.json").read_text())
    assert whole["schema"] == "classroom50/result/v1"
    assert whole["max-score"] == 5
