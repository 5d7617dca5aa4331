"""PROOF.md and the summary: what is measured is kept, read back, and known to be stale."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from engine import marking
from exam_bank.catalog import BUILT_IN, Catalog
from exam_bank.errors import BankError
from exam_bank.proof import proof_file
from exam_bank.proof.check import new
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import ProofRow, lines
from exam_bank.proof.summary import BEGIN, END, README, summary, write_readme
from exam_bank.proof.table import text_table
from exam_bank.task import Task

TASKS = [task for task in Catalog.find().tasks if task.folder.parent == BUILT_IN]


def a_task(tmp_path: Path) -> Task:
    return Task.read(new("tiny", 1, tmp_path))


def a_row(kind: str = "weak", solution: str = "untrained", seed: int = 0, **more: Any) -> ProofRow:
    given: dict[str, Any] = {"ok": True, "why": "", "metric": "mae", "cpu_seconds": 9.6}
    return ProofRow(
        task="tiny",
        category=1,
        kind=kind,  # type: ignore[arg-type]
        solution=solution,
        seed=seed,
        **(given | more),
    )


def rows(seed: int, shift: float = 0.0) -> list[ProofRow]:
    """A whole proof of one seed, under the template's thresholds 1.5, 1.2, 0.9, 0.6, 0.3."""
    return [
        a_row("data", "data.py", seed, metric="", cpu_seconds=0.0, digest=f"bytes{seed}"),
        a_row("starter", "starter", seed, bounds=(0, 0), score=0, metric=""),
        a_row("trivial", "mean", seed, bounds=(0, 1), score=0, value=2.0 + shift, cpu_seconds=0.0),
        a_row("weak", "untrained", seed, bounds=(0, 1), score=1, value=1.4 + shift),
        a_row("decent", "halfway", seed, bounds=(3, 4), score=4, value=0.5 + shift),
        a_row("reference", "solution", seed, bounds=(5, 5), score=5, value=0.1 + shift),
    ]


def proved(task: Task) -> Proof:
    proof = proof_file.proof_of(task, [*rows(0), *rows(1, 0.05)])
    proof_file.write(task, proof)
    return proof


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    proof = proved(task)
    found = proof_file.read(task)
    assert found is not None
    assert found.text() == proof.text()
    assert (found.seeds, found.digests) == ((0, 1), {0: "bytes0", 1: "bytes1"})
    assert [line.scores for line in found.lines] == [(), (0, 0), (0, 0), (1, 1), (4, 4), (5, 5)]
    assert found.lines[-1].values == (0.1, 0.15)
    assert found.lines[-1].cpu_minutes == 0.16


def test_a_line_tells_mean_spread_range_and_every_seed(tmp_path: Path) -> None:
    text = proved(a_task(tmp_path)).text()
    assert (
        "| weak | untrained | ≤ 1 | 1 1 | 1.425 ± 0.035 | 1.400–1.450 | 1.4 1.45 | 0.16 | ✓ |"
    ) in text.splitlines()
    assert "| marks | mae ≤ 1.5, 1.2, 0.9, 0.6, 0.3 for 1 to 5 |" in text
    assert "`tfexam bank check tiny --seeds 2 --write`" in text


def test_a_proof_names_no_machine(tmp_path: Path) -> None:
    text = proved(a_task(tmp_path)).text()
    assert str(tmp_path) not in text
    assert "tensorflow 2." in text


def test_one_failing_seed_fails_line_and_proof(tmp_path: Path) -> None:
    bad = replace(rows(1)[-1], ok=False, score=None, value=None)
    proof = proof_file.proof_of(a_task(tmp_path), [*rows(0), *rows(1)[:-1], bad])
    assert not proof.ok
    assert "| 5 – | 0.100 |  | 0.1 – | 0.16 | ✗ |" in proof.text()
    assert "✗" in text_table({"tiny": lines([*rows(0), bad])}).splitlines()[-1]


def test_the_state_follows_code_and_scheme(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    assert proof_file.state(task) == "unproved"
    proof = proved(task)
    assert proof_file.state(task) == "proved"
    proof_file.write(task, replace(proof, lines=(replace(proof.lines[0], ok=False),)))
    assert proof_file.state(task) == "fails"


@pytest.mark.parametrize(
    "name", ["data.py", "starter.py", "weak/untrained.py", "reference/solution.py", "weak/more.py"]
)
def test_changed_code_makes_a_proof_stale(tmp_path: Path, name: str) -> None:
    task = a_task(tmp_path)
    proved(task)
    with (task.folder / name).open("a") as file:
        file.write("# other\n")
    assert proof_file.state(task) == "changed"


@pytest.mark.parametrize(
    ("was", "becomes", "state"),
    [
        ("0.6, 0.3]", "0.6, 0.2]", "changed"),
        ("shape = [4]", "shape = [5]", "changed"),
        ('zh = "Tiny"', 'zh = "小"', "proved"),
        ("minutes = 30", "minutes = 20", "proved"),
    ],
)
def test_what_of_task_toml_makes_a_proof_stale(
    tmp_path: Path, was: str, becomes: str, state: str
) -> None:
    task = a_task(tmp_path)
    proved(task)
    toml = task.folder / "task.toml"
    assert was in toml.read_text()
    toml.write_text(toml.read_text().replace(was, becomes))
    assert proof_file.state(Task.read(task.folder)) == state


def test_other_line_ends_of_a_checkout_prove_nothing_anew(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    proved(task)
    data = task.folder / "data.py"
    data.write_bytes(data.read_bytes().replace(b"\n", b"\r\n"))
    assert proof_file.state(task) == "proved"


def marked_with(task: Task, proof: Proof, thresholds: str) -> Proof:
    toml = task.folder / "task.toml"
    toml.write_text(toml.read_text().replace("[1.5, 1.2, 0.9, 0.6, 0.3]", thresholds))
    return proof_file.marked_anew(Task.read(task.folder), proof, marking.score)


def test_a_changed_scheme_is_marked_anew_from_the_values(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    proof = marked_with(task, proved(task), "[1.5, 1.2, 0.9, 0.6, 0.12]")
    assert [line.scores for line in proof.lines][-2:] == [(4, 4), (5, 4)]
    assert [line.ok for line in proof.lines] == [True] * 5 + [False]
    assert proof_file.marked_anew(task, proof, marking.score).ok


def test_what_failed_for_another_reason_is_not_made_good_by_thresholds(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    too_dear = replace(rows(0)[-1], ok=False)
    proof = proof_file.proof_of(task, [*rows(0)[:-1], too_dear])
    assert not marked_with(task, proof, "[1.5, 1.2, 0.9, 0.6, 0.2]").lines[-1].ok


def test_the_size_of_the_hidden_set_is_judged_anew(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    toml = task.folder / "task.toml"
    text = toml.read_text().replace('"mae"', '"accuracy"').replace('"lower"', '"higher"')
    toml.write_text(text.replace("[1.5, 1.2, 0.9, 0.6, 0.3]", "[0.5, 0.6, 0.7, 0.8, 0.9]"))
    row = a_row("size", "1000 hidden", value=0.88, ok=False, cpu_seconds=0.0)
    proof = proof_file.proof_of(Task.read(task.folder), [row])
    assert "| size | 1000 hidden |  |  | 0.880 |  | 0.88 |  | ✗ |" in proof.text()
    toml.write_text(toml.read_text().replace("0.8, 0.9]", "0.8, 0.97]"))
    line = proof_file.marked_anew(Task.read(task.folder), proof, marking.score).lines[0]
    assert line.ok
    assert line.values[0] == pytest.approx(0.98, abs=0.02)


def test_a_weak_bound_is_read_from_the_task_anew(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    proof = proved(task)
    toml = task.folder / "task.toml"
    toml.write_text(toml.read_text().replace("untrained = 1", "untrained = 0"))
    anew = proof_file.marked_anew(Task.read(task.folder), proof, marking.score)
    assert [(line.bounds, line.ok) for line in anew.of_kind("weak")] == [((0, 0), False)]


@pytest.mark.parametrize("text", ["", "# by hand\n", "| seeds | many |\n| --- | --- |\n"])
def test_a_file_of_another_hand_is_an_error_that_says_what_to_do(tmp_path: Path, text: str) -> None:
    task = a_task(tmp_path)
    (task.folder / "PROOF.md").write_text(text)
    with pytest.raises(BankError, match=r"PROOF\.md") as caught:
        proof_file.read(task)
    assert "bank check tiny --write" in caught.value.fix
    assert proof_file.state(task) == "unproved"


# -- the summary -------------------------------------------------------------------------


def test_the_summary_has_a_line_a_task(tmp_path: Path) -> None:
    task = a_task(tmp_path)
    assert summary([task]).splitlines()[2].endswith("|  |  |  |  |  |  |  |  |  |  | unproved |")
    proved(task)
    assert summary([task]).splitlines()[2] == (
        "| 1 | tiny | both | synthetic | mae | 2 | 0 | 0 |  | 1 | 4 |  | 5 |  | 0.2 | proved |"
    )


def test_a_readme_keeps_its_prose(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")
    write_readme([a_task(tmp_path)], readme)
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| cat. | task |")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text


@pytest.mark.parametrize("text", [None, "no markers", BEGIN, f"{END} {BEGIN}"])
def test_a_readme_without_its_markers_is_left_alone(tmp_path: Path, text: str | None) -> None:
    readme = tmp_path / "README.md"
    if text is not None:
        readme.write_text(text)
    with pytest.raises(BankError, match=r"README\.md"):
        write_readme([], readme)
    assert (readme.read_text() if readme.exists() else None) == text


# -- the bank as it is -------------------------------------------------------------------


def test_the_readme_agrees_with_every_proof(tmp_path: Path) -> None:
    """When this fails: tfexam bank check --summary."""
    copy = tmp_path / "README.md"
    copy.write_bytes(README.read_bytes())
    write_readme(TASKS, copy)
    assert copy.read_text(encoding="utf-8") == README.read_text(encoding="utf-8")


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.id)
def test_a_proof_is_of_the_folder_as_it_is(task: Task) -> None:
    """When this fails: tfexam bank check TASK --seeds 5 --write, or --summary after new marks."""
    proof = proof_file.read(task)
    if proof is None:
        pytest.skip("unproved")
    assert proof_file.state(task) == "proved"
    assert proof_file.marked_anew(task, proof, marking.score).text() == proof.text()
    assert proof.text() == (task.folder / proof_file.NAME).read_text(encoding="utf-8")
