"""Candidates who sit a whole exam in tmux: one only with keys, one only with the mouse.

    python -m tests.e2e.hands             # keeps what they see under docs/captures
    python -m tests.e2e.hands everywhere  # both in every size, in Chinese, in 256 colours: a table

The way is the same for both; the models are put into the folders from outside, as a training in
another window does. Nothing waits for a time to pass, only for words. Everywhere, a quick grader
stands in for the real one (`quick_app.py`): it is about the hands.
"""

import itertools
import re
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from engine.settings import Language
from engine.sitting.later import read_later
from engine.sitting.state import events
from engine.sitting.store.journal import NAME, read_journal
from engine.sitting.store.record import read_record, read_tasks
from tests.e2e.exam_room import ExamRoom
from tests.e2e.quick_models import Wanted, quick_models
from tests.e2e.tmux import Tmux
from tests.e2e.waiting import LOOK_SECONDS
from tests.engine.sittings import model
from tui.locale import _, set_language

CAPTURES = Path(__file__).parents[2] / "docs" / "captures"
PART = 0.05
_SHOWN_AS = "/home/ada/tensorflow-exams"
_LONG = 300
_SHORT = 2.0
_MOST_NOTCHES = 60
_ROOMY = (80, 24)


class Window(NamedTuple):
    """The terminal that a candidate has, and the language."""

    size: tuple[int, int] = (120, 40)
    language: Language = "en"
    true_colour: bool = True

    @property
    def is_compact(self) -> bool:
        """Whether the exam has no room for its panes beside the scores."""
        return self.size[0] < _ROOMY[0] or self.size[1] < _ROOMY[1]

    def __str__(self) -> str:
        colours = "true colour" if self.true_colour else "256 colours"
        return f"{self.size[0]}×{self.size[1]}  {self.language}  {colours}"


# Every size by both, and each language and number of colours in several of them.
EVERYWHERE = (
    Window((80, 24)),
    Window((80, 24), "zh", true_colour=False),
    Window((120, 40), true_colour=False),
    Window((120, 40), "zh"),
    Window((60, 15)),
    Window((60, 15), "zh", true_colour=False),
)


def said(text: str) -> str:
    """A sentence of the app in the language of now, as a regular expression."""
    return re.escape(_(text))


class Hands(ABC):
    """What a candidate does, in the app in `app`."""

    name: str

    def __init__(self, app: Tmux, window: Window) -> None:
        self.app, self.window = app, window

    @abstractmethod
    def do(self, key: str, label: str) -> None:
        """Do what the footer calls `label`, and does for `key`."""

    @abstractmethod
    def category(self, number: int) -> None:
        """Turn to a category."""

    @abstractmethod
    def pane(self, key: str, label: str) -> None:
        """Show a pane."""

    @abstractmethod
    def restore(self) -> None:
        """Put the oldest model in sight back into the folder."""

    @abstractmethod
    def machine(self) -> None:
        """Open or close the panel of the machine."""

    @abstractmethod
    def open_result(self) -> None:
        """Open the first result of the history."""


class Keyboard(Hands):
    """Touches no mouse."""

    name = "keyboard"

    def do(self, key: str, label: str) -> None:
        self.app.press(key)

    def category(self, number: int) -> None:
        self.app.press(str(number))

    def pane(self, key: str, label: str) -> None:
        self.app.press(key)

    def restore(self) -> None:
        self.app.wait_for(rf"\br {said('Restore')}")  # the list has the keys now
        self.app.press("End", "r")

    def machine(self) -> None:
        self.app.press("g")

    def open_result(self) -> None:
        self.app.press("Enter")


class Mouse(Hands):
    """Touches no key."""

    name = "mouse"

    def do(self, key: str, label: str) -> None:
        shown = {"F1": "F1", "Escape": "esc", "Enter": "enter", "C-q": r"\^q"}.get(key, key)
        found = rf"(?m)(?:^| ){shown} ({said(label)})"
        try:
            self.app.click(found, _SHORT)
        except AssertionError:  # no room for it
            self._from_palette(label)

    def _from_palette(self, label: str) -> None:
        """Through the entry that stands for all that has no room."""
        self.app.click(rf"\^p ({said('More')})")
        first = said("What would you like to do?")
        self.app.wait_for(first)
        wanted = rf"(?m)^\s+({said(label)})(?: · \S+)?(?:\s{{2,}}.*)?$"
        for _notch in range(_MOST_NOTCHES):
            with suppress(AssertionError):
                self.app.click(wanted, LOOK_SECONDS)
                return
            self.app.scroll(rf"{first}[^\n]*\n[^\n]*\n\s*(\S)")
        raise AssertionError(f"no {label!r} in the palette:\n{self.app.screen()}")

    def category(self, number: int) -> None:
        self.app.click(rf"(?m)^(?:│ +| *▸?)({number}) ")

    def pane(self, key: str, label: str) -> None:
        self.app.click(rf"\b{key} {said(label)}")

    def restore(self) -> None:
        self.app.click(r"[▸▾] (#1)\b")
        self.do("r", "Restore")

    def machine(self) -> None:
        closes = said("g closes")
        is_open = re.search(closes, self.app.screen())
        self.app.click(closes if is_open else r"(?m)^ (g) ")

    def open_result(self) -> None:
        self.app.click(rf"[✓✗] (?:{said('passed')}|{said('not passed')})")


def sit(
    room: ExamRoom,
    kind: Callable[[Tmux, Window], Hands],
    window: Window | None = None,
    *,
    quick: bool = False,
) -> dict[str, str]:
    """Sit a whole exam; what was seen on the way, by the name of the place."""
    window = window or Window()
    environment = {
        **room.environment,
        "TFEXAM_WORKSPACES": str(room.workspace),
        "TFEXAM_LANG": window.language,
        "PYTHONPATH": str(CAPTURES.parents[1]),
    }
    command = [sys.executable, "-m", "tests.e2e.quick_app" if quick else "tui.cli"]
    set_language(window.language)
    try:
        with Tmux(
            command,
            environment=environment,
            folder=room.folder,
            size=window.size,
            true_colour=window.true_colour,
        ) as app:
            seen = Seen(app)
            hands = kind(app, window)
            set_up(hands, seen)
            folder = next(room.workspace.iterdir())
            sitting = sitting_of(room)
            models = QUICK if quick else worth_something(sitting)
            work(hands, seen, folder, sitting, models)
            leave(hands, seen)
            assert app.wait_until_left() == 0
    finally:
        set_language("en")
    return seen.kept


class Seen:
    """What is kept of the way."""

    def __init__(self, app: Tmux) -> None:
        self._app = app
        self.kept: dict[str, str] = {}

    def keep(self, name: str, wanted: str, timeout: float = 60) -> None:
        """The screen once `wanted` is on it and it has come to rest, under `name`."""
        before, text = "", self._app.wait_for(wanted, timeout)
        while text != before:
            time.sleep(LOOK_SECONDS)
            before, text = text, self._app.wait_for(wanted, timeout)
        self.kept[name] = text


def sitting_of(room: ExamRoom) -> Path:
    """The folder of the only sitting."""
    (folder,) = (Path(row["folder"]) for row in room.history())
    return folder


def set_up(hands: Hands, seen: Seen) -> None:
    """From home to a running clock."""
    seen.keep("home", said("Start an exam"))
    hands.do("n", "Exam")
    hands.app.wait_for(rf"F2 {said('Prepare')}")
    seen.keep("setup", said("This machine"))
    hands.do("F2", "Prepare")
    hands.app.wait_for(rf"\bs {said('Start')}", _LONG)
    ready = _("The paper is ready; the clock has not started.")
    seen.keep("ready", re.escape(ready[:5]))  # it may wrap
    hands.do("s", "Start")
    seen.keep("exam", rf"○ {said('not started')}")
    told = hands.app.colours()
    assert ("2" in told) == hands.window.true_colour, f"colours are told as {told}"


# What a quick grader takes: the worse one of category 1, then one for each category.
QUICK = tuple(model(f"hands {number}") for number in range(6))


def worth_something(sitting: Path) -> Sequence[bytes]:
    """The same for the real grader."""
    tasks = list(read_tasks(sitting, read_record(sitting)).values())
    wanted = [Wanted(tasks[0], PART), *map(Wanted, tasks)]
    return quick_models(sitting, wanted, sitting.parent)


def work(hands: Hands, seen: Seen, folder: Path, sitting: Path, given: Sequence[bytes]) -> None:
    """A model in each category, a second in the first, and a look at everything."""
    worse, *models = given
    save(folder, 1, worse)
    graded(sitting, 1)
    for number, content in enumerate(models, start=1):
        hands.category(number)
        at_category(hands, number)
        save(folder, number, content)
        graded(sitting, number + 1)
        scored(hands, number)
        seen.keep(f"category {number}", rf"\b{number}\b")
    hands.category(1)
    at_category(hands, 1)
    mark_and_measure(hands, seen, sitting)
    look_at_panes(hands, seen)
    hands.do("F1", "Help")
    seen.keep("help", re.escape(_(_HELP)[:12]))
    hands.do("Escape", "Close")
    gone(hands, rf"esc {_('Close')}")


_HELP = (
    "Work in your editor: each category has a folder with starter.py and its "
    "data. Save your trained model there as mymodel.h5. tfexam submits and grades "
    "it automatically, as often as you like, and the best score counts. The brief "
    "shown here follows the starter.py you save."
)


def mark_and_measure(hands: Hands, seen: Seen, sitting: Path) -> None:
    """Mark a task to come back to, and look at the machine where there is room for it."""
    hands.do("l", "Later")
    seen.keep("later", rf"⚑ {said('later')}")
    assert read_later(sitting)
    if not hands.window.is_compact:
        hands.machine()
        seen.keep("machine", said("g closes"))
        hands.machine()
        gone(hands, _("g closes"))


def look_at_panes(hands: Hands, seen: Seen) -> None:
    """Every pane, and a model that is put back into its folder."""
    places = (
        ("files", "f", "Files", r"mymodel\.h5"),
        ("training", "t", "Training", "csv|CSV"),
        ("submissions", "m", "Submissions", "#2"),
    )
    for name, key, label, wanted in places:
        hands.pane(key, label)
        seen.keep(name, wanted)
    hands.restore()
    seen.keep("restored", said("in the folder"))
    hands.pane("b", "Brief")
    gone(hands, f"r {_('Restore')}")  # the footer moves together before one clicks on it
    seen.keep("brief", said("Brief"))
    if hands.window.is_compact:
        hands.do("Escape", "Back")
    # A notification covers some of them for a while.
    hands.app.wait_until(lambda text: len(scores_on(text)) == len("12345"), "all scores")
    seen.keep("scores", "[0-5]/5")


def gone(hands: Hands, words: str) -> None:
    """Wait until `words` are no longer on the screen."""
    hands.app.wait_until(lambda text: words not in text, f"a screen without {words!r}")


def at_category(hands: Hands, number: int) -> None:
    """Wait until a category is on view."""
    name = said("Category {number} · {title}").partition(r"\{title")[0]
    wide = name.replace(r"\{number\}", str(number))
    hands.app.wait_for(rf"▸{number} " if hands.window.is_compact else wide)


def save(folder: Path, number: int, content: bytes) -> None:
    """As a training does that has come to its end."""
    (folder / f"Category{number}" / "mymodel.h5").write_bytes(content)


def graded(sitting: Path, count: int) -> None:
    """Wait until so many submissions are graded, as the journal says."""
    deadline = time.monotonic() + _LONG
    while len(list(_gradings(sitting))) < count:
        assert time.monotonic() < deadline, f"{count} gradings did not come in {_LONG} s"
        time.sleep(LOOK_SECONDS)


def _gradings(sitting: Path) -> Iterator[events.GradingEnded]:
    happened = read_journal(sitting / NAME).events
    return (each for each in happened if isinstance(each, events.GradingEnded))


def scored(hands: Hands, number: int) -> None:
    """Wait until the screen shows the score of a category."""
    hands.app.wait_for(rf"(?m)^(?:│ +| *▸?){number} .*[0-5]/5", _LONG)


def scores_on(text: str) -> list[int]:
    """The scores of all categories on a screen of the exam."""
    found = re.findall(r"(?m)^(?:│ +| *▸?)[1-5] .*?([0-5])/5", text)
    return [int(each) for each in found]


def leave(hands: Hands, seen: Seen) -> None:
    """To the end, the result, the history, and out."""
    hands.do("e", "End")
    seen.keep("end", said("End the exam?"))
    hands.do("y", "End now")
    verdict = rf"{said('PASSED')}|{said('NOT PASSED')}"
    hands.app.wait_for(rf"enter {said('Home')}", _LONG)
    seen.keep("result", verdict, _LONG)
    hands.do("Enter", "Home")
    hands.app.wait_for(said("Start an exam"))
    hands.do("h", "History")
    hands.app.wait_for(rf"\bo {said('Open')}")  # home tells of the last result, too
    seen.keep("history", rf"[✓✗] (?:{said('passed')}|{said('not passed')})")
    hands.open_result()
    hands.app.wait_for(rf"enter {said('Home')}")
    seen.keep("earlier result", verdict)
    hands.do("Enter", "Home")
    hands.app.wait_for(rf"esc {said('Back')}")
    gone(hands, f"enter {_('Home')}")
    hands.do("Escape", "Back")
    hands.app.wait_for(said("Start an exam"))
    hands.do("C-q", "Quit")


def capture() -> None:
    """Keep what each of them sees."""
    CAPTURES.mkdir(exist_ok=True)
    for kind in (Keyboard, Mouse):
        with tempfile.TemporaryDirectory(prefix="tfexam-hands-") as name:
            room = ExamRoom(Path(name))
            shown = [f"== {place}\n\n{text.rstrip()}\n" for place, text in sit(room, kind).items()]
            # A folder of the same length, so that the frames stay straight.
            text = "\n".join(shown).replace(name, _SHOWN_AS.ljust(len(name), "s")[: len(name)])
            (CAPTURES / f"{kind.name}.txt").write_text(text, encoding="utf-8")


def everywhere(wanted: str = "") -> bool:
    """Sit in every window with both, and print a row for each; whether all went well."""
    well = True
    for window, kind in itertools.product(EVERYWHERE, (Keyboard, Mouse)):
        row = f"{kind.name:9}  {window}"
        if wanted not in row:
            continue
        began = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="tfexam-hands-") as name:
            try:
                told = f"✓ {len(sit(ExamRoom(Path(name)), kind, window, quick=True))} places seen"
            except AssertionError as error:
                told, well = f"✗ {error}", False
        sys.stdout.write(f"{row:45}  {time.monotonic() - began:4.0f} s  {told}\n")
        sys.stdout.flush()
    return well


if __name__ == "__main__":
    if sys.argv[1:2] == ["everywhere"]:
        sys.exit(not everywhere(*sys.argv[2:3]))
    capture()
