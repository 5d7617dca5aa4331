"""The samplers' thread: it shows what was asked for last, and no fault ends it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import OptionList, Static

from engine.machine.usage import TrainingProcess, UsageSample
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices
from tui.link import exam_samplers, messages
from tui.link.exam_samplers import ExamSampler

FIRST, SECOND = Path("/first"), Path("/second")


class Node:
    """Receives what a screen would."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.refuses: list[object] = []

    def post_message(self, message: Any) -> bool:
        if self.refuses:
            answer = self.refuses.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return False
        self.heard.append(message)
        return True

    @property
    def folders(self) -> list[str]:
        return [each.task for each in self.heard if isinstance(each, messages.FolderSampled)]


def wait(holds: Callable[[], object]) -> None:
    for _ in range(2_000):
        if holds():
            return
        time.sleep(0.005)
    raise AssertionError("it never came")


@pytest.fixture
def watch(services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> Iterator[ExamSampler]:
    monkeypatch.setattr(exam_samplers, "SAMPLE_SECONDS", 0.01)
    watch = ExamSampler(Node(), services, Path("/"))  # type: ignore[arg-type]
    yield watch
    watch.stop()


def node_of(watch: ExamSampler) -> Node:
    assert isinstance(watch._node, Node)
    return watch._node


def test_a_turn_that_comes_while_the_last_is_read_is_not_lost(services: FakeServices) -> None:
    class Interrupted(ExamSampler):
        """Turns to another task just after the thread has read which one is wanted."""

        def __getattribute__(self, name: str) -> Any:
            value = super().__getattribute__(name)
            if name == "_wanted" and value == ("first", FIRST):
                self.turn_to("second", SECOND)
            return value

    watch = Interrupted(Node(), services, Path("/"))  # type: ignore[arg-type]
    watch.turn_to("first", FIRST)
    for _ in range(3):
        watch._look_into_the_folder()
    assert node_of(watch).folders[-1] == "second"


def test_what_the_screen_did_not_get_is_told_again(watch: ExamSampler) -> None:
    node_of(watch).refuses = [False, MemoryError(), RuntimeError("Event loop is closed")]
    watch.turn_to("first", FIRST)
    watch.start()
    wait(lambda: node_of(watch).folders)
    assert watch.is_alive()


@pytest.mark.parametrize("probe", ["folder_probe", "gpu_probe", "usage_probe"])
def test_a_probe_that_cannot_be_made_is_made_later(
    watch: ExamSampler, services: FakeServices, monkeypatch: pytest.MonkeyPatch, probe: str
) -> None:
    monkeypatch.setattr(exam_samplers, "_TRY_AGAIN", 2)
    true, faults = getattr(services, probe), iter([OSError(24, "Too many open files")])

    def fail_once(*given: Any) -> Any:
        if (fault := next(faults, None)) is not None:
            raise fault
        return true(*given)

    monkeypatch.setattr(services, probe, fail_once)
    watch.turn_to("first", FIRST)
    watch.start()
    wait(lambda: node_of(watch).folders)
    wait(
        lambda: any(
            isinstance(each, messages.MachineSampled) and each.gpu and each.usage
            for each in node_of(watch).heard
        )
    )


def refuse_first(monkeypatch: pytest.MonkeyPatch, kind: str, times: int) -> None:
    """Refuse to start the first threads of this kind, with the system's error."""
    true, left = threading.Thread.start, iter(range(times))

    def start(self: threading.Thread) -> None:
        if type(self).__name__ == kind and next(left, None) is not None:
            raise RuntimeError("can't start new thread")
        true(self)

    monkeypatch.setattr(threading.Thread, "start", start)


async def test_an_exam_opens_without_a_thread_for_its_samplers_and_gets_one_later(
    open_exam: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_first(monkeypatch, "ExamSampler", 3)
    async with open_exam() as room:
        await until(
            room, lambda: any("Monitoring of the machine" in each for each in room.notices())
        )
        await until(room, lambda: "GPU" in room.text("MachineRows"))
        assert room.screen_name == "ExamScreen"
        assert "no thread can be started" in room.text("#banner")


async def test_what_a_screen_asks_for_without_a_thread_is_refused_in_words(
    open_room: OpenRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse_first(monkeypatch, "BackgroundJob", 1)
    async with open_room() as room:
        await room.pilot.press("d")
        await until(room, lambda: "no thread can be started" in shown(room))
        await room.pilot.press("escape", "d")
        await until(room, lambda: "garments" in shown(room))


def shown(room: Room) -> str:
    listed = room.app.screen.query(OptionList)
    options = [str(each.prompt) for listing in listed for each in listing.options]
    return " ".join([*options, *(str(each.render()) for each in room.app.screen.query(Static))])


def training(pid: int) -> UsageSample:
    found = TrainingProcess(
        pid=pid, command="starter.py", place="Category1", cpu_percent=1, memory=1
    )
    return UsageSample(cpu_percent=1, memory_used=1, memory_total=2, training=(found,))


def test_epochs_are_those_of_the_training_that_runs(tmp_path: Path) -> None:
    log = tmp_path / "Category1" / "training.csv"
    log.parent.mkdir()
    log.write_text("epoch,loss\n0,3\n1,2\n2,1\n")
    epochs = exam_samplers._Epochs(tmp_path)
    assert epochs.of(training(7)) == {}  # of an earlier one
    log.write_text("epoch,loss\n0,3\n")
    assert epochs.of(training(7)) == {"Category1": 1}
    log.write_text("epoch,loss\n0,3\n1,2.5\n")
    assert epochs.of(training(7)) == {"Category1": 2}
    assert epochs.of(training(8)) == {}
