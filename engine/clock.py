"""Time as an object: the only place in tfexam that reads a clock.

An exam's clock must keep running while the app is closed and while the machine sleeps,
and setting the wall clock back must not fool it. No single system clock does all three:
the wall clock can be set, and the monotonic clock stops during sleep and restarts at
boot. So an `Instant` holds both the wall time and the boot time. The time between two
instants comes from the boot clock when both belong to the same boot, and from the wall
clock only across a reboot.
"""

import time
from datetime import UTC, datetime
from typing import Annotated, Protocol

import msgspec

from exam_bank.platform import clocks

# Files may hold any number; every machine can format dates up to the year 3000.
Wall = Annotated[float, msgspec.Meta(ge=0, le=32_503_680_000)]


class Instant(msgspec.Struct, frozen=True):
    """A moment: `wall` in seconds since 1970 UTC, `boot` in seconds since the boot `boot_id`."""

    wall: Wall
    boot: Wall
    boot_id: str

    def since(self, earlier: "Instant") -> float:
        """Seconds from `earlier` to this instant; never negative."""
        if self.boot_id == earlier.boot_id:
            return max(0.0, self.boot - earlier.boot)
        return max(0.0, self.wall - earlier.wall)

    def later(self, seconds: float) -> "Instant":
        """The instant `seconds` after this one, in the same boot."""
        return Instant(self.wall + seconds, self.boot + seconds, self.boot_id)

    def is_by(self, deadline: "Instant") -> bool:
        """Whether this instant is at or before `deadline`; across a reboot the wall decides."""
        if self.boot_id == deadline.boot_id:
            return self.boot <= deadline.boot
        return self.wall <= deadline.wall

    def utc(self) -> datetime:
        """The wall time as an aware datetime in UTC."""
        return datetime.fromtimestamp(self.wall, tz=UTC)

    def local(self) -> datetime:
        """The wall time as an aware datetime in the machine's time zone."""
        return self.utc().astimezone()


def local_time(wall: float) -> str:
    """A wall time as people here read it: date, time and time zone."""
    return f"{datetime.fromtimestamp(wall, tz=UTC).astimezone():%Y-%m-%d %H:%M %Z}"


def local_wall(text: str, form: str) -> float:
    """The wall time that `text`, written in `form`, tells here; raises `ValueError` if none."""
    try:
        wall = datetime.strptime(text, form).astimezone().timestamp()
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error
    return msgspec.convert(wall, Wall)


class Clock(Protocol):
    """Tells the engine the time; tests control it with `ManualClock`."""

    def now(self) -> Instant:
        """The current moment."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> Instant:
        """The current moment; boot time includes time asleep where the system counts it."""
        return Instant(wall=time.time(), boot=clocks.boot_seconds(), boot_id=clocks.boot_id())


class ManualClock:
    """A clock that moves only when told to; wall and boot time can move separately."""

    def __init__(self, wall: float = 1_800_000_000.0, boot: float = 1_000.0) -> None:
        self._instant = Instant(wall=wall, boot=boot, boot_id="boot-1")

    def now(self) -> Instant:
        """The moment the clock was last set to."""
        return self._instant

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both clocks."""
        self.move(wall=seconds, boot=seconds)

    def move(self, *, wall: float = 0.0, boot: float = 0.0) -> None:
        """Move each clock by its own step, as when somebody sets the wall clock."""
        was = self._instant
        self._instant = Instant(was.wall + wall, was.boot + boot, was.boot_id)

    def reboot(self, seconds: float) -> None:
        """Pass `seconds` of wall time and start a new boot."""
        was = self._instant
        self._instant = Instant(was.wall + seconds, 1.0, was.boot_id + "'")
