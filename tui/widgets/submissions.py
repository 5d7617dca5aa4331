"""The submissions of the selected task, newest first, each with verdict and message."""

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.grading import protocol
from engine.sitting.attempt import Sitting, Submission
from tui.format import score_text, spent_text
from tui.locale import _, ngettext
from tui.verdicts import look_of_submission, says


class SubmissionList(OptionList):
    """A list that is filled anew when a submission of its task changes."""

    DEFAULT_CSS = """
    SubmissionList {
        padding: 0 1;
        scrollbar-gutter: auto;
        &.panel { border: round $border-blurred; }
        &.panel:focus { border: round $primary; }
        & > .option-list--option { padding: 0; }
        & > .option-list--option-disabled { color: $text-muted; }
        & > .option-list--option-highlighted {
            background: transparent;
            color: $foreground;
            text-style: none;
        }
        &:focus > .option-list--option-highlighted { background: $block-cursor-background; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id, classes="panel", markup=False)
        self._shown: tuple[object, ...] | None = None

    def on_mount(self) -> None:
        """Title."""
        self.border_title = _("Submissions")

    def show(self, sitting: Sitting, task: str, note: str = "") -> None:
        """Show the submissions of `task`, and the engine's `note` about its folder on top."""
        submissions = sitting.of(task)
        state = (task, submissions, note)
        if state == self._shown:
            return
        self._shown = state
        coach = sitting.record.mode == "coach"
        options = [Option(_row(each, coach=coach), id=str(each.number)) for each in submissions]
        if note:
            options.append(Option(Content.assemble(("! ", "$text-warning"), note), disabled=True))
        if not options:
            text = _("No submission yet.")
            options = [Option(Content.styled(text, "$foreground-muted"), disabled=True)]
        self.set_options(reversed(options))
        count = len(submissions)
        attempts = ngettext("{n} attempt", "{n} attempts", count).format(n=count)
        self.border_subtitle = attempts if count else ""


def _row(submission: Submission, *, coach: bool) -> Content:
    look = look_of_submission(submission)
    head: list[tuple[str, str]] = [
        (f"#{submission.number:<3}", "$foreground-muted"),
        (look.text(), look.style),
    ]
    if isinstance(submission.grade, protocol.Graded):
        head.append((f"  {score_text(submission.grade.score)}", f"bold {look.style}"))
    head.append((f"  {spent_text(submission.elapsed)}", "$foreground-muted"))
    if submission.by_hand:
        head.append((f"  {_('by hand')}", "$foreground-muted"))
    first = Content.assemble(*head)
    message = says(submission, coach=coach)
    return Content("\n").join([first, Content(message)]) if message else first
