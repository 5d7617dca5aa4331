"""Does `tfexam next` help? Scripted candidates who follow it, and who practise at random.

    python -m tests.bench.next_task [--candidates 200]

Nobody has data of people here, so this is a model, and simpler than a person: a candidate has an
ability from 0 to 1 in every skill, unlike in each group of the checklist. A task's score follows
the mean ability of its skills, with some luck. Practising a task closes a share of what each of
its skills lacks; each day without practice loses a little. One task a day, until the expected
total over all papers would pass. What is printed are hours of practice until then, by the tasks'
minutes; the advice sees scores and dates only, never an ability.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import mean, median

from engine.coaching.advice import advice, category_percent
from engine.coaching.past_tasks import PastTask
from engine.marking import MAX_SCORE, PASS_PERCENT
from exam_bank.catalog import Catalog
from exam_bank.learning.checklist import checklist
from exam_bank.task import CATEGORIES, Task

SITTINGS = 30
MOST = 200
START = datetime(2027, 1, 1, tzinfo=UTC)
LEARNT, FORGOTTEN, LUCK = 0.45, 0.004, 0.06

Choose = Callable[[Sequence[Task], Sequence[PastTask], datetime], Task]


class ScriptedCandidate:
    """A candidate with an ability in every skill, who learns by practice and forgets."""

    def __init__(self, seed: int) -> None:
        self.luck = random.Random(f"candidate {seed}")
        level = {each.id: self.luck.uniform(0.1, 0.75) for each in checklist().groups}
        self.ability = {
            each.id: min(0.95, max(0.0, self.luck.gauss(level[each.group], 0.12)))
            for each in checklist().skills
        }

    def expected(self, task: Task) -> float:
        """The share of the points that this candidate gets in `task` without luck."""
        return mean(self.ability[each] for each in task.says.skills)

    def practise(self, task: Task) -> int:
        """Work on `task`: the score, and what is learnt by it."""
        share = self.expected(task) + self.luck.gauss(0.0, LUCK)
        for each in task.says.skills:
            self.ability[each] += LEARNT * (1.0 - self.ability[each])
        return max(0, min(MAX_SCORE, round(MAX_SCORE * share)))

    def sleep(self) -> None:
        """A day passes."""
        for each in self.ability:
            self.ability[each] *= 1.0 - FORGOTTEN

    def total(self, tasks: Sequence[Task]) -> float:
        """The total of an exam, 0 to 100, on average over all papers."""
        return sum(
            category_percent(tasks, category)
            * mean(self.expected(each) for each in tasks if each.category == category)
            for category in CATEGORIES
        )


def by_advice(tasks: Sequence[Task], past: Sequence[PastTask], now: datetime) -> Task:
    """The first task of `tfexam next`."""
    first = advice(tasks, past, now)[0].task
    return next(each for each in tasks if each.id == first)


def at_random(luck: random.Random) -> Choose:
    """Any task, each as likely as the others."""
    return lambda tasks, _past, _now: luck.choice(tasks)


def until_pass(seed: int, tasks: Sequence[Task], choose: Choose) -> tuple[int, float]:
    """How many sittings, and how many hours, candidate `seed` needs to be ready to pass."""
    candidate, past, minutes = ScriptedCandidate(seed), list[PastTask](), 0.0
    while candidate.total(tasks) < PASS_PERCENT and len(past) < MOST:
        now = START + timedelta(days=len(past))
        task = choose(tasks, past, now)
        score = candidate.practise(task)
        past.append(PastTask(task=task.id, sitting=str(len(past)), when=now, score=score))
        minutes += task.says.minutes
        candidate.sleep()
    return len(past), minutes / 60


def compare(candidates: int, tasks: Sequence[Task]) -> dict[str, list[tuple[int, float]]]:
    """Sittings and hours of each candidate, by advice and at random."""
    ways: dict[str, list[tuple[int, float]]] = {"next": [], "random": []}
    for seed in range(candidates):
        ways["next"].append(until_pass(seed, tasks, by_advice))
        luck = random.Random(f"choices {seed}")
        ways["random"].append(until_pass(seed, tasks, at_random(luck)))
    return ways


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=200)
    count = parser.parse_args().candidates
    ways = compare(count, Catalog.find().tasks)
    print(f"{'':8}{'mean hours':>12}{'median':>8}{'ready within 30 sittings':>26}")
    for name, found in ways.items():
        hours = [each for _, each in found]
        within = sum(sittings <= SITTINGS for sittings, _ in found)
        print(f"{name:8}{mean(hours):12.1f}{median(hours):8.1f}{f'{within} of {count}':>26}")
    pairs = zip(ways["next"], ways["random"], strict=True)
    print(f"fewer hours by advice: {sum(a[1] < b[1] for a, b in pairs)} of {count} candidates")


if __name__ == "__main__":
    main()
