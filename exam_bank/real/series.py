"""What the tasks of real series share: a cut in time, windows, and a linear yardstick.

The series are short and noisy, so a forecast is measured against what least squares
makes of the same windows, and is asked several steps ahead: one step ahead, repeating
the last value is nearly as good as anything. What is hidden comes later than all that
the candidate has: windows that straddle the cut are not used.
"""

from dataclasses import dataclass

import numpy as np

from exam_bank.synthetic.rng import Floats, Rng
from exam_bank.synthetic.series import LinearMap


@dataclass(frozen=True)
class Cut:
    """Where the candidate's rows begin (`first`) and where the hidden ones do (`split`)."""

    first: int
    split: int

    @classmethod
    def draw(cls, rng: Rng, firsts: range, splits: range) -> "Cut":
        """One of `firsts` and one of `splits`: every paper has a history of its own."""
        return cls(
            firsts[int(rng.child("first").integers(0, len(firsts))[0])],
            splits[int(rng.child("split").integers(0, len(splits))[0])],
        )

    def parts(self, rows: Floats) -> tuple[Floats, Floats]:
        """The candidate's rows, and the later ones."""
        return rows[self.first : self.split], rows[self.split :]


@dataclass(frozen=True)
class Windows:
    """Inputs (n, past, columns) and what follows each: targets (n, ahead, columns)."""

    inputs: Floats
    targets: Floats

    @classmethod
    def of(cls, rows: Floats, past: int, ahead: int, *, stride: int = 1) -> "Windows":
        """Every `stride`-th window of `rows` (n, columns)."""
        starts = np.arange(0, len(rows) - past - ahead + 1, stride)[:, None]
        return cls(rows[starts + np.arange(past)], rows[starts + past + np.arange(ahead)])

    @classmethod
    def of_means(
        cls, shown: Floats, wanted: Floats, past: int, ahead: int, block: int
    ) -> "Windows":
        """Windows of `shown` (n, columns), and means over `block` rows of `wanted` after each.

        There are `ahead` means; both have a row for each step of time.
        """
        inputs = cls.of(shown, past, ahead * block).inputs
        later = cls.of(wanted, past, ahead * block).targets
        return cls(inputs, later.reshape(len(later), ahead, block, -1).mean(axis=2))

    def linear(self, asked: "Windows", *, ridge: float = 1e-3) -> Floats:
        """Least squares on these windows, as a forecast for those that are `asked`."""
        flat = self.targets.reshape(len(self.targets), -1)
        found = LinearMap.fit(self.inputs, flat, ridge).predict(asked.inputs)
        return found.reshape(asked.targets.shape)

    def trivial(self, mean: Floats) -> dict[str, Floats]:
        """What learns nothing: `mean` (columns,), and repeating what was seen."""
        ahead = self.targets.shape[1]
        repeated = {"last value": self.inputs[:, -1:], "mean of the window": self.inputs.mean(1)}
        found = {name: self._held(values) for name, values in repeated.items()}
        if ahead <= self.inputs.shape[1]:
            found["last values again"] = self.inputs[:, -ahead:]
        return found | {"mean": self._held(mean)}

    def _held(self, values: Floats) -> Floats:
        return np.broadcast_to(values.reshape(-1, 1, values.shape[-1]), self.targets.shape)


@dataclass(frozen=True)
class Span:
    """Scaling to the span of known rows, (x − min) / max of what is left, as exams do it."""

    low: Floats
    high: Floats

    @classmethod
    def of(cls, rows: Floats) -> "Span":
        """The span of each column of `rows`; a column that never changes stays at 0."""
        low = rows.min(axis=0)
        high = (rows - low).max(axis=0)
        return cls(low, np.where(high > 0, high, 1.0))

    def scale(self, rows: Floats) -> Floats:
        """`rows` in units of the span, 0 to 1 for the rows it was made of."""
        return (rows - self.low) / self.high


def mean_error(forecast: Floats, targets: Floats) -> float:
    """The mean absolute error, rounded so that no machine's last bit shows."""
    return round(float(np.mean(np.abs(forecast - targets))), 5)
