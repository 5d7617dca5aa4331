"""A run over a class: one row for every file, once graded, and whole after any stop."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from engine.classroom.grading_engine import LocalPool
from engine.classroom.people import FoundFile, Person, Roster
from engine.classroom.results import ResultsFolder, read_results
from engine.classroom.rows import Row
from engine.classroom.run import ClassRun
from engine.classroom.run_record import ClassTask, RunRecord, tasks_of
from engine.errors import ClassError
from engine.grading.host.batch import FileToGrade, GradedFile
from engine.grading.protocol import Grade, Graded, Message, Metric, Rejected, TimedOut, failed
from exam_bank.datasets.store import Store
from exam_bank.platform import disk
from exam_bank.safe_files import sha256_of
from tests.engine.fake_child import command, whole_hdf5
from tests.engine.test_batch import a_task

PEOPLE = Roster(people=tuple(Person(id=f"s{n}", line=n) for n in range(1, 5)))
RUN = RunRecord(
    tfexam_version="0",
    code="",
    bank="0",
    tasks=(ClassTask(task="garments", category=2, seed=1, level="hard", weight=1.0, material="0"),),
)


def good(score: int = 4) -> Grade:
    return Graded(
        message=Message("ok"), metric=Metric("accuracy", 0.8, 20), score=score, seconds=0.5
    )


class FakeEngine:
    """Answers by the content of files, last first; counts what it was asked."""

    def __init__(self, answer: Callable[[str], Grade | None], stop_after: int = 10_000) -> None:
        self._answer, self._left = answer, stop_after
        self.asked: list[str] = []

    async def grade(self, files: Sequence[FileToGrade]) -> AsyncGenerator[GradedFile, None]:
        for each in reversed(files):
            if not self._left:
                raise asyncio.CancelledError
            self._left -= 1
            content = each.path.read_text()
            self.asked.append(content)
            grade = self._answer(content)
            if grade is not None:
                yield GradedFile(each, sha256_of(each.path), grade)


def files(folder: Path, *contents: str) -> tuple[FoundFile, ...]:
    """A file of each content: of s1, s2, and so on; an empty one is missing."""
    found = []
    for number, content in enumerate(contents, start=1):
        path = folder / f"s{number}" / "mymodel.h5"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        if content:
            found.append(
                FoundFile(
                    person=f"s{number}",
                    task="garments",
                    category=2,
                    file=f"class/s{number}/mymodel.h5",
                    path=path,
                    sha256=sha256_of(path),
                )
            )
    return tuple(found)


async def grade(
    folder: Path, found: Sequence[FoundFile], engine: FakeEngine, run: RunRecord = RUN
) -> list[Row]:
    tasks = tasks_of(run, {"garments": a_task(folder / "task")})
    with ResultsFolder.open(folder / "out", run) as results:
        results.keep_roster(PEOPLE)
        return await ClassRun(run, tasks, results).grade(PEOPLE, found, engine)


def kept(folder: Path) -> list[dict[str, object]]:
    text = (folder / "out" / "results.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


async def test_every_file_and_every_missing_one_has_one_row_and_equal_bytes_cost_once(
    tmp_path: Path,
) -> None:
    found = files(tmp_path, "a", "b", "a")
    says: dict[str, Grade] = {
        "a": Rejected(message=Message("no"), reason="text_file"),
        "b": failed("ours"),
    }
    engine = FakeEngine(lambda content: says.get(content))
    rows = await grade(tmp_path, found, engine)
    assert [(each.person, each.verdict, each.score) for each in rows] == [
        ("s1", "rejected", 0),
        ("s2", "grader_failed", None),
        ("s3", "rejected", 0),
        ("s4", "missing", 0),
    ]
    assert sorted(engine.asked) == ["a", "b"]
    assert [each["person"] for each in kept(tmp_path)] == ["s1", "s2", "s3", "s4"]
    assert read_results(tmp_path / "out").rows == tuple(rows)


async def test_a_run_that_was_stopped_goes_on_with_the_rest_and_tries_our_failures_again(
    tmp_path: Path,
) -> None:
    found = files(tmp_path, "a", "b", "c", "d")
    for stop in (1, 2):
        with pytest.raises(asyncio.CancelledError):
            await grade(tmp_path, found, FakeEngine(lambda _: good(), stop))
    assert [each["person"] for each in kept(tmp_path)] == ["s4", "s3", "s2"]
    ours = FakeEngine(lambda _: failed("ours"))
    await grade(tmp_path, found, ours)
    assert ours.asked == ["a"]
    last = FakeEngine(lambda _: good(3))
    rows = await grade(tmp_path, found, last)
    assert last.asked == ["a"]
    assert [each.score for each in rows] == [3, 4, 4, 4]
    again = FakeEngine(lambda _: None)
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    assert await grade(tmp_path, found, again) == rows
    assert not again.asked
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before


async def test_a_changed_file_is_graded_again_and_its_earlier_row_kept_apart(
    tmp_path: Path,
) -> None:
    await grade(tmp_path, files(tmp_path, "a", "b"), FakeEngine(lambda _: good()))
    changed = FakeEngine(lambda _: good(5))
    rows = await grade(tmp_path, files(tmp_path, "new", "b"), changed)
    assert changed.asked == ["new"]
    assert [each.score for each in rows][:2] == [5, 4]
    earlier = (tmp_path / "out" / "superseded.jsonl").read_text().splitlines()
    assert [json.loads(each)["score"] for each in earlier] == [4]
    back = FakeEngine(lambda _: None)
    rows = await grade(tmp_path, files(tmp_path, "a", "b"), back)
    assert not back.asked
    assert [each.score for each in rows][:2] == [4, 4]


async def test_a_file_that_changes_while_it_is_graded_lends_its_grade_to_nobody(
    tmp_path: Path,
) -> None:
    found = files(tmp_path, "a", "a")

    def answer(content: str) -> Grade:
        return good(1 if content == "saved again" else 4)

    found[0].path.write_text("saved again")
    engine = FakeEngine(answer)
    rows = await grade(tmp_path, found, engine)
    assert [(each.score, each.flags) for each in rows[:2]] == [(1, ("changed",)), (4, ())]
    assert engine.asked == ["saved again", "a"]


async def test_an_engine_that_forgets_a_file_has_failed_and_the_file_has_not(
    tmp_path: Path,
) -> None:
    found = files(tmp_path, "a", "b")
    rows = await grade(tmp_path, found, FakeEngine(lambda _: good() if _ == "a" else None))
    assert [each.verdict for each in rows[:2]] == ["graded", "grader_failed"]


@pytest.mark.parametrize("torn", [b'{"person":"s9', b'{"person":"s9"}\0\0\n', b"\0\0\0\n"])
async def test_a_torn_last_line_is_dropped(tmp_path: Path, torn: bytes) -> None:
    found = files(tmp_path, "a", "b")
    rows = await grade(tmp_path, found, FakeEngine(lambda _: good()))
    path = tmp_path / "out" / "results.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + torn)
    engine = FakeEngine(lambda _: good())
    assert await grade(tmp_path, found, engine) == rows
    assert not engine.asked
    assert path.read_bytes().startswith(whole)
    assert len(kept(tmp_path)) == 4


async def test_damage_in_the_middle_names_its_line_and_nobody(tmp_path: Path) -> None:
    await grade(tmp_path, files(tmp_path, "a"), FakeEngine(lambda _: good()))
    path = tmp_path / "out" / "results.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"graded"', b'"graced"'))
    with pytest.raises(ClassError, match=r"results\.jsonl, line 1 cannot be read\.") as caught:
        await grade(tmp_path, (), FakeEngine(lambda _: good()))
    assert "s1" not in caught.value.message.replace(str(tmp_path), "")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"code": "TFX-1"}, "the code was nothing and is TFX-1"),
        ({"bank": "1" * 64}, "the task bank was 0 and is 111111111111"),
        ({"limit_seconds": 5.0}, "the limit in seconds was nothing and is 5.0"),
        (
            {"tasks": (replace(RUN.tasks[0], seed=2),)},
            "was garments/1/hard and is garments/2/hard",
        ),
    ],
)
async def test_a_run_with_other_inputs_is_refused_with_what_differs(
    tmp_path: Path, change: dict[str, object], says: str
) -> None:
    await grade(tmp_path, files(tmp_path, "a"), FakeEngine(lambda _: good()))
    before = (tmp_path / "out" / "results.jsonl").read_bytes()
    with pytest.raises(ClassError) as caught:
        await grade(tmp_path, (), FakeEngine(lambda _: good()), replace(RUN, **change))
    assert says in caught.value.message
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == before


async def test_two_runs_cannot_write_into_one_folder(tmp_path: Path) -> None:
    first = ResultsFolder.open(tmp_path / "out", RUN)
    with pytest.raises(ClassError, match="Another run is writing"):
        ResultsFolder.open(tmp_path / "out", RUN)
    first.close()
    ResultsFolder.open(tmp_path / "out", RUN).close()


def test_a_folder_that_holds_no_class_says_so(tmp_path: Path) -> None:
    with pytest.raises(ClassError, match="holds no results"):
        read_results(tmp_path)
    (tmp_path / "results.jsonl").write_text("somebody else's")
    with pytest.raises(ClassError, match=r"not the class\.json"):
        ResultsFolder.open(tmp_path, RUN)
    (tmp_path / "results.jsonl").write_text("")  # left by a run that was killed at once
    ResultsFolder.open(tmp_path, RUN).close()


async def test_a_full_disk_leaves_whole_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = files(tmp_path, "a", "b")
    flush = disk.flush

    def full(descriptor: int) -> None:
        path = tmp_path / "out" / "results.jsonl"
        if path.exists() and path.read_bytes().count(b"\n") == 3:  # two missing, one graded
            raise OSError(28, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(disk, "flush", full)
    with pytest.raises(ClassError, match=r"results\.jsonl cannot be written: No space left"):
        await grade(tmp_path, found, FakeEngine(lambda _: good()))
    monkeypatch.setattr(disk, "flush", flush)
    assert len(kept(tmp_path)) == 2
    engine = FakeEngine(lambda _: good())
    await grade(tmp_path, found, engine)
    assert len(kept(tmp_path)) == 4
    assert engine.asked == ["b", "a"]


async def test_the_local_pool_answers_as_each_is_done_and_stops_when_asked(
    tmp_path: Path,
) -> None:
    task = a_task(tmp_path / "task")
    orders = [FileToGrade(whole_hdf5(tmp_path / f"{n}.h5", 2048 + n), task, 1) for n in range(3)]
    orders.append(FileToGrade(tmp_path / "missing.h5", task, 1))
    pool = LocalPool(
        cache=tmp_path / "cache",
        logs=tmp_path / "logs",
        store=Store(tmp_path / "datasets"),
        workers=2,
        command=command("slow"),
    )
    answers = [each async for each in pool.grade(orders)]
    assert {each.file.path for each in answers} == {each.path for each in orders}
    assert sorted(type(each.grade).__name__ for each in answers) == ["Graded"] * 3 + ["Rejected"]
    stopped = pool.grade(orders)
    await anext(stopped)
    await stopped.aclose()
    assert not list((tmp_path / "logs").glob("job-*"))


async def test_a_limit_of_seconds_is_the_shorter_of_the_two(tmp_path: Path) -> None:
    task = a_task(tmp_path / "task", seconds=60)
    (short,) = tasks_of(replace(RUN, limit_seconds=2.0), {"garments": task}).values()
    (long,) = tasks_of(replace(RUN, limit_seconds=90.0), {"garments": task}).values()
    assert (short.says.limits.seconds, long.says.limits.seconds) == (2.0, 60)
    verdict = TimedOut(message=Message("late"))
    rows = await grade(tmp_path, files(tmp_path, "a"), FakeEngine(lambda _: verdict))
    assert (rows[0].verdict, rows[0].score) == ("timed_out", 0)
