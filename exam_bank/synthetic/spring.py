"""A spring that breathes: a cave fills, a siphon empties it, and the hours between vary.

Its seasons are irregular by nature. The slower the water comes, the longer the cave takes
to fill, so no fixed period fits and a linear forecast smears the next outburst over a day.
What tells when it comes is in the window all the same: the last outburst, and how fast
the leak in the wall grows meanwhile.
"""

from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import Source
from exam_bank.synthetic.tabular import rounded

_PARTS = 6
"""Parts of an hour in which the cave is filled and emptied."""
_YEAR = 365.25


@dataclass(frozen=True)
class Cave:
    """What differs between springs; every seed has one of its own, all equally hard.

    Volumes in cubic metres, flows in litres a second, `rest` as a share of `volume`.
    """

    volume: float
    rest: float
    siphon: float
    leak: float
    inflow: float
    wet_day: float

    @classmethod
    def draw(cls, rng: Rng) -> "Cave":
        """A cave between the same bounds for all seeds."""
        low = np.array([580.0, 0.12, 53.0, 2.1, 7.2, 40.0])
        high = np.array([660.0, 0.18, 60.0, 2.8, 8.2, 110.0])
        return cls(*rounded(low + (high - low) * rng.uniform(size=6), 3).tolist())

    def flows(self, inflow: Floats, water: float) -> Floats:
        """Litres a second out of the cave in each hour, beginning with `water` and shut."""
        flows, running = [], False
        for coming in inflow.tolist():
            gone = 0.0
            for _ in range(_PARTS):
                out = self._outflow(water / self.volume, running)
                water += (coming - out) * 3.6 / _PARTS
                running = water > self.rest * self.volume if running else water >= self.volume
                gone += out
            flows.append(gone / _PARTS)
        return np.array(flows)

    def _outflow(self, head: float, running: bool) -> float:
        return self.leak * head + (self.siphon * (0.4 + 0.6 * head) if running else 0.0)


def spring_flow(cave: Cave, source: Source) -> Floats:
    """Hourly flow (days * 24,) in litres a second, as the gauge below the spring shows it."""
    flow = cave.flows(_inflow(cave, source), 0.5 * cave.volume)
    swirl = 1.0 + 0.02 * source.normal("swirl", 24).ravel()
    return rounded(np.maximum(flow * swirl + 0.15 * source.normal("gauge", 24).ravel(), 0.0), 1)


def _inflow(cave: Cave, source: Source) -> Floats:
    """Water into the cave in each hour: wet and dry seasons, and rain that seeps for days."""
    days = np.arange(source.days)
    season = 1.0 + 0.3 * np.cos(2 * np.pi * (days - cave.wet_day) / _YEAR)
    falls = source.uniform("rain").ravel() < 0.10
    rain = np.where(falls, 0.4 + source.uniform("heavy").ravel(), 0.0)
    seeping, level = [], 0.0
    for fallen in rain.tolist():
        level = 0.82 * level + fallen
        seeping.append(level)
    daily = cave.inflow * season * (1.0 + 0.6 * np.array(seeping))
    return np.asarray(np.interp(np.arange(source.days * 24) / 24.0, days, daily))
