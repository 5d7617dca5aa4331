"""Better on the first set than chance allows: few false alarms in a class, and cheats found."""

import msgspec
import numpy as np
import pytest

from engine.classroom.comparison.second_sets import cut_in_time
from engine.classroom.comparison.two_sets import FALSE_ALARMS, TwoScores, better_on_first, both
from engine.classroom.rows import Row
from engine.grading.protocol import Metric
from exam_bank.catalog import Catalog

N = 1_000


def row(person: str, metric: Metric | None, *, task: str = "hands", sha256: str = "a") -> Row:
    return Row(
        person=person,
        task=task,
        category=3,
        file="mymodel.h5",
        sha256=sha256,
        verdict="graded",
        score=5,
        metric=metric,
    )


def pair(number: int, first: Metric | None, second: Metric | None) -> TwoScores:
    person = f"p{number}"
    return TwoScores(row(person, first), row(person, second))


def accuracy(right: int, n: int = N) -> Metric:
    return Metric("accuracy", right / n, n)


def error(value: float, spread: float) -> Metric:
    return Metric("mae", value, N, error=spread)


def a_class(rng: np.random.Generator, people: int = 60) -> list[TwoScores]:
    """Honest people: the same skill on both sets."""
    skills = rng.uniform(0.5, 0.99, people)
    return [
        pair(n, accuracy(rng.binomial(N, skill)), accuracy(rng.binomial(N, skill)))
        for n, skill in enumerate(skills)
    ]


def test_an_honest_class_has_a_flag_no_more_often_than_stated() -> None:
    rng = np.random.default_rng(3)
    classes = 300
    flagged = sum(len(better_on_first(a_class(rng))) for _ in range(classes))
    # Five standard deviations above what is stated; Fisher's test is conservative.
    assert flagged <= FALSE_ALARMS * classes + 5 * (FALSE_ALARMS * classes) ** 0.5


def test_errors_of_another_metric_give_as_few_even_if_the_second_set_is_harder() -> None:
    rng = np.random.default_rng(4)
    flagged = 0
    for _ in range(100):
        pairs = []
        for number in range(60):
            skill, own = rng.uniform(0.5, 1.0), rng.normal(0, 0.02, 2)
            first, second = skill + own[0], skill + 0.3 + own[1]
            pairs.append(pair(number, error(first, 0.02), error(second, 0.02)))
        flagged += len(better_on_first(pairs))
    assert flagged <= 100 * FALSE_ALARMS + 5 * (100 * FALSE_ALARMS) ** 0.5


def test_a_second_set_that_is_harder_in_proportion_flags_nobody() -> None:
    """Weak models lose more than good ones; and each loses a little more or less."""
    rng = np.random.default_rng(6)
    flagged = 0
    for _ in range(100):
        pairs = []
        for number in range(60):
            skill = rng.uniform(0.2, 2.0)
            second = skill * 1.3 * np.exp(rng.normal(0, 0.1))
            spread = 0.02 * skill
            pairs.append(pair(number, error(skill, spread), error(second, spread)))
        flagged += len(better_on_first(pairs))
        assert better_on_first([*pairs, pair(99, error(0.1, 0.005), error(0.6, 0.02))])
    assert flagged <= 100 * FALSE_ALARMS + 5 * (100 * FALSE_ALARMS) ** 0.5


def test_a_whole_honest_class_is_not_flagged_for_a_second_set_that_is_harder() -> None:
    rng = np.random.default_rng(8)
    skills = rng.uniform(0.85, 0.9, 30)
    honest = [
        pair(n, accuracy(rng.binomial(N, each)), accuracy(rng.binomial(N, each - 0.09)))
        for n, each in enumerate(skills)
    ]
    assert not better_on_first(honest)
    (flag,) = better_on_first([*honest, pair(99, accuracy(999), accuracy(790))])
    assert flag.people == ("p99",)


@pytest.mark.parametrize("people", [3, 12])
def test_other_years_of_a_series_may_be_much_harder_by_themselves(people: int) -> None:
    """Two sets of a real series are different years, which hit each honest model differently."""
    harder = np.linspace(1.05, 1.5, people)
    honest = [pair(n, error(0.9, 0.02), error(0.9 * each, 0.02)) for n, each in enumerate(harder)]
    assert not better_on_first(honest, {"hands"})
    knowing = pair(50, error(0.25, 0.02), error(1.1, 0.02))
    (flag,) = better_on_first([*honest, knowing], {"hands"})
    assert flag.people == ("p50",)


def test_the_real_series_of_the_bank_are_known() -> None:
    """Only they are cut in time: what is drawn, and rows that are dealt out, are not."""
    assert cut_in_time(Catalog.find().tasks) == {
        "daily-min-temperatures",
        "household-power",
        "sunspots",
        "us-diesel",
    }


def test_an_error_of_nothing_at_all_is_much_too_good() -> None:
    assert better_on_first([pair(1, error(0.0, 0.0), error(0.9, 0.02))], {"hands"})


def test_who_knows_the_first_set_is_found() -> None:
    rng = np.random.default_rng(5)
    pairs = [*a_class(rng), pair(99, accuracy(990), accuracy(900))]
    (flag,) = better_on_first(pairs)
    assert flag.people == ("p99",)
    assert flag.kind == "better_on_first"
    assert flag.figure is not None
    assert flag.figure > 8
    assert flag.expected is not None
    assert flag.expected < 1e-10
    assert "0.99" in flag.says.text()
    assert "0.9 on the second" in flag.says.text()


def test_a_smaller_error_is_better() -> None:
    honest = [pair(n, error(0.5, 0.02), error(0.5, 0.02)) for n in range(10)]
    assert better_on_first([*honest, pair(50, error(0.2, 0.02), error(0.5, 0.02))])
    assert not better_on_first([*honest, pair(50, error(0.5, 0.02), error(0.2, 0.02))])


def test_better_on_the_second_set_is_no_flag() -> None:
    assert not better_on_first([pair(1, accuracy(500), accuracy(990))])


def test_a_perfect_model_is_no_flag() -> None:
    assert not better_on_first([pair(1, accuracy(N), accuracy(N))])
    assert not better_on_first([pair(1, accuracy(N), accuracy(N - 2))])
    assert better_on_first([pair(1, accuracy(N), accuracy(N - 40))])


@pytest.mark.parametrize("missing", [None, Metric("accuracy", None, N)])
def test_what_was_not_measured_is_passed_over(missing: Metric | None) -> None:
    assert not better_on_first([pair(1, accuracy(900), missing), pair(2, missing, accuracy(1))])


def test_only_rows_of_the_same_bytes_are_compared() -> None:
    one = row("p1", accuracy(990))
    changed = msgspec.structs.replace(one, sha256="b")
    assert both([one], [one])
    assert not both([one], [changed])
    assert not both([], [one])
    assert not both([one], [row("p1", None, sha256="")])
