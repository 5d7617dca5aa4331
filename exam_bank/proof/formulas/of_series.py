"""What can be said about a series without training: hold it, continue it, repeat it."""

from collections.abc import Iterator, Mapping

import numpy as np

from exam_bank.material import Array

Members = Mapping[str, Array]
_STEPS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0)


def families(targets: Array, asked: Array) -> dict[str, Members]:
    """Forecasts for the windows `asked` (n, past, measures), in the shape of `targets`.

    If only one measure is asked for, each of the window's measures is tried as that one.
    """
    ahead = targets.shape[1] if targets.ndim > 1 else 1
    found: dict[str, dict[str, Array]] = {}
    for name, window in _measures(targets, np.asarray(asked, dtype=np.float64)):
        for family, members in _of_window(window, ahead).items():
            kept = found.setdefault(family, {})
            for member, forecast in members.items():
                kept[f"{member}{name}"] = forecast if targets.ndim == 3 else forecast[..., 0]
    return found | _constants(targets, len(asked))


def _measures(targets: Array, asked: Array) -> Iterator[tuple[str, Array]]:
    measures = asked.shape[2]
    if targets.ndim == 3 or measures == 1:
        yield "", asked
        return
    for place in range(measures):
        yield f" of measure {place + 1}", asked[..., place : place + 1]


def _of_window(window: Array, ahead: int) -> dict[str, dict[str, Array]]:
    """Forecasts (n, ahead, measures) by family and member."""
    past = window.shape[1]
    last = window[:, -1:]
    steps = np.arange(1, ahead + 1)[None, :, None]
    found = {"last value": {"last": _held(last, ahead)}}
    if past > 1:
        change = last - window[:, -2:-1]
        drift = (last - window[:, :1]) / (past - 1)
        found["last + k·change"] = {
            **{f"k {k:g} held": _held(last + k * change, ahead) for k in _STEPS},
            **{f"k {k:g} a step": last + k * change * steps for k in _STEPS},
        }
        found["drift"] = {"first to last": last + drift * steps}
        lengths = range(2, past + 1)
        found["window mean"] = {
            f"of {m}": _held(window[:, -m:].mean(axis=1, keepdims=True), ahead) for m in lengths
        }
        found["window median"] = {"of all": _held(np.median(window, axis=1)[:, None], ahead)}
        found["seasonal repeat"] = {f"period {p}": _repeated(window, p, ahead) for p in lengths}
        found["seasonal mean"] = {
            f"period {p}": _seasons(window, p, ahead) for p in range(2, past // 2 + 1)
        }
    return found


def _held(values: Array, ahead: int) -> Array:
    return np.repeat(values, ahead, axis=1)


def _repeated(window: Array, period: int, ahead: int) -> Array:
    """The last `period` rows, repeated."""
    return np.asarray(window[:, window.shape[1] - period + np.arange(ahead) % period])


def _seasons(window: Array, period: int, ahead: int) -> Array:
    """The mean over all whole periods of the window, repeated."""
    whole = window.shape[1] // period
    mean = window[:, -whole * period :].reshape(len(window), whole, period, -1).mean(axis=1)
    return _repeated(mean, period, ahead)


def _constants(targets: Array, count: int) -> dict[str, Members]:
    """The same for all windows: one value for all steps, or one for each."""
    over = (0, 1) if targets.ndim > 1 else 0
    shape = (count, *targets.shape[1:])
    return {
        name: {
            "of all": np.broadcast_to(middle(targets, axis=over), shape),
            "of each step": np.broadcast_to(middle(targets, axis=0), shape),
        }
        for name, middle in (("mean", np.mean), ("median", np.median))
    }
