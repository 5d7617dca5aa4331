"""How scripted candidates fare over many papers: who passes, after how many minutes.

Every attempt of a candidate is a solution that a task's PROOF.md has measured: its score on a
proved seed drawn at random (a fresh one where there are any), its CPU minutes, and
`EDITING_MINUTES` for whatever else an attempt takes. A paper has one task of each category,
drawn as a code draws it, from the tasks that serve the level and have been proved. Nothing is
trained, nothing is asserted. Run with `python -m tests.bench.candidates [PAPERS]`.

The average candidate makes first attempts at all tasks, then second ones where 5/5 is missing,
and so on: course solutions by name, then decent ones, then the reference.
"""

import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine import marking
from exam_bank.catalog import Catalog
from exam_bank.proof import proof_file
from exam_bank.proof.confidence import FRESH
from exam_bank.proof.proof_file import Proof
from exam_bank.proof.rows import Kind, Line
from exam_bank.task import CATEGORIES, LEVELS, Level, Task

PAPERS = 30
# Reading, typing, starting and looking at a run; what training takes is measured.
EDITING_MINUTES = 8.0
IN_TIME = 150.0
CANDIDATES: dict[str, tuple[Kind, ...]] = {
    "average": ("course", "decent", "reference"),
    "no reference": ("course", "decent"),
    "beginner": ("weak",),
    "formula only": ("trivial",),
    "straight line": ("linear",),
}


class Question(NamedTuple):
    """One task of a paper, with the proved seed whose scores count."""

    task: Task
    proof: Proof
    place: int


class Exam(NamedTuple):
    """How one exam went: % earned, minutes in all, and minutes until it was passed, if it was."""

    percent: float
    minutes: float
    passed_after: float | None


def main(papers: int) -> None:
    """Print a table for each level."""
    for level in LEVELS:
        proved = _proved(level)
        counts = ", ".join(f"{len(proved[each])} of category {each}" for each in CATEGORIES)
        print(f"{level}: {papers} papers from {counts}")
        if not all(proved.values()):
            print("  a category has no proved task")
            continue
        drawn = [_paper(proved, number) for number in range(papers)]
        for name, kinds in CANDIDATES.items():
            print(f"  {name:14}{_summed([sit(paper, kinds, level) for paper in drawn])}")


def _proved(level: Level) -> dict[int, list[tuple[Task, Proof]]]:
    """The tasks that serve `level` and whose lines of that level hold, by category."""
    found: dict[int, list[tuple[Task, Proof]]] = {category: [] for category in CATEGORIES}
    for task in Catalog.find().tasks:
        served = level in task.levels and proof_file.state(task, level) == "proved"
        if served and (proof := proof_file.read(task)) is not None:
            found[task.category].append((task, proof))
    return found


def _paper(proved: dict[int, list[tuple[Task, Proof]]], number: int) -> list[Question]:
    chance = random.Random(number)
    paper = []
    for category in CATEGORIES:
        task, proof = chance.choice(proved[category])
        places = range(len(proof.seeds))
        fresh = [place for place in places if proof.seeds[place] >= FRESH]
        paper.append(Question(task, proof, chance.choice(fresh or list(places))))
    return paper


def sit(paper: Sequence[Question], kinds: Sequence[Kind], level: Level) -> Exam:
    """The exam of a candidate who tries the solutions of `kinds`, round after round."""
    weights = {each.task.id: each.task.says.weight for each in paper}
    scores = dict.fromkeys(weights, 0)
    minutes, passed_after = 0.0, None
    left = {each.task.id: _attempts(each, kinds, level) for each in paper}
    while left:
        for question in paper:
            name = question.task.id
            if name not in left:
                continue
            attempt = next(left[name], None)
            if attempt is None or scores[name] == marking.MAX_SCORE:
                del left[name]
                continue
            minutes += EDITING_MINUTES + attempt.cpu_minutes
            scores[name] = max(scores[name], attempt.scores[question.place] or 0)
            if passed_after is None and marking.passes(marking.total_percent(scores, weights)):
                passed_after = minutes
    return Exam(marking.total_percent(scores, weights), minutes, passed_after)


def _attempts(question: Question, kinds: Sequence[Kind], level: Level) -> Iterator[Line]:
    for kind in kinds:
        lines = question.proof.of_kind(kind, level)
        yield from sorted(lines, key=lambda line: line.solution)


def _summed(exams: Sequence[Exam]) -> str:
    in_time = [each for each in exams if each.passed_after and each.passed_after <= IN_TIME]
    passed = [each.passed_after for each in exams if each.passed_after is not None]
    earned = [each.percent for each in exams]
    after = f", after {statistics.median(passed):.0f} minutes (median)" if passed else ""
    return (
        f"passes {len(passed) / len(exams):4.0%}, in {IN_TIME:.0f} minutes "
        f"{len(in_time) / len(exams):4.0%}; earns {statistics.median(earned):3.0f} % (median), "
        f"{min(earned):.0f}–{max(earned):.0f} %; tries for "
        f"{statistics.median(each.minutes for each in exams):.0f} minutes{after}"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else PAPERS)
