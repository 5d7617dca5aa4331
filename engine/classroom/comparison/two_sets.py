"""Who is better on the first hidden set than on the second by more than chance.

Candidates see scores on the first set, and anyone with the code and the bank can make it. The
second set is unknown to them. Both are drawn alike, so an honest model measures the same on
both but for chance; one that has seen the first set's answers does not.

The difference is taken in standard errors, which the marking process finds by bootstrap (of a
series, in blocks). A set that happens to be harder makes errors so many times as large, so
errors are compared by their ratio. What a class shows by itself is no merit of one file: the
shift of most files is taken off, and where they differ more than their errors say, all errors
are as much larger. An accuracy must pass Fisher's exact test of the two counts as well. Of honest
files, `FALSE_ALARMS` are flagged in a whole class on average, however many files it has.

A real series cannot be drawn again: its two sets are other years, and honest models are hit
differently by them. `ERA_SHIFT` and `ERA_SPREAD` allow for that.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from engine.classroom.comparison.flags import ClassFlag, FlaggedFile
from engine.classroom.rows import Row
from engine.grading.protocol import Message, Metric
from exam_bank.task import ERRORS

FALSE_ALARMS = 0.05
# From so many files on, they tell by how much the second set is harder.
_MANY = 8
# Of 12 cuts of each series that is here (sunspots, diesel, temperatures) and 7 kinds of honest
# models, in natural logs: by how much one part is harder for all of them (standard deviation 0.11
# to 0.18, and 0.1 away from 0), and for one of them more than for others (0.10 to 0.13).
ERA_SHIFT, ERA_SPREAD = 0.25, 0.13
# The median distance of a normal variable from its mean, in standard deviations.
_MEDIAN_DISTANCE = 0.6745
# The fewer files tell of it, the larger the usual difference may be: tried on honest classes.
_DOUBT = 1.5
# As small as an error is taken to be.
_LEAST = 1e-9

_SAYS = Message(
    "It measures {first} on the first hidden set and {second} on the second, {errors} standard "
    "errors apart. In a whole class of {files} files chance gives {expected} such cases."
)


class TwoScores(NamedTuple):
    """A file's rows on both sets."""

    first: Row
    second: Row


def both(first: Sequence[Row], second: Sequence[Row]) -> list[TwoScores]:
    """The files that have a row on both sets, in the order of `second`; only the same bytes."""
    known: Mapping[tuple[str, str, str], Row] = {each.key: each for each in first}
    return [
        TwoScores(known[each.key], each)
        for each in second
        if each.key in known and each.sha256 and each.sha256 == known[each.key].sha256
    ]


class _Gain(NamedTuple):
    """How much better the first measurement is, and the standard error of that."""

    pair: TwoScores
    gain: float
    error: float


class _Usual(NamedTuple):
    """What the files of one task have in common: their shift, and how much larger errors are."""

    shift: float = 0.0
    factor: float = 1.0


def better_on_first(
    pairs: Sequence[TwoScores], cut_in_time: Collection[str] = ()
) -> list[ClassFlag]:
    """The flags about files that are better on the first set than chance allows.

    `cut_in_time` are the tasks whose two sets are other times of one real series.
    """
    of_tasks: dict[str, list[TwoScores]] = defaultdict(list)
    for pair in pairs:
        if _is_measured(pair):
            of_tasks[pair.second.task].append(pair)
    files = sum(map(len, of_tasks.values()))
    flags = []
    for task, measured in of_tasks.items():
        for each, errors, chance in _tested(measured, is_cut=task in cut_in_time):
            if chance * files < FALSE_ALARMS:
                flags.append(_flag(each, errors, chance * files, files))
    return flags


def _is_measured(pair: TwoScores) -> bool:
    metrics = (pair.first.metric, pair.second.metric)
    return all(each is not None and each.value is not None for each in metrics)


def _tested(
    pairs: Sequence[TwoScores], *, is_cut: bool
) -> Iterator[tuple[TwoScores, float, float]]:
    """Each pair of one task with its difference in standard errors, and the chance of that."""
    are_many = len(pairs) >= _MANY
    unknown = ERA_SPREAD if are_many else math.hypot(ERA_SPREAD, ERA_SHIFT)
    gains = [_gain(each, unknown if is_cut else 0.0) for each in pairs]
    usual = _usual(gains) if are_many else _Usual()
    for each in gains:
        errors = (each.gain - usual.shift) / (each.error * usual.factor or math.inf)
        chance = 0.5 * math.erfc(errors / math.sqrt(2))
        first, second = _measured(each.pair)
        if first.name == "accuracy":  # near 100 % counts are not spread normally
            chance = max(chance, _fisher(first, second))
        yield each.pair, errors, chance


def _gain(pair: TwoScores, unknown: float) -> _Gain:
    """`unknown` is the standard error of what the two sets themselves may do."""
    first, second = _measured(pair)
    one, other = first.value or 0.0, second.value or 0.0
    if first.name not in ERRORS:
        return _Gain(pair, one - other, math.hypot(_error(first), _error(second), unknown))
    one, other = max(one, _LEAST), max(other, _LEAST)
    error = math.hypot(_error(first) / one, _error(second) / other, unknown)
    return _Gain(pair, math.log(other / one), error)


def _usual(gains: Sequence[_Gain]) -> _Usual:
    shift = statistics.median(each.gain for each in gains)
    away = statistics.median(abs(each.gain - shift) / (each.error or math.inf) for each in gains)
    of_few = 1 + _DOUBT / math.sqrt(len(gains))
    return _Usual(shift, max(1.0, of_few * away / _MEDIAN_DISTANCE))


def _measured(pair: TwoScores) -> tuple[Metric, Metric]:
    """The metrics of a pair that has both."""
    assert pair.first.metric is not None
    assert pair.second.metric is not None
    return pair.first.metric, pair.second.metric


def _error(metric: Metric) -> float:
    if metric.error is not None:
        return metric.error
    if metric.name != "accuracy" or not metric.n:
        return 0.0
    right = ((metric.value or 0.0) * metric.n + 1) / (metric.n + 2)  # never quite 0 or 1
    return math.sqrt(right * (1 - right) / metric.n)


def _fisher(first: Metric, second: Metric) -> float:
    """The chance of at least so many right answers on the first set, given those on both."""
    right, also = round((first.value or 0) * first.n), round((second.value or 0) * second.n)
    whole, all_right = first.n + second.n, right + also
    most = min(first.n, all_right)
    base = _log_choose(whole, first.n)
    logs = (
        _log_choose(all_right, each) + _log_choose(whole - all_right, first.n - each) - base
        for each in range(right, most + 1)
    )
    return min(1.0, math.fsum(math.exp(each) for each in logs))


def _log_choose(n: int, k: int) -> float:
    if not 0 <= k <= n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _flag(pair: TwoScores, errors: float, expected: float, files: int) -> ClassFlag:
    first, second = _measured(pair)
    row = pair.second
    return ClassFlag(
        kind="better_on_first",
        task=row.task,
        category=row.category,
        files=(FlaggedFile(row.person, row.file),),
        figure=errors,
        expected=expected,
        says=Message(
            _SAYS.template,
            {
                "first": f"{first.value:.4g}",
                "second": f"{second.value:.4g}",
                "errors": f"{errors:.1f}",
                "files": files,
                "expected": f"{expected:.0e}",
            },
        ),
    )
