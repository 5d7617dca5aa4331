"""GPU readings with a driver that is missing, old, half-blind or working."""

import builtins
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pynvml
import pytest

from engine.clock import ManualClock
from engine.machine import gpu
from engine.machine.gpu import (
    SLOW_SECONDS,
    FakeProbe,
    Gpus,
    GpuSample,
    NoGpu,
    NvmlProbe,
    find_probe,
    probe_of,
)
from exam_bank.platform.kernel import knows_processes

GIB = 2**30


@pytest.fixture(autouse=True)
def machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the tests did not run in a container."""
    monkeypatch.setattr(gpu, "knows_processes", lambda: True)


def unsupported(*_: Any, **__: Any) -> Any:
    raise pynvml.NVMLError_NotSupported


def library(**changes: Any) -> SimpleNamespace:
    """One working card; each of `changes` replaces one call of the library."""
    known: dict[str, Any] = {
        "NVMLError": pynvml.NVMLError,
        "NVML_TEMPERATURE_GPU": pynvml.NVML_TEMPERATURE_GPU,
        "nvmlMemory_v2": pynvml.nvmlMemory_v2,
        "nvmlInit": lambda: None,
        "nvmlShutdown": lambda: None,
        "nvmlDeviceGetCount": lambda: 1,
        "nvmlDeviceGetHandleByIndex": lambda index: f"card {index}",
        "nvmlDeviceGetName": lambda _: "Card",
        "nvmlDeviceGetUtilizationRates": lambda _: SimpleNamespace(gpu=37, memory=9),
        "nvmlDeviceGetMemoryInfo": memory_info,
        "nvmlDeviceGetTemperature": lambda _handle, _sensor: 55,
        "nvmlDeviceGetPowerUsage": lambda _: 71_500,
        "nvmlDeviceGetComputeRunningProcesses": lambda _: [
            SimpleNamespace(pid=4711, usedGpuMemory=GIB),
            SimpleNamespace(pid=4712, usedGpuMemory=None),
        ],
    }
    return SimpleNamespace(**(known | changes))


def memory_info(_: Any, version: Any = None) -> SimpleNamespace:
    # The first version of the call counts the driver's reserve as used.
    return SimpleNamespace(used=(2 if version else 3) * GIB, total=16 * GIB)


def only(reading: gpu.Reading) -> GpuSample:
    assert isinstance(reading, Gpus)
    (sample,) = reading.samples
    return sample


def test_a_card_is_read_in_full_and_its_memory_without_the_drivers_reserve() -> None:
    assert only(probe_of(library()).sample()) == GpuSample(
        index=0,
        name="Card",
        use_percent=37,
        memory_used=2 * GIB,
        memory_total=16 * GIB,
        memory_peak=2 * GIB,
        temperature_c=55,
        power_w=71.5,
        processes={4711: GIB},
    )


def test_the_peak_of_each_card_is_kept() -> None:
    fills = iter([3, 9, 4])

    def filling(_: Any, version: Any = None) -> SimpleNamespace:
        return SimpleNamespace(used=next(fills) * GIB, total=16 * GIB)

    probe = NvmlProbe(library(nvmlDeviceGetMemoryInfo=filling))
    seen = [only(probe.sample()) for _ in range(3)]
    assert [each.memory_peak for each in seen] == [3 * GIB, 9 * GIB, 9 * GIB]
    assert seen[-1].memory_used == 4 * GIB


def test_two_cards_are_two_rows_and_a_process_may_use_both() -> None:
    reading = NvmlProbe(library(nvmlDeviceGetCount=lambda: 2)).sample()
    assert isinstance(reading, Gpus)
    assert [each.index for each in reading.samples] == [0, 1]
    assert reading.memory_of(4711) == 2 * GIB
    assert reading.memory_of(4712) is None


def test_what_changes_slowly_is_asked_for_every_few_seconds() -> None:
    asked: list[object] = []
    clock = ManualClock()

    def power(handle: object) -> int:
        asked.append(handle)
        return 50_000

    probe = NvmlProbe(library(nvmlDeviceGetPowerUsage=power), clock=clock)
    for _ in range(10):
        probe.sample()
        clock.advance(1)
    assert len(asked) == 10 / SLOW_SECONDS


def test_in_a_container_the_drivers_process_ids_are_of_no_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inside = tmp_path / "pid"
    inside.symlink_to("pid:[4026532999]")
    assert not knows_processes(str(inside))
    assert knows_processes(str(tmp_path / "no-such-thing-here"))
    monkeypatch.setattr(gpu, "knows_processes", lambda: False)
    assert only(NvmlProbe(library()).sample()).processes is None


def test_a_driver_that_knows_only_the_first_memory_call_is_asked_that() -> None:
    def old(_: Any, version: Any = None) -> SimpleNamespace:
        if version is not None:
            raise pynvml.NVMLError_FunctionNotFound
        return SimpleNamespace(used=GIB, total=8 * GIB)

    sample = only(probe_of(library(nvmlDeviceGetMemoryInfo=old)).sample())
    assert (sample.memory_used, sample.memory_total) == (GIB, 8 * GIB)


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("nvmlDeviceGetName", {"name"}),
        ("nvmlDeviceGetUtilizationRates", {"use_percent"}),
        ("nvmlDeviceGetMemoryInfo", {"memory_used", "memory_total", "memory_peak"}),
        ("nvmlDeviceGetComputeRunningProcesses", {"processes"}),
        ("nvmlDeviceGetTemperature", {"temperature_c"}),
        ("nvmlDeviceGetPowerUsage", {"power_w"}),
    ],
)
def test_a_field_the_card_does_not_know_leaves_the_others(call: str, fields: set[str]) -> None:
    sample = only(probe_of(library(**{call: unsupported})).sample())
    unknown = {name for name in sample.__struct_fields__ if getattr(sample, name) is None}
    assert unknown == fields


def test_a_card_without_a_handle_keeps_its_row() -> None:
    probe = NvmlProbe(library(nvmlDeviceGetHandleByIndex=unsupported))
    assert only(probe.sample()) == GpuSample(index=0)


def test_the_name_is_asked_for_once_and_bytes_are_read() -> None:
    asked: list[object] = []

    def name(handle: object) -> bytes:
        asked.append(handle)
        return b"Old card"

    probe = probe_of(library(nvmlDeviceGetName=name))
    assert [only(probe.sample()).name for _ in range(3)] == ["Old card"] * 3
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (pynvml.NVMLError_LibraryNotFound, "No NVIDIA driver is installed"),
        (pynvml.NVMLError_DriverNotLoaded, "not loaded"),
        (pynvml.NVMLError_LibRmVersionMismatch, "different versions"),
        (pynvml.NVMLError_NoPermission, "not allowed to read"),
        (pynvml.NVMLError_Unknown, "could not be read"),
    ],
)
def test_a_driver_that_does_not_start_is_a_reason(
    error: type[pynvml.NVMLError], words: str
) -> None:
    def fail() -> None:
        raise error

    reading = probe_of(library(nvmlInit=fail)).sample()
    assert isinstance(reading, NoGpu)
    assert words in reading.reason.text()


def test_a_driver_without_cards_is_a_reason_and_let_go_of() -> None:
    closed: list[bool] = []
    fake = library(nvmlDeviceGetCount=lambda: 0, nvmlShutdown=lambda: closed.append(True))
    assert probe_of(fake).sample() == NoGpu(gpu.NO_DEVICE)
    assert closed == [True]


def test_a_driver_that_goes_away_later_becomes_a_reason() -> None:
    fake = library()
    probe = probe_of(fake)
    assert isinstance(probe.sample(), Gpus)

    def lost() -> int:
        raise pynvml.NVMLError_GpuIsLost

    fake.nvmlDeviceGetCount = lost
    reading = probe.sample()
    assert isinstance(reading, NoGpu)
    assert "stopped responding" in reading.reason.text()


def test_closing_twice_is_harmless() -> None:
    probe = probe_of(library(nvmlShutdown=unsupported))
    probe.close()
    probe.close()


def test_a_missing_package_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "pynvml":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert find_probe().sample() == NoGpu(gpu.NO_PACKAGE)


def test_this_machine_answers_with_cards_or_a_sentence() -> None:
    probe = find_probe()
    match probe.sample():
        case Gpus(samples):
            assert samples
        case NoGpu(reason):
            assert reason.text().endswith(".")
    probe.close()


def test_the_fake_gives_its_readings_in_turn_and_keeps_the_last() -> None:
    first, second = Gpus((GpuSample(index=0),)), NoGpu(gpu.NO_DEVICE)
    probe = FakeProbe(first, second)
    assert [probe.sample() for _ in range(3)] == [first, second, second]


SMI = shutil.which("nvidia-smi")
ASKED = "index,name,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw"


@pytest.mark.skipif(SMI is None, reason="no nvidia-smi here")
def test_real_cards_are_read_as_nvidia_smi_reads_them() -> None:
    assert SMI is not None
    command = [SMI, f"--query-gpu={ASKED}", "--format=csv,noheader,nounits"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    probe = find_probe()
    reading = probe.sample()
    probe.close()
    assert isinstance(reading, Gpus)
    lines = [[each.strip() for each in line.split(",")] for line in told.splitlines()]
    assert [str(each.index) for each in reading.samples] == [line[0] for line in lines]
    for sample, (_, name, total, used, *rest) in zip(reading.samples, lines, strict=True):
        assert sample.name == name
        assert sample.memory_total == pytest.approx(float(total) * 2**20, abs=2**20)
        assert sample.memory_used == pytest.approx(float(used) * 2**20, abs=256 * 2**20)
        # What neither can tell is unknown to both; the rest moves between two looks.
        for told_value, value in zip(
            rest, (sample.use_percent, sample.temperature_c, sample.power_w), strict=True
        ):
            assert (value is None) == (not told_value.replace(".", "").isdigit())
        if sample.temperature_c is not None:
            assert sample.temperature_c == pytest.approx(float(rest[1]), abs=5)
