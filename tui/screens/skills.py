"""The skills of the exam: how strong each is, the weakest first, and the tasks that test it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui import actions
from tui.link import messages
from tui.locale import N_, _
from tui.screens import skills_text
from tui.screens.view import View
from tui.start import NewPractice

if TYPE_CHECKING:
    from engine.coaching.standing import Standing
    from engine.coaching.strength import SkillStrength


class SkillsScreen(View[None]):
    """A list of the skills, and the details of the highlighted one."""

    CSS_PATH: ClassVar = ["skills.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("skills")]
    AUTO_FOCUS = "#skills"

    target = "skills"
    help_text = N_(
        "The skills that the exam tests, the weakest first. A skill is as strong as the best "
        "score of a task that tests it, and fades with time, sooner after hints. A sitting in "
        "faithful mode counts once it has ended. Enter practises the tasks of a skill."
    )

    menu = getters.query_one("#skills", OptionList)

    def __init__(self) -> None:
        super().__init__()
        self._standing: Standing | None = None
        self._skills: list[SkillStrength] = []

    def body(self) -> ComposeResult:
        """List and details."""
        with Vertical(id="list", classes="panel") as listed:
            listed.border_title = _("Skills")
            yield OptionList(id="skills", markup=False)
        with VerticalScroll(id="about", classes="panel"):
            yield Static(_("Reading your sittings …"), id="details")

    def on_screen_resume(self) -> None:
        """Read the sittings: there may be a new one."""
        self.bridge.read_standing(self)

    def on_resize(self) -> None:
        """Fit the lines to the new width."""
        self.call_after_refresh(self._fill)

    @on(messages.StandingRead)
    def _show(self, message: messages.StandingRead) -> None:
        self._standing = message.standing
        self._skills = message.standing.skills()
        self._fill()

    def _fill(self) -> None:
        if self._standing is None or not self.query("#skills"):
            return
        place = self.menu.highlighted or 0
        width = self.menu.scrollable_content_region.width - 2
        self.menu.set_options(
            Option(skills_text.row(each, width), id=each.skill.id) for each in self._skills
        )
        self.menu.highlighted = place
        covered = skills_text.coverage(self._skills)
        self.query_one("#list", Vertical).border_subtitle = covered
        self._detail()

    @property
    def _chosen(self) -> SkillStrength | None:
        place = self.menu.highlighted
        return None if place is None or place >= len(self._skills) else self._skills[place]

    @on(OptionList.OptionHighlighted)
    def _detail(self) -> None:
        """Show the highlighted skill."""
        chosen, standing = self._chosen, self._standing
        if chosen is not None and standing is not None:
            lines = skills_text.details(chosen, standing)
            self.query_one("#details", Static).update(Content("\n").join(lines))
        self.refresh_bindings()

    def _tasks(self) -> tuple[str, ...]:
        """The tasks of the highlighted skill whose data are here."""
        chosen, standing = self._chosen, self._standing
        if chosen is None or standing is None:
            return ()
        return tuple(each for each in chosen.tasks if skills_text.is_here(each, standing))

    def allows(self, action: str) -> bool:
        """Practising needs a task."""
        return bool(self.is_mounted and self._tasks()) if action == "practise" else True

    @on(OptionList.OptionSelected)
    def action_practise(self) -> None:
        """Set up a practice session with the tasks of this skill."""
        if tasks := self._tasks():
            self.exam_app.show_setup(NewPractice(tasks))
