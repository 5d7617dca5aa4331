"""Damaged copies of honest files: inspection answers or refuses, and never anything else.

C code gets only what is written anew. Still, batches run in a process of their own: a crash there
would take only a grading child down, but it has to be known.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import SubmissionRejected
from engine.grading.child.written_anew import written_anew
from engine.grading.inspection.hdf5.structure import read_structure
from engine.grading.inspection.model_file import look
from tests.engine.test_inspection_work import by_hdf5
from tests.hostile.models import (
    dense,
    dense_weights,
    input_layer,
    line_model,
    sequential,
    write_model,
)
from tests.hostile.mutations import mutations


def originals(folder: Path) -> list[bytes]:
    """A small file, and one with more layers than fit one object header."""
    layers = [dense(2, name=f"dense_{n}") for n in range(12)]
    weights = {f"dense_{n}": dense_weights(2, 2, f"dense_{n}") for n in range(12)}
    small = line_model(folder / "small.h5")
    large = write_model(folder / "large.h5", sequential(input_layer(2), *layers), weights)
    return [small.read_bytes(), large.read_bytes()]


def answer(path: Path) -> str:
    try:
        look(path)
    except SubmissionRejected as refusal:
        return refusal.reason if refusal.says.text().isprintable() else "unprintable"
    found = read_structure(path, path.stat().st_size)
    with written_anew(path, found, found.texts["model_config"]) as file:
        shapes, _, texts = by_hdf5(file)
    named = {
        f"/model_weights/{layer}/{name}" for layer, names in found.weights.items() for name in names
    }
    return "accepted" if set(shapes) == named and texts == found.texts else "different"


def answers(folder: Path, seed: int, count: int) -> dict[str, int]:
    """How often inspection gave which reason; anything but a refusal is raised.

    Nor may the copy that Keras gets differ from what was read.
    """
    path = folder / "mutated.h5"
    found: dict[str, int] = {}
    for number, content in enumerate(mutations(originals(folder), seed, count)):
        path.write_bytes(content)
        (folder / "number").write_text(f"{seed} {number}")
        reason = answer(path)
        found[reason] = found.get(reason, 0) + 1
    return found


def answers_in_a_child(folder: Path, seed: int, count: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.test_mutations", str(folder), str(seed), str(count)],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    last = (folder / "number").read_text()
    assert done.returncode == 0, f"status {done.returncode} at {last}: {done.stderr[-2000:]}"
    found: dict[str, int] = json.loads(done.stdout)
    return found


def test_a_few_hundred_mutations_are_answered(tmp_path: Path) -> None:
    found = answers_in_a_child(tmp_path, seed=1, count=420)

    assert sum(found.values()) == 420
    assert not {"unprintable", "different"} & set(found)
    assert len(found) >= 5, "the mutations must reach more than one check"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 7))
def test_thousands_of_mutations_are_answered(seed: int, tmp_path: Path) -> None:
    found = answers_in_a_child(tmp_path, seed=seed, count=2_000)

    assert sum(found.values()) == 2_000
    assert not {"unprintable", "different"} & set(found)


if __name__ == "__main__":
    _folder, _seed, _count = sys.argv[1:]
    sys.stdout.write(json.dumps(answers(Path(_folder), int(_seed), int(_count))))
