import pytest
from textual.content import Content

from engine.machine.curves import Pair, Series
from tui.text.charts import BROKEN, LINE, chart, plot, ring, scatter


def plain(part: float, rows: int = 7) -> list[str]:
    return [each.plain for each in ring(part, rows, "bold", [Content("90 %")])]


@pytest.mark.parametrize("rows", [6, 7, 8])
@pytest.mark.parametrize("part", [0.0, 0.3, 0.9, 1.0])
def test_a_ring_is_twice_as_wide_as_high(part: float, rows: int) -> None:
    lines = ring(part, rows, "bold", [])
    assert len(lines) == rows
    assert {each.cell_length for each in lines} == {2 * rows}


def test_more_is_drawn_the_more_is_won() -> None:
    dots = [
        sum((ord(letter) - 0x2800).bit_count() for letter in "".join(plain(part)) if letter > "⠀")
        for part in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    assert dots == sorted(set(dots))


def test_a_whole_ring_is_the_same_in_its_mirror() -> None:
    left, right = {}, {}
    for y, line in enumerate(ring(1.0, 8, "bold", [])):
        left[y], right[y] = line.plain[:8].strip(" "), line.plain[8:].strip(" ")
    assert {y: len(text) for y, text in left.items()} == {y: len(t) for y, t in right.items()}
    assert left[0]


def test_the_number_stands_in_the_middle() -> None:
    line = plain(0.9)[3]
    assert line[5:9] == "90 %"
    assert len(line) == 14


def test_what_is_won_and_what_is_open_differ_in_shape_and_style() -> None:
    whole, none = ring(1.0, 7, "bold", []), ring(0.0, 7, "bold", [])
    assert [each.plain for each in whole] != [each.plain for each in none]
    assert {span.style for each in whole for span in each.spans if each.plain.strip()} >= {"bold"}
    assert not any(span.style == "bold" for each in none for span in each.spans)


@pytest.mark.parametrize(("width", "height"), [(16, 3), (40, 9), (80, 20)])
def test_a_plot_fills_its_room_and_no_more(width: int, height: int) -> None:
    line, marks = (1.0, 2.0, None, 4.0), (None, 2.0, 3.0, 8.0)
    lines = plot(line, marks, ("first", "4"), width, height)
    assert len(lines) == height
    assert {each.cell_length for each in lines} == {width}
    assert lines[0].plain.startswith("      8│")
    assert lines[0].plain[8:].strip()
    assert lines[-1].plain.startswith("       └first")


def test_a_scatter_of_right_answers_lies_on_the_diagonal() -> None:
    points = [(float(each), float(each)) for each in range(40)]
    lines = [each.plain for each in scatter(points, ("target", "model"), 48, 22)]
    assert len(lines) == 22
    assert lines[0].strip() == "↑ model   → target"
    body = [each[8:] for each in lines[1:-1]]
    places = [len(row) - len(row.lstrip(" ·")) for row in body if row.strip(" ·")]
    assert places == sorted(places, reverse=True)
    wrong = [each.plain[8:] for each in scatter([(0.0, 1.0), (1.0, 0.0)], ("a", "b"), 48, 22)]
    assert wrong[1].strip(" ·")
    assert "·" in "".join(wrong)


@pytest.mark.parametrize(("width", "height"), [(10, 20), (40, 1)])
def test_without_room_nothing_is_drawn(width: int, height: int) -> None:
    assert plot((1.0, 2.0), (), ("1", "2"), width, height) == []
    assert scatter([(1.0, 2.0)], ("a", "b"), width, height) == []


def test_validation_is_a_second_line_of_its_own_shape_and_colour() -> None:
    values = tuple(0.5 + place / 40 for place in range(20))
    flat = Pair(Series("loss", values[::-1]), Series("val_loss", values))
    legend, *rows = chart(flat, range(1, 21), 60, 12)
    assert legend.plain.startswith(f"{LINE} loss")
    assert f"{BROKEN} val" in legend.plain
    of_style = {
        style: "".join(
            row.plain[span.start : span.end]
            for row in rows
            for span in row.spans
            if span.style == style
        )
        for style in ("$text-primary", "bold $text-warning")
    }
    dots = {
        style: sum((ord(each) - 0x2800).bit_count() for each in text if each >= "⠀")
        for style, text in of_style.items()
    }
    assert dots["$text-primary"] > dots["bold $text-warning"] > 20
    assert not any("o" in row.plain for row in rows)
