"""Each action of the table is run once by its key, under a pilot; an action without a play fails.

A play presses the key that the table names and asserts its effect.
"""

from collections.abc import Awaitable, Callable

import pytest

from engine.grading.protocol import Cancelled
from engine.sitting.later import read_later
from engine.sitting.state.sitting import Phase
from tests.tui.conftest import OpenRoom, Room, until
from tests.tui.fakes import FakeServices, graded, summary
from tui.actions import ACTIONS, Action
from tui.app import ExamApp
from tui.start import NewExam, Resume, Start
from tui.widgets.exam.task_panes import TaskPanes


class Play:
    """Opens screens, and presses the key of the action."""

    def __init__(self, action: Action, services: FakeServices, open_room: OpenRoom) -> None:
        self._action, self._open_room = action, open_room
        self.services = services

    def open(self, start: Start | None = None, **options: object):  # type: ignore[no-untyped-def]
        return self._open_room(start, **options)

    def exam(self, flags: dict[str, object] | None = None, **options: object):  # type: ignore[no-untyped-def]
        scene = self.services.begin(**options)
        return self._open_room(Resume(scene.folder), **(flags or {}))

    async def press(self, room: Room) -> None:
        """Press the action's first key; without one, run it as the palette does."""
        if self._action.keys:
            await room.pilot.press(self._action.first_key)
        else:
            commands = room.app.get_system_commands(room.app.screen)
            await next(each for each in commands if each.title == self._action.label).callback()
        await room.settle()


Script = Callable[[Play], Awaitable[None]]
PLAYS: dict[str, Script] = {}


def plays(name: str) -> Callable[[Script], Script]:
    def register(script: Script) -> Script:
        PLAYS[name] = script
        return script

    return register


@pytest.mark.parametrize("action", ACTIONS, ids=lambda each: each.id)
async def test_every_action_does_what_it_says(
    action: Action, services: FakeServices, open_room: OpenRoom
) -> None:
    assert action.id in PLAYS, f"{action.id} has no play: add one to {__name__}"
    await PLAYS[action.id](Play(action, services, open_room))


def test_no_play_is_left_of_an_action_that_is_gone() -> None:
    assert PLAYS.keys() <= {each.id for each in ACTIONS}


# -- home ---------------------------------------------------------------------------------


@plays("home.resume")
async def _(play: Play) -> None:
    play.services.begin()
    play.services.summaries = [summary(play.services.clock, phase=Phase.RUNNING, time_left=60.0)]
    async with play.open() as room:
        await play.press(room)
        assert room.screen_name == "ExamScreen"


def opens(name: str, screen: str) -> None:
    async def script(play: Play) -> None:
        async with play.open() as room:
            await play.press(room)
            assert room.screen_name == screen

    PLAYS[name] = script


opens("home.new_exam", "SetupScreen")
opens("home.practice", "PracticeScreen")
opens("home.history", "HistoryScreen")
opens("home.data", "DataScreen")
opens("home.skills", "SkillsScreen")
opens("home.settings", "SettingsScreen")
opens("app.help", "HelpScreen")
opens("app.command_palette", "TranslatedPalette")


# -- data sets ------------------------------------------------------------------------------


def data(name: str, asked: str, *before: str) -> None:
    async def script(play: Play) -> None:
        async with play.open() as room:
            await room.pilot.press("d")
            await until(room, lambda: "Verify" in room.offered())
            await room.pilot.press(*before)
            await play.press(room)
            await until(room, lambda: asked in play.services.data_sets.asked)

    PLAYS[name] = script


data("data.fetch", "fetch hands", "down")
data("data.verify", "verify")


@plays("data.mark")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("d")
        await until(room, lambda: "Verify" in room.offered())
        await room.pilot.press("down")
        await play.press(room)
        assert "1 data set is marked" in room.text("#status")


def filters(name: str, key: str) -> None:
    async def script(play: Play) -> None:
        play.services.summaries = [summary(play.services.clock)]
        async with play.open() as room:
            await room.pilot.press(key)
            await until(room, lambda: "Filter" in room.offered())
            await play.press(room)
            assert room.app.focused is room.app.screen.query_one("#filter")

    PLAYS[name] = script


filters("practice.filter", "p")
filters("history.filter", "h")
filters("data.filter", "d")


@plays("data.cancel")
async def _(play: Play) -> None:
    play.services.data_sets.hold.clear()
    async with play.open() as room:
        await room.pilot.press("d")
        await until(room, lambda: "Verify" in room.offered())
        await room.pilot.press("down", "f")
        await until(room, lambda: "Cancel" in room.offered())
        await play.press(room)
        await until(room, lambda: "Fetching was cancelled" in room.text("#status"))


@plays("data.add")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("d")
        await until(room, lambda: "Verify" in room.offered())
        await play.press(room)
        assert room.app.focused is room.app.screen.query_one("#path")


def leads_to_data(name: str, key: str) -> None:
    async def script(play: Play) -> None:
        async with play.open() as room:
            await room.pilot.press(key)
            await room.settle()
            await play.press(room)
            assert room.screen_name == "DataScreen"

    PLAYS[name] = script


leads_to_data("practice.data", "p")
leads_to_data("setup.data", "n")


@plays("skills.practise")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("k")
        await until(room, lambda: "Practise" in room.offered())
        await play.press(room)
        assert room.screen_name == "SetupScreen"


# -- practice and set-up --------------------------------------------------------------------


@plays("practice.choose")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("p")
        await play.press(room)
        assert "Set up" in room.offered()


@plays("practice.set_up")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("p", "space")
        await play.press(room)
        assert room.screen_name == "SetupScreen"


@plays("setup.prepare")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("n")
        await room.settle()
        await play.press(room)
        assert len(play.services.orders) == 1


@plays("setup.begin")
async def _(play: Play) -> None:
    async with play.open(NewExam()) as room:
        await play.press(room)
        await room.scene.phase(Phase.RUNNING)


@plays("setup.details")
async def _(play: Play) -> None:
    async with play.open(NewExam()) as room:
        await play.press(room)
        assert all(each.display for each in room.app.screen.query("CheckRow"))


@plays("setup.retry")
async def _(play: Play) -> None:
    from engine.errors import DataError

    play.services.fails = DataError("No data.")
    async with play.open(NewExam()) as room:
        play.services.fails = None
        await play.press(room)
        assert len(play.services.orders) == 2


# -- exam ---------------------------------------------------------------------------------


def select(index: int) -> None:
    async def script(play: Play) -> None:
        async with play.exam() as room:
            await room.pilot.press("2" if index == 0 else "1")
            await play.press(room)
            assert room.app.screen.query_one("#categories").selected == index

    PLAYS[f"exam.select({index})"] = script


for number in range(5):
    select(number)


def pane(name: str) -> None:
    async def script(play: Play) -> None:
        async with play.exam() as room:
            await room.pilot.press("t" if name != "training" else "f")
            await play.press(room)
            assert room.app.screen.query_one(TaskPanes).in_sight(name)

    PLAYS[f"exam.pane('{name}')"] = script


for each_pane in ("brief", "files", "submissions", "training"):
    pane(each_pane)


@plays("exam.submit")
async def _(play: Play) -> None:
    async with play.exam(flags={"auto_grade": "0"}) as room:
        await room.scene.leave_late("flats")
        await play.press(room)
        await room.scene.submitted(1)


@plays("exam.pause")
async def _(play: Play) -> None:
    async with play.exam(kind="practice", mode="coach", count=1) as room:
        await play.press(room)
        await room.scene.phase(Phase.PAUSED)


@plays("exam.hint")
async def _(play: Play) -> None:
    async with play.exam(kind="practice", mode="coach", count=1) as room:
        await play.press(room)
        await room.settle()
        assert room.scene.sitting.hints == {"flats": 1}


@plays("exam.machine")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert room.app.screen.query_one("#machine").display
        await play.press(room)
        assert not room.app.screen.query_one("#machine").display


@plays("exam.later")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert "⚑ later" in str(room.app.screen.query("CategoryRow").first().render())
        assert read_later(room.scene.folder) == {"flats"}
        await play.press(room)
        assert read_later(room.scene.folder) == frozenset()


@plays("exam.reset")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert room.screen_name == "ResetScreen"
        assert "Reset all" not in room.offered()


def resets(name: str, *kept: bool) -> None:
    async def script(play: Play) -> None:
        async with play.exam(kind="practice", mode="coach", count=2) as room:
            for task in ("flats", "garments"):
                (room.scene.workspace(task) / "starter.py").write_text("mine\n")
            await room.pilot.press("a")
            await room.settle()
            await play.press(room)
            assert room.screen_name == "ExamScreen"
            for task, is_kept in zip(("flats", "garments"), kept, strict=True):
                folder = room.scene.workspace(task)
                assert ((folder / "starter.py").read_text() == "# TODO\n") is is_kept
                assert (folder / "starter.1.py").exists() is is_kept

    PLAYS[name] = script


resets("reset.confirm", True, False)
resets("reset.all", True, True)
resets("reset.back", False, False)


@plays("exam.give_up")
async def _(play: Play) -> None:
    async with play.exam(kind="practice", mode="coach", count=1) as room:
        await play.press(room)
        await room.pilot.press("y")
        await room.settle()
        assert room.scene.sitting.given_up == {"flats": 0}


@plays("exam.review")
async def _(play: Play) -> None:
    async with play.exam(kind="practice", mode="coach", count=1) as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        await play.press(room)
        assert room.screen_name == "ReviewScreen"


@plays("result.review")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await room.scene.end()
        await room.settle()
        await play.press(room)
        assert room.screen_name == "ReviewScreen"


@plays("history.review")
async def _(play: Play) -> None:
    play.services.summaries = [summary(play.services.clock)]
    async with play.open() as room:
        await room.pilot.press("h")
        await room.settle()
        await play.press(room)
        assert room.screen_name == "ReviewScreen"


@plays("history.remove")
async def _(play: Play) -> None:
    scene = play.services.make()
    listed = [summary(play.services.clock, phase=Phase.PREPARED, folder=str(scene.folder))]
    play.services.summaries = listed
    async with play.open() as room:
        await room.pilot.press("h")
        await room.settle()
        await play.press(room)
        assert room.screen_name == "ConfirmScreen"
        assert scene.folder.exists()
        await room.pilot.press("y")
        await until(room, lambda: not scene.folder.exists())
        assert room.screen_name == "HistoryScreen"


@plays("review.read")
async def _(play: Play) -> None:
    play.services.summaries = [summary(play.services.clock)]
    async with play.open() as room:
        await room.pilot.press("h")
        await room.settle()
        await room.pilot.press("v")
        await room.settle()
        await play.press(room)
        assert room.app.focused is room.app.screen.query_one("#about")


@plays("exam.cancel")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await room.scene.take("flats")
        await room.scene.grading()
        await room.settle()
        await play.press(room)
        await room.scene.graded(1)
        assert isinstance(room.scene.sitting.submission(1).grade, Cancelled)


@plays("exam.restore")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await room.scene.take("flats", graded(4))
        await room.pilot.press("m")
        await play.press(room)
        assert room.scene.happened()[-1] == "PutBack"


@plays("exam.edit")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        await room.pilot.pause(0.1)
        assert "Category1/starter.py" in room.notices()[0]


@plays("exam.folder")
async def _(play: Play) -> None:
    async with play.exam() as room:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("tui.external_programs.file_manager", lambda _: None)
            await play.press(room)
            await room.pilot.pause(0.1)
        assert room.app.clipboard == str(room.scene.workspace("flats"))


@plays("exam.next_pane(1)")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert room.app.screen.query_one(TaskPanes).shown == "files"


@plays("exam.next_pane(-1)")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert room.app.screen.query_one(TaskPanes).shown == "training"


@plays("exam.zoom")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert not room.app.screen.query_one("#left").display


@plays("exam.downloads")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert any("is offered to the category it fits" in each for each in room.notices())


@plays("exam.end")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await play.press(room)
        assert "End the exam?" in str(room.app.screen.query_one(".card").border_title)


@plays("exam.next_task")
async def _(play: Play) -> None:
    async with play.exam(kind="practice", mode="coach", count=2) as room:
        await room.scene.take("flats", graded(5))
        await room.settle()
        await play.press(room)
        assert room.app.screen.query_one("#categories").selected == 1


@plays("exam.clear_notice")
async def _(play: Play) -> None:
    from tui.widgets.exam.trouble_banner import TroubleBanner

    async with play.exam() as room:
        await room.scene.lose("flats")
        await room.settle()
        banner = room.app.screen.query_one(TroubleBanner)
        assert banner.troubled
        await play.press(room)
        assert not banner.troubled


# -- result, history, dialogs ---------------------------------------------------------------


@plays("result.home")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await room.scene.end()
        await room.settle()
        await play.press(room)
        assert room.screen_name == "HomeScreen"


@plays("history.open")
async def _(play: Play) -> None:
    play.services.summaries = [summary(play.services.clock)]
    async with play.open() as room:
        await room.pilot.press("h")
        await play.press(room)
        assert room.screen_name == "ResultScreen"


def answers(name: str, happens: list[str], screen: str) -> None:
    """Play at the question before the end."""

    async def script(play: Play) -> None:
        async with play.exam(flags={"auto_grade": "0"}) as room:
            await room.scene.leave_late("hands")
            await room.pilot.press("e")
            await play.press(room)
            await until(room, lambda: room.scene.happened() == happens)
            await room.settle()
            assert room.screen_name == screen

    PLAYS[name] = script


answers("end.end", ["Ended"], "ResultScreen")
answers("end.submit", ["Submitted", "GradingStarted"], "EndScreen")
answers("end.stay", [], "ExamScreen")


@plays("confirm.confirm")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await room.pilot.press("ctrl+q")
        await play.press(room)
        assert room.app._exit


@plays("confirm.back")
async def _(play: Play) -> None:
    async with play.exam() as room:
        await room.pilot.press("ctrl+q")
        await play.press(room)
        assert not room.app._exit
        assert room.screen_name == "ExamScreen"


@plays("help.back")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("f1")
        await play.press(room)
        assert room.screen_name == "HomeScreen"


@plays("view.back")
async def _(play: Play) -> None:
    async with play.open() as room:
        await room.pilot.press("h")
        await play.press(room)
        assert room.screen_name == "HomeScreen"


# -- everywhere -----------------------------------------------------------------------------


@plays("app.quit")
async def _(play: Play) -> None:
    async with play.open() as room:
        await play.press(room)
        assert room.app._exit


def theme(name: str) -> None:
    async def script(play: Play) -> None:
        async with play.open() as room:
            room.app.theme = "textual-dark"
            await play.press(room)
            assert room.app.theme == name

    PLAYS[f"app.use_theme('{name}')"] = script


for each_theme in ("tfexam-dark", "tfexam-light", "tfexam-clear"):
    theme(each_theme)


def test_the_app_itself_binds_its_own_actions() -> None:
    bound = {each.action for each in ExamApp.BINDINGS}  # type: ignore[union-attr]
    assert {each.name for each in ACTIONS if each.target == "app" and each.keys} <= bound
