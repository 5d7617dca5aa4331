"""What an earlier proof already measured, so that nothing is trained twice.

A row is used again if its script, the contract, `data.py` and the bytes of its seed have not
changed. So an interrupted proof resumes, and a new solution costs only its own training.
"""

from collections.abc import Iterable, Sequence
from typing import Self

import msgspec

from exam_bank.errors import BankError
from exam_bank.proof import proof_file
from exam_bank.proof.code_state import COMMON, files_of
from exam_bank.proof.confidence import held
from exam_bank.proof.levels import proved_levels
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import DERIVED, Kind, Line, ProofRow, within
from exam_bank.task import Task


class Kept(msgspec.Struct, frozen=True):
    """The rows of `proof` that still hold for `task`; none if there is no proof."""

    task: Task
    proof: Proof | None = None

    @classmethod
    def of(cls, task: Task, score: proof_file.Score) -> Self:
        """What the task's `PROOF.md` measured, under the current mark scheme.

        Nothing if tfexam did not write that file: `--write` replaces it.
        """
        try:
            proof = proof_file.read(task)
        except BankError:
            proof = None
        return cls(task, None if proof is None else proof_file.marked_anew(task, proof, score))

    def rows(self, kind: Kind, file: str, seed: int, digest: str) -> list[ProofRow]:
        """The rows of the solution in `file` with a seed whose bytes are `digest`: all or none."""
        proof = self.proof
        if proof is None or proof.digests.get(seed) != digest:
            return []
        now = files_of(self.task)
        if any(now.get(each) != proof.files.get(each) for each in (*COMMON, file)):
            return []
        solution = file.rpartition("/")[2].removesuffix(".py")
        found = [
            row
            for line in proof.of_kind(kind)
            if line.solution == solution and not _failed_otherwise(line)
            for row in _rows(self.task, proof, line)
            if row.seed == seed and row.score is not None
        ]
        return found if len(found) == len(proved_levels(self.task)) else []

    def other_seeds(self) -> list[ProofRow]:
        """Every row if no file of the task has changed since; otherwise none."""
        proof = self.proof
        if proof is None or proof.files != files_of(self.task):
            return []
        tried = (line for line in proof.lines if line.kind not in DERIVED)
        return [row for line in tried for row in _rows(self.task, proof, line)]


def together(earlier: Sequence[ProofRow], now: Sequence[ProofRow]) -> list[ProofRow]:
    """The rows of `now`, plus those of `earlier` for other seeds if both tried the same things."""
    if _tried(earlier) != _tried(now):
        return list(now)
    seeds = {row.seed for row in now}
    return [*(row for row in earlier if row.seed not in seeds), *now]


def _tried(rows: Iterable[ProofRow]) -> set[tuple[Kind, str]]:
    return {(row.kind, row.solution) for row in rows}


def _rows(task: Task, proof: Proof, line: Line) -> list[ProofRow]:
    """The rows that `line` was made of; none if it lacks a seed."""
    count = len(proof.seeds)
    scores, values = line.scores or (None,) * count, line.values or (None,) * count
    if not len(scores) == len(values) == count:
        return []
    return [
        ProofRow(
            task=task.id,
            category=task.category,
            kind=line.kind,
            solution=line.solution,
            seed=seed,
            level=line.level,
            ok=line.ok if line.bounds is None else within(score, line.bounds),
            why="as PROOF.md has it",
            bounds=line.bounds,
            metric=task.says.mark_scheme.metric if value is not None else "",
            value=value,
            score=score,
            cpu_seconds=60 * line.cpu_minutes,
            digest=proof.digests.get(seed, "") if line.kind == "data" else "",
        )
        for seed, score, value in zip(proof.seeds, scores, values, strict=True)
    ]


def _failed_otherwise(line: Line) -> bool:
    """Whether a seed failed although its score was right, say by its cost; we don't know which."""
    return not line.ok and held(line.kind, [within(each, line.bounds) for each in line.scores])
