"""Who is better on the first hidden set than on the second by more than chance.

Candidates see scores on the first set, and anyone with the code and the bank can make it. The
second set is unknown to them. Both are drawn alike, so an honest model measures the same on
both but for chance; one that has seen the first set's answers does not.

For an accuracy this is Fisher's exact test of the two counts. For any other metric it is the
difference in standard errors, which the marking process finds by bootstrap (of a series, in
blocks); what the class has in common, a second set that happens to be harder, is taken off. Of
honest files, `FALSE_ALARMS` are flagged in a whole class on average, however many files it has.
"""

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from engine.classroom.comparison.flags import ClassFlag, FlaggedFile
from engine.classroom.rows import Row
from engine.grading.protocol import Message, Metric
from exam_bank.task import ERRORS

FALSE_ALARMS = 0.05
# From so many files on, their median tells by how much the second set is harder.
_MANY = 8

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


def better_on_first(pairs: Sequence[TwoScores]) -> list[ClassFlag]:
    """The flags about files that are better on the first set than chance allows."""
    measured = [each for each in pairs if _gain(each) is not None]
    shifts = _shifts(measured)
    flags = []
    for each in measured:
        errors, chance = _test(each, shifts[each.second.task])
        if chance * len(measured) < FALSE_ALARMS:
            flags.append(_flag(each, errors, chance * len(measured), len(measured)))
    return flags


def _gain(pair: TwoScores) -> float | None:
    """How much better the first measurement is; None if one is missing or is not finite."""
    first, second = _value(pair.first), _value(pair.second)
    return None if first is None or second is None else first - second


def _value(row: Row) -> float | None:
    """The measurement as a number of which more is better."""
    metric = row.metric
    if metric is None or metric.value is None:
        return None
    return -metric.value if metric.name in ERRORS else metric.value


def _shifts(pairs: Sequence[TwoScores]) -> dict[str, float]:
    """For each task how much better a typical file is on the first set, 0 if that is unknown."""
    gains: dict[str, list[float]] = defaultdict(list)
    for each in pairs:
        gains[each.second.task].append(_gain(each) or 0.0)
    return {
        task: statistics.median(of_task) if len(of_task) >= _MANY else 0.0
        for task, of_task in gains.items()
    }


def _test(pair: TwoScores, shift: float) -> tuple[float, float]:
    """The difference in standard errors, and the chance that an honest file has as much."""
    first, second = _measured(pair)
    gain = _gain(pair) or 0.0
    error = math.hypot(_error(first), _error(second)) or math.inf
    if first.name == "accuracy":
        return gain / error, _fisher(first, second)
    errors = (gain - shift) / error
    return errors, 0.5 * math.erfc(errors / math.sqrt(2))


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
    value = metric.value or 0.0
    return math.sqrt(max(value * (1 - value), 0.0) / metric.n)


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
