"""Home: what you can start, the open sitting first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.errors import TfexamError
from tui import actions
from tui.locale import N_, _, ngettext
from tui.screens.view import View
from tui.start import NewExam
from tui.text.format import clock_text, fit
from tui.text.levels import level_word

if TYPE_CHECKING:
    from engine.sitting.store.history import Summary
    from engine.sitting.views.retake import RetakeWait
    from tui.link.messages import StandingRead
    from tui.screens.confirm import Question

_WORDMARK = (
    "▀█▀ █▀▀ █▀▀ ▀▄▀ ▄▀█ █▀▄▀█",
    " █  █▀  ██▄ █ █ █▀█ █ ▀ █",
)
_CELLS = 54  # of a line in the menu
# Action, title, description, and whether that is a warning.
Line = tuple[str, str, str, bool]

_CHOICES = (
    ("new_exam", N_("Start an exam"), N_("five categories, {minutes} minutes, level: {level}")),
    ("practice", N_("Practice"), N_("single tasks, with an explanation of each score")),
    ("history", N_("History"), N_("earlier sittings and their results")),
    ("skills", N_("Skills"), N_("how strong each skill of the exam is")),
    ("data", N_("Data"), N_("public data sets: list, fetch, add, verify")),
    ("settings", N_("Settings"), N_("language, theme, folders, grading")),
    ("quit", N_("Quit"), N_("leave tfexam")),
)


class HomeScreen(View[None]):
    """The first screen, and the one that every other returns to."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("home")]
    AUTO_FOCUS = "#menu"

    target = "home"
    works_small = True
    help_text = N_(
        "tfexam is a mock of the TensorFlow Developer exam: five tasks, five hours, "
        "and real models graded on data you do not see. Start an exam to sit all five "
        "tasks, or practise single ones. A sitting that has not ended waits here with "
        "its clock running. After a failed exam the real one makes you wait; here you "
        "may go on at once."
    )

    menu = getters.query_one("#menu", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._summary: Summary | None = None
        self._wait: RetakeWait | None = None
        self._waived: RetakeWait | None = None
        self._last: Summary | None = None
        self._next = ""
        self._is_strict = False
        self._filled: tuple[list[Line], list[str]] | None = None

    def body(self) -> ComposeResult:
        """Wordmark and menu."""
        self._filled = None
        with Vertical(id="middle"):
            yield Static("\n".join(_WORDMARK), id="wordmark", markup=False)
            yield Static(_("A mock of the TensorFlow Developer exam"), id="motto")
            yield OptionList(id="menu", markup=False)
            yield Static(id="standing", classes="panel")

    def on_mount(self) -> None:
        """Fill the menu for the first paint, if this screen is the one shown."""
        if self.exam_app.starts_at_home:
            self._look()

    def on_screen_resume(self) -> None:
        """Refill the menu: a sitting may have been opened or ended meanwhile."""
        self.call_after_refresh(self._look)

    def on_resize(self) -> None:
        """Tell where one stands in the menu, or below it where there is room."""
        # Not now: Textual's own handler, which sets the breakpoint class, runs after ours.
        self.call_after_refresh(self._look)

    def _look(self) -> None:
        # Screens above this one come and go; look only if this one stays on top.
        if not self.is_current:
            return
        summaries: list[Summary] = []
        try:
            summaries = self.exam_app.services.sittings()
        except TfexamError as error:
            self.exam_app.show_trouble(error)
        self._summary = next((each for each in summaries if each.is_open), None)
        self._last = _last_of(summaries)
        self._wait = self._wait_after(summaries) if summaries else None
        # While a faithful or blind exam runs, nothing of that sort is told.
        self._is_strict = any(
            each.phase == "running" and each.mode != "coach" for each in summaries
        )
        self._next = "" if self._is_strict else self._next
        self._fill()
        self.refresh_bindings()
        if summaries and not self._is_strict:
            self.bridge.read_standing(self)

    # By its name, not by `@on`: the messages are imported after the first paint.
    def on_standing_read(self, message: StandingRead) -> None:
        """Say below "Practice" what to practise next."""
        from tui.text.coaching import next_text

        self._next = next_text(message.standing)
        if self.is_current:
            self._fill()

    def _wait_after(self, summaries: list[Summary]) -> RetakeWait | None:
        from engine.sitting.views.retake import retake_wait

        return retake_wait(summaries, self.exam_app.clock.now())

    def _lines(self) -> Iterator[Line]:
        if self._summary is not None:
            yield ("resume", *_resume_text(self._summary), False)
        settings = self.exam_app.settings
        facts = {"minutes": f"{settings.minutes:g}", "level": level_word(settings.level)}
        told = self._told()
        for name, title, text in _CHOICES:
            said = told.get(name) or _(text).format_map(facts)
            yield (name, _(title), said, name == "new_exam" and self._wait is not None)

    def _told(self) -> dict[str, str]:
        """What lines of the menu say instead of what they are for."""
        found = {} if self._wait is None else {"new_exam": _wait_text(self._wait)}
        if not self._is_roomy:  # else it stands below the menu
            if self._last is not None:
                found["history"] = _last_text(self._last)
            if self._next:
                found["practice"] = fit(self._next, _CELLS).rstrip()
        return found

    @property
    def _is_roomy(self) -> bool:
        return self.has_class("-high")

    def _fill(self) -> None:
        lines = list(self._lines())
        standing = self._standing_lines() if self._is_roomy else []
        if (lines, standing) == self._filled:
            return
        self._filled = (lines, standing)
        highlighted = self.menu.highlighted or 0
        self.menu.set_options(_option(*line) for line in lines)
        self.menu.highlighted = min(highlighted, len(lines) - 1)
        panel = self.query_one("#standing", Static)
        panel.display = bool(standing)
        panel.update(Content("\n".join(standing)))

    def _standing_lines(self) -> list[str]:
        """The last result and what to practise next, where there is room for them."""
        if self._last is None:
            return [self._next] if self._next else []
        lines = [_last_text(self._last)]
        # The second line is there before it is known, or everything above would move.
        return lines if self._is_strict else [*lines, self._next or "…"]

    @on(OptionList.OptionSelected, "#menu")
    async def chosen(self, event: OptionList.OptionSelected) -> None:
        """Run the action of the chosen line."""
        await self.run_action(str(event.option_id) if event.option_id != "quit" else "app.quit")

    def allows(self, action: str) -> bool:
        """Resume needs an open sitting."""
        if action == "resume":
            return self._summary is not None
        return action != "back"

    async def action_resume(self) -> None:
        """Resume the open sitting."""
        if self._summary is not None:
            await self.exam_app.resume(Path(self._summary.folder))

    def action_new_exam(self) -> None:
        """Set up an exam; ask first, once, if the real exam would make you wait."""
        questions = self._second_sitting()
        if self._wait is not None and self._wait != self._waived:
            from tui.screens.confirm import retake_question

            questions.append(retake_question(self._wait))
        self._ask_then(questions, self._set_up)

    def _set_up(self) -> None:
        self._waived = self._wait
        self.exam_app.show_setup(NewExam(), ask=True)

    def action_practice(self) -> None:
        """Choose tasks to practise."""
        self._ask_then(self._second_sitting(), self.exam_app.show_practice)

    def _second_sitting(self) -> list[Question]:
        """The question to ask if another sitting's clock is running, else none."""
        summary = self._summary
        if summary is None or summary.phase != "running" or summary.time_left <= 0:
            return []
        from tui.screens.confirm import second_sitting_question

        return [second_sitting_question(summary.kind, summary.time_left)]

    def _ask_then(self, questions: list[Question], begin: Callable[[], None]) -> None:
        """Start something new, after asking what there is to ask."""
        if not questions:
            begin()
            return
        from tui.screens.confirm import ask_in_turn

        ask_in_turn(self.app, questions, begin)

    def action_history(self) -> None:
        """Earlier sittings."""
        self.exam_app.show_history()

    def action_skills(self) -> None:
        """How strong each skill is."""
        self.exam_app.show_skills()

    def action_data(self) -> None:
        """The public data sets."""
        self.exam_app.show_data()

    def action_settings(self) -> None:
        """Every setting."""
        self.exam_app.show_settings()


def _option(name: str, title: str, text: str, warns: bool) -> Option:
    tone = "$text-warning" if warns else "$foreground-muted"
    return Option(Content.assemble((title, "bold"), "\n", (text, tone)), id=name)


def _last_of(summaries: list[Summary]) -> Summary | None:
    """The newest sitting that is over and graded."""
    over = (each for each in summaries if each.phase == "ended" and not each.unfinished)
    return next(over, None)


def _last_text(summary: Summary) -> str:
    """The result of the sitting before."""
    kind = _("Exam") if summary.kind == "exam" else _("Practice")
    if summary.kind == "exam":
        word = "✓ " + _("passed") if summary.passed else "✗ " + _("not passed")
    else:
        word = "● " + _("over")
    text = _("last: {kind} {result}, {percent} %")
    return text.format(kind=kind, result=word, percent=f"{summary.percent:.0f}")


def _wait_text(wait: RetakeWait) -> str:
    return "! " + _("the real exam's retake wait: until {date}").format(date=wait.until.isoformat())


def _resume_text(summary: Summary) -> tuple[str, str]:
    title = _("Resume the exam") if summary.kind == "exam" else _("Resume the practice session")
    if summary.level:
        title = " · ".join((title, level_word(summary.level)))
    if summary.phase == "ended":
        count = summary.unfinished
        return _("Show the result"), ngettext(
            "{n} grading is still to come", "{n} gradings are still to come", count
        ).format(n=count)
    if summary.time_left <= 0:
        return _("Show the result"), _("time ran out while you were away")
    left = clock_text(summary.time_left)
    if summary.phase == "paused":
        return title, _("paused with {left} left").format(left=left)
    return title, _("{left} left, and the clock is running").format(left=left)
