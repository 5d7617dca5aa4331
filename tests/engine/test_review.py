"""What a review holds, when it opens, and that none is open for a faithful exam that goes on."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from engine.clock import ManualClock
from engine.coaching.review import TaskReview, of_sitting, reviews
from engine.errors import TransitionError
from engine.sitting.state.sitting import Mode, Phase
from engine.sitting.store.record import RECORD, category_folder, read_record, task_folder
from exam_bank.catalog import Catalog
from exam_bank.task import Task
from tests.engine.scene import Scene
from tests.engine.sittings import FIRST, SECOND, make_settings, make_sitting, until

HINTS = "## 1. Stuck?\n\nTry a line.\n"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings)
    (task_folder(folder, FIRST) / "hints.md").write_text(HINTS)
    for kind in ("reference", "decent"):
        place = tmp_path / "bank" / FIRST / kind
        place.mkdir()
        (place / f"{kind}-one.py").write_text(f"# starter of {FIRST}\nmodel = '{kind}'\n")
    scene = Scene(folder, settings, clock)
    await scene.started()
    yield scene
    await scene.close()


def bank(scene: Scene) -> dict[str, Task]:
    folder = scene.settings.sittings_folder.parents[1] / "bank"
    return {path.parent.name: Task.read(path.parent) for path in folder.glob("*/task.toml")}


def found(scene: Scene, language: str = "en") -> dict[str, TaskReview]:
    every = reviews(scene.folder, scene.settings.sittings_folder, bank(scene), language)
    return {each.task: each for each in every}


async def test_it_holds_attempts_hints_and_solutions(scene: Scene) -> None:
    scene.grader.scores = [3, 5]
    scene.save("a")
    await scene.until_graded(1)
    scene.save("b")
    await scene.until_graded(2)
    (review,) = found(scene).values()
    assert (review.task, review.score, review.seen, review.given_up) == (FIRST, 5, 0, False)
    assert [each.submission.score for each in review.attempts] == [3, 5]
    assert [each.title for each in review.hints] == ["Stuck?"]
    assert [(each.kind, each.name) for each in review.solutions] == [
        ("decent", "decent-one"),
        ("reference", "reference-one"),
    ]
    assert review.solutions[1].diff == (
        "--- starter.py",
        "+++ reference-one.py",
        "@@ -1 +1,2 @@",
        f" # starter of {FIRST}",
        "+model = 'reference'",
    )


@pytest.mark.parametrize("mode", ["faithful", "blind", "coach"])
async def test_a_sitting_of_scores_only_keeps_no_hints_and_its_review_has_the_bank_s(
    tmp_path: Path, mode: Mode
) -> None:
    clock, settings = ManualClock(), make_settings(tmp_path)
    folder = await make_sitting(tmp_path, clock, settings=settings, mode=mode)
    kept = sorted(path.name for path in folder.rglob("hints*"))
    assert bool(kept) is (mode == "coach")
    scene = Scene(folder, settings, clock)
    await scene.started()
    scene.proctor.end()
    await scene.until_after(lambda: scene.proctor.finished)
    assert [hint.text for hint in found(scene)[FIRST].hints] == ["Try a line."]
    await scene.close()


async def test_the_diff_is_from_the_candidates_own_file(scene: Scene) -> None:
    scene.proctor.give_up(FIRST)
    await until(lambda: scene.sitting.given_up)
    own = category_folder(scene.proctor.record, FIRST) / "starter.py"
    own.write_text("mine\n")
    assert "-mine" in found(scene)[FIRST].solutions[0].diff
    assert found(scene)[FIRST].given_up
    own.unlink()
    assert found(scene)[FIRST].solutions[0].diff == ()
    assert found(scene)[FIRST].solutions[0].text.startswith("# starter")


async def test_it_opens_only_for_what_is_over(scene: Scene) -> None:
    with pytest.raises(TransitionError, match="Nothing of this sitting"):
        found(scene)
    scene.proctor.give_up(SECOND)
    await until(lambda: scene.sitting.given_up)
    assert found(scene).keys() == {SECOND}
    scene.proctor.end()
    await scene.phase(Phase.ENDED)
    assert found(scene).keys() == {FIRST, SECOND}


async def test_a_task_that_the_bank_lost_has_no_solutions(scene: Scene) -> None:
    scene.proctor.end()
    await scene.phase(Phase.ENDED)
    every = of_sitting(scene.sitting, scene.proctor.tasks, {}, "en")
    assert [each.solutions for each in every] == [(), ()]
    assert every[0].hints


async def test_no_task_of_a_faithful_exam_that_goes_on(scene: Scene, tmp_path: Path) -> None:
    scene.proctor.end()
    await scene.phase(Phase.ENDED)
    other = scene.settings.sittings_folder / "2027-01-16-0800-zzzz"
    other.mkdir()
    record = read_record(scene.folder)
    paper = msgspec.structs.replace(record.paper, tasks=record.paper.tasks[:1])
    faithful = msgspec.structs.replace(record, id=other.name, mode="faithful", paper=paper)
    (other / RECORD).write_bytes(msgspec.toml.encode(faithful))
    begun = (scene.folder / "journal.jsonl").read_bytes().splitlines(keepends=True)[:1]
    (other / "journal.jsonl").write_bytes(b"".join(begun))
    assert found(scene).keys() == {SECOND}
    both = msgspec.structs.replace(faithful, paper=record.paper)
    (other / RECORD).write_bytes(msgspec.toml.encode(both))
    with pytest.raises(TransitionError, match="faithful exam that goes on"):
        found(scene)


def test_every_built_in_task_has_a_reference_to_show() -> None:
    assert all(each.references() for each in Catalog.find().tasks)
