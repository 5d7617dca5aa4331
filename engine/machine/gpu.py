"""Reads the GPUs through NVIDIA's management library, or says why there are none.

What users of GPU monitors complain about most is silence: an empty panel that does not
mention a missing driver, or one unsupported field that blanks the whole row. So a reading
is either the GPUs, each of whose fields may be unknown, or a reason.

Nothing here talks to CUDA: NVML only reads, and uses no memory on the card. Values that
are slow to read and slow to change are read only every few seconds.
"""

from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol, TypeVar

import msgspec

from engine.clock import Clock, Instant, SystemClock
from engine.grading.protocol import Message
from exam_bank.platform.kernel import knows_processes

SLOW_SECONDS = 5.0
# Inode of the host's own PID namespace on Linux; containers have others.

_T = TypeVar("_T")

NO_PACKAGE = Message("The package nvidia-ml-py is missing, so tfexam cannot look for a GPU.")
NO_DEVICE = Message("The NVIDIA driver is loaded but shows no GPU.")
_REASONS = {
    "NVMLError_LibraryNotFound": Message("No NVIDIA driver is installed here."),
    "NVMLError_DriverNotLoaded": Message("The NVIDIA driver is installed but not loaded."),
    "NVMLError_LibRmVersionMismatch": Message(
        "The NVIDIA driver and its library have different versions; reboot to fix that."
    ),
    "NVMLError_NoPermission": Message("This account is not allowed to read the NVIDIA driver."),
    "NVMLError_GpuIsLost": Message("The GPU has stopped responding; reboot to fix that."),
    "NVMLError_GpuNotFound": NO_DEVICE,
}


class GpuSample(msgspec.Struct, frozen=True, kw_only=True):
    """One GPU at one moment; a field that card or driver does not report is None.

    Memory in bytes, temperature in degrees Celsius, power in watts. `memory_peak` is the
    highest use since the probe was created; `processes` maps process ids to the bytes
    each one uses.
    """

    index: int | None = None
    name: str | None = None
    use_percent: int | None = None
    memory_used: int | None = None
    memory_total: int | None = None
    memory_peak: int | None = None
    temperature_c: int | None = None
    power_w: float | None = None
    processes: dict[int, int] | None = None


class Gpus(msgspec.Struct, frozen=True):
    """Every GPU the driver shows, in its order; at least one."""

    samples: tuple[GpuSample, ...]

    def memory_of(self, pid: int) -> int | None:
        """Bytes a process uses on all cards; None if no card reports it."""
        tables = [each.processes or {} for each in self.samples]
        known = [table[pid] for table in tables if pid in table]
        return sum(known) if known else None


class NoGpu(msgspec.Struct, frozen=True):
    """There is no GPU to read, and why."""

    reason: Message


Reading = Gpus | NoGpu


class GpuProbe(Protocol):
    """A way to read the GPUs; both calls may block for some milliseconds."""

    def sample(self) -> Reading:
        """One reading; never raises."""
        ...

    def close(self) -> None:
        """Let go of the driver."""
        ...


class FakeProbe:
    """Returns given readings in turn, then the last one for ever; for tests."""

    def __init__(self, *readings: Reading) -> None:
        self._readings = list(readings)
        self.closed = False

    def sample(self) -> Reading:
        """The next reading."""
        return self._readings.pop(0) if len(self._readings) > 1 else self._readings[0]

    def close(self) -> None:
        """Remembers that it was closed."""
        self.closed = True


class NoGpuProbe:
    """Always answers with the reason why no GPU was found."""

    def __init__(self, reason: Message) -> None:
        self._reading = NoGpu(reason)

    def sample(self) -> Reading:
        """The reason."""
        return self._reading

    def close(self) -> None:
        """Nothing to release."""


class _Slow(msgspec.Struct, frozen=True):
    """Values read only every few seconds."""

    at: Instant
    temperature_c: int | None
    power_w: float | None
    processes: dict[int, int] | None


class NvmlProbe:
    """Reads every GPU through an NVML library that is already initialised."""

    def __init__(self, library: ModuleType | Any, *, clock: Clock | None = None) -> None:
        self._nvml = library
        self._clock = clock or SystemClock()
        self._names: dict[int, str | None] = {}
        self._peaks: dict[int, int] = {}
        self._slow: dict[int, _Slow] = {}

    def sample(self) -> Reading:
        """One reading of all GPUs, or the reason if the driver is gone."""
        nvml = self._nvml
        try:
            count = nvml.nvmlDeviceGetCount()
        except nvml.NVMLError as error:
            return NoGpu(reason_for(error))
        if count == 0:
            return NoGpu(NO_DEVICE)
        return Gpus(tuple(self._device(index) for index in range(count)))

    def close(self) -> None:
        """Release the driver; safe to call twice."""
        self._ask(self._nvml.nvmlShutdown)

    def _device(self, index: int) -> GpuSample:
        nvml, ask = self._nvml, self._ask
        handle = ask(lambda: nvml.nvmlDeviceGetHandleByIndex(index))
        if handle is None:
            return GpuSample(index=index)
        used, total = self._memory(handle)
        if used is not None:
            self._peaks[index] = max(used, self._peaks.get(index, 0))
        slow = self._slowly(index, handle)
        return GpuSample(
            index=index,
            name=self._name(index, handle),
            use_percent=ask(lambda: int(nvml.nvmlDeviceGetUtilizationRates(handle).gpu)),
            memory_used=used,
            memory_total=total,
            memory_peak=self._peaks.get(index),
            temperature_c=slow.temperature_c,
            power_w=slow.power_w,
            processes=slow.processes,
        )

    def _slowly(self, index: int, handle: Any) -> _Slow:
        """Temperature, power and processes, at most a few seconds old."""
        nvml, ask, now = self._nvml, self._ask, self._clock.now()
        found = self._slow.get(index)
        if found is None or now.since(found.at) >= SLOW_SECONDS:
            milliwatts = ask(lambda: nvml.nvmlDeviceGetPowerUsage(handle))
            sensor = nvml.NVML_TEMPERATURE_GPU
            found = self._slow[index] = _Slow(
                now,
                ask(lambda: int(nvml.nvmlDeviceGetTemperature(handle, sensor))),
                None if milliwatts is None else milliwatts / 1000,
                self._processes(handle) if knows_processes() else None,
            )
        return found

    def _processes(self, handle: Any) -> dict[int, int] | None:
        listed = self._ask(lambda: self._nvml.nvmlDeviceGetComputeRunningProcesses(handle))
        if listed is None:
            return None
        return {each.pid: each.usedGpuMemory for each in listed if each.usedGpuMemory is not None}

    def _name(self, index: int, handle: Any) -> str | None:
        """The card's name, read once: it is the slowest field and never changes."""
        if index not in self._names:
            name = self._ask(lambda: self._nvml.nvmlDeviceGetName(handle))
            # Older bindings return bytes.
            self._names[index] = name.decode() if isinstance(name, bytes) else name
        return self._names[index]

    def _memory(self, handle: Any) -> tuple[int | None, int | None]:
        """Used and total bytes.

        Uses the second version of the call: since driver 510 the first one counts the
        driver's own reserve as used (gpustat #141). Older drivers have only the first,
        which did not count it then.
        """
        nvml = self._nvml
        found = self._ask(
            lambda: nvml.nvmlDeviceGetMemoryInfo(handle, version=nvml.nvmlMemory_v2)
        ) or self._ask(lambda: nvml.nvmlDeviceGetMemoryInfo(handle))
        return (None, None) if found is None else (int(found.used), int(found.total))

    def _ask(self, question: Callable[[], _T]) -> _T | None:
        """One field's value, or None: one failing field must not lose the others."""
        try:
            return question()
        except self._nvml.NVMLError:
            return None


def find_probe() -> GpuProbe:
    """A probe of this machine's GPUs, or one that says why there are none.

    The driver may take a second to wake up: call this off the event loop.
    """
    try:
        import pynvml
    except ImportError:
        return NoGpuProbe(NO_PACKAGE)
    return probe_of(pynvml)


def probe_of(library: ModuleType | Any) -> GpuProbe:
    """Initialise an NVML library and make a probe over it."""
    try:
        library.nvmlInit()
    except library.NVMLError as error:
        return NoGpuProbe(reason_for(error))
    probe = NvmlProbe(library)
    if isinstance(reading := probe.sample(), NoGpu):
        probe.close()
        return NoGpuProbe(reading.reason)
    return probe


def reason_for(error: Exception) -> Message:
    """What an NVML error means, in words."""
    known = _REASONS.get(type(error).__name__)
    return known or Message(
        "The NVIDIA driver could not be read: {error}.", {"error": str(error).rstrip(".")}
    )
