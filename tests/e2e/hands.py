"""Two candidates who sit a whole exam in tmux: one only with keys, one only with the mouse.

    python -m tests.e2e.hands      # keeps what they see under docs/captures

The way is the same for both; the models are put into the folders from outside, as a
training in another window does. Nothing waits for a time to pass, only for words.
"""

import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from engine.sitting.store.record import read_record, read_tasks
from tests.e2e.exam_room import ExamRoom
from tests.e2e.quick_models import Wanted, quick_models
from tests.e2e.tmux import Tmux
from tests.e2e.waiting import LOOK_SECONDS

CAPTURES = Path(__file__).parents[2] / "docs" / "captures"
MOTTO = "A mock of the TensorFlow Developer exam"
PART = 0.05
_SHOWN_AS = "/home/ada/tensorflow-exams"
_LONG = 300


class Hands(ABC):
    """What a candidate does, in the app in `app`."""

    name: str

    def __init__(self, app: Tmux) -> None:
        self.app = app

    @abstractmethod
    def new_exam(self) -> None:
        """From home to set-up."""

    @abstractmethod
    def prepare(self) -> None:
        """Let the paper be prepared, as the set-up is."""

    @abstractmethod
    def start(self) -> None:
        """Start the clock."""

    @abstractmethod
    def category(self, number: int) -> None:
        """Turn to a category."""

    @abstractmethod
    def pane(self, name: str) -> None:
        """Show a pane."""

    @abstractmethod
    def restore(self) -> None:
        """Put the oldest model in sight back into the folder."""

    @abstractmethod
    def help(self) -> None:
        """Open the help."""

    @abstractmethod
    def close_help(self) -> None:
        """Close it."""

    @abstractmethod
    def end(self) -> None:
        """Ask for the end."""

    @abstractmethod
    def end_now(self) -> None:
        """Mean it."""

    @abstractmethod
    def home(self) -> None:
        """From the result to home."""

    @abstractmethod
    def history(self) -> None:
        """From home to the history."""

    @abstractmethod
    def open_result(self) -> None:
        """Open the first result of the history."""

    @abstractmethod
    def back_from_history(self) -> None:
        """From the history to home."""

    @abstractmethod
    def quit(self) -> None:
        """Leave tfexam."""


class Keyboard(Hands):
    """Touches no mouse."""

    name = "keyboard"

    def new_exam(self) -> None:
        self.app.press("n")

    def prepare(self) -> None:
        self.app.press("F2")

    def start(self) -> None:
        self.app.press("s")

    def category(self, number: int) -> None:
        self.app.press(str(number))

    def pane(self, name: str) -> None:
        self.app.press({"submissions": "m"}.get(name, name[0]))

    def restore(self) -> None:
        self.app.wait_for(r"\br Restore")  # the list has the keys now
        self.app.press("End", "r")

    def help(self) -> None:
        self.app.press("F1")

    def close_help(self) -> None:
        self.app.press("Escape")

    def end(self) -> None:
        self.app.press("e")

    def end_now(self) -> None:
        self.app.press("y")

    def home(self) -> None:
        self.app.press("Enter")

    def history(self) -> None:
        self.app.press("h")

    def open_result(self) -> None:
        self.app.press("Enter")

    def back_from_history(self) -> None:
        self.app.press("Escape")

    def quit(self) -> None:
        self.app.press("C-q")


class Mouse(Hands):
    """Touches no key."""

    name = "mouse"

    def new_exam(self) -> None:
        self.app.click("Start an exam")

    def prepare(self) -> None:
        self.app.click("Prepare the paper")

    def start(self) -> None:
        self.app.click("Start the clock")

    def category(self, number: int) -> None:
        self.app.click(rf"(?m)^│ +({number}  )")

    def pane(self, name: str) -> None:
        self.app.click(f"{'m' if name == 'submissions' else name[0]} {name.capitalize()}")

    def restore(self) -> None:
        self.app.click(r"│ +(#1) ")
        self.app.click(r"r (Restore)")

    def help(self) -> None:
        self.app.click("F1 (Help)")

    def close_help(self) -> None:
        self.app.click("esc (Close)")

    def end(self) -> None:
        self.app.click(r"\be (End)")

    def end_now(self) -> None:
        self.app.click("End now")

    def home(self) -> None:
        self.app.click("enter (Home)")

    def history(self) -> None:
        self.app.click(r"(?m)^.*│ +(History)")

    def open_result(self) -> None:
        self.app.click(r"[✓✗] (?:not )?passed")

    def back_from_history(self) -> None:
        self.app.click("esc (Back)")

    def quit(self) -> None:
        self.app.click(r"(?m)^.*│ +(Quit)")


def sit(room: ExamRoom, kind: Callable[[Tmux], Hands]) -> dict[str, str]:
    """Sit a whole exam; what was seen on the way, by the name of the place."""
    environment = {**room.environment, "TFEXAM_WORKSPACES": str(room.workspace)}
    command = [sys.executable, "-m", "tui.cli"]
    with Tmux(command, environment=environment, folder=room.folder) as app:
        seen = Seen(app)
        hands = kind(app)
        set_up(hands, seen)
        folder = next(room.workspace.iterdir())
        work(hands, seen, folder, sitting_of(room))
        leave(hands, seen)
        assert app.wait_until_left() == 0
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
    seen.keep("home", MOTTO)
    hands.new_exam()
    seen.keep("setup", "Prepare the paper")
    hands.prepare()
    hands.app.wait_for("The paper is ready", _LONG)
    hands.start()
    seen.keep("exam", "○ not started")


def work(hands: Hands, seen: Seen, folder: Path, sitting: Path) -> None:
    """A model in each category, a second in the first, and a look at everything."""
    tasks = list(read_tasks(sitting, read_record(sitting)).values())
    place = sitting.parent
    *models, worse = quick_models(sitting, [*map(Wanted, tasks), Wanted(tasks[0], PART)], place)
    save(folder, 1, worse)
    scored(hands, 1)
    for number, model in enumerate(models, start=1):
        hands.category(number)
        hands.app.wait_for(rf"Category {number} ·")
        save(folder, number, model)
        if number == 1:
            hands.app.wait_for("2 attempts", _LONG)
        scored(hands, number)
        seen.keep(f"category {number}", rf"Category {number} ·")
    hands.category(1)
    hands.app.wait_for("Category 1 ·")
    for name, wanted in (("files", "mymodel.h5"), ("training", "csv|CSV"), ("submissions", "#2")):
        hands.pane(name)
        seen.keep(name, wanted)
    hands.restore()
    seen.keep("restored", "in the folder")
    hands.pane("brief")
    gone(hands, "r Restore")  # the footer moves together before one clicks on it
    hands.help()
    seen.keep("help", "Work in your editor")
    hands.close_help()
    gone(hands, "esc Close")


def gone(hands: Hands, words: str) -> None:
    """Wait until `words` are no longer on the screen."""
    hands.app.wait_until(lambda text: words not in text, f"a screen without {words!r}")


def save(folder: Path, number: int, model: bytes) -> None:
    """As a training does that has come to its end."""
    (folder / f"Category{number}" / "mymodel.h5").write_bytes(model)


def scored(hands: Hands, number: int) -> None:
    """Wait until a category has a score and nothing of it is graded any more."""
    hands.app.wait_for(rf"(?m)^│ +{number}  .*[■□]{{5}} [0-5]/5", _LONG)


def leave(hands: Hands, seen: Seen) -> None:
    """To the end, the result, the history, and out."""
    hands.end()
    seen.keep("end", "End the exam\\?")
    hands.end_now()
    seen.keep("result", "PASSED", _LONG)
    hands.home()
    hands.app.wait_for(MOTTO)
    hands.history()
    seen.keep("history", "passed")
    hands.open_result()
    seen.keep("earlier result", "PASSED")
    hands.home()
    hands.app.wait_for("Scores")
    hands.back_from_history()
    hands.app.wait_for(MOTTO)
    hands.quit()


def main() -> None:
    """Keep what each of them sees."""
    CAPTURES.mkdir(exist_ok=True)
    for kind in (Keyboard, Mouse):
        with tempfile.TemporaryDirectory(prefix="tfexam-hands-") as name:
            room = ExamRoom(Path(name))
            shown = [f"== {place}\n\n{text.rstrip()}\n" for place, text in sit(room, kind).items()]
            # A folder of the same length, so that the frames stay straight.
            text = "\n".join(shown).replace(name, _SHOWN_AS.ljust(len(name), "s")[: len(name)])
            (CAPTURES / f"{kind.name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
