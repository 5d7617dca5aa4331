import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui.text import format as shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(18000, "5:00:00"), (17999.2, "5:00:00"), (3599, "0:59:59"), (0.4, "0:00:01"), (0, "0:00:00")],
)
def test_a_clock_rounds_up_to_the_second(seconds: float, text: str) -> None:
    assert shown.clock_text(seconds) == text


def test_a_clock_never_shows_less_than_nothing() -> None:
    assert shown.clock_text(-3) == "0:00:00"


def test_time_used_rounds_down() -> None:
    assert shown.spent_text(59.9) == "0:00:59"


@given(st.text(st.sampled_from("ab服装…é"), max_size=20), st.integers(0, 24))
def test_fit_gives_exactly_the_cells_asked_for(text: str, cells: int) -> None:
    assert cell_len(shown.fit(text, cells)) == cells


def test_fit_crops_chinese_by_cells() -> None:
    assert shown.fit("城镇用电负荷", 8) == "城镇用… "
    assert shown.fit("城镇", 6) == "城镇  "


@given(
    st.text(st.sampled_from("ab服装"), max_size=20),
    st.text(st.sampled_from("12/5次"), max_size=6),
    st.integers(1, 30),
)
def test_spread_fills_the_line(left: str, right: str, cells: int) -> None:
    assert cell_len(shown.spread(left, right, cells)) == cells


@pytest.mark.parametrize(("part", "filled"), [(-1, 0), (0, 0), (0.5, 5), (1, 10), (7, 10)])
def test_a_bar_keeps_its_length(part: float, filled: int) -> None:
    full, empty = shown.bar(part, 10)
    assert (len(full), len(full + empty)) == (filled, 10)
    assert set(full) != set(empty)


def test_scores_show_won_and_open_points() -> None:
    assert shown.pips(3) == ("■■■", "□□")
    assert shown.score_text(None) == "–/5"
    assert shown.score_text(4) == "4/5"


def test_memory_is_shown_in_binary_units() -> None:
    assert shown.used_text(9 * 1024**3, 24 * 1024**3) == "9.0/24.0 GiB"
    assert shown.bytes_text(5 * 1024**2) == "5.0 MiB"
    assert shown.bytes_text(300 * 1024**2) == "300 MiB"


@pytest.mark.parametrize(
    ("parts", "percents"),
    [
        ([1 / 3, 1 / 3, 1 / 3], [34, 33, 33]),
        ([0.005, 0.995], [1, 99]),
        ([0.125, 0.125, 0.75], [13, 12, 75]),
        ([0.5], [50]),
        ([], []),
    ],
)
def test_whole_percents_add_up(parts: list[float], percents: list[int]) -> None:
    assert shown.whole_percents(parts) == percents


@given(st.lists(st.floats(0, 1e4), min_size=1, max_size=8))
def test_whole_percents_are_near_and_add_up(seconds: list[float]) -> None:
    whole = sum(seconds) or 1.0
    parts = [each / whole for each in seconds]
    found = shown.whole_percents(parts)
    assert sum(found) == round(100 * sum(parts))
    assert all(abs(each - 100 * part) < 1 for each, part in zip(found, parts, strict=True))


def test_bars_stand_for_percentages() -> None:
    assert shown.sparkline([0, 50, 99, 100]) == "▁▅██"
    assert shown.sparkline(range(0, 101, 25), most=3) == "▅▇█"
    assert shown.sparkline([]) == ""


def test_a_per_cent_sign_stands_apart_everywhere() -> None:
    """One form: "91 %". Python's own format of per cents has no space."""
    root = Path(__file__).parents[2]
    rooms = (root / name for name in ("tui", "engine", "exam_bank"))
    files = [each for room in rooms for each in room.glob("**/*.py")]
    shows = re.compile(r":[ <>^]?\d*(?:\.\d)?%[}]")
    found = [each for each in files if shows.search(each.read_text("utf-8"))]
    assert found == []
    assert shown.percent_text(0.914) == "91 %"


def test_no_sentence_of_the_catalog_has_a_figure_with_its_per_cent_sign() -> None:
    catalog = Path(__file__).parents[2] / "tui/locale/zh_CN/LC_MESSAGES/tfexam.po"
    lines = catalog.read_text("utf-8").split("\n")
    touching = [each for each in lines if re.search(r"[\d}][%％]", each)]
    assert touching == []
