"""A class on a cluster, with the cluster's client faked: who may grade, and what becomes lost."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.classroom.cluster import dask_engine, fitness, messages
from engine.classroom.cluster.dask_engine import (
    Certificates,
    DaskCluster,
    check_address,
    workers_of,
)
from engine.classroom.cluster.fitness import Fitness
from engine.classroom.cluster.messages import (
    BytesNeeded,
    FileGraded,
    FileRequest,
    OtherBank,
    WorkerBank,
)
from engine.errors import ClassError
from engine.grading.host.file_grader import FileToGrade, GradedFile
from engine.grading.protocol import Grade, Graded, Message, Metric, verdict_of
from exam_bank.catalog import Catalog
from exam_bank.safe_files import sha256_of

PEM = Certificates(Path("ca"), Path("cert"), Path("key"))
GOOD = "tcp://good"


@pytest.mark.parametrize("address", ["local:2", "tcp://127.0.0.1:8786", "tcp://[::1]:8786"])
def test_addresses_of_this_machine_need_no_encryption(address: str) -> None:
    check_address(address, None)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("local:0", "no cluster"),
        ("local:two", "no cluster"),
        ("local:", "no cluster"),
        ("scheduler:8786", "no cluster"),
        ("http://127.0.0.1:8786", "no cluster"),
        ("tls://host", "no cluster"),
        ("tls://host:port", "no cluster"),
        ("tcp://10.0.0.1:8786", "not encrypted"),
        ("tcp://scheduler:8786", "not encrypted"),
        ("tls://10.0.0.1:8786", "certificates"),
    ],
)
def test_other_addresses_are_refused_in_a_sentence(address: str, why: str) -> None:
    with pytest.raises(ClassError) as refused:
        check_address(address, None)
    assert why in str(refused.value)
    assert refused.value.fix


def test_encrypted_addresses_are_taken() -> None:
    check_address("tls://10.0.0.1:8786", PEM)


def test_local_says_how_many_workers() -> None:
    assert workers_of("local:3") == 3


class FakeClient:
    """A scheduler with workers whose function is `answer`; what it is asked is in `asked`."""

    def __init__(self, answer: Callable[[FileRequest, bytes | None], object]) -> None:
        self.status = "running"
        self.workers: dict[str, dict[str, Any]] = {GOOD: {"last_seen": 0.0}}
        self.origins: dict[str, object] = {}
        self.asked: list[tuple[FileRequest, bytes | None, list[str]]] = []
        self.keys: list[str] = []
        self.held: dict[str, list[str]] = {}
        self._answer = answer
        self.scheduler = self

    async def identity(self) -> Mapping[str, Any]:
        for each in self.workers.values():
            if not each.get("silent"):
                each["last_seen"] += 1.0
        return {"workers": self.workers}

    async def processing(self) -> Mapping[str, list[str]]:
        return self.held

    async def run(
        self,
        function: Callable[..., bytes],
        *arguments: object,
        workers: list[str] | None = None,
        **_: object,
    ) -> Mapping[str, bytes]:
        if not workers:
            return {}
        found = self.origins.get(workers[0])
        if isinstance(found, Exception):
            raise found
        return {workers[0]: msgspec.json.encode(found) if found else function(*arguments)}

    def submit(
        self,
        function: object,
        request: bytes,
        content: bytes | None,
        *,
        key: str,
        workers: list[str],
        **_: object,
    ) -> "asyncio.Future[bytes]":
        asked = messages.read_request(request)
        self.asked.append((asked, content, workers))
        self.keys.append(key)
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        answer = self._answer(asked, content)
        if isinstance(answer, BaseException):
            future.set_exception(answer)
        elif answer is not None:
            future.set_result(msgspec.json.encode(answer))
        future.key = key  # type: ignore[attr-defined]
        return future

    async def close(self, **_: object) -> None:
        self.status = "closed"


def good(score: int = 3) -> Grade:
    return Graded(message=Message("ok"), metric=Metric("mae", 0.8, 20), score=score, seconds=0.5)


def files(folder: Path, count: int) -> list[FileToGrade]:
    task = Catalog.find().task("straight-line")
    found = []
    for number in range(count):
        path = folder / f"{number}.h5"
        path.write_bytes(b"model %d" % number)
        found.append(FileToGrade(path, task, 7, "classic", sha256_of(path)))
    return found


def graded_by(
    client: FakeClient, wanted: list[FileToGrade], monkeypatch: pytest.MonkeyPatch, **more: Any
) -> list[GradedFile]:
    """All answers when `client` is what the scheduler gives."""

    async def connect(self: Any) -> None:
        client.status = "running"
        self._client = client

    monkeypatch.setattr(dask_engine._ClusterRun, "_connect", connect)
    monkeypatch.setattr(dask_engine, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(dask_engine, "_security", lambda _: None)
    engine = DaskCluster(address="tcp://127.0.0.1:1", registry=Catalog.find().registry, **more)

    async def all_of_them() -> list[GradedFile]:
        return [each async for each in engine.grade(wanted)]

    return asyncio.run(all_of_them())


def test_every_file_is_answered_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client = FakeClient(lambda asked, _: FileGraded(asked.sha256, good()))
    wanted = files(tmp_path, 7)
    answers = graded_by(client, wanted, monkeypatch)
    assert sorted(each.file.path for each in answers) == [each.path for each in wanted]
    assert {each.sha256 for each in answers} == {each.sha256 for each in wanted}
    assert len(set(client.keys)) == 7
    assert all(content is None for _, content, _ in client.asked)


def test_dask_logs_nothing_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lost scheduler is a sentence of ours, not its tracebacks between the lines of progress."""
    loud: list[bool] = []
    names = ("distributed.client", "distributed.batched")

    def logs() -> list[bool]:
        return [logging.getLogger(name).isEnabledFor(logging.ERROR) for name in names]

    def answer(asked: FileRequest, _content: bytes | None) -> object:
        loud.extend(logs())
        return FileGraded(asked.sha256, good())

    graded_by(FakeClient(answer), files(tmp_path, 1), monkeypatch)
    assert loud == [False, False]
    assert logs() == [True, True]


def test_bytes_travel_only_where_a_worker_lacks_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: FileRequest, content: bytes | None) -> object:
        return BytesNeeded() if content is None else FileGraded(asked.sha256, good())

    client = FakeClient(answer)
    answers = graded_by(client, files(tmp_path, 2), monkeypatch)
    assert len(answers) == 2
    assert sorted(content for _, content, _ in client.asked if content) == [b"model 0", b"model 1"]


def test_a_worker_that_dies_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deaths = iter([True, False, True, False])

    def answer(asked: FileRequest, content: bytes | None) -> object:
        return RuntimeError("killed") if next(deaths, False) else FileGraded(asked.sha256, good())

    client = FakeClient(answer)
    answers = graded_by(client, files(tmp_path, 3), monkeypatch)
    assert [verdict_of(each.grade) for each in answers] == ["graded"] * 3
    assert len(client.asked) == 5


@pytest.mark.parametrize("loss", [RuntimeError("killed"), OtherBank()])
def test_a_file_that_takes_every_worker_with_it_costs_no_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, loss: object
) -> None:
    (poison, other) = files(tmp_path, 2)

    def answer(asked: FileRequest, content: bytes | None) -> object:
        return loss if asked.sha256 == poison.sha256 else FileGraded(asked.sha256, good())

    client = FakeClient(answer)
    answers = graded_by(client, [poison, other], monkeypatch)
    verdicts = {each.file.path.name: verdict_of(each.grade) for each in answers}
    assert verdicts == {"0.h5": "grader_failed", "1.h5": "graded"}


def test_a_good_file_beside_one_that_ends_workers_is_graded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that dies takes with it what waits there; who was to blame nobody can tell."""
    poison, *others = files(tmp_path, 4)

    class Dying(FakeClient):
        """One worker, that grades in order and answers later; the poison ends it."""

        def __init__(self) -> None:
            super().__init__(lambda _asked, _: None)
            self.queue: list[tuple[FileRequest, asyncio.Future[bytes]]] = []

        def submit(self, *args: Any, **more: Any) -> "asyncio.Future[bytes]":
            future = super().submit(*args, **more)
            self.queue.append((self.asked[-1][0], future))
            asyncio.get_running_loop().call_later(0.02, self._work)
            return future

        def _work(self) -> None:
            if not self.queue:
                return
            asked, future = self.queue.pop(0)
            if asked.sha256 != poison.sha256:
                future.set_result(msgspec.json.encode(FileGraded(asked.sha256, good())))
                return
            for _, lost in [(asked, future), *self.queue]:
                lost.set_exception(RuntimeError("killed"))
            self.queue.clear()

    answers = graded_by(Dying(), [poison, *others], monkeypatch)
    verdicts = {each.file.path.name: verdict_of(each.grade) for each in answers}
    assert verdicts == {
        "0.h5": "grader_failed",
        **dict.fromkeys(("1.h5", "2.h5", "3.h5"), "graded"),
    }


def test_a_lost_scheduler_means_that_all_is_submitted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter(range(100))

    def answer(asked: FileRequest, content: bytes | None) -> object:
        if next(times) == 0:
            client.status = "closed"
            return None  # nobody will ever answer
        return FileGraded(asked.sha256, good())

    client = FakeClient(answer)
    told: list[str] = []
    answers = graded_by(client, files(tmp_path, 3), monkeypatch, on_trouble=told.append)
    assert len(answers) == 3
    assert len({each.file.path for each in answers}) == 3
    assert any("scheduler was lost" in each for each in told)


def test_what_a_silent_worker_holds_goes_to_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(asked: FileRequest, content: bytes | None) -> object:
        if len(client.asked) == 1:
            client.held = {GOOD: [client.key_of_next()]}
            client.workers[GOOD]["silent"] = True
            client.workers["tcp://other"] = {"last_seen": 0.0}
            return None
        return FileGraded(asked.sha256, good())

    class Stopping(FakeClient):
        def key_of_next(self) -> str:
            return f"{self.asked[-1][0].key}-1"

    client = Stopping(answer)
    monkeypatch.setattr(fitness, "SILENT_SECONDS", 0.05)
    (answered,) = graded_by(client, files(tmp_path, 1), monkeypatch)
    assert verdict_of(answered.grade) == "graded"
    assert client.asked[-1][2] == ["tcp://other"]


def test_workers_with_another_tfexam_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(lambda asked, _: FileGraded(asked.sha256, good()))
    bank = Catalog.find()
    own = WorkerBank.of(bank.task("straight-line"), bank.registry)
    other = {
        "tcp://old": [WorkerBank(version="0.0.1", material=own.material)],
        "tcp://changed": [WorkerBank(version=own.version, material="00")],
        "tcp://poor": [None],
        "tcp://broken": ModuleNotFoundError("No module named 'engine'"),
    }
    for address, origin in other.items():
        client.workers[address] = {"last_seen": 0.0}
        client.origins[address] = origin
    told: list[str] = []
    answers = graded_by(client, files(tmp_path, 20), monkeypatch, on_trouble=told.append)
    assert len(answers) == 20
    assert {tuple(workers) for _, _, workers in client.asked} == {(GOOD,)}
    for address, why in {
        "old": "0.0.1",
        "changed": "other data",
        "poor": "no task",
        "broken": "No module named",
    }.items():
        assert sum(address in each and why in each for each in told) == 1, told


def test_without_any_worker_the_run_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = FakeClient(lambda asked, _: FileGraded(asked.sha256, good()))
    client.workers.clear()
    monkeypatch.setattr(dask_engine, "PATIENCE_SECONDS", 0.05)
    with pytest.raises(ClassError, match="No worker"):
        graded_by(client, files(tmp_path, 1), monkeypatch)


def test_heartbeats_are_judged_by_their_changes_not_by_the_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fitness, "SILENT_SECONDS", 0.0)
    known = Fitness({}, lambda _: None)

    async def look() -> list[set[str]]:
        first = known.heard_of({"a": {"last_seen": 1e12}, "b": {"last_seen": -5.0}})
        await asyncio.sleep(0.01)
        return [first, known.heard_of({"a": {"last_seen": 1e12}, "b": {"last_seen": -4.0}})]

    monkeypatch.setattr(fitness, "SILENT_SECONDS", 0.005)
    first, second = asyncio.run(look())
    assert first == {"a", "b"}
    assert second == {"b"}
