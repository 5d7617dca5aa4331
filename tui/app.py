"""ExamApp: modes, signals and themes; no rules of the exam.

Screens and the engine's messages are imported when they are first needed, to keep the first
paint fast. The theme is set before anything is styled, for the same reason. However the app
ends (quit, signal, fault), it closes the bridge on the way out: gradings are killed by
process group, the terminal is restored, and the sitting is kept.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter, Monochrome, NoColor
from textual.geometry import Size
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from exam_bank.platform import terminal
from tui import actions, themes, wide_cells
from tui.link.bridge import Bridge, unexpected
from tui.link.explanations import AFTER_START, Explanations
from tui.locale import _, say, set_language
from tui.printable_filter import PrintableFilter
from tui.start import Home, NewExam, NewPractice, Resume, Start
from tui.terminal import bounded, colour_filter, farewell, in_browser, without_colour
from tui.text import line_breaks

if TYPE_CHECKING:
    from textual.theme import Theme
    from textual.types import CSSPathType

    from engine.clock import Clock
    from engine.errors import TfexamError
    from engine.settings import Settings
    from engine.sitting.state.sitting import Sitting
    from tui.link.messages import EngineNotice
    from tui.link.services import Services
    from tui.text.outcome import Outcome

__all__ = ["ExamApp", "Home", "NewExam", "NewPractice", "Resume", "Start", "run"]

_TROUBLE_SECONDS = 15.0


class ExamApp(App[None]):
    """The terminal app; it reaches the engine only through `services`."""

    TITLE = "tfexam"
    # The first screen's too: a style sheet that is added later makes Textual reread all of them.
    CSS_PATH: ClassVar[CSSPathType | None] = ["app.tcss", "screens/home.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings("app")]
    COMMANDS = App.COMMANDS

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        start: Start | None = None,
        *,
        services: Services | None = None,
    ) -> None:
        # Before anything is shown or measured: plain text is translated when it is made.
        set_language(settings.language)
        line_breaks.use_in_textual()
        wide_cells.use_in_textual()
        super().__init__()
        self._printable = PrintableFilter()
        # Textual also takes an empty variable for set.
        self.no_color = without_colour()
        self.palette = colour_filter(None, colourless=self.no_color)
        for theme in (*themes.OURS, *([themes.PLAIN] if self.no_color else [])):
            self.register_theme(theme)
        # Before the first screen: setting a theme later makes Textual reread all style sheets.
        self.theme = self._theme_of(settings)
        self.settings = settings
        self.clock = clock
        self.services = services or _engine(settings, clock)
        self.bridge = Bridge(self, self.services)
        self.explanations = Explanations(self, self.services, self.bridge)
        self._start = start or Home()
        self._stop_listening: terminal.Stop | None = None
        self._is_away = self._is_leaving = False
        self._touched = clock.now()

    # -- life ---------------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        """Home: every other screen is pushed on top of it, so no empty screen is painted first.

        It is not a mode of the app: Textual would read a mode's style sheets twice.
        """
        from tui.screens.home import HomeScreen

        return HomeScreen()

    async def on_event(self, event: events.Event) -> None:
        """Note when a key or the mouse was used last."""
        if isinstance(event, events.InputEvent):
            self._touched = self.clock.now()
        await super().on_event(event)

    @property
    def untouched_seconds(self) -> float:
        """How long neither a key nor the mouse was used."""
        return self.clock.now().since(self._touched)

    @property
    def size(self) -> Size:
        """The size of the terminal, capped at what can be drawn."""
        return Size(*bounded(*super().size))

    def on_resize(self, event: events.Resize) -> None:
        """Resize to at most what can be drawn: a terminal may claim any size."""
        drawn = Size(*bounded(*event.size))
        if drawn != event.size:
            # Otherwise Textual also calls the base classes' handlers, with the claimed size.
            event.prevent_default().stop()
            self.post_message(events.Resize(drawn, drawn))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, the colours that the terminal has, and only printable text."""
        theirs = (
            each
            for each in super().get_line_filters()
            if not isinstance(each, Monochrome | NoColor)
        )
        ours = (each for each in (self.palette, self._printable) if each is not None)
        return [*theirs, *ours]

    def on_mount(self) -> None:
        """Catch signals, and open the screen that was asked for."""
        if not self.is_headless:
            self.palette = colour_filter(self.console.color_system, colourless=self.no_color)
        self._catch_signals()
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        # `run_app` disabled it so that it does not delay the first paint.
        self.call_after_refresh(gc.enable)
        # Also where no refresh ever ends, or memory would grow without end.
        self.set_timer(5, gc.enable)
        if isinstance(self._start, Home):
            self.set_timer(AFTER_START, self.explanations.begin)
        match self._start:
            case Resume(folder):
                self.run_worker(self.resume(folder), group="open", exit_on_error=False)
            case NewExam() | NewPractice():
                self.show_setup(self._start)
            case Home():
                pass

    @property
    def starts_at_home(self) -> bool:
        """Whether the app was started without asking for another screen."""
        return isinstance(self._start, Home)

    def _catch_signals(self) -> None:
        """Exit cleanly on a signal; Textual alone would leave the terminal broken (#5140)."""
        if self._stop_listening is None:
            self._stop_listening = terminal.when_told_to_leave(self._told_to_leave)

    def _told_to_leave(self) -> None:
        """Leave; if an editor has the terminal, wait until we have it back."""
        self._is_leaving = True
        if self._is_away:
            self.workers.cancel_group(self, "editor")
        else:
            self.exit()

    def exit(self, *given: Any, **options: Any) -> None:
        """Leave; the sitting starts to close while Textual restores the terminal."""
        self.bridge.close_soon()
        super().exit(*given, **options)

    async def on_unmount(self) -> None:
        """Close the sitting, and restore the signal handlers."""
        await self.bridge.close()
        if self._stop_listening is not None:
            self._stop_listening()

    async def run_async(self, **options: Any) -> None:
        """Run, and close the bridge even if Textual fails."""
        # Before Textual takes the terminal: a signal may come while the first screen is built.
        self._catch_signals()
        try:
            return await super().run_async(**options)
        finally:
            await self.bridge.close()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Report a worker's fault and carry on."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.show_trouble(unexpected(event.worker.error))

    def on_engine_notice(self, message: EngineNotice) -> None:
        """Show trouble that comes while no screen is subscribed."""
        from engine.sitting.notices import Trouble

        if isinstance(message.notice, Trouble):
            self.show_trouble(message.notice.error)

    def show_trouble(self, error: TfexamError) -> None:
        """Show a notification that says what happened and what to do."""
        self.notify(
            f"{say(error.message)}\n{say(error.fix)}".rstrip(),
            title=_(error.title),
            severity="error",
            timeout=_TROUBLE_SECONDS,
            markup=False,
        )

    # -- settings -----------------------------------------------------------------------

    def _theme_of(self, settings: Settings) -> str:
        wanted = themes.PLAIN.name if self.no_color else settings.theme or themes.DARK.name
        return wanted if wanted in self.available_themes else themes.DARK.name

    def _keep_theme(self, theme: Theme) -> None:
        """Save a theme that was chosen in the palette, as the settings screen does."""
        if theme.name == self._theme_of(self.settings):
            return
        from engine.errors import TfexamError
        from engine.settings_file import change
        from engine.settings_schema import setting

        try:
            self.settings = change(self.settings, setting("theme"), theme.name)
        except TfexamError as error:
            self.show_trouble(error)
        if self.no_color:
            self.theme = themes.PLAIN.name

    async def use_settings(self, settings: Settings) -> None:
        """Use other settings from now on; a new language or theme shows at once."""
        was, self.settings = self.settings, settings
        self.services.use(settings)
        if settings.theme != was.theme:
            self.theme = self._theme_of(settings)
        if settings.language != was.language:
            set_language(settings.language)
            for screen in self.screen_stack:
                await screen.recompose()

    # -- screens ------------------------------------------------------------------------

    def show_setup(self, order: NewExam | NewPractice | Path, *, ask: bool = False) -> None:
        """Set up a new sitting, or one that is already prepared in a folder.

        With `ask` the candidate chooses the options of a new exam first.
        """
        from tui.screens.setup import SetupScreen

        self.push_screen(SetupScreen(order, ask=ask))

    def show_practice(self) -> None:
        """Choose the tasks of a practice session."""
        from tui.screens.practice import PracticeScreen

        self.push_screen(PracticeScreen())

    def show_skills(self) -> None:
        """The skills of the exam, the weakest first."""
        from tui.screens.skills import SkillsScreen

        self.push_screen(SkillsScreen())

    def show_data(self) -> None:
        """The public data sets: what is here, and how to get the rest."""
        from tui.screens.data import DataScreen

        self.push_screen(DataScreen())

    def show_settings(self) -> None:
        """Every setting, and where its value comes from."""
        from tui.screens.settings import SettingsScreen

        self.push_screen(SettingsScreen())

    def show_history(self) -> None:
        """Earlier sittings."""
        from tui.screens.history import HistoryScreen

        self.push_screen(HistoryScreen())

    def show_result(self, outcome: Outcome, folder: Path) -> None:
        """The result of a sitting that is over; it is kept in `folder`."""
        from tui.screens.result import ResultScreen

        self.push_screen(ResultScreen(outcome, folder))

    def show_review(self, folder: Path, task: str = "") -> None:
        """What can be learnt from the sitting in `folder`, `task` first."""
        from tui.screens.review import ReviewScreen

        self.push_screen(ReviewScreen(folder, task))

    async def resume(self, folder: Path) -> None:
        """Open the sitting in `folder` and show the screen for its state."""
        from engine.sitting.state.sitting import Phase

        self.explanations.stop()
        if not await self.bridge.open(folder, offer=lambda error: self._offer(folder, error)):
            return
        proctor = self.bridge.proctor
        if proctor is None:
            return
        if proctor.sitting.phase is Phase.PREPARED:
            self.show_setup(folder)
        else:
            self.show_exam()

    def _offer(self, folder: Path, error: TfexamError) -> bool:
        """Offer to go on here with a sitting that another window has open."""
        from engine.errors import SittingLockedError
        from engine.sitting.store.takeover import can_take_over
        from tui.screens.confirm import ask_in_turn, take_over_question

        if not isinstance(error, SittingLockedError) or not can_take_over(folder):
            return False
        ask_in_turn(self, [take_over_question()], lambda: self._take_over_soon(folder))
        return True

    def _take_over_soon(self, folder: Path) -> None:
        self.run_worker(self._take_over(folder), group="resume", exit_on_error=False)

    async def _take_over(self, folder: Path) -> None:
        await self.bridge.take_over(folder)
        await self.resume(folder)

    def show_exam(self) -> None:
        """Show the exam screen directly above home; the result, if the sitting is over."""
        from engine.sitting.state.sitting import Phase
        from tui.screens.exam import ExamScreen

        proctor = self.bridge.proctor
        if proctor is None:
            return
        if proctor.sitting.phase is Phase.ENDED:
            self.show_ended(proctor.sitting)
        else:
            self._over_home(ExamScreen(proctor.sitting))

    def edit(self, path: Path) -> None:
        """Open a file in the candidate's editor; the app keeps running behind it."""
        self.run_worker(self._edit(path), group="editor", exclusive=True, exit_on_error=False)

    async def _edit(self, path: Path) -> None:
        from tui.external_programs import CannotOpenError, open_file

        self._is_away = True
        try:
            await open_file(self, path)
        except CannotOpenError as error:
            self.show_trouble(error)
        finally:
            self._is_away = False
            if self._is_leaving:
                self.exit()

    def show_folder(self, path: Path) -> None:
        """Show a folder in the file manager; if there is none, copy its path."""
        self.run_worker(self._show_folder(path), group="folder", exit_on_error=False)

    async def _show_folder(self, path: Path) -> None:
        from tui.external_programs import CannotOpenError, open_folder

        try:
            await open_folder(path)
        except CannotOpenError as error:
            self.copy_to_clipboard(str(path))
            self.show_trouble(error)

    def bell(self) -> None:
        """Ring even while an editor has the terminal and Textual's driver is stopped."""
        if not self._is_away:
            super().bell()
        elif sys.__stderr__ is not None:  # the real one: Textual replaces `sys.stderr`
            sys.__stderr__.write("\a")
            sys.__stderr__.flush()

    def show_ended(self, sitting: Sitting) -> None:
        """Show the result of the sitting that has just ended, directly above home."""
        from tui.screens.result import ResultScreen
        from tui.text.outcome import of_sitting

        outcome = of_sitting(sitting, self.bridge.tasks, self.settings.language)
        folder = None if self.bridge.proctor is None else self.bridge.proctor.folder
        self._over_home(ResultScreen(outcome, folder, live=True))
        self.explanations.begin(folder)

    def _over_home(self, screen: Screen[None]) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()
        self.push_screen(screen)

    # -- actions ------------------------------------------------------------------------

    def action_help(self) -> None:
        """Explain the current screen."""
        from tui.screens.help import HelpScreen

        target = getattr(self.screen, "target", "app")
        text = getattr(self.screen, "help_text", "")
        self.push_screen(HelpScreen(target, text))

    def action_use_theme(self, name: str) -> None:
        """Change the theme."""
        self.theme = name

    def action_help_quit(self) -> None:
        """Say how to leave: ctrl+c is meant for a training, perhaps in another window."""
        self.notify(_("ctrl+q leaves tfexam."))

    async def action_quit(self) -> None:
        """Leave; ask first while a clock is running."""
        from engine.sitting.state.sitting import Phase

        proctor = self.bridge.proctor
        if proctor is None or proctor.sitting.phase is not Phase.RUNNING:
            self.exit()
            return
        from tui.screens.confirm import ConfirmScreen, quit_question

        if not any(isinstance(each, ConfirmScreen) for each in self.screen_stack):
            question = quit_question(proctor.sitting, proctor.time_left())
            self.push_screen(ConfirmScreen(question), self._quit_confirmed)

    def _quit_confirmed(self, answer: bool | None) -> None:
        if answer:
            self.exit()

    def action_command_palette(self) -> None:
        """Open the palette, in the current language."""
        from tui.screens.palette import TranslatedPalette

        if not TranslatedPalette.is_open(cast("App[object]", self)):
            self.push_screen(TranslatedPalette())

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette's entries: every action of the table that works right now."""
        target = getattr(screen, "target", "app")
        active = {each.binding.action for each in screen.active_bindings.values() if each.enabled}
        for action in actions.on_screen(target):
            if action.palette and (not action.keys or action.name in active):
                node = self if action.target == "app" else screen
                key = f" · {action.key_text()}" if action.keys else ""
                yield SystemCommand(
                    _(action.label) + key, _(action.tooltip), self._runner(action.name, node)
                )

    def _runner(self, name: str, node: Screen[Any] | App[None]) -> Any:
        async def call() -> None:
            await self.run_action(name, node)

        return call

    def get_key_display(self, binding: Binding) -> str:
        """A key as the table shows it."""
        for action in actions.ACTIONS:
            if action.id == binding.id:
                return action.key_text()
        return super().get_key_display(binding)


def _engine(settings: Settings, clock: Clock) -> Services:
    from tui.link.services import Services

    return Services(settings, clock)


def run(settings: Settings, clock: Clock, start: Start | None = None) -> int:
    """Run the app from `start`; returns the exit status of the process.

    If a sitting is still open afterwards, prints how to come back to it.
    """
    app = ExamApp(settings, clock, start)
    app.run()
    if not in_browser():  # there, standard output goes to the server, not to a person
        sys.stdout.write(_farewell(app))
    return app.return_code or 0


def _farewell(app: ExamApp) -> str:
    from engine.errors import TfexamError

    try:
        return farewell(app.services.sittings(), app.bridge.last)
    except TfexamError:
        return ""
