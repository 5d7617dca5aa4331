"""The submissions of the selected task, newest first: verdict, message and model layers."""

from collections.abc import Iterator, Mapping, Sequence

from textual.content import Content
from textual.widgets.option_list import Option

from engine.grading import protocol
from engine.grading.diagnosis import Diagnoses
from engine.grading.sampling import WHOLE
from engine.sitting.state.sitting import Sitting, Submission
from engine.sitting.views.model_diff import facts_of, from_the_one_before
from tui.locale import _, ngettext
from tui.text import model_layers
from tui.text.coaching import diagnosis_line
from tui.text.format import score_text, spent_text
from tui.text.modes import WITHHELD
from tui.text.verdicts import look_of_submission, says
from tui.widgets.exam.pane_list import PaneList, quiet_line


class SubmissionList(PaneList):
    """A list that is refilled when a submission of its task changes."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._shown: tuple[object, ...] | None = None
        self._of_task = ""
        self._numbers: list[int] = []
        self._attempts = 0

    @property
    def chosen(self) -> int | None:
        """The number of the highlighted submission."""
        place = self.highlighted
        name = None if place is None else self.get_option_at_index(place).id
        return int(name) if name else None

    def show(
        self,
        sitting: Sitting,
        task: str,
        note: str = "",
        *,
        unsubmitted: bool = False,
        diagnoses: Mapping[int, Diagnoses] | None = None,
    ) -> None:
        """Show the submissions of `task`, below the engine's `note` about its folder.

        `unsubmitted` says that the folder's model is not one of them. `diagnoses` has what
        explains a submission, by its number.
        """
        submissions = sitting.of(task)
        here = None if unsubmitted else _in_folder(submissions, sitting.present.get(task, ""))
        found = {number: diagnosis_line(each) for number, each in (diagnoses or {}).items()}
        state = (task, submissions, note, here, found)
        if state == self._shown:
            return
        self._shown = state
        chosen, newest = self.chosen, self._numbers[-1] if self._numbers else None
        moved_away = task == self._of_task and chosen not in (None, newest)
        self._of_task, self._numbers = task, [each.number for each in submissions]
        self.set_options(_options(sitting, submissions, note, here, found))
        self._highlight(chosen if moved_away else None)
        self._attempts = sitting.attempts(task)
        self._entitle()

    def _highlight(self, number: int | None) -> None:
        """Highlight the submission with that number, or else the newest."""
        if not self._numbers:
            return
        self.highlighted = self.get_option_index(str(number or self._numbers[-1]))
        if number is None:  # what stands above the newest is in sight, too
            self.scroll_home(animate=False)

    def on_option_list_option_highlighted(self) -> None:
        """Say whether there are newer ones above."""
        self._entitle()

    def _entitle(self) -> None:
        count = self._attempts
        words = [ngettext("{n} attempt", "{n} attempts", count).format(n=count)] if count else []
        if newer := [each for each in self._numbers if each > (self.chosen or each)]:
            words.append("▲ " + _("{n} newer above").format(n=len(newer)))
        self.border_subtitle = " · ".join(words)


def _in_folder(submissions: Sequence[Submission], sha256: str) -> int | None:
    """Which submission the folder's model is; None if it is the newest, as one expects."""
    same = [each.number for each in submissions if each.sha256 == sha256]
    return same[-1] if same and same[-1] != submissions[-1].number else None


def _options(
    sitting: Sitting,
    submissions: Sequence[Submission],
    note: str,
    here: int | None,
    found: Mapping[int, str],
) -> Iterator[Option]:
    """General remarks, the note, then each submission, the newest first."""
    if sitting.record.sampling == "draw":
        yield quiet_line(f"≈ {_sampled(submissions)}")
    if sitting.withheld:
        yield quiet_line(_(WITHHELD))
    if note:
        yield Option(Content.assemble(("! ", "$text-warning"), note), disabled=True)
    elif not submissions:
        yield quiet_line(_("No submissions yet."))
    coach = sitting.record.mode == "coach"
    for each in reversed(submissions):
        row = _row(each, submissions, here, found.get(each.number, ""), coach=coach)
        yield Option(row, id=str(each.number))


def _sampled(submissions: Sequence[Submission]) -> str:
    """How this task's models are measured while others are measured on samples."""
    if any(
        isinstance(each.grade, protocol.Graded) and WHOLE in each.grade.notes
        for each in submissions
    ):
        return _(WHOLE.template)
    return _("Each new model is measured on a new random sample, so scores may vary.")


def _row(
    submission: Submission,
    all_of_task: Sequence[Submission],
    here: int | None,
    diagnosis: str,
    *,
    coach: bool,
) -> Content:
    lines = [_head(submission)]
    if submission.number == here:
        lines[0] = Content.assemble(lines[0], ("  ◂ " + _("in the folder"), "$foreground-muted"))
    if message := says(submission, coach=coach):
        lines.append(Content(message))
    if diagnosis:
        lines.append(Content.styled(diagnosis, "$text-accent"))
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
        head.append(("  " + _("by hand"), "$foreground-muted"))
    return Content.assemble(*head)
