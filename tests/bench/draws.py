"""How much luck decides where `TFEXAM_SAMPLING=draw` measures a model on a sample, by task.

For each task and level: how many hidden examples a sample holds, how often a model one point
above 5/5 misses it, and how often one a point below reaches it. Sizes come from PROOF.md;
nothing is trained. Run with `python -m tests.bench.draws [TASK…]`.
"""

import sys

from engine.grading.draw_size import draw_size, luck
from exam_bank.catalog import Catalog
from exam_bank.proof import hidden_size, proof_file
from exam_bank.task import Level, Task

WHOLE = "whole set"


def main(names: list[str]) -> None:
    """Print a line for each task and level."""
    print(f"{'task':24} {'level':8} {'hidden':>6} {'sample':>9}   misses  reaches")
    for task in Catalog.find().tasks:
        if not names or task.id in names:
            for level in task.levels:
                print(f"{task.id:24} {level:8} {figures(task, level)}")


def figures(task: Task, level: Level) -> str:
    """The rest of a task's line."""
    scheme = task.marks(level)
    proof = proof_file.read(task)
    sizes = proof.of_kind("size") if proof else []
    if not sizes:
        why = "no proof" if proof is None else f"{scheme.metric} is no share of right answers"
        return f"{'':6} {WHOLE:>9}   {why}"
    # The smallest of all seeds. Of balanced accuracy, as many examples of equal classes.
    count = min(hidden_size.count_in(line.solution) for line in sizes)
    size = draw_size(count, scheme.thresholds[-1])
    if size is None:
        return f"{count:6} {WHOLE:>9}   too few are hidden"
    found = luck(count, size, scheme.thresholds[-1])
    return f"{count:6} {size:9}   {found.misses:6.1%}  {found.reaches:6.1%}"


if __name__ == "__main__":
    main(sys.argv[1:])
