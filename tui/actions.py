"""The one table of actions: bindings, footer, help and palette all come from it.

`target` is the kind of screen an action belongs to; "view" are all full screens, "app" is
everywhere. An action is shown only where its screen's `check_action` allows it now.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from textual.binding import Binding

from tui.locale import N_, _


@dataclass(frozen=True)
class Action:
    """One thing a person can do: `keys` as Textual names them, separated by commas.

    `name` is the action with its arguments, such as "select(1)". An action without
    keys is in the palette only; one with `footer` off is in help and palette only.
    """

    target: str
    name: str
    keys: str
    label: str
    tooltip: str
    footer: bool = True
    shown_as: str = ""
    palette: bool = True

    @property
    def id(self) -> str:
        """Its name in keymaps."""
        return f"{self.target}.{self.name}"

    @property
    def first_key(self) -> str:
        """The key that footer and help show."""
        return self.keys.split(",")[0]

    def key_text(self) -> str:
        """The key as people read it."""
        return self.shown_as or _KEY_NAMES.get(self.first_key, self.first_key)


_KEY_NAMES = {
    "f1": "F1",
    "f2": "F2",
    "f3": "F3",
    "f4": "F4",
    "escape": "esc",
    "ctrl+p": "^p",
    "ctrl+q": "^q",
    "enter": "enter",
    "slash": "/",
    "space": "space",
    "left": "←",
    "right": "→",
}


def _filter_of(target: str) -> Action:
    return Action(target, "filter", "slash", N_("Filter"), N_("Show only what matches some words"))


# In a terminal ctrl+h, i, m and [ are backspace, tab, enter and escape, and ctrl+z suspends;
# a browser keeps ctrl+w, t and n for itself. So no action uses these.
ACTIONS: tuple[Action, ...] = (
    Action("home", "resume", "r", N_("Resume"), N_("Resume the open sitting")),
    Action("home", "new_exam", "n", N_("Exam"), N_("Set up an exam with five categories")),
    Action(
        "home", "practice", "p", N_("Practice"), N_("Choose tasks and practise without pressure")
    ),
    Action("home", "history", "h", N_("History"), N_("See the results of earlier sittings")),
    Action(
        "home",
        "skills",
        "k",
        N_("Skills"),
        N_("See how strong each skill of the exam is"),
        footer=False,
    ),
    Action("skills", "practise", "p,enter", N_("Practise"), N_("Practise tasks of this skill")),
    Action("home", "data", "d", N_("Data"), N_("See which data sets are here, and fetch more")),
    Action("home", "settings", "s", N_("Settings"), N_("Change the settings of tfexam")),
    Action("practice", "choose", "space", N_("Choose"), N_("Choose this task, or leave it out")),
    Action(
        "practice", "set_up", "f2,s", N_("Set up"), N_("Prepare a session with the chosen tasks")
    ),
    _filter_of("practice"),
    Action("practice", "data", "f3", N_("Data"), N_("Fetch the data of more tasks")),
    Action("setup", "prepare", "f2", N_("Prepare"), N_("Prepare a paper with these options")),
    Action("setup", "data", "f3", N_("Data"), N_("Fetch the data of more tasks")),
    Action("setup", "begin", "s", N_("Start"), N_("Start the clock")),
    Action(
        "setup", "details", "d", N_("Details"), N_("Show every check, or only what is not good")
    ),
    Action("setup", "retry", "r", N_("Try again"), N_("Check and prepare again")),
    Action("data", "mark", "space", N_("Mark"), N_("Mark this data set, to fetch several at once")),
    Action(
        "data",
        "fetch",
        "f",
        N_("Fetch"),
        N_("Fetch the missing files of the marked data sets, or of this one"),
    ),
    Action("data", "cancel", "c", N_("Cancel"), N_("Stop fetching; what has arrived is kept")),
    _filter_of("data"),
    Action("data", "add", "a", N_("Add"), N_("Add a file that you downloaded yourself")),
    Action("data", "verify", "v", N_("Verify"), N_("Check the hash of every file")),
    Action("exam", "select(0)", "1", N_("Category"), N_("Show category 1"), shown_as="1–5"),
    Action("exam", "select(1)", "2", N_("Category 2"), N_("Show category 2"), footer=False),
    Action("exam", "select(2)", "3", N_("Category 3"), N_("Show category 3"), footer=False),
    Action("exam", "select(3)", "4", N_("Category 4"), N_("Show category 4"), footer=False),
    Action("exam", "select(4)", "5", N_("Category 5"), N_("Show category 5"), footer=False),
    Action("exam", "submit", "s", N_("Submit"), N_("Grade mymodel.h5 of this category now")),
    Action("exam", "cancel", "c", N_("Cancel"), N_("Cancel the grading in progress")),
    Action("exam", "edit", "o", N_("Edit"), N_("Open starter.py of this category in $EDITOR")),
    Action("exam", "later", "l", N_("Later"), N_("Mark this task to come back to, or unmark it")),
    Action("exam", "reset", "a", N_("Reset"), N_("Start this task again"), False),
    Action("exam", "restore", "r", N_("Restore"), N_("Put this model back into the folder")),
    Action("exam", "hint", "h", N_("Hint"), N_("Show the next hint; the result counts them")),
    Action("exam", "give_up", "u", N_("Give up"), N_("Give this task up and review it"), False),
    Action("exam", "review", "v", N_("Review"), N_("See what the score is made of")),
    Action("exam", "pause", "p", N_("Pause"), N_("Pause or resume the practice clock")),
    Action("exam", "next_task", "n", N_("Next task"), N_("Move on to the next task"), False),
    Action("exam", "end", "e", N_("End"), N_("End the sitting and see the result")),
    Action("exam", "pane('brief')", "b", N_("Brief"), N_("Show the brief"), footer=False),
    Action("exam", "pane('files')", "f", N_("Files"), N_("Show the folder's files"), footer=False),
    Action(
        "exam",
        "pane('submissions')",
        "m",
        N_("Submissions"),
        N_("Show every model that was submitted"),
        footer=False,
    ),
    Action(
        "exam",
        "pane('training')",
        "t",
        N_("Training"),
        N_("Show the training curves"),
        footer=False,
    ),
    Action("exam", "next_pane(1)", "right", N_("Next pane"), N_("Show the next pane"), False),
    Action(
        "exam", "next_pane(-1)", "left", N_("Previous pane"), N_("Show the previous pane"), False
    ),
    Action("exam", "zoom", "z", N_("Zoom"), N_("Zoom this pane in or out"), False),
    Action("exam", "machine", "g", N_("Machine"), N_("Open or close the machine panel"), False),
    Action("exam", "folder", "d", N_("Folder"), N_("Show the folder in the file manager"), False),
    Action(
        "exam",
        "downloads",
        "w",
        N_("Watch Downloads"),
        N_("Offer models that arrive in Downloads, or stop"),
        footer=False,
    ),
    Action("exam", "clear_notice", "x", N_("Clear"), N_("Dismiss the notice"), footer=False),
    Action("end", "end", "y", N_("End now"), N_("End the sitting and see the result")),
    Action("end", "submit", "s", N_("Submit saved models"), N_("Grade the saved models now")),
    Action("end", "stay", "n,escape", N_("Keep working"), N_("Close this; nothing has ended")),
    Action("result", "home", "enter", N_("Home"), N_("Back to the home screen")),
    Action("result", "review", "v", N_("Review"), N_("See hints, solutions and what changed")),
    Action("history", "open", "o,enter", N_("Open"), N_("Show the result of this sitting")),
    _filter_of("history"),
    Action("history", "review", "v", N_("Review"), N_("Review the tasks of this sitting")),
    Action("history", "remove", "x", N_("Remove"), N_("Remove what was prepared and not started")),
    Action("review", "read", "enter", N_("Read"), N_("Move into the text"), footer=False),
    Action("confirm", "confirm", "y", N_("Yes"), N_("Do it"), palette=False),
    Action("confirm", "back", "n,escape", N_("No"), N_("Go back"), palette=False),
    Action("reset", "confirm", "y", N_("Reset"), N_("Start this task again"), palette=False),
    Action("reset", "all", "t", N_("Reset all"), N_("Start all tasks again"), palette=False),
    Action("reset", "back", "n,escape", N_("Keep my work"), N_("Go back"), palette=False),
    Action("help", "back", "escape,f1,q", N_("Close"), N_("Close help"), palette=False),
    Action("view", "back", "escape", N_("Back"), N_("Back to the previous screen")),
    Action("app", "help", "f1,question_mark", N_("Help"), N_("Explain this screen")),
    Action(
        "app",
        "command_palette",
        "ctrl+p",
        N_("Palette"),
        N_("Search all commands"),
        footer=False,
        palette=False,
    ),
    Action("app", "quit", "ctrl+q", N_("Quit"), N_("Leave tfexam; a running clock keeps running")),
    Action(
        "app",
        "use_theme('tfexam-dark')",
        "",
        N_("Dark theme"),
        N_("Calm, on a dark background"),
        False,
    ),
    Action("app", "use_theme('tfexam-light')", "", N_("Light theme"), N_("Ink on paper"), False),
    Action(
        "app",
        "use_theme('tfexam-clear')",
        "",
        N_("Colour-blind-safe theme"),
        N_("Blue for good, orange for bad"),
        False,
    ),
)


def of(target: str) -> Iterator[Action]:
    """The actions of one kind of screen, in the order of the table."""
    return (each for each in ACTIONS if each.target == target)


def on_screen(target: str) -> tuple[Action, ...]:
    """Every action that a screen of this kind can offer, in footer and help order."""
    shared = of("view") if target not in {"confirm", "end", "help", "reset"} else ()
    return (*of(target), *shared, *of("app"))


def bindings(target: str) -> list[Binding]:
    """The key bindings of one kind of screen.

    Labels stay untranslated here: a class is made before the language is known.
    """
    return [
        Binding(
            each.keys,
            each.name,
            each.label,
            show=each.footer,
            tooltip=each.tooltip,
            id=each.id,
        )
        for each in of(target)
        if each.keys
    ]


def help_lines(target: str) -> Iterator[tuple[str, str]]:
    """The key and meaning of each action of a screen, then of those that work everywhere."""
    for each in on_screen(target):
        if (each.keys and not each.name.startswith("select(")) or each.shown_as:
            meaning = each.tooltip if each.shown_as != "1–5" else N_("Show a category")
            yield each.key_text(), _(meaning)
