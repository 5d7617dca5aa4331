"""Evidence on the review screen and on the command line: each kind of task, size and language."""

import json
import statistics
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from rich.cells import cell_len

from engine.coaching.baselines import baselines
from engine.coaching.review import TaskReview
from engine.grading.evidence import Baseline, Evidence, FlipRisk, Thumbnail
from engine.grading.protocol import Message
from engine.settings import Language
from engine.sitting.store.evidence_files import evidence_file
from engine.sitting.store.history import past
from exam_bank.catalog import Catalog
from exam_bank.proof import proof_file
from tests.tui.conftest import OpenRoom, Room
from tests.tui.fake_evidence import KINDS, WORDS, keep_evidence
from tests.tui.fakes import graded
from tests.tui.sittings import keep, settings_in
from tui.cli import main
from tui.locale import set_language
from tui.text.evidence.classes import heat_map
from tui.text.evidence.luck import luck_sentences
from tui.text.evidence.pictures import drawn
from tui.text.evidence.ruler import ruler
from tui.text.evidence.sections import sections
from tui.text.review import markdown
from tui.widgets.review.evidence_view import EvidenceView

FOUND = {name: make() for name, make in KINDS.items()}


def review_of(found: Evidence, **more: object) -> TaskReview:
    whole = TaskReview(
        task="flats",
        category=1,
        score=found.score,
        given_up=False,
        seen=0,
        attempts=(),
        hints=(),
        solutions=(),
        metric=found.metric,
        scheme=found.scheme,
        evidence=found,
        vocabulary=WORDS,
        baselines=found.measured,
    )
    return msgspec.structs.replace(whole, **more)


def lines(review: TaskReview, width: int, *, colours: bool = True) -> list[str]:
    return [
        line.plain for each in sections(review, colours=colours) for line in (*each.draw(width),)
    ]


# -- drawn ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(KINDS))
@pytest.mark.parametrize("width", [20, 46, 78, 140])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_line_fits(kind: str, width: int, language: Language) -> None:
    set_language(language)
    try:
        found = lines(review_of(FOUND[kind]), width)
    finally:
        set_language("en")
    assert found
    if width >= 46:
        assert [each for each in found if cell_len(each) > width] == []


def test_the_ruler_points_at_the_model_and_the_baselines() -> None:
    found = FOUND["pictures"]
    other = Baseline("ridge", "linear", 0.76, 3, 0.01)
    marks, axis, pointers, *legend = (
        each.plain for each in ruler(0.9, found.scheme, [*found.measured, other], 60)
    )
    assert marks.split() == ["1", "2", "3", "4", "5"]
    assert axis.count("┼") == 5
    assert pointers.split() == ["a", "b", "▲"]
    assert pointers.index("b") == marks.index("3")
    assert pointers.index("▲") > marks.index("5")
    assert legend == [
        "▲  0.9 → 5/5  your model",
        "a  0.1 → 0/5  always the most frequent class",
        "b 0.76 → 3/5  the straight line (ridge) (± 0.01)",
        "marks 1 to 5: accuracy ≥ 0.6, 0.68, 0.76, 0.82, 0.86",
    ]


def test_on_the_ruler_of_an_error_less_is_further_right() -> None:
    found = FOUND["table"]
    marks, _axis, pointers, *_legend = (
        each.plain for each in ruler(0.01, found.scheme, found.measured, 60)
    )
    assert marks.split() == ["1", "2", "3", "4", "5"]
    assert pointers.index("a") == 0  # far beyond the end
    assert pointers.index("▲") > marks.index("5")


def test_the_heat_map_tells_all_without_colour() -> None:
    part = FOUND["pictures"].classes
    assert part is not None
    row = heat_map(part, 78)[3].plain
    assert row.split()[:6] == ["2", "·", "1", "34▓", "·", "19▒"]
    shares = heat_map(part, 46)[3].plain
    assert shares.split()[:6] == ["2", "·", "2", "57▓", "·", "32▒"]
    assert len(heat_map(part, 20)[2].plain.split()[-1]) <= 10


def test_luck_is_told_in_sentences() -> None:
    found = FOUND["pictures"]
    risk = FlipRisk(size=200, of=1000, chances=(0, 0, 0, 0, 0.12, 0.88), hold=0.0083, full=0.0083)
    told = list(luck_sentences(msgspec.structs.replace(found, score=5, flip_risk=risk)))
    assert told == [
        "5/5 here. The real exam measures each model on other examples: of draws of 200 from "
        "these 1,000, 12 of 100 give 4/5.",
        "For 5/5 in 95 of 100 draws the metric must move by +0.0083.",
    ]
    once = msgspec.structs.replace(risk, chances=(0, 0, 0, 0, 0.01, 0.99))
    told = list(luck_sentences(msgspec.structs.replace(found, score=5, flip_risk=once)))
    assert told[0].endswith("1 of 100 gives 4/5.")
    sure = msgspec.structs.replace(risk, chances=(0, 0, 0, 0, 0, 1), hold=0.0, full=0.0)
    told = list(luck_sentences(msgspec.structs.replace(found, score=5, flip_risk=sure)))
    assert told == ["5/5 here, and in every draw of 200 of the 1,000 examples too."]


def test_a_picture_is_drawn_two_pixels_to_a_cell() -> None:
    white, black = b"\xff\xff\xff", b"\0\0\0"
    picture = Thumbnail(2, 3, white + black + white + black + black + white)
    assert [each.plain for each in drawn(picture, 10, colours=False)] == ["█ ", " ▒"]
    upper = drawn(picture, 10, colours=True)[0]
    assert upper.plain == "▀▀"
    assert [str(span.style) for span in upper.spans] == [
        "rgb(255,255,255) on rgb(255,255,255)",
        "rgb(0,0,0) on rgb(0,0,0)",
    ]
    wide = Thumbnail(32, 8, bytes(3 * 32 * 8))
    assert [each.cell_length for each in drawn(wide, 16, colours=True)] == [16, 16]


def test_words_come_from_the_vocabulary() -> None:
    found = "\n".join(lines(review_of(FOUND["texts"]), 60))
    assert "parcel" in found
    bare = "\n".join(lines(review_of(FOUND["texts"], vocabulary=()), 60))
    assert "parcel" not in bare
    assert "<3>" in bare


NAMES = ("Billing", "Deliveries and returns", "Privacy\n\x1b[31m")


@pytest.mark.parametrize("width", [46, 78])
def test_classes_have_their_names_where_there_is_room(width: int) -> None:
    numbered = lines(review_of(FOUND["texts"]), width)
    named = lines(review_of(FOUND["texts"], classes=NAMES), width)
    assert max(map(cell_len, named)) <= width
    assert "Billing" in " ".join(named)
    assert "Billing" not in " ".join(numbered)
    assert "\x1b" not in "".join(named)


# -- the screen ----------------------------------------------------------------------------------


def shown(room: Room) -> str:
    view = room.app.screen.query_one(EvidenceView)
    return "\n".join(each.plain for each in view.lines(view.content_size.width))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_screen_shows_what_the_score_is_made_of(
    open_exam: OpenRoom, size: tuple[int, int]
) -> None:
    async with open_exam(kind="practice", mode="coach", count=2, size=size) as room:
        await room.scene.take("flats", graded(5))
        keep_evidence(room.scene, "flats", FOUND["pictures"])
        await room.scene.take("garments", graded(5))
        keep_evidence(room.scene, "garments", FOUND["series"])
        await room.settle()
        await room.pilot.press("v")
        await room.settle()
        for title in ("The metric and its marks", "How much luck", "What is taken for what"):
            assert title in shown(room)
        await room.pilot.press("down")
        await room.settle()
        assert "Forecasts against what came" in shown(room)
        assert "What is taken for what" not in shown(room)
        view = room.app.screen.query_one(EvidenceView)
        assert view.size.height == len(shown(room).splitlines())


async def test_without_evidence_the_metric_still_stands_on_its_ruler(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(5, 0.93))
        await room.settle()
        await room.pilot.press("v")
        await room.settle()
        assert "▲ 0.93 → 5/5  your model" in shown(room)
        assert "How much luck" not in shown(room)


async def test_what_explains_the_score_comes_first(open_exam: OpenRoom) -> None:
    async with open_exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        (review,) = room.services.review(room.scene.folder)
        told = msgspec.structs.replace(review, diagnoses=(Message("It says {n}.", {"n": 3}),))
        text = markdown(told, "Flats")
        assert text.index("It says 3.") < text.index("The metric and its marks")


# -- the command line and the files it reads -----------------------------------------------------


def call(home: Path, *args: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--home", str(home), "review", *args])
    return done.exit_code, done.stdout


def kept_in(home: Path) -> tuple[Path, str]:
    """Where the evidence for the first task of an ended sitting belongs, and that task."""
    record = keep(home, "done", score=4, ended=True)
    folder = settings_in(home).sittings_folder / "done"
    task = record.paper.tasks[0].task
    winner = past(folder).winner(task)
    assert winner is not None
    return evidence_file(folder, winner.sha256, task), task


def test_the_command_draws_it_without_colours_and_says_it_in_json(tmp_path: Path) -> None:
    path, task = kept_in(tmp_path)
    FOUND["pictures"].write(path)
    status, out = call(tmp_path, "done", task)
    assert status == 0
    assert "\x1b" not in out
    assert "## What is taken for what\n\n```text\n" in out
    assert "▓" in out
    status, out = call(tmp_path, "done", task, "--format", "json")
    row = json.loads(out)
    assert row["evidence"]["classes"]["confusion"][2][4] == 19
    assert row["evidence"]["flip_risk"]["of"] == 600
    assert "errors" not in row["evidence"]
    assert {each["kind"] for each in row["baselines"]} == {"trivial", "linear"}


def test_a_sitting_without_evidence_says_so(tmp_path: Path) -> None:
    path, task = kept_in(tmp_path)
    assert "What this grade is made of is not here" in call(tmp_path, "done", task)[1]
    path.parent.mkdir()
    path.write_bytes(b"{}")
    status, out = call(tmp_path, "done", task)
    assert status == 0
    assert f"The evidence in {path} cannot be read" in out
    status, out = call(tmp_path, "done", task, "--format", "json")
    assert json.loads(out)["evidence"] is None


def test_baselines_are_the_proofs_and_those_measured_here() -> None:
    task = Catalog.find().task("wild-bees")
    scheme = task.says.mark_scheme.hardest
    found = baselines(task, scheme, FOUND["texts"])
    assert [each.name for each in found] == [
        "majority",
        "nearest mean",
        "class shares",
        "one class",
        "logistic",
    ]
    assert found[0] == FOUND["texts"].measured[0]
    proof = proof_file.read(task)
    assert proof is not None
    proved = {each.solution: each.measured for each in proof.of_kind("trivial")}
    assert found[1].value == pytest.approx(statistics.fmean(proved["nearest mean"]))
    assert found[1].score == 1
    assert found[-1].kind == "linear"
    assert baselines(None, scheme, None) == ()
