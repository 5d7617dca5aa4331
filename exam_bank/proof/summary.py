"""The table in the bank's README: one line for each built-in task, made from its PROOF.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from exam_bank.errors import BankError
from exam_bank.proof import proof_file
from exam_bank.proof.confidence import share_text
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import Line
from exam_bank.proof.table import markdown
from exam_bank.task import Task

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- proof: begin -->", "<!-- proof: end -->"
_SCORED = ("trivial", "linear", "weak", "decent", "course", "reference")
_MEASURED = ("seeds", *_SCORED, "5/5 on fresh seeds", "reference CPU min")
HEADINGS = ("cat.", "task", "source", "metric", *_MEASURED, "state")
STATES = {
    "proved": "proved",
    "unproved": "unproved",
    "changed": "unproved (changed since)",
    "fails": "unproved (fails)",
}


def summary(tasks: Iterable[Task]) -> str:
    """The table of `tasks`, one line each."""
    ordered = sorted(tasks, key=lambda task: (task.category, task.id))
    return markdown(HEADINGS, (_cells(task, proof_file.read(task)) for task in ordered))


def _cells(task: Task, proof: Proof | None) -> tuple[str, ...]:
    says = task.says
    begin = (str(task.category), task.id, says.source, says.mark_scheme.metric)
    if proof is None:
        return (*begin, *("",) * len(_MEASURED), STATES["unproved"])
    right, count = proof.fresh_share("reference")
    dearest = max((line.cpu_minutes for line in proof.of_kind("reference")), default=0.0)
    return (
        *begin,
        str(len(proof.seeds)),
        *(_scores(proof.of_kind(kind)) for kind in _SCORED),
        share_text(right, count) if count else "",
        f"{dearest:.1f}",
        state_text(task),
    )


def state_text(task: Task) -> str:
    """The state of the proof in the task's folder; one of the older form says so."""
    state = proof_file.state(task)
    proof = proof_file.read(task) if state == "proved" else None
    return STATES[state] if proof is None or not proof.older else f"{STATES[state]} (older)"


def _scores(lines: Sequence[Line]) -> str:
    found = [score for line in lines for score in line.scores if score is not None]
    if not found:
        return ""
    return str(found[0]) if min(found) == max(found) else f"{min(found)}–{max(found)}"


def write_readme(tasks: Iterable[Task], path: Path = README) -> None:
    """Update the table between the two markers in `path`; the prose stays as it is.

    Raises `BankError` if the markers are missing or the file cannot be written.
    """
    try:
        text = path.read_text(encoding="utf-8")
        before, rest = text.split(BEGIN, 1)
        _, after = rest.split(END, 1)
    except OSError as error:
        raise BankError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise BankError(f"{path} has no markers {BEGIN} and {END}.") from error
    try:
        path.write_text(f"{before}{BEGIN}\n{summary(tasks)}\n{END}{after}", encoding="utf-8")
    except OSError as error:
        raise BankError(f"{path} cannot be written: {error.strerror}.") from error
