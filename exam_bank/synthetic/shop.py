"""The tills of a chain of shops, day by day, with promotions that are known two weeks ahead.

Much of the future is no secret here: weekdays, closed days and promotions stand in the
window. But they multiply: a promotion lifts a Saturday more than a Tuesday, a deep one
more than twice a shallow one, and people who filled their larders stay away afterwards.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import Source, carried
from exam_bank.synthetic.tabular import rounded

SALES_COLUMNS: Mapping[str, int] = {
    "sales": 0,
    "weekday": 0,
    "promo_pct": 0,
    "promo_in_14_pct": 0,
    "open_in_14": 0,
}
"""The columns of a day in the order of the contract, with their decimals."""

BRANCHES, KNOWN_AHEAD = 12, 14
_YEAR = 365.25


@dataclass(frozen=True)
class Custom:
    """How the customers of one chain behave; every seed has a chain of its own."""

    week: Floats
    size: Floats
    pull: float
    steep: float
    larder: float
    keep: float
    eve: float

    @classmethod
    def draw(cls, rng: Rng) -> "Custom":
        """Habits between the same bounds for all seeds, so that all are equally hard."""
        low = np.array([0.55, 1.3, 0.55, 0.84, 0.30])
        high = np.array([0.75, 1.6, 0.75, 0.88, 0.45])
        rest = rounded(low + (high - low) * rng.child("rest").uniform(size=5), 3).tolist()
        workdays = np.array([0.75, 0.8, 0.9, 1.0, 1.25])[rng.child("week").permutation(5)]
        sizes = np.linspace(80.0, 200.0, BRANCHES)[rng.child("size").permutation(BRANCHES)]
        return cls(np.append(workdays, [1.5, 0.6]), rounded(sizes, 1), *rest)

    def wanted(self, promo: Floats, opened: Floats) -> Floats:
        """How many times a usual day's goods are sold on each day but the last."""
        weekend = np.where(np.arange(len(promo)) % 7 >= 4, 1.25, 0.8)
        lift = 1.0 + self.pull * (promo / 10.0) ** self.steep * weekend
        sold, stock = [], 0.0
        days = zip(lift.tolist(), opened.tolist(), opened[1:].tolist(), strict=False)
        for lifted, is_open, opens_next in days:
            eve = 1.0 + self.eve * (1.0 - opens_next)
            sold.append(is_open * lifted * eve * float(np.exp(-self.larder * stock)))
            stock = self.keep * stock + (1.0 - self.keep) * max(lifted * is_open - 1.0, 0.0)
        return np.array(sold)


def branch_sales(custom: Custom, source: Source, branch: int) -> Floats:
    """Daily rows (days, 5) of one branch with the columns of `SALES_COLUMNS`, from a Monday on."""
    n = source.days
    day = np.arange(n + KNOWN_AHEAD)
    promo = _promotions(_on(source, f"promo {branch}"), _on(source, f"depth {branch}"))
    sundays = (day % 7 == 6) & (branch % 3 == 0)
    opened = 1.0 - (sundays | (_on(source, "holidays") < 0.03))
    season = 1.0 + 0.15 * np.cos(2 * np.pi * (day[:n] - 340.0) / _YEAR)
    usual = custom.size[branch] * custom.week[day[:n] % 7] * season
    mood = np.exp(0.07 * carried(source.normal(f"mood {branch}").ravel(), 0.97))
    luck = 1.0 + 0.06 * source.normal(f"luck {branch}").ravel()
    sales = rounded(usual * custom.wanted(promo, opened)[:n] * mood * luck, 0)
    ahead = slice(KNOWN_AHEAD, None)
    return np.stack([sales, day[:n] % 7, promo[:n], promo[ahead], opened[ahead]], axis=1)


def _on(source: Source, name: str) -> Floats:
    """A uniform a day, and as many ones as are needed to look ahead from the last day."""
    return np.append(source.uniform(name).ravel(), np.ones(KNOWN_AHEAD))


def _promotions(starts: Floats, depths: Floats) -> Floats:
    """The price cut of each day in percent: 0, or 10, 20, 30 for three to ten days in a row."""
    cuts, left, cut = [], 0, 0.0
    for start, depth in zip(starts.tolist(), depths.tolist(), strict=True):
        if not left and start < 0.06:
            left, cut = 3 + int(1000 * depth) % 8, 10.0 * (1 + int(3 * depth))
        cuts.append(cut if left else 0.0)
        left = max(left - 1, 0)
    return np.array(cuts)
