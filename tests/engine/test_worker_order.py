"""The order of a child's life, on which its sandbox depends; nothing of TensorFlow runs here."""

import sys
from pathlib import Path
from typing import Any, NoReturn

import pytest

from engine.errors import GraderError
from engine.grading import sandbox, wire
from engine.grading.child import process, worker
from engine.grading.child.process import Say
from engine.grading.host.environment import environment
from engine.grading.protocol import Grade, failed

JOB = b"a job\n"
GRADE = failed("graded")


class Life:
    """What a child did, in order; a job comes at step `job_comes`, or never."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, job_comes: str = "") -> None:
        self.steps: list[Any] = []
        self._job_comes = job_comes

        def step(name: str, answer: Any = None) -> Any:
            def take(*_: object, **__: object) -> Any:
                self.steps.append(name)
                return answer

            return take

        monkeypatch.setattr(worker, "import_the_other_keras", step("tf_keras"))
        monkeypatch.setattr(worker, "_warm", step("warm"))
        monkeypatch.setattr(process, "open_predictions", step("open", 7))
        monkeypatch.setattr(sandbox, "enter", step("walls", "full"))
        monkeypatch.setattr(process, "idle", lambda: job_comes not in self.steps)
        monkeypatch.setattr(process, "read_line", step("read", JOB if job_comes else b""))
        monkeypatch.setattr(process, "leave_when_stdin_ends", step("listen"))
        monkeypatch.setattr(process, "leave", self.leave)
        monkeypatch.setattr(worker, "grade_line", self.grade)

    def leave(self, status: int) -> NoReturn:
        raise SystemExit(status)

    def grade(self, line: bytes, say: Say, predictions: int) -> Grade:
        self.steps.append(line)
        assert predictions == 7
        return GRADE

    def live(self, *, gpu: bool = False, warms: bool = True) -> int:
        with pytest.raises(SystemExit) as left:
            worker.live(self.steps.append, Path("/job folder"), gpu=gpu, warms=warms)
        assert isinstance(left.value.code, int)
        return left.value.code


def test_the_walls_stand_before_anything_starts_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(monkeypatch)
    assert life.live() == 0
    assert life.steps == [wire.READY, "tf_keras", "open", "walls", "warm", "read"]


def test_a_child_of_a_batch_warms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(monkeypatch)
    assert life.live(warms=False) == 0
    assert life.steps == [wire.READY, "tf_keras", "open", "walls", "read"]


def test_a_gpu_is_opened_before_the_walls_close_its_devices(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    life = Life(monkeypatch)
    assert life.live(gpu=True) == 0
    assert life.steps == [wire.READY, "tf_keras", "warm", "open", "walls", "warm", "read"]


@pytest.mark.parametrize("gpu", [False, True])
def test_a_job_that_waits_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch, gpu: bool) -> None:
    life = Life(monkeypatch, job_comes="tf_keras")
    life.live(gpu=gpu)
    assert life.steps[1:] == ["tf_keras", *(["warm"] if gpu else []), *REST]


REST = ["open", "walls", "read", "listen", JOB, GRADE]


def test_without_walls_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    life = Life(monkeypatch, job_comes="walls")

    def refuse(_: object, *, gpu: bool) -> NoReturn:
        raise GraderError("no walls here")

    monkeypatch.setattr(sandbox, "enter", refuse)
    assert life.live() == 1
    assert life.steps == [wire.READY, "tf_keras", "open", failed("no walls here")]


@pytest.mark.slow
def test_a_gpus_memory_is_taken_only_as_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    import tensorflow as tf

    grows: list[tuple[str, bool]] = []
    cards = {"GPU": ["first", "second"]}
    monkeypatch.setattr(tf.config, "list_physical_devices", cards.get)
    monkeypatch.setattr(
        tf.config.experimental, "set_memory_growth", lambda *told: grows.append(told)
    )
    worker.import_tensorflow()
    assert not grows
    worker.import_tensorflow(gpu=True)
    assert grows == [("first", True), ("second", True)]


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (ImportError("failed to map segment from shared object"), "cannot be loaded"),
        (ModuleNotFoundError("No module named 'tensorflow'"), "pip install"),
    ],
)
def test_a_tensorflow_that_is_there_need_not_be_installed(
    monkeypatch: pytest.MonkeyPatch, fault: ImportError, says: str
) -> None:
    class Refusing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "tensorflow":
                raise fault

    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])

    with pytest.raises(GraderError, match=says):
        worker.import_tensorflow()


def test_a_child_on_the_cpu_sees_no_gpu_and_one_on_the_gpu_those_of_the_candidate() -> None:
    inherited = {"CUDA_VISIBLE_DEVICES": "1", "TF_USE_LEGACY_KERAS": "1"}
    assert environment(inherited, "cpu")["CUDA_VISIBLE_DEVICES"] == "-1"
    assert environment(inherited, "gpu")["CUDA_VISIBLE_DEVICES"] == "1"
    assert environment(inherited, "gpu")["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"
    assert "TF_USE_LEGACY_KERAS" not in environment(inherited, "gpu")


class _Lacking:
    """An importer of TensorFlow that lacks a module."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, *_: object) -> None:
        if name == "tensorflow":
            raise ModuleNotFoundError(f"No module named {self._name!r}", name=self._name)


@pytest.mark.parametrize(
    ("lacks", "says"),
    [
        ("tensorflow", "TensorFlow cannot be imported (No module named 'tensorflow'). "),
        ("absl.flags", "absl cannot be imported (No module named 'absl.flags'). "),
    ],
)
def test_the_library_that_lacks_is_named(
    monkeypatch: pytest.MonkeyPatch, lacks: str, says: str
) -> None:
    monkeypatch.delitem(sys.modules, "tensorflow", raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Lacking(lacks), *sys.meta_path])
    with pytest.raises(GraderError) as caught:
        worker.import_tensorflow()
    assert str(caught.value.message).startswith(says)
