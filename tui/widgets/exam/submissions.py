"""The submissions of the selected task, newest first: verdict, message, and how it is built."""

from collections.abc import Sequence

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine.grading import protocol
from engine.sitting.state.sitting import Sitting, Submission
from engine.sitting.views.model_diff import facts_of, from_the_one_before
from tui.locale import _, ngettext
from tui.text import model_layers
from tui.text.format import score_text, spent_text
from tui.text.verdicts import look_of_submission, says


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
        super().__init__(id=id, classes="panel pane", markup=False)
        self._shown: tuple[object, ...] | None = None

    @property
    def chosen(self) -> int | None:
        """The number of the highlighted submission."""
        place = self.highlighted
        name = None if place is None else self.get_option_at_index(place).id
        return int(name) if name else None

    def show(
        self, sitting: Sitting, task: str, note: str = "", *, unsubmitted: bool = False
    ) -> None:
        """Show the submissions of `task`, and the engine's `note` about its folder on top.

        `unsubmitted` says that the model in the folder is none of them.
        """
        submissions = sitting.of(task)
        lies = "" if unsubmitted else sitting.present.get(task, "")
        here = max((each.number for each in submissions if each.sha256 == lies), default=None)
        if submissions and here == submissions[-1].number:
            here = None  # the newest one, as one expects
        state = (task, submissions, note, here)
        if state == self._shown:
            return
        self._shown = state
        chosen = self.chosen
        coach = sitting.record.mode == "coach"
        options = [
            Option(_row(each, submissions, here, coach=coach), id=str(each.number))
            for each in submissions
        ]
        if note:
            options.append(Option(Content.assemble(("! ", "$text-warning"), note), disabled=True))
        if not options:
            text = _("No submission yet.")
            options = [Option(Content.styled(text, "$foreground-muted"), disabled=True)]
        if sitting.record.sampling == "draw":
            text = _("Each new model is measured on another drawn sample: scores may waver.")
            options.append(Option(Content.styled(f"≈ {text}", "$foreground-muted"), disabled=True))
        self.set_options(reversed(options))
        if submissions:
            known = any(each.number == chosen for each in submissions)
            self.highlighted = self.get_option_index(
                str(chosen if known else submissions[-1].number)
            )
        count = len(submissions)
        attempts = ngettext("{n} attempt", "{n} attempts", count).format(n=count)
        self.border_subtitle = attempts if count else ""


def _row(
    submission: Submission, all_of_task: Sequence[Submission], here: int | None, *, coach: bool
) -> Content:
    lines = [_head(submission)]
    if submission.number == here:
        lines[0] = Content.assemble(lines[0], (f"  ◂ {_('in the folder')}", "$foreground-muted"))
    if message := says(submission, coach=coach):
        lines.append(Content(message))
    if (facts := facts_of(submission)) is not None:
        lines.append(Content.styled(model_layers.summary(facts), "$foreground-muted"))
    if (found := from_the_one_before(submission, all_of_task)) is not None:
        lines.append(Content.styled(model_layers.difference(found), "$foreground-muted"))
    return Content("\n").join(lines)


def _head(submission: Submission) -> Content:
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
    return Content.assemble(*head)
