"""The pictures and templates of HTML reports, from plain data."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.grading.evidence import Baseline, Evidence
from engine.machine.curves import Curve, Pair, Series
from engine.marking import score
from engine.report.drawing import Drawing, cropped, text_width
from engine.report.environment import environment, render
from engine.report.page import AttemptRow, DiagnosisText, SittingPage
from engine.report.plots import model_plots, sitting_plots
from engine.report.plots.axis import Axis, bounds
from engine.report.plots.charts import Frame, Trace, bar_chart, line_chart
from engine.report.plots.ruler import ruler
from engine.report.sitting_report import certificate_html, sitting_html
from engine.report.words import Words
from exam_bank.material import HiddenSet
from exam_bank.phrase import phrase
from exam_bank.task import MarkScheme
from tests.engine import evidence_cases
from tests.html_pages import faults, parsed, text_of
from tests.tui.report_scene import evidence, page, scheme

HOSTILE = "</svg></style><script>x</script>\" onload='y' {{ 7*7 }} &amp; \x1b[31m\u202e\x00\x0c"
WORDS = Words()


@pytest.fixture
def whole(tmp_path: Path) -> SittingPage:
    return page(tmp_path)


def places(drawing: Drawing, tag: str, style: str) -> list[dict[str, float | str]]:
    return [each.at for each in drawing.shapes if each.tag == tag and style in each.style.split()]


# -- pages ---------------------------------------------------------------------------------


def test_a_page_is_valid_html_and_asks_nothing_of_anybody(whole: SittingPage) -> None:
    assert whole.certificate is not None
    for html in (sitting_html(whole, WORDS), certificate_html(whole.certificate, WORDS)):
        assert faults(html) == []
        assert "http://" not in html
        assert "https://" not in html


@pytest.mark.parametrize(
    "bad",
    [
        "<script>1</script>",
        "<p onclick=x>",
        '<a href="https://a.example">b</a>',
        "<style>@import 'x';</style>",
        '<p style="background: url(x)">c</p>',
        "<svg><image href=x></image></svg>",
        '<meta http-equiv="refresh" content="0">',
    ],
)
def test_the_check_finds_what_calls_out(bad: str) -> None:
    assert faults(f"<!DOCTYPE html><html><head><title>t</title></head><body>{bad}</body></html>")


def test_a_page_names_its_language(whole: SittingPage) -> None:
    assert parsed(sitting_html(whole, WORDS)).get("lang") == "en"
    assert parsed(sitting_html(whole, Words("zh"))).get("lang") == "zh-CN"


def test_a_page_has_all_its_parts(whole: SittingPage) -> None:
    words = text_of(sitting_html(whole, WORDS))
    for part in (
        "PASSED",
        "96 %",
        "TFX-7Q2M-0KXD-93YA",
        "Confusion matrix",
        "Calibration",
        "Error by step ahead",
        "Error by tenth of the target",
        "A usual forecast",
        "always the mean",
        "the straight line (ridge)",
        "inputs times 255",
        "12 of 100 give 4/5",
        "on the validation data",
        "What next",
        "Certificate of a mock exam",
        "Ada Lovelace",
    ):
        assert part in words


def hostile(whole: SittingPage) -> SittingPage:
    """The page with a stranger's words everywhere."""
    row = AttemptRow(
        number=1, seconds=5.0, glyph=HOSTILE, word=HOSTILE, tone="bad", lines=(HOSTILE, HOSTILE)
    )
    names = Series(HOSTILE, (1.0, 2.0))
    curve = Curve((1, 2), (Pair(names, names),))
    parts = []
    for each in whole.tasks:
        assert each.explained is not None
        explained = replace(
            each.explained,
            baselines=(Baseline(HOSTILE, HOSTILE, 0.5, 0),),
            diagnoses=(DiagnosisText(sentence=HOSTILE, fix=HOSTILE),),
        )
        more = {"title": HOSTILE, "task": HOSTILE, "rows": (row,), "curve": curve}
        parts.append(replace(each, explained=explained, **more))
    assert whole.certificate is not None
    return replace(
        whole,
        sitting=HOSTILE,
        code=HOSTILE,
        version=HOSTILE,
        level=HOSTILE,
        tasks=tuple(parts),
        skills=tuple(replace(each, title=HOSTILE, group=HOSTILE) for each in whole.skills),
        advice=tuple(
            replace(each, title=HOSTILE, task=HOSTILE, reasons=(HOSTILE,)) for each in whole.advice
        ),
        certificate=replace(
            whole.certificate, name=HOSTILE, code=HOSTILE, scores=((1, HOSTILE, 5),) * 5
        ),
    )


def test_what_a_stranger_wrote_is_text_and_nothing_else(whole: SittingPage) -> None:
    bad = hostile(whole)
    assert bad.certificate is not None
    for html in (sitting_html(bad, WORDS), certificate_html(bad.certificate, WORDS)):
        assert faults(html) == []
        assert "<script>x</script>" in text_of(html)
        assert "{{ 7*7 }}" in html
        assert not set(html) & set("\x1b\u202e\x00\x0c")


def test_an_unknown_name_in_a_template_is_an_error() -> None:
    with pytest.raises(Exception, match="undefined"):
        render("certificate.html", WORDS)
    assert environment().autoescape is True


def test_a_page_without_scores_or_evidence_shows_none(whole: SittingPage) -> None:
    bare = tuple(
        replace(each, score=None, best_at=None, explained=None, curve=None, rows=())
        for each in whole.tasks
    )
    closed = replace(whole, percent=None, passed=None, ending="", tasks=bare, skills=(), advice=())
    html = sitting_html(replace(closed, certificate=None), WORDS)
    assert faults(html) == []
    words = text_of(html)
    assert "Not ended yet" in words
    assert "–/5" in words
    for kept in ("/5 here", "Confusion", "96 %", "What next", "marks", "5/5"):
        assert kept not in words


# -- axes and charts ---------------------------------------------------------------------------


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9), st.booleans())
def test_ticks_lie_within_the_axis_and_apart(
    low: float, span: float, count: int, falls: bool
) -> None:
    axis = Axis(low, low + span, *((300.0, 10.0) if falls else (10.0, 300.0)))
    ticks = axis.ticks(count)
    assert len(ticks) <= count + 1
    assert ticks == sorted(set(ticks))
    assert all(low - span * 1e-6 <= each <= low + span * (1 + 1e-6) for each in ticks)
    assert all(10 <= axis.at(each) <= 300 for each in ticks)


def test_an_axis_may_fall_and_holds_on_to_what_is_outside() -> None:
    axis = Axis(5.0, 1.0, 0.0, 100.0)
    assert (axis.at(5), axis.at(1), axis.at(3), axis.at(9)) == (0.0, 100.0, 50.0, 0.0)
    assert Axis(2, 2, 0, 10).at(7) == 5


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=8), st.booleans())
def test_bounds_are_finite_and_apart(values: list[float | None], zero: bool) -> None:
    low, high = bounds(values, zero=zero)
    if any(each is not None and abs(each) > 1e300 for each in values):
        return
    assert math.isfinite(low)
    assert math.isfinite(high)
    assert low < high
    assert not zero or low <= 0 <= high


def test_a_missing_value_interrupts_a_line() -> None:
    trace = Trace(name="a", xs=(1.0, 2.0, 3.0), ys=(1.0, None, 2.0))
    drawn = line_chart(Frame(label="x"), [trace])
    (found,) = places(drawn, "path", "trace-a")
    assert str(found["d"]).count("M") == 2


def test_bars_have_the_height_of_their_value() -> None:
    drawn = bar_chart(Frame(label="x"), [("a", 1.0), ("b", 2.0), ("c", None)])
    one, two = (float(each["height"]) for each in places(drawn, "rect", "bar-a"))
    assert two == pytest.approx(2 * one, abs=0.2)


def test_words_are_cropped_by_their_width() -> None:
    assert cropped("short", 200) == "short"
    assert cropped("服装图样服装图样", 60).endswith("…")
    assert text_width(cropped("m" * 90, 100)) <= 100


# -- the pictures ----------------------------------------------------------------------------


def test_the_heat_map_has_every_count_that_is_not_zero() -> None:
    found = evidence("hands").classes
    assert found is not None
    drawn = model_plots.confusion(found, WORDS)
    counts = [many for row in found.confusion for many in row if many]
    texts = [each.text for each in drawn.shapes if each.tag == "text"]
    assert texts[20:] == [str(each) for each in counts]
    hits = places(drawn, "rect", "hit")
    assert len(hits) == 10
    assert len(hits) + len(places(drawn, "rect", "miss")) == len(counts)


def test_more_classes_than_are_counted_one_by_one_share_a_row() -> None:
    found = evidence("hands").classes
    assert found is not None
    few = {"classes": found.classes[:9], "recall": found.recall[:9], "precision": found.recall[:9]}
    more = replace(found, others=True, **few)
    drawn = model_plots.confusion(more, WORDS)
    assert [each.text for each in drawn.shapes if each.text == "others"] == ["others"] * 2


@pytest.mark.parametrize("task", ["flats", "hands"])
def test_on_the_ruler_better_is_to_the_right_of_worse(task: str) -> None:
    given = scheme(task)
    worst, best = given.thresholds[0], given.thresholds[4]
    for value in (worst, best, (worst + best) / 2, best + 0.1 * (best - worst)):
        drawn = ruler(given, "error", value, (), WORDS)
        marks = [float(each["x1"]) for each in places(drawn, "line", "threshold")]
        assert marks == sorted(marks)
        (model,) = places(drawn, "path", "model")
        x = float(str(model["d"])[1:].split()[0])
        assert sum(x >= mark - 0.11 for mark in marks) == score(value, given)


def test_far_baselines_stand_at_the_end_with_an_arrow() -> None:
    drawn = ruler(scheme("flats"), "error", 1.3, (Baseline("mean", "trivial", 99.0, 0),), WORDS)
    assert "← 99" in [each.text for each in drawn.shapes]
    left = min(float(each["cx"]) for each in places(drawn, "circle", "baseline"))
    assert left == 240
    better = ruler(scheme("hands"), "error", 99.0, (), WORDS)
    assert "→ 99" in [each.text for each in better.shapes]


def test_a_coarse_scheme_shows_the_higher_of_two_equal_marks() -> None:
    coarse = MarkScheme(
        metric="accuracy", direction="higher", thresholds=(0.5, 0.7, 0.7, 0.9, 0.9), coarse=True
    )
    texts = [
        each.text
        for each in ruler(coarse, "error", None, (), WORDS).shapes
        if "strong" in each.style
    ]
    assert texts == ["1", "3", "5"]


def test_the_time_bar_is_as_long_as_the_time() -> None:
    shares = [
        sitting_plots.TimeShare(category=1, name="a", seconds=30.0),
        sitting_plots.TimeShare(category=0, name="b", seconds=90.0),
    ]
    first, second = places(sitting_plots.time_bar(shares, WORDS), "rect", "time")
    assert (float(second["x"]), float(first["width"])) == (180.0, 178.5)


def test_the_best_line_only_rises() -> None:
    marks = tuple(
        sitting_plots.LaneMark(seconds=100.0 * n, score=score, tone="plain", tip="")
        for n, score in enumerate((2, None, 5, 1), start=1)
    )
    lane = sitting_plots.Lane(name="a", marks=marks)
    drawn = sitting_plots.attempts([lane], 500, WORDS)
    (best,) = places(drawn, "path", "best")
    heights = [float(each.split()[1]) for each in str(best["d"])[1:].replace("L", "M").split("M")]
    assert heights == sorted(heights, reverse=True)
    texts = [each.text for each in drawn.shapes if each.style == "mid mark-text"]
    assert texts == ["2", "×", "5", "1"]


@pytest.mark.parametrize("percent", [0.0, 0.01, 50.0, 89.999, 100.0])
def test_the_ring_rounds_down_and_never_breaks(percent: float) -> None:
    drawn = sitting_plots.ring(percent, "x")
    assert drawn.shapes[-1].text == f"{math.floor(percent)} %"


def test_sentences_are_translated() -> None:
    words = Words("zh", gettext=lambda text: f"«{text}»")
    assert words.say(phrase("Calibration")) == "«Calibration»"
    assert words.say("plain") == "plain"


# -- the style sheet -----------------------------------------------------------------------------


def palettes() -> tuple[dict[str, str], dict[str, str]]:
    """The colours of the sheet, light and dark."""
    loader = environment().loader
    assert loader is not None
    sheet = loader.get_source(environment(), "style.css")[0]
    light, dark = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[:2]
    a, b = (dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", each)) for each in (light, dark))
    return a, b


def brightness(colour: str) -> float:
    """The relative luminance, as WCAG 2 has it."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_words_can_be_read_on_every_ground(which: int) -> None:
    colours = palettes()[which]
    assert len(colours) == 18
    for ink in ("ink", "quiet", "primary", "good", "warn", "bad"):
        for ground in ("paper", "card"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for ground in ("c1", "c2", "c3", "c4", "c5", "good", "primary", "warn", "bad"):
        assert contrast(colours["on"], colours[ground]) >= 4.5, ground


# -- what the marking process really writes --------------------------------------------------------


def drawn_inside(found: Evidence) -> int:
    """How many pictures an evidence has; each shape lies within its picture."""
    drawings = model_plots.evidence_plots(found, WORDS)
    for drawn in drawings:
        for each in drawn.shapes:
            for name, size in (("x", drawn.width), ("y", drawn.height)):
                for key in (name, f"{name}1", f"{name}2", f"c{name}"):
                    assert 0 <= float(each.at.get(key, 0)) <= size
    return len(drawings)


@pytest.mark.parametrize("count", [2, 10, 60])
def test_evidence_of_classes_is_drawn(count: int) -> None:
    targets = np.arange(600) % count
    hidden = HiddenSet(np.zeros((600, 4), np.float32), targets.astype(np.int64))
    found = evidence_cases.evidence(
        evidence_cases.guesses(targets, 0.7, count), hidden, evidence_cases.ACCURACY, "softmax"
    )
    assert drawn_inside(found) == 2


@pytest.mark.parametrize("shape", [(1,), (24, 1), (24, 3)])
def test_evidence_of_values_and_series_is_drawn(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    targets = rng.normal(size=(300, *shape)).astype(np.float32)
    inputs = rng.normal(size=(300, 48, shape[-1]) if len(shape) > 1 else (300, 5))
    hidden = HiddenSet(inputs.astype(np.float32), targets)
    said = (targets + rng.normal(size=targets.shape) * 0.3).astype(np.float32)
    found = evidence_cases.evidence(said, hidden, evidence_cases.MAE)
    assert drawn_inside(found) >= 2


def test_a_model_that_always_says_the_same_is_drawn() -> None:
    targets = np.full((200, 1), 3.0, np.float32)
    hidden = HiddenSet(np.zeros((200, 3), np.float32), targets)
    found = evidence_cases.evidence(targets.copy(), hidden, evidence_cases.MAE)
    drawn_inside(found)
