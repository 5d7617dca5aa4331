"""The table in the bank's README, made from each PROOF.md: a line for each task and level."""

import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path

from exam_bank.errors import BankError
from exam_bank.phrase import phrase
from exam_bank.proof import proof_file
from exam_bank.proof.confidence import FRESH, share_text
from exam_bank.proof.levels import proved_levels
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import Line
from exam_bank.proof.table import markdown
from exam_bank.task import Level, Task

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- proof: begin -->", "<!-- proof: end -->"
BOTH = "both"
_SCORED = ("trivial", "linear", "weak", "decent", "course", "reference")
_MEASURED = ("seeds", "fresh seeds", *_SCORED, "5/5 on fresh seeds", "reference CPU min")
HEADINGS = ("cat.", "task", "level", "source", "metric", *_MEASURED, "state")
STATES = {
    "proved": phrase("proved"),
    "unproved": phrase("unproved"),
    "changed": phrase("unproved (changed since)"),
    "fails": phrase("unproved (fails)"),
}


def summary(tasks: Iterable[Task]) -> str:
    """The table of `tasks`: a line for each level, or one if its levels do not differ."""
    ordered = sorted(tasks, key=lambda task: (task.category, task.id))
    return markdown(
        HEADINGS,
        (
            _cells(task, level, proof_file.read(task))
            for task in ordered
            for level in proved_levels(task)
        ),
    )


def _cells(task: Task, level: Level | None, proof: Proof | None) -> tuple[str, ...]:
    says = task.says
    begin = (str(task.category), task.id, level or BOTH, says.source, says.mark_scheme.metric)
    if proof is None:
        return (*begin, *("",) * len(_MEASURED), STATES["unproved"])
    right, count = proof.fresh_share("reference", level)
    dearest = max((line.cpu_minutes for line in proof.of_kind("reference", level)), default=0.0)
    return (
        *begin,
        str(len(proof.seeds)),
        str(sum(seed >= FRESH for seed in proof.seeds)),
        *(_scores(proof.of_kind(kind, level)) for kind in _SCORED),
        share_text(right, count) if count else "",
        f"{dearest:.1f}",
        state_text(task, level),
    )


def state_text(task: Task, level: Level | None = None) -> str:
    """The state of the proof in the task's folder, on `level` if that is given.

    A proof of the older form says so.
    """
    state = proof_file.state(task, level)
    proof = proof_file.read(task) if state == "proved" else None
    said = STATES[state]
    return phrase("{state} (older)", state=said) if proof and proof.older else said


def first_attempts(tasks: Iterable[Task]) -> str:
    """One line on how first attempts score over the classic tasks; empty if there are none.

    The first attempt at a task is its first course solution by name; its score is the median
    over the fresh seeds, or over all seeds where none is fresh.
    """
    found = [score for task in tasks if (score := _first_attempt(task)) is not None]
    if not found:
        return ""
    middle = statistics.median(found)
    return f"first attempts on {len(found)} classic tasks: median {middle:g}/5\n"


def _first_attempt(task: Task) -> float | None:
    proof = proof_file.read(task)
    lines = proof.of_kind("course", "classic") if proof and proof.by_level else []
    if proof is None or not lines:
        return None
    scores = list(zip(proof.seeds, min(lines, key=_name).scores, strict=False))
    fresh = [score for seed, score in scores if seed >= FRESH]
    return statistics.median(score or 0 for score in fresh or [score for _, score in scores])


def _name(line: Line) -> str:
    return line.solution


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
