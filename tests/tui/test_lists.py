"""The lists of practice, history and data: filtered as one types, with details beside them."""

from datetime import timedelta

import pytest
from textual.widgets import OptionList

from engine.coaching.past_tasks import PastTask
from engine.sitting.state.sitting import Phase
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, summary
from tui.screens import history_text, practice_text
from tui.widgets.shared.key_bar import KeyBar

LISTS = {"p": "#tasks", "h": "#sittings", "d": "#sets"}


def lines(room: Room, selector: str) -> list[str]:
    return [str(each.prompt) for each in room.app.screen.query_one(selector, OptionList).options]


def facts(room: Room) -> list[str]:
    return room.text("#about DescriptionList").split("\n")


async def show(room: Room, key: str) -> None:
    await room.pilot.press(key)
    await until(room, lambda: "Filter" in room.offered())
    await room.settle()


@pytest.mark.parametrize(
    ("key", "typed", "kept"),
    [
        ("p", "hand sha", ["□  3  Hand shapes"]),
        ("p", "商店", ["□  4  Shop reviews"]),
        ("d", "cc by", ["  ! partly hands"]),
        ("h", "not passed", ["2027-01-15 08:00 Exam     ✗ not passed"]),
    ],
)
async def test_a_list_follows_what_is_typed_and_escape_brings_everything_back(
    open_room: OpenRoom, services: FakeServices, key: str, typed: str, kept: list[str]
) -> None:
    services.summaries = [
        summary(services.clock, id="2"),
        summary(services.clock, id="3", passed=False, percent=38.0),
    ]
    async with open_room() as room:
        await show(room, key)
        before = lines(room, LISTS[key])
        await room.pilot.press("slash")
        await room.settle()
        search = room.app.screen.query_one("#filter")
        assert room.app.focused is search
        search.value = typed  # type: ignore[attr-defined]
        await room.settle()
        assert [
            line[: len(start)] for line, start in zip(lines(room, LISTS[key]), kept, strict=True)
        ] == kept
        await room.pilot.press("enter")
        await room.settle()
        assert room.app.focused is room.app.screen.query_one(LISTS[key])
        assert len(lines(room, LISTS[key])) == len(kept)
        await room.pilot.press("escape")
        await room.settle()
        assert lines(room, LISTS[key]) == before
        assert not search.display
        await room.pilot.press("escape")
        await room.settle()
        assert room.screen_name == "HomeScreen"


async def test_the_keys_of_a_filter_are_letters_not_actions(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await show(room, "d")
        await room.pilot.press("slash", "f", "v", "a")
        await room.settle()
        assert room.app.screen.query_one("#filter").value == "fva"  # type: ignore[attr-defined]
        assert lines(room, "#sets") == ["Nothing matches."]
        assert room.screen_name == "DataScreen"


async def test_what_is_chosen_stays_chosen_while_a_filter_hides_it(
    open_room: OpenRoom, services: FakeServices
) -> None:
    async with open_room() as room:
        await show(room, "p")
        await room.pilot.press("space", "slash", *"load")
        await room.settle()
        assert lines(room, "#tasks") == ["□  5  Town load"]
        await room.pilot.press("down", "space", "escape", "f2")
        await room.settle()
        assert services.orders[0].tasks == ("flats", "town-load")  # type: ignore[union-attr]


async def test_the_highlight_stays_on_the_same_entry(open_room: OpenRoom) -> None:
    async with open_room() as room:
        await show(room, "p")
        await room.pilot.press("down", "down", "slash", *"h", "escape")
        await room.settle()
        menu = room.app.screen.query_one("#tasks", OptionList)
        assert menu.highlighted == 2


# -- practice -----------------------------------------------------------------------------


async def test_practice_tells_what_a_task_is_and_how_it_went(
    open_room: OpenRoom, services: FakeServices
) -> None:
    now = services.clock.now().utc()
    services.past_tasks = tuple(
        PastTask(task="garments", sitting=f"{days}", when=now - timedelta(days=days), score=score)
        for days, score in ((9, 4), (3, 2))
    )
    async with open_room(size=(120, 40)) as room:
        await show(room, "p")
        await room.pilot.press("down")
        await until(room, lambda: "4/5" in "".join(facts(room)))
        assert facts(room) == [
            "Category    2 · classic, hard · 30 min",
            "Best score  4/5 · last tried 3 days ago",
            "Data        made here",
        ]
        assert room.text("#introduction").startswith(
            "Predict the label of small grey drawings of garments. Train on the data in data/, then"
        )
        assert "\nSkills\n· " in room.text("#introduction")
        await room.pilot.press("up")
        await room.settle()
        assert "–/5 · not tried yet" in facts(room)[1]


@pytest.mark.parametrize(("width", "is_there"), [(80, False), (99, False), (100, True)])
@pytest.mark.parametrize("key", ["p", "h"])
async def test_details_stand_beside_a_list_where_there_is_room(
    open_room: OpenRoom, services: FakeServices, key: str, width: int, is_there: bool
) -> None:
    services.summaries = [summary(services.clock)]
    async with open_room(size=(width, 30)) as room:
        await show(room, key)
        about, listed = (room.app.screen.query_one(each) for each in ("#about", LISTS[key]))
        assert bool(about.region) is is_there
        if is_there:
            assert about.region.x >= listed.region.right
            assert about.region.right <= width


async def test_all_of_the_practice_form_is_seen_beside_the_list(open_room: OpenRoom) -> None:
    async with open_room(size=(100, 24)) as room:
        await show(room, "p")
        session = room.app.screen.query_one("#session")
        assert room.app.screen.query_one("#set-up").region.bottom <= session.region.bottom <= 23


def test_a_chinese_introduction_has_no_spaces_at_its_line_ends() -> None:
    brief = "# 服装\n\n为小幅灰度图\n预测**标签**。用 `data/` 里的\n数据训练。\n\n| a |\n\n第二段"
    assert practice_text._introduction(f"{brief}\n\n## 约定\n") == (
        "为小幅灰度图预测标签。用 data/ 里的数据训练。\n\n第二段"
    )


# -- history ------------------------------------------------------------------------------


async def test_history_tells_scores_time_and_paper_of_a_sitting(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock, percent=94.0)]
    async with open_room(size=(120, 40)) as room:
        await show(room, "h")
        assert facts(room) == [
            "Result  ✓ passed · 94 %",
            "Time    4:00:00 of 5:00:00 used",
            "Level   classic",
            "Mode    faithful",
            "Paper   TFX-7Q2M-0KXD-93YA",
            "Folder  /home/ada/tfexam/2027-01-15-0800-k3f9",
        ]
        scores = room.text("#scores").split("\n")
        assert [" ".join(each.split("━")[0].split()) for each in scores] == [
            "Power plant output",
            "Garment drawings",
            "Hand shapes",
            "Shop reviews",
            "Town load",
        ]
        assert [each.split()[-1] for each in scores] == ["5/5", "5/5", "4/5", "5/5", "5/5"]


async def test_history_tells_the_fault_of_a_damaged_sitting_in_full(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [summary(services.clock, phase="damaged", fault="journal.jsonl, line 7")]
    async with open_room(size=(120, 40)) as room:
        await show(room, "h")
        assert facts(room)[0] == "Fault   journal.jsonl, line 7"


async def test_a_blind_sitting_that_goes_on_tells_no_score_in_its_details(
    open_room: OpenRoom, services: FakeServices
) -> None:
    services.summaries = [
        summary(
            services.clock,
            mode="blind",
            phase=Phase.RUNNING,
            withheld=True,
            scores={},
            time_left=60.0,
        )
    ]
    async with open_room(size=(120, 40)) as room:
        await show(room, "h")
        assert facts(room)[0] == "Result  ▶ 0:01:00 left · –"
        assert room.text("#scores") == ""


@pytest.mark.parametrize(
    ("percents", "said"),
    [
        ([61.0], []),
        (
            [38.0, 61.0, 94.0],
            [
                "▄▅█",
                "3 exams · first 38 %, best 94 %, last 94 %",
                "↑ the last is 33 points above the one before",
            ],
        ),
        (
            [94.0, 93.0],
            [
                "██",
                "2 exams · first 94 %, best 94 %, last 93 %",
                "↓ the last is 1 point below the one before",
            ],
        ),
        (
            [70.0, 70.0],
            [
                "▆▆",
                "2 exams · first 70 %, best 70 %, last 70 %",
                "→ the last is as good as the one before",
            ],
        ),
    ],
)
async def test_history_draws_and_says_how_exams_went(
    open_room: OpenRoom, services: FakeServices, percents: list[float], said: list[str]
) -> None:
    services.summaries = [
        summary(services.clock, id=f"{number}", percent=percent)
        for number, percent in enumerate(reversed(percents))
    ]
    async with open_room(size=(120, 40)) as room:
        await show(room, "h")
        assert [each for each in room.text("#trend").split("\n") if each] == said
        assert room.app.screen.query_one("#trend-panel").display is bool(said)


def test_the_trend_leaves_out_practice_and_what_goes_on(services: FakeServices) -> None:
    counted = [summary(services.clock, percent=each) for each in (90.0, 50.0)]
    others = [
        summary(services.clock, kind="practice", percent=100.0),
        summary(services.clock, phase=Phase.RUNNING, percent=10.0),
        summary(services.clock, unfinished=1, percent=10.0),
    ]
    assert history_text.trend_lines([*others, *counted], 30)[0] == "▅█"


@pytest.mark.parametrize("width", [20, 32, 54])
@pytest.mark.parametrize(
    "name", ["Flats", "A very long title of a task in the bank", "非常长的题目名称在这里出现"]
)
def test_scores_fit_their_pane(services: FakeServices, width: int, name: str) -> None:
    drawn = history_text.score_lines(
        summary(services.clock, scores={"flats": 3}), {"flats": name}, width
    )
    assert drawn[0].cell_length <= width
    assert str(drawn[0]).endswith("  3/5")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("key", LISTS)
async def test_every_key_of_a_list_screen_fits_the_footer_at_80_columns(
    open_room: OpenRoom, services: FakeServices, key: str, lang: str
) -> None:
    services.summaries = [summary(services.clock)]
    async with open_room(lang=lang) as room:
        await room.pilot.press(key)
        await until(room, lambda: bool(lines(room, LISTS[key])))
        await room.pilot.press("down", "space")
        await room.settle()
        bar = room.app.screen.query_one(KeyBar)
        assert bar._entries[-1].end <= bar.content_size.width
