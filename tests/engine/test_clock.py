from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from engine.clock import Instant, ManualClock, SystemClock

SECONDS = st.floats(0, 1e6)


@given(SECONDS, st.floats(-1e6, 1e6))
def test_a_wall_clock_that_is_set_changes_no_duration(passed: float, jump: float) -> None:
    clock = ManualClock()
    earlier = clock.now()
    clock.move(wall=passed + jump, boot=passed)
    assert abs(clock.now().since(earlier) - passed) < 1e-6


@given(SECONDS)
def test_across_a_reboot_the_wall_clock_decides(passed: float) -> None:
    clock = ManualClock()
    earlier = clock.now()
    clock.reboot(passed)
    assert abs(clock.now().since(earlier) - passed) < 1e-6


def test_time_never_runs_backwards() -> None:
    clock = ManualClock()
    earlier = clock.now()
    clock.reboot(-3600)
    assert clock.now().since(earlier) == 0
    later = earlier.later(10)
    assert earlier.since(later) == 0


def test_is_by_compares_as_since_does() -> None:
    clock = ManualClock()
    deadline = clock.now().later(10)
    clock.move(wall=5_000, boot=10)
    assert clock.now().is_by(deadline)
    clock.advance(0.001)
    assert not clock.now().is_by(deadline)
    clock.reboot(-5_100)
    assert clock.now().is_by(deadline)


def test_instants_tell_the_wall_time_with_its_zone() -> None:
    instant = Instant(wall=0.0, boot=0.0, boot_id="")
    assert instant.utc().isoformat() == "1970-01-01T00:00:00+00:00"
    assert instant.local().astimezone(UTC) == instant.utc()


def test_the_system_clock_goes_on_within_one_boot() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert first.boot_id == second.boot_id != ""
    assert second.boot >= first.boot
    assert first.utc().year >= 2024
